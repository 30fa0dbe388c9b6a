import type { EndCause } from '../shared/call.ts';
import type { Contact } from '../shared/contact.ts';
import type { AgentId } from '../shared/ids.ts';
import type { TeamMissedCall } from '../shared/missed-calls.ts';
import { howMissed, mostTeamMissed } from '../shared/missed-calls.ts';
import { ok, refusal, refused } from '../shared/result.ts';
import { maySupervise } from '../shared/supervision.ts';
import type { FigurePorts } from './figure-rates.ts';
import { note } from './contacts-behind.ts';
import { rows, statement } from './db.ts';
import { type Found, rowsOf } from './history.ts';
import { lookedUp } from './holdings.ts';
import type { Handlers } from './http.ts';
import type { Session } from './sessions.ts';

/**
 * R38: customers' calls nobody answered at the seat they rang at, and who talked with the customer afterwards, whoever that was: an agent
 * asks about their own, a lead about the team's. From the contacts; nothing is kept for it.
 */
export const missedHandlers = (ports: Pick<FigurePorts, 'nowMs' | 'auditKey'>): Partial<Handlers> => ({
  missed: async ({ scope, fromMs }, session) => {
    if (scope === 'team' && !maySupervise(session.agent.role)) return refused(refusal('forbidden', 'role'));
    const found = (await missedSince(session, scope, Math.max(fromMs, ports.nowMs() - mostDaysMs))).flatMap(
      (one) => judged(one) ?? [],
    );
    if (scope === 'own') return ok({ calls: found.map((one) => told(one, null, '')) });
    const people = await rowsOf(session.db, found);
    const ids = [...new Set(people.flatMap(({ customerId }) => customerId ?? []))];
    if (ids.length > 0) await lookedUp(session.db, session.seatId, ids, ports.nowMs());
    const result = `missed calls: ${found.length} shown to ${session.agent.role}`;
    await note(ports, session, { kind: 'history', result });
    return ok({ calls: found.map((one, n) => told(one, people[n]?.who ?? null, people[n]?.number ?? '')) });
  },
});

const mostDaysMs = 7 * 24 * 3_600_000;

type Row = Found & {
  readonly contact: Contact;
  readonly agentId: AgentId;
  readonly agentName: string;
  readonly agentNumber: string;
  readonly talkAtMs: number | null;
  readonly talkAgentId: AgentId | null;
  readonly talkAgentName: string | null;
  readonly talkDirection: 'inbound' | 'outbound' | null;
};
type Judged = Row & Pick<TeamMissedCall, 'how'>;

const missedSince = ({ agent, db }: Session, scope: 'own' | 'team', fromMs: number): Promise<readonly Row[]> => {
  const seen =
    scope === 'own'
      ? statement`contact.agent_id = ${agent.id}`
      : agent.role === 'lead'
        ? statement`(agent.queues && ${agent.queues}::text[] or contact.row ->> 'queue' = any(${agent.queues}::text[]))`
        : statement`true`;
  return rows(
    db,
    statement<Row>`
      select contact.id as "contactId", contact.opened_at_ms as "startedAtMs", contact.customer_id as "customerId",
        contact.agent_id as "agentId", contact.row as contact, null as past,
        agent.name as "agentName", agent.number as "agentNumber", talk.at_ms as "talkAtMs",
        talk.agent_id as "talkAgentId", by_agent.name as "talkAgentName", talk.direction as "talkDirection"
      from contact join agent on agent.id = contact.agent_id
        -- A queue offers its caller to the next agent: that contact may have begun before this one rang out.
        left join lateral (
          select opened_at_ms as at_ms, agent_id, row ->> 'direction' as direction from (
            select opened_at_ms, agent_id, row from contact as one where one.customer_id = contact.customer_id
            union all
            select opened_at_ms, agent_id, row from contact as one
            where contact.row ->> 'number' <> '' and one.row ->> 'number' = contact.row ->> 'number') as met
          where (row ->> 'answeredAtMs')::float8 > contact.opened_at_ms
          order by opened_at_ms limit 1) as talk on true
        left join agent as by_agent on by_agent.id = talk.agent_id
      where contact.opened_at_ms >= ${Math.floor(fromMs)} and contact.row ->> 'direction' = 'inbound'
        and contact.row ->> 'answeredAtMs' is null and contact.row ->> 'endedAtMs' is not null and ${seen}
      order by contact.opened_at_ms desc, contact.id desc limit ${mostTeamMissed}`,
  );
};

const judged = (row: Row): Judged | undefined => {
  const { openedAtMs, endedAtMs, endCause } = row.contact;
  const how = howMissed((endCause ?? 'missed') satisfies EndCause, (endedAtMs ?? openedAtMs) - openedAtMs);
  return how === undefined ? undefined : { ...row, how };
};

const told = (row: Judged, who: string | null, number: string): TeamMissedCall => {
  const { contactId, agentId, agentName, agentNumber, contact, how, startedAtMs } = row;
  const { talkAtMs, talkAgentId, talkAgentName, talkDirection } = row;
  return {
    ...{ contactId, agentId, agentName, agentNumber, who, number, queue: contact.queue, how, atMs: startedAtMs },
    settled:
      talkAtMs === null || talkAgentId === null || talkDirection === null
        ? null
        : { atMs: talkAtMs, agentId: talkAgentId, agentName: talkAgentName ?? '', direction: talkDirection },
  };
};
