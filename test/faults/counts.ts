/** How often each kind of fault happened. */
export type Counts = {
  readonly add: (kind: string, by?: number) => void;
  readonly all: () => Readonly<Record<string, number>>;
};

export const makeCounts = (): Counts => {
  const counts = new Map<string, number>();
  return {
    add: (kind, by = 1) => void counts.set(kind, (counts.get(kind) ?? 0) + by),
    all: () => Object.fromEntries([...counts].sort(([one], [other]) => (one < other ? -1 : 1))),
  };
};
