import type { z } from 'zod';
import type { ContactId, CustomerId } from '../shared/ids.ts';
import type { Result } from '../shared/result.ts';
import { ok, refusal, refused } from '../shared/result.ts';
import { maySupervise } from '../shared/supervision.ts';
import type { AskOverrideRequest, OverridesResponse } from '../shared/verification-api.ts';
import type { AccountAction } from '../shared/verification-tables.ts';
import { audit } from './audit.ts';
import { addCheck } from './checks.ts';
import { contactById } from './contacts.ts';
import { lockPrivate } from './customers.ts';
import type { Db } from './db.ts';
import { firstRow, rows, run, statement, transaction } from './db.ts';
import { oweNotice } from './notices.ts';
import type { Session } from './sessions.ts';
import type { VerificationPorts } from './verifying.ts';
import { noteOf, running } from './verifying.ts';

/** Security 61: nobody lets himself off. The agent asks with a reason, another person of a higher role decides, the customer is told. */
const waitsMs = 10 * 60_000;

export const askOverride = async (
  ports: VerificationPorts,
  session: Session,
  asked: z.output<typeof AskOverrideRequest>,
): Promise<Result<{ overrideId: string }>> => {
  const allowed = await running(ports, session, asked);
  if (!allowed.ok) return allowed;
  return transaction(ports.db, async (tx) => {
    const kept = await lockPrivate(tx, asked.customerId);
    if (kept === undefined) return refused(refusal('notFound', 'customer'));
    const nowMs = ports.clock.nowMs();
    if (kept.lockedUntilMs !== null && nowMs < kept.lockedUntilMs)
      return refused(refusal('locked', 'verificationLocked', { untilMs: kept.lockedUntilMs }));
    const overrideId = `${asked.contactId}:${nowMs}`;
    await run(
      tx,
      statement`
        insert into override (id, contact_id, customer_id, agent_id, action, reason, asked_at_ms)
        values (${overrideId}, ${asked.contactId}, ${asked.customerId}, ${session.agent.id}, ${asked.action ?? null},
          ${asked.reason}, ${nowMs}) on conflict (id) do nothing`,
    );
    await audit(tx, ports.secrets.auditKey, [noteOf(session, asked, nowMs)('override', null, `asked:${asked.reason}`)]);
    return ok({ overrideId });
  });
};

/** '' when none was asked for in this call. */
export const lastOverrideOf = async (db: Db, contactId: string): Promise<string> => {
  const last = await firstRow(
    db,
    statement<{ granted: boolean | null }>`
      select granted from override where contact_id = ${contactId} order by asked_at_ms desc limit 1`,
  );
  if (last === undefined) return '';
  return last.granted === null ? 'asked' : last.granted ? 'granted' : 'refused';
};

export const overrides = async (
  ports: VerificationPorts,
  session: Session,
): Promise<Result<z.input<typeof OverridesResponse>>> => {
  if (!maySupervise(session.agent.role)) return refused(refusal('forbidden', 'role'));
  const found = await rows(
    ports.db,
    statement<{
      id: string;
      agentName: string;
      agentNumber: string;
      customer: string | null;
      action: string | null;
      reason: string;
      askedAtMs: number;
    }>`
      select override.id, agent.name as "agentName", agent.number as "agentNumber", feed.row ->> 'nameMasked' as customer,
        override.action, override.reason, override.asked_at_ms as "askedAtMs"
      from override join agent on agent.id = override.agent_id
        join contact on contact.id = override.contact_id and contact.row ->> 'endedAtMs' is null
        left join feed on feed.entity = 'customer' and feed.id = override.customer_id
      where override.decided_at_ms is null and override.asked_at_ms > ${ports.clock.nowMs() - waitsMs}
        and override.agent_id <> ${session.agent.id}
      order by override.asked_at_ms limit 100`,
  );
  return ok({ overrides: found.map((one) => ({ ...one, customer: one.customer ?? '' })) });
};

export const decideOverride = async (
  ports: VerificationPorts,
  session: Session,
  asked: { readonly id: string; readonly granted: boolean },
): Promise<Result<Record<string, never>>> => {
  if (!maySupervise(session.agent.role)) return refused(refusal('forbidden', 'role'));
  return transaction(ports.db, async (tx) => {
    const nowMs = ports.clock.nowMs();
    const wish = await firstRow(
      tx,
      statement<{
        contactId: ContactId;
        customerId: CustomerId;
        agentId: string;
        action: AccountAction | null;
        askedAtMs: number;
        decidedAtMs: number | null;
      }>`
        select contact_id as "contactId", customer_id as "customerId", agent_id as "agentId", action,
          asked_at_ms as "askedAtMs", decided_at_ms as "decidedAtMs"
        from override where id = ${asked.id} for update`,
    );
    if (wish === undefined) return refused(refusal('notFound', 'override'));
    if (wish.agentId === session.agent.id) return refused(refusal('forbidden', 'ownOverride'));
    const contact = await contactById(tx, wish.contactId);
    const isOver = contact === undefined || contact.endedAtMs !== null || contact.customerId !== wish.customerId;
    if (isOver || wish.decidedAtMs !== null || nowMs - wish.askedAtMs > waitsMs)
      return refused(refusal('conflict', 'overrideOver'));
    await run(
      tx,
      statement`
        update override set decided_by = ${session.agent.id}, decided_at_ms = ${nowMs}, granted = ${asked.granted}
        where id = ${asked.id}`,
    );
    const of = { contactId: wish.contactId, customerId: wish.customerId };
    if (asked.granted) {
      await addCheck(tx, {
        ...{ ...of, agentId: wish.agentId, factor: 'override', matched: true, atMs: nowMs, action: wish.action },
      });
      await oweNotice(tx, { id: `${asked.id}:overridden`, customerId: of.customerId, kind: 'overridden', atMs: nowMs });
    }
    const note = noteOf(session, of, nowMs);
    await audit(tx, ports.secrets.auditKey, [
      note('override', null, `${asked.granted ? 'granted' : 'refused'}:${wish.agentId}`),
    ]);
    return ok({});
  });
};
