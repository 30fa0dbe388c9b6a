import type { z } from 'zod';
import type { LiveMessage } from '../shared/central-api.ts';
import type { AgentState } from '../shared/agent.ts';
import type { AgentForceRequest, ForceOrder, Obeyed, TeamState, TeamStatesResponse } from '../shared/forced-state.ts';
import type { AgentId, SeatId } from '../shared/ids.ts';
import type { Policy } from '../shared/policy.ts';
import type { Result } from '../shared/result.ts';
import { ok, refusal, refused } from '../shared/result.ts';
import { maySupervise } from '../shared/supervision.ts';
import { agentById } from './agents.ts';
import { audit } from './audit.ts';
import { shiftsNow } from './blending.ts';
import type { Db, Tx } from './db.ts';
import { asJson, firstRow, rows, statement, transaction } from './db.ts';
import type { Handlers } from './http.ts';
import { presenceOf } from './presence.ts';
import type { Session } from './sessions.ts';
import { isOfTeam } from './team-calls.ts';

/**
 * A lead forces an agent's state (R38). The order is kept until the agent's seat says what became of it; the newest one counts. Who wanted
 * what, why, and what came of it are in the audit chain.
 */
type Ports = {
  readonly nowMs: () => number;
  readonly auditKey: Uint8Array;
  readonly policy: Policy;
  readonly tell: (agentId: string, message: LiveMessage) => Promise<void>;
};

/** What nobody heard of for so long is no order any more. */
const orderMs = 4 * 3_600_000;
const dayMs = 24 * 3_600_000;

export const forcedHandlers = (ports: Ports): Partial<Handlers> => ({
  agentForce: (asked, session) => force(ports, asked, session),
  forcedOrder: async (_asked, { agent, db }) => ok({ order: (await orderFor(db, agent.id, ports.nowMs())) ?? null }),
  teamStates: async (_asked, session) => teamStates(session, ports.nowMs()),
});

const force = async (
  ports: Ports,
  { id, agentId, to, why }: z.output<typeof AgentForceRequest>,
  { agent: lead, seatId, db }: Session,
): Promise<Result<Record<string, never>>> => {
  if (!maySupervise(lead.role)) return refused(refusal('forbidden', 'role'));
  const agent = await agentById(db, agentId);
  if (agent === undefined) return refused(refusal('notFound', 'agent'));
  if (agent.id === lead.id) return refused(refusal('invalid', 'ownState'));
  if (!isOfTeam(lead, agent.queues)) return refused(refusal('forbidden', 'otherTeam'));
  if (to.kind === 'notReady' && !ports.policy.notReadyReasons.includes(to.reason))
    return refused(refusal('invalid', 'notReadyReason'));
  if ((await presenceOf(db, agentId))?.sessionId == null) return refused(refusal('conflict', 'agentSignedOut'));
  const atMs = ports.nowMs();
  const isNew = await transaction(db, async (tx) => {
    const inserted = await firstRow(
      tx,
      statement`
        insert into forced_state (id, agent_id, goal, why, by_id, by_name, at_ms)
        values (${id}, ${agentId}, ${asJson(to)}::json, ${why}, ${lead.id}, ${lead.name.slice(0, 40)}, ${atMs})
        on conflict (id) do nothing returning id`,
    );
    if (inserted !== undefined)
      await note(tx, ports, { agentId: lead.id, seatId }, `asked:${goalOf(to)}:${agentId}: ${why}`);
    return inserted !== undefined;
  });
  // Asked once more for want of an answer: it is there.
  if (isNew) await ports.tell(agentId, { t: 'forced' });
  return ok({});
};

const goalOf = (to: ForceOrder['to']): string => (to.kind === 'notReady' ? `notReady.${to.reason}` : to.kind);

