import type { Call, EndCause } from '../../shared/call.ts';
import { exchangeName } from '../../shared/call.ts';
import type { CallId, NewId, ContactId, TopicId } from '../../shared/ids.ts';
import { howMissed } from '../../shared/missed-calls.ts';
import type { PhoneState } from '../../shared/phone.ts';
import type { TakenCall } from '../../shared/supervision.ts';
import type { TaskItem } from '../../shared/task-api.ts';
import { phoneOff } from '../../shared/phone.ts';
import { unverified } from '../../shared/verification.ts';
import type { Clock } from './clock.ts';
import type { DialAsked, Permit } from './dial.ts';
import type { Log } from './log.ts';
import { callerOf, customerOf } from './pop.ts';
import { firstScript } from './script.ts';
import type { Seat, Work } from './seat.ts';
import { findCustomer, notVerifying } from './seat.ts';
import { contactById } from './store/contacts.ts';
import type { Db } from './store/db.ts';
import type { Transfers } from './transfers.ts';
import { createTransfers } from './transfers.ts';

/** A phone page that stays away this long, or never reports a call it was allowed to dial, has no call any more. */
const awayMs = 20_000;
/** What central says of a call may come that much later than what its telephone does. */
const lateWordMs = 10_000;

export interface Calls {
  /** The phone page's whole state: every difference to what the seat holds becomes a change. */
  report(state: PhoneState): void;
  /** Looks at the last report again: after a wrap-up a call may already be ringing. */
  review(): void;
  /** The agent's state is another: one who is Ready in a colleague's call is not offered a customer (R38). */
  beside(): void;
  /** A dial was permitted. One that opened a contact will be reported by the phone. */
  authorised(asked: DialAsked, permit: Permit): void;
  /** A lead has the customer of the contact in hand: a call that ended a moment ago did not end by the customer. */
  takenOver(): void;
  phoneConnected(): void;
  phoneGone(): void;
  close(): void;
}

export type CallsNeeds = {
  readonly db: Db;
  readonly seat: Seat;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly log: Log;
  /** Someone is on the line whom the working set may not know. */
  readonly unknownCaller: () => void;
  readonly isTakenOver: () => boolean;
  /** The customer of this call, whom central called for the agent (R25). */
  readonly announced: (call: Call) => TaskItem | undefined;
  /** Calls that are no customer's are among these: one of a colleague's may have been in vain (R38). */
  readonly colleagues: (calls: readonly Call[]) => void;
  /** What a lead took over in this call (R35). */
  readonly taken: (call: Call) => TakenCall | undefined;
  /** The agent had come to this topic with the customer. */
  readonly goOnWith: (contactId: ContactId, topicId: TopicId) => void;
};

type Inside = CallsNeeds & {
  readonly transfers: Transfers;
  /** Calls that had no contact of their own when they began. */
  readonly asides: Set<CallId>;
};

export const createCalls = (given: CallsNeeds): Calls => {
  const { seat, clock, log } = given;
  const transfers = createTransfers(given);
  const needs: Inside = { ...given, transfers, asides: new Set() };
  /** Permitted on this connection but not reported yet: their absence from a report says nothing. */
  const expected = new Set<CallId>();
  let cancelAway = (): void => {};

  const waitForPhone = (): void => {
    cancelAway();
    cancelAway = clock.after(awayMs, () => {
      log.warn('the phone page did not report the call');
      end(needs, 'network');
    });
  };

  const beside = (): void => {
    if (seat.session === null) return;
    const is = seat.phone.calls.some(({ aside, state }) => aside !== undefined && state.kind !== 'ended');
    const told = seat.commit({ agent: { kind: 'aside', is, atMs: clock.nowMs() } });
    if (!told.ok) log.error('call beside not told', { kind: told.error.kind });
  };

  const review = (): void => {
    const { calls } = seat.phone;
    transfers.seen(calls);
    for (const call of calls) {
      expected.delete(call.id);
      // A consultation, a colleague, an echo test: no contact of its own, until a colleague hands the customer over in it.
      if (call.aside === undefined) follow(needs, call);
      else needs.asides.add(call.id);
    }
    for (const id of needs.asides) if (!calls.some((call) => call.id === id)) needs.asides.delete(id);
    if (needs.asides.size > 0) needs.colleagues(calls);
    beside();
  };

  const report = (state: PhoneState): void => {
    cancelAway();
    seat.setPhone(state);
    if (seat.session === null) return;
    review();
    const mine = callInHand(seat);
    if (mine === undefined || state.calls.some((call) => call.id === mine)) return;
    // The page was reloaded or the call vanished while nobody listened: a call lives in its page only.
    if (expected.has(mine)) waitForPhone();
    else end(needs, 'network');
  };

  return {
    report,
    review,
    beside,
    authorised: (asked, permit) => {
      transfers.permitted(asked, permit);
      const opensContact = asked.purpose === 'service' || asked.purpose === 'marketing';
      if (!opensContact || permit.colleague !== undefined) return;
      expected.add(asked.callId);
      waitForPhone();
      needs.unknownCaller();
    },
    takenOver: () => correctEnd(needs),
    phoneConnected: () => expected.clear(),
    phoneGone: () => {
      seat.setPhone(phoneOff);
      if (callInHand(seat) !== undefined) waitForPhone();
    },
    close: () => cancelAway(),
  };
};

