import type { CompanySignIn } from '../../../shared/company-sign-in.ts';
import type { AgentState } from '../../../shared/agent.ts';
import type { QueueSwitch } from '../../../shared/blending.ts';
import type { DialPurpose, ReachPurpose } from '../../../shared/dial-policy.ts';
import type { ColleagueStates, RecentNumber, Target } from '../../../shared/directory.ts';
import type { OwnTimeResponse, PlannedBreak } from '../../../shared/day.ts';
import type { MissedCalls, TeamMissedCall } from '../../../shared/missed-calls.ts';
import type { Forced, ReasonRooms, TeamState } from '../../../shared/forced-state.ts';
import type { Order } from '../../../shared/order.ts';
import type { WorkRow } from '../../../shared/work.ts';
import type { ContactId } from '../../../shared/ids.ts';
import type { Customer } from '../../../shared/customer.ts';
import type { EndedQuality, PhoneState } from '../../../shared/phone.ts';
import type { Refusal, Result } from '../../../shared/result.ts';
import type { Port } from '../../../shared/rpc.ts';
import type { KnownObjection, Script } from '../../../shared/script.ts';
import type { RefusedOp, SeatSnapshot } from '../../../shared/seat.ts';
import type { SupervisionMode, TeamCall } from '../../../shared/supervision.ts';
import type { SyncState } from '../../../shared/sync.ts';
import type { HistoryWorld } from './fake-history.ts';
import type { FakeScripts } from './fake-scripts.ts';
import type { FakeCalendar } from './fake-calendar.ts';
import type { FakeTasks } from './fake-tasks.ts';
import type { OverridesResponse } from '../../../shared/verification-api.ts';
import type { RiskFlag } from '../../../shared/verification-tables.ts';

/**
 * A whole engine in memory for working on the desk without store, central and exchange: the real contract, the real shared rules,
 * no network. Tests and the gallery hold it by `world`.
 */
export type FakeEngine = {
  /** What central does by itself of the orders there are (R41). */
  readonly orders: (change: (order: Order) => Order) => void;
  /** A row of central's. */
  readonly putWork: (row: WorkRow) => void;
  readonly connectDesk: (port: Port) => void;
  readonly report: (state: PhoneState) => void;
  /** The phone's measurements of a call that is over. */
  readonly measured: (ended: EndedQuality) => void;
  readonly authorise: (
    what: {
      readonly text?: string;
      readonly customerId?: string;
      readonly numberIndex?: number;
      readonly grantId?: string;
      readonly contactId?: string;
    },
    callId: string,
    purpose?: DialPurpose | ReachPurpose,
  ) => Result<{ contactId: ContactId; dial: string; warnings: 'roaming'[]; colleague?: string }>;
  readonly agent: () => AgentState;
  readonly onAgent: (listener: (agent: AgentState) => void) => void;
  readonly snapshot: () => SeatSnapshot;
  readonly world: World;
  /** Every call the desk made, in order. */
  readonly asked: { readonly name: string; readonly args: unknown }[];
};

/** What a test may change about the world around the seat. */
export type World = {
  central: 'here' | 'away';
  sms: 'works' | 'away';
  lockedUntilMs: number | null;
  practice: boolean;
  script: Script;
  libraryEntries: readonly KnownObjection[];
  refuseNext: Refusal | null;
  customers: Customer[];
  /** Whether calls are recorded, and what becomes of a wish for silence; `waits` until `recorderAnswers`. */
  recorder: { isRecording: boolean; answer: 'at once' | 'waits' | Refusal };
  recorderAnswers: () => void;
  /** The pause is over by itself. */
  recorderLimit: () => void;
  role: 'agent' | 'lead' | 'manager';
  /** R38: what a lead wants of this agent; the team as a lead sees it; how many are away for a reason. */
  forced: Forced | null;
  force: (forced: Forced | null) => void;
  states: TeamState[];
  switches: QueueSwitch[];
  rooms: ReasonRooms['rooms'];
  readonly scripts: FakeScripts;
  readonly calendar: FakeCalendar;
  readonly tasks: FakeTasks;
  setCompany: (company: CompanySignIn, passwordsOff?: boolean) => void;
  team: TeamCall[];
  supervise: (mode: SupervisionMode | null) => void;
  setSync: (sync: SyncState) => void;
  setRefusedOps: (ops: RefusedOp[]) => void;
  /** What the agent did about refused ops, in order. */
  readonly repaired: { readonly opId: string; readonly how: unknown }[];
  displace: () => void;
  /** The engine goes away with its connections; the next connection finds it again. */
  crash: () => void;
  callMe: (from: { number: string; queue: string }) => void;
  /** Customers only central knows; `away`: it cannot be asked. */
  atCentral: 'away' | Customer[];
  targets: Target[];
  recent: RecentNumber[];
  overrides: OverridesResponse['overrides'];
  /** R38: as this seat knows them, and as central does; the team's, for a lead. */
  missed: { list: MissedCalls; atCentral: MissedCalls | 'away'; team: TeamMissedCall[] };
  /** The half minute is over: values are masked again, and from then on shown one at a time (R44). */
  remask: () => void;
  /** When central last told this seat everything. */
  setAsOf: (atMs: number) => void;
  /** What comes of the customer keying the password in. */
  keypad: Keyed;
  /** Central's warning signs of this call. */
  flag: (flags: readonly RiskFlag[]) => void;
  /** Contacts of before, and what one of them sounded like. */
  readonly history: HistoryWorld;
  colleagues: ColleagueStates['colleagues'];
  /** The roster, and what central counted of the day; null: the same as this seat. */
  breaks: PlannedBreak[];
  /** As if the agent had been in this state since then. */
  setAgent: (agent: AgentState) => void;
  dayAtCentral: OwnTimeResponse | 'away' | null;
};

export type Keyed = 'matched' | 'noMatch' | 'nothing';
