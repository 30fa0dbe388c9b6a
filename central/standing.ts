import type { Contact } from '../shared/contact.ts';
import { exchangeIdOf } from '../shared/contact.ts';
import type { CustomerId } from '../shared/ids.ts';
import type { Result } from '../shared/result.ts';
import { ok, refusal, refused } from '../shared/result.ts';
import type { z } from 'zod';
import { passedFor } from '../shared/verification.ts';
import type { CallBackResponse, SendLevelResponse, StandingResponse } from '../shared/verification-api.ts';
import type { AnyFactor } from '../shared/verification-tables.ts';
import { isVoid } from '../shared/verification-tables.ts';
import { audit } from './audit.ts';
import { addCheck } from './checks.ts';
import { lockPrivate, mainNumberOf, customerById } from './customers.ts';
import type { Tx } from './db.ts';
import { asJson, rows, run, statement, transaction } from './db.ts';
import { lastOverrideOf } from './overrides.ts';
import { flagsOf } from './risk.ts';
import { keyedHash, sameText } from './secrets.ts';
import type { Session } from './sessions.ts';
import type { About, VerificationPorts } from './verifying.ts';
import { isStrict, noteOf, running, stateOf } from './verifying.ts';

/** A pass proves to another call what was proven in this one. It is central's own word, signed and short. */
type Pass = {
  readonly id: string;
  readonly kind: 'callBack' | 'transfer';
  readonly customerId: string;
  readonly fromContactId: string;
  /** As the exchange names the call; null: another call, of the same agent. */
  readonly exchangeId: string | null;
  readonly agentId: string;
  readonly factors: readonly AnyFactor[];
  readonly expiresAtMs: number;
};
/** To hang up, wrap up and dial; to be handed over and answered. */
const lifeMs = { callBack: 15 * 60_000, transfer: 2 * 60_000 } as const;

/** Where the check stands before the first question; takes up a pass that waits for this call. */
export const standing = async (
  ports: VerificationPorts & { readonly hasKeypad: boolean },
  session: Session,
  asked: About,
): Promise<Result<z.input<typeof StandingResponse>>> => {
  const allowed = await running(ports, session, asked);
  if (!allowed.ok) return allowed;
  return transaction(ports.db, async (tx) => {
    const kept = await lockPrivate(tx, asked.customerId);
    if (kept === undefined) return refused(refusal('notFound', 'customer'));
    const nowMs = ports.clock.nowMs();
    const flags = await flagsOf(tx, allowed.value, asked.customerId, nowMs);
    const isLocked = kept.lockedUntilMs !== null && nowMs < kept.lockedUntilMs;
    const override = await lastOverrideOf(tx, asked.contactId);
    const pass = isLocked ? undefined : await passFor(tx, ports, allowed.value, asked.customerId, nowMs);
    const carried = (pass?.factors ?? []).filter((factor) => !isVoid(factor, flags));
    if (pass !== undefined) {
      await run(tx, statement`update level_pass set used_at_ms = ${nowMs} where id = ${pass.id}`);
      for (const factor of carried)
        await addCheck(tx, {
          ...{ contactId: asked.contactId, customerId: asked.customerId, agentId: session.agent.id },
          ...{ factor, matched: true, atMs: nowMs, action: null },
        });
      const note = noteOf(session, asked, nowMs);
      await audit(tx, ports.secrets.auditKey, [note('pass', null, `taken:${pass.kind}:${carried.join('+')}`)]);
    }
    return ok({
      flags: [...flags],
      lockedUntilMs: isLocked ? kept.lockedUntilMs : null,
      carried: [...carried],
      keypad: ports.hasKeypad,
      override,
    });
  });
};

/** A pass for calling back: to the number on file, never to one an agent types (security 59). */
export const callBack = async (
  ports: VerificationPorts,
  session: Session,
  asked: About,
): Promise<Result<z.input<typeof CallBackResponse>>> => {
  const allowed = await running(ports, session, asked);
  if (!allowed.ok) return allowed;
  const contact = allowed.value;
  return transaction(ports.db, async (tx) => {
    const kept = await lockPrivate(tx, asked.customerId);
    const number = await mainNumberOf(tx, asked.customerId);
    const customer = await customerById(tx, asked.customerId);
    if (kept === undefined || number === undefined || customer === undefined)
      return refused(refusal('notFound', 'customer'));
    const nowMs = ports.clock.nowMs();
    if (kept.lockedUntilMs !== null && nowMs < kept.lockedUntilMs)
      return refused(refusal('locked', 'verificationLocked', { untilMs: kept.lockedUntilMs }));
    const flags = await flagsOf(tx, contact, asked.customerId, nowMs);
    const note = noteOf(session, asked, nowMs);
    const numberIndex = customer.numbers.findIndex(({ key }) => key === number);
    if (isVoid('callBack', flags) || numberIndex < 0) {
      await audit(tx, ports.secrets.auditKey, [note('pass', 'callBack', 'void')]);
      return refused(refusal('policy', 'callBackUnsafe'));
    }
    const before = await stateOf(tx, ports.policy, contact, asked.customerId, null, nowMs);
    // What the caller knew goes along; the call itself is the proof that it is them.
    const knew = ports.policy.callBackCarries === false ? [] : passedFor(before, 'disclose');
    const factors: AnyFactor[] = [
      'callBack',
      ...knew.filter((factor) => factor !== 'callBack' && factor !== 'override'),
    ];
    const untilMs = nowMs + lifeMs.callBack;
    const id = `${asked.contactId}:callBack:${nowMs}`;
    await keepPass(tx, ports, {
      ...{ id, kind: 'callBack', customerId: asked.customerId, fromContactId: asked.contactId, exchangeId: null },
      ...{ agentId: session.agent.id, factors, expiresAtMs: untilMs },
    });
    await audit(tx, ports.secrets.auditKey, [note('pass', 'callBack', 'made')]);
    return ok({ numberIndex, masked: masked(number), untilMs });
  });
};

