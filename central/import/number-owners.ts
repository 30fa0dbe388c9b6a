/**
 * Which row of the file gave a number to which customer: exact for numbers, and outside the JavaScript heap, so that a million rows
 * take some 50 MB of memory and no time of the garbage collector. An open-addressing table of doubles.
 */
export class NumberOwners {
  private keys = new Float64Array(8_192);
  private owners = new Float64Array(8_192);
  private rows = new Uint32Array(8_192);
  private count = 0;

  /** @param key E.164 with or without `+`, at most 15 digits */
  get(key: string): { readonly owner: number; readonly row: number } | undefined {
    const at = this.place(numeric(key));
    const row = this.rows[at] ?? 0;
    return row === 0 ? undefined : { owner: this.owners[at] ?? 0, row };
  }

  /** @param row from 1 on */
  set(key: string, owner: number, row: number): void {
    if (this.count * 2 > this.keys.length) this.grow();
    const number = numeric(key);
    const at = this.place(number);
    if (this.rows[at] === 0) this.count += 1;
    this.keys[at] = number;
    this.owners[at] = owner;
    this.rows[at] = row;
  }

  private place(number: number): number {
    const mask = this.keys.length - 1;
    // Fibonacci hashing on both halves: mobile numbers of one operator differ in their last digits only.
    let at =
      (Math.imul((number % 4_294_967_296) | 0, 0x9e3779b1) ^ Math.imul((number / 4_294_967_296) | 0, 0x85ebca6b)) >>> 0;
    at = (at ^ (at >>> 15)) & mask;
    while (this.rows[at] !== 0 && this.keys[at] !== number) at = (at + 1) & mask;
    return at;
  }

  private grow(): void {
    const [keys, owners, rows] = [this.keys, this.owners, this.rows];
    this.keys = new Float64Array(keys.length * 2);
    this.owners = new Float64Array(keys.length * 2);
    this.rows = new Uint32Array(keys.length * 2);
    for (const [index, row] of rows.entries()) {
      if (row === 0) continue;
      const at = this.place(keys[index] ?? 0);
      this.keys[at] = keys[index] ?? 0;
      this.owners[at] = owners[index] ?? 0;
      this.rows[at] = row;
    }
  }
}

/** A number in the country's own form is not the same as one with `+`. */
const numeric = (key: string): number => (key.startsWith('+') ? Number(key) : -Number(key));

/** 53 bits that stand for a customer id (cyrb53). Compared only for one and the same number, so that chance does not matter. */
export const ownerMark = (id: string): number => {
  let one = 0xdeadbeef;
  let other = 0x41c6ce57;
  for (let index = 0; index < id.length; index += 1) {
    const code = id.charCodeAt(index);
    one = Math.imul(one ^ code, 2_654_435_761);
    other = Math.imul(other ^ code, 1_597_334_677);
  }
  one = Math.imul(one ^ (one >>> 16), 2_246_822_507) ^ Math.imul(other ^ (other >>> 13), 3_266_489_909);
  other = Math.imul(other ^ (other >>> 16), 2_246_822_507) ^ Math.imul(one ^ (one >>> 13), 3_266_489_909);
  return 4_294_967_296 * (2_097_151 & other) + (one >>> 0);
};
