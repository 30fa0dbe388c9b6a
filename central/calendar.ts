import { createHash } from 'node:crypto';
import { CalendarYear, faultIn, merged, type WorkCalendar } from '../shared/calendar.ts';
import type { CalendarDraft, DueChange, DueChanges, OtherDueChange } from '../shared/calendar-api.ts';
import { mostDueShown } from '../shared/calendar-api.ts';
import { recounted } from '../shared/recount.ts';
import type { Result } from '../shared/result.ts';
import { ok, refusal, refused } from '../shared/result.ts';
import type { WorkRow } from '../shared/work.ts';
import { audit } from './audit.ts';
import type { Database, Db } from './db.ts';
import { asJson, rows, run, statement, transaction } from './db.ts';
import type { FigurePorts } from './figure-rates.ts';
import { note } from './contacts-behind.ts';
import type { Handlers } from './http.ts';
import { putWork, workById } from './orders.ts';
import type { Session } from './sessions.ts';
import { calendarOf, putCalendar } from './work.ts';

/**
 * R24: the working calendar from the desk. It is one for the whole centre, its outsourced firms included, so the operator's own leads and
 * managers write it. What is open and was counted by a table that has changed is counted again at once, and shown before it is.
 */
export type CalendarPorts = Pick<FigurePorts, 'nowMs' | 'auditKey'> & { readonly database: Database };

export const calendarHandlers = (ports: CalendarPorts): Partial<Handlers> => ({
  calendar: async (_asked, session) => {
    const { years } = await calendarOf(session.db);
    return ok({ years: [...years], mark: markOf({ years }), mayEdit: mayEdit(session) });
  },
  calendarTry: async ({ draft }, session) => {
    if (!mayEdit(session)) return refused(refusal('forbidden', 'calendarOfOperator'));
    const year = yearOf(draft);
    if (!year.ok) return year;
    return ok(await recount(ports, merged(await calendarOf(session.db), { years: [year.value] }), 'look'));
  },
  calendarSet: async ({ draft, mark }, session) => {
    if (!mayEdit(session)) return refused(refusal('forbidden', 'calendarOfOperator'));
    const year = yearOf(draft);
    if (!year.ok) return year;
    const written = await put(ports.database.db, [year.value], mark);
    if (!written) return refused(refusal('conflict', 'calendarChanged'));
    const changed = await recount(ports, await calendarOf(session.db), 'write');
    await note(ports, session, { kind: 'calendar', result: said([year.value], changed) });
    return ok(changed);
  },
});

/** As a lead writes them, for whoever runs central: in force, counted again and audited. */
export const importCalendar = async (ports: CalendarPorts, years: readonly CalendarYear[]): Promise<DueChanges> => {
  const { db } = ports.database;
  await put(db, years, null);
  const changed = await recount(ports, await calendarOf(db), 'write');
  const of = { agentId: 'operator', seatId: 'central', contactId: null, customerId: null, factor: null };
  await transaction(db, (tx) =>
    audit(tx, ports.auditKey, [{ ...of, atMs: ports.nowMs(), kind: 'calendar', result: said(years, changed) }]),
  );
  return changed;
};
/** The same, and nothing is written. */
export const tryCalendar = async (ports: CalendarPorts, years: readonly CalendarYear[]): Promise<DueChanges> =>
  recount(ports, merged(await calendarOf(ports.database.db), { years: [...years] }), 'look');

/** @param mark what the writer saw; null: whatever there is */
const put = (db: Db, years: readonly CalendarYear[], mark: string | null): Promise<boolean> =>
  transaction(db, async (tx) => {
    await run(tx, statement`select pg_advisory_xact_lock(hashtextextended('workCalendar', 0))`);
    if (mark !== null && markOf(await calendarOf(tx)) !== mark) return false;
    await putCalendar(tx, { years: [...years] });
    return true;
  });

const said = (years: readonly CalendarYear[], { total }: DueChanges): string => {
  const each = years.map(
    ({ year, off, work, source }) => `${year}: ${off.length} free, ${work.length} worked (${source})`,
  );
  return `${each.join(', ').slice(0, 300)}; ${total} due days counted again`;
};

const mayEdit = ({ agent, tenant }: Session): boolean =>
  tenant === 'default' && (agent.role === 'lead' || agent.role === 'manager');

const markOf = (calendar: WorkCalendar): string =>
  createHash('sha256').update(asJson(calendar)).digest('base64url').slice(0, 22);

