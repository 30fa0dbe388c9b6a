import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { openDatabase, DatabaseUnavailable } from '../db.ts';
import type { DatabaseAt } from '../db.ts';
import { silent } from '../ambient.ts';
import { systemClock } from '../pbx.ts';
import { openSecrets } from '../secrets.ts';
import { defaultTenant } from '../tenancy.ts';
import { encodings } from './examine.ts';
import type { ImportAsked } from './import-file.ts';
import { importFile } from './import-file.ts';
import { Mapping } from './mapping.ts';
import type { ImportCounts, ImportProgress } from './progress.ts';
import { importKinds } from './progress.ts';

/** `npm run import`: takes a file of an operator into central's database and says how it went. */

const usage = `Usage: npm run import -- customers|histories|lists --file FILE [options]
  --file FILE              CSV (comma, tab, semicolon) or XLSX; what it is is seen from its content
  --map MAP.json           which column is which field, where the header does not say; see below
  --dry-run                checks every row, against the database too, and writes nothing but the report
  --report REPORT.csv      the rows that were not taken in and why; FILE.bad-rows.csv by default
  --encoding auto|utf-8|gb18030
  --resume                 goes on where an earlier run of the same file was cut short
  --list NAME              for lists: the name of the contact list
  --tenant T               whose records they are, as in add-agent; the centre's own (default) without it; a file
                           that names another tenant's customer is refused
  --database-url URL       postgres://user:password@host/database
  --data DIR               embedded database instead; .central by default (central must not be running on it)
  --secret-file FILE       the one central has, if it has one: service passwords are kept as hashes made with it

MAP.json: {"columns": {"Header": "field", "Other header": null}, "defaults": {"queues": "service"},
  "sharedNumbers": false, "foreignNumbers": false, "utcOffset": "+08:00", "sheet": "Sheet1", "delimiter": ";"}
`;

/** Wrong arguments: the message is all there is to say. */
class CannotStart extends Error {}

