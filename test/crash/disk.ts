import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the shim wrote down: one change of a file, or a sync of it (`.`: of the folder). */
export type DiskEvent =
  | { readonly kind: 'write'; readonly name: string; readonly at: number; readonly bytes: Buffer }
  | { readonly kind: 'truncate'; readonly name: string; readonly length: number }
  | { readonly kind: 'sync'; readonly name: string }
  | { readonly kind: 'unlink'; readonly name: string }
  | { readonly kind: 'rename'; readonly name: string; readonly to: string };

export const readRecord = (file: string): DiskEvent[] => {
  const all = readFileSync(file);
  const events: DiskEvent[] = [];
  for (let at = 0; at < all.length;) {
    const end = all.indexOf(10, at);
    const [kind = '', name = '', one = '', two = ''] = all.toString('utf8', at, end).split(' ');
    at = end + 1;
    if (kind === 'W') {
      events.push({ kind: 'write', name, at: Number(one), bytes: all.subarray(at, at + Number(two)) });
      at += Number(two);
    } else if (kind === 'T') events.push({ kind: 'truncate', name, length: Number(one) });
    else if (kind === 'S') events.push({ kind: 'sync', name });
    else if (kind === 'U') events.push({ kind: 'unlink', name });
    else if (kind === 'R') events.push({ kind: 'rename', name, to: one });
    else throw new Error(`not a record of the shim: ${kind}`);
  }
  return events;
};

type Pending = Extract<DiskEvent, { kind: 'write' | 'truncate' }>;
type File = { synced: Buffer; pending: Pending[] };

const sector = 512;

/**
 * A disk with a write cache that obeys syncs and promises nothing else: after a power cut a file holds what was synced, and of what
 * came after any part in any order, torn at sectors. A removed file may be back until the folder is synced.
 */
export class Disk {
  readonly #files = new Map<string, File>();
  readonly #removed = new Map<string, File>();

  static from(folder: string): Disk {
    const disk = new Disk();
    for (const name of readdirSync(folder))
      if (statSync(join(folder, name)).isFile())
        disk.#files.set(name, { synced: readFileSync(join(folder, name)), pending: [] });
    return disk;
  }

  copy(): Disk {
    const other = new Disk();
    for (const [name, file] of this.#files) other.#files.set(name, { ...file, pending: [...file.pending] });
    for (const [name, file] of this.#removed) other.#removed.set(name, { ...file, pending: [...file.pending] });
    return other;
  }

  apply(event: DiskEvent): void {
    switch (event.kind) {
      case 'write':
      case 'truncate':
        this.#file(event.name).pending.push(event);
        return;
      case 'sync': {
        if (event.name === '.') return this.#removed.clear();
        const file = this.#file(event.name);
        file.synced = applied(file.synced, file.pending);
        file.pending = [];
        return;
      }
      case 'unlink':
      case 'rename': {
        const file = this.#files.get(event.name);
        this.#files.delete(event.name);
        if (file === undefined) return;
        if (event.kind === 'rename') this.#files.set(event.to, file);
        else this.#removed.set(event.name, file);
      }
    }
  }

  /** The folder after the process was killed: every write it made is there. */
  killed(folder: string): void {
    for (const [name, file] of this.#files) put(folder, name, applied(file.synced, file.pending));
  }

  /** The folder after a power cut. @param random 0–1 */
  powerCut(folder: string, random: () => number): void {
    for (const [name, file] of this.#removed)
      if (!this.#files.has(name) && random() < 0.5) put(folder, name, survived(file, random));
    for (const [name, file] of this.#files) put(folder, name, survived(file, random));
  }

  #file(name: string): File {
    const known = this.#files.get(name) ?? { synced: Buffer.alloc(0), pending: [] };
    this.#files.set(name, known);
    return known;
  }
}

const put = (folder: string, name: string, bytes: Buffer): void => {
  if (name === 'acks') return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), bytes);
};

/** Copied once, however many changes: they share what a disk held before. */
const applied = (content: Buffer, events: readonly Pending[]): Buffer => {
  if (events.length === 0) return content;
  const ends = events.map((event) => (event.kind === 'write' ? event.at + event.bytes.length : event.length));
  const whole = Buffer.alloc(Math.max(content.length, ...ends));
  content.copy(whole);
  let { length } = content;
  for (const event of events) {
    if (event.kind === 'write') {
      event.bytes.copy(whole, event.at);
      length = Math.max(length, event.at + event.bytes.length);
    } else {
      // What was cut off is nothing when the file grows again.
      whole.fill(0, event.length);
      ({ length } = event);
    }
  }
  return whole.subarray(0, length);
};

const survived = ({ synced, pending }: File, random: () => number): Buffer => {
  const luck = random();
  // A third each: nothing, everything, and a mixture.
  if (luck < 1 / 3) return synced;
  if (luck < 2 / 3) return applied(synced, pending);
  const kept: Pending[] = [];
  for (const event of pending) {
    if (random() < 0.4) continue;
    if (event.kind === 'truncate' || random() < 0.5) {
      kept.push(event);
      continue;
    }
    for (let from = 0; from < event.bytes.length;) {
      const to = Math.min(event.bytes.length, from + sector - ((event.at + from) % sector));
      if (random() < 0.6) kept.push({ ...event, at: event.at + from, bytes: event.bytes.subarray(from, to) });
      from = to;
    }
  }
  return applied(synced, kept);
};
