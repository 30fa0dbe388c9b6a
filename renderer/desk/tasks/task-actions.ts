import type { CustomerId } from '../../../shared/ids.ts';
import { ok, type Refusal, refusal, type Result } from '../../../shared/result.ts';
import type { TaskMoveRequest, TaskSaveRequest } from '../../../shared/task-api.ts';
import type { SkipReason, TaskPlan } from '../../../shared/task.ts';
import type { PhoneLink, SeatLink, SeatStore } from '../seat-store.ts';

type Parts = { readonly seat: SeatStore; readonly seatLink: SeatLink; readonly phoneLink: PhoneLink };

/** The next customer of a task: by central's leave, so the desk never names a number. */
export const taskActions = (
  { seat, seatLink, phoneLink }: Parts,
  told: (asked: Promise<Result<unknown>>) => Promise<Refusal | null>,
) => {
  const shown = () => {
    const task = seat.getState().snapshot?.task;
    return task?.kind === 'preview' ? task.item : undefined;
  };
  const over = (): Promise<Refusal> => Promise.resolve(refusal('conflict', 'grantOver'));
  return {
    takeTasks: (on: boolean) => told(seatLink.call('task.take', { on })),
    nextCustomer: () => told(seatLink.call('task.next', {})),
    skipCustomer: (why: SkipReason): Promise<Refusal | null> => {
      const item = shown();
      return item === undefined ? over() : told(seatLink.call('task.skip', { grantId: item.grantId, why }));
    },
    dialTask: (): Promise<Refusal | null> => {
      const item = shown();
      return item === undefined ? over() : told(phoneLink.call('dial', { what: { grantId: item.grantId } }));
    },
    /** R21: a marketing call of no task asks central's leave first; the refusal belongs beside the number. */
    dialMarketing: async (customerId: CustomerId, numberIndex: number): Promise<Refusal | null> => {
      const leave = await seatLink.call('dial.ask', { customerId, numberIndex });
      if (!leave.ok) return leave.error;
      const dialled = await phoneLink.call('dial', { what: { grantId: leave.value.grantId } });
      return dialled.ok ? null : dialled.error;
    },
    askNecessity: async (customerId: CustomerId, reason: string): Promise<Refusal | null> => {
      const asked = await seatLink.call('necessity.ask', { customerId, reason });
      return asked.ok ? null : asked.error;
    },
    necessities: async () => {
      const answer = await seatLink.call('necessity.list', {});
      return answer.ok ? ok(answer.value.wishes) : answer;
    },
    decideNecessity: (id: string, granted: boolean) => told(seatLink.call('necessity.decide', { id, granted })),
    tasks: {
      list: () => seatLink.call('tasks.list', {}),
      save: (asked: TaskSaveRequest) => seatLink.call('tasks.save', asked),
      estimate: (plan: TaskPlan) => seatLink.call('tasks.estimate', { plan }),
      move: (asked: TaskMoveRequest) => seatLink.call('tasks.move', asked),
      pasteList: (name: string, text: string) => seatLink.call('tasks.pasteList', { name, text }),
    },
  };
};
export type LeadTasks = ReturnType<typeof taskActions>['tasks'];
