import type { Routes } from '../shared/central-api.ts';
import type { Role } from './agents.ts';

/**
 * Who may ask what, and how often: the one place where it is said, for all routes. A route that is not here does not compile. Which
 * rows the answer may be about is the tenant's business (tenancy.ts) and, within it, the handler's.
 */
export type RouteRule = {
  /** `open`: without a session. */
  readonly roles: 'open' | readonly Role[];
  /** For one session, or for one seat where it speaks for itself, at one instance of central: with N of them it may come to N times as many. */
  readonly perMinute: number;
};

/** An administrator manages accounts and sees no customers: no role of a seat. */
const seats: readonly Role[] = ['agent', 'lead', 'manager'];
const managers: readonly Role[] = ['manager'];
const supervisors: readonly Role[] = ['lead', 'manager'];
/** What a seat does by itself; a seat that catches up after a day away stays below it. */
const often = 3_000;
/** What an agent does by hand, one after the other. */
const byHand = 120;

export const routeRules: Readonly<Record<keyof Routes | 'live', RouteRule>> = {
  health: { roles: 'open', perMinute: often },
  // Per address, and wrong passwords are counted for all instances (sign-in.ts).
  signIn: { roles: 'open', perMinute: often },
  companyBegin: { roles: 'open', perMinute: often },
  companyFinish: { roles: 'open', perMinute: often },
  // With the seat's own secret, when nobody is signed in: every half minute, and more often while it delivers.
  seatReport: { roles: 'open', perMinute: byHand },
  seats: { roles: managers, perMinute: byHand },
  seatHoldings: { roles: managers, perMinute: byHand },
  seatOrder: { roles: managers, perMinute: byHand },
  signOut: { roles: seats, perMinute: byHand },
  sipAccount: { roles: seats, perMinute: byHand },
  changes: { roles: seats, perMinute: often },
  push: { roles: seats, perMinute: often },
  lookup: { roles: seats, perMinute: byHand },
  calledIn: { roles: seats, perMinute: byHand },
  // The policy's own cap is lower (customer-search.ts).
  search: { roles: seats, perMinute: byHand },
  history: { roles: seats, perMinute: byHand },
  historyContact: { roles: seats, perMinute: byHand },
  // An hour of sound, in stretches.
  recordingSound: { roles: seats, perMinute: 240 },
  check: { roles: seats, perMinute: byHand },
  sendCode: { roles: seats, perMinute: byHand },
  reveal: { roles: seats, perMinute: byHand },
  standing: { roles: seats, perMinute: often },
  keypad: { roles: seats, perMinute: byHand },
  keypadCancel: { roles: seats, perMinute: byHand },
  callBack: { roles: seats, perMinute: byHand },
  sendLevel: { roles: seats, perMinute: byHand },
  askOverride: { roles: seats, perMinute: byHand },
  // Never the agent who asked, which the handler knows (security 61).
  overrides: { roles: supervisors, perMinute: often },
  decideOverride: { roles: supervisors, perMinute: byHand },
  accountChange: { roles: seats, perMinute: byHand },
  agentForce: { roles: supervisors, perMinute: byHand },
  forcedOrder: { roles: seats, perMinute: often },
  teamStates: { roles: supervisors, perMinute: often },
  colleagues: { roles: seats, perMinute: often },
  work: { roles: seats, perMinute: often },
  ownTime: { roles: seats, perMinute: byHand },
  roster: { roles: seats, perMinute: often },
  reasonRoom: { roles: seats, perMinute: byHand },
  contacts: { roles: seats, perMinute: byHand },
  recordingMarks: { roles: seats, perMinute: byHand },
  supervise: { roles: supervisors, perMinute: byHand },
  superviseMode: { roles: supervisors, perMinute: byHand },
  superviseEnd: { roles: supervisors, perMinute: byHand },
  teamCalls: { roles: supervisors, perMinute: often },
  recordingState: { roles: seats, perMinute: often },
  recordingPause: { roles: seats, perMinute: byHand },
  recordingResume: { roles: seats, perMinute: byHand },
  scripts: { roles: supervisors, perMinute: byHand },
  scriptUses: { roles: supervisors, perMinute: byHand },
  scriptVersion: { roles: supervisors, perMinute: byHand },
  // A draft is kept each time its writer pauses.
  scriptSave: { roles: supervisors, perMinute: often },
  scriptMove: { roles: supervisors, perMinute: byHand },
  scriptCoverage: { roles: supervisors, perMinute: byHand },
  tasks: { roles: supervisors, perMinute: byHand },
  taskSave: { roles: supervisors, perMinute: byHand },
  taskEstimate: { roles: supervisors, perMinute: 30 },
  taskMove: { roles: supervisors, perMinute: byHand },
  listPaste: { roles: supervisors, perMinute: 30 },
  // By the seat itself whenever its agent is free.
  taskNext: { roles: seats, perMinute: often },
  dialGrant: { roles: seats, perMinute: byHand },
  necessityAsk: { roles: seats, perMinute: byHand },
  // Never by the agent who asked, which the handler knows.
  necessities: { roles: supervisors, perMinute: often },
  necessityDecide: { roles: supervisors, perMinute: byHand },
  figures: { roles: supervisors, perMinute: byHand },
  figureList: { roles: supervisors, perMinute: byHand },
  // The policy says which of them, and the handler that a firm never does (R39).
  figureExport: { roles: supervisors, perMinute: 10 },
  figureListExport: { roles: supervisors, perMinute: 10 },
  // Of the operator's own people, which the handler knows: it is every tenant's calendar.
  calendar: { roles: supervisors, perMinute: byHand },
  calendarTry: { roles: supervisors, perMinute: 30 },
  calendarSet: { roles: supervisors, perMinute: 30 },
  // An agent their own, a lead the team's: the handler knows.
  missed: { roles: seats, perMinute: byHand },
  feedback: { roles: supervisors, perMinute: byHand },
  feedbackList: { roles: supervisors, perMinute: byHand },
  feedbackExport: { roles: supervisors, perMinute: 10 },
  surveys: { roles: supervisors, perMinute: byHand },
  survey: { roles: supervisors, perMinute: byHand },
  surveyList: { roles: supervisors, perMinute: byHand },
  surveyExport: { roles: supervisors, perMinute: 10 },
  rates: { roles: managers, perMinute: byHand },
  rateSet: { roles: managers, perMinute: byHand },
  practiceCallers: { roles: seats, perMinute: often },
  practiceCall: { roles: seats, perMinute: byHand },
  practiceCue: { roles: seats, perMinute: often },
  live: { roles: seats, perMinute: byHand },
};
