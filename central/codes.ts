import type { Result } from '../shared/result.ts';
import { ok, refusal, refused } from '../shared/result.ts';
import type { Random } from './ambient.ts';
import type { Tx } from './db.ts';
import { firstRow, rows, run, statement } from './db.ts';
import type { Secrets } from './secrets.ts';
import { sameText } from './secrets.ts';

/** One-time codes by text message (security 57): kept as keyed hashes, bound to call, customer and action. */
const validMs = 5 * 60_000;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const sendsPerHour = 3;
const codeSpace = 1_000_000;

type About = {
  readonly contactId: string;
  readonly customerId: string;
  readonly action?: string | undefined;
  readonly nowMs: number;
};

export const keepCode = async (
  tx: Tx,
  mark: Secrets['mark'],
  random: Random,
  about: About,
): Promise<Result<{ readonly code: string; readonly expiresAtMs: number }>> => {
  const sent = await rows(
    tx,
    statement<{ at: number }>`
      select sent_at_ms as at from verification_code
      where customer_id = ${about.customerId} and sent_at_ms > ${about.nowMs - hourMs} order by sent_at_ms`,
  );
  const first = sent.at(-sendsPerHour);
  if (first !== undefined) return refused(refusal('policy', 'codesUsedUp', { retryAtMs: first.at + hourMs }));
  const code = sixDigits(random);
  const expiresAtMs = about.nowMs + validMs;
  await run(tx, statement`delete from verification_code where expires_at_ms < ${about.nowMs - dayMs}`);
  // The newest code alone counts: an older one may have been read by someone else.
  await run(
    tx,
    statement`
      update verification_code set used_at_ms = ${about.nowMs}
      where customer_id = ${about.customerId} and used_at_ms is null`,
  );
  await run(
    tx,
    statement`
      insert into verification_code (contact_id, customer_id, mark, sent_at_ms, expires_at_ms, used_at_ms, action)
      values (${about.contactId}, ${about.customerId}, ${mark(about.contactId, code)}, ${about.nowMs}, ${expiresAtMs}, null,
        ${about.action ?? null})`,
  );
  return ok({ code, expiresAtMs });
};

/** Whether the value is the open code of this call; a code that fitted is used up. */
export const takeCode = async (
  tx: Tx,
  mark: Secrets['mark'],
  about: About & { readonly value: string },
): Promise<boolean> => {
  const open = await firstRow(
    tx,
    statement<{ id: number; mark: string }>`
      select id, mark from verification_code
      where contact_id = ${about.contactId} and customer_id = ${about.customerId}
        and used_at_ms is null and expires_at_ms > ${about.nowMs}
        and coalesce(action, '') = ${about.action ?? ''}
      order by id desc limit 1`,
  );
  const said = mark(about.contactId, about.value.normalize('NFKC').replace(/\s/gu, ''));
  const fits = sameText(said, open?.mark ?? mark('', ''));
  if (open === undefined || !fits) return false;
  await run(tx, statement`update verification_code set used_at_ms = ${about.nowMs} where id = ${open.id}`);
  return true;
};

/** Uniform: values of the 32-bit range that would favour small codes are drawn again. */
const sixDigits = (random: Random): string => {
  const fair = Math.floor(2 ** 32 / codeSpace) * codeSpace;
  for (;;) {
    const bytes = random(4);
    const drawn = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0);
    if (drawn < fair) return String(drawn % codeSpace).padStart(6, '0');
  }
};
