import { z } from 'zod';
import { AnyFactor } from '../shared/verification.ts';
import { keyedHash, sameText } from './secrets.ts';

/**
 * The audit chain without its database: what an entry is, how one follows from the one before, and what can be told of a list of them.
 *
 * A keyed hash (HMAC-SHA256) covers the entry and the hash before it. Who has no key can change nothing unseen, but for cutting off the
 * end, which only a head kept apart tells. Who has the key can write the whole chain again: that is told by an anchor alone, a head
 * noted earlier where they cannot reach it.
 */
export const auditKinds = [
  'check',
  'codeSent',
  'reveal',
  'locked',
  'supervision',
  'recording',
  'opDiscarded',
  'seat',
  'pass',
  'override',
  'change',
  'budget',
  'search',
  'script',
  'history',
  'opened',
  'playback',
  'disclosed',
  'order',
  // R20, R22
  'task',
  'necessity',
  'refusal',
  // R36
  'figures',
  'export',
  'rate',
  // R38
  'forcedState',
  // R24
  'calendar',
] as const;

const id = z.string().max(200);
/** What happened around a customer's private values (R13), and who listened to or silenced what (R33, R35). Never a typed value. */
export const AuditEvent = z.object({
  atMs: z.number().int(),
  agentId: id,
  seatId: id,
  contactId: id.nullable(),
  customerId: id.nullable(),
  kind: z.enum(auditKinds),
  factor: AnyFactor.nullable(),
  result: z.string().max(1_000),
});
export type AuditEvent = Readonly<z.infer<typeof AuditEvent>>;
export const AuditRow = AuditEvent.extend({ seq: z.number().int(), hash: z.string().max(200) });
export type AuditRow = Readonly<z.infer<typeof AuditRow>>;
export const AuditHead = z.object({ seq: z.number().int().min(0), hash: z.string().max(200) });
export type AuditHead = Readonly<z.infer<typeof AuditHead>>;

/** The hash of entry number `seq`, given the one before it ('' before the first). */
export const link = (key: Uint8Array, before: string, seq: number, event: AuditEvent): string => {
  const { atMs, agentId, seatId, contactId, customerId, kind, factor, result } = event;
  return keyedHash(
    key,
    JSON.stringify([before, seq, atMs, agentId, seatId, contactId, customerId, kind, factor, result]),
  );
};

/**
 * `missing`: the number is left out; `order`: an entry stands where it does not belong; `changed`: the entry, or the hash before it, is
 * not what was written, or the key is another; `cutOff`: the chain ends before its head; `head`: it ends as its head does not say;
 * `anchor`: it is not the chain the anchor was taken from.
 */
export type BreakWhy = 'missing' | 'order' | 'changed' | 'cutOff' | 'head' | 'anchor';
export type AuditVerdict =
  | { readonly kind: 'intact'; readonly rows: number; readonly head: AuditHead }
  /** The first entry that is not what it has to be. */
  | { readonly kind: 'broken'; readonly atSeq: number; readonly why: BreakWhy };

/**
 * Reads the whole chain once, in constant memory.
 * @param headOf asked last, for it may come after the entries; undefined: there is none, and entries cut off at the end are not seen
 * @param anchors heads noted earlier
 */
export const verifyChain = async (
  key: Uint8Array,
  entries: AsyncIterable<AuditRow> | Iterable<AuditRow>,
  headOf: () => AuditHead | undefined | Promise<AuditHead | undefined>,
  anchors: readonly AuditHead[] = [],
): Promise<AuditVerdict> => {
  const anchored = new Map(anchors.map((anchor) => [anchor.seq, anchor.hash]));
  let seq = 0;
  let hash = '';
  for await (const entry of entries) {
    seq += 1;
    if (entry.seq !== seq) return { kind: 'broken', atSeq: seq, why: entry.seq > seq ? 'missing' : 'order' };
    hash = link(key, hash, seq, entry);
    if (!sameText(entry.hash, hash)) return { kind: 'broken', atSeq: seq, why: 'changed' };
    const anchor = anchored.get(seq);
    if (anchor !== undefined && !sameText(anchor, hash)) return { kind: 'broken', atSeq: seq, why: 'anchor' };
  }
  const head = await headOf();
  const furthest = Math.max(0, head?.seq ?? 0, ...anchored.keys());
  if (furthest > seq) return { kind: 'broken', atSeq: seq + 1, why: 'cutOff' };
  if (head !== undefined && (head.seq !== seq || head.hash !== hash))
    return { kind: 'broken', atSeq: head.seq < seq ? head.seq + 1 : seq, why: 'head' };
  return { kind: 'intact', rows: seq, head: { seq, hash } };
};
