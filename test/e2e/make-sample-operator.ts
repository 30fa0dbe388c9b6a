import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { silent } from '../../central/ambient.ts';
import { openDatabase } from '../../central/db.ts';
import { openSecrets } from '../../central/secrets.ts';
import { operatorKey, seedOperator } from '../../practice/operator/seed.ts';

/** `FOLDER CUSTOMERS`: what practice mode makes at its first start in this folder (made-once.ts). */
const [, , folder = '', count = ''] = process.argv;
const wanted = { seed: 1, customers: Number(count) };
mkdirSync(folder, { recursive: true });
const database = await openDatabase({ kind: 'pglite', dir: join(folder, operatorKey(wanted)) }, silent);
const secrets = await openSecrets(database.db);
await seedOperator({ database, secrets, log: silent }, { ...wanted, nowMs: Date.now() });
await database.close();
