import { AgentId, GrantId, TaskId } from '../../../shared/ids.ts';
import { ok, refusal, refused } from '../../../shared/result.ts';
import type { Handlers } from '../../../shared/rpc.ts';
import type { SeatContract } from '../../../shared/seat.ts';
import type { NecessitiesResponse, Task, TaskItem } from '../../../shared/task-api.ts';
import type { taskCalls } from '../../../shared/task-calls.ts';
import { nextTask, taskFaults } from '../../../shared/task.ts';
import { nextTaskWork, type TaskWork, type TaskWorkEvent } from '../../../shared/task-work.ts';
import { noCounters } from '../../../shared/dial-counters.ts';
import { readList } from '../../../shared/list-text.ts';
import { makePlan } from '../../shared/make-plan.ts';
import { sampleCustomers } from './sample.ts';

/** A task's next customer and a lead's tasks, in memory, by the shared rules. */
export type FakeTasks = {
  readonly tasks: Task[];
  readonly skipped: string[];
  /** Parts of lists as they came, and how many before central is away. */
  readonly pastes: string[];
  mostPastes: number;
  state: TaskWork;
  /** Leave for marketing calls by hand, and what agents asked a second person for. */
  readonly hand: Map<string, string>;
  readonly wishes: (NecessitiesResponse['wishes'][number] & { readonly customerId: string })[];
  readonly agreed: Set<string>;
  /** Shows this customer to the agent, as if central had given leave. */
  readonly give: (over?: Partial<TaskItem>) => void;
  readonly on: (event: TaskWorkEvent) => void;
  readonly handlers: Pick<Handlers<SeatContract, { role: string }>, keyof typeof taskCalls>;
};

const taskId = TaskId.parse('01900000-0000-7000-8000-00000000aaaa');
export const grantId = GrantId.parse('01900000-0000-7000-8000-00000000bbbb');
const figures = { total: 0, waiting: 0, tried: 0, reached: 0, succeeded: 0, refused: 0, out: 0, attempts: 0 };

