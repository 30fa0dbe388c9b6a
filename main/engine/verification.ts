import type { Contact } from '../../shared/contact.ts';
import { afterCentral } from '../../shared/degraded.ts';
import type { ContactId } from '../../shared/ids.ts';
import type { QueryClass } from '../../shared/customer.ts';
import type { Result } from '../../shared/result.ts';
import { ok, refusal, refused } from '../../shared/result.ts';
import type { Factor, Verification, VerificationEvent } from '../../shared/verification.ts';
import { factorState, mayTry, nextVerification, unverified } from '../../shared/verification.ts';
import type { AccountAction, AnyFactor } from '../../shared/verification-tables.ts';
import { factorsFor, isSpoken } from '../../shared/verification-tables.ts';
import type { CentralClient } from './central-client.ts';
import type { Clock } from './clock.ts';
import type { Log } from './log.ts';
import type { Reveals } from './reveals.ts';
import type { Asked } from './in-call.ts';
import { askable, isTalking } from './in-call.ts';
import type { Seat, Signed } from './seat.ts';

type Tried = { readonly matched: boolean; readonly triesLeft: number; readonly level: QueryClass };
type Outcome = 'matched' | 'noMatch' | 'nothing' | 'cancelled';
type Keyed = { readonly outcome: Outcome; readonly triesLeft: number; readonly level: QueryClass };
type Action = AccountAction | undefined;

type VerificationNeeds = {
  readonly seat: Seat;
  readonly client: CentralClient;
  readonly clock: Clock;
  readonly log: Log;
  readonly reveals: Reveals;
};

export interface Checks {
  /** Central compares (R11); the value typed goes there and nowhere else. */
  tryFactor(contactId: ContactId, factor: Factor, value: string, action: Action): Promise<Result<Tried>>;
  sendCode(contactId: ContactId, action: Action): Promise<Result<{ expiresAtMs: number }>>;
  keypad(contactId: ContactId, action: Action): Promise<Result<Keyed>>;
  keypadCancel(contactId: ContactId): Promise<Result<Record<string, never>>>;
  /** Something central says of the check in hand; opens, closes and lets run out what hangs on the level. */
  apply(contactId: ContactId, events: readonly VerificationEvent[]): void;
  close(): void;
}

/** Failed tries as the contact recorded them, counted strictly: for which customer is not recorded. */
export const failuresOf = (contact: Contact): Verification => {
  let state = unverified;
  for (const { factor, matched, atMs } of contact.verifications)
    if (!matched) state = nextVerification(state, { kind: 'tried', factor, matched, atMs }, strictest);
  return state;
};
const strictest = { verificationPreset: 'strict', triesPerFactorPerCall: 3, strictMinutes: 1 } as const;

/** The customer is given half a minute; central answers when both are together again. */
const keypadDeadlineMs = 45_000;

export const createChecks = (needs: VerificationNeeds): Checks => {
  const { seat, client, clock } = needs;
  const counting = createCounting(needs);
  const { count } = counting;
  return {
    tryFactor: async (contactId, factor, value, action) => {
      const asked = askable(seat, contactId);
      if (!asked.ok) return asked;
      const { work, session } = asked.value;
      const closed = whyClosed(work.verification, factor, session, clock.nowMs(), action);
      if (closed !== undefined) return closed;
      const answer = await client.call('check', { ...aboutOf(asked.value, action), factor, value }, session.token);
      if (!answer.ok) {
        const isClass2 = factorsFor(2, session.policy.verificationPreset).includes(factor);
        return refused(afterCentral(isClass2 ? 'verifyClass2' : 'verifyClass3', answer.error));
      }
      const { matched, triesLeft } = answer.value;
      const state = count(asked.value, { ...answer.value, factor }, action);
      if (!state.ok) return state;
      return ok({ matched, triesLeft: leftOf(state.value, factor, session, triesLeft), level: state.value.level });
    },
    sendCode: async (contactId, action) => {
      const asked = askable(seat, contactId);
      if (!asked.ok) return asked;
      const answer = await client.call('sendCode', aboutOf(asked.value, action), asked.value.session.token);
      return answer.ok ? answer : refused(afterCentral('sendCode', answer.error));
    },
    keypad: async (contactId, action) => {
      const asked = askable(seat, contactId);
      if (!asked.ok) return asked;
      const { work, session } = asked.value;
      const closed = whyClosed(work.verification, 'keypadPassword', session, clock.nowMs(), action);
      if (closed !== undefined) return closed;
      setAside(seat, contactId, true);
      const answer = await client.call('keypad', aboutOf(asked.value, action), session.token, keypadDeadlineMs);
      setAside(seat, contactId, false);
      if (!answer.ok) return refused(afterCentral('verifyClass3', answer.error));
      const { outcome, triesLeft, lockedUntilMs } = answer.value;
      const known = outcomes.find((one) => one === outcome) ?? 'nothing';
      const level = seat.work?.verification.level ?? 1;
      if (known === 'nothing' || known === 'cancelled') return ok({ outcome: known, triesLeft, level });
      const matched = known === 'matched';
      const state = count(asked.value, { factor: 'keypadPassword', matched, lockedUntilMs }, action);
      if (!state.ok) return state;
      const left = leftOf(state.value, 'keypadPassword', session, triesLeft);
      return ok({ outcome: known, triesLeft: left, level: state.value.level });
    },
    keypadCancel: async (contactId) => {
      const answer = await client.call('keypadCancel', { contactId }, seat.session?.token ?? null);
      return answer.ok ? ok({}) : answer;
    },
    apply: counting.apply,
    close: counting.close,
  };
};

