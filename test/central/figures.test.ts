import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { importCustomers } from '../../central/customers.ts';
import type { Database } from '../../central/db.ts';
import { rows, run, statement, transaction } from '../../central/db.ts';
import { fillFacts } from '../../central/facts.ts';
import { mayExport } from '../../central/figures.ts';
import { openXlsx } from '../../central/import/xlsx-source.ts';
import { openSecrets } from '../../central/secrets.ts';
import type { Session } from '../../central/sessions.ts';
import { countKeys } from '../../shared/figures.ts';
import { figureGroups, type FigureListAsk, type FigureRow } from '../../shared/figures-api.ts';
import { type ContactId, type CustomerId, GrantId, TaskId, WorkId } from '../../shared/ids.ts';
import type { OpBody } from '../../shared/op.ts';
import { defaultPolicy } from '../../shared/policy.ts';
import { makePlan } from '../shared/make-plan.ts';
import type { OpenedDatabase, Rig, Seat } from './fixture.ts';
import {
  ask,
  clean,
  customerId,
  databaseKinds,
  makeCustomer,
  newContactId,
  opened,
  openTestDatabase,
} from './fixture.ts';
import { putAgents, putLead, signIn, startRig } from './fixture.ts';

const day = 24 * 3_600_000;
const range = { fromDay: '2026-10-01', toDay: '2026-11-30' };
const paths = [['agreed', 'confirm'], ['declined', 'never'], ['answered', 'other'], null] as const;

