import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dayOf, momentOf, shippedCalendar } from '../../shared/calendar.ts';
import { type Case, caseStates, type CaseStep } from '../../shared/case.ts';
import {
  type Escalation,
  escalationAt,
  type EscalationBy,
  type EscalationLevel,
  escalationLevels,
  isEscalated,
  leadDueOf,
  levelsFrom,
  mayHandBack,
  mayTake,
} from '../../shared/case-escalation.ts';
import { AgentId, ContactId, CustomerId, WorkId } from '../../shared/ids.ts';
import type { Result } from '../../shared/result.ts';
import { nextWork, type WorkOp, type WorkRow } from '../../shared/work.ts';

const workId = WorkId.parse('019371a0-0000-7000-8000-000000000002');
const contactId = ContactId.parse('019371a0-0000-7000-8000-000000000001');
const agent: EscalationBy = { agentId: AgentId.parse('A1'), role: 'agent', name: '林小满' };
const lead: EscalationBy = { agentId: AgentId.parse('L1'), role: 'lead', name: '周一帆' };
const other: EscalationBy = { agentId: AgentId.parse('L2'), role: 'lead', name: '许青' };
/** A Friday; the next working days are Monday to Friday. */
const nowMs = momentOf('2026-11-27', 10 * 60) ?? 0;
const dayMs = 86_400_000;

const run = (before: WorkRow | undefined, op: WorkOp, by: EscalationBy): Result<WorkRow> =>
  nextWork(before, op, { ...by, missing: 0 }, shippedCalendar);
const made = (before: WorkRow | undefined, by: EscalationBy, ...ops: readonly WorkOp[]): Case => {
  let row = before;
  for (const op of ops) {
    const next = run(row, op, by);
    if (!next.ok) throw new Error(`refused: ${next.error.reason}`);
    row = next.value;
  }
  return row as Case;
};
const of = { workId, atMs: nowMs };
const openCase: WorkOp = {
  ...{ name: 'case.opened', ...of, customerId: CustomerId.parse('C1'), contactId, kind: 'report' },
  ...{ title: '基站', text: '', department: '网络部' },
};
const step = (taken: CaseStep): WorkOp => ({
  ...{ name: 'case.stepped', ...of, step: taken, note: '说明', department: '网络部' },
});
const up = (level: EscalationLevel, note = '客户不满意', atMs = nowMs): WorkOp => ({
  ...{ name: 'case.escalated', workId, level, note, atMs },
});
const taken = (atMs = nowMs): WorkOp => ({ name: 'case.taken', workId, atMs });
const back = (note = '请联系客户', atMs = nowMs): WorkOp => ({ name: 'case.handedBack', workId, note, atMs });
const fresh = made(undefined, agent, openCase);
const at = (row: Case, ms: number): Escalation | null => escalationAt(row, ms, leadDueOf(row, shippedCalendar));
const say = (next: Result<WorkRow>): string => {
  if (!next.ok) return next.error.reason ?? next.error.kind;
  const { escalation } = next.value as Case;
  return escalation == null ? 'none' : `${escalation.kind}:${escalation.level}`;
};

describe('R29 escalation, every state × every event', () => {
  const states = {
    none: fresh,
    overdue: fresh,
    lead: made(fresh, agent, up('lead')),
    second: made(fresh, agent, up('second')),
    regulator: made(fresh, agent, up('regulator')),
    takenLead: made(made(fresh, agent, up('lead')), lead, taken()),
    takenRegulator: made(made(fresh, agent, up('regulator')), lead, taken()),
    handedBack: made(made(fresh, agent, up('second')), lead, taken(), back()),
    fedBack: made(made(fresh, agent, up('lead')), agent, step('resolved'), step('fedBack')),
    closed: made(fresh, agent, step('resolved'), step('fedBack'), step('closed')),
  } as const;
  const events = ['lead', 'second', 'regulator', 'taken', 'handedBack'] as const;
  /** By a lead who holds nothing but what the state says; in the order of the events. */
  const table: Readonly<Record<keyof typeof states, string>> = {
    none: 'escalated:lead escalated:second escalated:regulator caseNotEscalated caseNotTaken',
    overdue: 'escalated:lead escalated:second escalated:regulator taken:lead caseNotTaken',
    lead: 'caseLevel escalated:second escalated:regulator taken:lead caseNotTaken',
    second: 'caseLevel caseLevel escalated:regulator taken:second caseNotTaken',
    regulator: 'caseLevel caseLevel caseLevel taken:regulator caseNotTaken',
    takenLead: 'caseLevel escalated:second escalated:regulator caseTaken handedBack:lead',
    takenRegulator: 'caseLevel caseLevel caseLevel caseTaken handedBack:regulator',
    handedBack: 'escalated:lead escalated:second escalated:regulator taken:second caseNotTaken',
    fedBack: 'caseStep caseStep caseStep caseStep caseStep',
    closed: 'caseStep caseStep caseStep caseStep caseStep',
  };
  it.each(Object.entries(table))('%s', (name, row) => {
    const before = states[name as keyof typeof states];
    const atMs = name === 'overdue' ? before.dueAtMs + 1 : nowMs;
    const ops = [...escalationLevels.map((level) => up(level, '说明', atMs)), taken(atMs), back('说明', atMs)];
    const found = ops.map((op) => say(run(before, op, lead)));
    expect(found.join(' ')).toBe(row);
    // What the desk offers is what the rule takes.
    const now = at(before, atMs);
    expect(levelsFrom(before, now)).toEqual(escalationLevels.filter((_, n) => found[n]?.startsWith('escalated:')));
    if (name === 'fedBack' || name === 'closed') return;
    expect(mayTake(now, lead)).toBe(found[events.indexOf('taken')]?.startsWith('taken:') ?? false);
    expect(mayHandBack(now, lead)).toBe(found[events.indexOf('handedBack')]?.startsWith('handedBack:') ?? false);
  });

  it('an agent may escalate, and neither take over nor hand back', () => {
    for (const before of Object.values(states).slice(0, 8)) {
      expect(say(run(before, taken(before.dueAtMs + 1), agent))).toBe('role');
      expect(say(run(before, back(), agent))).toBe('role');
    }
    expect(say(run(fresh, up('lead'), agent))).toBe('escalated:lead');
  });

  it('says why, and is about a case that is there', () => {
    expect(say(run(fresh, up('second', '  '), lead))).toBe('caseNote');
    expect(say(run(states.takenLead, back(''), lead))).toBe('caseNote');
    expect(say(run(undefined, up('lead'), lead))).toBe('case');
    expect(say(run(undefined, taken(), lead))).toBe('case');
  });

  it('one lead takes over from another, and the trail has who did what', () => {
    const row = made(states.takenLead, other, taken(nowMs + 1));
    expect(row.escalation).toMatchObject({ kind: 'taken', holderId: other.agentId, holderName: '许青' });
    expect(row.trail?.map(({ step: what, name }) => `${what} ${name}`)).toEqual([
      'escalated 林小满',
      'taken 周一帆',
      'taken 许青',
    ]);
  });
});

