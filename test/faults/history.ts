import type { Contact } from '../../shared/contact.ts';
import type { Customer, PastContact } from '../../shared/customer.ts';
import { conflictRules } from '../../shared/conflict.ts';
import type { GrantState } from '../../shared/dial-counters.ts';
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

const laneOf = ({ body }: CentralOp): number => (conflictRules[body.name].goesFirst ? 0 : 1);

/** As central took them. Those of one transaction are one seat's, by their numbers, what goes first in front (ops.ts). */
export const byArrival = (one: CentralOp, other: CentralOp): number =>
  one.tx - other.tx || laneOf(one) - laneOf(other) || one.seq - other.seq;

export type GrantRow = {
  readonly id: string;
  /** The number it is good for. */
  readonly key: string;
  readonly state: GrantState;
  readonly isMarketing: boolean;
  readonly taskId: string | null;
  readonly seatId: string;
  readonly contactId: string | null;
};
export type EntryRow = {
  readonly taskId: string;
  readonly key: string;
  readonly state: string;
  readonly tries: number;
  readonly grantId: string | null;
  readonly outcome: string | null;
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
  /** Of the audit chain: ids of ops given up, and of orders, once for each reply. */
  readonly discards: readonly string[];
  readonly replies: readonly string[];
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
  /** What customers answered to texts: by the carrier's word, and as central keeps it. */
  readonly texts: {
    readonly written: ReadonlySet<string>;
    readonly taken: ReadonlySet<string>;
    readonly kept: readonly { readonly id: string; readonly orderId: string | null; readonly outcome: string }[];
  };
  readonly outbound: { readonly grants: readonly GrantRow[]; readonly entries: readonly EntryRow[] };
  /** Requests that central failed by its own fault, as it wrote them down. */
  readonly failures: readonly string[];
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
    | 'reply' // of a customer to a text
    | 'reservation' // of a customer of a task for one seat
    | 'failure' // a request failed at central, and not because the database was away
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