/** @returns what is wrong as a reason with the day in it: the desk has the sentence */
const yearOf = (draft: CalendarDraft): Result<CalendarYear> => {
  const fault = faultIn(draft);
  if (fault !== undefined)
    return refused(refusal('invalid', `calendar.${fault.kind}`, { day: fault.day, year: String(fault.year) }));
  if (draft.source.trim() === '') return refused(refusal('mandatory', 'calendarSource'));
  const year = CalendarYear.safeParse({ ...draft, source: draft.source.trim().slice(0, 200) });
  return year.success ? ok(year.data) : refused(refusal('invalid', 'calendarYear', { year: String(draft.year) }));
};

const pageSize = 500;

/** Tenant by tenant, a page at a time; each row under the lock of its ops, so that none is lost that comes meanwhile. */
const recount = async (
  { database, nowMs }: CalendarPorts,
  calendar: WorkCalendar,
  how: 'look' | 'write',
): Promise<DueChanges> => {
  const atMs = nowMs();
  let total = 0;
  let late = 0;
  const shown: DueChange[] = [];
  const others: OtherDueChange[] = [];
  for (const tenant of await tenantsWithWork(database.db)) {
    const db = database.tenant(tenant);
    let after = '';
    for (;;) {
      const page = await openAfter(db, after);
      for (const { row, agentName } of page) {
        if (row.dueAtMs < atMs) late += 1;
        const next = recounted(row, calendar, atMs);
        if (next === undefined) continue;
        const changes = changesOf(row, next, agentName);
        total += changes.length;
        // What an outsourced firm owes is counted, and not shown.
        if (tenant === 'default') {
          shown.push(...changes.filter(isMatter));
          others.push(...changes.filter(isOther));
        }
        if (how === 'write') await writeAgain(db, row.id, calendar, atMs);
      }
      after = page.at(-1)?.row.id ?? '';
      if (page.length < pageSize) break;
    }
  }
  return { total, shown: soonest(shown), others: soonest(others), late };
};

const soonest = <C extends { readonly toMs: number }>(changes: readonly C[]): C[] =>
  changes.toSorted((one, other) => one.toMs - other.toMs).slice(0, mostDueShown);

const isMatter = (change: DueChange | OtherDueChange): change is DueChange =>
  change.record === 'case' || change.record === 'obligation';

const isOther = (change: DueChange | OtherDueChange): change is OtherDueChange => !isMatter(change);

/** The matter itself, and beside a case whoever it was escalated to. */
const changesOf = (row: WorkRow, next: WorkRow, agentName: string): readonly (DueChange | OtherDueChange)[] => {
  const of = { workId: row.id, agentName };
  const changes: (DueChange | OtherDueChange)[] = [];
  if (row.dueAtMs !== next.dueAtMs || row.missingYear !== next.missingYear) {
    const days = { fromMs: row.dueAtMs, toMs: next.dueAtMs };
    changes.push(
      next.record === 'order'
        ? { ...of, record: 'order', kind: next.flow, ...days }
        : { ...of, record: next.record, kind: next.kind, ...days },
    );
  }
  const [was, is] = [row, next].map((one) => (one.record === 'case' ? (one.escalation ?? null) : null));
  if (was != null && is != null && was !== is)
    changes.push({
      ...{ ...of, record: 'escalation', kind: is.kind === 'handedBack' ? 'handedBack' : is.level },
      ...{ fromMs: was.dueAtMs, toMs: is.dueAtMs },
    });
  return changes;
};

const writeAgain = (db: Db, id: string, calendar: WorkCalendar, nowMs: number): Promise<void> =>
  transaction(db, async (tx) => {
    await run(tx, statement`select pg_advisory_xact_lock(hashtextextended(${`work:${id}`}, 0))`);
    const row = await workById(tx, id);
    const next = row === undefined ? undefined : recounted(row, calendar, nowMs);
    if (next !== undefined) await putWork(tx, next, nowMs);
  });

const tenantsWithWork = async (db: Db): Promise<readonly string[]> =>
  (
    await rows(
      db,
      statement<{ tenant: string }>`select distinct tenant from work where due_at_ms is not null order by 1`,
    )
  ).map(({ tenant }) => tenant);

const openAfter = (db: Db, after: string): Promise<readonly { readonly row: WorkRow; readonly agentName: string }[]> =>
  rows(
    db,
    statement<{ row: WorkRow; agentName: string }>`
      select work.row, coalesce(agent.name, work.agent_id) as "agentName"
      from work left join agent on agent.id = work.agent_id
      where work.due_at_ms is not null and work.id > ${after}
      order by work.id limit ${pageSize}`,
  );
