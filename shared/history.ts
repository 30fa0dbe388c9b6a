import { z } from 'zod';
import type { Contact } from './contact.ts';
import { DispositionPath } from './disposition.ts';
import { ContactId, CustomerId } from './ids.ts';
import { maskNumber, parseNumber } from './phone-number.ts';
import type { Policy } from './policy.ts';
import type { Script } from './script.ts';
import { unclearWhys } from './search.ts';
import { Text } from './text.ts';
import { TransferRecord } from './transfer.ts';
import { AnyFactor } from './verification.ts';

/** R34: what contacts are searched by. Every part narrows; none at all gives the newest. */
export const HistoryFilter = z.object({
  /** Number in any writing or part of one, account, name or pinyin: as the search for customers reads it (search.ts). */
  who: z.string().max(300).optional(),
  /** Number of the agent, or part of the name. */
  agent: z.string().max(40).optional(),
  /** Queue, which for outbound work is the task's. */
  queue: z.string().max(64).optional(),
  /** From the root of the tree: all below it. */
  disposition: DispositionPath.optional(),
  direction: z.enum(['inbound', 'outbound']).optional(),
  /** Begun at or after, and before. */
  fromMs: z.number().optional(),
  toMs: z.number().optional(),
  /** Where the page before ended. */
  cursor: z.string().max(80).optional(),
});
export type HistoryFilter = z.infer<typeof HistoryFilter>;

/** Rows of one page. */
export const historyPage = 50;
/** R33: recordings, and with them their contacts, are kept at least so long. */
const leastMonthsKept = 3;
const usualMonthsKept = 6;
const monthMs = 31 * 24 * 3_600_000;
export const recordingMonthsKept = ({ recordingMonths }: Pick<Policy, 'recordingMonths'>): number =>
  Math.max(leastMonthsKept, recordingMonths ?? usualMonthsKept);
export const recordingKeptMs = (policy: Pick<Policy, 'recordingMonths'>): number =>
  recordingMonthsKept(policy) * monthMs;
/** Bars of the picture of a recording. */
export const mostPeaks = 240;

export const HistoryRow = z.object({
  contactId: ContactId,
  customerId: CustomerId.nullable(),
  /** Masked name; null: nobody was identified, or the row is not here. */
  who: z.string().max(40).nullable(),
  /** Masked (R11); empty: withheld, or not known here. */
  number: z.string().max(64),
  direction: z.enum(['inbound', 'outbound']),
  queue: z.string().max(64).nullable(),
  startedAtMs: z.number(),
  talkMs: z.number(),
  topic: Text.nullable(),
  disposition: z.array(Text),
  agentName: z.string().max(40),
});
export type HistoryRow = z.infer<typeof HistoryRow>;

export const HistoryAnswer = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('found'),
    rows: z.array(HistoryRow).max(historyPage),
    /** null: these were the last. Rows may be few, or none, and more behind them. */
    cursor: z.string().max(80).nullable(),
  }),
  /** More than ten customers are called so. */
  z.object({ kind: z.literal('tooBroad') }),
  z.object({ kind: z.literal('unclear'), why: z.enum(unclearWhys) }),
]);
export type HistoryAnswer = z.infer<typeof HistoryAnswer>;

/** One file of a contact's sound: a contact that was handed on, or joined by a lead, has several (R33). */
export const RecordedPart = z.object({
  part: z.number().int().min(0).max(99),
  startedAtMs: z.number().nullable(),
  /** null: it is not over yet, or nobody knows. */
  lengthMs: z.number().nullable(),
  /** `running`: the call goes on; `missing`: the file is not there; `expired`: older than it is kept. */
  state: z.enum(['ready', 'running', 'missing', 'expired']),
  /** Silenced around something secret, in milliseconds of the recording. */
  pauses: z.array(z.object({ fromMs: z.number(), toMs: z.number() })).max(100),
  /** How loud it is, in equal parts of it, 0 to 100; absent when it cannot be heard. */
  peaks: z.array(z.number().int().min(0).max(100)).max(mostPeaks).optional(),
});
export type RecordedPart = z.infer<typeof RecordedPart>;

/** `notAllowed`: this role, or this contact of another; `askCentral`: only central knows, and it was not asked. */
export const Recordings = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('listed'), parts: z.array(RecordedPart).max(100) }),
  z.object({ kind: z.enum(['notAllowed', 'askCentral']) }),
]);
export type Recordings = z.infer<typeof Recordings>;

