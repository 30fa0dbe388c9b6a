import { nextAgent } from '../../shared/agent.ts';
import type { Customer } from '../../shared/customer.ts';
import { mayDial } from '../../shared/dial-policy.ts';
import type { DialPurpose } from '../../shared/dial-policy.ts';
import type { CallId, ContactId, CustomerId, NewId } from '../../shared/ids.ts';
import type { DialWhat } from '../../shared/phone.ts';
import type { Result } from '../../shared/result.ts';
import { ok, refusal, refused } from '../../shared/result.ts';
import { unverified } from '../../shared/verification.ts';
import type { Clock } from './clock.ts';
import type { Candidates } from './seat.ts';
import type { Seat } from './seat.ts';
import { findCustomer } from './seat.ts';
import { callerOf, customerOf } from './pop.ts';
import type { Db } from './store/db.ts';

type Permit = { contactId: ContactId; dial: string; warnings: 'roaming'[] };

/** R21: the one way to an outbound call. Opens the contact; the phone dials what comes back and nothing else. */
export const authoriseDial = (
  { db, seat, clock, newId }: { readonly db: Db; readonly seat: Seat; readonly clock: Clock; readonly newId: NewId },
  request: { readonly callId: CallId; readonly what: DialWhat; readonly purpose: DialPurpose },
): Result<Permit> => {
  const { session } = seat;
  if (session === null) return refused(refusal('unauthorised', 'signInFirst'));
  const atMs = clock.nowMs();
  const contactId = newId() as ContactId;
  const event = { kind: 'dialled', callId: request.callId, contactId, atMs } as const;
  const free = nextAgent(seat.agent, event);
  if (!free.ok) return free;
  const callee = calleeOf(db, seat, request.what);
  if (!callee.ok) return callee;
  const { text, customer, candidates } = callee.value;
  const target = mayDial(
    { text, purpose: request.purpose, customer, localMinute: minuteInChina(atMs) },
    session.policy,
  );
  if (!target.ok) return target;
  const opened = seat.commit({
    ops: [
      {
        name: 'contact.opened',
        contactId,
        callId: request.callId,
        direction: 'outbound',
        number: target.value.key,
        queue: null,
        customerId: customerOf(candidates),
        atMs,
      },
    ],
    agent: event,
    work: (contact) =>
      contact === undefined
        ? null
        : {
            contact,
            candidates,
            source: 'seat',
            met: new Map(customer === undefined ? [] : [[customer.id, { customer, past: [] }]]),
            verification: unverified,
            triedBefore: new Map(),
            revealed: {},
            readyAtMs: clock.nowMs(),
          },
  });
  if (!opened.ok) return opened;
  return ok({ contactId, dial: target.value.dial, warnings: [...target.value.warnings] });
};

type Callee = { readonly text: string; readonly customer: Customer | undefined; readonly candidates: Candidates };

const calleeOf = (db: Db, seat: Seat, what: DialWhat): Result<Callee> => {
  if ('text' in what) {
    const { candidates } = callerOf(db.read, what.text);
    const id = customerOf(candidates);
    return ok({ text: what.text, candidates, customer: id === null ? undefined : findCustomer(db.read, null, id) });
  }
  const id: CustomerId = what.customerId;
  const customer = findCustomer(db.read, seat.work, id);
  const number = customer?.numbers[what.numberIndex];
  if (customer === undefined || number === undefined) return refused(refusal('notFound', 'customerNumber'));
  return ok({ text: number.key, customer, candidates: { kind: 'one', id, certainty: 'certain' } });
};

/** Minutes since midnight where the callee is. China keeps one time, UTC+8, all year. */
const minuteInChina = (nowMs: number): number => Math.floor(nowMs / 60_000 + 8 * 60) % (24 * 60);
