import { createHash } from 'node:crypto';
import type { Text } from '../../shared/text.ts';
import type { Clock } from '../ambient.ts';
import type { Database, Db, Tx } from '../db.ts';
import { firstRow, run, statement, transaction } from '../db.ts';
import { pokeQueues } from '../feed.ts';
import type { Secrets } from '../secrets.ts';
import { defaultTenant } from '../tenancy.ts';
import { openCsv } from './csv-source.ts';
import type { Encoding, Examined } from './examine.ts';
import { examine } from './examine.ts';
import type { Mapping, Plan } from './mapping.ts';
import { planColumns } from './mapping.ts';
import type { ImportCounts, ImportKind, ImportProgress } from './progress.ts';
import type { Report } from './report.ts';
import { openReport } from './report.ts';
import { reasons } from './reasons.ts';
import type { Source, SourceRow } from './source.ts';
import { SourceBroken } from './source.ts';
import { takeCustomers } from './take-customers.ts';
import { takeHistories } from './take-histories.ts';
import { takeLists } from './take-lists.ts';
import type { Decided, Taking, TakingPorts } from './taking.ts';
import { openXlsx } from './xlsx-source.ts';

export type ImportPorts = {
  readonly database: Database;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly mark: Secrets['mark'];
};

export type ImportAsked = {
  readonly kind: ImportKind;
  readonly file: string;
  readonly mapping: Mapping;
  /** Where bad rows are written; an earlier report there is replaced. */
  readonly report: string;
  readonly encoding: Encoding;
  /** Reads and checks everything, against the database too, and writes nothing but the report. */
  readonly dryRun: boolean;
  /** Goes on after the last batch an earlier run of the same file has written. */
  readonly resume: boolean;
  /** Name of the contact list, for `lists`. */
  readonly list: string;
  /** Whose records they are. Nothing of another one's is seen or written. */
  readonly tenant: string;
};

/** Seats are told "pull now" this often at most while an import runs, and once at its end. */
const pokeEveryMs = 5_000;
/** The planner learns of a table's size this early, and again at ten times as many records; then the end of the import. */
const analyseFrom = 5_000;
/** Any number of our own: two imports at once take turns, batch by batch, for numbers may have one owner only. */
const importLock = 7_203_116;

/**
 * Takes a file in, a batch of rows in a transaction each: after a crash whole batches are there, and how far they go is known. Leaving
 * the iteration early ends the import after the batch that was last reported; nothing is lost by it.
 * @throws faults of the database or of the report's file system; what is wrong with the file itself is a state
 */
export async function* importFile(ports: ImportPorts, asked: ImportAsked): AsyncGenerator<ImportProgress, void, void> {
  let source: Source | undefined;
  let report: Report | undefined;
  try {
    const examined = yield* read(asked);
    source =
      examined.format === 'xlsx'
        ? await openXlsx(asked.file, asked.mapping.sheet)
        : await openCsv(asked.file, examined, asked.mapping);
    const plan = planColumns(asked.kind, source.header, asked.mapping);
    if (!plan.ok) {
      yield { kind: 'refused', why: plan.error };
      return;
    }
    const taking = takingOf(ports, asked, plan.value);
    if (taking.fault !== undefined) {
      yield { kind: 'refused', why: taking.fault };
      return;
    }

    const fingerprint = fingerprintOf(examined, asked);
    const writtenUpToRow = asked.resume ? await upToRow(ports.database, fingerprint) : 0;
    const { format, readAs } = source;
    yield { kind: 'planned', format, readAs, columns: plan.value.columns, writtenUpToRow };
    report = await openReport(asked.report, plan.value, taking.secretFields);
    yield* takeRows(ports, asked, { source, taking, report, fingerprint, writtenUpToRow });
  } catch (fault) {
    if (isAnothers(fault)) yield { kind: 'refused', why: reasons.otherTenant };
    else if (fault instanceof SourceBroken) yield { kind: 'refused', why: fault.why };
    else throw fault;
  } finally {
    source?.close();
    await report?.close();
  }
}

/** Ids are unique over all tenants: a row of another one is not seen, and cannot be written over (42501) or stood beside (23505). */
const isAnothers = (fault: unknown): boolean =>
  fault instanceof Error && 'code' in fault && (fault.code === '42501' || fault.code === '23505');

async function* read(asked: ImportAsked): AsyncGenerator<ImportProgress, Examined, void> {
  const reading = examine(asked.file, asked.encoding);
  for (;;) {
    const next = await reading.next();
    if (next.done === true) {
      const { totalBytes } = next.value;
      yield { kind: 'reading', bytes: totalBytes, totalBytes };
      return next.value;
    }
    yield { kind: 'reading', bytes: next.value, totalBytes: 0 };
  }
}

const takingOf = ({ mark, clock }: ImportPorts, { kind, mapping, list }: ImportAsked, plan: Plan): Taking => {
  const nowMs = clock.nowMs();
  const rules = { foreignNumbers: mapping.foreignNumbers, utcOffset: mapping.utcOffset, nowMs };
  const ports: TakingPorts = { plan, mapping, rules, mark, nowMs };
  switch (kind) {
    case 'customers':
      return takeCustomers(ports);
    case 'histories':
      return takeHistories(ports);
    case 'lists':
      return takeLists(ports, list);
  }
};

