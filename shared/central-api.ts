import { z } from 'zod';
import { CompanyBeginRequest, CompanyBeginResponse, CompanyFinishRequest } from './company-sign-in.ts';
import { calendarRoutes } from './calendar-api.ts';
import { Contact } from './contact.ts';
import { Customer, Notice, PastContact } from './customer.ts';
import { DispositionTree } from './disposition.ts';
import { OwnTimeRequest, OwnTimeResponse, ReasonRoomRequest, ReasonRoomResponse, RosterResponse } from './day.ts';
import { ColleagueStates, Target } from './directory.ts';
import { AgentForceRequest, ForcedOrderResponse, TeamStatesResponse } from './forced-state.ts';
import { SipCredentials } from './sip-credentials.ts';
import { AgentId, ContactId, CustomerId, GrantId, OpId, SeatId, SupervisionId } from './ids.ts';
import { Op } from './op.ts';
import { Policy } from './policy.ts';
import { refusalKinds } from './result.ts';
import { Script, Topic } from './script.ts';
import { scriptRoutes } from './script-api.ts';
import { feedbackRoutes } from './feedback-api.ts';
import { figureRoutes } from './figures-api.ts';
import { historyRoutes } from './history-api.ts';
import { MarksRequest, RecordingMarks } from './disclosure.ts';
import { missedRoutes } from './missed-calls.ts';
import { SearchAnswer } from './search.ts';
import { SeatPublicKey } from './seat-proof.ts';
import { SeatOrder, seatStatuses, SeatReceipt } from './seat-order.ts';
import { SupervisionMode, TakenCall, TeamCall } from './supervision.ts';
import { TaskItem, taskRoutes } from './task-api.ts';
import { AccountActionName, Factor } from './verification.ts';
import { verificationRoutes } from './verification-api.ts';
import { WorkRequest, WorkResponse } from './work.ts';

/**
 * The contract of the central API: JSON over HTTPS (loopback HTTP in practice mode), bearer token, and one WebSocket for pokes.
 * An operator may put its own CRM behind it. Errors are `ApiError` with a 4xx/5xx status; everything else is garbage to the seat.
 */
/** 2: the seat has a key and signs what it asks (seat-proof.ts). Asking for it at least keeps seats away that do not. */
export const protocolVersion = 2;
export const lowestServedProtocol = 1;
/**
 * Request header with the seat's protocol version. A central that no longer serves it answers `tooOld` (426) to everything but `health`,
 * so that a seat learns of it in the middle of a session as well. Without the header the version is 1.
 */
export const protocolHeader = 'zuoxi-protocol';

export const ApiError = z.object({
  error: z.object({
    kind: z.enum(refusalKinds),
    reason: z.string().max(64).optional(),
    params: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
  }),
});
export type ApiError = z.infer<typeof ApiError>;

export const SignInRequest = z.object({
  protocol: z.number().int(),
  agentNumber: z.string().max(20),
  password: z.string().max(128),
  seatId: SeatId,
  /** The agent was told of the other seat (`signedInElsewhere`) and wants this one. */
  takeOver: z.boolean().optional(),
  /** What the seat proves itself with when nobody is signed in (`seatReport`); the first one told is kept. */
  seatSecret: z.string().min(32).max(64).optional(),
  seatKey: SeatPublicKey.optional(),
});
export const SignInResponse = z.object({
  token: z.string().max(4_000),
  expiresAtMs: z.number(),
  serverTimeMs: z.number(),
  agent: z.object({
    id: AgentId,
    number: z.string().max(20),
    name: z.string().max(40),
    role: z.enum(['agent', 'lead', 'manager', 'admin']),
    queues: z.array(z.object({ id: z.string().max(64), zh: z.string().max(40), en: z.string().max(40) })),
  }),
  policy: Policy,
  sip: SipCredentials,
  practice: z.boolean(),
});
export type SignInResponse = z.infer<typeof SignInResponse>;

/**
 * A row of the change feed. `row: null` is a tombstone. `contact` rows are contacts of the customers in the working set, as lines
 * of their timeline (`customerId` tells whose).
 */