const callInHand = ({ agent }: Seat): CallId | undefined =>
  agent.kind === 'reserved' || agent.kind === 'onCall' ? agent.callId : undefined;

const follow = (needs: Inside, call: Call): void => {
  const { seat } = needs;
  if (call.state.kind === 'ended') {
    if (callInHand(seat) === call.id) end(needs, call.state.cause);
    return;
  }
  if (callInHand(seat) !== call.id && call.direction === 'inbound') {
    const taken = needs.taken(call);
    const isFree = seat.agent.kind === 'ready' || seat.agent.kind === 'notReady';
    const item = isFree ? needs.announced(call) : undefined;
    if (item === undefined) offer(needs, call, taken);
    else receive(needs, call, item);
    if (call.state.kind === 'talking' && callInHand(seat) === call.id) answered(needs, call.id);
    const contact = seat.work?.contact;
    if (taken?.topicId != null && contact?.callId === call.id) needs.goOnWith(contact.id, taken.topicId);
    return;
  }
  if (call.state.kind === 'talking' && callInHand(seat) === call.id) answered(needs, call.id);
};

const offer = (needs: Inside, call: Call, taken: TakenCall | undefined): void => {
  const { db, seat, clock, newId, log, unknownCaller, asides } = needs;
  // A second caller, or one during wrap-up: the phone declines; nothing of it belongs to this seat.
  if (seat.agent.kind !== 'ready' && seat.agent.kind !== 'notReady') return;
  const atMs = clock.nowMs();
  const caller = callerOf(db.read, call.number, taken?.customerId ?? null);
  // What a colleague called about has that colleague's contact for a name, as has what a lead took over; a call goes by one name once.
  const known = taken !== undefined || asides.has(call.id) || contactById(db.read, call.contactId) !== undefined;
  const contactId = known ? (newId() as ContactId) : call.contactId;
  const queue = call.queue ?? null;
  const customerId = customerOf(caller.candidates) ?? taken?.customerId ?? null;
  // What a colleague began goes on with its own topic.
  const script =
    taken === undefined
      ? firstScript(db.read, { task: null, queue, customerId }, seat.session?.policy, needs)
      : undefined;
  const opened = seat.commit({
    ops: [
      {
        name: 'contact.opened',
        contactId,
        callId: call.id,
        direction: taken?.direction ?? 'inbound',
        number: caller.number,
        ...{ queue, customerId },
        ...(script === undefined ? {} : { script: { id: script.id, version: script.version } }),
        ...(known || call.exchangeId !== undefined ? { exchangeId: exchangeName(call) } : {}),
        atMs,
      },
    ],
    agent: { kind: 'offered', callId: call.id, contactId, atMs },
    work: (contact) => (contact === undefined ? null : { ...fresh, ...caller, contact, readyAtMs: clock.nowMs() }),
  });
  if (!opened.ok) return log.error('contact not opened', { contactId, kind: opened.error.kind });
  log.info('contact opened', { contactId, match: caller.candidates.kind, afterMs: atMs - call.trace.inviteMs });
  unknownCaller();
};