export const createFakeTasks = (nowMs: () => number, changed: () => void): FakeTasks => {
  const plan = makePlan({ endsAtMs: Date.now() + 30 * 24 * 3_600_000 });
  const me = AgentId.parse('A8001');
  const at = (id: string) => fake.tasks.findIndex((one) => one.id === id);
  const fake: FakeTasks = {
    tasks: [],
    skipped: [],
    ...{ pastes: [], mostPastes: Number.POSITIVE_INFINITY },
    ...{ hand: new Map(), wishes: [], agreed: new Set() },
    state: { kind: 'off' },
    on: (event) => {
      fake.state = nextTaskWork(fake.state, event);
      changed();
    },
    give: (over = {}) => {
      const [customer = null] = sampleCustomers(nowMs());
      const item: TaskItem = {
        ...{ grantId, ttlMs: 600_000, taskId, title: plan.title, kind: plan.kind, mode: plan.mode, boxSeconds: 30 },
        ...{ scriptId: null, treeId: null, offer: plan.offer, callerNumber: '', hours: plan.hours },
        ...{ endsAtMs: plan.endsAtMs, number: customer?.numbers[0]?.key ?? '', customer, prospect: '', note: '' },
        ...{
          why: [
            { key: 'listed', params: {} },
            { key: 'tierHigh', params: {} },
          ],
          tries: 0,
          isNecessary: false,
        },
        counters: noCounters,
        ...over,
      };
      fake.on({ kind: 'turnedOn' });
      fake.on({ kind: 'asked' });
      const boxEndsAtMs = nowMs() + item.boxSeconds * 1_000;
      const tasks = [{ taskId, title: plan.title, waiting: 12, done: 3 }];
      fake.on({ kind: 'given', item, askedAtMs: nowMs(), endsAtMs: nowMs() + item.ttlMs, boxEndsAtMs, tasks });
    },
    handlers: {
      'task.take': ({ on }) => {
        fake.on({ kind: on ? 'turnedOn' : 'turnedOff' });
        return ok({});
      },
      'task.next': () => {
        fake.give();
        return ok({});
      },
      'task.skip': ({ why }) => {
        fake.skipped.push(why);
        fake.on({ kind: 'passed', why: 'taskSkipped' });
        return ok({});
      },
      'tasks.list': () =>
        ok({
          ...{ tasks: [...fake.tasks], names: { [me]: '苏班长' }, trees: [], packages: [], areas: [], agents: [] },
          lists: [{ id: 'l1', name: '春季名单', entries: 120 }],
          scripts: [{ id: plan.scriptId as never, title: { zh: '套餐升级', en: 'Plan upgrade' } }],
        }),
      'tasks.save': ({ taskId: id, revision, plan: wanted }) => {
        if (id !== null) {
          const n = at(id);
          const before = fake.tasks[n];
          if (before === undefined) return refused(refusal('notFound', 'task'));
          fake.tasks[n] = { ...before, plan: wanted, revision: revision + 1 };
          return ok({ taskId: id, revision: revision + 1 });
        }
        const state = { kind: 'draft', by: me, atMs: nowMs() } as const;
        fake.tasks.unshift({ id: taskId, plan: wanted, state, ownerId: me, revision: 1, figures });
        return ok({ taskId, revision: 1 });
      },
      'tasks.estimate': ({ plan: wanted }) =>
        ok({
          ...{ targeted: 100, callable: 80, notYet: 2, byTier: { high: 10, mid: 30, standard: 40, prospect: 0 } },
          ...{ excluded: [{ reason: 'redList', count: 15 }], isMany: false },
          faults: [...faultsOf(wanted, nowMs())],
        }),
      'tasks.move': ({ taskId: id, revision, move }) => {
        const n = at(id);
        const before = fake.tasks[n];
        if (before === undefined) return refused(refusal('notFound', 'task'));
        const who = { by: me, atMs: nowMs() };
        const moved = nextTask(
          before.state,
          move === 'start' || move === 'resume'
            ? { kind: move === 'start' ? 'started' : 'resumed', faults: faultsOf(before.plan, nowMs()), ...who }
            : { kind: move === 'pause' ? 'paused' : 'ended', why: 'lead', ...who },
        );
        if (!moved.ok) return moved;
        fake.tasks[n] = {
          ...before,
          state: moved.value,
          revision: revision + 1,
          figures: { ...figures, total: 80, waiting: 80 },
        };
        return ok({ state: moved.value, revision: revision + 1 });
      },
      'tasks.pasteList': ({ text }) => {
        if (fake.pastes.length === fake.mostPastes) return refused(refusal('offline'));
        const { entries, faults } = readList(text);
        fake.pastes.push(text);
        return ok({
          listId: 'l2',
          added: entries.length,
          known: Math.min(1, entries.length),
          faults: [],
          faulty: faults.length,
        });
      },
      'dial.ask': ({ customerId }) => {
        const who = sampleCustomers(nowMs()).find(({ id }) => id === customerId);
        if (who?.refusesMarketing === true && !fake.agreed.has(customerId))
          return refused(refusal('policy', 'refusedMarketing'));
        fake.hand.set(grantId, customerId);
        return ok({ grantId });
      },
      'necessity.ask': ({ customerId, reason }) => {
        const id = `n${fake.wishes.length + 1}`;
        const who = { agentName: '林小满', agentNumber: '8001', customer: '王*' };
        fake.wishes.push({ id, ...who, reason, askedAtMs: nowMs(), customerId });
        return ok({ id });
      },
      'necessity.list': () => ok({ wishes: fake.wishes }),
      'necessity.decide': ({ id, granted }) => {
        const n = fake.wishes.findIndex((one) => one.id === id);
        const [wish] = n < 0 ? [] : fake.wishes.splice(n, 1);
        if (wish === undefined) return refused(refusal('notFound', 'necessity'));
        if (granted) fake.agreed.add(wish.customerId);
        return ok({});
      },
    },
  };
  return fake;
};

const faultsOf = (plan: Task['plan'], nowMs: number): readonly string[] =>
  taskFaults(plan, {
    ...{
      nowMs,
      callingHours: [{ fromMinute: 540, toMinute: 1_200 }],
      treeKnown: true,
      sendsTexts: true,
      callable: 80,
      targeted: 100,
    },
    scriptPublished: true,
  });
