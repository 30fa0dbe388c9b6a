import { randomBytes } from 'node:crypto';
import type { Database } from '../../central/db.ts';
import type { Secrets } from '../../central/secrets.ts';
import { taskHandlers } from '../../central/tasks.ts';
import { defaultTenant } from '../../central/tenancy.ts';
import type { SampleOperator } from '../../practice/operator/operator.ts';
import { AgentId, ScriptId, SeatId, TaskId, uuidv7 } from '../../shared/ids.ts';
import { defaultPolicy } from '../../shared/policy.ts';
import type { Result } from '../../shared/result.ts';
import type { TaskPlan } from '../../shared/task.ts';

/** More than the longest run calls: one who was reached is not called again (R21). */
const prospects = 6_000;
const hourMs = 3_600_000;

/** A task that every seat takes customers from: strangers of a list, and some of the operator's own, who are sold to (R20, R21, R41). */
export const startTask = async (
  { database, secrets }: { readonly database: Database; readonly secrets: Secrets },
  operator: SampleOperator,
  nowMs: number,
): Promise<void> => {
  const newId = (): string => uuidv7(nowMs, randomBytes(10));
  const ports = { nowMs: () => nowMs, newId, auditKey: secrets.auditKey, policy: defaultPolicy, sendsTexts: false };
  const tasks = taskHandlers(ports);
  const lead = operator.agents.find(({ role }) => role === 'lead');
  if (lead === undefined) throw new Error('the sample operator has no lead');
  const session = {
    ...{ id: newId(), seatId: SeatId.parse(newId()), expiresAtMs: nowMs + hourMs, seatKey: null },
    agent: {
      id: AgentId.parse(`A${lead.agentNumber}`),
      number: lead.agentNumber,
      name: lead.name,
      role: lead.role,
      queues: lead.queues,
    },
    ...{ tenant: defaultTenant, db: database.tenant(defaultTenant) },
  };
  const from = { address: '', whyNotSignedWith: () => undefined };
  const own = Array.from({ length: operator.count }, (_, n) => operator.customerAt(n, () => '').customer);
  const numbers = [
    ...own.flatMap(({ numbers: its }) => its[0]?.key ?? []),
    ...Array.from({ length: prospects }, (_, n) => `139${String(10_000_000 + n)}`),
  ];
  const pasted = await tasks.listPaste?.({ name: '名单', text: numbers.join('\n') }, session, from);
  const { listId } = must(pasted);
  const saved = await tasks.taskSave?.({ taskId: null, revision: 0, plan: planOf(listId, nowMs) }, session, from);
  const { taskId, revision } = must(saved);
  must(await tasks.taskMove?.({ taskId: TaskId.parse(taskId), revision, move: 'start' }, session, from));
};

const planOf = (listId: string, nowMs: number): TaskPlan => {
  const again = { afterMinutes: 30, times: 3 };
  return {
    ...{ title: '流量包', kind: 'marketing', mode: 'preview', source: { kind: 'list', listId } },
    ...{ scriptId: ScriptId.parse('data-offer'), treeId: 'marketing', offer: '10 GB', callerNumber: '' },
    ...{ hours: [{ fromMinute: 0, toMinute: 1_440 }], endsAtMs: nowMs + 365 * 24 * hourMs, boxSeconds: 300 },
    ...{ weight: 1, agents: [], again: { noAnswer: again, busy: again, failed: again } },
  };
};

const must = <T>(answer: Result<T> | undefined): T => {
  if (answer?.ok !== true) throw new Error(`the task could not be started: ${JSON.stringify(answer?.error)}`);
  return answer.value;
};
