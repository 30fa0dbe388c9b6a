import { z } from 'zod';
import { AgentId, ContactId, CustomerId } from './ids.ts';
import { mostOptOuts, OptOut } from './opt-out.ts';
import { Language, Text } from './text.ts';

/**
 * The customer as a seat may hold it: names are masked but for the surname, private values are masked by central
 * (security 36). Full values never reach the seat's store; see `reveal` in central-api.ts.
 */
export const listNames = ['red', 'normal', 'black'] as const; // 红名单 / 普通 / 黑名单 (R2)
export const tiers = ['high', 'mid', 'standard'] as const; // 高端 / 中端 / 普通 (R1)
export const lifeStages = ['identification', 'growth', 'stable', 'warning'] as const; // R3
export const warningReasons = ['noRecords', 'chargeSwing', 'rivalForwarding', 'contractEnd', 'lowArpu'] as const;

/** Class of a field or topic (R9): 1 general, 2 personal, 3 private or transactional. Unknown counts as 3 (security 49). */
export const QueryClass = z.union([z.literal(1), z.literal(2), z.literal(3)]);
export type QueryClass = z.infer<typeof QueryClass>;

export const Field = z.object({
  /** Key of the label in the locales: `field.<key>`. */
  key: z.string().max(40),
  class: QueryClass,
  /** Masked by central, or the plain value for class 1. */
  shown: z.string().max(400),
  /** R7: who said so, when, and in which call. Absent: it came with the customer's record. */
  from: z.object({ agentName: z.string().max(40), atMs: z.number(), contactId: ContactId.nullable() }).optional(),
});
export type Field = z.infer<typeof Field>;

export const CaseSummary = z.object({
  id: z.string().max(64),
  kind: z.enum(['complaint', 'report', 'request']),
  title: Text,
  department: Text,
  openedAtMs: z.number(),
  deadlineMs: z.number(),
  status: z.enum(['open', 'inProgress', 'resolved', 'closed']),
});
export type CaseSummary = z.infer<typeof CaseSummary>;

/** Of an order (R30), in one word: `selling` until the customer confirmed it, `fulfilling` until they have it. */
export const orderStages = ['selling', 'lead', 'fulfilling', 'unpaid', 'done', 'lost', 'cancelled'] as const;
export const OrderSummary = z.object({
  id: z.string().max(64),
  flow: z.enum(['onSpot', 'delivered', 'lead']),
  name: z.string().max(120),
  openedAtMs: z.number(),
  stage: z.enum(orderStages),
});
export type OrderSummary = z.infer<typeof OrderSummary>;

/** Usage facts the rules work on; amounts in CNY, shares 0–1. Seats get them coarsened (`coarseUsage`): bills are private. */
export const Usage = z.object({
  arpu: z.number(),
  lastBill: z.number(),
  previousBill: z.number(),
  longDistanceShare: z.number(),
  dataUsedShare: z.number(),
  roamingDays: z.number().int(),
  tenureMonths: z.number().int(),
  creditScore: z.number().int(),
  contractEndsAtMs: z.number().nullable(),
  rivalForwarding: z.boolean(),
  daysSinceLastRecord: z.number().int(),
});
export type Usage = z.infer<typeof Usage>;

export const Customer = z.object({
  id: CustomerId,
  surname: z.string().max(20),
  /** 李* / 欧阳** — the full name is class 2. */
  nameMasked: z.string().max(40),
  /** Boxes the given name's initials fall into, by which a seat finds it (`markOf` in name-key.ts). Absent: from an older central. */
  nameMarks: z.array(z.number().int().min(0).max(31)).max(16).optional(),
  gender: z.enum(['male', 'female', 'unknown']),
  language: Language,
  /** E.164 keys; the first is the main one. */
  numbers: z.array(z.object({ key: z.string().max(20), confidence: z.enum(['certain', 'low']) })),
  area: Text,
  list: z.enum(listNames),
  /** R4: gold card and above belong to an account manager. */
  card: z.enum(['none', 'silver', 'gold', 'diamond']),
  manager: z.string().max(40).nullable(),
  usage: Usage,
  /** The name is a verification factor (R10): a desk is shown it from level 2 on; the id serves notices (R6). */
  package: z.object({ id: z.string().max(40), name: Text }),
  refusesMarketing: z.boolean(),
  roaming: z.boolean(),
  lastOffers: z.array(z.object({ offerId: z.string().max(40), atMs: z.number() })),
  fields: z.array(Field),
  cases: z.array(CaseSummary),
  /** Absent: none, or from a central of before. */
  orders: z.array(OrderSummary).max(50).optional(),
  /** R22: texts by which somebody at one of these numbers asked to be left alone. Absent: none, or from a central of before. */
  optOuts: z.array(OptOut).max(mostOptOuts).optional(),
});
export type Customer = z.infer<typeof Customer>;

/** A known outage or change (R6); shown when area and package match (null: all). */
export const Notice = z.object({
  id: z.string().max(64),
  area: z.string().max(40).nullable(),
  packageId: z.string().max(40).nullable(),
  severity: z.enum(['outage', 'change']),
  text: Text,
  fromMs: z.number(),
  toMs: z.number(),
});
export type Notice = z.infer<typeof Notice>;

/** A line of the customer's timeline (R34). */
export const PastContact = z.object({
  contactId: ContactId,
  direction: z.enum(['inbound', 'outbound']),
  startedAtMs: z.number(),
  talkMs: z.number(),
  topic: Text.nullable(),
  disposition: z.array(Text),
  agentName: z.string().max(40),
  /** Absent: from a central of before, or imported. */
  agentId: AgentId.optional(),
  queue: z.string().max(64).nullable().optional(),
  note: z.string().max(4_000),
  /** There is a recording of it (R33). */
  recorded: z.boolean().optional(),
});
export type PastContact = z.infer<typeof PastContact>;
