import type { Contact } from '../../shared/contact.ts';
import type { CentralClient } from './central-client.ts';
import type { Clock } from './clock.ts';
import type { Log } from './log.ts';
import { firstScript } from './script.ts';
import type { Seat } from './seat.ts';
import type { Db } from './store/db.ts';
import type { TaskSeat } from './tasks.ts';

type Needs = {
  readonly db: Db;
  readonly seat: Seat;
  readonly client: CentralClient;
  readonly clock: Clock;
  readonly log: Log;
  readonly tasks: Pick<TaskSeat, 'noteUsed' | 'giveBack'>;
};

/** The pop is on the screen meanwhile; who answers quickly gets the task's script a moment later. */
const deadlineMs = 2_000;

/**
 * R26: whether the caller has had a text of a task. Asked of central, which alone knows whom its tasks have written to (up to 50,000 customers
 * each, many of whom no seat holds); off line it is a call like any other here, and central counts it when its contact arrives.
 */
export const askCalledIn = async (
  contact: Contact | undefined,
  { db, seat, client, clock, log, tasks }: Needs,
): Promise<void> => {
  const { session } = seat;
  if (contact === undefined || session === null) return;
  const isAskable = contact.direction === 'inbound' && contact.grant === undefined && contact.endedAtMs === null;
  if (!isAskable || !contact.number.startsWith('+')) return;
  const asked = { contactId: contact.id, number: contact.number };
  const answer = await client.call('calledIn', asked, session.token, deadlineMs);
  if (!answer.ok || answer.value.hot === null) return;
  const { grant, title, offer, scriptId } = answer.value.hot;
  const now = seat.work;
  // The caller gave up, or was served by somebody else, while central was asked.
  if (now?.contact.id !== contact.id || now.contact.endedAtMs !== null) return tasks.giveBack(grant.id);
  const { queue, customerId } = now.contact;
  const task = { id: grant.taskId, scriptId };
  const script = firstScript(db.read, { task, queue, customerId }, session.policy, { clock, log });
  const done = seat.commit({
    ops: [
      {
        ...{ name: 'contact.calledIn', contactId: contact.id, grant, atMs: clock.nowMs() },
        script: script === undefined ? null : { id: script.id, version: script.version },
      },
    ],
    also: (write) => tasks.noteUsed(write, grant.id),
    work: (row) => (row === undefined ? now : { ...now, contact: row, calledIn: { title, offer } }),
  });
  if (!done.ok) return tasks.giveBack(grant.id);
  log.info('a customer written to calls in', { contactId: contact.id, taskId: grant.taskId });
};
