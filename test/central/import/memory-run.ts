import { createWriteStream } from 'node:fs';
import { stdout } from 'node:process';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { silent } from '../../../central/ambient.ts';
import { openDatabase } from '../../../central/db.ts';
import type { ImportAsked } from '../../../central/import/import-file.ts';
import { importFile } from '../../../central/import/import-file.ts';
import { Mapping } from '../../../central/import/mapping.ts';
import { systemClock } from '../../../central/pbx.ts';
import { defaultTenant } from '../../../central/tenancy.ts';

/** A program of its own, so that its heap can be capped: makes a file of so many customers and checks it. `FILE ROWS` */
const [file = '', count = '0'] = process.argv.slice(2);

function* lines(): Generator<string> {
  yield '客户编号,姓名,手机号,套餐,上月账单,入网日期,地址\n';
  for (let n = 0; n < Number(count); n += 1) {
    const digits = String(n).padStart(9, '0');
    // Every thousandth has the number of the one before.
    const number = `13${n % 1_000 === 999 ? String(n - 1).padStart(9, '0') : digits}`;
    yield `M${n},欧阳试${n},${number},畅享${n % 200},${n % 300}.50,2019-0${(n % 9) + 1}-11,岚桥市云栖区枫林路${n % 500}号\n`;
  }
}

await pipeline(Readable.from(lines()), createWriteStream(file));
const database = await openDatabase({ kind: 'pglite', dir: null }, silent);
const asked: ImportAsked = {
  kind: 'customers',
  file,
  report: `${file}.bad.csv`,
  encoding: 'auto',
  dryRun: true,
  resume: false,
  ...{ list: '', tenant: defaultTenant },
  mapping: Mapping.parse({}),
};
for await (const state of importFile({ database, clock: systemClock, mark: () => '' }, asked))
  if (state.kind === 'done' || state.kind === 'refused') stdout.write(`${JSON.stringify(state)}\n`);
await database.close();
