import { ScriptId } from '../../shared/ids.ts';
import { TaskPlan } from '../../shared/task.ts';

/** A task that could run from November 2026 to the end of that year. */
export const makePlan = (over: Partial<TaskPlan> = {}): TaskPlan =>
  TaskPlan.parse({
    ...{ title: '畅享套餐推荐', kind: 'marketing', mode: 'preview', scriptId: ScriptId.parse('upgrade') },
    source: { kind: 'query', tiers: [], packages: [], areas: [] },
    ...{ treeId: 'marketing', offer: '畅享 129，多 20GB', callerNumber: '', boxSeconds: 30, weight: 1, agents: [] },
    hours: [{ fromMinute: 9 * 60, toMinute: 20 * 60 }],
    endsAtMs: Date.parse('2026-12-31T10:00:00Z'),
    again: {
      ...{ noAnswer: { afterMinutes: 120, times: 2 }, busy: { afterMinutes: 30, times: 3 } },
      failed: { afterMinutes: 60, times: 1 },
    },
    ...over,
  });
