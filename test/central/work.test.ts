import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { calendarCommand } from '../../central/calendar-cli.ts';
import { auditEntries } from '../../central/audit.ts';
import { customerById } from '../../central/customers.ts';
import type { Database } from '../../central/db.ts';
import { run, statement } from '../../central/db.ts';
import { openSecrets } from '../../central/secrets.ts';
import { calendarOf } from '../../central/work.ts';
import { momentOf } from '../../shared/calendar.ts';
import type { Case } from '../../shared/case.ts';
import { type ContactId, WorkId } from '../../shared/ids.ts';
import type { WorkOp } from '../../shared/work.ts';
import type { OpenedDatabase, Rig, Seat } from './fixture.ts';
import {
  ask,
  clean,
  customerId,
  databaseKinds,
  newContactId,
  opened,
  openTestDatabase,
  putAgents,
  putLead,
} from './fixture.ts';
import { putCustomers, signIn, startRig } from './fixture.ts';

type Opened = Extract<WorkOp, { readonly name: 'case.opened' }>;
const at = (day: string): number => momentOf(day, 10 * 60) ?? 0;

describe.each(databaseKinds)('R24, R29 work on %s', (kind) => {
  let openedDb: OpenedDatabase;
  let database: Database;
  let rig: Rig;
  let seat: Seat;
  beforeAll(async () => {
    openedDb = await openTestDatabase(kind);
    ({ database } = openedDb);
    await putAgents(database);
    await putLead(database);
  });
  beforeEach(async () => {
    await clean(database);
    await putCustomers(database, 2);
    rig = await startRig(database);
    seat = await signIn(rig, '1001');
  });
  afterEach(async () => {
    await run(database.db, statement`delete from setting where key = 'workCalendar'`);
    await rig.close();
  });
  afterAll(() => openedDb.close());

  const workOf = async (who: Seat, mark = '') => (await ask(rig, 'work', { mark }, who.token)).value;
  const inCall = async (): Promise<ContactId> => {
    const contactId = newContactId();
    await seat.push(opened(contactId, customerId(1), 1_000));
    return contactId;
  };
  const caseOp = (contactId: ContactId, atMs = at('2026-11-27')): Opened => {
    const of = { workId: WorkId.parse(randomUUID()), customerId: customerId(1), contactId, atMs };
    return { name: 'case.opened', ...of, kind: 'complaint', title: '信号差', text: '地下室', department: '网络部' };
  };

  it('a case reaches every seat that holds the customer, and its colleagues’ list; each step has its author', async () => {
    const colleague = await signIn(rig, '1002');
    const op = caseOp(await inCall());
    const of = { name: 'case.stepped', workId: op.workId, department: null, atMs: at('2026-11-30') } as const;
    expect(await seat.push(op)).toMatchObject([{ outcome: 'applied' }]);
    expect(await colleague.push({ ...of, step: 'resolved', note: '已扩容' })).toMatchObject([{ outcome: 'applied' }]);
    const [row] = (await workOf(seat)).rows ?? [];
    expect(row).toMatchObject({ state: 'resolved', agentId: seat.agentId });
    expect((row as Case).steps.map(({ agentId }) => agentId)).toEqual([seat.agentId, colleague.agentId]);
    const { changes } = await colleague.pull('');
    const customer = changes.find(({ entity, id }) => entity === 'customer' && id === customerId(1));
    expect(customer?.row).toMatchObject({ cases: [{ id: op.workId, status: 'resolved' }] });
    expect((await workOf(colleague)).rows?.map(({ id }) => id)).toEqual([op.workId]);
  });

  it('the same answer is not sent twice; what an agent owes is nobody else’s', async () => {
    const contactId = await inCall();
    const of = {
      workId: WorkId.parse(randomUUID()),
      customerId: customerId(1),
      contactId,
      caseId: null,
      atMs: at('2026-11-27'),
    };
    await seat.push({ name: 'obligation.opened', ...of, kind: 'answer', what: '', dueAtMs: null });
    const told = await workOf(seat);
    expect(told.rows).toMatchObject([{ record: 'obligation', dueAtMs: at('2026-12-02') + 14 * 3_600_000 - 1_000 }]);
    expect(await workOf(seat, told.mark)).toMatchObject({ mark: told.mark, rows: null });
    expect((await workOf(await signIn(rig, '1002'))).rows).toEqual([]);
  });

  it('R29 a case is escalated, taken over and handed back: who may is central’s word, and everybody sees it', async () => {
    const op = caseOp(await inCall());
    const boss = await signIn(rig, '1003');
    const of = { workId: op.workId, atMs: at('2026-11-30') };
    await seat.push(op);
    const answers = [
      ...(await seat.push({ name: 'case.taken', ...of })),
      ...(await seat.push({ name: 'case.escalated', ...of, level: 'second', note: '客户要求上级处理' })),
      ...(await seat.push({ name: 'case.taken', ...of })),
      ...(await boss.push({ name: 'case.taken', ...of })),
      ...(await boss.push({ name: 'case.handedBack', ...of, note: '今天内回电' })),
    ];
    expect(answers.map(({ outcome, reason }) => reason ?? outcome)).toEqual([
      'role',
      'applied',
      'role',
      'applied',
      'applied',
    ]);
    for (const who of [seat, boss]) {
      const [row] = (await workOf(who)).rows ?? [];
      expect(row).toMatchObject({ escalation: { kind: 'handedBack', level: 'second', by: boss.agentId } });
      expect((row as Case).trail?.map(({ step, agentId }) => [step, agentId])).toEqual([
        ['escalated', seat.agentId],
        ['taken', boss.agentId],
        ['handedBack', boss.agentId],
      ]);
    }
  });

  it('only about the customer of the call, and only what the rule allows', async () => {
    const op = caseOp(await inCall());
    const refusals = await seat.push(
      { ...op, customerId: customerId(2) },
      { ...op, contactId: newContactId() },
      { name: 'case.stepped', workId: op.workId, step: 'closed', note: '', department: null, atMs: 5 },
    );
    expect(refusals.map(({ reason }) => reason)).toEqual(['notInThisCall', 'notInThisCall', 'case']);
    expect((await customerById(database.db, customerId(1)))?.cases).toEqual([]);
  });

  it('days are counted by the calendar an administrator imported; a missing year is named', async () => {
    const contactId = await inCall();
    await seat.push(caseOp(contactId, at('2026-12-29')));
    expect((await workOf(seat)).rows).toMatchObject([{ missingYear: 2027 }]);
    const dir = mkdtempSync(join(tmpdir(), 'zuoxi-calendar-'));
    const { auditKey } = await openSecrets(database.db, undefined);
    const ports = { database, auditKey, nowMs: () => at('2026-12-30') };
    const written = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    const complained = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    try {
      const file = join(dir, '2027.json');
      writeFileSync(file, JSON.stringify({ year: 2027, source: '样例', off: ['2027-01-01'], work: ['2027-01-02'] }));
      await calendarCommand(ports, ['try', file]);
      expect(written.mock.calls.flat().join('')).toBe(
        '1 open due days would be counted again; 0 that are late already stay as they are\n',
      );
      expect((await workOf(seat)).rows).toMatchObject([{ missingYear: 2027 }]);
      await calendarCommand(ports, ['import', file]);
      expect(written.mock.calls.flat().join('')).toContain('2027\t1 free\t1 weekend days worked\t样例');
      for (const text of ['{', '[]', '{"year":2027,"source":"x","off":["2026-01-01"],"work":[]}']) {
        writeFileSync(file, text);
        await calendarCommand(ports, ['import', file]);
      }
      await calendarCommand(ports, ['import', join(dir, 'none')]);
      expect(complained.mock.calls.map(([said]) => String(said).slice(0, 24).trim())).toEqual([
        `The file is not JSON: ${dir}`.slice(0, 24).trim(),
        'A year is {"year": 2027,',
        '2026-01-01 is not in 202',
        'The file cannot be read:',
      ]);
    } finally {
      process.exitCode = 0;
      vi.restoreAllMocks();
      rmSync(dir, { recursive: true });
    }
    expect((await calendarOf(database.db)).years.map(({ year }) => year)).toEqual([2026, 2027]);
    // What was open is counted again, and it is written down who did it.
    expect((await workOf(seat)).rows).toMatchObject([{ missingYear: null }]);
    const said: string[] = [];
    for await (const entry of auditEntries(database.db))
      if (entry.kind === 'calendar') said.push(`${entry.agentId} ${entry.result}`);
    expect(said).toEqual(['operator 2027: 1 free, 1 worked (样例); 1 due days counted again']);
    await seat.push({ ...caseOp(contactId, at('2026-12-29')), kind: 'report' });
    const counted = (await workOf(seat)).rows?.find((row) => row.record === 'case' && row.kind === 'report');
    // 30 and 31 December, then the Saturday that is worked.
    expect(counted).toMatchObject({ missingYear: null, dueAtMs: at('2027-01-02') + 14 * 3_600_000 - 1_000 });
  });
});
