import { addFailure, agentByNumber, failuresSince, forgetFailures } from './agents.ts';
import type { Clock } from './ambient.ts';
import type { Db } from './db.ts';
import { firstRow, statement } from './db.ts';
import type { IdentityAccounts } from './identity-provider.ts';
import { isPassword } from './secrets.ts';

const windowMs = 60 * 60_000;
const failuresAllowed = 5;
const pauseMs = 15 * 60_000;

/** Central's own agents as accounts of the embedded provider: number and password as in the sign-in of a seat, counted with it. */
export const accountsOfAgents = (db: Db, clock: Clock): IdentityAccounts => ({
  check: async (name, password, from) => {
    const nowMs = clock.nowMs();
    const failures = await failuresSince(db, name, nowMs - windowMs);
    const last = failures.at(-1);
    if (failures.length >= failuresAllowed && last !== undefined && nowMs - last < pauseMs) return { kind: 'paused' };
    const agent = await agentByNumber(db, name);
    if (!(await isPassword(password, agent?.password)) || agent === undefined) {
      await addFailure(db, name, from, nowMs);
      return { kind: 'wrong' };
    }
    await forgetFailures(db, nowMs - windowMs, name);
    return { kind: 'is', sub: agent.id };
  },
  claimsOf: async (sub) => {
    const agent = await firstRow(
      db,
      statement<{ number: string; name: string; role: string; tenant: string; queues: readonly string[] }>`
        select number, name, role, tenant, queues from agent where id = ${sub}`,
    );
    if (agent === undefined) return undefined;
    const { number, ...claims } = agent;
    return { preferred_username: number, ...claims };
  },
});
