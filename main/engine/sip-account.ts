import type { SipCredentials } from '../../shared/sip-credentials.ts';
import { receivedAt, renewIceAtMs } from '../../shared/ice.ts';
import type { Result } from '../../shared/result.ts';
import { ok } from '../../shared/result.ts';
import type { CentralClient } from './central-client.ts';
import type { Clock } from './clock.ts';
import type { Log } from './log.ts';
import type { Seat } from './seat.ts';

export interface SipAccount {
  /** The session's account, with TURN credentials that are not about to end when central can be reached (ICE-2). */
  credentials(): Promise<Result<SipCredentials | null>>;
}

type Needs = { readonly seat: Seat; readonly client: CentralClient; readonly clock: Clock; readonly log: Log };

export const createSipAccount = ({ seat, client, clock, log }: Needs): SipAccount => {
  let underWay: Promise<void> | undefined;

  const renew = async (): Promise<void> => {
    const token = seat.session?.token;
    if (token === undefined) return;
    const answer = await client.call('sipAccount', {}, token);
    const { session } = seat;
    if (session?.token !== token) return;
    if (answer.ok) seat.setSession({ ...session, sip: receivedAt(answer.value, clock.nowMs()) });
    // What there is stays good for calls that need no relay; the phone asks again.
    else log.warn('SIP account not renewed', { kind: answer.error.kind });
  };

  return {
    credentials: async () => {
      const sip = seat.session?.sip;
      // None: the program was killed in a call. What is not on disk comes from central again, or that call could not be taken up.
      const dueMs = sip === null ? 0 : sip === undefined ? undefined : renewIceAtMs(sip);
      if (dueMs !== undefined && clock.nowMs() >= dueMs) {
        underWay ??= renew().finally(() => {
          underWay = undefined;
        });
        await underWay;
      }
      return ok(seat.session?.sip ?? null);
    },
  };
};
