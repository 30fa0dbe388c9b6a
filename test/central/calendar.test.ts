import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { auditEntries } from '../../central/audit.ts';
import type { Database } from '../../central/db.ts';
import { run, statement } from '../../central/db.ts';
import { momentOf } from '../../shared/calendar.ts';
import type { CalendarDraft } from '../../shared/calendar-api.ts';
import { WorkId } from '../../shared/ids.ts';
import type { OpBody } from '../../shared/op.ts';
import type { OpenedDatabase, Rig, Seat } from './fixture.ts';
import { ask, clean, customerId, databaseKinds, openTestDatabase, startCall } from './fixture.ts';
import { putAgents, putCustomers, putLead, signIn, startRig } from './fixture.ts';

const at = (day: string): number => momentOf(day, 600) ?? Number.NaN;
const end = (day: string): number => (momentOf(day, 24 * 60) ?? Number.NaN) - 1_000;

describe.each(databaseKinds)('R24 the working calendar on %s', (kind) => {
  let openedDb: OpenedDatabase;
  let database: Database;
  let rig: Rig;
  let seat: Seat;
  let lead: Seat;
  beforeAll(async () => {
    openedDb = await openTestDatabase(kind);
    ({ database } = openedDb);
    await putAgents(database);
    await putLead(database);
  });
  beforeEach(async () => {
    await clean(database);
    await run(database.db, statement`delete from setting where key = 'workCalendar'`);
    await putCustomers(database, 1);
    rig = await startRig(database);
    [seat, lead] = [await signIn(rig, '1001'), await signIn(rig, '1003')];
  });
  afterEach(() => rig.close());
  afterAll(() => openedDb.close());

  const draft = (over: Partial<CalendarDraft> = {}): CalendarDraft => ({
    ...{ year: 2027, source: '样例通知', off: ['2027-01-01', '2027-01-04'], work: [] },
    ...over,
  });
  const read = async (who: Seat = lead) => (await ask(rig, 'calendar', {}, who.token)).value;
  const set = async (of: CalendarDraft, mark?: string, who: Seat = lead) =>
    ask(rig, 'calendarSet', { draft: of, mark: mark ?? (await read()).mark }, who.token);
  const complaint = async (atMs = at('2026-12-29')): Promise<WorkId> => {
    const contactId = await startCall(rig, seat, customerId(1));
    const workId = WorkId.parse(randomUUID());
    const op: OpBody = {
      ...{ name: 'case.opened', workId, contactId, customerId: customerId(1), atMs },
      ...{ kind: 'complaint', title: '信号', text: '', department: '网络部' },
    };
    expect(await seat.push(op)).toMatchObject([{ outcome: 'applied' }]);
    return workId;
  };
  const workOf = async () => (await ask(rig, 'work', { mark: '' }, seat.token)).value;

  it('says what would be due on another day, changes nothing by that, and does it when it is written', async () => {
    const workId = await complaint();
    const change = {
      ...{ workId, record: 'case', kind: 'complaint', agentName: '林小禾' },
      ...{ fromMs: end('2027-01-07'), toMs: end('2027-01-11') },
    };
    const tried = await ask(rig, 'calendarTry', { draft: draft() }, lead.token);
    expect(tried.value).toEqual({ total: 1, shown: [change], others: [], late: 0 });
    expect((await workOf()).rows).toMatchObject([{ dueAtMs: end('2027-01-07'), missingYear: 2027 }]);
    expect((await read()).years.map(({ year }) => year)).toEqual([2026]);

    expect((await set(draft())).value).toEqual({ total: 1, shown: [change], others: [], late: 0 });
    const told = await workOf();
    // The seat has rows and table with its next look.
    expect(told.rows).toMatchObject([{ dueAtMs: end('2027-01-11'), missingYear: null }]);
    expect(told.calendar.years.map(({ year }) => year)).toEqual([2026, 2027]);
    // Written again, nothing is counted again.
    expect((await set(draft())).value.total).toBe(0);
    const said: string[] = [];
    for await (const entry of auditEntries(database.db))
      if (entry.kind === 'calendar') said.push(`${entry.agentId} ${entry.result}`);
    expect(said).toEqual([
      'A1003 2027: 2 free, 0 worked (样例通知); 1 due days counted again',
      'A1003 2027: 2 free, 0 worked (样例通知); 0 due days counted again',
    ]);
  });

  it('escalations and orders are counted again too; what is late already stays as it is', async () => {
    const escalated = await complaint();
    const late = await complaint(at('2026-06-01'));
    const contactId = await startCall(rig, seat, customerId(1));
    const orderId = WorkId.parse(randomUUID());
    const ops: OpBody[] = [
      { name: 'case.escalated', workId: escalated, level: 'second', note: '客户不满意', atMs: at('2026-12-31') },
      {
        ...{ name: 'order.opened', workId: orderId, contactId, customerId: customerId(1), atMs: at('2026-12-30') },
        ...{
          flow: 'lead',
          offer: { name: '宽带', tariffId: null },
          script: null,
          payment: null,
          delivery: null,
          note: '',
        },
      },
    ];
    for (const op of ops) expect(await seat.push(op)).toMatchObject([{ outcome: 'applied' }]);
    const tried = (await ask(rig, 'calendarTry', { draft: draft() }, lead.token)).value;
    expect(tried).toMatchObject({ total: 3, late: 1, shown: [{ workId: escalated, record: 'case' }] });
    expect(tried.others).toEqual([
      {
        ...{ workId: orderId, record: 'order', kind: 'lead', agentName: '林小禾' },
        ...{ fromMs: end('2027-01-04'), toMs: end('2027-01-06') },
      },
      {
        ...{ workId: escalated, record: 'escalation', kind: 'second', agentName: '林小禾' },
        ...{ fromMs: end('2027-01-05'), toMs: end('2027-01-07') },
      },
    ]);
    expect((await set(draft())).value).toEqual(tried);
    const told = (await ask(rig, 'work', { mark: '', orders: 'yes' }, seat.token)).value;
    const row = (id: string) => told.rows?.find((one) => one.id === id);
    expect(row(escalated)).toMatchObject({ dueAtMs: end('2027-01-11'), escalation: { dueAtMs: end('2027-01-07') } });
    expect(row(late)).toMatchObject({ dueAtMs: end('2026-06-10'), missingYear: null });
    expect(told.orders).toMatchObject([{ id: orderId, dueAtMs: end('2027-01-06'), missingYear: null }]);
  });

  it.each<[string, Partial<CalendarDraft>, { kind: string; reason: string; params?: object }]>([
    [
      'a day that is none',
      { off: ['02-30'] },
      { kind: 'invalid', reason: 'calendar.noDay', params: { day: '02-30', year: '2027' } },
    ],
    ['a day of another year', { off: ['2026-01-01'] }, { kind: 'invalid', reason: 'calendar.otherYear' }],
    ['a day twice', { off: ['2027-01-01', '2027-01-01'] }, { kind: 'invalid', reason: 'calendar.twice' }],
    ['free and worked', { work: ['2027-01-01'] }, { kind: 'invalid', reason: 'calendar.both' }],
    ['a weekday worked', { work: ['2027-01-05'] }, { kind: 'invalid', reason: 'calendar.weekday' }],
    ['no source', { source: '  ' }, { kind: 'mandatory', reason: 'calendarSource' }],
    ['a year too far', { year: 2250, off: ['2250-01-01'] }, { kind: 'invalid', reason: 'calendarYear' }],
  ])('bad input is answered in words, and nothing is written: %s', async (_what, over, error) => {
    for (const answer of [await set(draft(over)), await ask(rig, 'calendarTry', { draft: draft(over) }, lead.token)])
      expect(answer.error).toMatchObject(error);
    expect((await read()).years.map(({ year }) => year)).toEqual([2026]);
  });

  it('nobody writes over what somebody else has just written, and agents do not write at all', async () => {
    const { mark } = await read();
    expect((await set(draft(), mark)).status).toBe(200);
    expect((await set(draft({ off: ['2027-05-01'] }), mark)).error).toMatchObject({
      kind: 'conflict',
      reason: 'calendarChanged',
    });
    expect((await read()).years.find(({ year }) => year === 2027)?.off).toEqual(['2027-01-01', '2027-01-04']);
    expect((await set(draft(), '', seat)).error).toMatchObject({ kind: 'forbidden' });
  });
});
