import { Core, Inviter, RequestPendingError, type Session, SessionState } from 'sip.js';
import type { Clock } from './clock.ts';
import { renewalVerdict } from './sip-causes.ts';

/**
 * Keeps the far end's view of a session in step with ours by re-INVITEs (RFC 3261 section 14): after a return of the line, on a broken
 * path, and for holding and resuming.
 *
 * - RENEW-1 An offer always asks for what is wanted now, so that renewing a held call keeps it held.
 * - RENEW-2 One at a time. What is asked for meanwhile goes out as soon as the one before is answered.
 * - RENEW-3 Two that collide (491) wait as section 14.1 says: the owner of the Call-ID 2.1–4 s, the other 0–2 s.
 * - RENEW-4 An answer not acknowledged yet is waited for: SIP.js goes on sending it until then.
 */
export type Renewal = {
  readonly now: () => void;
  /** The far end acknowledged our answer (RENEW-4). */
  readonly acknowledged: () => void;
  readonly stop: () => void;
};
export type Wanted = 'held' | 'open';

type RenewalPlan = {
  readonly session: Session;
  readonly clock: Clock;
  readonly random: () => number;
  readonly canRenew: () => boolean;
  readonly wanted: () => Wanted;
  readonly onAgreed: (to: Wanted) => void;
  /** Not now and not later; nothing has changed over there. */
  readonly onRefused: () => void;
  /** 481: the far end hung up while we could not hear it. */
  readonly onGone: () => void;
};

const againMs = 1_000;
/** RENEW-3 */
export const glareDelayMs = (isOwner: boolean, random: number): number =>
  10 * Math.round((isOwner ? 2_100 + random * 1_900 : random * 2_000) / 10);

export const createRenewal = (plan: RenewalPlan): Renewal => {
  const { session, clock, random } = plan;
  let isDue = false;
  let stopTimer = (): void => {};

  const stop = (): void => {
    stopTimer();
    isDue = false;
  };
  const later = (delayMs: number): void => {
    stopTimer();
    stopTimer = clock.after(delayMs, now);
  };
  const settled = (offered: Wanted): void => {
    if (isDue || plan.wanted() !== offered) now();
  };
  const rejected = (status: number, offered: Wanted): void => {
    const verdict = renewalVerdict(status);
    if (verdict === 'gone') return plan.onGone();
    if (verdict === 'again')
      return later(status === 491 ? glareDelayMs(session instanceof Inviter, random()) : againMs + random() * againMs);
    // Wanted otherwise meanwhile: what was refused is no longer the question.
    if (plan.wanted() === offered) plan.onRefused();
    return settled(offered);
  };
  const now = (): void => {
    stop();
    if (session.state !== SessionState.Established || !plan.canRenew()) return;
    isDue = session.dialog?.sessionState === Core.SessionState.AckWait;
    if (isDue) return;
    const offered = plan.wanted();
    const requestDelegate: Core.OutgoingInviteRequestDelegate = {
      onAccept: () => {
        plan.onAgreed(offered);
        settled(offered);
      },
      onReject: ({ message }) => rejected(message.statusCode ?? 500, offered),
    };
    session.invite({ requestDelegate }).catch((error: unknown) => {
      // RENEW-2. The clock is for one whose answer never comes, and for the far end's own re-INVITE under way.
      isDue = error instanceof RequestPendingError;
      later(againMs + random() * againMs);
    });
  };

  return {
    now,
    acknowledged: () => {
      if (isDue) now();
    },
    stop,
  };
};
