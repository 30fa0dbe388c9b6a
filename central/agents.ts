import type { AgentId } from '../shared/ids.ts';
import type { Db } from './db.ts';
import { firstRow, rows, run, statement } from './db.ts';

export const roles = ['agent', 'lead', 'manager', 'admin'] as const;
export type Role = (typeof roles)[number];

/** Who may use a seat. An administrator manages accounts and sees no customers. */
export const seatRoles: readonly Role[] = ['agent', 'lead', 'manager'];

export type Agent = {
  readonly id: AgentId;
  /** What the agent types to sign in; also the name of the SIP account. */
  readonly number: string;
  readonly name: string;
  readonly role: Role;
  readonly queues: readonly string[];
};

export type Queue = { readonly id: string; readonly zh: string; readonly en: string };

export type SignInAgent = Agent & { readonly tenant: string; readonly password: string };

export const agentByNumber = (db: Db, number: string): Promise<SignInAgent | undefined> =>
  firstRow(
    db,
    statement<SignInAgent>`
      select id, number, name, role, queues, tenant, password from agent where number = ${number}`,
  );

export const agentById = (db: Db, id: string): Promise<Agent | undefined> =>
  firstRow(db, statement<Agent>`select id, number, name, role, queues from agent where id = ${id}`);

/** @param agent with the hash of the password (secrets.ts) */
export const putAgent = (db: Db, agent: Agent & { readonly password: string }): Promise<void> =>
  run(
    db,
    statement`
      insert into agent (id, number, name, role, queues, password)
      values (${agent.id}, ${agent.number}, ${agent.name}, ${agent.role}, ${agent.queues}, ${agent.password})
      on conflict (id) do update set number = excluded.number, name = excluded.name, role = excluded.role,
        queues = excluded.queues, password = excluded.password`,
  );

export const putQueue = (db: Db, queue: Queue): Promise<void> =>
  run(
    db,
    statement`insert into queue (id, zh, en) values (${queue.id}, ${queue.zh}, ${queue.en})
      on conflict (id) do update set zh = excluded.zh, en = excluded.en`,
  );

/** In the order asked for; unknown ones are left out. */
export const queuesByIds = async (db: Db, ids: readonly string[]): Promise<readonly Queue[]> => {
  const found = await rows(db, statement<Queue>`select id, zh, en from queue where id = any(${ids}::text[])`);
  return ids.flatMap((id) => found.filter((queue) => queue.id === id));
};

/** When sign-ins of this number failed since then, oldest first; the first two hundred. */
export const failuresSince = async (db: Db, agentNumber: string, sinceMs: number): Promise<readonly number[]> =>
  (
    await rows(
      db,
      statement<{ atMs: number }>`
        select at_ms as "atMs" from sign_in_failure
        where agent_number = ${agentNumber} and at_ms > ${sinceMs} order by at_ms limit 200`,
    )
  ).map(({ atMs }) => atMs);

/** Of any numbers, from one address. */
export const failuresFrom = async (db: Db, address: string, sinceMs: number): Promise<number> => {
  const counted = await firstRow(
    db,
    statement<{ count: number }>`
      select count(*)::int as count from sign_in_failure where address = ${address} and at_ms > ${sinceMs}`,
  );
  return counted?.count ?? 0;
};

export const addFailure = (db: Db, agentNumber: string, address: string, atMs: number): Promise<void> =>
  run(
    db,
    statement`
      insert into sign_in_failure (agent_number, address, at_ms) values (${agentNumber}, ${address}, ${atMs})`,
  );

/** Forgets what no longer counts: all that is older, and what this number did before it signed in. */
export const forgetFailures = (db: Db, beforeMs: number, signedIn: string | null = null): Promise<void> =>
  run(db, statement`delete from sign_in_failure where at_ms <= ${beforeMs} or agent_number = ${signedIn}`);
