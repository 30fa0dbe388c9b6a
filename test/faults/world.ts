import type { Log } from '../../central/ambient.ts';
import { silent } from '../../central/ambient.ts';
import { openDatabase } from '../../central/db.ts';
import { openSecrets } from '../../central/secrets.ts';
import type { SampleOperator } from '../../practice/operator/operator.ts';
import { seedOperator } from '../../practice/operator/seed.ts';
import type { PrivatePostgres } from '../central/postgres.ts';
import { startPostgres } from '../central/postgres.ts';

/** One PostgreSQL for all seeds, with a database that holds the sample operator; each seed works on a copy of it. */
export type World = {
  readonly operator: SampleOperator;
  readonly copy: () => string;
  readonly close: () => Promise<void>;
};

const customers = 100;

export const makeWorld = async (nowMs: number, log: Log = silent): Promise<World> => {
  const postgres: PrivatePostgres = await startPostgres();
  try {
    const url = postgres.createDatabase();
    const database = await openDatabase({ kind: 'postgres', url }, log);
    const secrets = await openSecrets(database.db);
    const operator = await seedOperator({ database, secrets, log }, { seed: 1, customers, nowMs });
    await database.close();
    return { operator, copy: () => postgres.createDatabase(url), close: postgres.stop };
  } catch (fault) {
    await postgres.stop();
    throw fault;
  }
};