/** The newest one whose end central has not heard of. One that was replaced meanwhile is no order any more. */
const orderFor = (db: Db, agentId: AgentId, nowMs: number): Promise<ForceOrder | undefined> =>
  firstRow(
    db,
    statement<ForceOrder>`
      select id, goal as "to", why, by_name as "byName", at_ms as "atMs" from (
        select * from forced_state where agent_id = ${agentId} and at_ms > ${nowMs - orderMs}
        order by at_ms desc, id desc limit 1) newest
      where outcome is null or outcome = 'waiting'`,
  );

/** From an op of the agent's seat: what became of it, in the order the seat did it. */
export const obeyed = async (
  tx: Tx,
  {
    agentId,
    seatId,
    body,
  }: { readonly agentId: AgentId; readonly seatId: SeatId; readonly body: z.infer<typeof Obeyed> },
  { nowMs, auditKey }: { readonly nowMs: number; readonly auditKey: Uint8Array },
): Promise<Result<null>> => {
  const { orderId, outcome, why } = body;
  const given = await firstRow(
    tx,
    statement<{ id: string }>`
      update forced_state set outcome = ${outcome}, outcome_why = ${why}, outcome_at_ms = ${nowMs}
      where id = ${orderId} and agent_id = ${agentId} returning id`,
  );
  if (given === undefined) return refused(refusal('notFound', 'forceOrder'));
  const result = `${outcome}:${orderId}${why === null ? '' : ` (${why})`}`;
  await note(tx, { auditKey, nowMs: () => nowMs }, { agentId, seatId }, result);
  return ok(null);
};

const note = (
  tx: Tx,
  { auditKey, nowMs }: Pick<Ports, 'auditKey' | 'nowMs'>,
  who: { readonly agentId: AgentId; readonly seatId: SeatId },
  result: string,
): Promise<void> =>
  audit(tx, auditKey, [
    { ...who, atMs: nowMs(), contactId: null, customerId: null, kind: 'forcedState', factor: null, result },
  ]);

/** Everybody of the team who is signed in, and the last order of a day. */
const teamStates = async ({ agent: asker, db }: Session, nowMs: number): Promise<Result<TeamStatesResponse>> => {
  if (!maySupervise(asker.role)) return refused(refusal('forbidden', 'role'));
  type Row = {
    readonly agentId: AgentId;
    readonly agentName: string;
    readonly agentNumber: string;
    readonly queues: readonly string[];
    readonly state: AgentState;
    readonly goal: ForceOrder['to'] | null;
    readonly byName: string | null;
    readonly outcome: 'waiting' | 'done' | 'refused' | null;
    readonly why: string | null;
  };
  const found = await rows(
    db,
    statement<Row>`
      select agent.id as "agentId", agent.name as "agentName", agent.number as "agentNumber", agent.queues, presence.state,
        last.goal, last.by_name as "byName", last.outcome, last.outcome_why as why
      from presence join agent on agent.id = presence.agent_id
        left join lateral (
          select goal, by_name, outcome, outcome_why from forced_state
          where forced_state.agent_id = presence.agent_id and at_ms > ${nowMs - dayMs}
          order by at_ms desc, id desc limit 1) last on true
      where presence.session_id is not null and presence.agent_id <> ${asker.id}
      order by agent.number`,
  );
  const { switches, byAgent } = await shiftsNow(db, (queue) => isOfTeam(asker, [queue]), nowMs);
  const agents = found
    .filter(({ queues }) => isOfTeam(asker, queues))
    .slice(0, 1_000)
    .map(({ agentId, agentName, agentNumber, state, goal, byName, outcome, why }) => ({
      ...{ agentId, agentName, agentNumber, state: state.kind, sinceMs: state.sinceMs },
      reason: state.kind === 'notReady' ? state.reason : null,
      forced: goal === null ? null : { to: goal, byName: byName ?? '', outcome: outcome ?? ('given' as const), why },
      ...shiftIn(byAgent, agentId),
    }));
  return ok({ agents, switches });
};

const shiftIn = (
  byAgent: Awaited<ReturnType<typeof shiftsNow>>['byAgent'],
  agentId: AgentId,
): Pick<TeamState, 'shift'> => {
  const shift = byAgent.get(agentId);
  return shift === undefined ? {} : { shift };
};
