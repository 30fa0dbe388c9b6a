import type { Clock, Log } from './ambient.ts';
import { faultFields } from './ambient.ts';
import type { Db, Tx } from './db.ts';
import { firstRow, rows, run, statement } from './db.ts';
import { oldContactOf } from './risk.ts';
import type { Sms } from './sms.ts';
import { makeRounds, type Rounds } from './rounds.ts';

/** What a customer is told at an old contact, whoever called (security 63). */
type NoticeKind =
  | 'checkFailed'
  | 'strictReached'
  | 'overridden'
  | 'locked'
  | 'simChange'
  | 'passwordReset'
  | 'portOut'
  | 'contactChange';

const texts: Readonly<Record<NoticeKind, string>> = {
  checkFailed: '有人来电核验您的身份未通过。如非本人，请致电客服。A caller failed the check of your identity.',
  strictReached: '您的身份已通过客服电话核验。如非本人操作，请致电客服。Your identity was confirmed by phone.',
  overridden: '您的身份由班组长人工确认。如非本人，请致电客服。A supervisor vouched for a caller as you.',
  locked: '多次核验不符，电话办理重要业务已暂停 24 小时。Important changes by phone are locked for 24 hours.',
  simChange: '您的号码正在补换卡。如非本人操作，请立即致电客服。A new SIM card was ordered for your number.',
  passwordReset: '您的服务密码已重置。如非本人操作，请立即致电客服。Your service password was reset.',
  portOut: '您的号码正在办理携出。如非本人操作，请立即致电客服。Moving your number to another network was requested.',
  contactChange: '您的联系电话已变更。如非本人操作，请立即致电客服。Your contact number was changed.',
};

/**
 * Written with what it is about, in the same transaction: it is owed then. The id makes it one, however often what caused it is
 * repeated. The number is taken now: afterwards the old contact may be gone.
 */
export const oweNotice = async (
  tx: Tx,
  notice: { readonly id: string; readonly customerId: string; readonly kind: NoticeKind; readonly atMs: number },
): Promise<void> => {
  const number = await oldContactOf(tx, notice.customerId, notice.atMs);
  if (number === undefined) return;
  await run(
    tx,
    statement`
      insert into customer_notice (id, customer_id, number, kind, created_at_ms, claimed_until_ms, sent_at_ms)
      values (${notice.id}, ${notice.customerId}, ${number}, ${notice.kind}, ${notice.atMs}, 0, null)
      on conflict (id) do nothing`,
  );
};

type Notices = Omit<Rounds, 'begin'>;

/** One instance sends a notice at a time; one that does not come back with "sent" leaves it to another. */
const claimMs = 60_000;
const sweepMs = 30_000;

/** Sends what is owed: at once after it was written, again when the carrier did not take it. */
export const openNotices = (ports: {
  readonly db: Db;
  readonly clock: Clock;
  readonly log: Log;
  readonly sms: Sms | undefined;
}): Notices => {
  const { db, clock, log, sms } = ports;
  const sendOne = async (sms: Sms, id: string): Promise<void> => {
    const nowMs = clock.nowMs();
    const claimed = await firstRow(
      db,
      statement<{ customer_id: string; number: string; kind: NoticeKind }>`
        update customer_notice set claimed_until_ms = ${nowMs + claimMs}
        where id = ${id} and sent_at_ms is null and claimed_until_ms < ${nowMs}
        returning customer_id, number, kind`,
    );
    if (claimed === undefined) return;
    await sms.send({
      customerId: claimed.customer_id,
      number: claimed.number,
      text: texts[claimed.kind],
      about: 'notice',
    });
    await run(db, statement`update customer_notice set sent_at_ms = ${clock.nowMs()} where id = ${id}`);
  };
  const send = async (): Promise<void> => {
    if (sms === undefined) return;
    const owed = await rows(
      db,
      statement<{ id: string }>`
        select id from customer_notice where sent_at_ms is null and claimed_until_ms < ${clock.nowMs()}
        order by created_at_ms limit 50`,
    );
    for (const { id } of owed)
      await sendOne(sms, id).catch((fault: unknown) =>
        log.warn(faultFields(fault), 'a notice was not taken; tried again'),
      );
  };
  const rounds = makeRounds(clock, sweepMs, send, (fault) => log.warn(faultFields(fault), 'notices not looked for'));
  if (sms !== undefined) rounds.begin();
  return {
    look: rounds.look,
    settled: rounds.settled,
    close: rounds.close,
  };
};