const aboutOf = ({ contactId, customerId }: Asked, action: Action) => ({
  ...{ contactId, customerId },
  ...(action === undefined ? {} : { action }),
});

const leftOf = (state: Verification, factor: AnyFactor, { policy }: Signed, told: number): number =>
  Math.max(0, Math.min(told, policy.triesPerFactorPerCall - factorState(state, factor).failures));

type Told = { readonly factor: AnyFactor; readonly matched: boolean; readonly lockedUntilMs: number | null };

/** The level of the contact in hand, and what hangs on it. */
const createCounting = ({ seat, clock, log, reveals }: VerificationNeeds) => {
  let cancelExpiry = (): void => {};

  const expireAt = (state: Verification): void => {
    cancelExpiry();
    if (state.strictUntilMs === null) return;
    cancelExpiry = clock.after(state.strictUntilMs - clock.nowMs(), () => {
      const { work, session } = seat;
      if (work === null || session === null) return;
      const next = nextVerification(work.verification, { kind: 'timePassed', atMs: clock.nowMs() }, session.policy);
      // A timer may fire a moment early, or belong to a level already dropped.
      if (next === work.verification) return expireAt(work.verification);
      seat.setWork(reveals.masked({ ...work, verification: next }));
    });
  };

  const moved = (before: Verification, state: Verification): void => {
    if (state.strictUntilMs !== before.strictUntilMs) expireAt(state);
    if (state.level > before.level) reveals.forTopic();
  };

  /** What central answered to a try: recorded in any case, counted when the same call and customer are still there. */
  const count = ({ contactId, customerId, session }: Asked, answer: Told, action: Action): Result<Verification> => {
    const { factor, matched, lockedUntilMs } = answer;
    const now = seat.work;
    const atMs = clock.nowMs();
    const still = now?.contact.id === contactId && now.contact.customerId === customerId && isTalking(seat, contactId);
    let state = now !== null && still ? now.verification : unverified;
    if (lockedUntilMs !== null)
      state = nextVerification(state, { kind: 'locked', untilMs: lockedUntilMs }, session.policy);
    state = nextVerification(state, { kind: 'tried', factor, matched, atMs, purpose: action }, session.policy);
    const told: Factor = isSpoken(factor) ? factor : 'servicePassword';
    const recorded = seat.commit({
      ops: [{ name: 'contact.verified', contactId, factor: told, matched, level: state.level, atMs }],
      ...(still
        ? { work: (contact) => reveals.masked({ ...now, verification: state, contact: contact ?? now.contact }) }
        : {}),
    });
    if (!recorded.ok) log.warn('verification not recorded', { contactId, kind: recorded.error.kind });
    if (!still) return refused(refusal('conflict', 'callOver'));
    moved(now.verification, state);
    return ok(state);
  };

  const apply = (contactId: ContactId, events: readonly VerificationEvent[]): void => {
    const { work, session } = seat;
    if (work?.contact.id !== contactId || session === null) return;
    const before = work.verification;
    const state = events.reduce((one, event) => nextVerification(one, event, session.policy), before);
    if (state === before) return;
    seat.setWork(reveals.masked({ ...work, verification: state }));
    moved(before, state);
  };

  return { count, apply, close: () => cancelExpiry() };
};

const outcomes: readonly Outcome[] = ['matched', 'noMatch', 'nothing', 'cancelled'];

const setAside = (seat: Seat, contactId: ContactId, isAside: boolean): void => {
  const { work } = seat;
  if (work?.contact.id === contactId) seat.setWork({ ...work, verifying: { ...work.verifying, isAside } });
};

/** Central is not asked where the answer is known to be no (R12). */
const whyClosed = (
  state: Verification,
  factor: AnyFactor,
  { policy }: Signed,
  nowMs: number,
  action: Action,
): Result<never> | undefined => {
  const { status } = factorState(state, factor);
  if (status === 'closed') return refused(refusal('locked', 'factorClosed'));
  const strictOnly = !factorsFor(2, policy.verificationPreset).includes(factor);
  if (strictOnly && state.lockedUntilMs !== null && nowMs < state.lockedUntilMs)
    return refused(refusal('locked', 'verificationLocked', { untilMs: state.lockedUntilMs }));
  if (mayTry(state, factor, action)) return undefined;
  return refused(status === 'passed' ? refusal('conflict', 'factorPassed') : refusal('policy', 'factorVoid'));
};
