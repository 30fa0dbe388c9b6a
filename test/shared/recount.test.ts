import { describe, expect, it } from 'vitest';
import { momentOf, shippedCalendar, type WorkCalendar } from '../../shared/calendar.ts';
import { readDays, writeDays } from '../../shared/calendar-text.ts';
import { AgentId, ContactId, CustomerId, WorkId } from '../../shared/ids.ts';
import { recounted } from '../../shared/recount.ts';
import { nextWork, type WorkOp, type WorkRow } from '../../shared/work.ts';

const nowMs = momentOf('2026-12-31', 700) ?? Number.NaN;
const at = (day: string, minutes = 600): number => momentOf(day, minutes) ?? Number.NaN;
const end = (day: string): number => at(day, 24 * 60) - 1_000;
const by = { agentId: AgentId.parse('A1'), role: 'agent', name: '林小满', missing: 0 } as const;
const next: WorkCalendar = {
  years: [...shippedCalendar.years, { year: 2027, source: '样例', off: ['2027-01-01'], work: ['2027-01-02'] }],
};
const of = {
  workId: WorkId.parse('01900000-0000-7000-8000-000000000001'),
  customerId: CustomerId.parse('c-li'),
  contactId: ContactId.parse('01900000-0000-7000-8000-000000000002'),
};
const made = (op: WorkOp, before?: WorkRow): WorkRow => {
  const row = nextWork(before, op, by, shippedCalendar);
  if (!row.ok) throw new Error(JSON.stringify(row.error));
  return row.value;
};
const complaint = made({
  ...{
    name: 'case.opened',
    ...of,
    atMs: at('2026-12-29'),
    kind: 'complaint',
    title: '信号',
    text: '',
    department: '网络部',
  },
});
const owed = (kind: 'answer' | 'callback' | 'newService', dueAtMs: number | null = null): WorkRow =>
  made({ name: 'obligation.opened', ...of, caseId: null, kind, what: '', atMs: at('2026-12-30'), dueAtMs });

describe('R24 counted again by another calendar', () => {
  it('a case counted without that year is due by its holidays and worked weekends', () => {
    expect(complaint).toMatchObject({ missingYear: 2027, dueAtMs: end('2027-01-07') });
    // New Year's Day is free, the Saturday behind it is worked.
    expect(recounted(complaint, next, nowMs)).toMatchObject({ missingYear: null, dueAtMs: end('2027-01-07') });
    const free = {
      years: [...shippedCalendar.years, { year: 2027, source: 'x', off: ['2027-01-01', '2027-01-04'], work: [] }],
    };
    expect(recounted(complaint, free, nowMs)).toMatchObject({ missingYear: null, dueAtMs: end('2027-01-11') });
    expect(recounted(complaint, shippedCalendar, nowMs)).toBeUndefined();
  });

  it('a case opened again counts from there; one whose customer has the result is left alone', () => {
    const step = (step: 'resolved' | 'reopened' | 'fedBack', atMs: number): WorkOp => ({
      ...{ name: 'case.stepped', workId: of.workId, step, note: '原因', department: null, atMs },
    });
    const resolved = made(step('resolved', at('2026-12-30')), complaint);
    const again = made(step('reopened', at('2026-12-31')), resolved);
    expect(recounted(again, next, nowMs)).toMatchObject({
      dueAtMs: end('2027-01-09') === again.dueAtMs ? 0 : end('2027-01-11'),
    });
    expect(recounted(made(step('fedBack', at('2026-12-31')), resolved), next, nowMs)).toBeUndefined();
  });

  it('what follows the rule moves with it; a promise stays, unless the rule is earlier now', () => {
    expect(recounted(owed('answer'), next, nowMs)).toMatchObject({
      dueAtMs: end('2027-01-04'),
      limitMs: end('2027-01-04'),
      missingYear: null,
    });
    const promised = owed('answer', at('2027-01-02'));
    expect(recounted(promised, next, nowMs)).toMatchObject({ dueAtMs: at('2027-01-02'), limitMs: end('2027-01-04') });
    const early = {
      years: [...shippedCalendar.years, { year: 2027, source: 'x', off: ['2027-02-01'], work: ['2027-01-02'] }],
    };
    expect(recounted(owed('answer', at('2027-01-04')), early, nowMs)).toMatchObject({ dueAtMs: end('2027-01-02') });
    // A time that was promised, and calendar days, are nobody's holiday's.
    expect(recounted(owed('callback', at('2027-01-04')), next, nowMs)).toBeUndefined();
    expect(recounted(owed('newService'), next, nowMs)).toBeUndefined();
    const done = made(
      { name: 'obligation.done', workId: of.workId, outcome: 'reached', atMs: at('2026-12-31') },
      promised,
    );
    expect(recounted(done, next, nowMs)).toBeUndefined();
  });
});

