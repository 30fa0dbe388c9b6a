import { createStore, type StoreApi } from 'zustand/vanilla';
import type { ContactId } from '../../../shared/ids.ts';
import type { SeatSnapshot } from '../../../shared/seat.ts';
import type { SeatStore } from '../seat-store.ts';
import { isShiftCheckDue } from '../shift/shift-check.ts';
import { flowOf, whoIs } from '../view.ts';

/**
 * The guided tour of practice mode: a strip that says what comes next, while the agent does it with the real controls. Where it stands
 * follows from the desk alone, so nothing can be done in the wrong order, and nothing waits for it: it takes no key and no focus.
 *
 *   shift ▶ ready ▶ call ▶ answer ▶ who ▶ topic ▶ verify ▶ script ▶ hangUp ▶ wrapUp ▶ done
 */
export const tourSteps = [
  ...(['shift', 'ready', 'call', 'answer', 'who', 'topic', 'verify', 'script'] as const),
  ...(['hangUp', 'wrapUp', 'done'] as const),
] as const;
export type TourStep = (typeof tourSteps)[number];

export type TourState = {
  readonly isOn: boolean;
  /** A contact was finished since it began. */
  readonly hadCall: boolean;
};

export type Tour = {
  readonly store: StoreApi<TourState>;
  readonly start: () => void;
  readonly end: () => void;
  readonly stop: () => void;
};

/** What the agent is to do next; `isDone`: one contact was taken to its end. */
export const tourStep = (snapshot: SeatSnapshot, isDone: boolean, declined: ContactId | null = null): TourStep => {
  const view = snapshot.contact;
  if (view === null) {
    if (isDone) return 'done';
    if (isShiftCheckDue(snapshot)) return 'shift';
    return snapshot.agent.kind === 'ready' ? 'call' : 'ready';
  }
  if (view.contact.endedAtMs !== null) return 'wrapUp';
  if (view.contact.answeredAtMs === null) return 'answer';
  if (whoIs(view, declined).kind === 'choose') return 'who';
  const flow = flowOf(snapshot);
  if (flow !== 'script') return flow;
  // Without a script, or at its end, there is nothing more to say.
  return view.script === null || view.script.run.stepId === null ? 'hangUp' : 'script';
};

const key = 'zuoxi.tour';

/** Begins by itself, once for each agent of this machine, at the first sign-in in practice mode. */
export const keepTour = (seat: SeatStore, local: Pick<Storage, 'getItem' | 'setItem'>): Tour => {
  const store = createStore<TourState>(() => ({ isOn: false, hadCall: false }));
  const agentId = (): string | undefined => {
    const session = seat.getState().snapshot?.session;
    return session?.kind === 'signedIn' ? session.agent.id : undefined;
  };
  const seen = (): readonly string[] => (local.getItem(key) ?? '').split(' ');
  const mark = (id: string): void => local.setItem(key, [...new Set([...seen(), id])].join(' ').trim());
  let signedIn: string | undefined;
  const follow = (snapshot: SeatSnapshot | null, before: SeatSnapshot | null): void => {
    const id = agentId();
    const { session, contact } = snapshot ?? {};
    if (id !== signedIn) {
      signedIn = id;
      const isNew = id !== undefined && !seen().includes(id) && !seen().includes('*');
      const mayBegin = session?.kind === 'signedIn' && session.practice && contact === null;
      store.setState({ isOn: isNew && mayBegin, hadCall: false });
    }
    if (!store.getState().isOn || id === undefined) return;
    const was = before?.contact?.contact;
    if (was === undefined || contact !== null || was.answeredAtMs === null) return;
    // Whoever came so far has seen it, whether or not they press the last key.
    mark(id);
    store.setState({ hadCall: true });
  };
  const stop = seat.subscribe(({ snapshot }, before) => {
    if (snapshot !== before.snapshot) follow(snapshot, before.snapshot);
  });
  return {
    store,
    start: () => store.setState({ isOn: true, hadCall: false }),
    end: () => {
      const id = agentId();
      if (id !== undefined) mark(id);
      store.setState({ isOn: false });
    },
    stop,
  };
};