describe('R29 by when, on the national calendar', () => {
  it.each([
    ['lead', '2026-11-30'],
    ['second', '2026-12-02'],
    ['regulator', '2026-12-07'],
  ] as const)('%s decides by %s', (level, day) => {
    expect(dayOf(made(fresh, agent, up(level)).escalation?.dueAtMs ?? 0)).toBe(day);
  });

  it('over a holiday with its worked weekend', () => {
    const atMs = momentOf('2026-09-30', 600) ?? 0;
    // 1–7 October are free, Saturday the 10th is worked.
    const row = made(fresh, agent, up('second', '说明', atMs));
    expect(dayOf(row.escalation?.dueAtMs ?? 0)).toBe('2026-10-10');
  });

  it('a deadline that passes is the lead’s by itself, one working day; nobody asked for it', () => {
    expect(at(fresh, fresh.dueAtMs)).toBeNull();
    const now = at(fresh, fresh.dueAtMs + 1);
    expect(now).toMatchObject({ kind: 'escalated', level: 'lead', by: null, sinceMs: fresh.dueAtMs });
    expect(dayOf(fresh.dueAtMs)).toBe('2026-12-02');
    expect(dayOf(now?.dueAtMs ?? 0)).toBe('2026-12-03');
  });

  it('handed back, the agent has two working days; then it is the lead’s again', () => {
    const row = made(made(fresh, agent, up('second')), lead, taken(), back());
    const untilMs = row.escalation?.dueAtMs ?? 0;
    expect(dayOf(untilMs)).toBe('2026-12-01');
    expect(isEscalated(at(row, untilMs))).toBe(false);
    expect(at(row, untilMs + 1)).toMatchObject({ kind: 'escalated', level: 'lead', by: null });
    // R24: the case's own deadline stands where it stood, and a breach of it is counted.
    expect(row.dueAtMs).toBe(fresh.dueAtMs);
  });

  it('is over once the customer was told; reopened it begins anew, but for the regulator', () => {
    const told = made(made(fresh, agent, up('lead')), agent, step('resolved'), step('fedBack'));
    expect(at(told, nowMs + 100 * dayMs)).toBeNull();
    expect(made(told, agent, step('reopened')).escalation).toBeNull();
    const complaint = made(made(fresh, agent, up('regulator')), agent, step('resolved'), step('fedBack'));
    expect(made(complaint, agent, step('reopened')).escalation).toMatchObject({ level: 'regulator' });
  });
});

describe('R29 whatever the order', () => {
  it('never goes down a level but by being handed back or told, and everything done is on the trail', () => {
    const ops = fc.constantFrom<readonly [WorkOp, EscalationBy]>(
      ...escalationLevels.flatMap((level) => [[up(level), agent] as const, [up(level), lead] as const]),
      [taken(), lead],
      [taken(), other],
      [taken(), agent],
      [back(), lead],
      [back(), other],
      [step('resolved'), agent],
      [step('reopened'), agent],
    );
    fc.assert(
      fc.property(fc.array(ops, { maxLength: 40 }), (all) => {
        let row = fresh;
        let count = 0;
        for (const [op, by] of all) {
          const next = run(row, op, by);
          if (!next.ok) continue;
          const after = next.value as Case;
          const [was, is] = [row.escalation, after.escalation];
          if (op.name === 'case.escalated' && was != null && was.kind !== 'handedBack')
            expect(escalationLevels.indexOf(is?.level ?? 'lead')).toBeGreaterThan(escalationLevels.indexOf(was.level));
          if (op.name.startsWith('case.') && op.name !== 'case.stepped') count += 1;
          expect(after.trail ?? []).toHaveLength(count);
          expect(caseStates).toContain(after.state);
          row = after;
        }
      }),
      { numRuns: 500 },
    );
  });
});