export const Change = z.discriminatedUnion('entity', [
  z.object({ entity: z.literal('customer'), id: z.string(), row: Customer.nullable() }),
  z.object({ entity: z.literal('notice'), id: z.string(), row: Notice.nullable() }),
  z.object({ entity: z.literal('topic'), id: z.string(), row: Topic.nullable() }),
  /** id is `scriptId@version`; the highest version is the published one. */
  z.object({ entity: z.literal('script'), id: z.string(), row: Script.nullable() }),
  z.object({ entity: z.literal('target'), id: z.string(), row: Target.nullable() }),
  z.object({ entity: z.literal('tree'), id: z.string(), row: DispositionTree.nullable() }),
  z.object({
    entity: z.literal('history'),
    id: z.string(),
    row: z.object({ customerId: CustomerId, past: PastContact }).nullable(),
  }),
  z.object({ entity: z.literal('policy'), id: z.literal('policy'), row: Policy }),
]);
export type Change = z.infer<typeof Change>;

/** `cursor` is opaque; '' asks from the beginning. `total` is an estimate of rows to come, for a progress bar. */
export const ChangesRequest = z.object({
  cursor: z.string().max(200),
  limit: z.coerce.number().int().min(1).max(5_000),
  /** Ops the seat has that central does not. */
  waiting: z.coerce.number().int().min(0).optional(),
  /** Customers outside the working set it has in its memory now. */
  met: z.coerce.number().int().min(0).optional(),
});
export const ChangesResponse = z.object({
  changes: z.array(Change).max(5_000),
  cursor: z.string().max(200),
  more: z.boolean(),
  total: z.number().int(),
});
export type ChangesResponse = z.infer<typeof ChangesResponse>;
/**
 * A page for a seat that accepts this type: the first line is everything but the changes with their `count`, each further line one
 * change. A seat can then take a large page apart in slices; a central that does not know it answers JSON, and that serves as well.
 */
export const linesType = 'application/x-ndjson';
export const ChangesHead = ChangesResponse.omit({ changes: true }).extend({
  count: z.number().int().min(0).max(5_000),
});

export const PushRequest = z.object({ seatId: SeatId, ops: z.array(Op).min(1).max(500) });
export const PushResponse = z.object({
  results: z.array(
    z.object({
      opId: OpId,
      outcome: z.enum(['applied', 'duplicate', 'refused']),
      kind: z.enum(refusalKinds).optional(),
      reason: z.string().max(64).optional(),
    }),
  ),
});
export type PushResponse = z.infer<typeof PushResponse>;

/**
 * A seat with nobody signed in, or one whose session was ended: asks whether there is an order for it (`SeatOrder`), delivers what its
 * agents left behind, under their names, and says that an order was obeyed. At every start, then every half minute.
 */
export const SeatReportRequest = z.object({
  seatId: SeatId,
  seatSecret: z.string().min(32).max(64),
  waiting: z.number().int().min(0),
  ops: z.array(Op).max(500).optional(),
  receipt: SeatReceipt.optional(),
  /** Ops sealed to `sealTo` of the order, base64. */
  sealed: z.string().max(6_000_000).optional(),
});
export const SeatReportResponse = z.object({
  status: z.enum(seatStatuses),
  order: SeatOrder.nullable(),
  results: PushResponse.shape.results,
});
export type SeatReportResponse = z.infer<typeof SeatReportResponse>;

/** Seats as central knows them, for managers and administrators: which there are, and (security 44) whose data lies on one. */
export const SeatsResponse = z.object({
  seats: z
    .array(
      z.object({
        seatId: SeatId,
        agentId: AgentId,
        agentNumber: z.string().max(20),
        agentName: z.string().max(40),
        seenAtMs: z.number(),
        protocol: z.number().int(),
        /** Ops it had and central did not, when it last said so; null: it never did. */
        waiting: z.number().int().nullable(),
        held: z.number().int(),
        lookedUp: z.number().int(),
        status: z.enum(seatStatuses),
      }),
    )
    .max(10_000),
});
export const SeatHoldingsRequest = z.object({ seatId: SeatId });
export const SeatHoldingsResponse = z.object({
  customers: z.array(z.object({ customerId: CustomerId, how: z.enum(['workingSet', 'lookup']) })).max(300_000),
});
export const SeatOrderRequest = z.object({
  seatId: SeatId,
  kind: z.enum(['lock', 'wipe', 'unlock']),
  /** Why, for the audit trail. */
  reason: z.string().min(3).max(200),
});
export const SeatOrderResponse = z.object({ status: z.enum(seatStatuses) });

