import { z } from 'zod';
import { AgentState } from './agent.ts';
import { CompanySignIn } from './company-sign-in.ts';
import { calendarCalls } from './calendar-api.ts';
import { Contact } from './contact.ts';
import { DayRecord, OwnTimeResponse } from './day.ts';
import { AgentForceRequest, Forced, ReasonRooms, TeamStatesResponse } from './forced-state.ts';
import { Customer, Notice, PastContact, QueryClass } from './customer.ts';
import { MarksRequest, RecordingMarks } from './disclosure.ts';
import { DispositionPath, DispositionTree } from './disposition.ts';
import { ColleagueStates, mostRecent, mostTargets, RecentNumber, Target } from './directory.ts';
import { AgentId, ContactId, CustomerId, SeatId, TopicId } from './ids.ts';
import { noArgs, PhoneState } from './phone.ts';
import { Policy } from './policy.ts';
import { Recording } from './recording.ts';
import { refusalKinds } from './result.ts';
import type { Contract } from './rpc.ts';
import { feedbackCalls } from './feedback-api.ts';
import { figureCalls } from './figures-api.ts';
import { historyCalls } from './history-api.ts';
import { missedCalls } from './missed-calls.ts';
import { SearchAnswer } from './search.ts';
import { KnownObjection, Script, ScriptRun, Topic } from './script.ts';
import { OwnSupervision, Supervised, SupervisionMode, TeamCall } from './supervision.ts';
import { Storage } from './storage.ts';
import { SyncState } from './sync.ts';
import { Text } from './text.ts';
import { AccountActionName, Factor, Verification } from './verification.ts';
import { OverridesResponse, overrideReasons } from './verification-api.ts';
import { taskCalls } from './task-calls.ts';
import { TaskWork } from './task-work.ts';
import { workCalls, WorkView } from './work.ts';
import { PracticeCaller, SampleAgent } from './central-api.ts';
import { Expected, phoneCalls } from './phone-link.ts';
import { scriptRoutes } from './script-api.ts';

/** Who is signed in at this seat. */
export const Session = z.discriminatedUnion('kind', [
  /** `samples`: accounts to try, in practice mode only; empty until central was reached. */
  z.object({
    kind: z.literal('signedOut'),
    samples: z.array(SampleAgent).max(20),
    /**
     * Not by the agent: signed in at another seat; central locked or wiped this one (security 34); no word of central for too long
     * (security 33).
     */
    ended: z.enum(['elsewhere', 'locked', 'wiped', 'away']).optional(),
    /** Signing in with the company's account; absent where central or this host does not have it. */
    company: CompanySignIn.optional(),
    /** Central takes no agent numbers and passwords. */
    passwordsOff: z.literal(true).optional(),
  }),
  z.object({
    kind: z.literal('signedIn'),
    seatId: SeatId,
    agent: z.object({
      id: AgentId,
      number: z.string().max(20),
      name: z.string().max(40),
      role: z.enum(['agent', 'lead', 'manager', 'admin']),
      queues: z.array(z.object({ id: z.string().max(64), zh: z.string().max(40), en: z.string().max(40) })),
    }),
    policy: Policy,
    /** Practice mode: simulated customers can be asked for. */
    practice: z.boolean(),
    sinceMs: z.number(),
    /** When line, microphone and speaker were checked in this session; absent before. Ready waits for it. */
    shiftCheckedAtMs: z.number().optional(),
  }),
]);
export type Session = z.infer<typeof Session>;

/** Whom the number pointed to (R8, security 77). Customers are masked; `revealed` holds what the level reached opens, in memory only. */
export const PopMatch = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('none'), why: z.enum(['unknown', 'withheld', 'malformed']) }),
  z.object({ kind: z.literal('one'), customer: Customer, certainty: z.enum(['certain', 'low']) }),
  z.object({ kind: z.literal('several'), customers: z.array(Customer).max(10) }),
]);
export type PopMatch = z.infer<typeof PopMatch>;