/** R25: the customer of a task, called by central with its leave: the contact has central's own name, and begins at the task's script. */
const receive = (needs: Inside, call: Call, item: TaskItem): void => {
  const { db, seat, clock, log } = needs;
  const contactId = exchangeName(call);
  const customer =
    item.customer === null ? undefined : (findCustomer(db.read, null, item.customer.id) ?? item.customer);
  const about = { customerId: customer?.id ?? null, queue: null };
  const ofTask = { ...about, task: { id: item.taskId, scriptId: item.scriptId } };
  const script = firstScript(db.read, ofTask, seat.session?.policy, needs);
  const atMs = clock.nowMs();
  const opened = seat.commit({
    ops: [
      {
        ...{ name: 'contact.opened', contactId, callId: call.id, direction: 'outbound', number: item.number, atMs },
        ...about,
        grant: { id: item.grantId, taskId: item.taskId, treeId: item.treeId },
        ...(script === undefined ? {} : { script: { id: script.id, version: script.version } }),
      },
    ],
    agent: { kind: 'offered', callId: call.id, contactId, atMs },
    work: (contact) =>
      contact === undefined
        ? null
        : {
            ...{ ...fresh, contact, readyAtMs: atMs },
            candidates: customer === undefined ? nobodyKnown : { kind: 'one', id: customer.id, certainty: 'certain' },
            met: new Map(customer === undefined ? [] : [[customer.id, { customer, past: [] }]]),
          },
  });
  if (!opened.ok) return log.error('contact not opened', { contactId, kind: opened.error.kind });
  log.info('contact opened', { contactId, match: 'dialled', afterMs: atMs - call.trace.inviteMs });
  if (call.state.kind === 'talking') answered(needs, call.id);
};
const nobodyKnown: Work['candidates'] = { kind: 'none', why: 'unknown' };

const answered = ({ seat, clock, log }: CallsNeeds, callId: CallId): void => {
  const contact = seat.work?.contact;
  if (contact === undefined || contact.callId !== callId) return;
  if (contact.answeredAtMs !== null && seat.agent.kind === 'onCall') return;
  const atMs = clock.nowMs();
  const done = seat.commit({
    ops: contact.answeredAtMs === null ? [{ name: 'contact.answered', contactId: contact.id, atMs }] : [],
    agent: { kind: 'answered', callId, atMs },
  });
  if (!done.ok) return log.error('contact not answered', { contactId: contact.id, kind: done.error.kind });
  log.info('contact answered', { contactId: contact.id });
};

/** The call in hand is over: a wrap-up begins, or, when it was never answered, the next one may come. */
const end = ({ seat, clock, log, isTakenOver, transfers }: Inside, seen: EndCause): void => {
  const { agent, session } = seat;
  const cause = seen === 'customerHungUp' && isTakenOver() ? 'takenOver' : seen;
  if ((agent.kind !== 'reserved' && agent.kind !== 'onCall') || session === null) return;
  const atMs = clock.nowMs();
  const { callId, contactId } = agent;
  const missed = agent.kind === 'reserved';
  const done = seat.commit({
    ops: [...transfers.endOps(callId, contactId, cause), { name: 'contact.ended', contactId, cause, atMs }],
    agent: missed
      ? { kind: 'missed', callId, by: missedBy(cause, atMs - agent.sinceMs), atMs }
      : { kind: 'callEnded', callId, wrapUpMs: session.policy.wrapUpSeconds * 1_000, atMs },
    // R12: the level is dropped at hang-up, and with it every value it opened.
    work: (contact) =>
      missed || seat.work === null
        ? null
        : {
            ...seat.work,
            contact: contact ?? seat.work.contact,
            verification: unverified,
            revealed: {},
            verifying: { ...notVerifying, callBack: seat.work.verifying.callBack },
          },
  });
  if (!done.ok) return log.error('contact not ended', { contactId, kind: done.error.kind });
  log.info('contact ended', { contactId, cause });
};

/** The word of the take-over came behind the end of the call. */
const correctEnd = ({ seat, clock, log }: CallsNeeds): void => {
  const contact = seat.work?.contact;
  const atMs = clock.nowMs();
  if (contact?.endCause !== 'customerHungUp' || contact.wrappedUpAtMs !== null) return;
  if (atMs - (contact.endedAtMs ?? 0) > lateWordMs) return;
  const done = seat.commit({ ops: [{ name: 'contact.ended', contactId: contact.id, cause: 'takenOver', atMs }] });
  if (!done.ok) log.error('take-over not recorded', { contactId: contact.id, kind: done.error.kind });
};

const fresh: Omit<Work, 'contact' | 'candidates' | 'met' | 'readyAtMs'> = {
  source: 'seat',
  verification: unverified,
  triedBefore: new Map(),
  revealed: {},
  verifying: notVerifying,
};

const missedBy = (cause: EndCause, rangMs: number): 'agent' | 'caller' => {
  const how = howMissed(cause, rangMs);
  // Passed on by hand is not missed.
  return how === undefined || how === 'gaveUp' ? 'caller' : 'agent';
};
