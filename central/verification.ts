import type { CustomerId } from '../shared/ids.ts';
import type { Contact } from '../shared/contact.ts';
import { opens } from '../shared/verification.ts';
import type { Factor, Verification, VerificationEvent } from '../shared/verification.ts';
import { factorState, nextVerification, unverified } from '../shared/verification.ts';
import { presets } from '../shared/verification-tables.ts';
import type { Policy } from '../shared/policy.ts';
import type { Result } from '../shared/result.ts';
import { ok, refusal, refused } from '../shared/result.ts';
import type { Clock, Log, Random } from './ambient.ts';
import { answerFits } from './answers.ts';
import type { AuditEvent } from './audit.ts';
import { audit } from './audit.ts';
import { addCheck, checksOf, failuresOf } from './checks.ts';
import { keepCode, takeCode } from './codes.ts';
import { contactById } from './contacts.ts';
import { customerById, lockClassThree, lockPrivate, mainNumberOf } from './customers.ts';
import type { Db, Tx } from './db.ts';
import { firstRow, statement, transaction } from './db.ts';
import { publishCustomer } from './feed.ts';
import type { Secrets } from './secrets.ts';
import type { Session } from './sessions.ts';
import type { Sms } from './sms.ts';

/** One call, one customer, the agent who has the call (R12). */
type About = { readonly contactId: Contact['id']; readonly customerId: CustomerId };
type Checked = { readonly matched: boolean; readonly triesLeft: number; readonly lockedUntilMs: number | null };
type Revealed = { readonly level: 1 | 2 | 3; readonly fields: Record<string, string> };

export type VerificationPorts = {
  readonly db: Db;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly secrets: Secrets;
  readonly policy: Policy;
  readonly sms: Sms | undefined;
};

const dayMs = 86_400_000;
const hourMs = 3_600_000;
/** The seat's word of a new call may still be on its way when the first question about it arrives. */
const contactPatienceMs = 2_000;
const contactRetryMs = 100;

/** Compares what the caller said. Every outcome has the same shape (security 54); wrong calls and agents are refused. */
export const check = async (
  ports: VerificationPorts,
  session: Session,
  asked: About & { readonly factor: Factor; readonly value: string },
): Promise<Result<Checked>> => {
  const allowed = await running(ports, session, asked);
  if (!allowed.ok) return allowed;
  return transaction(ports.db, async (tx) => {
    const kept = await lockPrivate(tx, asked.customerId);
    if (kept === undefined) return refused(refusal('notFound', 'customer'));
    const nowMs = ports.clock.nowMs();
    const before = await stateOf(tx, ports, asked, kept.lockedUntilMs, nowMs);
    const factor = factorState(before, asked.factor);
    const today = await failuresOf(tx, asked.customerId, nowMs - dayMs);
    const isLocked = before.lockedUntilMs !== null;
    const triesOf = (failures: number, failedToday: number) =>
      Math.max(
        0,
        Math.min(ports.policy.triesPerFactorPerCall - failures, ports.policy.triesPerCustomerPerDay - failedToday),
      );
    const note = noteOf(session, asked, nowMs);
    if (factor.status === 'closed' || (isLocked && isStrict(asked.factor, ports.policy))) {
      // Not compared at all: a closed factor must not tell whether the next guess was right.
      await audit(tx, ports.secrets.auditKey, [note('check', asked.factor, isLocked ? 'locked' : 'closed')]);
      return ok({ matched: false, triesLeft: 0, lockedUntilMs: before.lockedUntilMs });
    }
    const matched =
      asked.factor === 'smsCode'
        ? await takeCode(tx, ports.secrets.mark, { ...asked, nowMs })
        : answerFits(asked.factor, asked.value, kept, ports.secrets.mark);
    await addCheck(tx, { ...asked, agentId: session.agent.id, matched, atMs: nowMs });
    const failedToday = today + (matched ? 0 : 1);
    const locksNow = !matched && !isLocked && failedToday >= ports.policy.triesPerCustomerPerDay;
    const untilMs = locksNow ? nowMs + ports.policy.lockHours * hourMs : before.lockedUntilMs;
    if (locksNow && untilMs !== null) await lock(tx, ports, asked, nowMs, untilMs);
    await audit(tx, ports.secrets.auditKey, [
      note('check', asked.factor, matched ? 'match' : 'noMatch'),
      ...(locksNow ? [note('locked', null, 'fraudCase')] : []),
    ]);
    const failures = factor.failures + (matched ? 0 : 1);
    return ok({ matched, triesLeft: triesOf(failures, failedToday), lockedUntilMs: untilMs });
  });
};

