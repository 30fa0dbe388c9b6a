import type { Order } from '../shared/order.ts';
import type { Policy } from '../shared/policy.ts';
import { codeLength } from '../shared/sale.ts';
import type { Clock, Log, Random } from './ambient.ts';
import { faultFields } from './ambient.ts';
import { customerById, mainNumberOf } from './customers.ts';
import type { Database, Db, Tx } from './db.ts';
import { firstRow, rows, run, statement, transaction } from './db.ts';
import { moveOrder } from './orders.ts';
import type { Secrets } from './secrets.ts';
import { takeSmsReply } from './sms-replies.ts';
import type { Sms } from './sms.ts';
import { makeRounds } from './rounds.ts';

/**
 * What central does of a sale by itself (R41): sends the text that asks to confirm it, counts the time for the reply, takes the reply, and
 * sends the text that says it is done. What is owed follows from the orders' own state, so any instance goes on where one stopped.
 */
export type SaleTexts = {
  readonly look: () => void;
  readonly settled: () => Promise<void>;
  readonly close: () => Promise<void>;
};

type Ports = {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly random: Random;
  readonly secrets: Pick<Secrets, 'auditKey'>;
  readonly sms: Sms | undefined;
  readonly policy: Policy;
  /** R22: a reply asked to be left alone. */
  readonly optedOut: () => void;
};

const claimMs = 60_000;
const sweepMs = 15_000;
const hourMs = 3_600_000;
const atOnce = 50;

type Kind = 'confirm' | 'success';
type Owed = { readonly id: string; readonly tenant: string; readonly kind: string };

export const openSaleTexts = (ports: Ports): SaleTexts => {
  const { database, clock, log, sms } = ports;
  const go = async (): Promise<void> => {
    if (sms === undefined) return;
    for (const one of await owed(database.db, clock.nowMs()))
      await see(ports, sms, one).catch((fault: unknown) =>
        log.warn({ orderId: one.id, ...faultFields(fault) }, 'an order was not looked after; tried again'),
      );
  };
  const rounds = makeRounds(clock, sweepMs, go, (fault) =>
    log.warn(faultFields(fault), 'orders not looked after; tried again'),
  );
  // A reply that cannot be kept now is the carrier's again: it hears of the fault and brings it once more.
  const stop = sms?.onReply?.((reply) => takeSmsReply(ports, reply));
  if (sms !== undefined) rounds.begin();
  return {
    look: rounds.look,
    settled: rounds.settled,
    close: async () => {
      stop?.();
      await rounds.close();
    },
  };
};

/** Of all tenants; each is then seen to with its tenant's own handle. */
const owed = (db: Db, nowMs: number): Promise<readonly Owed[]> =>
  rows(
    db,
    statement<Owed>`
      select id, tenant, row -> 'sale' ->> 'kind' as kind from work
      where record = 'order' and (
        row -> 'sale' ->> 'kind' in ('asking', 'provisioned')
        or (row -> 'sale' ->> 'kind' = 'sending' and (row -> 'sale' ->> 'atMs')::numeric < ${nowMs - claimMs})
        or (row -> 'sale' ->> 'kind' = 'asked' and (row -> 'sale' ->> 'untilMs')::numeric < ${nowMs}))
      order by changed_at_ms limit ${atOnce}`,
  );

const see = async (ports: Ports, sms: Sms, { id, tenant, kind }: Owed): Promise<void> => {
  const db = ports.database.tenant(tenant);
  const atMs = ports.clock.nowMs();
  if (kind === 'asked') return void (await transaction(db, (tx) => moveOrder(tx, id, { kind: 'timedOut', atMs })));
  if (kind === 'asking') {
    const begun = await transaction(db, (tx) => moveOrder(tx, id, { kind: 'sending', atMs }));
    if (begun === undefined) return;
  }
  await sendText(ports, sms, db, { id, kind: kind === 'provisioned' ? 'success' : 'confirm' });
};