describe.each(databaseKinds)('R36 figures on %s', (kind) => {
  let openedDb: OpenedDatabase;
  let database: Database;
  let rig: Rig;
  let seats: readonly [Seat, Seat];
  let lead: Seat;
  let manager: Seat;
  let taskId: TaskId;
  beforeAll(async () => {
    openedDb = await openTestDatabase(kind);
    ({ database } = openedDb);
    await putAgents(database);
    await putLead(database, { name: '=HYPERLINK("x")', queues: ['vip'] });
    await putLead(database, { number: '2001', name: '苏经理', role: 'manager', queues: [] });
  });
  beforeEach(async () => {
    await clean(database);
    const { mark } = await openSecrets(database.db);
    const customers = Array.from({ length: 9 }, (_, n) => {
      const one = makeCustomer(n + 1, ['service'], mark);
      // Three tiers; the last three are at risk (R3).
      const arpu = n % 3 === 0 ? 400 : n % 3 === 1 ? 130 : 60;
      const usage = { ...one.customer.usage, arpu: n > 5 ? 30 : arpu, tenureMonths: n % 3 === 0 ? 90 : 20 };
      return { ...one, customer: { ...one.customer, usage } };
    });
    await transaction(database.db, (tx) => importCustomers(tx, customers));
    rig = await startRig(database);
    seats = [await signIn(rig, '1001'), await signIn(rig, '1002')];
    [lead, manager] = [await signIn(rig, '1003'), await signIn(rig, '2001')];
    const saved = await ask(rig, 'taskSave', { taskId: null, revision: 0, plan: makePlan() }, lead.token);
    taskId = TaskId.parse(saved.value.taskId);
  });
  afterEach(() => rig.close());
  afterAll(() => openedDb.close());

  type Call = {
    readonly who: Seat;
    readonly customer: CustomerId | null;
    readonly atMs: number;
    readonly direction?: 'inbound' | 'outbound';
    readonly answeredAfterMs?: number | null;
    readonly path?: readonly string[] | null;
    readonly queue?: string | null;
    readonly ofTask?: boolean;
  };
  const call = async (one: Call): Promise<ContactId> => {
    const contactId = newContactId();
    const { who, customer, atMs, direction = 'inbound', answeredAfterMs = 5_000, path = null } = one;
    const grant = { id: GrantId.parse(randomUUID()), taskId, treeId: 'marketing' };
    const first = {
      ...(opened(contactId, customer, atMs) as Extract<OpBody, { name: 'contact.opened' }>),
      ...{ direction, queue: one.queue ?? (direction === 'inbound' ? 'service' : null) },
      ...(one.ofTask === true ? { grant } : {}),
    };
    const told: OpBody[] = [first];
    if (answeredAfterMs !== null) told.push({ name: 'contact.answered', contactId, atMs: atMs + answeredAfterMs });
    const cause = answeredAfterMs === null ? 'noAnswer' : 'customerHungUp';
    told.push({ name: 'contact.ended', contactId, cause, atMs: atMs + 60_000 });
    if (path !== null)
      told.push({
        ...{
          name: 'contact.wrappedUp',
          contactId,
          disposition: [...path],
          forced: false,
          note: '',
          atMs: atMs + 90_000,
        },
      });
    const results = await who.push(...told);
    expect(results.every(({ outcome }) => outcome === 'applied')).toBe(true);
    return contactId;
  };
  const figures = async (by: (typeof figureGroups)[number], who = manager) =>
    (await ask(rig, 'figures', { ...range, by }, who.token)).value;
  const rowOf = async (by: (typeof figureGroups)[number], key: string, who = manager): Promise<FigureRow> => {
    const found = (await figures(by, who)).rows.find((row) => row.key === key);
    if (found === undefined) throw new Error(`no row ${key}`);
    return found;
  };
  const listOf = async (asked: Omit<FigureListAsk, 'fromDay' | 'toDay'>, who = manager) => {
    const found: { readonly contactId: string; readonly order?: { readonly id: string } | undefined }[] = [];
    for (let cursor: string | undefined; ;) {
      rig.clock.advance(600);
      const { value } = await ask(rig, 'figureList', { ...range, ...asked, cursor }, who.token);
      found.push(...value.rows);
      if (value.cursor === null) return { total: value.total, rows: found };
      cursor = value.cursor;
    }
  };
  const someCalls = async (count: number): Promise<void> => {
    const now = rig.clock.nowMs();
    for (let n = 0; n < count; n += 1)
      await call({
        who: seats[n % 2 === 0 ? 0 : 1],
        customer: n % 7 === 0 ? null : customerId((n % 9) + 1),
        atMs: now - (n % 45) * day - n * 1_000,
        direction: n % 3 === 0 ? 'inbound' : 'outbound',
        answeredAfterMs: n % 4 === 0 ? null : n * 900,
        path: n % 4 === 0 ? null : (paths[n % paths.length] ?? null),
        ofTask: n % 3 === 1,
      });
  };
  const soldTo = async (who: Seat, customer: CustomerId, contactId: ContactId, tariffId: string | null = 'T1') => {
    const of = { workId: WorkId.parse(randomUUID()), atMs: rig.clock.nowMs() };
    const step = (name: 'leadTaken' | 'leadWon'): OpBody => ({
      ...{ name: 'order.stepped', ...of, step: name, note: '', mark: null },
    });
    const open: OpBody = {
      ...{ name: 'order.opened', ...of, customerId: customer, contactId, flow: 'lead' },
      ...{ offer: { name: '畅享 129', tariffId }, script: null, payment: null, delivery: null, note: '' },
    };
    const results = await who.push(open, step('leadTaken'), step('leadWon'));
    expect(results.map(({ outcome }) => outcome)).toEqual(['applied', 'applied', 'applied']);
  };

  it('every figure is the number of contacts in the list behind it, and rows add up to the total, whatever they are by', async () => {
    await someCalls(70);
    const contactId = await call({ who: seats[0], customer: customerId(2), atMs: rig.clock.nowMs(), ofTask: true });
    await soldTo(seats[0], customerId(2), contactId);
    await soldTo(seats[0], customerId(2), contactId, null);
    for (const by of figureGroups) {
      const { rows: shown, total } = await figures(by);
      for (const count of countKeys) {
        expect(
          shown.reduce((sum, row) => sum + row.counts[count], 0),
          `${by} ${count}`,
        ).toBe(total.counts[count]);
        const all = await listOf({ by, row: null, count });
        expect([all.total, all.rows.length], `${by} ${count}`).toEqual([total.counts[count], total.counts[count]]);
        const ids = new Set(all.rows.map((row) => row.order?.id ?? row.contactId));
        expect(ids.size).toBe(total.counts[count]);
        const ofRows: string[] = [];
        for (const row of shown.slice(0, by === 'day' ? 2 : 5)) {
          const list = await listOf({ by, row: row.key, count });
          expect(list.rows, `${by} ${row.key} ${count}`).toHaveLength(row.counts[count]);
          ofRows.push(...list.rows.map((one) => one.order?.id ?? one.contactId));
        }
        expect(ofRows.every((id) => ids.has(id))).toBe(true);
        expect(new Set(ofRows).size).toBe(ofRows.length);
      }
      expect(total.counts.dialled + total.counts.offered).toBe(71);
      expect(total.counts.orders).toBe(2);
    }
  });

  it('are by agent, by the agent’s first desk, by task, by the tier of the day and by day', async () => {
    const atMs = rig.clock.nowMs();
    await call({
      who: seats[0],
      customer: customerId(1),
      atMs,
      direction: 'outbound',
      ofTask: true,
      path: ['agreed', 'confirm'],
    });
    await call({
      who: seats[1],
      customer: customerId(3),
      atMs: atMs - day,
      direction: 'outbound',
      answeredAfterMs: null,
    });
    expect((await rowOf('agent', 'A1001')).counts).toMatchObject({ dialled: 1, reached: 1, succeeded: 1 });
    expect((await rowOf('agent', 'A1002')).counts).toMatchObject({ dialled: 1, reached: 0, succeeded: 0 });
    expect((await figures('team')).rows.map(({ key, counts }) => [key, counts.dialled])).toEqual([['service', 2]]);
    expect(await rowOf('task', taskId)).toMatchObject({ name: { zh: makePlan().title }, counts: { dialled: 1 } });
    expect((await rowOf('task', '')).counts.dialled).toBe(1);
    expect((await figures('tier')).rows.map(({ key, counts }) => [key, counts.dialled])).toEqual([
      ['0', 1],
      ['2', 1],
    ]);
    expect((await figures('day')).rows.map(({ key }) => key)).toEqual(['2026-11-19', '2026-11-20']);
  });

  it('R36 retained: at risk when spoken to, thirty days over, still a customer; each once', async () => {
    const long = rig.clock.nowMs() - 40 * day;
    for (const n of [7, 8]) await call({ who: seats[0], customer: customerId(n), atMs: long });
    const contactId = await call({ who: seats[0], customer: customerId(9), atMs: long });
    // The same question is not asked twice, a customer without a warning not at all, and yesterday’s is still open.
    await call({ who: seats[0], customer: customerId(7), atMs: long + day });
    await call({ who: seats[0], customer: customerId(1), atMs: long });
    await call({ who: seats[0], customer: customerId(8), atMs: rig.clock.nowMs() - day });
    expect((await figures('agent')).total.counts).toMatchObject({ atRisk: 3, retained: 3 });
    const left: OpBody = {
      ...{
        name: 'obligation.opened',
        workId: WorkId.parse(randomUUID()),
        atMs: long + 10 * day,
        customerId: customerId(9),
      },
      ...{ contactId, caseId: null, kind: 'left', what: '', dueAtMs: null },
    };
    expect((await seats[0].push(left))[0]).toMatchObject({ outcome: 'applied' });
    expect((await figures('agent')).total.counts).toMatchObject({ atRisk: 3, retained: 2 });
  });

  it('revenue and cost follow the table from the day it says, and what has no price is told', async () => {
    const contactId = await call({ who: seats[0], customer: customerId(2), atMs: rig.clock.nowMs() });
    await call({ who: seats[1], customer: customerId(3), atMs: rig.clock.nowMs() });
    await soldTo(seats[0], customerId(2), contactId);
    expect(await figures('agent')).toMatchObject({ unpriced: 1, total: { revenueFen: 0, costFen: 0 } });
    const set = (item: string, value: number, tariff = '', fromDay = '2026-10-01') =>
      ask(rig, 'rateSet', { item, tariff, fromDay, value }, manager.token);
    await set('price', 10_000, 'T1');
    await set('price', 99_900, 'T1', '2026-11-21');
    await set('lifeMonths', 24);
    await set('pay', 300_000);
    await set('lines', 31_000);
    await set('lines', 0, '', '2026-11-01');
    const told = await figures('agent');
    // Two months of pay, one of lines; each agent handled half.
    expect(told).toMatchObject({ unpriced: 0, total: { revenueFen: 240_000, costFen: 631_000 } });
    expect(told.rows.map(({ costFen }) => costFen)).toEqual([315_500, 315_500]);
    expect((await figures('day')).total.costFen).toBe(10_000);
    expect((await ask(rig, 'rates', {}, manager.token)).value.rates).toHaveLength(6);
    expect((await set('price', 1)).error?.reason).toBe('figureTariff');
    expect((await set('pay', 1, '', '2026-02-30')).error?.reason).toBe('figureDay');
    const noted = await rows(database.db, statement<{ result: string }>`select result from audit where kind = 'rate'`);
    expect(noted.map(({ result }) => result)).toContain('price T1 from 2026-10-01: 10000');
  });

  it('a lead sees the team’s and its queues’ only, and an agent nothing', async () => {
    await call({ who: seats[0], customer: customerId(1), atMs: rig.clock.nowMs() });
    await call({ who: seats[1], customer: customerId(2), atMs: rig.clock.nowMs() });
    await call({ who: seats[1], customer: customerId(3), atMs: rig.clock.nowMs(), queue: 'vip' });
    expect((await figures('agent', lead)).total.counts.offered).toBe(2);
    expect(await listOf({ by: 'agent', row: null, count: 'offered' }, lead)).toMatchObject({ total: 2 });
    expect((await ask(rig, 'figures', { ...range, by: 'agent' }, seats[0].token)).error?.kind).toBe('forbidden');
    expect((await ask(rig, 'rates', {}, lead.token)).error?.kind).toBe('forbidden');
    const seen = await rows(
      database.db,
      statement<{ result: string }>`select result from audit where kind = 'figures'`,
    );
    expect(seen.at(-1)?.result).toContain('list offered by agent all');
  });

  it.each([
    ['2026-11-30', '2026-11-01'],
    ['2026-02-30', '2026-03-01'],
    ['2020-01-01', '2026-01-01'],
  ])('days that are none are said to be: %s to %s', async (fromDay, toDay) => {
    const { error } = await ask(rig, 'figures', { fromDay, toDay, by: 'agent' }, manager.token);
    expect(error?.reason).toBe('figureDays');
  });

  const file = (format: 'csv' | 'xlsx', who = manager) =>
    ask(
      rig,
      'figureExport',
      { ...range, by: 'agent', format, language: 'zh-CN', heads: ['坐席', '+拨打'], names: { '*': '合计' } },
      who.token,
    );

  it('a file is for those the policy names, in the chain, and no text of it is a formula', async () => {
    await call({ who: lead, customer: customerId(1), atMs: rig.clock.nowMs(), direction: 'outbound' });
    expect((await file('csv', lead)).error?.reason).toBe('figureExport');
    const { value } = await file('csv');
    const csv = Buffer.from(value.base64, 'base64').toString();
    expect(csv.startsWith(`\uFEFF"坐席","'+拨打"\r\n"'=HYPERLINK(""x"")",1,1,1,`)).toBe(true);
    expect(csv).toContain('"合计",1,1,1');
    const noted = await rows(
      database.db,
      statement<{ result: string }>`select result from audit where kind = 'export'`,
    );
    expect(noted).toEqual([{ result: 'figures agent_2026-10-01_2026-11-30.csv, 1 rows' }]);
  });

  it('the workbook is read as it was written, text as text', async () => {
    await call({ who: lead, customer: customerId(1), atMs: rig.clock.nowMs(), direction: 'outbound' });
    const dir = await mkdtemp(join(tmpdir(), 'zuoxi-figures-'));
    const path = join(dir, 'f.xlsx');
    await writeFile(path, Buffer.from((await file('xlsx')).value.base64, 'base64'));
    const source = await openXlsx(path, undefined);
    const read: string[][] = [];
    for await (const page of source.rows) read.push(...page.map(({ cells }) => [...cells]));
    source.close();
    await rm(dir, { recursive: true });
    expect(source.header).toEqual(['坐席', '+拨打']);
    expect(read.map(([name]) => name)).toEqual(['=HYPERLINK("x")', '合计']);
    expect(read[0]?.[1]).toBe('1');
  });

  const listFile = (format: 'csv' | 'xlsx', who = manager) =>
    ask(
      rig,
      'figureListExport',
      {
        ...{ ...range, by: 'agent', row: null, count: 'dialled', format, language: 'zh-CN' },
        heads: ['时间', '方向', '客户', '号码', '秒', '结果', '坐席'],
        words: { inbound: '呼入', outbound: '＝呼出', nobody: '-', withheld: '未显示' },
      },
      who.token,
    );

  it('the list behind a figure as a file: the rows of the page, masked, no text of it a formula; for those allowed', async () => {
    for (let n = 0; n < 60; n += 1)
      await call({ who: lead, customer: customerId(1), atMs: rig.clock.nowMs() + n, direction: 'outbound' });
    const list = { ...range, by: 'agent', row: null, count: 'dialled' };
    const page = (await ask(rig, 'figureList', list, manager.token)).value;
    expect((await listFile('csv', lead)).error?.reason).toBe('figureExport');
    const lines = Buffer.from((await listFile('csv')).value.base64, 'base64')
      .toString()
      .trim()
      .split('\r\n');
    expect(lines).toHaveLength(page.total + 1);
    expect(lines).toHaveLength(61);
    expect(lines[1]).toMatch(
      /^"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d","'＝呼出","欧阳\*+","138\*{4}0001",\d+,".*","'=HYPERLINK\(""x""\)"$/,
    );
    const noted = await rows(
      database.db,
      statement<{ result: string }>`select result from audit where kind = 'export'`,
    );
    expect(noted).toEqual([{ result: 'list agent_dialled_2026-10-01_2026-11-30.csv of all, 60 rows' }]);
  });

  it('R39 a firm takes nothing away, whoever its manager is', async () => {
    const of = (tenant: string, role: 'manager' | 'lead') => ({ tenant, agent: { role } }) as Session;
    expect(mayExport(defaultPolicy, of('default', 'manager'))).toBe(true);
    expect(mayExport(defaultPolicy, of('firm', 'manager'))).toBe(false);
    const wide = { ...defaultPolicy, figureExports: ['lead' as const] };
    expect(
      [of('default', 'lead'), of('default', 'manager'), of('firm', 'lead')].map((one) => mayExport(wide, one)),
    ).toEqual([true, false, false]);
  });

  it('contacts of before there were figures are in them', async () => {
    await someCalls(12);
    const before = await figures('tier');
    await run(database.db, statement`delete from contact_fact`);
    await run(database.db, statement`delete from setting where key = 'figuresFilled'`);
    expect((await figures('tier')).rows).toEqual([]);
    expect(await fillFacts(database.db, defaultPolicy)).toBe(12);
    expect(await fillFacts(database.db, defaultPolicy)).toBe(0);
    expect(await figures('tier')).toEqual(before);
  });
});