/** Texts a one-time code to the customer's main number: valid once, for five minutes, in this call only (security 57). */
export const sendCode = async (
  ports: VerificationPorts,
  session: Session,
  asked: About,
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
    const code = await keepCode(tx, ports.secrets.mark, ports.random, { ...asked, nowMs });
    if (code.ok)
      await audit(tx, ports.secrets.auditKey, [noteOf(session, asked, nowMs)('codeSent', 'smsCode', 'sent')]);
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

/** Full values of the classes the level proven at central opens. */
export const reveal = async (
  ports: VerificationPorts,
  session: Session,
  asked: About & { readonly reason: string },
): Promise<Result<Revealed>> => {
  const allowed = await running(ports, session, asked);
  if (!allowed.ok) return allowed;
  return transaction(ports.db, async (tx) => {
    const kept = await lockPrivate(tx, asked.customerId);
    if (kept === undefined) return refused(refusal('notFound', 'customer'));
    const nowMs = ports.clock.nowMs();
    const { level } = await stateOf(tx, ports, asked, kept.lockedUntilMs, nowMs);
    const fields = Object.fromEntries(
      Object.entries(kept.fields).flatMap(([key, field]) => (opens(level, field.class) ? [[key, field.value]] : [])),
    );
    // The reason is the seat's word, from outside: kept by its first letters only, for it could hold anything.
    const why = asked.reason.replace(/[^A-Za-z0-9._-]/g, '').slice(0, 24);
    await audit(tx, ports.secrets.auditKey, [noteOf(session, asked, nowMs)('reveal', null, `level${level}:${why}`)]);
    return ok({ level, fields });
  });
};

/** The level central itself has proof of after this factor matched; 0 when it never saw the match. */
export const provenLevel = async (
  tx: Tx,
  policy: Policy,
  about: About & { readonly factor: Factor },
  nowMs: number,
): Promise<number> => {
  const checks = await checksOf(tx, about.contactId, about.customerId);
  if (!checks.some((made) => made.factor === about.factor && made.matched)) return 0;
  return replay(checks, policy, null, nowMs, false).level;
};

/** The call this is about: of this agent, with this customer, not over. Waits a moment for a call that is just beginning. */
const running = async (ports: VerificationPorts, session: Session, about: About): Promise<Result<Contact>> => {
  const untilMs = ports.clock.nowMs() + contactPatienceMs;
  for (;;) {
    const contact = await contactById(ports.db, about.contactId);
    const isHere = contact !== undefined && contact.customerId === about.customerId;
    if (contact !== undefined && contact.agentId !== session.agent.id)
      return refused(refusal('forbidden', 'contactOfAnother'));
    if (contact !== undefined && contact.endedAtMs !== null) return refused(refusal('conflict', 'callEnded'));
    if (isHere) return ok(contact);
    if (ports.clock.nowMs() >= untilMs)
      return refused(contact === undefined ? refusal('notFound', 'contact') : refusal('conflict', 'otherCustomer'));
    await new Promise<void>((done) => void ports.clock.after(contactRetryMs, done));
  }
};

const stateOf = async (
  tx: Tx,
  ports: VerificationPorts,
  about: About,
  lockedUntilMs: number | null,
  nowMs: number,
): Promise<Verification> => {
  const lockMs = lockedUntilMs !== null && nowMs < lockedUntilMs ? lockedUntilMs : null;
  return replay(await checksOf(tx, about.contactId, about.customerId), ports.policy, lockMs, nowMs, true);
};

/** The seat's own rule over central's own record of checks. */
const replay = (
  checks: Awaited<ReturnType<typeof checksOf>>,
  policy: Policy,
  lockedUntilMs: number | null,
  nowMs: number,
  timePasses: boolean,
): Verification => {
  const events: VerificationEvent[] = checks.flatMap(({ factor, matched, atMs }): VerificationEvent[] => [
    { kind: 'timePassed', atMs },
    { kind: 'tried', factor, matched, atMs },
  ]);
  if (lockedUntilMs !== null) events.push({ kind: 'locked', untilMs: lockedUntilMs });
  if (timePasses) events.push({ kind: 'timePassed', atMs: nowMs });
  return events.reduce((state, event) => nextVerification(state, event, policy), unverified);
};

const isStrict = (factor: Factor, policy: Policy): boolean =>
  !presets[policy.verificationPreset][2].some((way) => way.factors.includes(factor));

/** R12: class 3 is closed for this customer, at every seat, and a case says why. */
const lock = async (tx: Tx, ports: VerificationPorts, about: About, nowMs: number, untilMs: number): Promise<void> => {
  await lockClassThree(tx, about.customerId, untilMs);
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

const noteOf =
  (session: Session, about: About, atMs: number) =>
  (kind: AuditEvent['kind'], factor: Factor | null, result: string): AuditEvent => ({
    atMs,
    agentId: session.agent.id,
    seatId: session.seatId,
    contactId: about.contactId,
    customerId: about.customerId,
    kind,
    factor,
    result,
  });