/** On disk before the carrier is asked: who comes back after a fall sends the same text with the same code again, rather than none. */
const sendText = async (ports: Ports, sms: Sms, db: Db, { id, kind }: { id: string; kind: Kind }): Promise<void> => {
  const { clock, log, policy } = ports;
  const claimed = await transaction(db, (tx) => claim(tx, ports, id, kind));
  if (claimed === undefined) return;
  const hours = policy.saleReplyHours ?? 24;
  const text = textOf(kind, claimed, hours);
  try {
    await sms.send({
      customerId: claimed.customerId,
      number: claimed.number,
      text,
      about: kind === 'confirm' ? 'sale' : 'notice',
      id: `${id} ${kind} ${claimed.attempt}`,
    });
  } catch (fault) {
    log.warn({ orderId: id, ...faultFields(fault) }, 'the carrier did not take the text of an order');
    // The text of success is owed whatever it takes: the sweep tries again. The other one is the agent's to ask for again.
    if (kind === 'confirm')
      await transaction(db, (tx) => moveOrder(tx, id, { kind: 'textFailed', atMs: clock.nowMs() }));
    return;
  }
  const atMs = clock.nowMs();
  await transaction(db, async (tx) => {
    await run(
      tx,
      statement`
        update sale_text set sent_at_ms = ${atMs} where order_id = ${id} and kind = ${kind} and attempt = ${claimed.attempt}`,
    );
    // The reply may have been faster: then this fits no more, and nothing is lost.
    await moveOrder(
      tx,
      id,
      kind === 'confirm' ? { kind: 'textSent', atMs, untilMs: atMs + hours * hourMs } : { kind: 'successSent', atMs },
    );
  });
};

type Claimed = {
  readonly attempt: number;
  readonly customerId: string;
  readonly number: string;
  readonly code: string;
  readonly name: string;
  readonly isEnglish: boolean;
};

const claim = async (tx: Tx, ports: Ports, id: string, kind: Kind): Promise<Claimed | undefined> => {
  const nowMs = ports.clock.nowMs();
  const found = await firstRow(tx, statement<{ row: Order }>`select row from work where id = ${id} for update`);
  const order = found?.row;
  if (order?.sale == null || order.sale.kind !== (kind === 'confirm' ? 'sending' : 'provisioned')) return undefined;
  const { attempt } = order.sale;
  const number = await mainNumberOf(tx, order.customerId);
  if (number === undefined) {
    if (kind === 'confirm') await moveOrder(tx, id, { kind: 'textFailed', atMs: nowMs });
    return undefined;
  }
  await run(
    tx,
    statement`
      insert into sale_text (order_id, attempt, kind, customer_id, number, code, created_at_ms, claimed_until_ms)
      values (${id}, ${attempt}, ${kind}, ${order.customerId}, ${number}, ${newCode(ports.random)}, ${nowMs}, 0)
      on conflict (order_id, kind, attempt) do nothing`,
  );
  const mine = await firstRow(
    tx,
    statement<{ number: string; code: string }>`
      update sale_text set claimed_until_ms = ${nowMs + claimMs}
      where order_id = ${id} and kind = ${kind} and attempt = ${attempt} and sent_at_ms is null
        and claimed_until_ms < ${nowMs} returning number, code`,
  );
  if (mine === undefined) return undefined;
  const isEnglish = (await customerById(tx, order.customerId))?.language === 'en';
  return { attempt, customerId: order.customerId, ...mine, name: order.offer.name, isEnglish };
};

/** Tells texts apart, and replies from other numbers; not a secret. */
const newCode = (random: Random): string => {
  const [a = 0, b = 0] = random(2);
  return String((a * 256 + b) % 10 ** codeLength).padStart(codeLength, '0');
};

const textOf = (kind: Kind, { name, code, isEnglish }: Claimed, hours: number): string => {
  const within = Math.max(1, Math.round(hours));
  if (kind === 'success')
    return isEnglish
      ? `[Customer service] ${name} is active now. If this was not you, please call us at once.`
      : `【客户服务】“${name}”已为您办理成功。如非本人办理，请立即致电客服。`;
  return isEnglish
    ? `[Customer service] To confirm ${name}, answer Y${code}; N${code} to decline. Valid for ${within} h. Nothing is done without your answer.`
    : `【客户服务】您在电话中同意办理“${name}”。回复 Y${code} 确认，N${code} 取消，${within} 小时内有效；不回复则不办理。`;
};
