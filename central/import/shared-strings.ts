/**
 * The texts of a workbook that its cells point to by number, outside the JavaScript heap: a million names take what their bytes take.
 */
export class SharedStrings {
  private bytes = Buffer.alloc(65_536);
  private used = 0;
  private ends = new Float64Array(4_096);
  private count = 0;

  /** @returns bytes in use */
  add(text: string): number {
    const length = Buffer.byteLength(text);
    if (this.used + length > this.bytes.length) {
      const larger = Buffer.alloc(Math.max(this.bytes.length * 2, this.used + length));
      this.bytes.copy(larger, 0, 0, this.used);
      this.bytes = larger;
    }
    this.bytes.write(text, this.used);
    this.used += length;
    if (this.count === this.ends.length) {
      const larger = new Float64Array(this.ends.length * 2);
      larger.set(this.ends);
      this.ends = larger;
    }
    this.ends[this.count] = this.used;
    this.count += 1;
    return this.used;
  }

  /** undefined for a number nobody has. */
  at(index: number): string | undefined {
    const end = index < this.count ? this.ends[index] : undefined;
    if (end === undefined) return undefined;
    const start = index === 0 ? 0 : this.ends[index - 1];
    return this.bytes.toString('utf8', start, end);
  }
}
