import { SignJWT, jwtVerify } from 'jose';
import type { AgentId, SeatId } from '../shared/ids.ts';
import type { Agent } from './agents.ts';
import type { Clock } from './ambient.ts';
import type { Database, Db, Tx } from './db.ts';
import { firstRow, rows, run, statement } from './db.ts';

/** A signed-in agent at a seat. The token names it; the row decides, so that it can be ended at once. */
export type Session = {
  readonly id: string;
  readonly seatId: SeatId;
  readonly expiresAtMs: number;
  /** Whose signature each request needs; null: a seat without a key. */
  readonly seatKey: string | null;
  readonly agent: Agent;
  readonly tenant: string;
  /** All that is done for this session is done with it: it shows and writes the tenant's rows only (tenancy.ts). */
  readonly db: Db;
};

const issuer = 'zuoxi-central';

/** Ends every session the agent still has, and begins one. @returns ids of the sessions ended */
export const beginSession = async (
  tx: Tx,
  session: { id: string; agentId: AgentId; seatId: SeatId; seatKey: string | null; nowMs: number; expiresAtMs: number },
): Promise<readonly string[]> => {
  const ended = await rows(
    tx,
    statement<{ id: string }>`
      update session set ended_at_ms = ${session.nowMs}
      where agent_id = ${session.agentId} and ended_at_ms is null returning id`,
  );
  await run(
    tx,
    statement`
      insert into session (id, agent_id, seat_id, seat_key, created_at_ms, expires_at_ms, ended_at_ms)
      values (${session.id}, ${session.agentId}, ${session.seatId}, ${session.seatKey}, ${session.nowMs},
        ${session.expiresAtMs}, null)`,
  );
  return ended.map((row) => row.id);
};

export const endSession = (db: Db, id: string, nowMs: number): Promise<void> =>
  run(db, statement`update session set ended_at_ms = ${nowMs} where id = ${id} and ended_at_ms is null`);

/** Those of these sessions that were ended. */
export const endedOf = async (db: Db, ids: readonly string[]): Promise<ReadonlySet<string>> => {
  const ended = await rows(
    db,
    statement<{ id: string }>`select id from session where id = any(${ids}::text[]) and ended_at_ms is not null`,
  );
  return new Set(ended.map(({ id }) => id));
};

export const makeToken = (
  session: Pick<Session, 'id' | 'seatId' | 'expiresAtMs'>,
  agentId: AgentId,
  key: Uint8Array,
): Promise<string> =>
  new SignJWT({ seat: session.seatId, sid: session.id })
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuer(issuer)
    .setSubject(agentId)
    .setExpirationTime(Math.ceil(session.expiresAtMs / 1000))
    .sign(key);

/** The session a token stands for, or undefined when it is forged, over, ended, or its agent is gone. */
export const sessionOf = async (
  { db, tenant: handleOf }: Pick<Database, 'db' | 'tenant'>,
  token: string,
  key: Uint8Array,
  clock: Clock,
): Promise<Session | undefined> => {
  const nowMs = clock.nowMs();
  const claims = await readToken(token, key, nowMs);
  if (claims === undefined) return undefined;
  const row = await firstRow(
    db,
    statement<
      Agent & Pick<Session, 'tenant' | 'seatKey'> & { readonly seat_id: SeatId; readonly expires_at_ms: number }
    >`
      select agent.id, agent.number, agent.name, agent.role, agent.queues, agent.tenant, session.seat_id,
        session.expires_at_ms, session.seat_key as "seatKey"
      from session join agent on agent.id = session.agent_id
      where session.id = ${claims.sid} and session.agent_id = ${claims.sub} and session.seat_id = ${claims.seat}
        and session.ended_at_ms is null and session.expires_at_ms > ${nowMs}`,
  );
  if (row === undefined) return undefined;
  const { seat_id: seatId, expires_at_ms: expiresAtMs, seatKey, tenant, ...agent } = row;
  return { id: claims.sid, seatId, expiresAtMs, seatKey, agent, tenant, db: handleOf(tenant) };
};

type Claims = { readonly sub: string; readonly sid: string; readonly seat: string; readonly expiresAtMs: number };
/** Tokens whose signature was checked, by the key: a seat comes with the same one all day, and the check costs more than the rest of it. */
const checked = new WeakMap<Uint8Array, Map<string, Claims>>();
/** A centre's seats fit. */
const mostTokens = 20_000;

const readToken = async (token: string, key: Uint8Array, nowMs: number): Promise<Claims | undefined> => {
  const known = checked.get(key) ?? new Map<string, Claims>();
  checked.set(key, known);
  const claims = known.get(token) ?? (await checkToken(token, key, nowMs));
  if (claims === undefined) return undefined;
  if (known.size >= mostTokens) known.clear();
  known.set(token, claims);
  return claims.expiresAtMs > nowMs ? claims : undefined;
};

const checkToken = async (token: string, key: Uint8Array, nowMs: number): Promise<Claims | undefined> => {
  try {
    const { payload } = await jwtVerify(token, key, {
      algorithms: ['HS256'],
      issuer,
      requiredClaims: ['exp', 'sub'],
      currentDate: new Date(nowMs),
    });
    const { sub, sid, seat, exp } = payload;
    return typeof sub === 'string' && typeof sid === 'string' && typeof seat === 'string' && typeof exp === 'number'
      ? { sub, sid, seat, expiresAtMs: exp * 1_000 }
      : undefined;
  } catch {
    // Whatever is wrong with it, the bearer learns only that it does not open anything.
    return undefined;
  }
};