/** The same bytes, read in the same way. */
const fingerprintOf = ({ sha256, encoding }: Examined, { kind, mapping, list, tenant }: ImportAsked): string =>
  createHash('sha256')
    .update(JSON.stringify([sha256, encoding, kind, mapping, list, ...(tenant === defaultTenant ? [] : [tenant])]))
    .digest('hex');

const upToRow = async ({ db }: Database, fingerprint: string): Promise<number> =>
  (
    await firstRow(
      db,
      statement<{ row: number }>`select up_to_row as row from import_run where fingerprint = ${fingerprint}`,
    )
  )?.row ?? 0;

type Work = {
  readonly source: Source;
  readonly taking: Taking;
  readonly report: Report;
  readonly fingerprint: string;
  readonly writtenUpToRow: number;
};

async function* takeRows(
  ports: ImportPorts,
  asked: ImportAsked,
  work: Work,
): AsyncGenerator<ImportProgress, void, void> {
  const { source, taking, report, fingerprint } = work;
  const { db: everyones, tenant } = ports.database;
  const db = tenant(asked.tenant);
  const startedMs = ports.clock.nowMs();
  const tally = { rows: 0, bad: 0, written: 0, same: 0 };
  const counts = (): ImportCounts => {
    const ms = Math.max(1, ports.clock.nowMs() - startedMs);
    return { ...tally, rowsPerSecond: Math.round((tally.rows / ms) * 1_000), share: Math.min(1, source.share()) };
  };
  const told = new Set<string>();
  let toldMs = startedMs;
  let analyseAt = analyseFrom;
  let broken: Text | undefined;
  const takeBatch = (batch: readonly SourceRow[], last: number, writes: boolean): Promise<Decided> =>
    transaction(db, async (tx) => {
      if (writes) await run(tx, statement`select pg_advisory_xact_lock(${importLock})`);
      const decided = await taking.decide(tx, batch);
      if (!writes) return decided;
      for (const queue of await decided.write(tx)) told.add(queue);
      await markRun(tx, { fingerprint, kind: asked.kind, row: last, nowMs: ports.clock.nowMs() });
      // In the transaction, so that who is told finds what it is told of.
      if (told.size > 0 && ports.clock.nowMs() - toldMs >= pokeEveryMs) {
        await pokeQueues(tx, [...told]);
        told.clear();
        toldMs = ports.clock.nowMs();
      }
      return decided;
    });
  try {
    for await (const batch of untilBroken(source.rows, (why) => (broken = why))) {
      const last = batch.at(-1)?.row;
      if (last === undefined) continue;
      const writes = !asked.dryRun && last > work.writtenUpToRow;
      yield { kind: 'checking', counts: counts() };
      const { bad, changed } = await takeBatch(batch, last, writes);
      for (const row of batch) {
        const faults = bad.get(row.row);
        if (faults !== undefined) report.add(row, faults);
      }
      await report.flush();
      tally.rows += batch.length;
      tally.bad += bad.size;
      tally.written += changed;
      tally.same += batch.length - bad.size - changed;
      if (writes) yield { kind: 'writing', counts: counts() };
      if (writes && tally.written >= analyseAt) {
        analyseAt *= 10;
        await analyse(everyones);
      }
    }
    if (!asked.dryRun && tally.written >= analyseFrom) await analyse(everyones);
    if (!asked.dryRun && broken === undefined) await markFinished(db, fingerprint, ports.clock.nowMs());
  } finally {
    // Also when the import is left early: what is written is written.
    if (told.size > 0) await transaction(db, (tx) => pokeQueues(tx, [...told]));
  }
  if (broken !== undefined) {
    yield { kind: 'stopped', why: broken, counts: counts() };
    return;
  }
  const warnings = await taking.warnings(db);
  const none = tally.rows === 0 ? [reasons.noRows] : [];
  yield { kind: 'done', counts: { ...counts(), share: 1 }, warnings: [...none, ...warnings] };
}

const markRun = (
  tx: Tx,
  { fingerprint, kind, row, nowMs }: { fingerprint: string; kind: ImportKind; row: number; nowMs: number },
): Promise<void> =>
  run(
    tx,
    statement`
      insert into import_run (fingerprint, kind, up_to_row, started_at_ms) values (${fingerprint}, ${kind}, ${row}, ${nowMs})
      on conflict (fingerprint) do update set up_to_row = excluded.up_to_row, finished_at_ms = null`,
  );

/**
 * A table that was empty a minute ago is still small to the planner, which then reads all of it for each batch (measured: from 6,700 to
 * 1,300 rows/s by 270,000 customers). PostgreSQL finds out by itself after a minute at best, the embedded database never.
 */
const analyse = (db: Db): Promise<void> =>
  run(db, statement`analyze feed, customer_number, customer_private, contact_list_entry`);

const markFinished = (db: Db, fingerprint: string, nowMs: number): Promise<void> =>
  run(db, statement`update import_run set finished_at_ms = ${nowMs} where fingerprint = ${fingerprint}`);

async function* untilBroken(
  batches: Source['rows'],
  broken: (why: Text) => void,
): AsyncGenerator<readonly SourceRow[]> {
  try {
    yield* batches;
  } catch (fault) {
    if (!(fault instanceof SourceBroken)) throw fault;
    broken(fault.why);
  }
}
