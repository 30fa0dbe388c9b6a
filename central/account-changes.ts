import type { z } from 'zod';
import type { Contact } from '../shared/contact.ts';
import { numberKey } from '../shared/phone-number.ts';
import type { Result } from '../shared/result.ts';
import { ok, refusal, refused } from '../shared/result.ts';
import { mayAct } from '../shared/verification.ts';
import type { AccountChangeRequest, AccountChangeResponse } from '../shared/verification-api.ts';
import { passwordMark } from './answers.ts';
import { audit } from './audit.ts';
import { addCheck } from './checks.ts';
import { customerById, lockPrivate } from './customers.ts';
import type { Tx } from './db.ts';
import { asJson, firstRow, run, statement, transaction } from './db.ts';
import { publishCustomer } from './feed.ts';
import type { KeypadPorts } from './keypad.ts';
import { aside } from './keypad.ts';
import { oweNotice } from './notices.ts';
import { putRisk } from './risk.ts';
import type { Session } from './sessions.ts';
import { noteOf, running, stateOf } from './verifying.ts';

type Asked = z.output<typeof AccountChangeRequest>;
type Changed = z.input<typeof AccountChangeResponse>;

/**
 * What takes an account over, on line only (security 60): with the action's own check, proven at central, which it uses up (security
 * 52). The customer is told at an old contact, once (security 63).
 */
export const accountChange = async (ports: KeypadPorts, session: Session, asked: Asked): Promise<Result<Changed>> => {
  const again = await doneBefore(ports, asked);
  if (again !== undefined) return again;
  const allowed = await running(ports, session, asked);
  if (!allowed.ok) return allowed;
  const contact = allowed.value;
  const may = await transaction(ports.db, (tx) => allowedTo(tx, ports, contact, asked));
  if (!may.ok) return may;
  const wanted = await wantedValue(ports, session, contact, asked);
  if (!wanted.ok) return wanted;
  return transaction(ports.db, async (tx) => {
    // Asked again: in between the customer keyed in a password, and the step-up may have run out.
    const still = await allowedTo(tx, ports, contact, asked);
    if (!still.ok) return still;
    const nowMs = ports.clock.nowMs();
    const inserted = await firstRow(
      tx,
      statement`
        insert into account_change (id, contact_id, customer_id, agent_id, action, how, at_ms)
        values (${asked.changeId}, ${asked.contactId}, ${asked.customerId}, ${session.agent.id}, ${asked.action},
          ${how[asked.action]}, ${nowMs}) on conflict (id) do nothing returning id`,
    );
    if (inserted === undefined) return refused(refusal('conflict', 'changeRepeated'));
    // Before the change: to the contact as it was.
    await oweNotice(tx, { id: asked.changeId, customerId: asked.customerId, kind: asked.action, atMs: nowMs });
    await effect(tx, ports, asked, wanted.value, nowMs);
    await addCheck(tx, {
      ...{ contactId: asked.contactId, customerId: asked.customerId, agentId: session.agent.id },
      ...{ factor: 'used', matched: true, atMs: nowMs, action: asked.action },
    });
    await audit(tx, ports.secrets.auditKey, [noteOf(session, asked, nowMs)('change', null, asked.action)]);
    return ok({ how: how[asked.action], atMs: nowMs, reference: referenceOf(asked) });
  });
};

const how = { passwordReset: 'keyed', contactChange: 'done', simChange: 'registered', portOut: 'registered' } as const;

const doneBefore = async (ports: KeypadPorts, asked: Asked): Promise<Result<Changed> | undefined> => {
  const before = await firstRow(
    ports.db,
    statement<{ contactId: string; customerId: string; action: string; how: string; atMs: number }>`
      select contact_id as "contactId", customer_id as "customerId", action, how, at_ms as "atMs"
      from account_change where id = ${asked.changeId}`,
  );
  if (before === undefined) return undefined;
  const isSame =
    before.contactId === asked.contactId && before.customerId === asked.customerId && before.action === asked.action;
  if (!isSame) return refused(refusal('conflict', 'changeRepeated'));
  return ok({ how: before.how, atMs: before.atMs, reference: referenceOf(asked) });
};

const allowedTo = async (tx: Tx, ports: KeypadPorts, contact: Contact, asked: Asked): Promise<Result<null>> => {
  const kept = await lockPrivate(tx, asked.customerId);
  if (kept === undefined) return refused(refusal('notFound', 'customer'));
  const nowMs = ports.clock.nowMs();
  const state = await stateOf(tx, ports.policy, contact, asked.customerId, kept.lockedUntilMs, nowMs);
  return mayAct(state, asked.action, ports.policy, nowMs) ? ok(null) : refused(refusal('policy', 'notVerified'));
};

/** A password nobody hears: keyed in twice, in this same call (R10: never "go to a shop"). */
const wantedValue = async (
  ports: KeypadPorts,
  session: Session,
  contact: Contact,
  asked: Asked,
): Promise<Result<string>> => {
  if (asked.action === 'contactChange') {
    const key = numberKey(asked.value ?? '');
    return key === undefined ? refused(refusal('invalid', 'number')) : ok(key);
  }
  if (asked.action !== 'passwordReset') return ok('');
  const keyed: string[] = [];
  for (let n = 0; n < 2; n += 1) {
    const one = await aside(ports, session, contact, 'newPassword');
    if (!one.ok) return one;
    if (!one.value.ok || one.value.value.length < 6) return refused(refusal('conflict', 'nothingKeyed'));
    keyed.push(one.value.value);
  }
  const [first = '', second] = keyed;
  if (first !== second) return refused(refusal('conflict', 'newPasswordDiffers'));
  return isWeak(first) ? refused(refusal('policy', 'newPasswordWeak')) : ok(first);
};

/** One digit over and over, or counting up or down. */
const isWeak = (digits: string): boolean =>
  [0, 1, -1].some((step) =>
    Array.from(digits).every((digit, i) => i === 0 || Number(digit) - Number(digits[i - 1]) === step),
  );

const effect = async (tx: Tx, ports: KeypadPorts, asked: Asked, value: string, atMs: number): Promise<void> => {
  const { customerId } = asked;
  switch (asked.action) {
    case 'passwordReset': {
      const salt = Buffer.from(ports.random(12)).toString('base64url');
      return run(
        tx,
        statement`
          update customer_private set password_salt = ${salt},
            password_mark = ${passwordMark(ports.secrets.mark, salt, value)}
          where customer_id = ${customerId}`,
      );
    }
    case 'contactChange': {
      await run(
        tx,
        statement`
          update customer_private
          set fields = (fields::jsonb || ${asJson({ contactPhone: { class: 3, value } })}::jsonb)::json
          where customer_id = ${customerId}`,
      );
      const customer = await customerById(tx, customerId);
      if (customer === undefined) return;
      const fields = customer.fields.map((field) =>
        field.key === 'contactPhone' ? { ...field, shown: `*********${value.slice(-2)}` } : field,
      );
      return publishCustomer(tx, { ...customer, fields });
    }
    case 'simChange':
      return putRisk(tx, customerId, { simChangedAtMs: atMs });
    case 'portOut':
      return putRisk(tx, customerId, { portChangedAtMs: atMs });
  }
};

/** What the agent tells the customer as the number of the order. */
const referenceOf = ({ action, changeId }: Asked): Changed['reference'] => {
  if (how[action] !== 'registered') return null;
  const short = changeId.slice(-8).toUpperCase();
  return { zh: `受理号 ${short}`, en: `Reference ${short}` };
};
