import { z } from 'zod';
import { Blending } from './blending.ts';
import { ReasonCap } from './day.ts';
import { TargetKind } from './directory.ts';

/** Security 73, 74: whom a role may call, ask and hand a customer to. Emergency numbers are open to everybody. */
export const RoleDialPlan = z.object({
  /** Lines of the directory it may ask, hand over to and divert to. */
  targets: z.array(TargetKind),
  /** May ask a mobile or fixed number that is not listed. Handing over to one stays forbidden to all. */
  asksUnlisted: z.boolean(),
  /** May ask a customer's own other number. */
  asksCustomers: z.boolean(),
  international: z.boolean(),
  /** Paid information lines (160, 168). */
  premium: z.boolean(),
});
export type RoleDialPlan = z.infer<typeof RoleDialPlan>;

/** R21: what protects a customer from too many calls, and from calls decided on old knowledge. */
export const OutboundLimits = z.object({
  /** Days between two telemarketing contacts, and after a long survey. */
  quietDays: z.number().int().min(1).max(3_660),
  surveyQuietDays: z.number().int().min(1).max(3_660),
  attemptsPerDay: z.number().int().min(1).max(3),
  attemptGapMinutes: z.number().int().min(30).max(1_440),
  /** How old a copy of refusals and counters may be for a call to be decided on it. */
  copyMinutes: z.number().int().min(1).max(60),
  /** For how long central's word that one customer may be called holds. */
  grantMinutes: z.number().int().min(1).max(15),
});
export type OutboundLimits = z.infer<typeof OutboundLimits>;
/** Three and six months, whichever months they are. */
const outboundFloors: OutboundLimits = {
  quietDays: 92,
  surveyQuietDays: 184,
  attemptsPerDay: 3,
  attemptGapMinutes: 30,
  copyMinutes: 15,
  grantMinutes: 10,
};
/** What is served may be stricter than the floors, never looser. */
export const outboundLimits = ({ outbound = {} }: Pick<Policy, 'outbound'>): OutboundLimits => ({
  quietDays: Math.max(outbound.quietDays ?? 0, outboundFloors.quietDays),
  surveyQuietDays: Math.max(outbound.surveyQuietDays ?? 0, outboundFloors.surveyQuietDays),
  attemptsPerDay: Math.min(outbound.attemptsPerDay ?? outboundFloors.attemptsPerDay, outboundFloors.attemptsPerDay),
  attemptGapMinutes: Math.max(outbound.attemptGapMinutes ?? 0, outboundFloors.attemptGapMinutes),
  copyMinutes: Math.min(outbound.copyMinutes ?? outboundFloors.copyMinutes, 60),
  grantMinutes: Math.min(outbound.grantMinutes ?? outboundFloors.grantMinutes, 15),
});

/**
 * The numbers behind the rules. Central serves a policy, the seat caches it; floors are compiled in, so a hostile or
 * mistaken central can tighten but never loosen them (security 83).
 */
