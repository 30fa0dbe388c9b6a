import type { Contact } from '../../shared/contact.ts';
import type { QueryClass } from '../../shared/customer.ts';
import { afterCentral } from '../../shared/degraded.ts';
import type { ContactId, CustomerId } from '../../shared/ids.ts';
import type { Result } from '../../shared/result.ts';
import { ok, refusal, refused } from '../../shared/result.ts';
import type { Factor, Verification } from '../../shared/verification.ts';
import { factorState, nextVerification, opens, unverified } from '../../shared/verification.ts';
import { factorsFor } from '../../shared/verification-tables.ts';
import type { CentralClient } from './central-client.ts';
import type { Clock } from './clock.ts';
import type { Log } from './log.ts';
import { faultFields } from './log.ts';
import type { Seat, Signed, Work } from './seat.ts';
import { findCustomer } from './seat.ts';
import type { Db } from './store/db.ts';

type Tried = { readonly matched: boolean; readonly triesLeft: number; readonly level: QueryClass };

export interface VerificationWork {
  /** Central compares (R11); the value typed goes there and nowhere else. */
  tryFactor(contactId: ContactId, factor: Factor, value: string): Promise<Result<Tried>>;
  sendCode(contactId: ContactId): Promise<Result<{ expiresAtMs: number }>>;
  close(): void;
}

/** What remains of a level when the customer is switched or the engine was restarted: the failed tries (R12). */
export const withoutLevel = (state: Verification): Verification => ({
  ...unverified,
  lockedUntilMs: state.lockedUntilMs,
  factors: state.factors
    .filter((factor) => factor.failures > 0)
    .map((factor) => (factor.status === 'passed' ? { ...factor, status: 'open' } : factor)),
});

/** Failed tries as the contact recorded them, counted strictly: for which customer is not recorded. */
export const failuresOf = (contact: Contact): Verification => {
  let state = unverified;
  for (const { factor, matched, atMs } of contact.verifications)
    if (!matched) state = nextVerification(state, { kind: 'tried', factor, matched, atMs }, strictest);
  return state;
};
const strictest = { verificationPreset: 'strict', triesPerFactorPerCall: 3, strictMinutes: 1 } as const;

