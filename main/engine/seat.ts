import type { AgentEvent, AgentState } from '../../shared/agent.ts';
import { nextAgent } from '../../shared/agent.ts';
import type { SipCredentials } from '../../shared/sip-credentials.ts';
import { withOrders } from '../../shared/order.ts';
import { withCases } from '../../shared/case.ts';
import type { Contact } from '../../shared/contact.ts';
import { nextContact } from '../../shared/contact.ts';
import type { Customer, PastContact } from '../../shared/customer.ts';
import type { ContactId, CustomerId, NewId, OpId, SeatId } from '../../shared/ids.ts';
import type { BesideOp, ContactOp, Op, OpBody } from '../../shared/op.ts';
import type { PhoneState } from '../../shared/phone.ts';
import { phoneOff } from '../../shared/phone.ts';
import type { Result } from '../../shared/result.ts';
import { ok, refusal, refused } from '../../shared/result.ts';
import type { ContactView } from '../../shared/seat.ts';
import type { Verification } from '../../shared/verification.ts';
import type { Clock } from './clock.ts';
import { pinLibrary } from './script-pins.ts';
import { contactById, putContact } from './store/contacts.ts';
import { putSpan } from './store/day.ts';
import type { Db, ReadDb, WriteDb } from './store/db.ts';
import type { StoredSession } from './store/meta.ts';
import { readMeta, writeMeta } from './store/meta.ts';
import { lastSeq } from './store/op-places.ts';
import { appendOp } from './store/outbox.ts';
import { ownWorkOf } from './store/work.ts';
import { customerById } from './store/working-set.ts';

/** Whom the number points to, by id: the rows behind it may change during the call. */
export type Candidates =
  | { readonly kind: 'none'; readonly why: 'unknown' | 'withheld' | 'malformed' }
  | { readonly kind: 'one'; readonly id: CustomerId; readonly certainty: 'certain' | 'low' }
  | { readonly kind: 'several'; readonly ids: readonly CustomerId[] };

/** A customer met in this call, with what central told of a timeline outside the working set. In memory only. */
export type Met = { readonly customer: Customer; readonly past: readonly PastContact[] };

/** The contact in hand: its row, and what is known of it in memory only. */
export type Work = {
  readonly contact: Contact;
  readonly candidates: Candidates;
  readonly source: ContactView['source'];
  readonly met: ReadonlyMap<CustomerId, Met>;
  readonly verification: Verification;
  /** Failed tries of customers switched away from in this call: they count on when the agent comes back to them (R12). */
  readonly triedBefore: ReadonlyMap<CustomerId, Verification>;
  readonly revealed: Readonly<Record<string, string>>;
  readonly verifying: ContactView['verifying'];
  /** R26: what they have been written about. In memory only. */
  readonly calledIn?: ContactView['calledIn'];
  readonly readyAtMs: number;
};

export const notVerifying: ContactView['verifying'] = {
  keypad: false,
  isAside: false,
  override: 'none',
  callBack: null,
  openUntilMs: {},
};

/** The row of the store if it is there, else as it was met in this call; with this seat's own cases and orders. */
export const findCustomer = (db: ReadDb, work: Work | null, id: CustomerId): Customer | undefined => {
  const customer = customerById(db, id) ?? work?.met.get(id)?.customer;
  if (customer === undefined) return undefined;
  // A case opened a moment ago is a reason to call again at once (R29).
  const own = ownWorkOf(db, id);
  const orders = own.filter((row) => row.record === 'order');
  return withOrders(
    withCases(
      customer,
      own.filter((row) => row.record === 'case'),
    ),
    orders,
  );
};

export type Signed = StoredSession & {
  /** Null after a restart: never stored (security 66). */
  readonly sip: SipCredentials | null;
};

export type Part =
  | 'session'
  | 'agent'
  | 'phone'
  | 'sync'
  | 'asOfMs'
  | 'contact'
  | 'callBack'
  | 'recording'
  | 'supervision'
  | 'supervised'
  | 'reference'
  | 'refusedOps'
  | 'storage'
  | 'work'
  | 'day'
  | 'forced'
  | 'task'
  | 'expected';

type Change = {
  readonly ops?: readonly ContactOp[];
  /** Beside the contact: no rule of its own; the caller has run what there is, and brings the rows with `also`. */
  readonly besideOps?: readonly BesideOp[];
  readonly agent?: AgentEvent;
  /** Rows that belong to the same change: a draft, a line of the timeline. */
  readonly also?: (db: WriteDb, contact: Contact | undefined) => void;
  /** The contact in hand afterwards; by default the one before, with its new row. */
  readonly work?: (contact: Contact | undefined) => Work | null;
};

/** What this seat is doing now. The one place where it changes. */
export interface Seat {
  readonly session: Signed | null;
  readonly agent: AgentState;
  readonly work: Work | null;
  readonly phone: PhoneState;
  /** Customers central told of in a search, outside the working set: in memory only, and of this session only. */
  readonly strangers: Map<CustomerId, Customer>;
  /**
   * Runs the rules, then writes rows, outbox and agent state in one transaction, then tells the windows.
   * A refusal by any rule changes nothing.
   */
  commit(change: Change): Result<void>;
  /** Replaces what is known in memory of the contact in hand. */
  setWork(work: Work): void;
  setPhone(phone: PhoneState): void;
  setSession(session: Signed | null): void;
  /** The contact in hand, if it is this one. */
  inHand(contactId: ContactId): Result<Work>;
}

