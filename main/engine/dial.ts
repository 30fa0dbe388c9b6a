import { isBusy, nextAgent } from '../../shared/agent.ts';
import { liveCalls } from '../../shared/call.ts';
import { shippedCalendar } from '../../shared/calendar.ts';
import type { Contact } from '../../shared/contact.ts';
import type { Customer } from '../../shared/customer.ts';
import { mayUseGrant } from '../../shared/dial-grant.ts';
import type { DialPurpose, ReachPurpose } from '../../shared/dial-policy.ts';
import { dialsPerMinute, mayDial, mayReach, typedNumber } from '../../shared/dial-policy.ts';
import type { CallId, ContactId, CustomerId, GrantId, NewId } from '../../shared/ids.ts';
import type { DialWhat } from '../../shared/phone.ts';
import type { Result } from '../../shared/result.ts';
import { ok, refusal, refused } from '../../shared/result.ts';
import { purposeOf } from '../../shared/task.ts';
import { unverified } from '../../shared/verification.ts';
import type { ByHand, HandLeave } from './by-hand.ts';
import type { Clock } from './clock.ts';
import type { Candidates, Seat, Signed, Work } from './seat.ts';
import { findCustomer, notVerifying } from './seat.ts';
import { callerOf, customerOf } from './pop.ts';
import type { Log } from './log.ts';
import { firstScript } from './script.ts';
import type { TaskSeat } from './tasks.ts';
import { contactById } from './store/contacts.ts';
import type { Db } from './store/db.ts';
import { readFeed } from './store/meta.ts';
import { targetByNumber } from './store/working-set.ts';

type Asked = { readonly callId: CallId; readonly what: DialWhat; readonly consultId?: CallId | undefined };
type Reach = Asked & { readonly purpose: ReachPurpose };
type Dial = Asked & { readonly purpose: DialPurpose };
export type DialAsked = Asked & { readonly purpose: DialPurpose | ReachPurpose };
export type Permit = { contactId: ContactId; dial: string; warnings: 'roaming'[]; colleague?: string };

type Needs = {
  readonly db: Db;
  readonly seat: Seat;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly log: Log;
  readonly tasks: TaskSeat;
};

const minuteMs = 60_000;

/**
 * R21: the one way out of this seat, whatever the path. The phone dials what comes back and nothing else. Security 74: at most two
 * calls at a time, and so many a minute.
 */
export const createDialling = (needs: Needs & { readonly byHand: ByHand }): ((asked: DialAsked) => Result<Permit>) => {
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

const permitDial = (needs: Needs & { readonly byHand: ByHand }, session: Signed, asked: Dial): Result<Permit> => {
  const { db, seat, clock, newId } = needs;
  const atMs = clock.nowMs();
  const contactId = newId() as ContactId;
  const listed = 'text' in asked.what ? targetByNumber(db.read, typedNumber(asked.what.text) ?? '') : undefined;
  if ('grantId' in asked.what) {
    const leave = needs.byHand.take(asked.what.grantId);
    if (leave === undefined) return permitGranted(needs, session, asked.callId, asked.what.grantId);
    const permit = permitByHand(needs, session, asked.callId, leave);
    if (!permit.ok) needs.byHand.giveBack(leave.grantId);
    return permit;
  }
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
    work: (contact) => workOn(contact, candidates, customer, clock.nowMs()),
  });
  if (!opened.ok) return opened;
  return ok({ contactId, dial: target.value.dial, warnings: [...target.value.warnings] });
};