export const createVerificationWork = (
  db: Db,
  seat: Seat,
  client: CentralClient,
  clock: Clock,
  log: Log,
): VerificationWork => {
  let cancelExpiry = (): void => {};

  const tryFactor = async (contactId: ContactId, factor: Factor, value: string): Promise<Result<Tried>> => {
    const asked = askable(seat, contactId);
    if (!asked.ok) return asked;
    const { work, session, customerId } = asked.value;
    const closed = whyClosed(work.verification, factor, session, clock.nowMs());
    if (closed !== undefined) return closed;
    const answer = await client.call('check', { contactId, customerId, factor, value }, session.token);
    if (!answer.ok) {
      const isClass2 = factorsFor(2, session.policy.verificationPreset).includes(factor);
      return refused(afterCentral(isClass2 ? 'verifyClass2' : 'verifyClass3', answer.error));
    }
    const { matched, lockedUntilMs } = answer.value;
    const now = seat.work;
    const atMs = clock.nowMs();
    // The call may be over, or another customer chosen, while central was comparing: recorded, but it opens nothing.
    const still = now?.contact.id === contactId && now.contact.customerId === customerId && isTalking(seat, contactId);
    let state = now !== null && still ? now.verification : unverified;
    if (lockedUntilMs !== null)
      state = nextVerification(state, { kind: 'locked', untilMs: lockedUntilMs }, session.policy);
    state = nextVerification(state, { kind: 'tried', factor, matched, atMs }, session.policy);
    const recorded = seat.commit({
      ops: [{ name: 'contact.verified', contactId, factor, matched, level: state.level, atMs }],
      ...(still ? { work: (contact) => ({ ...now, verification: state, contact: contact ?? now.contact }) } : {}),
    });
    if (!recorded.ok) log.warn('verification not recorded', { contactId, kind: recorded.error.kind });
    if (!still) return refused(refusal('conflict', 'callOver'));
    if (state.level > now.verification.level) {
      expireAt(state);
      reveal(contactId, customerId, session).catch((fault: unknown) =>
        log.error('reveal failed', { contactId, ...faultFields(fault) }),
      );
    }
    const left = session.policy.triesPerFactorPerCall - factorState(state, factor).failures;
    return ok({ matched, triesLeft: Math.max(0, Math.min(answer.value.triesLeft, left)), level: state.level });
  };

  /** Full values of what the level opens, in memory until the call ends; central decides from its own record. */
  const reveal = async (contactId: ContactId, customerId: CustomerId, session: Signed): Promise<void> => {
    const answer = await client.call('reveal', { contactId, customerId, reason: 'verified' }, session.token);
    const { work } = seat;
    if (work?.contact.id !== contactId || work.contact.customerId !== customerId || !isTalking(seat, contactId)) return;
    if (!answer.ok) return log.warn('not revealed', { contactId, kind: answer.error.kind });
    const level = Math.min(answer.value.level, work.verification.level) as QueryClass;
    seat.setWork({ ...work, revealed: opened(db, work, answer.value.fields, level) });
  };

  const expireAt = (state: Verification): void => {
    cancelExpiry();
    if (state.strictUntilMs === null) return;
    cancelExpiry = clock.after(state.strictUntilMs - clock.nowMs(), () => {
      const { work, session } = seat;
      if (work === null || session === null) return;
      const next = nextVerification(work.verification, { kind: 'timePassed', atMs: clock.nowMs() }, session.policy);
      // A timer may fire a moment early, or belong to a level already dropped.
      if (next === work.verification) return expireAt(work.verification);
      seat.setWork({ ...work, verification: next, revealed: opened(db, work, work.revealed, next.level) });
    });
  };

  return {
    tryFactor,
    sendCode: async (contactId) => {
      const asked = askable(seat, contactId);
      if (!asked.ok) return asked;
      const { customerId, session } = asked.value;
      const answer = await client.call('sendCode', { contactId, customerId }, session.token);
      return answer.ok ? answer : refused(afterCentral('sendCode', answer.error));
    },
    close: () => cancelExpiry(),
  };
};

const isTalking = (seat: Seat, contactId: ContactId): boolean =>
  seat.agent.kind === 'onCall' && seat.agent.contactId === contactId;

const askable = (
  seat: Seat,
  contactId: ContactId,
): Result<{ readonly work: Work; readonly session: Signed; readonly customerId: CustomerId }> => {
  const { session } = seat;
  if (session === null) return refused(refusal('unauthorised', 'signInFirst'));
  const work = seat.inHand(contactId);
  if (!work.ok) return work;
  if (!isTalking(seat, contactId)) return refused(refusal('conflict', 'callOver'));
  const { customerId } = work.value.contact;
  if (customerId === null) return refused(refusal('conflict', 'identifyFirst'));
  return ok({ work: work.value, session, customerId });
};

/** Central is not asked where the answer is known to be no (R12). */
const whyClosed = (
  state: Verification,
  factor: Factor,
  { policy }: Signed,
  nowMs: number,
): Result<never> | undefined => {
  const { status } = factorState(state, factor);
  if (status === 'closed') return refused(refusal('locked', 'factorClosed'));
  if (status === 'passed') return refused(refusal('conflict', 'factorPassed'));
  const strictOnly = !factorsFor(2, policy.verificationPreset).includes(factor);
  if (strictOnly && state.lockedUntilMs !== null && nowMs < state.lockedUntilMs)
    return refused(refusal('locked', 'verificationLocked', { untilMs: state.lockedUntilMs }));
  return undefined;
};

/** Fields up to the level; a field this seat does not know the class of counts as class 3 (security 49). */
const opened = (
  db: Db,
  work: Work,
  fields: Readonly<Record<string, string>>,
  level: QueryClass,
): Record<string, string> => {
  const customer = work.contact.customerId === null ? undefined : findCustomer(db.read, work, work.contact.customerId);
  const classOf = (key: string): QueryClass => customer?.fields.find((field) => field.key === key)?.class ?? 3;
  return Object.fromEntries(Object.entries(fields).filter(([key]) => opens(level, classOf(key))));
};
