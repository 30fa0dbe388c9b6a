import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dayOf, momentOf, shippedCalendar } from '../../shared/calendar.ts';
import { type Case, caseStates, type CaseStep, caseSteps, isOverdue, stepsFrom, withCases } from '../../shared/case.ts';
import { AgentId, ContactId, CustomerId, WorkId } from '../../shared/ids.ts';
import type { Obligation, ObligationKind } from '../../shared/obligation.ts';
import { nextWork, type WorkOp, type WorkRow } from '../../shared/work.ts';
import { customer } from './make.ts';

const agentId = AgentId.parse('A1');
const other = AgentId.parse('A2');
const customerId = CustomerId.parse('C1');
const contactId = ContactId.parse('019371a0-0000-7000-8000-000000000001');
const workId = WorkId.parse('019371a0-0000-7000-8000-000000000002');
const nowMs = momentOf('2026-11-27', 10 * 60) ?? 0;

const run = (before: WorkRow | undefined, op: WorkOp, who = agentId) =>
  nextWork(before, op, { agentId: who, role: 'agent', missing: 0 }, shippedCalendar);
const made = (before: WorkRow | undefined, ...ops: readonly WorkOp[]): WorkRow => {
  let row = before;
  for (const op of ops) {
    const next = run(row, op);
    if (!next.ok) throw new Error(`refused: ${next.error.reason}`);
    row = next.value;
  }
  if (row === undefined) throw new Error('no row');
  return row;
};
const promise = (kind: ObligationKind, dueAtMs: number | null = null): WorkOp => ({
  ...{ name: 'obligation.opened', workId, customerId, contactId, caseId: null, kind, what: '', dueAtMs, atMs: nowMs },
});
const openCase = (kind: Case['kind'] = 'complaint'): WorkOp => ({
  ...{ name: 'case.opened', workId, customerId, contactId, kind, title: '基站', text: '', department: '网络部' },
  atMs: nowMs,
});
const step = (taken: CaseStep, note = '说明', department: string | null = '投诉处理'): WorkOp => ({
  ...{ name: 'case.stepped', workId, step: taken, note, department, atMs: nowMs + 1 },
});

describe('R24 obligations', () => {
  it.each([
    ['answer', '2026-12-02'],
    ['complaint', '2026-12-08'],
    ['left', '2026-12-11'],
    ['newSubscriber', '2027-01-26'],
    ['vipCare', '2027-11-27'],
  ] as const)('%s is due by %s', (kind, day) => {
    expect(dayOf(made(undefined, promise(kind)).dueAtMs)).toBe(day);
  });

  it('a promise may be earlier than the rule, never later; a callback needs a time, and one to come', () => {
    const early = nowMs + 3_600_000;
    expect(made(undefined, promise('complaint', early)).dueAtMs).toBe(early);
    expect(run(undefined, promise('complaint', nowMs + 30 * 86_400_000))).toMatchObject({
      error: { reason: 'afterLimit' },
    });
    expect(run(undefined, promise('callback'))).toMatchObject({ error: { reason: 'dueTime' } });
    expect(run(undefined, promise('callback', nowMs))).toMatchObject({ error: { reason: 'dueInPast' } });
  });

  it('is moved within its limit, done once, by whoever owes it; a breach is counted', () => {
    const open = made(undefined, promise('answer'));
    const late = { name: 'obligation.moved', workId, dueAtMs: open.dueAtMs + 1, atMs: nowMs } as const;
    expect(run(open, late)).toMatchObject({ error: { reason: 'afterLimit' } });
    const done = { name: 'obligation.done', workId, outcome: 'reached', atMs: open.dueAtMs + 1 } as const;
    expect(run(open, done, other)).toMatchObject({ error: { reason: 'obligationOfAnother' } });
    const over = made(open, done) as Obligation;
    expect(over.state).toMatchObject({ kind: 'done', wasLate: true });
    expect(run(over, done)).toMatchObject({ error: { reason: 'obligationDone' } });
    expect(run(over, late)).toMatchObject({ error: { reason: 'obligationDone' } });
  });
});

describe('R29 cases', () => {
  /** Every state × every step; everything else is refused. */
  const table: Readonly<Record<Case['state'], string>> = {
    open: 'noted→open assigned→open started→inProgress resolved→resolved',
    inProgress: 'noted→inProgress assigned→open resolved→resolved',
    resolved: 'noted→resolved fedBack→fedBack reopened→open',
    fedBack: 'noted→fedBack closed→closed reopened→open',
    closed: 'reopened→open',
  };
  it.each(caseStates)('from %s exactly the steps of the table are possible', (state) => {
    const row = { ...(made(undefined, openCase()) as Case), state };
    const found = caseSteps.flatMap((taken) => {
      const next = run(row, step(taken));
      return next.ok ? [`${taken}→${(next.value as Case).state}`] : [];
    });
    expect(found.join(' ')).toBe(table[state]);
    expect(found.map((one) => one.split('→')[0])).toEqual(stepsFrom(state));
  });

  it('is never closed before the result was told to the customer, whatever the order of steps', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...caseSteps), { maxLength: 40 }), (steps) => {
        let row = made(undefined, openCase()) as Case;
        let told = false;
        for (const taken of steps) {
          const next = run(row, step(taken));
          if (!next.ok) continue;
          row = next.value as Case;
          if (taken === 'fedBack') told = true;
          if (taken === 'reopened') told = false;
          if (row.state === 'closed') expect(told).toBe(true);
        }
        // Every step that was taken is on record, with who took it.
        expect(row.steps.every(({ agentId: who }) => who === agentId)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  it('seven working days for a complaint, three for a report; reopened it has its time again', () => {
    expect(dayOf(made(undefined, openCase()).dueAtMs)).toBe('2026-12-08');
    const report = made(undefined, openCase('report'), step('resolved')) as Case;
    expect(dayOf(report.dueAtMs)).toBe('2026-12-02');
    expect(isOverdue(report, report.dueAtMs + 1)).toBe(true);
    const again = { ...step('reopened'), atMs: momentOf('2026-12-07', 600) ?? 0 };
    expect(dayOf(made(report, again).dueAtMs)).toBe('2026-12-10');
  });

  it('what was done is said in words, and a hand-over names a department', () => {
    const row = made(undefined, openCase());
    expect(run(row, step('resolved', ' '))).toMatchObject({ error: { reason: 'caseNote' } });
    expect(run(row, step('assigned', '', null))).toMatchObject({ error: { reason: 'department' } });
    expect((made(row, step('assigned', '')) as Case).department).toBe('投诉处理');
  });

  it('an id is one thing only', () => {
    expect(run(made(undefined, openCase()), promise('answer'))).toMatchObject({ error: { reason: 'workExists' } });
    expect(run(made(undefined, promise('answer')), step('noted'))).toMatchObject({ error: { reason: 'workExists' } });
    expect(run(undefined, step('noted'))).toMatchObject({ error: { reason: 'case' } });
  });

  it('the customer’s row carries the newest word, twenty cases at most', () => {
    const row = made(undefined, openCase(), step('resolved'), step('fedBack')) as Case;
    const once = withCases(customer(), [row]);
    expect(withCases(once, [{ ...row, state: 'open' }]).cases.filter(({ id }) => id === workId)).toMatchObject([
      { status: 'open', title: { zh: '基站' } },
    ]);
    const many = Array.from({ length: 30 }, (_, n) => ({ ...row, id: `x${n}` as WorkId, state: 'closed' as const }));
    expect(withCases(once, many).cases).toHaveLength(20);
    expect(withCases(once, many).cases[0]?.id).toBe(workId);
  });
});
