import { isBusy, nextAgent } from '../../shared/agent.ts';
import { liveCalls } from '../../shared/call.ts';
import type { Customer } from '../../shared/customer.ts';
import type { DialPurpose, ReachPurpose } from '../../shared/dial-policy.ts';
import { dialsPerMinute, mayDial, mayReach, typedNumber } from '../../shared/dial-policy.ts';
import type { CallId, ContactId, CustomerId, NewId } from '../../shared/ids.ts';
import type { DialWhat } from '../../shared/phone.ts';
import type { Result } from '../../shared/result.ts';
import { ok, refusal, refused } from '../../shared/result.ts';
import { unverified } from '../../shared/verification.ts';
import type { Clock } from './clock.ts';
import type { Candidates, Seat, Signed } from './seat.ts';
import { findCustomer, notVerifying } from './seat.ts';
import { callerOf, customerOf } from './pop.ts';
import { contactById } from './store/contacts.ts';
import type { Db } from './store/db.ts';
import { targetByNumber } from './store/working-set.ts';

type Asked = { readonly callId: CallId; readonly what: DialWhat; readonly consultId?: CallId | undefined };
type Reach = Asked & { readonly purpose: ReachPurpose };
type Dial = Asked & { readonly purpose: DialPurpose };
export type DialAsked = Asked & { readonly purpose: DialPurpose | ReachPurpose };
export type Permit = { contactId: ContactId; dial: string; warnings: 'roaming'[]; colleague?: string };

type Needs = { readonly db: Db; readonly seat: Seat; readonly clock: Clock; readonly newId: NewId };

const minuteMs = 60_000;

/**
 * R21: the one way out of this seat, whatever the path. The phone dials what comes back and nothing else. Security 74: at most two
 * calls at a time, and so many a minute.
 */
export const createDialling = (needs: Needs): ((asked: DialAsked) => Result<Permit>) => {
  const { seat, clock } = needs;
  let permittedAtMs: readonly number[] = [];
  return (asked) => {
    const { session } = seat;
    if (session === null) return refused(refusal('unauthorised', 'signInFirst'));
    const atMs = clock.nowMs();
    permittedAtMs = permittedAtMs.filter((one) => atMs - one < minuteMs);
    const perMinute = dialsPerMinute(session.policy);
    if (permittedAtMs.length >= perMinute) return refused(refusal('policy', 'tooManyDials', { perMinute }));
    const { purpose } = asked;
    const permit =
      purpose === 'service' || purpose === 'marketing'
        ? permitDial(needs, session, { ...asked, purpose })
        : permitReach(needs, session, { ...asked, purpose });
    if (permit.ok) permittedAtMs = [...permittedAtMs, atMs];
    return permit;
  };
};

/** A second party beside the call in hand, or the echo: no contact of its own. */
const permitReach = ({ db, seat, newId }: Needs, session: Signed, asked: Reach): Result<Permit> => {
  const about = aboutOf(seat, asked, newId);
  if (!about.ok) return about;
  const callee = calleeOf(db, seat, session, asked.what);
  if (!callee.ok) return callee;
  const { text, customer } = callee.value;
  const target = mayReach(
    {
      text,
      purpose: asked.purpose,
      role: session.agent.role,
      customer: 'customerId' in asked.what ? customer : undefined,
      own: session.agent.number,
      listed: (number) => targetByNumber(db.read, number),
    },
    session.policy,
  );
  if (!target.ok) return target;
  return ok({ contactId: about.value, dial: target.value.dial, warnings: [...target.value.warnings] });
};

/** The contact the second party is brought into. */
const aboutOf = (seat: Seat, { purpose, callId }: Reach, newId: NewId): Result<ContactId> => {
  const { agent } = seat;
  if (purpose === 'check')
    return isBusy(agent) ? refused(refusal('conflict', 'finishCallFirst')) : ok(newId() as ContactId);
  const wanted = purpose === 'divert' ? 'reserved' : 'onCall';
  if (agent.kind !== wanted || agent.callId !== callId) return refused(refusal('conflict', 'contactNotInHand'));
  if (purpose === 'consult' && liveCalls(seat.phone.calls).length > 1)
    return refused(refusal('conflict', 'callInProgress'));
  return ok(agent.contactId);
};

const permitDial = (needs: Needs, session: Signed, asked: Dial): Result<Permit> => {
  const { db, seat, clock, newId } = needs;
  const atMs = clock.nowMs();
  const contactId = newId() as ContactId;
  const listed = 'text' in asked.what ? targetByNumber(db.read, typedNumber(asked.what.text) ?? '') : undefined;
  if (listed !== undefined) return permitInside(needs, session, listed.number, listed.kind === 'queue');
  const event = { kind: 'dialled', callId: asked.callId, contactId, atMs } as const;
  const free = nextAgent(seat.agent, event);
  if (!free.ok) return free;
  const callee = calleeOf(db, seat, session, asked.what);
  if (!callee.ok) return callee;
  const { text, customer, candidates } = callee.value;
  const { role } = session.agent;
  const target = mayDial({ text, purpose: asked.purpose, customer, role }, session.policy);
  if (!target.ok) return target;
  const opened = seat.commit({
    ops: [
      {
        name: 'contact.opened',
        contactId,
        callId: asked.callId,
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
            verifying: notVerifying,
            readyAtMs: clock.nowMs(),
          },
  });
  if (!opened.ok) return opened;
  return ok({ contactId, dial: target.value.dial, warnings: [...target.value.warnings] });
};

/** A colleague or a department, about no customer in particular; also while the last contact is being wrapped up. */
const permitInside = ({ seat, newId, db }: Needs, session: Signed, number: string, isQueue: boolean) => {
  const { agent } = seat;
  if (agent.kind === 'reserved' || agent.kind === 'onCall') return refused(refusal('conflict', 'finishCallFirst'));
  if (isQueue) return refused(refusal('policy', 'queueNotDialled'));
  const target = mayReach(
    {
      text: number,
      purpose: 'consult',
      role: session.agent.role,
      customer: undefined,
      own: session.agent.number,
      listed: (wanted) => targetByNumber(db.read, wanted),
    },
    session.policy,
  );
  if (!target.ok) return target;
  const { dial } = target.value;
  return ok({ contactId: newId() as ContactId, dial, warnings: [], colleague: dial });
};

type Callee = { readonly text: string; readonly customer: Customer | undefined; readonly candidates: Candidates };

const calleeOf = (db: Db, seat: Seat, session: Signed, what: DialWhat): Result<Callee> => {
  if ('text' in what) {
    const { candidates } = callerOf(db.read, what.text);
    const id = customerOf(candidates);
    return ok({ text: what.text, candidates, customer: id === null ? undefined : findCustomer(db.read, null, id) });
  }
  if ('contactId' in what) {
    const contact = contactById(db.read, what.contactId);
    // Another agent's contacts at this seat are none of this one's business.
    if (contact === undefined || contact.agentId !== session.agent.id) return refused(refusal('notFound', 'contact'));
    return calleeOf(db, seat, session, { text: contact.number });
  }
  const id: CustomerId = what.customerId;
  const customer = findCustomer(db.read, seat.work, id) ?? seat.strangers.get(id);
  const number = customer?.numbers[what.numberIndex];
  if (customer === undefined || number === undefined) return refused(refusal('notFound', 'customerNumber'));
  return ok({ text: number.key, customer, candidates: { kind: 'one', id, certainty: 'certain' } });
};
