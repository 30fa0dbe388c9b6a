import type { Clock } from '../clock.ts';
import type { SeatStore } from '../seat-store.ts';

/** R25 progressive: the call begins when the time to look is over. An inbound call takes the customer away before (R19). */
export const keepProgressive = (seat: SeatStore, clock: Clock, dial: () => unknown): (() => void) => {
  let armed = '';
  let cancel = (): void => {};
  const follow = (): void => {
    const task = seat.getState().snapshot?.task;
    const item = task?.kind === 'preview' && task.item.mode === 'progressive' ? task.item : undefined;
    if ((item?.grantId ?? '') === armed) return;
    armed = item?.grantId ?? '';
    cancel();
    if (item === undefined || task?.kind !== 'preview') return;
    cancel = clock.after(Math.max(0, task.boxEndsAtMs - clock.now()), () => void dial());
  };
  const unsubscribe = seat.subscribe(follow);
  return () => {
    cancel();
    unsubscribe();
  };
};