/** R21: the customer a task shows, with central's leave and by what this seat knows now. */
const permitGranted = (needs: Needs, session: Signed, callId: CallId, grantId: GrantId): Result<Permit> => {
  const { db, seat, clock, newId, tasks } = needs;
  const shown = tasks.shown(grantId);
  if (!shown.ok) return shown;
  const { item, askedAtMs, endsAtMs } = shown.value;
  const nowMs = clock.nowMs();
  const customer =
    item.customer === null ? undefined : (findCustomer(db.read, null, item.customer.id) ?? item.customer);
  const target = mayUseGrant(
    {
      ...{ text: item.number, purpose: purposeOf(item.kind), customer, role: session.agent.role },
      outbound: {
        ...{ nowMs, refusalsAsOfMs: readFeed(db.read, 'asOfMs') ?? null, countersAsOfMs: askedAtMs },
        ...{ counters: item.counters, calendar: readFeed(db.read, 'calendar') ?? shippedCalendar },
        task: { hours: item.hours, endsAtMs: item.endsAtMs, takesProspects: item.customer === null },
        ...{ promisedAtMs: null, isNecessary: item.isNecessary },
      },
    },
    { endsAtMs, isUsed: false },
    session.policy,
  );
  if (!target.ok) return target;
  const contactId = newId() as ContactId;
  const about = { customerId: customer?.id ?? null, queue: null };
  const ofTask = { ...about, task: { id: item.taskId, scriptId: item.scriptId } };
  const script = firstScript(db.read, ofTask, session.policy, needs);
  const candidates: Candidates =
    customer === undefined ? { kind: 'none', why: 'unknown' } : { kind: 'one', id: customer.id, certainty: 'certain' };
  const opened = tasks.dialling(() =>
    seat.commit({
      ops: [
        {
          ...{
            name: 'contact.opened',
            contactId,
            callId,
            direction: 'outbound',
            number: target.value.key,
            atMs: nowMs,
          },
          ...about,
          grant: { id: grantId, taskId: item.taskId, treeId: item.treeId },
          ...(script === undefined ? {} : { script: { id: script.id, version: script.version } }),
        },
      ],
      agent: { kind: 'dialled', callId, contactId, atMs: nowMs },
      also: (write) => tasks.noteUsed(write, grantId),
      work: (contact) => workOn(contact, candidates, customer, nowMs),
    }),
  );
  return opened.ok ? ok({ contactId, dial: target.value.dial, warnings: [...target.value.warnings] }) : opened;
};

/** R21, R22: a marketing call of no task, with the leave central gave for it, and by what this seat knows now. */
const permitByHand = (needs: Needs, session: Signed, callId: CallId, leave: HandLeave): Result<Permit> => {
  const { db, seat, clock, newId } = needs;
  const nowMs = clock.nowMs();
  const customer = findCustomer(db.read, null, leave.customerId) ?? leave.customer;
  const target = mayUseGrant(
    {
      ...{ text: leave.number, purpose: 'marketing', customer, role: session.agent.role },
      outbound: {
        ...{ nowMs, refusalsAsOfMs: readFeed(db.read, 'asOfMs') ?? null, countersAsOfMs: leave.askedAtMs },
        ...{ counters: leave.counters, calendar: readFeed(db.read, 'calendar') ?? shippedCalendar },
        ...{ task: null, promisedAtMs: null, isNecessary: leave.isNecessary },
      },
    },
    { endsAtMs: leave.endsAtMs, isUsed: false },
    session.policy,
  );
  if (!target.ok) return target;
  const contactId = newId() as ContactId;
  const opened = seat.commit({
    ops: [
      {
        ...{ name: 'contact.opened', contactId, callId, direction: 'outbound', number: target.value.key, atMs: nowMs },
        ...{ queue: null, customerId: leave.customerId, grant: { id: leave.grantId, taskId: null, treeId: null } },
      },
    ],
    agent: { kind: 'dialled', callId, contactId, atMs: nowMs },
    work: (contact) => workOn(contact, { kind: 'one', id: leave.customerId, certainty: 'certain' }, customer, nowMs),
  });
  return opened.ok ? ok({ contactId, dial: target.value.dial, warnings: [...target.value.warnings] }) : opened;
};

const workOn = (
  contact: Contact | undefined,
  candidates: Candidates,
  customer: Customer | undefined,
  readyAtMs: number,
): Work | null =>
  contact === undefined
    ? null
    : {
        ...{ contact, candidates, source: 'seat', verification: unverified, triedBefore: new Map(), revealed: {} },
        met: new Map(customer === undefined ? [] : [[customer.id, { customer, past: [] }]]),
        ...{ verifying: notVerifying, readyAtMs },
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
  // Nobody is asked about a customer, or handed one, by a task's leave to call.
  if ('grantId' in what) return refused(refusal('policy', 'targetUnlisted'));
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
