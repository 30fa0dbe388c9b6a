import type { Customer } from '../shared/customer.ts';
import { optOutWish, type OptOut } from '../shared/opt-out.ts';
import { numberKey } from '../shared/phone-number.ts';
import type { ReplyOutcome, ReplySays, SaleKind } from '../shared/sale.ts';
import { readReply } from '../shared/sale.ts';
import type { Clock, Log } from './ambient.ts';
import { audit } from './audit.ts';
import type { Database, Db, Tx } from './db.ts';
import { rows, run, statement, transaction } from './db.ts';
import { firstRow } from './db.ts';
import { noteOptOut, refuseNumber } from './opt-outs.ts';
import { replyToOrder } from './orders.ts';
import type { Secrets } from './secrets.ts';
import type { SmsReply } from './sms.ts';
import { defaultTenant } from './tenancy.ts';

type Ports = {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly secrets: Pick<Secrets, 'auditKey'>;
  /** Somebody asked by text to be left alone: they are told once that it was heard. */
  readonly optedOut: () => void;
};

type Asked = {
  readonly orderId: string;
  readonly tenant: string;
  readonly number: string;
  readonly code: string;
  readonly kind: SaleKind;
};
type Match = { readonly asked: Asked; readonly isOwnNumber: boolean; readonly says: ReplySays };

/** A reply to a text older than this is taken for one to nothing of ours. */
const rememberedMs = 30 * 24 * 3_600_000;

/** What became of a message: of one to an order its own outcome, and of others these. `known`: it was brought before. */
type Became = ReplyOutcome | 'optedOut' | 'optedOutAgain' | 'known';

/**
 * A customer's reply (R41, R22). All are kept, exactly as they came, each once (the carrier's id); what it did to the order is written in the
 * same transaction, with a line in the audit chain. One that asks to be left alone says no to the order it may answer, and is a refusal.
 */
export const takeSmsReply = async (ports: Ports, reply: SmsReply): Promise<void> => {
  const { database, clock, log, secrets } = ports;
  const arrivedAtMs = clock.nowMs();
  const key = numberKey(reply.number);
  const number = key ?? reply.number.slice(0, 64);
  const read = readReply(reply.text);
  const { code } = read;
  const wish = code === null && key?.startsWith('+') === true ? optOutWish(reply.text) : 'no';
  const says = wish === 'yes' ? 'no' : read.says;
  const found = await match(database.db, { number, code, says, sinceMs: arrivedAtMs - rememberedMs });
  const optOut: OptOut | undefined =
    wish === 'yes' || (wish === 'unlessAsked' && found === undefined)
      ? { id: reply.id.slice(0, 200), atMs: saidAt(reply, arrivedAtMs), number, said: reply.text.slice(0, 60) }
      : undefined;
  // Before the message is kept, and harmless twice: a fault here has the carrier bring it again.
  const who = optOut === undefined ? undefined : await noteOptOut(database, optOut, arrivedAtMs);
  const db = database.tenant(found?.asked.tenant ?? defaultTenant);
  const outcome = await transaction(db, async (tx): Promise<Became> => {
    const kept = await firstRow(
      tx,
      statement`
        insert into sms_reply (id, number, text, at_ms, arrived_at_ms, order_id, outcome)
        values (${reply.id.slice(0, 200)}, ${number}, ${reply.text.replaceAll('\0', '').slice(0, 1_000)}, ${reply.atMs}, ${arrivedAtMs},
          ${found?.asked.orderId ?? null}, 'unmatched')
        on conflict (id) do nothing returning id`,
    );
    if (kept === undefined) return 'known';
    const ofOrder = found === undefined ? undefined : await applied(tx, secrets.auditKey, reply, found, arrivedAtMs);
    if (optOut === undefined) return ofOrder ?? 'unmatched';
    const about = { nowMs: arrivedAtMs, customerId: who?.id ?? null, isEnglish: isEnglish(reply.text, who) };
    const isFirst = await refuseNumber(tx, optOut, about);
    const became = isFirst ? 'optedOut' : 'optedOutAgain';
    if (ofOrder === undefined) await noteOutcome(tx, reply, became);
    const by = { atMs: arrivedAtMs, agentId: 'central', seatId: 'central', contactId: null, factor: null };
    const result = `text ${reply.id} ${became}`.slice(0, 1_000);
    await audit(tx, secrets.auditKey, [{ ...by, customerId: about.customerId, kind: 'refusal', result }]);
    return became;
  });
  log.info({ orderId: found?.asked.orderId ?? null, outcome }, 'a reply to a text');
  if (outcome === 'optedOut') ports.optedOut();
};

