import { createStore, type StoreApi } from 'zustand/vanilla';

/** The one clock of the desk: epoch milliseconds, ticking on the full second so that all timers step together. */
export type ClockStore = StoreApi<{ readonly nowMs: number }>;

export type Clock = {
  readonly now: () => number;
  readonly after: (ms: number, run: () => void) => () => void;
};

export const systemClock: Clock = {
  now: () => Date.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

/** Starts ticking, beside the agent's keys; the second result stops it. */
export const tickingClock = (
  clock: Clock,
  { beside }: { readonly beside: (name: string, run: () => void) => void },
): { readonly store: ClockStore; readonly stop: () => void } => {
  const store: ClockStore = createStore(() => ({ nowMs: clock.now() }));
  let cancel = (): void => {};
  const tick = (): void => {
    beside('clock', () => store.setState({ nowMs: clock.now() }));
    cancel = clock.after(1_000 - (clock.now() % 1_000), tick);
  };
  cancel = clock.after(1_000 - (clock.now() % 1_000), tick);
  return { store, stop: () => cancel() };
};