/** What goes on around a check, beside what was proven. */
export const Verifying = z.object({
  /** The customer can key the service password in unheard. */
  keypad: z.boolean(),
  /** They are doing so now: agent and customer do not hear each other. */
  isAside: z.boolean(),
  override: z.enum(['none', 'asked', 'granted', 'refused']),
  /** A pass for calling this customer back at the number on file; hang up first. */
  callBack: z
    .object({ customerId: CustomerId, numberIndex: z.number().int(), masked: z.string().max(40), untilMs: z.number() })
    .nullable(),
  /** When what is open now is masked again (security 37), by field. */
  openUntilMs: z.record(z.string(), z.number()),
});
export type Verifying = z.infer<typeof Verifying>;

/** Everything about the contact in hand: the desk paints from this alone, so a reload finds it all again. */
export const ContactView = z.object({
  contact: Contact,
  match: PopMatch,
  /** `central`: asked there; `unavailable`: not in the working set and central cannot be asked now. */
  source: z.enum(['seat', 'central', 'unavailable']),
  notices: z.array(Notice),
  history: z.array(PastContact),
  verification: Verification,
  verifying: Verifying,
  /** Full values by field key, opened by the level reached. Never stored. */
  revealed: z.record(z.string(), z.string()),
  script: z
    .object({
      script: Script,
      run: ScriptRun,
      variables: z.record(z.string(), z.string()),
      /** Its own, and those of the library that are published now (R18). */
      objections: z.array(KnownObjection).max(80),
    })
    .nullable(),
  draft: z.object({ note: z.string().max(4_000), disposition: DispositionPath }),
  tree: DispositionTree,
  /** R28, for finding an outcome by typing: how its labels are spoken, and what this agent's calls like this one ended with. */
  finding: z.object({ spoken: z.record(z.string(), z.array(z.string())), recent: z.array(DispositionPath) }),
  /** R26: the caller has had a text of this task, and this call is its contact. */
  calledIn: z.object({ title: z.string().max(80), offer: z.string().max(200) }).optional(),
  /** Epoch ms when the pop was ready in the engine. */
  readyAtMs: z.number(),
});
export type ContactView = z.infer<typeof ContactView>;

/** Reference data of the working set: topics to choose from. */
export const Reference = z.object({ topics: z.array(Topic), notices: z.array(Notice) });
export type Reference = z.infer<typeof Reference>;

/** Ops central refused: shown to the agent, never silently dropped. */
export const RefusedOp = z.object({
  opId: z.string(),
  name: z.string(),
  contactId: z.string().nullable(),
  atMs: z.number(),
  kind: z.enum(refusalKinds),
  reason: z.string().nullable(),
  repair: z
    .object({
      /** Masked name of whom it is about, where the seat holds it. */
      customer: z.string().max(40).nullable(),
      /** By the agent signed in now: only they may change or give it up. */
      isOwn: z.boolean(),
      edit: z
        .discriminatedUnion('kind', [
          z.object({ kind: z.literal('wrapUp'), note: z.string().max(4_000), disposition: DispositionPath }),
          z.object({ kind: z.literal('field'), key: z.string().max(40), value: z.string().max(400) }),
        ])
        .nullable(),
    })
    .optional(),
});
export type RefusedOp = z.infer<typeof RefusedOp>;