/** A caller outside the working set. `key` is an E.164 key. */
export const LookupRequest = z.object({ key: z.string().max(20) });
export const LookupResponse = z.object({
  customers: z.array(Customer).max(10),
  history: z.array(z.object({ customerId: CustomerId, past: PastContact })).max(200),
});

/**
 * Customers the agent may see, by what was typed (security 46): number, account, name or pinyin, as `readSearch` reads it. Masked rows, ten
 * at most; more than `policy.searchesPerMinute` are refused `locked.tooManyRequests`.
 */
export const SearchRequest = z.object({ text: z.string().max(300) });

export const CheckRequest = z.object({
  contactId: ContactId,
  customerId: CustomerId,
  factor: Factor,
  value: z.string().min(1).max(200),
  /** What it is for; absent: to tell the customer something. */
  action: AccountActionName.optional(),
});
/** Constant shape whatever the outcome (security 54). `lockedUntilMs`: class 3 is locked for this customer (R12). */
export const CheckResponse = z.object({
  matched: z.boolean(),
  triesLeft: z.number().int(),
  lockedUntilMs: z.number().nullable(),
});

/** A code is good for this call and for this action, or for telling the customer something (security 57). */
export const SendCodeRequest = z.object({
  contactId: ContactId,
  customerId: CustomerId,
  action: AccountActionName.optional(),
});
export const SendCodeResponse = z.object({ expiresAtMs: z.number() });

/** Full values of the fields the level proven at central opens; central decides from its own record of checks. */
export const RevealRequest = z.object({
  contactId: ContactId,
  customerId: CustomerId,
  reason: z.string().max(64),
  /** Absent, from seats of before: all that the level opens. Each counts against the day's budget (R44). */
  fields: z.array(z.string().max(40)).max(40).optional(),
});
export const RevealResponse = z.object({
  level: z.union([z.literal(1), z.literal(2), z.literal(3)]),
  fields: z.record(z.string(), z.string().max(400)),
});

export const ContactsRequest = z.object({ customerId: CustomerId });
export const ContactsResponse = z.object({ contacts: z.array(Contact) });

/**
 * A lead joins an agent's call (R35); leads, managers and administrators only. Answered once the lead's telephone has answered and the
 * exchange has put it into the call: the INVITE carries `X-Supervision: <id>`, by which the lead's seat knows it.
 */
export const SuperviseRequest = z.object({ id: SupervisionId, agentId: AgentId, mode: SupervisionMode });
export const SuperviseModeRequest = z.object({ id: SupervisionId, mode: SupervisionMode });
export const SuperviseEndRequest = z.object({ id: SupervisionId });
/**
 * A session as it is now. `contactId` of the call supervised, null when the exchange gave it none. `taken`: after a take-over, what the
 * lead's own contact begins with; a seat that does not know it has no contact of its own for the rest of the call.
 */
export const SuperviseResponse = z.object({
  id: SupervisionId,
  agentId: AgentId,
  contactId: ContactId.nullable(),
  mode: SupervisionMode,
  taken: TakenCall.optional(),
});
export type SuperviseResponse = z.infer<typeof SuperviseResponse>;
/** Agents with a call in hand: of the lead's queues, all of them for managers and administrators. Longest first. */
export const TeamCallsResponse = z.object({ calls: z.array(TeamCall).max(1_000) });

/**
 * Silence in the recording while something secret is said (R33, security 84), asked by the agent in that call. Answered once the
 * exchange has acknowledged; until then the field stays locked. It resumes by itself at `resumesAtMs`, at most 120 s after the pause; asking
 * again while it is paused changes nothing.
 */
export const RecordingPauseRequest = z.object({
  contactId: ContactId,
  /** Key of the reason, as "payment" or "servicePassword". */
  reason: z.string().regex(/^[A-Za-z][A-Za-z0-9.]{0,39}$/),
});
export const RecordingPauseResponse = z.object({ pausedAtMs: z.number(), resumesAtMs: z.number() });
export const RecordingResumeRequest = z.object({ contactId: ContactId });
/** Whether the exchange records this call now, asked by the agent in it. `paused`: it does, and is silent at present. */
export const RecordingStateRequest = z.object({ contactId: ContactId });
export const RecordingStateResponse = z.object({
  recording: z.enum(['none', 'running', 'paused']),
  /** For how long it has been running: a length, for the two clocks need not agree. Absent: central does not know. */
  runningMs: z.number().min(0).optional(),
});

