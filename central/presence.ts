import type { AgentState } from '../shared/agent.ts';
import { isFree } from '../shared/agent.ts';
import type { Db } from './db.ts';
import { asJson, firstRow, rows, run, statement } from './db.ts';

/** How long a seat may be without its live socket before no more calls are offered to it. */
export const liveGraceMs = 30_000;

/** What central knows of an agent's readiness; one row each. */
export type Presence = {
  readonly agentId: string;
  /** null: signed out. */
  readonly sessionId: string | null;
  readonly seatId: string | null;
  readonly state: AgentState;
  /** Last sign of life of the live socket; sign-in counts as one. */
  readonly liveSeenAtMs: number;
  readonly live: boolean;
  /** What the PBX last accepted; null: nothing yet, or unknown since central started. */
  readonly applied: Membership | null;
};

/** What the PBX is to know of an agent. */
export type Membership =
  | { readonly kind: 'out' }
  | {
      readonly kind: 'member';
      readonly queues: readonly string[];
      readonly paused: boolean;
      /** Key of the reason (R38). */
      readonly reason: string;
    };

/** Only a Ready agent at a reachable seat, in no call of any kind, is offered calls (R38). */
export const wishedMembership = (presence: Presence, queues: readonly string[], nowMs: number): Membership => {
  const { state } = presence;
  if (state.kind === 'offline') return { kind: 'out' };
  const because = (reason: string): Membership => ({ kind: 'member', queues, paused: true, reason });
  if (presence.sessionId === null) return because('signedOut');
  if (nowMs - presence.liveSeenAtMs > liveGraceMs) return because('unreachable');
  if (isFree(state)) return { kind: 'member', queues, paused: false, reason: 'ready' };
  if (state.kind === 'ready') return because('inCall');
  return because(state.kind === 'notReady' ? state.reason : state.kind);
};

const columns = statement`
  presence.agent_id as "agentId", presence.session_id as "sessionId", session.seat_id as "seatId", presence.state,
  presence.live_seen_at_ms as "liveSeenAtMs", presence.live, presence.applied`;

export const presenceOf = (db: Db, agentId: string): Promise<Presence | undefined> =>
  firstRow(
    db,
    statement<Presence>`
      select ${columns} from presence left join session on session.id = presence.session_id
      where presence.agent_id = ${agentId}`,
  );

/** Whom the exchange is told of, with the queues they are to be in. */
export type Member = Presence & {
  readonly queues: readonly string[];
  readonly number: string;
  readonly name: string;
};

const members = (db: Db, which: ReturnType<typeof statement>): Promise<readonly Member[]> =>
  rows(
    db,
    statement<Member>`
      select ${columns}, agent.queues, agent.number, agent.name
      from presence join agent on agent.id = presence.agent_id left join session on session.id = presence.session_id
      where ${which}`,
  );
export const allMembers = (db: Db): Promise<readonly Member[]> => members(db, statement`true`);
export const membersOf = (db: Db, agentIds: readonly string[]): Promise<readonly Member[]> =>
  members(db, statement`presence.agent_id = any(${agentIds}::text[])`);
export const memberOf = async (db: Db, agentId: string): Promise<Member | undefined> =>
  (await members(db, statement`presence.agent_id = ${agentId}`))[0];

export const signedIn = (db: Db, agentId: string, sessionId: string, nowMs: number): Promise<void> => {
  const state: AgentState = { kind: 'notReady', reason: 'signedIn', sinceMs: nowMs };
  return run(
    db,
    statement`
      insert into presence (agent_id, session_id, state, state_at_ms, live_seen_at_ms, live)
      values (${agentId}, ${sessionId}, ${asJson(state)}::json, ${nowMs}, ${nowMs}, false)
      on conflict (agent_id) do update set session_id = excluded.session_id, state = excluded.state,
        state_at_ms = excluded.state_at_ms, live_seen_at_ms = excluded.live_seen_at_ms, live = false`,
  );
};

export const signedOut = (db: Db, agentId: string, sessionId: string): Promise<void> =>
  run(
    db,
    statement`
      update presence set session_id = null, live = false
      where agent_id = ${agentId} and session_id = ${sessionId}`,
  );

type Changed = { readonly agentId: string; readonly state: AgentState; readonly atMs: number };

/** From ops of the seat at which the agents are signed in now, the last of each; a late one from elsewhere means nothing. */
export const statesChanged = (db: Db, seatId: string, changes: readonly Changed[]): Promise<void> => {
  const last = [...new Map(changes.map((change) => [change.agentId, change])).values()];
  return run(
    db,
    statement`
      update presence set state = x.state, state_at_ms = x."atMs"
      from json_to_recordset(${asJson(last)}::json) as x ("agentId" text, state json, "atMs" bigint), session
      where presence.agent_id = x."agentId" and session.id = presence.session_id and session.seat_id = ${seatId}`,
  );
};

/** Live sockets of these sessions are open at this instance. */
export const seenLive = (db: Db, sessionIds: readonly string[], instance: string, nowMs: number): Promise<void> =>
  run(
    db,
    statement`
      update presence set live = true, live_at = ${instance}, live_seen_at_ms = ${nowMs}
      where session_id = any(${sessionIds}::text[])`,
  );

/** The live sockets of these sessions were open at this instance until now; one that is at another instance by now stays. */
export const noLongerLive = (db: Db, sessionIds: readonly string[], instance: string, nowMs: number): Promise<void> =>
  run(
    db,
    statement`
      update presence set live = false, live_seen_at_ms = ${nowMs}
      where session_id = any(${sessionIds}::text[]) and live_at = ${instance}`,
  );

export const membershipsApplied = (
  db: Db,
  applied: readonly { readonly agentId: string; readonly applied: Membership | null }[],
): Promise<void> =>
  run(
    db,
    statement`
      update presence set applied = x.applied
      from json_to_recordset(${asJson(applied)}::json) as x ("agentId" text, applied json)
      where presence.agent_id = x."agentId"`,
  );

/** After a start: the exchange may have been restarted too, so every member is told anew. */
export const forgetApplied = (db: Db): Promise<void> =>
  run(db, statement`update presence set applied = null where applied is not null`);
