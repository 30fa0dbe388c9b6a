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
  const swap = (one: number, other: number): void => {
    const kept = place(one);
    heap[one] = place(other);
    heap[other] = kept;
  };
  return {
    add: (atMs, what) => {
      added += 1;
      heap.push({ atMs, order: added, what });
      for (let at = heap.length - 1; at > 0;) {
        const above = (at - 1) >> 1;
        if (!isBefore(place(at), place(above))) break;
        swap(at, above);
        at = above;
      }
    },
    next: () => {
      const first = heap[0];
      const last = heap.pop();
      if (first === undefined || last === undefined) return undefined;
      if (heap.length === 0) return first;
      heap[0] = last;
      for (let at = 0; ;) {
        let least = at;
        for (const below of [2 * at + 1, 2 * at + 2])
          if (below < heap.length && isBefore(place(below), place(least))) least = below;
        if (least === at) break;
        swap(at, least);
        at = least;
      }
      return first;
    },
  };
};
