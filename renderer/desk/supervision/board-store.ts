import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Refusal, Result } from '../../../shared/result.ts';
import type { TeamCall } from '../../../shared/supervision.ts';
import type { Clock } from '../clock.ts';
import type { UiStore } from '../ui-store.ts';

/** The team's calls as last heard; they stay on view while the next answer is missing, with why it is. */
export type Board = { readonly calls: readonly TeamCall[]; readonly why: Refusal | null };
export type BoardStore = StoreApi<Board>;

const everyMs = 2_000;

/** Asks while the board is open, and only then. */
export const keepBoard = (
  ask: () => Promise<Result<{ readonly calls: readonly TeamCall[] }>>,
  ui: UiStore,
  clock: Clock,
): { readonly store: BoardStore; readonly stop: () => void } => {
  const store: BoardStore = createStore<Board>(() => ({ calls: [], why: null }));
  let isOpen = false;
  /** Tells the answer of a board that was closed meanwhile. */
  let round = 0;
  let cancel = (): void => {};
  const look = async (mine: number): Promise<void> => {
    const answer = await ask();
    if (mine !== round) return;
    store.setState(answer.ok ? { calls: answer.value.calls, why: null } : { why: answer.error });
    cancel = clock.after(everyMs, () => void look(mine));
  };
  const follow = ({ side }: { readonly side: string | null }): void => {
    if ((side === 'board') === isOpen) return;
    isOpen = side === 'board';
    round += 1;
    cancel();
    if (isOpen) void look(round);
  };
  const unsubscribe = ui.subscribe(follow);
  return {
    store,
    stop: () => {
      round += 1;
      cancel();
      unsubscribe();
    },
  };
};