export const Policy = z.object({
  version: z.number().int(),
  /** R1: monthly spend (CNY) and months on net from which a customer counts as high or mid; credit score as tie-breaker. */
  tier: z.object({
    highArpu: z.number(),
    midArpu: z.number(),
    highTenureMonths: z.number(),
    highCredit: z.number(),
    lowCredit: z.number(),
  }),
  /** R3 */
  lowArpu: z.number(),
  contractEndWarningDays: z.number().int(),
  /** R5: an offer is not made again within this time. */
  offerQuietDays: z.number().int(),
  /** R12 */
  triesPerFactorPerCall: z.number().int().min(1).max(3),
  triesPerCustomerPerDay: z.number().int().min(1).max(5),
  lockHours: z.number().int().min(24),
  /** R46: which decision table reaches strict. */
  verificationPreset: z.enum(['classic', 'strict']),
  /** security 52 */
  strictMinutes: z.number().int().min(1).max(10),
  /** R21, hours at the callee's place, minutes since midnight. */
  callingHours: z.array(z.object({ fromMinute: z.number().int(), toMinute: z.number().int() })),
  /** R28, R38: the wrap-up timer; when it is over the disposition is forced to "unfinished". */
  wrapUpSeconds: z.number().int().min(15).max(1_800),
  /** Reasons an agent may choose for Not ready (R38), as keys of the locales. */
  notReadyReasons: z.array(z.string()),
  /** R38: how long a reason may last and how many of a team may have it at once, by reason. Absent: neither is limited. */
  reasonCaps: z.record(z.string().max(32), ReasonCap).optional(),
  /** security 30: how many customers a seat may hold. */
  cacheCap: z.number().int().min(0).max(200_000),
  /** Security 33: hours without a word of central until the seat locks (8 at most), and until it purges what it holds (72 at most). */
  offlineLockHours: z.number().min(0.1).max(8).optional(),
  offlineWipeHours: z.number().min(0.1).max(72).optional(),
  /** Security 32, R39: hours after the last sign-out until a seat purges what it holds; 0: at once. Absent: 24, the most. */
  retentionHours: z.number().min(0).max(24).optional(),
  /** Security 27: no store where its key would lie in a file. Such a seat is started with its store in memory. */
  keyStoreOnly: z.boolean().optional(),
  /** R35: agents see that a lead is in their call. Absent: they don't. */
  showSupervision: z.boolean().optional(),
  /** R33, security 84: secrets may be typed although the recording could not be paused. Absent: they may not. */
  secretsWhileRecorded: z.boolean().optional(),
  /** R12: whether a proven level goes along when a call is handed over, signed by central. Absent: it is checked anew. */
  levelOnTransfer: z.enum(['recheck', 'signed']).optional(),
  /** What the caller knew before a call back counts on in it. Absent: it does. */
  callBackCarries: z.boolean().optional(),
  /** R44: what an agent may open a day. Absent: see reveal.ts, which also bounds it. */
  revealBudget: z
    .object({ sensitive: z.number().int().min(0), records: z.number().int().min(0), other: z.number().int().min(0) })
    .optional(),
  /** By role; one that is missing has the default (`planOf` in dial-policy.ts). */
  dialPlan: z
    .object({ agent: RoleDialPlan, lead: RoleDialPlan, manager: RoleDialPlan, admin: RoleDialPlan })
    .partial()
    .optional(),
  /** Security 74: calls a seat may begin within a minute, of any kind. Absent: 20. */
  dialsPerMinute: z.number().int().min(1).max(60).optional(),
  /** R21: how often one customer is called, by all seats, tasks and firms together. Absent: the limits compiled in, which also bound it. */
  outbound: OutboundLimits.partial().optional(),
  /** R19: when agents are kept for callers instead of tasks. Absent: see blending.ts, also for what is missing. */
  blending: Blending.partial().optional(),
  /** R22: whoever asks by text to be left alone is told once, by text, that it was heard. Absent: they are. */
  optOutText: z.boolean().optional(),
  /** R41: hours in which the customer's reply to the text confirms a sale. Absent: 24. */
  saleReplyHours: z.number().min(0.01).max(168).optional(),
  /** Security 46: details a search has to give; see `detailsAsked` in search.ts, which keeps two for an agent whatever is served. */
  searchDetails: z.union([z.literal(1), z.literal(2)]).optional(),
  /** Security 46: searches a session may ask of central within a minute. Absent: 60. */
  searchesPerMinute: z.number().int().min(1).max(120).optional(),
  /** R33: how long recordings can be heard. Absent: 6. */
  recordingMonths: z.number().int().min(3).max(120).optional(),
  /** R36: who may take figures away as a file; never a firm that calls for the operator (R39). Absent: managers. */
  figureExports: z
    .array(z.enum(['lead', 'manager']))
    .max(2)
    .optional(),
  /** R33: agents may hear recordings of their own contacts. Absent: they may. */
  agentsHearOwn: z.boolean().optional(),
});
export type Policy = z.infer<typeof Policy>;

export const defaultPolicy: Policy = {
  version: 1,
  tier: { highArpu: 200, midArpu: 100, highTenureMonths: 60, highCredit: 750, lowCredit: 450 },
  lowArpu: 50,
  contractEndWarningDays: 60,
  offerQuietDays: 90,
  triesPerFactorPerCall: 3,
  triesPerCustomerPerDay: 5,
  lockHours: 24,
  verificationPreset: 'classic',
  strictMinutes: 10,
  callingHours: [
    { fromMinute: 9 * 60, toMinute: 12 * 60 },
    { fromMinute: 14 * 60, toMinute: 20 * 60 },
  ],
  levelOnTransfer: 'signed',
  wrapUpSeconds: 120,
  notReadyReasons: ['break', 'meal', 'training', 'meeting', 'system'],
  reasonCaps: { break: { minutes: 15 }, meal: { minutes: 60 } },
  cacheCap: 120_000,
};

/** Tightens a served policy to the compiled floors. Anything out of bounds falls back to the floor, never to looser. */
export const withFloors = (served: Policy): Policy => ({
  ...served,
  triesPerFactorPerCall: Math.min(served.triesPerFactorPerCall, 3),
  triesPerCustomerPerDay: Math.min(served.triesPerCustomerPerDay, 5),
  lockHours: Math.max(served.lockHours, 24),
  strictMinutes: Math.min(served.strictMinutes, 10),
  cacheCap: Math.min(served.cacheCap, 200_000),
  ...(served.dialsPerMinute === undefined ? {} : { dialsPerMinute: Math.min(served.dialsPerMinute, 60) }),
  ...(served.searchesPerMinute === undefined ? {} : { searchesPerMinute: Math.min(served.searchesPerMinute, 120) }),
});