/** When the customer sent it, as far as the carrier's clock can be believed. */
const saidAt = ({ atMs }: SmsReply, arrivedAtMs: number): number =>
  atMs > 0 && atMs <= arrivedAtMs ? atMs : arrivedAtMs;
const isEnglish = (text: string, who: Customer | undefined): boolean =>
  who === undefined ? /^[a-z' ]{4,}$/iu.test(text.trim()) : who.language === 'en';
const noteOutcome = (tx: Tx, { id }: SmsReply, outcome: Became): Promise<void> =>
  run(tx, statement`update sms_reply set outcome = ${outcome} where id = ${id.slice(0, 200)}`);

/** By central's clock: what counts for the customer is when we could have heard it. */
const applied = async (
  tx: Tx,
  auditKey: Uint8Array,
  reply: SmsReply,
  { asked, isOwnNumber, says }: Match,
  atMs: number,
): Promise<ReplyOutcome> => {
  const { outcome, order } = await replyToOrder(tx, asked.orderId, { says, isOwnNumber, atMs });
  await noteOutcome(tx, reply, outcome);
  const of = { atMs, agentId: 'central', seatId: 'central', factor: null };
  const about = { contactId: order?.contactId ?? null, customerId: order?.customerId ?? null };
  await audit(tx, auditKey, [{ ...of, ...about, kind: 'order', result: `${asked.orderId} reply ${says} ${outcome}` }]);
  return outcome;
};

const awaiting: ReadonlySet<SaleKind> = new Set<SaleKind>(['asking', 'sending', 'unsent', 'asked', 'lapsed']);

/**
 * Which order it answers: the one whose code it gives; without a code the one this number was asked about last. Two that wait for an
 * answer and no code: neither is bought by a plain yes.
 */
const match = async (
  db: Db,
  reply: {
    readonly number: string;
    readonly code: string | null;
    readonly says: ReplySays;
    readonly sinceMs: number;
  },
): Promise<Match | undefined> => {
  const { number, code, says } = reply;
  const texts = await rows(
    db,
    statement<Asked>`
      select sale_text.order_id as "orderId", sale_text.tenant, sale_text.number, sale_text.code,
        work.row -> 'sale' ->> 'kind' as kind
      from sale_text join work on work.id = sale_text.order_id
      where sale_text.kind = 'confirm' and sale_text.created_at_ms > ${reply.sinceMs}
        and (sale_text.number = ${number} or sale_text.code = ${code ?? ''})
      order by sale_text.created_at_ms desc limit 50`,
  );
  const own = texts.filter((text) => text.number === number);
  const coded = own.find((text) => text.code === code);
  if (coded !== undefined) return { asked: coded, isOwnNumber: true, says };
  const [newest] = own;
  if (newest !== undefined) {
    // A wrong code is no answer.
    if (code !== null) return { asked: newest, isOwnNumber: true, says: 'unclear' };
    const open = own.filter((text) => awaiting.has(text.kind));
    const orders = new Set(open.map(({ orderId }) => orderId));
    return { asked: open[0] ?? newest, isOwnNumber: true, says: orders.size > 1 ? 'unclear' : says };
  }
  const others = code === null ? [] : texts.filter((text) => text.code === code && awaiting.has(text.kind));
  const [only] = others;
  return only !== undefined && others.length === 1 ? { asked: only, isOwnNumber: false, says } : undefined;
};
