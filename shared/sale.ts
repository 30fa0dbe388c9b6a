import { z } from 'zod';
import type { Result } from './result.ts';
import { ok, refusal, refused } from './result.ts';

/**
 * The sale loop (R41): full disclosure, the customer's yes, a text that asks to confirm it, their reply, provisioning, a text that says so.
 *
 *   disclosing ─disclosed▶ disclosed ─consented▶ consented ─confirmAsked▶ asking ─sending▶ sending ─textSent▶ asked
 *                                                                           ▲                 │             │   │yes
 *                                                    unsent ◀──textFailed───┼─────────────────┘             │   ▼
 *                                                      └────confirmAsked────┤      lapsed ◀────timedOut─────┘  confirmed
 *                                                                           └─confirmAsked┘                     │provisioned
 *   until provisioned: declined (in the call, by reply, or taken back)               sold ◀─successSent─ provisioned
 *
 * What the seat does may wait in its outbox: `asking` is then all it knows. What is right of `asking` is central's word alone: it sends the
 * text, hears the reply and counts the time. There is no other way to `sold` (model test in test/shared/sale.test.ts).
 */
export const saleKinds = [
  'disclosing',
  'disclosed',
  'consented',
  'asking',
  'sending',
  'unsent',
  'asked',
  'lapsed',
  'confirmed',
  'provisioned',
  'sold',
  'declined',
] as const;
export type SaleKind = (typeof saleKinds)[number];

/** `atMs`: since when; `attempt`: how many texts were asked for. */
export const Sale = z.object({
  kind: z.enum(saleKinds),
  atMs: z.number(),
  attempt: z.number().int().min(0).max(99),
  /** `asked`: until when a reply counts. */
  untilMs: z.number().nullable(),
});
export type Sale = Readonly<z.infer<typeof Sale>>;

/** What an agent says happened. */
export const saleSteps = ['disclosed', 'consented', 'confirmAsked', 'declined', 'provisioned'] as const;
export type SaleStep = (typeof saleSteps)[number];
export type SaleEvent =
  /** `missing`: mandatory items of the script's version that are not in the ledger (R42). */
  | { readonly kind: 'disclosed'; readonly missing: number; readonly atMs: number }
  | { readonly kind: Exclude<SaleStep, 'disclosed'>; readonly atMs: number }
  /** Central's. `sending` is on disk before the carrier is asked: a reply may be faster than its answer. */
  | { readonly kind: 'sending' | 'textFailed' | 'timedOut' | 'successSent'; readonly atMs: number }
  | { readonly kind: 'textSent'; readonly atMs: number; readonly untilMs: number };

export const newSale = (atMs: number): Sale => ({ kind: 'disclosing', atMs, attempt: 0, untilMs: null });

const to = (sale: Sale, kind: SaleKind, atMs: number): Result<Sale> => ok({ ...sale, kind, atMs, untilMs: null });

/** So many texts are asked for at most: a customer is not pestered into a sale. */
export const mostAttempts = 3;

const after: Readonly<Record<SaleKind, Partial<Record<SaleEvent['kind'], SaleKind>>>> = {
  disclosing: { disclosed: 'disclosed', declined: 'declined' },
  disclosed: { consented: 'consented', declined: 'declined' },
  consented: { confirmAsked: 'asking', declined: 'declined' },
  asking: { sending: 'sending', declined: 'declined' },
  sending: { textSent: 'asked', textFailed: 'unsent', declined: 'declined' },
  unsent: { confirmAsked: 'asking', declined: 'declined' },
  asked: { timedOut: 'lapsed', declined: 'declined' },
  lapsed: { confirmAsked: 'asking', declined: 'declined' },
  confirmed: { provisioned: 'provisioned', declined: 'declined' },
  provisioned: { successSent: 'sold' },
  sold: {},
  declined: {},
};

/** What cannot follow is refused and changes nothing. */
export const nextSale = (sale: Sale, event: SaleEvent): Result<Sale> => {
  const kind = after[sale.kind][event.kind];
  if (kind === undefined) return refused(refusal('conflict', 'saleStep'));
  switch (event.kind) {
    case 'disclosed':
      return event.missing > 0
        ? refused(refusal('policy', 'notDisclosed', { missing: event.missing }))
        : to(sale, kind, event.atMs);
    case 'confirmAsked':
      return sale.attempt >= mostAttempts
        ? refused(refusal('policy', 'textsUsedUp', { most: mostAttempts }))
        : ok({ kind, atMs: event.atMs, attempt: sale.attempt + 1, untilMs: null });
    case 'textSent':
      return ok({ ...sale, kind, atMs: event.atMs, untilMs: event.untilMs });
    case 'timedOut':
      // Whoever looked may have been early.
      return sale.untilMs === null || event.atMs <= sale.untilMs
        ? refused(refusal('conflict', 'saleStep'))
        : to(sale, kind, event.atMs);
    default:
      return to(sale, kind, event.atMs);
  }
};

