/** What happens next: a binary heap by time; of two at the same time, the one added first. */
export type EventQueue<T> = {
  readonly add: (atMs: number, what: T) => void;
  readonly next: () => { readonly atMs: number; readonly what: T } | undefined;
};

type Entry<T> = { readonly atMs: number; readonly order: number; readonly what: T };
const isBefore = <T>(one: Entry<T>, other: Entry<T>): boolean =>
  one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order);

export const createQueue = <T>(): EventQueue<T> => {
  const heap: Entry<T>[] = [];
  let added = 0;
  const place = (at: number): Entry<T> => {
    const entry = heap[at];
    if (entry === undefined) throw new Error(`no event at ${at} of ${heap.length}`);
    return entry;
  };
  return {
    add: (atMs, what) => {
      added += 1;
      const entry = { atMs, order: added, what };
      let at = heap.length;
      heap.push(entry);
      while (at > 0) {
        const above = (at - 1) >> 1;
        const parent = place(above);
        if (!isBefore(entry, parent)) break;
        heap[at] = parent;
        at = above;
      }
      heap[at] = entry;
    },
    next: () => {
      const first = heap[0];
      const last = heap.pop();
      if (first === undefined || last === undefined) return undefined;
      if (heap.length === 0) return first;
      // The last one sinks from the top: of two below, the earlier comes up.
      let at = 0;
      for (let below = 1; below < heap.length; below = 2 * at + 1) {
        const right = below + 1;
        const least = right < heap.length && isBefore(place(right), place(below)) ? right : below;
        const earlier = place(least);
        if (!isBefore(earlier, last)) break;
        heap[at] = earlier;
        at = least;
      }
      heap[at] = last;
      return first;
    },
  };
};
