import type { z } from 'zod';
import type { Customer } from '../../shared/customer.ts';
import type { CustomerId, GrantId } from '../../shared/ids.ts';
import type { Result } from '../../shared/result.ts';
import { ok, refusal, refused } from '../../shared/result.ts';
import type { DialGrantRequest, DialGrantResponse } from '../../shared/task-api.ts';
import type { CentralClient } from './central-client.ts';
import type { Clock } from './clock.ts';
import type { Seat } from './seat.ts';
import { findCustomer } from './seat.ts';
import type { Db } from './store/db.ts';
import type { TaskSeat } from './tasks.ts';

/** Central's leave for one marketing call of no task; `askedAtMs` by this seat's clock, from before it was asked for. */
export type HandLeave = z.infer<typeof DialGrantResponse> & {
  readonly customerId: CustomerId;
  readonly customer: Customer;
  readonly number: string;
  readonly askedAtMs: number;
  readonly endsAtMs: number;
};

export interface ByHand {
  /** R21: asks central's leave just before the call; the one before that was not used goes back. */
  ask(asked: z.infer<typeof DialGrantRequest>): Promise<Result<{ grantId: GrantId }>>;
  /** Good for one dial: whoever takes it uses it, or gives it back. */
  take(grantId: GrantId): HandLeave | undefined;
  giveBack(grantId: GrantId): void;
}

type Needs = {
  readonly db: Db;
  readonly seat: Seat;
  readonly clock: Clock;
  readonly client: CentralClient;
  readonly tasks: Pick<TaskSeat, 'noteUsed' | 'giveBack'>;
};

/** Whom an agent calls by hand for marketing: service call-backs need no leave, these do (R21, R22). */
export const createByHand = ({ db, seat, clock, client, tasks }: Needs): ByHand => {
  let kept: { readonly leave: HandLeave; readonly token: string } | null = null;
  const dropKept = (): void => {
    if (kept !== null) tasks.giveBack(kept.leave.grantId);
    kept = null;
  };
  return {
    ask: async ({ customerId, numberIndex }) => {
      const token = seat.session?.token;
      if (token === undefined) return refused(refusal('unauthorised', 'signInFirst'));
      const customer = findCustomer(db.read, seat.work, customerId) ?? seat.strangers.get(customerId);
      const number = customer?.numbers[numberIndex]?.key;
      if (customer === undefined || number === undefined) return refused(refusal('notFound', 'customerNumber'));
      dropKept();
      const askedAtMs = clock.nowMs();
      const answer = await client.call('dialGrant', { customerId, numberIndex }, token);
      if (!answer.ok) return answer;
      const { grantId, ttlMs } = answer.value;
      // Named as in use from now on: what a seat holds at central and does not name goes back (tasks.ts).
      db.write('leave to call', (write) => tasks.noteUsed(write, grantId));
      if (seat.session?.token !== token) {
        tasks.giveBack(grantId);
        return refused(refusal('unauthorised', 'signInFirst'));
      }
      const leave = { ...answer.value, customerId, customer, number, askedAtMs, endsAtMs: askedAtMs + ttlMs };
      dropKept();
      kept = { leave, token };
      return ok({ grantId });
    },
    take: (grantId) => {
      if (kept === null || kept.leave.grantId !== grantId || kept.token !== seat.session?.token) return undefined;
      const { leave } = kept;
      kept = null;
      return leave;
    },
    giveBack: tasks.giveBack,
  };
};
