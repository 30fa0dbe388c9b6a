import type { Contact } from '../shared/contact.ts';
import type { Policy } from '../shared/policy.ts';
import type { Result } from '../shared/result.ts';
import { ok, refusal, refused } from '../shared/result.ts';
import type { Factor, Verification } from '../shared/verification.ts';
import { factorState, nextVerification } from '../shared/verification.ts';
import type { AccountAction, AnyFactor } from '../shared/verification-tables.ts';
import { isVoid, sharesTries } from '../shared/verification-tables.ts';
import { answerFits } from './answers.ts';
import { audit } from './audit.ts';
import { addCheck, checksOf, failuresOf } from './checks.ts';
import { keepCode, takeCode } from './codes.ts';
import type { PrivateValues } from './customers.ts';
import { customerById, lockClassThree, lockPrivate, mainNumberOf } from './customers.ts';
import type { Tx } from './db.ts';
import { firstRow, statement, transaction } from './db.ts';
import { publishCustomer } from './feed.ts';
import { oweNotice } from './notices.ts';
import { flagsOf } from './risk.ts';
import type { Session } from './sessions.ts';
import type { About, VerificationPorts } from './verifying.ts';
import { dayMs, isStrict, noteOf, replay, running, stateOf } from './verifying.ts';

type Checked = { readonly matched: boolean; readonly triesLeft: number; readonly lockedUntilMs: number | null };
type For = { readonly action?: AccountAction | undefined };

const hourMs = 3_600_000;

/** Compares what the caller said. Every outcome has the same shape (security 54); wrong calls and agents are refused. */
export const check = async (
  ports: VerificationPorts,
  session: Session,
  asked: About & For & { readonly factor: Factor; readonly value: string },
): Promise<Result<Checked>> => {
  const allowed = await running(ports, session, asked);
  if (!allowed.ok) return allowed;
  const { factor, value } = asked;
  return judge(ports, session, allowed.value, { ...asked, factor }, (tx, kept, nowMs) =>
    factor === 'smsCode'
      ? takeCode(tx, ports.secrets.mark, { ...asked, nowMs })
      : answerFits(factor, value, kept, ports.secrets.mark),
  );
};

/** One try at a factor, with everything that hangs on it: limits, lock, notices, audit (R12, R13, security 53, 63). */
export const judge = (
  ports: VerificationPorts,
  session: Session,
  contact: Contact,
  asked: About & For & { readonly factor: AnyFactor },
  fits: (tx: Tx, kept: PrivateValues, nowMs: number) => boolean | Promise<boolean>,
): Promise<Result<Checked>> =>
  transaction(ports.db, async (tx) => {
    const { policy, secrets } = ports;
    const kept = await lockPrivate(tx, asked.customerId);
    if (kept === undefined) return refused(refusal('notFound', 'customer'));
    const nowMs = ports.clock.nowMs();
    const before = await stateOf(tx, policy, contact, asked.customerId, kept.lockedUntilMs, nowMs);
    const today = await failuresOf(tx, asked.customerId, nowMs - dayMs);
    const note = noteOf(session, asked, nowMs);
    const isLocked = before.lockedUntilMs !== null;
    const why = whyNotCompared(before, asked, isLocked, policy);
    if (why !== undefined) {
      // Not compared at all: a closed factor must not tell whether the next guess was right.
      await audit(tx, secrets.auditKey, [note('check', asked.factor, why)]);
      return ok({ matched: false, triesLeft: 0, lockedUntilMs: before.lockedUntilMs });
    }
    const matched = await fits(tx, kept, nowMs);
    await addCheck(tx, {
      ...{ contactId: asked.contactId, customerId: asked.customerId, agentId: session.agent.id },
      ...{ factor: asked.factor, matched, atMs: nowMs, action: asked.action ?? null },
    });
    const event = { kind: 'tried', factor: asked.factor, matched, atMs: nowMs, purpose: asked.action } as const;
    const after = nextVerification(before, event, policy);
    const failedToday = today + (matched ? 0 : 1);
    const locksNow = !matched && !isLocked && failedToday >= policy.triesPerCustomerPerDay;
    const untilMs = locksNow ? nowMs + policy.lockHours * hourMs : before.lockedUntilMs;
    if (locksNow && untilMs !== null) await lock(tx, ports, asked, nowMs, untilMs);
    await owe(tx, asked, before, after, nowMs);
    await audit(tx, secrets.auditKey, [
      note(
        'check',
        asked.factor,
        `${matched ? 'match' : 'noMatch'}${asked.action === undefined ? '' : `:${asked.action}`}`,
      ),
      ...(locksNow ? [note('locked', null, 'fraudCase')] : []),
    ]);
    const left = Math.min(
      policy.triesPerFactorPerCall - factorState(after, asked.factor).failures,
      policy.triesPerCustomerPerDay - failedToday,
    );
    return ok({ matched, triesLeft: Math.max(0, left), lockedUntilMs: untilMs });
  });