/** R12: the level goes with the call to the next agent when the policy has it travel; else it is checked anew there. */
export const sendLevel = async (
  ports: VerificationPorts,
  session: Session,
  asked: About,
): Promise<Result<z.input<typeof SendLevelResponse>>> => {
  if (ports.policy.levelOnTransfer !== 'signed') return refused(refusal('policy', 'levelRechecked'));
  const allowed = await running(ports, session, asked);
  if (!allowed.ok) return allowed;
  return transaction(ports.db, async (tx) => {
    const kept = await lockPrivate(tx, asked.customerId);
    if (kept === undefined) return refused(refusal('notFound', 'customer'));
    const nowMs = ports.clock.nowMs();
    const state = await stateOf(tx, ports.policy, allowed.value, asked.customerId, kept.lockedUntilMs, nowMs);
    // A step-up goes no further than its own ten minutes, and an override not at all.
    const untilMs = Math.min(nowMs + lifeMs.transfer, state.strictUntilMs ?? Number.MAX_SAFE_INTEGER);
    const factors = passedFor(state, 'disclose').filter(
      (factor) => factor !== 'override' && (state.level === 3 || !isStrict(factor, ports.policy)),
    );
    if (factors.length === 0) return refused(refusal('conflict', 'nothingProven'));
    await keepPass(tx, ports, {
      id: `${asked.contactId}:transfer:${nowMs}`,
      ...{ kind: 'transfer', customerId: asked.customerId, fromContactId: asked.contactId },
      ...{ exchangeId: exchangeIdOf(allowed.value), agentId: session.agent.id, factors, expiresAtMs: untilMs },
    });
    await audit(tx, ports.secrets.auditKey, [noteOf(session, asked, nowMs)('pass', null, 'made:transfer')]);
    return ok({ untilMs });
  });
};

const sign = (ports: VerificationPorts, pass: Pass): string =>
  keyedHash(
    ports.secrets.tokenKey,
    JSON.stringify([
      ...['pass', pass.id, pass.kind, pass.customerId, pass.fromContactId, pass.exchangeId, pass.agentId],
      ...[pass.factors, pass.expiresAtMs],
    ]),
  );

const keepPass = (tx: Tx, ports: VerificationPorts, pass: Pass): Promise<void> =>
  run(
    tx,
    statement`
      insert into level_pass (id, kind, customer_id, from_contact_id, exchange_id, agent_id, factors, expires_at_ms, signature)
      values (${pass.id}, ${pass.kind}, ${pass.customerId}, ${pass.fromContactId}, ${pass.exchangeId}, ${pass.agentId},
        ${asJson(pass.factors)}::json, ${pass.expiresAtMs}, ${sign(ports, pass)})
      on conflict (id) do nothing`,
  );

/**
 * The pass this call may take up: of the call it was handed over from, or, of the agent's own that calls the customer back, answered, at
 * the number on file. One whose signature is not central's is as good as none.
 */
const passFor = async (
  tx: Tx,
  ports: VerificationPorts,
  contact: Contact,
  customerId: CustomerId,
  nowMs: number,
): Promise<Pass | undefined> => {
  const found = await rows(
    tx,
    statement<Pass & { readonly signature: string }>`
      select id, kind, customer_id as "customerId", from_contact_id as "fromContactId", exchange_id as "exchangeId",
        agent_id as "agentId", factors, expires_at_ms as "expiresAtMs", signature
      from level_pass
      where customer_id = ${customerId} and used_at_ms is null and expires_at_ms > ${nowMs}
        and from_contact_id <> ${contact.id}
      order by expires_at_ms desc limit 10`,
  );
  const main = await mainNumberOf(tx, customerId);
  const fits = (pass: Pass): boolean =>
    pass.kind === 'transfer'
      ? contact.direction === 'inbound' && pass.exchangeId === exchangeIdOf(contact)
      : contact.direction === 'outbound' &&
        contact.answeredAtMs !== null &&
        contact.number === main &&
        pass.agentId === contact.agentId;
  return found.find((pass) => sameText(pass.signature, sign(ports, pass)) && fits(pass));
};

/** 138****8000, as the desk shows numbers. */
const masked = (key: string): string => {
  const national = key.replace(/^\+86/, '');
  return national.length < 8 ? '****' : `${national.slice(0, 3)}****${national.slice(-4)}`;
};
