import type { Desk } from '../desk.ts';
import { rehearse } from './rehearsal.tsx';

/** Rehearses once per page, when somebody has signed in and the browser says that it has nothing to do. The result calls it off. */
export const rehearseWhenIdle = (desk: Desk, page: Window): (() => void) => {
  // A browser that cannot tell (none that the desk is made for) is left alone.
  if (!('requestIdleCallback' in page)) return () => {};
  const idle = (): Promise<void> => new Promise((resolve) => page.requestIdleCallback(() => resolve()));
  const stop = desk.seat.subscribe(({ snapshot }) => {
    if (snapshot?.session.kind !== 'signedIn') return;
    stop();
    void rehearse(desk, page.document, idle);
  });
  return stop;
};
