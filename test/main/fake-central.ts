import type { ForceOrder } from '../../shared/forced-state.ts';
import type { Change } from '../../shared/central-api.ts';
import type { SipCredentials } from '../../shared/sip-credentials.ts';
import type { PlannedBreak } from '../../shared/day.ts';
import type { Contact } from '../../shared/contact.ts';
import type { Customer } from '../../shared/customer.ts';
import type { TeamMissedCall } from '../../shared/missed-calls.ts';
import type { Op } from '../../shared/op.ts';
import { type WorkCalendar } from '../../shared/calendar.ts';
import { CalledIn, type CalledInAnswer } from '../../shared/hot-call.ts';
import { TaskNextRequest, type TaskNextResponse } from '../../shared/task-api.ts';
import type { z } from 'zod';
import { type WorkRow } from '../../shared/work.ts';
import type { Policy } from '../../shared/policy.ts';
import type { Fault } from './misbehave.ts';
import type { SeatOrder, SeatReceipt, SeatStatus } from '../../shared/seat-order.ts';
import { MemoryCentral } from './memory-central.ts';
import type { RouteName } from './plain-answers.ts';

/**
 * A small central: the contract's routes over real HTTP and WebSocket, the shared rule, everything in memory. What goes wrong is
 * switched by `fault`.
 */
export type { Fault } from './misbehave.ts';

export interface FakeCentral {
  readonly url: string;
  fault: Fault;
  /** Only these routes fail; all when undefined. */
  faultOn: readonly RouteName[] | undefined;
  readonly contacts: ReadonlyMap<string, Contact>;
  /** Ops that took effect, in order. */
  readonly applied: readonly Op[];
  readonly pushes: number;
  readonly asked: readonly RouteName[];
  /** Op ids to refuse with policy/poison. */
  readonly poison: Set<string>;
  poisonNames: ReadonlySet<string>;
  /** A push with such an op is refused as a whole, as by a server that cannot read it. */
  unreadable: string | undefined;
  /** A request with more ops than this is never answered. */
  mostInTime: number;
  /** Ops of each push, in order. */
  readonly pushSizes: readonly number[];
  /** Customers outside every working set. */
  readonly strangers: Customer[];
  /** What seats asked of their next customer, and what they are told. */
  readonly calledInAsked: readonly CalledIn[];
  calledIn: () => CalledInAnswer | undefined;
  readonly taskAsked: readonly z.infer<typeof TaskNextRequest>[];
  nextTask: () => z.input<typeof TaskNextResponse>;
  /** Central's word on a marketing call by hand. */
  dialGrant: () => { status: number; body: object };
  /** The right answer to a check, by factor. */
  answers: Readonly<Record<string, string>>;
  lockedUntilMs: number | null;
  /** What it knows before the first question. */
  standing: { flags: string[]; carried: string[]; keypad: boolean; override: string };
  /** What becomes of a password keyed in. */
  keyed: string;
  /** Of the changes asked for, in order. */
  readonly changeIds: readonly string[];
  /** Until when passes count. */
  untilMs: number;
  /** What it says of STUN and TURN, by how often the account was asked for again. */
  ice: ((asked: number) => Partial<SipCredentials>) | undefined;
  readonly revealFields: Record<string, string>;
  revealLevel: 1 | 2 | 3;
  policy: Policy;
  /** Of whoever signs in. */
  role: 'agent' | 'lead';
  /** As its `health` tells; undefined: of before there were ways to choose from. */
  signInWith: string[] | undefined;
  /** What was told at the last `companyBegin`, and what the next `companyFinish` is refused with. */
  readonly begun: Readonly<Record<string, string>> | undefined;
  companySays: { readonly kind: string; readonly reason: string } | undefined;
  attemptEndsAtMs: number;
  /** Answers as a later version might: with fields nobody here knows, in every object. */
  isNewer: boolean;
  /** For the seat, whoever asks. */
  order: SeatOrder | null;
  /** Obligations and cases, as it tells them. */
  work: WorkRow[];
  breaks: PlannedBreak[];
  /** R38: what a lead wants of the agent. */
  forced: ForceOrder | null;
  /** Times it was asked for. */
  readonly forcedAsked: number;
  /** R38: calls nobody answered, as it tells them. */
  missed: TeamMissedCall[];
  /** How many of the team have a reason, and how many may. */
  room: { limit: number | null; taken: number };
  calendar: WorkCalendar;
  status: SeatStatus;
  readonly receipts: readonly SeatReceipt[];
  readonly sealed: readonly string[];
  readonly liveCount: number;
  say(message: object): void;
  publish(...changes: Change[]): void;
  close(): Promise<void>;
}

export const startFakeCentral = async (feed: readonly Change[]): Promise<FakeCentral> => {
  const central = new MemoryCentral(feed);
  await central.listen();
  return central;
};
