import type { Contact } from '../shared/contact.ts';
import type { CustomerId } from '../shared/ids.ts';
import type { Policy } from '../shared/policy.ts';
import type { Result } from '../shared/result.ts';
import { ok, refusal, refused } from '../shared/result.ts';
import type { Verification, VerificationEvent } from '../shared/verification.ts';
import { nextVerification, unverified } from '../shared/verification.ts';
import type { AnyFactor, RiskFlag } from '../shared/verification-tables.ts';
import { presets } from '../shared/verification-tables.ts';
import type { Clock, Log, Random } from './ambient.ts';
import type { AuditEvent } from './audit.ts';
import type { Made } from './checks.ts';
import { checksOf } from './checks.ts';
import { contactById } from './contacts.ts';
import type { Db, Tx } from './db.ts';
import { flagsOf } from './risk.ts';
import type { Secrets } from './secrets.ts';
import type { Session } from './sessions.ts';
import type { Sms } from './sms.ts';

/** What every question about a caller begins with: whose call it is, and what has been proven in it. */

/** One call, one customer, the agent who has the call (R12). */
export type About = { readonly contactId: Contact['id']; readonly customerId: CustomerId };

export type VerificationPorts = {
  readonly db: Db;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly secrets: Secrets;
  readonly policy: Policy;
  readonly sms: Sms | undefined;
};

export const dayMs = 86_400_000;
/** The seat's word of a new call may still be on its way when the first question about it arrives. */
const contactPatienceMs = 2_000;
const contactRetryMs = 100;

/** The call this is about: of this agent, with this customer, not over. Waits a moment for a call that is just beginning. */
export const running = async (
  ports: Pick<VerificationPorts, 'db' | 'clock'>,
  session: Session,
  about: About,
): Promise<Result<Contact>> => {
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

/** Everything central knows of this call and customer, at this moment. */
export const stateOf = async (
  tx: Tx,
  policy: Policy,
  contact: Contact,
  customerId: CustomerId,
  lockedUntilMs: number | null,
  nowMs: number,
): Promise<Verification> => {
  const lockMs = lockedUntilMs !== null && nowMs < lockedUntilMs ? lockedUntilMs : null;
  const flags = await flagsOf(tx, contact, customerId, nowMs);
  return replay(await checksOf(tx, contact.id, customerId), policy, { lockMs, flags, nowMs });
};

/** The seat's own rule over central's own record of checks. */
export const replay = (
  made: readonly Made[],
  policy: Policy,
  now: { readonly lockMs: number | null; readonly flags: readonly RiskFlag[]; readonly nowMs: number | null },
): Verification => {
  const events: VerificationEvent[] = [
    ...(now.flags.length > 0 ? [{ kind: 'flagged', flags: now.flags } as const] : []),
    ...made.flatMap(({ factor, matched, atMs, action }): VerificationEvent[] =>
      factor === 'used'
        ? [{ kind: 'used' }]
        : [
            { kind: 'timePassed', atMs },
            { kind: 'tried', factor, matched, atMs, ...(action === null ? {} : { purpose: action }) },
          ],
    ),
  ];
  if (now.lockMs !== null) events.push({ kind: 'locked', untilMs: now.lockMs });
  if (now.nowMs !== null) events.push({ kind: 'timePassed', atMs: now.nowMs });
  return events.reduce((state, event) => nextVerification(state, event, policy), unverified);
};

export const isStrict = (factor: AnyFactor, policy: Policy): boolean =>
  !presets[policy.verificationPreset][2].some((way) => way.factors.includes(factor));

export const noteOf =
  (session: Session, about: About, atMs: number) =>
  (kind: AuditEvent['kind'], factor: AnyFactor | null, result: string): AuditEvent => ({
    atMs,
    agentId: session.agent.id,
    seatId: session.seatId,
    contactId: about.contactId,
    customerId: about.customerId,
    kind,
    factor,
    result,
  });
