import type { AgentState } from '../shared/agent.ts';
import type { Contact } from '../shared/contact.ts';
import type { AgentId, ContactId } from '../shared/ids.ts';
import type { Result } from '../shared/result.ts';
import { ok, refusal, refused } from '../shared/result.ts';
import type { TeamCall } from '../shared/supervision.ts';
import { maySupervise } from '../shared/supervision.ts';
import type { Agent } from './agents.ts';
import type { Db } from './db.ts';
import { rows, statement } from './db.ts';

const most = 1_000;

/**
 * Who of the lead's team has a call in hand (R35): agents who share a queue with a lead; everybody for managers and administrators.
 * From the states the seats told; those signed out are not there.
 */
export const teamCalls = async (db: Db, asker: Agent): Promise<Result<{ calls: TeamCall[] }>> => {
  if (!maySupervise(asker.role)) return refused(refusal('forbidden', 'role'));
  const found = await rows(
    db,
    statement<Row>`
      with presence as materialized (
        -- A plain column: under row level security no index is used for what is dug out of JSON in the join itself.
        select agent_id, session_id, state, state ->> 'contactId' as contact_id from presence)
      select agent.id as "agentId", agent.name as "agentName", agent.number as "agentNumber", agent.queues,
        presence.state, contact.row as contact, lead.name as "supervisedBy"
      from presence
        join agent on agent.id = presence.agent_id
        left join contact on contact.id = presence.contact_id
        left join lateral (
          select agent.name from supervision join agent on agent.id = supervision.lead_id
          where supervision.agent_id = presence.agent_id and supervision.ended_at_ms is null
            and supervision.began_at_ms is not null
            -- Whoever took a call over is in no call of this agent's any more.
            and supervision.mode <> 'takeOver'
          order by supervision.asked_at_ms desc limit 1) lead on true
      where presence.session_id is not null and presence.agent_id <> ${asker.id}`,
  );
  const calls = found
    .filter(({ queues }) => isOfTeam(asker, queues))
    .flatMap((row) => callOf(row) ?? [])
    .toSorted((one, other) => one.sinceMs - other.sinceMs);
  return ok({ calls: calls.slice(0, most) });
};

/** A lead's team are those who serve a queue of the lead's. */
export const isOfTeam = (asker: Pick<Agent, 'role' | 'queues'>, queues: readonly string[]): boolean =>
  asker.role !== 'lead' || queues.some((queue) => asker.queues.includes(queue));

type Row = {
  readonly agentId: AgentId;
  readonly agentName: string;
  readonly agentNumber: string;
  readonly queues: readonly string[];
  readonly state: AgentState;
  readonly contact: Contact | null;
  readonly supervisedBy: string | null;
};

const callOf = ({ agentId, agentName, agentNumber, state, contact, supervisedBy }: Row): TeamCall | undefined => {
  const kind = stateOf(state);
  if (kind === undefined) return undefined;
  return {
    ...{ agentId, agentName, agentNumber, state: kind, sinceMs: state.sinceMs, supervisedBy },
    contactId: 'contactId' in state ? (state.contactId satisfies ContactId) : null,
    direction: contact?.direction ?? null,
    queue: contact?.queue ?? null,
  };
};

const stateOf = ({ kind }: AgentState): TeamCall['state'] | undefined => {
  switch (kind) {
    case 'reserved':
      return 'ringing';
    case 'onCall':
      return 'talking';
    case 'wrapUp':
      return 'wrapUp';
    case 'offline':
    case 'notReady':
    case 'ready':
      return undefined;
  }
};