export type SeatNeeds = {
  readonly db: Db;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly seatId: SeatId;
  readonly tell: (part: Part) => void;
  /** On disk now. */
  readonly opsAdded: (ops: readonly Op[]) => void;
};

export const createSeat = ({ db, clock, newId, seatId, tell, opsAdded }: SeatNeeds): Seat => {
  const stored = readMeta(db.read, 'session') ?? null;
  let session: Signed | null = stored === null ? null : { ...stored, sip: null };
  let agent: AgentState = readMeta(db.read, 'agentState') ?? { kind: 'offline', sinceMs: clock.nowMs() };
  let work: Work | null = null;
  let phone: PhoneState = phoneOff;
  const strangers = new Map<CustomerId, Customer>();

  const last = lastContact(db.read);

  const commit = (change: Change): Result<void> => {
    if (session === null) return refused(refusal('unauthorised', 'signInFirst'));
    const agentId = session.agent.id;
    const nextState: Result<AgentState> = change.agent === undefined ? ok(agent) : nextAgent(agent, change.agent);
    if (!nextState.ok) return nextState;
    const rows = new Map<string, Contact>();
    const pins: ((write: WriteDb) => void)[] = [];
    for (const body of change.ops ?? []) {
      const before = rows.get(body.contactId) ?? last.find(body.contactId);
      const after = nextContact(before, body, agentId);
      if (!after.ok) return after;
      rows.set(body.contactId, after.value);
      const pin = pinLibrary(db.read, before?.script ?? null, after.value);
      if (pin !== undefined) pins.push(pin);
    }
    const moved = nextState.value !== agent;
    const bodies: OpBody[] = [...(change.ops ?? []), ...(change.besideOps ?? [])];
    if (moved) bodies.push({ name: 'agent.stateChanged', state: nextState.value, atMs: clock.nowMs() });
    const contact = [...rows.values()].at(-1);
    let added: readonly Op[] = [];
    if (bodies.length > 0 || change.also !== undefined)
      db.write('change', (write) => {
        for (const row of rows.values()) putContact(write, row);
        added = appendAll(write, { newId, seatId, agentId }, bodies);
        if (moved) {
          putSpan(write, agentId, agent, nextState.value);
          writeMeta(write, 'agentState', nextState.value);
        }
        for (const pin of pins) pin(write);
        change.also?.(write, contact);
      });
    last.written(contact);
    agent = nextState.value;
    work = change.work === undefined ? withRow(work, contact) : change.work(contact);
    if (moved) tell('agent');
    if (rows.size > 0 || change.work !== undefined) tell('contact');
    if (added.length > 0) opsAdded(added);
    return ok(undefined);
  };

  return {
    get session() {
      return session;
    },
    get agent() {
      return agent;
    },
    get work() {
      return work;
    },
    get phone() {
      return phone;
    },
    strangers,
    commit,
    setWork: (next) => {
      work = next;
      tell('contact');
    },
    setPhone: (next) => {
      phone = next;
      tell('phone');
    },
    setSession: (next) => {
      if (next?.token !== session?.token) strangers.clear();
      session = next;
      db.write('session', (write) => writeMeta(write, 'session', next === null ? null : storable(next)));
      tell('session');
    },
    inHand: (contactId) =>
      work?.contact.id === contactId ? ok(work) : refused(refusal('conflict', 'contactNotInHand')),
  };
};

/** The row written last, until it is wrapped up: op after op is about one contact, and nobody else writes one before that (repair.ts). */
const lastContact = (db: ReadDb) => {
  let kept: Contact | undefined;
  return {
    find: (id: ContactId): Contact | undefined => (kept?.id === id ? kept : contactById(db, id)),
    written: (contact: Contact | undefined): void => {
      if (contact !== undefined) kept = contact.wrappedUpAtMs === null ? contact : undefined;
    },
  };
};

type Author = Pick<SeatNeeds, 'newId' | 'seatId'> & { readonly agentId: Signed['agent']['id'] };

const appendAll = (write: WriteDb, { newId, seatId, agentId }: Author, bodies: readonly OpBody[]): Op[] => {
  const ops: Op[] = [];
  let seq = lastSeq(write);
  for (const body of bodies) {
    seq += 1;
    const op: Op = { id: newId() as OpId, seatId, seq, agentId, body };
    appendOp(write, op);
    ops.push(op);
  }
  return ops;
};

/** SIP credentials are in memory only (security 66). */
const storable = (signed: Signed): StoredSession => {
  const { sip: _, ...kept } = signed;
  return kept;
};

const withRow = (work: Work | null, contact: Contact | undefined): Work | null =>
  work === null || contact === undefined || contact.id !== work.contact.id ? work : { ...work, contact };