/** Practice mode only: who can be asked to call, shown with what makes them interesting. */
export const PracticeCaller = z.object({
  id: z.string().max(64),
  label: z.object({ zh: z.string().max(120), en: z.string().max(120) }),
  queue: z.string().max(64),
});
export type PracticeCaller = z.infer<typeof PracticeCaller>;
export const PracticeCallersResponse = z.object({ callers: z.array(PracticeCaller) });
export const PracticeCallRequest = z.object({ callerId: z.string().max(64).nullable() });
export const PracticeCueRequest = z.object({ customerId: CustomerId });
export const PracticeCueResponse = z.object({ answers: z.record(Factor, z.string()) });
export const Done = z.object({});

/** An account of the sample operator, shown on the sign-in page in practice mode. */
export const SampleAgent = z.object({
  agentNumber: z.string().max(20),
  name: z.string().max(40),
  password: z.string().max(128),
});
export type SampleAgent = z.infer<typeof SampleAgent>;

/** `samples` is empty outside practice mode. */
export const HealthResponse = z.object({
  status: z.literal('ok'),
  protocol: z.number().int(),
  lowest: z.number().int(),
  samples: z.array(SampleAgent).max(20),
  /** Ways to sign in: `password`, `company` (company-sign-in.ts); a seat skips what it does not know. Absent: by password only. */
  signInWith: z.array(z.string().max(20)).max(8).optional(),
});

/** method, path, request (query for GET, body else) and response of each route. All but `health`, those of signing in and `seatReport` need the token. */
export const routes = {
  health: { method: 'GET', path: '/v1/health', request: Done, response: HealthResponse },
  signIn: { method: 'POST', path: '/v1/session', request: SignInRequest, response: SignInResponse },
  companyBegin: {
    method: 'POST',
    path: '/v1/session/company',
    request: CompanyBeginRequest,
    response: CompanyBeginResponse,
  },
  companyFinish: {
    method: 'POST',
    path: '/v1/session/company/finish',
    request: CompanyFinishRequest,
    response: SignInResponse,
  },
  signOut: { method: 'DELETE', path: '/v1/session', request: Done, response: Done },
  /** The session's SIP account again, with fresh TURN credentials (ICE-2). A seat goes on with what it has when central lacks this. */
  sipAccount: { method: 'GET', path: '/v1/session/sip', request: Done, response: SipCredentials },
  changes: { method: 'GET', path: '/v1/changes', request: ChangesRequest, response: ChangesResponse },
  push: { method: 'POST', path: '/v1/ops', request: PushRequest, response: PushResponse },
  seatReport: { method: 'POST', path: '/v1/seat/report', request: SeatReportRequest, response: SeatReportResponse },
  seats: { method: 'GET', path: '/v1/seats', request: Done, response: SeatsResponse },
  seatHoldings: {
    method: 'GET',
    path: '/v1/seats/holdings',
    request: SeatHoldingsRequest,
    response: SeatHoldingsResponse,
  },
  seatOrder: { method: 'POST', path: '/v1/seats/order', request: SeatOrderRequest, response: SeatOrderResponse },
  lookup: { method: 'POST', path: '/v1/lookup', request: LookupRequest, response: LookupResponse },
  search: { method: 'POST', path: '/v1/search', request: SearchRequest, response: SearchAnswer },
  ...historyRoutes,
  check: { method: 'POST', path: '/v1/verification/check', request: CheckRequest, response: CheckResponse },
  sendCode: { method: 'POST', path: '/v1/verification/code', request: SendCodeRequest, response: SendCodeResponse },
  reveal: { method: 'POST', path: '/v1/reveal', request: RevealRequest, response: RevealResponse },
  ...verificationRoutes,
  /** What the other agents are doing, those of any queue: whom a customer could be handed to now. */
  colleagues: { method: 'GET', path: '/v1/colleagues', request: Done, response: ColleagueStates },
  /** Obligations, cases and the working calendar (R24, R29). A seat goes on with its own when central lacks this. */
  work: { method: 'GET', path: '/v1/work', request: WorkRequest, response: WorkResponse },
  /** R38: what central counted of the agent's time, the breaks planned, and whether there is room for a reason. A seat does without them. */
  ownTime: { method: 'POST', path: '/v1/day/time', request: OwnTimeRequest, response: OwnTimeResponse },
  roster: { method: 'GET', path: '/v1/day/roster', request: Done, response: RosterResponse },
  reasonRoom: { method: 'GET', path: '/v1/day/room', request: ReasonRoomRequest, response: ReasonRoomResponse },
  /** R38: a lead forces a state; what the seat is told of it, and what the team is doing now. */
  agentForce: { method: 'POST', path: '/v1/agents/state', request: AgentForceRequest, response: Done },
  forcedOrder: { method: 'GET', path: '/v1/agents/state', request: Done, response: ForcedOrderResponse },
  teamStates: { method: 'GET', path: '/v1/agents/states', request: Done, response: TeamStatesResponse },
  contacts: { method: 'GET', path: '/v1/contacts', request: ContactsRequest, response: ContactsResponse },
  supervise: { method: 'POST', path: '/v1/supervision', request: SuperviseRequest, response: SuperviseResponse },
  superviseMode: {
    method: 'POST',
    path: '/v1/supervision/mode',
    request: SuperviseModeRequest,
    response: SuperviseResponse,
  },
  superviseEnd: { method: 'POST', path: '/v1/supervision/end', request: SuperviseEndRequest, response: Done },
  teamCalls: { method: 'GET', path: '/v1/supervision/calls', request: Done, response: TeamCallsResponse },
  recordingState: {
    method: 'GET',
    path: '/v1/recording',
    request: RecordingStateRequest,
    response: RecordingStateResponse,
  },
  recordingPause: {
    method: 'POST',
    path: '/v1/recording/pause',
    request: RecordingPauseRequest,
    response: RecordingPauseResponse,
  },
  recordingResume: { method: 'POST', path: '/v1/recording/resume', request: RecordingResumeRequest, response: Done },
  /** What was said where in a contact's recording (R42), for a player to show. */
  recordingMarks: { method: 'GET', path: '/v1/recording/marks', request: MarksRequest, response: RecordingMarks },
  ...scriptRoutes,
  ...taskRoutes,
  ...figureRoutes,
  ...missedRoutes,
  ...calendarRoutes,
  ...feedbackRoutes,
  practiceCallers: { method: 'GET', path: '/v1/practice/callers', request: Done, response: PracticeCallersResponse },
  practiceCall: { method: 'POST', path: '/v1/practice/calls', request: PracticeCallRequest, response: Done },
  practiceCue: { method: 'GET', path: '/v1/practice/cue', request: PracticeCueRequest, response: PracticeCueResponse },
} as const;
export type Routes = typeof routes;

