import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { putAgent, putQueue } from '../../../central/agents.ts';
import { silent } from '../../../central/ambient.ts';
import { importCustomers } from '../../../central/customers.ts';
import { type DatabaseAt, openDatabase, transaction } from '../../../central/db.ts';
import { AgentId } from '../../../shared/ids.ts';
import { quicklyHashed } from '../../central/quick-hash.ts';
import { cpuMsOf } from '../measure/processor.ts';
import { sampleRows } from './rows.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
export const agentPassword = 'bench-password';
export const agentNumber = (n: number): string => String(10_000 + n);

/** Agents who can sign in, and some customers of theirs. */
export const prepareCentral = async (at: DatabaseAt, agents: number, customers: number): Promise<void> => {
  const database = await openDatabase(at, silent);
  const password = quicklyHashed(agentPassword);
  const rows = sampleRows(Date.now());
  await transaction(database.db, async (tx) => {
    await putQueue(tx, { id: 'service', zh: '服务', en: 'Service' });
    for (let n = 0; n < agents; n += 1) {
      const number = agentNumber(n);
      const agent = {
        id: AgentId.parse(`A${number}`),
        number,
        name: number,
        role: 'agent',
        queues: ['service'],
      } as const;
      await putAgent(tx, { ...agent, password });
    }
    await importCustomers(
      tx,
      Array.from({ length: customers }, (_, index) => ({
        customer: rows.customerAt(index),
        history: [],
        queues: ['service'],
        private: { fields: {}, bill: null, packageNames: [], password: null },
      })),
    );
  });
  await database.close();
};

export type CentralProcess = {
  readonly address: string;
  readonly stop: () => Promise<void>;
  readonly kill: () => void;
  /** Processor's time it has used so far, all threads, in ms; undefined where the system does not tell (Linux does). */
  readonly cpuMs: () => number | undefined;
};

/** An instance as an operator runs it: `npm run central`. */
export const startCentralProcess = async (at: DatabaseAt, port = 0): Promise<CentralProcess> => {
  const where = at.kind === 'postgres' ? ['--database-url', at.url] : ['--data', at.dir ?? ''];
  const child: ChildProcess = spawn(process.execPath, ['central/main.ts', ...where, '--port', String(port)], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = new Promise<void>((done) => void child.once('exit', () => done()));
  const address = await new Promise<string>((done, failed) => {
    let said = '';
    child.stdout?.on('data', (text: Buffer) => {
      said += String(text);
      const found = /central ready: (\S+)/.exec(said)?.[1];
      if (found !== undefined) done(found);
    });
    child.once('exit', () => failed(new Error('central ended')));
  });
  return {
    address,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
    kill: () => void child.kill('SIGKILL'),
    cpuMs: () => cpuMsOf(child.pid),
  };
};
