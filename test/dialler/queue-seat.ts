import { randomUUID } from 'node:crypto';
import type { AgentState } from '../../shared/agent.ts';
import type { CalledInAnswer } from '../../shared/hot-call.ts';
import { CallId, ContactId } from '../../shared/ids.ts';
import type { OpBody } from '../../shared/op.ts';
import type { TaskItem, TaskNextResponse } from '../../shared/task-api.ts';
import type { BentClock } from '../faults/bent-clock.ts';
import type { ConnectedSeat } from './seats.ts';
import { askAt, connectSeat } from './seats.ts';
import type { SeenRing, Witness } from './witness.ts';

/** A call of a queue as the seat had it. */
export type TakenCall = {
  readonly contactId: ContactId;
  readonly from: string;
  readonly rangMs: number;
  /** Who was on view when it rang, and gave way. */
  readonly gaveWay: string | null;
  hot?: CalledInAnswer['hot'];
  answeredMs?: number;
  endedMs?: number;
};

/**
 * The seat of an agent who takes callers and works a task in preview (R19): a call that rings puts whoever is on view back. The telephone is
 * the exchange's own, a member of its queues, and answers by itself.
 */
export type QueueSeat = {
  readonly agent: string;
  readonly calls: readonly TakenCall[];
  readonly onView: () => TaskItem | undefined;
  readonly ready: () => Promise<void>;
  readonly pause: () => Promise<void>;
  /** Asks for the next customer to be shown; `at`: this instance and no other. */
  readonly next: (at?: string) => Promise<TaskNextResponse>;
  readonly faults: readonly string[];
  readonly close: () => void;
};

const wrapUpMs = 1_000;
const then = { kind: 'ready' } as const;

export const openQueueSeat = async (options: {
  readonly number: string;
  readonly password: string;
  readonly urls: () => readonly string[];
  readonly clock: BentClock;
  readonly witness: Witness;
}): Promise<QueueSeat> => {
  const { number, clock, witness, urls } = options;
  const seat = await connectSeat(options);
  const calls: TakenCall[] = [];
  let item: TaskItem | undefined;
  const state = (of: AgentState): OpBody => ({ name: 'agent.stateChanged', state: of, atMs: clock.nowMs() });
  const giveBack = async (wanted: boolean, at?: string): Promise<TaskNextResponse> => {
    const unused = item === undefined ? [] : [{ grantId: item.grantId, why: 'putBack' as const }];
    item = undefined;
    const said = await askAt(() => (at === undefined ? urls() : [at]))(
      'taskNext',
      { unused, used: [], wanted },
      seat.token,
    );
    item = said.item ?? undefined;
    return said;
  };
  const ready = (): Promise<void> => seat.push(state({ kind: 'ready', sinceMs: clock.nowMs() }));
  const last = (contactId: string): TakenCall | undefined => calls.findLast((one) => one.contactId === contactId);
  const heard = async ({ what, contactId: id, from }: SeenRing): Promise<void> => {
    if (what === 'rings') {
      const contactId = ContactId.parse(id);
      const call: TakenCall = { contactId, from, rangMs: clock.nowMs(), gaveWay: item?.number ?? null };
      calls.push(call);
      if (item !== undefined) await giveBack(false);
      await tellRing(seat, call, clock);
      call.hot = (await askAt(urls)('calledIn', { contactId, number: from }, seat.token)).hot;
      const { hot } = call;
      if (hot !== null)
        await seat.push({ name: 'contact.calledIn', contactId, grant: hot.grant, script: null, atMs: clock.nowMs() });
      return;
    }
    const call = last(id);
    if (call === undefined) return;
    const atMs = clock.nowMs();
    const { contactId } = call;
    if (what === 'answered') {
      call.answeredMs = atMs;
      const callId = CallId.parse(randomUUID());
      const on = state({ kind: 'onCall', callId, contactId, then, sinceMs: atMs });
      return seat.push({ name: 'contact.answered', contactId, atMs }, on);
    }
    call.endedMs = atMs;
    seat.later(wrapUpMs, async () => {
      const disposition = ['declined', 'why', 'price'];
      await seat.push({
        ...{ name: 'contact.wrappedUp', contactId, disposition, forced: false, note: '', atMs: clock.nowMs() },
      });
      await ready();
    });
    return seat.push(
      { name: 'contact.ended', contactId, cause: 'customerHungUp', atMs },
      state({ kind: 'wrapUp', contactId, then, deadlineMs: atMs + wrapUpMs, sinceMs: atMs }),
    );
  };
  let turn: Promise<void> = Promise.resolve();
  witness.onRing((ring) => {
    if (ring.agent !== number || seat.isClosed()) return;
    turn = turn
      .then(() => heard(ring))
      .catch((fault: unknown) => void seat.faults.push(`${number}: ${ring.what}: ${String(fault)}`));
  });
  return {
    ...{ agent: number, calls, onView: () => item, ready, faults: seat.faults, close: seat.close },
    pause: () => seat.push(state({ kind: 'notReady', reason: 'break', sinceMs: clock.nowMs() })),
    next: (at) => giveBack(true, at),
  };
};

const tellRing = (seat: ConnectedSeat, { contactId, from }: TakenCall, clock: BentClock): Promise<void> => {
  const atMs = clock.nowMs();
  const callId = CallId.parse(randomUUID());
  return seat.push(
    {
      ...{ name: 'contact.opened', contactId, callId, direction: 'inbound', number: from },
      ...{ queue: 'marketing', customerId: null, atMs },
    },
    { name: 'agent.stateChanged', state: { kind: 'reserved', callId, contactId, then, sinceMs: atMs }, atMs },
  );
};
