import type { TaskItem } from '../../shared/task-api.ts';
import type { LiveMessage } from '../../shared/central-api.ts';
import type { ContactId, TaskId } from '../../shared/ids.ts';
import type { Clock, Log } from '../ambient.ts';
import { faultFields } from '../ambient.ts';
import type { Database } from '../db.ts';
import type { TaskPorts } from '../tasks.ts';
import type { Dialler, DiallerEvent } from './dialler-port.ts';
import type { Pacer } from './pacer.ts';
import { startPacer } from './pacer.ts';
import { undialled, waitedFor, waitHere, waitsForCalled, waitsNoMore } from './reservations.ts';

/**
 * R25: central calls the customers of predictive tasks. Each instance looks four times a second which of them nobody dials, and takes those; one
 * that dies lets go of its tasks at once and without a word (reservations.ts).
 */
export type DiallerWork = {
  /** Empty without an exchange that dials. */
  readonly port: Pick<TaskPorts, 'waitsForDialler'>;
  readonly settled: () => Promise<void>;
  readonly close: () => Promise<void>;
};

type Ports = {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly instance: string;
  readonly dialler: Dialler | undefined;
  readonly tasks: TaskPorts;
  readonly tell: (agentId: string, message: LiveMessage) => Promise<void>;
};

/** What is added to the gap between the death of an instance and the first thing done for its customers, of whom each waits two seconds. */
const lookMs = 250;
/** Longer than it takes to find that an instance has died and to have its tasks. */
const rememberedMs = 15_000;

export const openDialler = (ports: Ports): DiallerWork => {
  const { database, clock, log, dialler } = ports;
  if (dialler === undefined) return { port: {}, settled: async () => undefined, close: async () => undefined };
  const pacers = new Map<TaskId, Pacer>();
  const me = { instance: ports.instance, hasStands: database.kind === 'postgres' };
  const standing = database.stand(me.instance);
  standing.catch((fault: unknown) => log.error(faultFields(fault), 'nothing is dialled here: no lock could be had'));
  let looking: Promise<void> = Promise.resolve();
  let isClosed = false;
  let cancel = (): void => {};
  // Calls go on while nobody dials their task: what happens to them then is heard here all the same, and told to whoever takes it over.
  let heard: readonly { readonly event: DiallerEvent; readonly atMs: number }[] = [];
  const stopHearing = dialler.onEvent((event) => {
    const atMs = clock.nowMs();
    heard = [...heard.filter((one) => atMs - one.atMs < rememberedMs), { event, atMs }];
    for (const pacer of pacers.values()) pacer.hear(event, atMs);
  });
  const look = async (): Promise<void> => {
    // Without its lock this instance looks like one that died.
    if (!(await standing).isHeld()) return;
    for (const { id, tenant } of await undialled(database.db, me, clock.nowMs())) {
      if (isClosed || pacers.has(id)) continue;
      const pacer = await startPacer({
        ...{ ...ports, me, dialler, db: database.tenant(tenant), taskId: id },
        announce: (agentId, contactId, item) => ports.tell(agentId, announcement(contactId as ContactId, item)),
      });
      if (pacer === undefined) continue;
      for (const { event, atMs } of heard) pacer.hear(event, atMs);
      pacers.set(id, pacer);
      void pacer.ended.then(() => pacers.delete(id));
    }
  };
  const again = (): void => {
    looking = look()
      .catch((fault: unknown) => log.warn(faultFields(fault), 'tasks to dial not looked for; tried again'))
      .finally(() => {
        if (!isClosed) cancel = clock.after(lookMs, again);
      });
  };
  again();
  return {
    port: {
      waitsForDialler: {
        wait: ({ db, agent, seatId }, taskId) =>
          waitHere(db, { agentId: agent.id, seatId, taskId, nowMs: clock.nowMs() }),
        waited: ({ db, agent }) => waitedFor(db, agent.id),
        noMore: ({ db, agent }) => waitsNoMore(db, agent.id),
        onlyCalled: ({ db, agent }) => waitsForCalled(db, agent.id, clock.nowMs()),
      },
    },
    settled: () => looking,
    close: async () => {
      isClosed = true;
      cancel();
      stopHearing();
      await looking;
      await Promise.all([...pacers.values()].map((pacer) => pacer.close()));
      await standing.then(
        (one) => one.close(),
        () => undefined,
      );
    },
  };
};

/** NOTIFY carries 8,000 bytes: what is long goes, the seat has it of its customer or finds it in the task. */
const mostBytes = 7_000;
export const announcement = (contactId: ContactId, item: TaskItem): LiveMessage => {
  const whole = { t: 'dialled' as const, contactId, item };
  const fits = (message: LiveMessage): boolean => Buffer.byteLength(JSON.stringify(message)) < mostBytes;
  if (fits(whole)) return whole;
  const { customer } = item;
  const shorter = {
    ...{ ...item, note: '' },
    customer: customer === null ? null : { ...customer, cases: [], lastOffers: [], fields: [] },
  };
  return { ...whole, item: shorter };
};