describe('R24, R29, R30 what else is counted in working days', () => {
  const lead = { agentId: AgentId.parse('L1'), role: 'lead', name: '周一帆', missing: 0 } as const;
  const step = (op: WorkOp, before: WorkRow, who: typeof by | typeof lead = lead): WorkRow => {
    const row = nextWork(before, op, who, shippedCalendar);
    if (!row.ok) throw new Error(JSON.stringify(row.error));
    return row.value;
  };
  const { workId } = of;
  const free = {
    years: [...shippedCalendar.years, { year: 2027, source: 'x', off: ['2027-01-01', '2027-01-04'], work: [] }],
  };
  const up = (level: 'lead' | 'second' | 'regulator'): WorkRow =>
    step({ name: 'case.escalated', workId, level, note: '客户不满意', atMs: at('2026-12-31') }, complaint);
  const escalationOf = (row: WorkRow | undefined) => (row?.record === 'case' ? row.escalation : undefined);

  it('whoever a case was escalated to has their days counted again; the regulator’s are calendar days', () => {
    expect(escalationOf(up('lead'))).toMatchObject({ dueAtMs: end('2027-01-01'), missingYear: 2027 });
    expect(escalationOf(recounted(up('lead'), free, nowMs))).toMatchObject({
      ...{ dueAtMs: end('2027-01-05'), missingYear: null, level: 'lead' },
    });
    expect(escalationOf(recounted(up('second'), free, nowMs))).toMatchObject({ dueAtMs: end('2027-01-07') });
    const regulator = up('regulator');
    expect(escalationOf(recounted(regulator, free, nowMs))).toEqual(escalationOf(regulator));
  });

  it('taking over gives no more time, handing back its own; both are counted from when they were asked', () => {
    const taken = step({ name: 'case.taken', workId, atMs: at('2026-12-31', 660) }, up('lead'));
    expect(escalationOf(recounted(taken, free, nowMs))).toMatchObject({ kind: 'taken', dueAtMs: end('2027-01-05') });
    const back = step({ name: 'case.handedBack', workId, note: '请联系', atMs: at('2026-12-31', 670) }, taken);
    expect(escalationOf(back)).toMatchObject({ kind: 'handedBack', dueAtMs: end('2027-01-04') });
    expect(escalationOf(recounted(back, free, nowMs))).toMatchObject({
      kind: 'handedBack',
      dueAtMs: end('2027-01-06'),
    });
    // What the clock alone brought to the lead: from a deadline that is over, and stays.
    const late = step({ name: 'case.taken', workId, atMs: complaint.dueAtMs + 1 }, complaint);
    expect(escalationOf(recounted(late, free, complaint.dueAtMs + 2))).toMatchObject({ missingYear: 2027 });
  });

  it('an order is due by the new table, one of which nothing is to come stays', () => {
    const lead1 = made({
      ...{ name: 'order.opened', ...of, atMs: at('2026-12-30'), flow: 'lead', script: null, payment: null },
      ...{ offer: { name: '宽带', tariffId: null }, delivery: null, note: '' },
    });
    expect(lead1).toMatchObject({ dueAtMs: end('2027-01-04'), missingYear: 2027 });
    expect(recounted(lead1, free, nowMs)).toMatchObject({ dueAtMs: end('2027-01-06'), missingYear: null });
    const lost = step(
      { name: 'order.stepped', workId, step: 'leadLost', note: '', mark: null, atMs: at('2026-12-31') },
      lead1,
    );
    expect(recounted(lost, free, nowMs)).toBeUndefined();
  });

  it('what was late before the change stays late on its day; that its year is known now is taken', () => {
    const after = end('2027-01-07') + 1;
    expect(recounted(complaint, free, after)).toEqual({ ...complaint, missingYear: null });
    expect(recounted(owed('answer'), free, after)).toMatchObject({ dueAtMs: end('2027-01-04'), missingYear: null });
    const known = recounted(complaint, free, nowMs);
    const earlier = { years: [...shippedCalendar.years, { year: 2027, source: 'x', off: [], work: [] }] };
    expect(known).toMatchObject({ dueAtMs: end('2027-01-11') });
    expect(known === undefined ? known : recounted(known, earlier, end('2027-01-11') + 1)).toBeUndefined();
  });
});

describe('R24 days as they are written', () => {
  it('reads single days and stretches in the ways people write them', () => {
    const text = '02-06 ~ 02-08\n2月10日，2027/2/12；2027-03-01至3-2 5-1—5-2';
    expect(readDays(text, 2027)).toEqual([
      ...['2027-02-06', '2027-02-07', '2027-02-08', '2027-02-10', '2027-02-12'],
      ...['2027-03-01', '2027-03-02', '2027-05-01', '2027-05-02'],
    ]);
    expect(readDays('  \n ', 2027)).toEqual([]);
  });

  it('keeps what is no day as it was written, for somebody to say so', () => {
    expect(readDays('02-30 春节 02-09~02-08 1-1~12-31 2027', 2027)).toEqual([
      ...['02-30', '春节', '02-09~02-08', '1-1~12-31', '2027'],
    ]);
  });

  it('writes a stretch a line, in order; what was written reads the same', () => {
    const days = ['2027-02-08', '2027-02-06', '2027-02-07', '2027-10-01', '2027-12-31'];
    expect(writeDays(days)).toBe('2027-02-06 ~ 2027-02-08\n2027-10-01\n2027-12-31');
    expect(readDays(writeDays(days), 2027)).toEqual(days.toSorted());
    for (const { off, work, year } of shippedCalendar.years)
      for (const one of [off, work]) expect(readDays(writeDays(one), year)).toEqual(one.toSorted());
  });
});