export const SeatSnapshot = z.object({
  session: Session,
  agent: AgentState,
  phone: PhoneState,
  sync: SyncState,
  /** When this seat last had all that central knows of its working set; null: never. */
  asOfMs: z.number().nullable(),
  contact: ContactView.nullable(),
  /** Whom this agent is to call back, after the call it was promised in. */
  callBack: Verifying.shape.callBack,
  /** Of the contact in hand. */
  recording: Recording,
  /** This lead's own session in an agent's call. */
  supervision: OwnSupervision,
  /** A lead in this agent's call. */
  supervised: Supervised.nullable(),
  reference: Reference,
  refusedOps: z.array(RefusedOp),
  storage: Storage,
  /** Obligations and cases, what breaches first in front. */
  work: WorkView,
  /** R38: the shift so far. */
  day: DayRecord,
  /** A state a lead wants this agent in, until they have seen it. */
  forced: Forced.nullable(),
  /** The customer a task has for this agent, if they take tasks. */
  task: TaskWork,
  expected: Expected,
  /** True while the local store is a plain key file or memory only: shown as a notice (security 27). */
  store: z.enum(['keyStore', 'keyFile', 'memory']),
});
export type SeatSnapshot = z.infer<typeof SeatSnapshot>;

const done = z.object({});
const desk = ['desk'] as const;
/** A question to central that the seat only passes on. */
const asked = <Q, A>({ request, response }: { request: Q; response: A }) => ({ request, response });
const onContact = { contactId: ContactId };

