import type { Customer } from '../shared/customer.ts';
import type { CustomerId } from '../shared/ids.ts';
import { mostOptOuts, type OptOut } from '../shared/opt-out.ts';
import type { Policy } from '../shared/policy.ts';
import type { Clock, Log } from './ambient.ts';
import { faultFields } from './ambient.ts';
import { customerById } from './customers.ts';
import type { Database, Tx } from './db.ts';
import { firstRow, rows, run, statement, transaction } from './db.ts';
import { noteRefusal } from './dial-grants.ts';
import { lockCustomer, publishCustomer } from './feed.ts';
import { makeRounds, type Rounds } from './rounds.ts';
import type { Sms } from './sms.ts';

/** R22: what a text does that asks to be left alone, and the one text that says it was heard. */

type Holder = { readonly id: CustomerId; readonly tenant: string; readonly isAlone: boolean };

/**
 * On the records of everybody with this number, in every firm: whoever has it for themselves refuses with all their numbers, as when they say so in
 * a call; of several who share it the number does, and with it whoever has it (`refuseNumber`), for nobody knows who wrote. Again with the same message: nothing more.
 * @returns who it was, if that is certain
 */
export const noteOptOut = async (database: Database, optOut: OptOut, nowMs: number): Promise<Customer | undefined> => {
  const holders = await holdersOf(database, optOut.number);
  let known: Customer | undefined;
  for (const { id, tenant, isAlone } of holders)
    await transaction(database.tenant(tenant), async (tx) => {
      await lockCustomer(tx, id);
      const customer = await customerById(tx, id);
      if (customer === undefined) return;
      const isTheirs =
        isAlone && customer.numbers.some(({ key, confidence }) => key === optOut.number && confidence === 'certain');
      if (isTheirs) {
        await noteRefusal(
          tx,
          id,
          customer.numbers.map(({ key }) => key),
          nowMs,
        );
        known ??= customer;
      }
      const before = customer.optOuts ?? [];
      const isNoted = before.some((one) => one.id === optOut.id);
      if (isNoted && (customer.refusesMarketing || !isTheirs)) return;
      const optOuts = isNoted ? before : [...before, optOut].slice(-mostOptOuts);
      await publishCustomer(tx, {
        ...customer,
        ...{ refusesMarketing: customer.refusesMarketing || isTheirs, optOuts },
      });
    });
  return known;
};

const holdersOf = async ({ db }: Database, key: string): Promise<readonly Holder[]> => {
  const found = await rows(
    db,
    statement<{ id: CustomerId; tenant: string }>`
      select feed.id, feed.tenant from customer_number join feed
        on feed.entity = 'customer' and feed.id = customer_number.customer_id and feed.row is not null
      where customer_number.key = ${key} order by feed.id limit 100`,
  );
  return found.map((one) => ({ ...one, isAlone: found.filter(({ tenant }) => tenant === one.tenant).length === 1 }));
};

/** In the transaction that keeps the message. @returns whether this is the first time that this number asked by text */
export const refuseNumber = async (
  tx: Tx,
  { id, number, atMs }: OptOut,
  {
    nowMs,
    customerId,
    isEnglish,
  }: { readonly nowMs: number; readonly customerId: string | null; readonly isEnglish: boolean },
): Promise<boolean> => {
  await run(
    tx,
    statement`
      insert into dial_refusal (customer_id, number_key, at_ms) values ('', ${number}, ${atMs})
      on conflict (customer_id, number_key) do nothing`,
  );
  const fresh = await firstRow(
    tx,
    statement`
      insert into opt_out (number, reply_id, customer_id, is_english, said_at_ms, arrived_at_ms, text_claimed_until_ms, text_tries)
      values (${number}, ${id}, ${customerId}, ${isEnglish}, ${atMs}, ${nowMs}, 0, 0)
      on conflict (number) do nothing returning number`,
  );
  return fresh !== undefined;
};

type Ports = {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly sms: Sms | undefined;
  readonly policy: Policy;
};

const lookMs = 5_000;
const claimMs = 60_000;
const mostTries = 3;
/** Later it would only surprise. */
const freshMs = 3_600_000;
const atOnce = 50;

/** Says once that it was heard, under a name that is the same at every try: whoever asks to be left alone gets one text more, never two. */
export const openOptOuts = (ports: Ports): Rounds => {
  const { clock, log, sms, policy } = ports;
  const go = async (): Promise<void> => {
    if (sms === undefined || policy.optOutText === false) return;
    for (const one of await claimed(ports)) await confirm(ports, sms, one);
  };
  const rounds = makeRounds(clock, lookMs, go, (fault) =>
    log.warn(faultFields(fault), 'opt-outs were not confirmed; tried again'),
  );
  rounds.begin();
  return rounds;
};

type Owed = { readonly number: string; readonly customerId: string | null; readonly isEnglish: boolean };

/** Written down before the carrier is asked. */
const claimed = ({ database, clock }: Ports): Promise<readonly Owed[]> => {
  const nowMs = clock.nowMs();
  return rows(
    database.db,
    statement<Owed>`
      update opt_out set text_claimed_until_ms = ${nowMs + claimMs}, text_tries = text_tries + 1
      where number in (
        select number from opt_out
        where text_sent_at_ms is null and text_tries < ${mostTries} and text_claimed_until_ms < ${nowMs}
          and arrived_at_ms > ${nowMs - freshMs}
        order by arrived_at_ms limit ${atOnce} for update skip locked)
      returning number, customer_id as "customerId", is_english as "isEnglish"`,
  );
};

const confirm = async (
  { database, clock, log }: Ports,
  sms: Sms,
  { number, customerId, isEnglish }: Owed,
): Promise<void> => {
  try {
    await sms.send({
      ...{ customerId: customerId ?? '', number, text: isEnglish ? heard.en : heard.zh, about: 'notice' },
      id: `optout ${number}`,
    });
  } catch (fault) {
    return log.warn(faultFields(fault), 'the carrier did not take the text that confirms an opt-out; tried again');
  }
  await run(database.db, statement`update opt_out set text_sent_at_ms = ${clock.nowMs()} where number = ${number}`);
};

const heard = {
  zh: '【客户服务】已收到：本号码不再接收我们的营销电话和短信。与您的业务有关的通知不受影响。',
  en: '[Customer service] Noted: no more offers to this number by call or text. Messages about your own service still reach you.',
};