/** R41: "sold" may be said from the customer's reply on. */
export const isConfirmed = ({ kind }: Sale): boolean =>
  kind === 'confirmed' || kind === 'provisioned' || kind === 'sold';
export const isSaleOver = ({ kind }: Sale): boolean => kind === 'sold' || kind === 'declined';

/** What a reply says. Both languages, full-width letters, with or without the number of the text. */
export const replySays = ['yes', 'no', 'unclear'] as const;
export type ReplySays = (typeof replySays)[number];
const yes = new Set(['y', 'yes', 'ok', '是', '是的', '好', '好的', '确认', '同意', '1']);
const no = new Set(['n', 'no', '否', '不', '不是', '不要', '不同意', '不办', '取消', '退订', 'td', '2', '0']);
export const codeLength = 4;

export const readReply = (text: string): { readonly says: ReplySays; readonly code: string | null } => {
  const plain = text
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[\s"'“”‘’。.!！,，:：#]/gu, '');
  const code = new RegExp(`\\d{${codeLength}}$`, 'u').exec(plain)?.[0] ?? null;
  const word = code === null ? plain : plain.slice(0, -codeLength);
  return { says: yes.has(word) ? 'yes' : no.has(word) ? 'no' : 'unclear', code };
};

/**
 * What became of a reply. All are kept:
 * `confirmed`, `declined`: it counted. `late`: after its time; the text has to be asked for again. `early`: no text was sent yet. `again`: it says
 * what is known. `unclear`: neither yes nor no. `otherNumber`: not from the number the text went to. `tooLate`: a no after provisioning, which
 * somebody has to undo by hand. `unmatched`: no text of ours is known that it could answer (central alone).
 */
export const replyOutcomes = [
  'confirmed',
  'declined',
  'late',
  'early',
  'again',
  'unclear',
  'otherNumber',
  'tooLate',
  'unmatched',
] as const;
export type ReplyOutcome = (typeof replyOutcomes)[number];
export type SaleReply = { readonly says: ReplySays; readonly isOwnNumber: boolean; readonly atMs: number };

/** A reply is never refused: it has an outcome, and the sale afterwards. */
export const takeReply = (
  sale: Sale,
  reply: SaleReply,
): { readonly sale: Sale; readonly outcome: Exclude<ReplyOutcome, 'unmatched'> } => {
  if (!reply.isOwnNumber) return { sale, outcome: 'otherNumber' };
  if (reply.says === 'unclear') return { sale, outcome: 'unclear' };
  const moved = (kind: 'confirmed' | 'declined') => ({
    sale: { ...sale, kind, atMs: reply.atMs, untilMs: null },
    outcome: kind,
  });
  const isYes = reply.says === 'yes';
  switch (sale.kind) {
    case 'disclosing':
    case 'disclosed':
    case 'consented':
      return { sale, outcome: 'early' };
    case 'asking':
      if (sale.attempt <= 1) return { sale, outcome: 'early' };
      // To a text of before, whose time was over; the new one is on its way.
      return isYes ? { sale, outcome: 'late' } : moved('declined');
    case 'sending':
    case 'unsent':
      // They can only know from the text: it arrived, whatever the carrier said.
      return moved(isYes ? 'confirmed' : 'declined');
    case 'asked':
      if (isYes && sale.untilMs !== null && reply.atMs > sale.untilMs) return { sale, outcome: 'late' };
      return moved(isYes ? 'confirmed' : 'declined');
    case 'lapsed':
      return isYes ? { sale, outcome: 'late' } : moved('declined');
    case 'confirmed':
      return isYes ? { sale, outcome: 'again' } : moved('declined');
    case 'provisioned':
    case 'sold':
      return { sale, outcome: isYes ? 'again' : 'tooLate' };
    case 'declined':
      return { sale, outcome: isYes ? 'tooLate' : 'again' };
  }
};
