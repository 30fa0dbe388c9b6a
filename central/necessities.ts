import type { CustomerId } from '../shared/ids.ts';
import type { Result } from '../shared/result.ts';
import { ok, refusal, refused } from '../shared/result.ts';
import type { NecessitiesResponse } from '../shared/task-api.ts';
import type { AuditEvent } from './audit.ts';
import { audit } from './audit.ts';
import { customerById } from './customers.ts';
import type { Tx } from './db.ts';
import { firstRow, rows, run, statement, transaction } from './db.ts';
import type { Handlers } from './http.ts';
import type { Session } from './sessions.ts';

export type NecessityPorts = {
  readonly nowMs: () => number;
  readonly newId: () => string;
  readonly auditKey: Uint8Array;
};

/** A wish waits so long for a decision, and what was agreed to is good for so long. */
const waitsMs = 60 * 60_000;

/** R22: only a documented necessity lifts a refusal, for one call, and nobody documents it alone. */
export const necessityHandlers = ({ nowMs, newId, auditKey }: NecessityPorts): Partial<Handlers> => ({
  necessityAsk: ({ customerId, reason }, session) =>
    transaction(session.db, async (tx) => {
      if ((await customerById(tx, customerId)) === undefined) return refused(refusal('notFound', 'customer'));
      const [id, atMs] = [newId(), nowMs()];
      await run(
        tx,
        statement`
          insert into dial_necessity (id, customer_id, agent_id, reason, asked_at_ms)
          values (${id}, ${customerId}, ${session.agent.id}, ${reason}, ${atMs})`,
      );
      await audit(tx, auditKey, [eventOf(session, customerId, atMs, `asked: ${reason}`)]);
      return ok({ id });
    }),
  necessities: async (_asked, session) => ok(await wishesFor(session, nowMs())),
  necessityDecide: ({ id, granted }, session) =>
    transaction(session.db, async (tx): Promise<Result<Record<string, never>>> => {
      const atMs = nowMs();
      const wish = await firstRow(
        tx,
        statement<{ agentId: string; customerId: CustomerId; askedAtMs: number; decidedAtMs: number | null }>`
          select agent_id as "agentId", customer_id as "customerId", asked_at_ms as "askedAtMs",
            decided_at_ms as "decidedAtMs" from dial_necessity where id = ${id} for update`,
      );
      if (wish === undefined) return refused(refusal('notFound', 'necessity'));
      if (wish.agentId === session.agent.id) return refused(refusal('forbidden', 'ownOverride'));
      if (wish.decidedAtMs !== null || atMs - wish.askedAtMs > waitsMs)
        return refused(refusal('conflict', 'overrideOver'));
      await run(
        tx,
        statement`
          update dial_necessity set decided_by = ${session.agent.id}, decided_at_ms = ${atMs}, granted = ${granted}
          where id = ${id}`,
      );
      const result = `${granted ? 'granted' : 'refused'}: ${wish.agentId}`;
      await audit(tx, auditKey, [eventOf(session, wish.customerId, atMs, result)]);
      return ok({});
    }),
});

const wishesFor = async ({ db, agent }: Session, nowMs: number): Promise<NecessitiesResponse> => ({
  wishes: (
    await rows(
      db,
      statement<NecessitiesResponse['wishes'][number]>`
        select wish.id, agent.name as "agentName", agent.number as "agentNumber",
          coalesce(feed.row ->> 'nameMasked', '') as customer, wish.reason, wish.asked_at_ms as "askedAtMs"
        from dial_necessity as wish join agent on agent.id = wish.agent_id
          left join feed on feed.entity = 'customer' and feed.id = wish.customer_id
        where wish.decided_at_ms is null and wish.asked_at_ms > ${nowMs - waitsMs} and wish.agent_id <> ${agent.id}
        order by wish.asked_at_ms limit 100`,
    )
  ).map((one) => ({ ...one, customer: one.customer.slice(0, 40) })),
});

/** Taken up with the grant it serves: for this agent, this customer, once. */
export const takeNecessity = async (
  tx: Tx,
  session: Session,
  customerId: CustomerId,
  nowMs: number,
): Promise<string | undefined> =>
  (
    await firstRow(
      tx,
      statement<{ id: string }>`
        select id from dial_necessity
        where customer_id = ${customerId} and agent_id = ${session.agent.id} and granted and used_at_ms is null
          and decided_at_ms > ${nowMs - waitsMs}
        order by decided_at_ms limit 1 for update`,
    )
  )?.id;
export const useNecessity = (tx: Tx, id: string, grantId: string, nowMs: number): Promise<void> =>
  run(tx, statement`update dial_necessity set used_at_ms = ${nowMs}, grant_id = ${grantId} where id = ${id}`);

const eventOf = ({ agent, seatId }: Session, customerId: string, atMs: number, result: string): AuditEvent => ({
  ...{ atMs, agentId: agent.id, seatId, contactId: null, customerId, kind: 'necessity', factor: null },
  result,
});