const optionTypes = {
  file: { type: 'string' },
  map: { type: 'string' },
  'dry-run': { type: 'boolean', default: false },
  report: { type: 'string' },
  encoding: { type: 'string', default: 'auto' },
  resume: { type: 'boolean', default: false },
  list: { type: 'string', default: '' },
  tenant: { type: 'string' },
  'database-url': { type: 'string' },
  data: { type: 'string', default: '.central' },
  'secret-file': { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;

const readArgs = (args: readonly string[]) => {
  try {
    return parseArgs({ args: [...args], options: optionTypes, allowPositionals: true });
  } catch (fault) {
    throw new CannotStart(`${fault instanceof Error ? fault.message : 'wrong arguments'}\n\n${usage}`);
  }
};

const main = async (): Promise<void> => {
  const { values, positionals } = readArgs(process.argv.slice(2));
  if (values.help) return void process.stdout.write(usage);
  const asked = await askedFor(values, positionals);
  const url = values['database-url'];
  if (url !== undefined && !/^postgres(?:ql)?:\/\//u.test(url))
    throw new CannotStart('--database-url begins with postgres://');
  const secretFile = values['secret-file'];
  const secret = secretFile === undefined ? undefined : await fileFor('--secret-file', secretFile);
  if (secret !== undefined && secret.length < 32)
    throw new CannotStart('The file of --secret-file is shorter than 32 bytes.');
  const at: DatabaseAt = url === undefined ? { kind: 'pglite', dir: values.data } : { kind: 'postgres', url };
  const database = await openDatabase(at, silent);
  try {
    const { mark } = await openSecrets(database.db, secret === undefined ? undefined : new Uint8Array(secret));
    await run(importFile({ database, clock: systemClock, mark }, asked), asked);
  } finally {
    await database.close();
  }
};

type Arguments = ReturnType<typeof readArgs>;

const askedFor = async (values: Arguments['values'], positionals: readonly string[]): Promise<ImportAsked> => {
  const kind = importKinds.find((known) => known === positionals[0]);
  if (kind === undefined || positionals.length > 1)
    throw new CannotStart(`Say what to import: ${importKinds.join(', ')}.\n\n${usage}`);
  const { file } = values;
  if (file === undefined) throw new CannotStart('--file FILE is missing.');
  const encoding = encodings.find((known) => known === values.encoding);
  if (encoding === undefined) throw new CannotStart(`--encoding is one of ${encodings.join(', ')}.`);
  if (values['dry-run'] && values.resume)
    throw new CannotStart('--dry-run writes nothing that --resume could go on from.');
  const report = values.report ?? `${file}.bad-rows.csv`;
  if (resolve(report) === resolve(file)) throw new CannotStart('--report would overwrite the file itself.');
  const { tenant = defaultTenant } = values;
  if (!/^[a-z0-9-]{1,40}$/u.test(tenant))
    throw new CannotStart('--tenant is a name of small letters, digits and hyphens.');
  const mapping = values.map === undefined ? Mapping.parse({}) : await mappingOf(values.map);
  return {
    ...{ kind, file, mapping, report, encoding, tenant },
    ...{ dryRun: values['dry-run'], resume: values.resume, list: values.list },
  };
};

const mappingOf = async (path: string): Promise<Mapping> => {
  const text = String(await fileFor('--map', path)).replace(/^\ufeff/u, '');
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new CannotStart(`The file of --map is not JSON: ${path}`);
  }
  const mapping = Mapping.safeParse(json);
  if (mapping.success) return mapping.data;
  throw new CannotStart(`The file of --map is not a mapping:\n${z.prettifyError(mapping.error)}`);
};

const fileFor = async (option: string, path: string): Promise<Buffer> => {
  try {
    return await readFile(path);
  } catch {
    throw new CannotStart(`The file of ${option} cannot be read: ${path}`);
  }
};

const run = async (states: AsyncGenerator<ImportProgress, void, void>, asked: ImportAsked): Promise<void> => {
  let isStopped = false;
  const stop = (): void => {
    isStopped = true;
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
  const show = progressLine();
  for await (const state of states) {
    show(state, asked);
    // Leaving the loop ends the import after a whole batch.
    if (isStopped && (state.kind === 'checking' || state.kind === 'writing')) {
      process.stdout.write('\nstopped; --resume goes on from here\n');
      process.exitCode = 130;
      return;
    }
  }
};

/** One line that is written over where people watch, now and then a line where they do not. */
const progressLine = () => {
  const isWatched = process.stderr.isTTY;
  let shownMs = performance.now();
  let isOpen = false;
  const end = (): void => {
    if (isOpen) process.stderr.write('\n');
    isOpen = false;
  };
  return (state: ImportProgress, asked: ImportAsked): void => {
    switch (state.kind) {
      case 'reading':
        return;
      case 'planned':
        return plannedLines(state);
      case 'checking':
      case 'writing': {
        const nowMs = performance.now();
        if (nowMs - shownMs < (isWatched ? 200 : 5_000)) return;
        shownMs = nowMs;
        const line = `${state.kind} ${(state.counts.share * 100).toFixed(0)} % · ${countsText(state.counts)}`;
        process.stderr.write(isWatched ? `\r\u001b[K${line}` : `${line}\n`);
        isOpen = isWatched;
        return;
      }
      case 'done':
        end();
        process.stdout.write(`${asked.dryRun ? 'checked, nothing written' : 'done'}: ${countsText(state.counts)}\n`);
        for (const { zh, en } of state.warnings) process.stdout.write(`! ${zh} / ${en}\n`);
        if (state.counts.bad > 0) process.stdout.write(`bad rows: ${asked.report}\n`);
        return;
      case 'refused':
      case 'stopped':
        end();
        process.stderr.write(`${state.why.zh}\n${state.why.en}\n`);
        if (state.kind === 'stopped') process.stdout.write(`stopped: ${countsText(state.counts)}\n`);
        process.exitCode = 1;
        return;
    }
  };
};

const plannedLines = ({ readAs, columns, writtenUpToRow }: Extract<ImportProgress, { kind: 'planned' }>): void => {
  process.stdout.write(`read as ${readAs}\n`);
  for (const { column, as } of columns)
    process.stdout.write(
      as.kind === 'field' ? `  ${column} → ${as.field}\n` : `  ${column} ✗ ${as.why.zh} / ${as.why.en}\n`,
    );
  if (writtenUpToRow > 0) process.stdout.write(`rows up to ${writtenUpToRow} were written before\n`);
};

const countsText = ({ rows, written, same, bad, rowsPerSecond }: ImportCounts): string =>
  `${rows} rows, ${written} new or changed, ${same} as before, ${bad} bad, ${rowsPerSecond} rows/s`;

await main().catch((fault: unknown) => {
  const isSentence = fault instanceof CannotStart || fault instanceof DatabaseUnavailable;
  const code = fault instanceof Error && 'code' in fault ? fault.code : undefined;
  const sentence =
    code === 'ENOENT' || code === 'EACCES' || code === 'EISDIR'
      ? 'The file of --file cannot be read, or that of --report not be written.'
      : fault instanceof Error
        ? (fault.stack ?? fault.message)
        : String(fault);
  process.stderr.write(`${isSentence ? fault.message : sentence}\n`);
  process.exitCode = 1;
});
