import type { Log } from '../../central/ambient.ts';
import { silent } from '../../central/ambient.ts';
import { openDatabase, run, statement } from '../../central/db.ts';
import { openSecrets } from '../../central/secrets.ts';
import type { SampleOperator } from '../../practice/operator/operator.ts';
import { seedOperator } from '../../practice/operator/seed.ts';
import { treeCpuMsOf } from '../bench/measure/processor.ts';
import type { PrivatePostgres } from '../central/postgres.ts';
import { startPostgres } from '../central/postgres.ts';
import { quicklyHashed } from '../central/quick-hash.ts';
import { startTask } from './outbound.ts';
import { scratchFolder } from './scratch.ts';

/** One PostgreSQL for all seeds, with a database that holds the sample operator; each seed works on a copy of it. */
export type World = {
  readonly operator: SampleOperator;
  /** What its clocks say when a run begins: ten on a Monday morning in China, within every calling hour (R21). */
  readonly epochMs: number;
  readonly copy: () => string;
  /** What a seed is done with. */
  readonly drop: (url: string) => void;
  /** The database server's processor time so far. */
  readonly databaseMs: () => number;
  readonly close: () => Promise<void>;
};

const customers = 100;

const epochMs = Date.UTC(2026, 10, 30, 2);

export const makeWorld = async (log: Log = silent): Promise<World> => {
  const postgres: PrivatePostgres = await startPostgres('off', scratchFolder());
  try {
    const url = postgres.createDatabase();
    const database = await openDatabase({ kind: 'postgres', url }, log);
    const secrets = await openSecrets(database.db);
    const operator = await seedOperator({ database, secrets, log }, { seed: 1, customers, nowMs: epochMs });
    // Agents of a run sign in hundreds of times.
    for (const { agentNumber, password } of operator.agents)
      await run(
        database.db,
        statement`update agent set password = ${quicklyHashed(password)} where number = ${agentNumber}`,
      );
    await startTask({ database, secrets }, operator, epochMs);
    await database.close();
    return {
      ...{ operator, epochMs, copy: () => postgres.createDatabase(url), drop: postgres.dropDatabase },
      databaseMs: () => treeCpuMsOf(postgres.pid) ?? 0,
      close: postgres.stop,
    };
  } catch (fault) {
    await postgres.stop();
    throw fault;
  }
};