export const seatContract = {
  calls: {
    'seat.snapshot': { request: noArgs, response: SeatSnapshot, by: ['desk', 'phone'] },
    'session.signIn': {
      request: z.object({
        agentNumber: z.string().max(20),
        password: z.string().max(128),
        takeOver: z.boolean().optional(),
      }),
      response: done,
      by: desk,
    },
    /** `open`: the provider's page, for the desk to open; null where the host does. What comes of it is in `session`. */
    'session.company': { request: noArgs, response: z.object({ open: z.string().nullable() }), by: desk },
    'session.companyTakeOver': { request: noArgs, response: done, by: desk },
    'session.companyCancel': { request: noArgs, response: done, by: desk },
    'session.signOut': { request: noArgs, response: done, by: desk },
    /** The agent heard the tone; the microphone was heard, or the agent vouches for it. */
    'shift.checked': { request: z.object({ microphone: z.enum(['heard', 'confirmed']) }), response: done, by: desk },
    /** Refused `conflict.shiftCheckFirst` before `shift.checked`. */
    'agent.ready': { request: noArgs, response: done, by: desk },
    'agent.notReady': { request: z.object({ reason: z.string().max(32) }), response: done, by: desk },
    /** Central's count of the shift up to the state the agent is in; refused `offline` when it cannot be asked. */
    'day.atCentral': { request: noArgs, response: OwnTimeResponse, by: desk },
    /** How many are away for each reason that is capped, before one is chosen. */
    'day.rooms': { request: noArgs, response: ReasonRooms, by: desk },
    'forced.seen': { request: noArgs, response: done, by: desk },
    /** Leads: who is signed in and what they do, and another state for one of them. */
    'team.states': { request: noArgs, response: TeamStatesResponse, by: desk },
    'team.force': { request: AgentForceRequest.omit({ id: true }), response: done, by: desk },
    /** Null: "none of these". Verification starts at class 1 again (security 51). */
    'contact.identify': {
      request: z.object({ ...onContact, customerId: CustomerId.nullable() }),
      response: done,
      by: desk,
    },
    'contact.chooseTopic': { request: z.object({ ...onContact, topicId: TopicId }), response: done, by: desk },
    'script.answer': {
      request: z.object({ ...onContact, stepId: z.string().max(40), answerId: z.string().max(40).nullable() }),
      response: done,
      by: desk,
    },
    /** R42: the item was read to the customer; where in the recording is the engine's to know. */
    'script.tell': {
      request: z.object({ ...onContact, stepId: z.string().max(40), itemId: z.string().max(40) }),
      response: done,
      by: desk,
    },
    'script.back': { request: z.object(onContact), response: done, by: desk },
    'verification.try': {
      request: z.object({
        ...onContact,
        factor: Factor,
        value: z.string().min(1).max(200),
        action: AccountActionName.optional(),
      }),
      /** Match or no match, tries left for this factor; never which item was wrong (R11, security 54). */
      response: z.object({ matched: z.boolean(), triesLeft: z.number().int(), level: QueryClass }),
      by: desk,
    },
    'verification.sendCode': {
      request: z.object({ ...onContact, action: AccountActionName.optional() }),
      response: z.object({ expiresAtMs: z.number() }),
      by: desk,
    },
    /** The customer keys the service password in; answered when both are together again (R46). */
    'verification.keypad': {
      request: z.object({ ...onContact, action: AccountActionName.optional() }),
      response: z.object({
        outcome: z.enum(['matched', 'noMatch', 'nothing', 'cancelled']),
        triesLeft: z.number().int(),
        level: QueryClass,
      }),
      by: desk,
    },
    'verification.keypadCancel': { request: z.object(onContact), response: done, by: desk },
    /** Security 59, 65: the number on file, to be called when this call is over. */
    'verification.callBack': {
      request: z.object(onContact),
      response: z.object({ masked: z.string().max(40), untilMs: z.number() }),
      by: desk,
    },
    /** Security 61: another person decides. */
    'verification.askOverride': {
      request: z.object({ ...onContact, action: AccountActionName.optional(), reason: z.enum(overrideReasons) }),
      response: done,
      by: desk,
    },
    /** Leads: what waits for a decision, asked of central now. */
    'override.list': { request: noArgs, response: OverridesResponse, by: desk },
    'override.decide': {
      request: z.object({ id: z.string().max(64), granted: z.boolean() }),
      response: done,
      by: desk,
    },
    /** One field, for half a minute, with a reason (R44, security 37). */
    'field.reveal': { request: z.object({ ...onContact, key: z.string().max(40) }), response: done, by: desk },
    /** On line only, once for each check (security 52, 60). */
    'account.change': {
      request: z.object({ ...onContact, action: AccountActionName, value: z.string().max(40).optional() }),
      response: z.object({ how: z.string().max(40), reference: Text.nullable() }),
      by: desk,
    },
    /**
     * Around a secret (R33, security 84). Answered once the recorder is silent, or with why it is not: `phone.recorderSilent`,
     * `phone.noRecorder`, `offline`. A call that nobody records answers at once.
     */
    'recording.pause': {
      request: z.object({ ...onContact, reason: z.string().regex(/^[A-Za-z][A-Za-z0-9.]{0,39}$/) }),
      response: done,
      by: desk,
    },
    /** Answered at once; the engine sees it through, and the recorder ends the pause by itself if it cannot. */
    'recording.resume': { request: z.object(onContact), response: done, by: desk },
    /** Asked of central: what a player shows on a contact's recording. */
    'recording.marks': { request: MarksRequest, response: RecordingMarks, by: desk },
    'draft.save': {
      request: z.object({ ...onContact, note: z.string().max(4_000), disposition: DispositionPath }),
      response: z.object({ savedAtMs: z.number() }),
      by: desk,
    },
    'contact.wrapUp': {
      request: z.object({ ...onContact, note: z.string().max(4_000), disposition: DispositionPath }),
      response: done,
      by: desk,
    },
    /** R7: a field of the customer in hand, as they gave it; `editableFields` in profile.ts. */
    'customer.setField': {
      request: z.object({ ...onContact, key: z.string().max(40), value: z.string().max(400) }),
      response: done,
      by: desk,
    },
    /** R22: counts at once on this seat, and is sent before everything else that waits. */
    'customer.refuse': { request: z.object(onContact), response: done, by: desk },
    ...workCalls,
    ...taskCalls,
    ...figureCalls,
    ...missedCalls,
    ...calendarCalls,
    ...feedbackCalls,
    /** What central refused: the same again (with all of a contact whose opening was refused), changed, or given up with a reason. */
    'refused.retry': { request: z.object({ opId: z.string().max(64) }), response: done, by: desk },
    'refused.edit': {
      request: z.object({
        opId: z.string().max(64),
        note: z.string().max(4_000).optional(),
        disposition: DispositionPath.optional(),
        value: z.string().max(400).optional(),
      }),
      response: done,
      by: desk,
    },
    'refused.discard': {
      request: z.object({ opId: z.string().max(64), reason: z.string().max(200) }),
      response: done,
      by: desk,
    },
    /** The dispositions a refused wrap-up may be changed to. */
    'refused.tree': {
      request: z.object({ opId: z.string().max(64) }),
      response: z.object({ tree: DispositionTree }),
      by: desk,
    },
    /** What this seat holds answers at once and off line; central for the rest. At most ten masked rows (security 46). */
    'customer.search': {
      request: z.object({ text: z.string().max(300), where: z.enum(['seat', 'central']) }),
      response: SearchAnswer,
      by: desk,
    },
    /** Everybody a call may be handed to, and the numbers last dialled or called from, newest first. From this seat alone. */
    'directory.list': {
      request: noArgs,
      response: z.object({
        targets: z.array(Target).max(mostTargets),
        recent: z.array(RecentNumber).max(mostRecent),
      }),
      by: desk,
    },
    /** What colleagues are doing, asked of central now; refused `offline` when it cannot be. */
    'directory.states': { request: noArgs, response: ColleagueStates, by: desk },
    ...historyCalls,
    'history.of': {
      request: z.object({ customerId: CustomerId }),
      response: z.object({ contacts: z.array(PastContact) }),
      by: desk,
    },
    'practice.callers': { request: noArgs, response: z.object({ callers: z.array(PracticeCaller) }), by: desk },
    /** A simulated customer calls; without an id, any. */
    'practice.callMe': { request: z.object({ callerId: z.string().max(64).nullable() }), response: done, by: desk },
    /** What the simulated customer would answer when asked: the learner's cue sheet. */
    'practice.cue': {
      request: z.object({ customerId: CustomerId }),
      response: z.object({ answers: z.record(Factor, z.string()) }),
      by: desk,
    },
    /** Leads, managers and administrators only; everybody else is refused `forbidden.role` (R35, security 79). */
    'supervise.calls': { request: noArgs, response: z.object({ calls: z.array(TeamCall).max(1_000) }), by: desk },
    /** Answered once the lead is in the call. This seat's telephone answers by itself, that one call and no other (security 75). */
    'supervise.start': { request: z.object({ agentId: AgentId, mode: SupervisionMode }), response: done, by: desk },
    'supervise.switch': { request: z.object({ mode: SupervisionMode }), response: done, by: desk },
    'supervise.stop': { request: noArgs, response: done, by: desk },
    /** Leads and managers write scripts at central, on line only (R14); central asks for the role, and for the second person. */
    'scripts.list': { ...asked(scriptRoutes.scripts), by: desk },
    'scripts.uses': { ...asked(scriptRoutes.scriptUses), by: desk },
    'scripts.open': { ...asked(scriptRoutes.scriptVersion), by: desk },
    'scripts.save': { ...asked(scriptRoutes.scriptSave), by: desk },
    'scripts.move': { ...asked(scriptRoutes.scriptMove), by: desk },
    'scripts.coverage': { ...asked(scriptRoutes.scriptCoverage), by: desk },
    'trace.popPainted': { request: z.object({ ...onContact, atMs: z.number() }), response: done, by: desk },

    ...phoneCalls,
  },
  events: {
    session: Session,
    agent: AgentState,
    phone: PhoneState,
    sync: SyncState,
    asOfMs: SeatSnapshot.shape.asOfMs,
    contact: ContactView.nullable(),
    callBack: Verifying.shape.callBack,
    recording: Recording,
    supervision: OwnSupervision,
    supervised: Supervised.nullable(),
    reference: Reference,
    refusedOps: z.array(RefusedOp),
    storage: Storage,
    work: WorkView,
    day: DayRecord,
    forced: Forced.nullable(),
    task: TaskWork,
    expected: Expected,
    /** Another window took this seat over, or wants to: the receiving window steps back. */
    displaced: z.object({}),
  },
} as const satisfies Contract;
export type SeatContract = typeof seatContract;