/** The live WebSocket at `/v1/live`: central → seat pokes ("pull now"), and the seat's presence while it is open. */
export const livePath = '/v1/live';
/** Bearer token as WebSocket subprotocol: `zuoxi.v1`, `bearer.<token>` — headers cannot be set by every client. */
export const liveProtocol = 'zuoxi.v1';
export const LiveMessage = z.discriminatedUnion('t', [
  z.object({ t: z.literal('poke') }),
  /** Every ten seconds, so that a seat notices a connection that is open at its end only. A seat may not know it. */
  z.object({ t: z.literal('beat') }),
  z.object({ t: z.literal('bye'), kind: z.enum(refusalKinds) }),
  /**
   * A lead is in this agent's call, or (null) no longer; only sent when the policy says so (R35), but for `takeOver`, which the agent
   * is told in any case, before the exchange does it. A seat may not know it.
   */
  z.object({
    t: z.literal('supervised'),
    contactId: ContactId.nullable(),
    mode: SupervisionMode.nullable(),
  }),
  /**
   * A customer whom central called for this agent has answered (R25): the exchange rings the agent's telephone at once, with this contact id, and
   * the seat takes that call, and no other, by itself. Sent only to seats that ask for it (`takesDialled`).
   */
  z.object({ t: z.literal('dialled'), contactId: ContactId, item: TaskItem }),
  /** The customer whom this seat has leave to call is calling in themselves (R26). A seat may not know it. */
  z.object({ t: z.literal('calledIn'), grantId: GrantId }),
  /** A lead wants this agent in another state: the seat asks for it (`forcedOrder`). A seat may not know it. */
  z.object({ t: z.literal('forced') }),
]);
export type LiveMessage = z.infer<typeof LiveMessage>;
