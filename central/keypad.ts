import type { z } from 'zod';
import { exchangeIdOf } from '../shared/contact.ts';
import type { Contact } from '../shared/contact.ts';
import type { Result } from '../shared/result.ts';
import { ok, refusal, refused } from '../shared/result.ts';
import type { KeypadResponse } from '../shared/verification-api.ts';
import type { AccountAction } from '../shared/verification-tables.ts';
import { passwordFits } from './answers.ts';
import { audit } from './audit.ts';
import { lockPrivate } from './customers.ts';
import { transaction } from './db.ts';
import type { Keypad, KeypadAsked, KeypadEnd } from './keypad-port.ts';
import { PbxFault } from './pbx.ts';
import type { RecordingWork } from './recording.ts';
import type { Session } from './sessions.ts';
import { judge } from './verification.ts';
import type { About, VerificationPorts } from './verifying.ts';
import { noteOf, running, stateOf } from './verifying.ts';

export type KeypadPorts = VerificationPorts & {
  readonly keypad: Keypad | undefined;
  readonly recording: RecordingWork;
};

const passwordDigits = 6;
const patienceMs = 25_000;

/** R46: the service password keyed in by the customer. Digits come from the exchange to here, and go nowhere. */
export const keypadEntry = async (
  ports: KeypadPorts,
  session: Session,
  asked: About & { readonly action?: AccountAction | undefined },
): Promise<Result<z.input<typeof KeypadResponse>>> => {
  const allowed = await running(ports, session, asked);
  if (!allowed.ok) return allowed;
  const before = await standingNow(ports, allowed.value, asked);
  if (before !== undefined) return before;
  const keyed = await aside(ports, session, allowed.value, 'password');
  if (!keyed.ok) return keyed;
  const digits = keyed.value;
  if (!digits.ok || digits.value.length < passwordDigits) {
    const why = digits.ok ? 'nothing' : outcomes[digits.error];
    await transaction(ports.db, (tx) =>
      audit(tx, ports.secrets.auditKey, [noteOf(session, asked, ports.clock.nowMs())('check', 'keypadPassword', why)]),
    );
    return ok({ outcome: why, triesLeft: ports.policy.triesPerFactorPerCall, lockedUntilMs: null });
  }
  const judged = await judge(ports, session, allowed.value, { ...asked, factor: 'keypadPassword' }, (_tx, kept) =>
    passwordFits(digits.value, kept, ports.secrets.mark),
  );
  if (!judged.ok) return judged;
  const { matched, ...rest } = judged.value;
  return ok({ outcome: matched ? 'matched' : 'noMatch', ...rest });
};

const outcomes: Readonly<Record<KeypadEnd, string>> = {
  noCall: 'nothing',
  tooLate: 'nothing',
  cancelled: 'cancelled',
  hungUp: 'cancelled',
};

/** Nobody is taken aside for a check that is closed. */
const standingNow = (ports: KeypadPorts, contact: Contact, about: About): Promise<Result<never> | undefined> =>
  transaction(ports.db, async (tx) => {
    const kept = await lockPrivate(tx, about.customerId);
    if (kept === undefined) return refused(refusal('notFound', 'customer'));
    const nowMs = ports.clock.nowMs();
    const state = await stateOf(tx, ports.policy, contact, about.customerId, kept.lockedUntilMs, nowMs);
    if (state.lockedUntilMs !== null)
      return refused(refusal('locked', 'verificationLocked', { untilMs: state.lockedUntilMs }));
    const isClosed = state.factors.some(({ factor, status }) => factor === 'keypadPassword' && status === 'closed');
    return isClosed ? refused(refusal('locked', 'factorClosed')) : undefined;
  });

/** With silence in the recording around it, whether or not the exchange records a leg that is aside (R33). */
export const aside = async (
  ports: KeypadPorts,
  session: Session,
  contact: Contact,
  what: KeypadAsked['what'],
): Promise<Result<Result<string, KeypadEnd>>> => {
  const { keypad, recording } = ports;
  if (keypad === undefined) return refused(refusal('phone', 'noKeypad'));
  const paused = await recording.pause({ contactId: contact.id, reason: 'keypad' }, session);
  const isUnrecorded = !paused.ok && (paused.error.reason === 'noRecorder' || paused.error.reason === 'notRecording');
  if (!paused.ok && !isUnrecorded) return paused;
  try {
    const asked = { contactId: exchangeIdOf(contact), digits: passwordDigits, withinMs: patienceMs, what };
    const outcome = await keypad.collect(asked);
    return !outcome.ok && outcome.error === 'noCall' ? refused(refusal('phone', 'noKeypadNow')) : ok(outcome);
  } catch (fault) {
    if (!(fault instanceof PbxFault)) throw fault;
    return refused(refusal('phone', 'exchangeUnreachable'));
  } finally {
    if (!isUnrecorded) await recording.resume({ contactId: contact.id }, session).catch(() => undefined);
  }
};

export const cancelKeypad = async (
  ports: KeypadPorts,
  session: Session,
  asked: Pick<About, 'contactId'>,
  contactOf: (id: string) => Promise<Contact | undefined>,
): Promise<Result<Record<string, never>>> => {
  const contact = await contactOf(asked.contactId);
  if (contact === undefined) return refused(refusal('notFound', 'contact'));
  if (contact.agentId !== session.agent.id) return refused(refusal('forbidden', 'contactOfAnother'));
  ports.keypad?.cancel(exchangeIdOf(contact));
  return ok({});
};
