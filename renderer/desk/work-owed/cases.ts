import type { Case } from '../../../shared/case.ts';
import { type Escalation, escalationAt, isEscalated } from '../../../shared/case-escalation.ts';
import type { WorkView } from '../../../shared/work.ts';

export type CaseRow = { readonly row: Case; readonly customer: string | null; readonly escalation: Escalation | null };

export const casesOf = ({ rows }: WorkView, nowMs: number): readonly CaseRow[] =>
  rows.flatMap(({ row, customer, leadDue }) =>
    row.record === 'case' ? [{ row, customer, escalation: escalationAt(row, nowMs, leadDue ?? null) }] : [],
  );

/** What waits above the agent, what has to be decided first in front; then the others, in the engine's order. */
export const sortedCases = (
  cases: readonly CaseRow[],
): { readonly escalated: readonly CaseRow[]; readonly others: readonly CaseRow[] } => ({
  escalated: cases
    .filter(({ escalation }) => isEscalated(escalation))
    .toSorted((one, other) => (one.escalation?.dueAtMs ?? 0) - (other.escalation?.dueAtMs ?? 0)),
  others: cases.filter(({ escalation }) => !isEscalated(escalation)),
});

/** Escalated, and nobody has taken it over yet: what a lead has to look at. */
export const untakenOf = (work: WorkView, nowMs: number): number =>
  casesOf(work, nowMs).filter(({ escalation }) => escalation?.kind === 'escalated').length;
