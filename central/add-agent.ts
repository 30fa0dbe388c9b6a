import { text } from 'node:stream/consumers';
import { AgentId } from '../shared/ids.ts';
import { putAgent, putQueue, roles } from './agents.ts';
import type { Database } from './db.ts';
import { transaction } from './db.ts';
import { colleagueTarget, publishTargets } from './directory.ts';
import { hashPassword } from './secrets.ts';

const shortestPassword = 8;

/**
 * Adds an agent, or changes the one with this number; the password comes from standard input, so that it is in no
 * command line. Queues that are new are named by their ids.
 */
export const addAgent = async (
  database: Database,
  asked: { number?: string; name?: string; queues: string; role: string; tenant: string },
): Promise<void> => {
  const role = roles.find((known) => known === asked.role);
  const number = asked.number ?? '';
  const id = AgentId.safeParse(`A${number}`);
  const queues = asked.queues.split(',').filter((queue) => queue !== '');
  const password = (await text(process.stdin)).replace(/\r?\n$/, '');
  const wrong =
    !/^\d{1,20}$/.test(number) || !id.success
      ? '--number is the agent’s number, in digits.'
      : !/^[a-z0-9-]{1,40}$/.test(asked.tenant)
        ? '--tenant is a name of small letters, digits and hyphens.'
        : role === undefined
          ? `--role is one of ${roles.join(', ')}.`
          : password.length < shortestPassword
            ? `The password on standard input has at least ${shortestPassword} characters.`
            : undefined;
  if (wrong !== undefined || role === undefined || !id.success) {
    process.stderr.write(`${wrong ?? ''}\n`);
    process.exitCode = 1;
    return;
  }
  const hash = await hashPassword(password);
  await transaction(database.tenant(asked.tenant), async (tx) => {
    for (const queue of queues) await putQueue(tx, { id: queue, zh: queue, en: queue });
    await putAgent(tx, { id: id.data, number, name: asked.name ?? number, role, queues, password: hash });
    await publishTargets(tx, [colleagueTarget({ number, name: asked.name ?? number })]);
  });
  process.stdout.write(`agent ${number} can sign in\n`);
};
