import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ReplySays, SaleEvent, SaleKind } from '../../shared/sale.ts';
import {
  isConfirmed,
  mostAttempts,
  newSale,
  nextSale,
  readReply,
  type Sale,
  saleKinds,
  takeReply,
} from '../../shared/sale.ts';

const untilMs = 1_000;
const at = (kind: SaleKind, attempt = 1): Sale => ({
  ...{ kind, atMs: 0, attempt },
  untilMs: kind === 'asked' ? untilMs : null,
});
const events: readonly SaleEvent[] = [
  { kind: 'disclosed', missing: 0, atMs: 5 },
  { kind: 'consented', atMs: 5 },
  { kind: 'confirmAsked', atMs: 5 },
  { kind: 'declined', atMs: 5 },
  { kind: 'provisioned', atMs: 5 },
  { kind: 'sending', atMs: 5 },
  { kind: 'textSent', atMs: 5, untilMs },
  { kind: 'textFailed', atMs: 5 },
  { kind: 'timedOut', atMs: untilMs + 1 },
  { kind: 'successSent', atMs: 5 },
];
const reach = (sale: Sale): string =>
  events
    .flatMap((event) => {
      const next = nextSale(sale, event);
      return next.ok ? [`${event.kind}→${next.value.kind}`] : [];
    })
    .join(' ');

