import type { Contact } from '../../shared/contact.ts';
import type { Customer, PastContact } from '../../shared/customer.ts';
import type { Op, OpBody } from '../../shared/op.ts';
import { entityOf } from '../../shared/op.ts';
import type { WorkRow } from '../../shared/work.ts';

/** What an engine answered "ok" to, noted by who asked: it must be found among what the seat committed. */
export type Promised = {
  readonly seatId: string;
  readonly agentId: string;
  readonly what: string;
  readonly holds: (body: OpBody) => boolean;
};

/** A row of central's `op` table. `tx` is the transaction that wrote it: the order in which central took them. */
export type CentralOp = Op & {
  readonly outcome: 'applied' | 'refused';
  readonly reason: string | null;
  readonly tx: number;
};

export type Line = Pick<PastContact, 'contactId' | 'note' | 'disposition' | 'topic'>;

/** One seat at the end, after everything was healed and settled. */
export type SeatAtEnd = {
  readonly seatId: string;
  /** Committed, in the order written down. */
  readonly journal: readonly Op[];
  /** How many ops the journal held at each kill: a kill between a commit and the journal leaves a hole of one commit, there only. */
  readonly kills: readonly number[];
  readonly waiting: number;
  /** Ids of refused ops the agent was shown. */
  readonly shownRefused: ReadonlySet<string>;
  /** Those still shown. */
  readonly stillRefused: ReadonlySet<string>;
  /** The timelines it shows, by customer; only customers it holds. */
  readonly timelines: ReadonlyMap<string, readonly Line[]>;
  /** Whose obligations it shows; undefined: nobody is signed in. */
  readonly agentId: string | undefined;
  readonly work: readonly WorkRow[];
};

/** What central wrote down beside the rows themselves. */
export type Kept = {
  /** Ids of the ops whose value, or refusal, is kept of the customer. */
  readonly fields: readonly string[];
  readonly refusals: readonly string[];
  /** Of the audit chain: ids of ops given up. */
  readonly discards: readonly string[];
  /** `intact`, or what is wrong with the chain. */
  readonly audit: string;
};

export type History = {
  readonly promises: readonly Promised[];
  readonly seats: readonly SeatAtEnd[];
  readonly central: readonly CentralOp[];
  readonly contacts: readonly Contact[];
  readonly work: readonly WorkRow[];
  readonly customers: readonly Customer[];
  readonly kept: Kept;
  /** Central's word on the timelines, by customer. */
  readonly timelines: ReadonlyMap<string, readonly Line[]>;
  /** Ids of ops seen leaving a seat. */
  readonly sent: ReadonlySet<string>;
};

export type Violation = {
  readonly kind:
    | 'promise' // answered ok, never committed
    | 'lost'
    | 'doubled'
    | 'order'
    | 'altered'
    | 'author'
    | 'unseenRefusal'
    | 'stranger' // at central, from no seat
    | 'hole' // in the sequence of a seat
    | 'contact' // the row is not what its ops say
    | 'work'
    | 'customer'
    | 'audit'
    | 'vanished' // refused, and neither repaired nor given up nor shown
    | 'ownWork' // what a seat shows of its obligations is not central's word
    | 'outbox'
    | 'timeline'
    | 'crash' // a process ended by itself
    | 'draft'; // saved, and gone after a kill
  readonly what: string;
};

export const nameOf = (op: Pick<Op, 'id' | 'seatId' | 'seq' | 'agentId' | 'body'>): string =>
  `op ${op.seq} of ${op.seatId} (${op.body.name} ${entityOf(op)}, ${op.id})`;
