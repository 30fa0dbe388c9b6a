import type { SeatReportResponse } from '../../shared/central-api.ts';
import type { SeatId } from '../../shared/ids.ts';
import type { SeatOrder, SeatReceipt } from '../../shared/seat-order.ts';
import { createBatchSize } from './batch-size.ts';
import type { CentralClient } from './central-client.ts';
import type { Clock } from './clock.ts';
import type { Log } from './log.ts';
import { faultFields } from './log.ts';
import type { Db } from './store/db.ts';
import { readMeta, writeMeta } from './store/meta.ts';
import { countWaiting, waitingOps } from './store/outbox.ts';
import { mostOps, settle } from './sync.ts';

/**
 * The seat speaks with central for itself: at every start, every half minute while nobody is signed in, and at once when central no
 * longer takes a token. It delivers what its agents left behind, under their names, and learns whether it is under an order.
 */
export interface SeatReports {
  /** Central locked this seat: nobody works here and nothing is shown. */
  readonly isLocked: boolean;
  /** Soon: something may have changed. */
  ask(): void;
  close(): void;
}

export type SeatReportNeeds = {
  readonly db: Db;
  readonly client: CentralClient;
  readonly clock: Clock;
  readonly seatId: SeatId;
  readonly log: Log;
  readonly isSignedIn: () => boolean;
  /** The lock came or went. */
  readonly lockChanged: () => void;
  readonly opsChanged: () => void;
  /** Everything that could be delivered was. */
  readonly wipe: (order: SeatOrder) => void;
};

const everyMs = 30_000;

/** For `signIn` and for reports; made when it is first needed. */
export const seatSecretOf = (db: Db, random: (bytes: number) => Uint8Array): string => {
  const known = readMeta(db.read, 'seatSecret');
  if (known !== undefined) return known;
  const made = Buffer.from(random(32)).toString('base64url');
  db.write('seat secret', (write) => writeMeta(write, 'seatSecret', made));
  return made;
};

export const createSeatReports = (needs: SeatReportNeeds): SeatReports => {
  const { db, client, clock, seatId, log } = needs;
  const size = createBatchSize(mostOps);
  let isClosed = false;
  let isAsking = false;
  let again = false;
  let cancel = (): void => {};

  const lock = () => readMeta(db.read, 'lock') ?? null;
  const setLock = (next: ReturnType<typeof lock>): void => {
    const was = lock();
    if (was?.orderId === next?.orderId && was?.isTold === next?.isTold) return;
    db.write('lock', (write) => writeMeta(write, 'lock', next));
    if ((was === null) !== (next === null)) needs.lockChanged();
  };

  /** @returns whether there is more to say at once */
  const heard = (answer: SeatReportResponse, receipt: SeatReceipt | undefined): boolean => {
    const { status, order } = answer;
    if (receipt !== undefined) setLock({ orderId: receipt.orderId, isTold: true });
    if (status === 'open') setLock(null);
    // Told already, and asked again all the same: not at once, or the two would talk without end.
    if (order?.kind === 'lock' && order.id !== receipt?.orderId) {
      setLock({ orderId: order.id, isTold: false });
      return true;
    }
    if (order?.kind === 'wipe') {
      // What is shown goes first, then what waits to be sent, then everything.
      setLock({ orderId: order.id, isTold: true });
      if (countWaiting(db.read) > 0 && answer.results.length > 0) return true;
      needs.wipe(order);
    }
    return false;
  };

  const round = async (seatSecret: string): Promise<void> => {
    const locked = lock();
    const mayBring = !needs.isSignedIn() || locked !== null;
    const ops = mayBring ? waitingOps(db.read, size.most) : [];
    const receipt: SeatReceipt | undefined =
      locked === null || locked.isTold
        ? undefined
        : { orderId: locked.orderId, outcome: 'locked', atMs: clock.nowMs(), sealedOps: 0 };
    const waiting = countWaiting(db.read);
    const more = { ...(ops.length === 0 ? {} : { ops }), ...(receipt === undefined ? {} : { receipt }) };
    const answer = await client.call('seatReport', { seatId, seatSecret, waiting, ...more }, null);
    if (isClosed) return;
    if (answer.ok) size.answered(ops.length);
    else if (answer.error.kind === 'offline') size.unanswered(ops.length);
    if (!answer.ok) return;
    const settled = settle(db, ops, answer.value.results, log);
    if (settled.known > 0) needs.opsChanged();
    again ||= heard(answer.value, receipt) || (settled.known > 0 && mayBring && countWaiting(db.read) > 0);
  };

  const ask = (): void => {
    if (isClosed) return;
    cancel();
    again = true;
    if (isAsking) return;
    isAsking = true;
    void (async () => {
      while (again && !isClosed) {
        again = false;
        const seatSecret = readMeta(db.read, 'seatSecret');
        // Central has never heard of this seat.
        if (seatSecret !== undefined) await round(seatSecret);
      }
    })()
      .catch((fault: unknown) => log.error('the seat could not report', faultFields(fault)))
      .finally(() => {
        isAsking = false;
        if (!isClosed && (!needs.isSignedIn() || lock() !== null)) cancel = clock.after(everyMs, ask);
      });
  };

  return {
    get isLocked() {
      return lock() !== null;
    },
    ask,
    close: () => {
      isClosed = true;
      cancel();
    },
  };
};