describe('R41 the sale loop', () => {
  /** Every state × every event; everything else is refused. */
  const table: Readonly<Record<SaleKind, string>> = {
    disclosing: 'disclosed→disclosed declined→declined',
    disclosed: 'consented→consented declined→declined',
    consented: 'confirmAsked→asking declined→declined',
    asking: 'declined→declined sending→sending',
    sending: 'declined→declined textSent→asked textFailed→unsent',
    unsent: 'confirmAsked→asking declined→declined',
    asked: 'declined→declined timedOut→lapsed',
    lapsed: 'confirmAsked→asking declined→declined',
    confirmed: 'declined→declined provisioned→provisioned',
    provisioned: 'successSent→sold',
    sold: '',
    declined: '',
  };
  it.each(saleKinds)('from %s exactly the events of the table are possible', (kind) => {
    expect(reach(at(kind))).toBe(table[kind]);
  });

  /** Of every state: what becomes of a yes in time, a late yes, a no, and something else. */
  const replies: Readonly<Record<SaleKind, string>> = {
    disclosing: 'early early early unclear',
    disclosed: 'early early early unclear',
    consented: 'early early early unclear',
    asking: 'early early early unclear',
    sending: 'confirmed confirmed declined unclear',
    unsent: 'confirmed confirmed declined unclear',
    asked: 'confirmed late declined unclear',
    lapsed: 'late late declined unclear',
    confirmed: 'again again declined unclear',
    provisioned: 'again again tooLate unclear',
    sold: 'again again tooLate unclear',
    declined: 'tooLate tooLate again unclear',
  };
  const outcome = (kind: SaleKind, says: ReplySays, atMs = 5, isOwnNumber = true, attempt = 1) =>
    takeReply(at(kind, attempt), { says, isOwnNumber, atMs }).outcome;
  it.each(saleKinds)('a reply in %s has its outcome, and never a refusal', (kind) => {
    const found = [
      outcome(kind, 'yes'),
      outcome(kind, 'yes', untilMs + 1),
      outcome(kind, 'no'),
      outcome(kind, 'unclear'),
    ];
    expect(found.join(' ')).toBe(replies[kind]);
    const other = takeReply(at(kind), { says: 'yes', isOwnNumber: false, atMs: 5 });
    expect(other).toEqual({ sale: at(kind), outcome: 'otherNumber' });
  });

  it('a yes to the text of before does not confirm the one on its way; a no counts', () => {
    expect(outcome('asking', 'yes', 5, true, 2)).toBe('late');
    expect(outcome('asking', 'no', 5, true, 2)).toBe('declined');
  });

  it('R42 nothing missing, or the customer is not asked; the text at most three times', () => {
    expect(nextSale(at('disclosing'), { kind: 'disclosed', missing: 1, atMs: 5 })).toMatchObject({
      error: { reason: 'notDisclosed', params: { missing: 1 } },
    });
    expect(nextSale(at('lapsed', mostAttempts), { kind: 'confirmAsked', atMs: 5 })).toMatchObject({
      error: { reason: 'textsUsedUp' },
    });
    expect(nextSale(at('asked'), { kind: 'timedOut', atMs: untilMs }).ok).toBe(false);
  });

  it('R41 no sequence of events reaches "sold" or what counts as it without each step, in its order', () => {
    const event = fc.oneof(
      fc.constantFrom(...events),
      fc.constant<SaleEvent>({ kind: 'disclosed', missing: 2, atMs: 5 }),
      fc.record({
        kind: fc.constant('reply' as const),
        says: fc.constantFrom<ReplySays>('yes', 'no', 'unclear'),
        isOwnNumber: fc.boolean(),
        atMs: fc.constantFrom(5, untilMs + 5),
      }),
    );
    let sold = 0;
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), fc.boolean(), (sequence, isGuided) => {
        // Half of them are pulled along the way, or chance would hardly ever get far.
        const guided: readonly (typeof sequence)[number][] = isGuided
          ? sequence.flatMap((one, n) => {
              const helping = [events[0], events[1], events[2], events[5], events[6], yes, events[4], events[9]][n % 8];
              return helping === undefined ? [one] : n % 3 === 0 ? [one, helping] : [helping];
            })
          : sequence;
        let sale = newSale(0);
        /** The plain model: what was done, each only after the one before. */
        const done = { told: false, agreed: false, texted: false, replied: false, provisioned: false, success: false };
        for (const one of guided) {
          const before = sale.kind;
          if (one.kind === 'reply') {
            const taken = takeReply(sale, one);
            ({ sale } = taken);
            if (taken.outcome === 'confirmed') {
              expect(one).toMatchObject({ says: 'yes', isOwnNumber: true });
              expect(done.texted).toBe(true);
              done.replied = true;
            }
          } else {
            const next = nextSale(sale, one);
            if (!next.ok) continue;
            sale = next.value;
            if (one.kind === 'disclosed') done.told = one.missing === 0;
            if (one.kind === 'consented') done.agreed = done.told;
            if (one.kind === 'sending') done.texted = done.agreed;
            if (one.kind === 'provisioned') done.provisioned = done.replied;
            if (one.kind === 'successSent') done.success = done.provisioned;
          }
          if (before === 'declined' || before === 'sold') expect(sale.kind).toBe(before);
          if (isConfirmed(sale)) expect(done).toMatchObject({ told: true, agreed: true, texted: true, replied: true });
          if (sale.kind === 'sold') {
            expect(Object.values(done)).not.toContain(false);
            sold += 1;
          }
        }
      }),
      { numRuns: 4_000 },
    );
    // Else nothing was proven.
    expect(sold).toBeGreaterThan(50);
  });
});
const yes = { kind: 'reply', says: 'yes', isOwnNumber: true, atMs: 5 } as const;

describe('what a reply says', () => {
  it.each([
    ['Y1234', 'yes', '1234'],
    ['ｙ １２３４', 'yes', '1234'],
    ['是', 'yes', null],
    [' “是的”。', 'yes', null],
    ['确认1234', 'yes', '1234'],
    ['N1234', 'no', '1234'],
    ['不要', 'no', null],
    ['TD', 'no', null],
    ['1', 'yes', null],
    ['1234', 'unclear', '1234'],
    ['是什么？', 'unclear', null],
    ['yes please call me', 'unclear', null],
    ['', 'unclear', null],
    ['\u0000😀', 'unclear', null],
  ] as const)('%j says %s', (text, says, code) => {
    expect(readReply(text)).toEqual({ says, code });
  });
});