export const HistoryDetail = z.object({
  row: HistoryRow,
  note: z.string().max(4_000),
  /** By the timer, not by the agent (R28). */
  forced: z.boolean(),
  endedAtMs: z.number().nullable(),
  /** When the agent wrote it; null: not yet, or not known here. */
  wrappedUpAtMs: z.number().nullable(),
  script: z
    .object({
      title: Text,
      version: z.number().int(),
      /** The sentence that was said, and the customer's answer where there was one to choose. */
      answers: z.array(z.object({ say: Text, answer: Text.nullable(), atMs: z.number() })).max(500),
    })
    .nullable(),
  verifications: z.array(z.object({ factor: AnyFactor, matched: z.boolean(), atMs: z.number() })).max(500),
  transfers: z.array(TransferRecord).max(100),
  recordings: Recordings,
});
export type HistoryDetail = z.infer<typeof HistoryDetail>;

/** A stretch of a recording: 8,000 samples a second, µ-law, base64. */
export const soundStretchMs = 20_000;
export const soundRate = 8_000;
export const SoundRequest = z.object({
  contactId: ContactId,
  part: z.number().int().min(0).max(99),
  fromMs: z.number().int().min(0).max(86_400_000),
});
export const SoundResponse = z.object({
  /** Of the whole part. */
  lengthMs: z.number(),
  ulaw: z.string().max(400_000),
});
export type SoundResponse = z.infer<typeof SoundResponse>;

/** Newest first; of one moment, the later id first. */
export type HistoryPlace = { readonly startedAtMs: number; readonly contactId: string };
export const placeAfter = ({ startedAtMs, contactId }: HistoryPlace): string => `${startedAtMs}.${contactId}`;
/** Undefined: from the newest, also when it is none of ours. */
export const readPlace = (cursor: string | undefined): HistoryPlace | undefined => {
  const told = /^(\d{1,16})\.([0-9a-f-]{36})$/.exec(cursor ?? '');
  return told === null ? undefined : { startedAtMs: Number(told[1]), contactId: told[2] ?? '' };
};
export const byTime = (one: HistoryPlace, other: HistoryPlace): number =>
  other.startedAtMs - one.startedAtMs ||
  Number(one.contactId < other.contactId) - Number(one.contactId > other.contactId);
export const isBehind = (row: HistoryPlace, place: HistoryPlace | undefined): boolean =>
  place === undefined || byTime(place, row) < 0;

/** Which parts of the filter were used, for the audit trail: never what was typed. */
export const partsUsed = (filter: HistoryFilter): string =>
  (['who', 'agent', 'queue', 'disposition', 'direction', 'fromMs', 'toMs'] as const)
    .filter((part) => filter[part] !== undefined && filter[part] !== '')
    .join(',') || 'all';

/** 138****8000; empty for a withheld one. What could not be read is shown by its length only. */
export const maskedOf = (number: string): string => {
  if (number === '') return '';
  const parsed = parseNumber(number);
  return 'national' in parsed ? maskNumber(parsed.national) : maskNumber(number);
};

export const talkMsOf = ({ answeredAtMs, endedAtMs }: Pick<Contact, 'answeredAtMs' | 'endedAtMs'>): number =>
  answeredAtMs === null || endedAtMs === null ? 0 : Math.max(0, endedAtMs - answeredAtMs);

/** What was said and answered, of the version the call was held with (R14); null when that is not here. */
export const scriptOutcome = (contact: Contact, script: Script | undefined): HistoryDetail['script'] => {
  if (contact.script === null || script === undefined) return null;
  return {
    title: script.title,
    version: contact.script.version,
    answers: contact.answers.flatMap(({ stepId, answerId, atMs }) => {
      const step = script.steps.find((one) => one.id === stepId);
      if (step === undefined) return [];
      return [{ say: step.say, answer: step.answers.find((one) => one.id === answerId)?.label ?? null, atMs }];
    }),
  };
};

/** Everything of a contact's row but who it was with and what it sounded like. */
export const detailOf = (
  contact: Contact,
  row: HistoryRow,
  script: Script | undefined,
  recordings: Recordings,
): HistoryDetail => ({
  row,
  note: contact.note,
  forced: contact.forced,
  endedAtMs: contact.endedAtMs,
  wrappedUpAtMs: contact.wrappedUpAtMs,
  script: scriptOutcome(contact, script),
  verifications: contact.verifications.map(({ factor, matched, atMs }) => ({ factor, matched, atMs })),
  transfers: contact.transfers ?? [],
  recordings,
});
