import type { AgentState } from '../shared/agent.ts';
import type { OwnTimeResponse, PlannedBreak, TimeSpan } from '../shared/day.ts';
import { mostBreaks, sumsOf, workedKinds } from '../shared/day.ts';
import type { Op } from '../shared/op.ts';
import type { Policy } from '../shared/policy.ts';
import { ok } from '../shared/result.ts';
import type { Agent } from './agents.ts';
import type { Db, Tx } from './db.ts';
import { asJson, firstRow, rows, run, statement } from './db.ts';
import type { Handlers } from './http.ts';
import { liveGraceMs } from './presence.ts';

/** What agents' time went to (R38), the breaks planned in it, and how many of a team are away for one reason. */
export const dayHandlers = (ports: { readonly nowMs: () => number; readonly policy: Policy }): Partial<Handlers> => ({
  ownTime: async ({ fromMs, toMs }, { agent, db }) => ok(await timeOf(db, agent.id, fromMs, toMs)),
  roster: async (_asked, { agent, db }) => ok({ breaks: [...(await breaksOf(db, agent.id, ports.nowMs()))] }),
  reasonRoom: async ({ reason }, { agent, db }) =>
    ok({
      limit: ports.policy.reasonCaps?.[reason]?.atOnce ?? null,
      taken: await awayFor(db, agent, reason, ports.nowMs()),
    }),
});

/** A seat's clock may be ahead of central's by so much; what it says of later than that is put down as now. */
const aheadMs = 5 * 60_000;

type Entered = { readonly op: Op; readonly state: AgentState };

/** From ops: a state begins where the seat says, off line as well; a state told twice (Ready beside a colleague) began once. */
export const statesEntered = (tx: Tx, entered: readonly Entered[], nowMs: number): Promise<void> => {
  const begun = entered.map(({ op, state }) => ({
    ...{ op: op.id, agent: op.agentId, seat: op.seatId, seq: op.seq, kind: state.kind },
    reason: state.kind === 'notReady' ? state.reason : null,
    from: Math.round(Math.min(state.sinceMs, nowMs + aheadMs)),
  }));
  return run(
    tx,
    statement`
      insert into agent_state (op_id, agent_id, seat_id, seq, kind, reason, from_ms, arrived_at_ms)
      select distinct on (x.agent, x.seat, x.kind, x."from")
        x.op, x.agent, x.seat, x.seq, x.kind, x.reason, x."from", ${nowMs}::bigint
      from json_to_recordset(${asJson(begun)}::json)
        as x (op text, agent text, seat text, seq bigint, kind text, reason text, "from" bigint)
      where not exists (
        select 1 from agent_state where agent_id = x.agent and seat_id = x.seat and kind = x.kind and from_ms = x."from")
      order by x.agent, x.seat, x.kind, x."from", x.seq`,
  );
};

/** Closed stretches that began from `fromMs` on and were over by `toMs`, and the contacts finished meanwhile. */
const timeOf = async (db: Db, agentId: string, fromMs: number, toMs: number): Promise<OwnTimeResponse> => {
  const spans = await rows(
    db,
    statement<TimeSpan>`
      select kind, reason, from_ms as "fromMs", to_ms as "toMs" from (
        select kind, reason, from_ms, lead(from_ms) over (order by from_ms, seq) as to_ms
        from agent_state where agent_id = ${agentId} and from_ms >= ${fromMs} and from_ms <= ${toMs}) span
      where to_ms is not null and kind = any(${[...workedKinds]}::text[])`,
  );
  const contacts = await firstRow(
    db,
    statement<{ contacts: number; talkMs: number; unfinished: number }>`
      select count(*)::int as contacts,
        coalesce(sum(greatest(0, (row ->> 'endedAtMs')::float8 - (row ->> 'answeredAtMs')::float8)), 0)::float8 as "talkMs",
        (count(*) filter (where (row ->> 'forced')::boolean))::int as unfinished
      from contact
      -- By the day it began in: a contact is never longer than a shift.
      where agent_id = ${agentId} and opened_at_ms >= ${fromMs} and wrapped_up_at_ms <= ${toMs}`,
  );
  return { contacts: 0, talkMs: 0, unfinished: 0, ...contacts, states: sumsOf(spans).slice(0, 200) };
};

const breaksOf = (db: Db, agentId: string, nowMs: number): Promise<readonly PlannedBreak[]> =>
  rows(
    db,
    statement<PlannedBreak>`
      select reason, from_ms as "fromMs", to_ms as "toMs" from planned_break
      where agent_id = ${agentId} and to_ms > ${nowMs} order by from_ms limit ${mostBreaks}`,
  );

/** Colleagues of the agent's queues who are Not ready for this reason, at seats that can be reached. */
const awayFor = async (db: Db, { id, queues }: Agent, reason: string, nowMs: number): Promise<number> =>
  (
    await firstRow(
      db,
      statement<{ taken: number }>`
        select count(*)::int as taken from presence join agent on agent.id = presence.agent_id
        where presence.agent_id <> ${id} and presence.session_id is not null
          and presence.live_seen_at_ms > ${nowMs - liveGraceMs} and agent.queues && ${queues}::text[]
          and presence.state ->> 'kind' = 'notReady' and presence.state ->> 'reason' = ${reason}`,
    )
  )?.taken ?? 0;

/** What the roster says of these agents on these days replaces what it said of them before. */
export const planBreaks = async (
  tx: Tx,
  planned: readonly (PlannedBreak & { readonly agentId: string })[],
  day: { readonly fromMs: number; readonly toMs: number },
): Promise<void> => {
  const agents = [...new Set(planned.map(({ agentId }) => agentId))];
  await run(
    tx,
    statement`
      delete from planned_break
      where agent_id = any(${agents}::text[]) and from_ms >= ${day.fromMs} and from_ms < ${day.toMs}`,
  );
  for (const { agentId, fromMs, toMs, reason } of planned)
    await run(
      tx,
      statement`
        insert into planned_break (agent_id, from_ms, to_ms, reason, tenant)
        select id, ${fromMs}, ${toMs}, ${reason}, tenant from agent where id = ${agentId}`,
    );
};
