import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { putQueue } from '../../../central/agents.ts';
import { customerById } from '../../../central/customers.ts';
import type { Database } from '../../../central/db.ts';
import { rows, statement } from '../../../central/db.ts';
import type { ImportAsked } from '../../../central/import/import-file.ts';
import { importFile } from '../../../central/import/import-file.ts';
import type { Mapping as MappingOf } from '../../../central/import/mapping.ts';
import { Mapping } from '../../../central/import/mapping.ts';
import type { ImportProgress } from '../../../central/import/progress.ts';
import { openSecrets } from '../../../central/secrets.ts';
import { defaultTenant } from '../../../central/tenancy.ts';
import type { Customer } from '../../../shared/customer.ts';
import { openTestDatabase } from '../fixture.ts';

/** 22 November 2026, 08:00 in China. */
export const nowMs = Date.UTC(2026, 10, 22);

export type Imported = {
  readonly states: readonly ImportProgress[];
  readonly last: ImportProgress;
  readonly report: string;
  /** Row → what the report says of it, in English. */
  readonly reasons: ReadonlyMap<number, string>;
};

export type ImportRig = {
  readonly database: Database;
  readonly path: (name: string) => string;
  readonly take: (
    content: string | Uint8Array,
    changes?: Partial<Omit<ImportAsked, 'mapping'>> & {
      readonly map?: Partial<MappingOf>;
      /** Leaves the import after this many batches were written. */
      readonly leaveAfter?: number;
    },
  ) => Promise<Imported>;
  readonly customer: (id: string) => Promise<Customer | undefined>;
  /** Everything an import writes, to see that nothing has changed; `tx` too, for a row written again is sent to every seat. */
  readonly everything: () => Promise<unknown>;
  readonly close: () => Promise<void>;
};

export const openImportRig = async (): Promise<ImportRig> => {
  const dir = mkdtempSync(join(tmpdir(), 'zuoxi-import-'));
  const { database } = await openTestDatabase('pglite');
  for (const id of ['service', 'vip']) await putQueue(database.db, { id, zh: id, en: id });
  const { mark } = await openSecrets(database.db);
  const path = (name: string): string => join(dir, name);
  return {
    database,
    path,
    take: async (content, { map = {}, leaveAfter = Infinity, ...changes } = {}) => {
      const file = path('file.csv');
      writeFileSync(file, content);
      const asked: ImportAsked = {
        ...{ kind: 'customers', file, report: path('report.csv'), encoding: 'auto', dryRun: false, resume: false },
        ...{ list: '', tenant: defaultTenant },
        mapping: Mapping.parse(map),
        ...changes,
      };
      writeFileSync(asked.report, '');
      const states: ImportProgress[] = [];
      let written = 0;
      for await (const state of importFile({ database, clock: { nowMs: () => nowMs }, mark }, asked)) {
        states.push(state);
        if (state.kind === 'writing') written += 1;
        if (written >= leaveAfter) break;
      }
      const last = states.at(-1);
      if (last === undefined) throw new Error('no state');
      const report = readFileSync(asked.report, 'utf8');
      return { states, last, report, reasons: reasonsIn(report) };
    },
    customer: (id) => customerById(database.db, id),
    everything: async () => [
      await rows(
        database.db,
        statement`select * from feed where entity in ('customer', 'history') order by entity, id`,
      ),
      await rows(database.db, statement`select * from customer_number order by key, customer_id`),
      await rows(database.db, statement`select * from customer_private order by customer_id`),
      await rows(database.db, statement`select * from contact_list_entry order by list_id, key`),
    ],
    close: async () => {
      await database.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
};

/** Enough of a CSV reader for what the tests put in. */
const reasonsIn = (report: string): ReadonlyMap<number, string> => {
  const lines = [
    ...report.matchAll(
      /^(\d+),(?:"(?:[^"]|"")*"|[^,\r\n]*),(?:"(?:[^"]|"")*"|[^,\r\n]*),("(?:[^"]|"")*"|[^,\r\n]*)/gmu,
    ),
  ];
  return new Map(lines.map(([, row, reason]) => [Number(row), (reason ?? '').replace(/^"|"$/gu, '')]));
};