const whyNotCompared = (
  state: Verification,
  { factor, action }: For & { readonly factor: AnyFactor },
  isLocked: boolean,
  policy: Policy,
): string | undefined => {
  if (isLocked && isStrict(factor, policy)) return 'locked';
  if (sharesTries(factor).some((one) => factorState(state, one).status === 'closed')) return 'closed';
  // Security 58: it could only prove that whoever calls has the card.
  return isVoid(factor, state.flags, action) ? 'void' : undefined;
};

/** One notice a call when a factor is used up, one when class 3 was reached. */
const owe = async (tx: Tx, about: About, before: Verification, after: Verification, atMs: number): Promise<void> => {
  const closed = (state: Verification): number => state.factors.filter(({ status }) => status === 'closed').length;
  const of = { customerId: about.customerId, atMs };
  if (closed(after) > closed(before))
    await oweNotice(tx, { ...of, id: `${about.contactId}:failed`, kind: 'checkFailed' });
  if (after.level === 3 && before.level < 3)
    await oweNotice(tx, { ...of, id: `${about.contactId}:strict`, kind: 'strictReached' });
};

/** Texts a one-time code to the customer's main number: valid once, for five minutes, in this call and for this alone (security 57). */
export const sendCode = async (
  ports: VerificationPorts,
  session: Session,
  asked: About & For,
): Promise<Result<{ readonly expiresAtMs: number }>> => {
  const { sms } = ports;
  if (sms === undefined) return refused(refusal('offline', 'smsUnavailable'));
  const allowed = await running(ports, session, asked);
  if (!allowed.ok) return allowed;
  const number = await mainNumberOf(ports.db, asked.customerId);
  if (number === undefined) return refused(refusal('notFound', 'customer'));
  const made = await transaction(ports.db, async (tx) => {
    const kept = await lockPrivate(tx, asked.customerId);
    if (kept === undefined) return refused(refusal('notFound', 'customer'));
    const nowMs = ports.clock.nowMs();
    if (kept.lockedUntilMs !== null && nowMs < kept.lockedUntilMs)
      return refused(refusal('locked', 'verificationLocked', { untilMs: kept.lockedUntilMs }));
    const note = noteOf(session, asked, nowMs);
    const flags = await flagsOf(tx, allowed.value, asked.customerId, nowMs);
    if (isVoid('smsCode', flags, asked.action)) {
      await audit(tx, ports.secrets.auditKey, [note('codeSent', 'smsCode', 'void')]);
      return refused(refusal('policy', 'codeUnsafe'));
    }
    const code = await keepCode(tx, ports.secrets.mark, ports.random, { ...asked, nowMs });
    if (code.ok) await audit(tx, ports.secrets.auditKey, [note('codeSent', 'smsCode', 'sent')]);
    return code;
  });
  if (!made.ok) return made;
  // Not inside the transaction: the carrier may be slow. A code nobody received simply runs out.
  try {
    await sms.send({ customerId: asked.customerId, number, text: codeText(made.value.code) });
  } catch {
    ports.log.warn({ contactId: asked.contactId }, 'the carrier did not take a one-time code');
    return refused(refusal('offline', 'smsUnavailable'));
  }
  return ok({ expiresAtMs: made.value.expiresAtMs });
};

const codeText = (code: string): string =>
  `【客户服务】验证码 ${code}，5 分钟内有效，仅用于本次通话核验。Your one-time code is ${code}.`;

/** The level central itself has proof of after this factor matched; 0 when it never saw the match. */
export const provenLevel = async (
  tx: Tx,
  policy: Policy,
  about: About & { readonly factor: Factor },
): Promise<number> => {
  const checks = await checksOf(tx, about.contactId, about.customerId);
  // A password that was keyed in is told as the password.
  const same = sharesTries(about.factor);
  if (!checks.some((made) => made.matched && made.factor !== 'used' && same.includes(made.factor))) return 0;
  return replay(checks, policy, { lockMs: null, flags: [], nowMs: null }).level;
};

/** R12: class 3 is closed for this customer, at every seat, and a case says why. */
const lock = async (tx: Tx, ports: VerificationPorts, about: About, nowMs: number, untilMs: number): Promise<void> => {
  await lockClassThree(tx, about.customerId, untilMs);
  await oweNotice(tx, { id: `${about.contactId}:locked`, customerId: about.customerId, kind: 'locked', atMs: nowMs });
  const id = `fraud-${about.contactId}`;
  const opened = await firstRow(
    tx,
    statement`
      insert into fraud_case (id, customer_id, contact_id, opened_at_ms)
      values (${id}, ${about.customerId}, ${about.contactId}, ${nowMs}) on conflict (id) do nothing returning id`,
  );
  const customer = await customerById(tx, about.customerId);
  if (opened === undefined || customer === undefined) return;
  await publishCustomer(tx, {
    ...customer,
    cases: [
      ...customer.cases,
      {
        id,
        kind: 'report',
        title: { zh: '疑似冒用身份：多次核验不符', en: 'Suspected impersonation: repeated failed checks' },
        department: { zh: '反欺诈组', en: 'Fraud desk' },
        openedAtMs: nowMs,
        deadlineMs: untilMs,
        status: 'open',
      },
    ],
  });
  ports.log.warn({ caseId: id }, 'class 3 locked for a customer after repeated failed checks');
};
