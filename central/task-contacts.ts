import type { Contact } from '../shared/contact.ts';
import type { DispositionTree } from '../shared/disposition.ts';
import type { ContactOp } from '../shared/op.ts';
import { afterAttempt, isSuccess, outcomeOf } from '../shared/task.ts';
import type { Tx } from './db.ts';
import { firstRow, rows, run, statement } from './db.ts';
import { tellGrant } from './dial-grants.ts';
import { outcomeIn } from './facts.ts';
import { taskById } from './tasks.ts';

/** What a call made with central's leave says to the counters (R21) and to its task. Times are central's. */
export const followGrant = async (
  tx: Tx,
  op: ContactOp,
  before: Contact | undefined,
  contact: Contact,
  nowMs: number,
): Promise<void> => {
  const { grant } = contact;
  if (grant === undefined) return;
  const isOfEntry = statement`grant_id = ${grant.id}`;
  if (op.name === 'contact.opened' && before === undefined) {
    await tellGrant(tx, contact, 'dialled', nowMs);
    await run(
      tx,
      statement`
        update task_entry set state = 'calling', tries = tries + 1, contact_id = ${contact.id}
        where ${isOfEntry} and contact_id is distinct from ${contact.id}`,
    );
  } else if (op.name === 'contact.answered' || (op.name === 'contact.calledIn' && contact.answeredAtMs !== null)) {
    await tellGrant(tx, contact, 'reached', nowMs);
    await run(tx, statement`update task_entry set state = 'done', outcome = 'reached' where ${isOfEntry}`);
  } else if (op.name === 'contact.ended' && contact.answeredAtMs === null && before?.endedAtMs === null) {
    if (contact.direction === 'inbound') return rangInVain(tx, grant.id, nowMs);
    await tellGrant(tx, contact, 'unreached', nowMs);
    await callAgain(tx, contact, nowMs);
  } else if (op.name === 'contact.wrappedUp' && contact.answeredAtMs !== null) {
    const outcome = await outcomeFor(tx, contact);
    await run(tx, statement`update task_entry set outcome = ${outcome} where ${isOfEntry}`);
  }
};

/** R26: nobody took the customer's own call. It was no attempt of ours, and they wanted to talk: they come next. */
const rangInVain = async (tx: Tx, grantId: string, nowMs: number): Promise<void> => {
  await run(
    tx,
    statement`update dial_grant set state = 'unused', at_ms = ${nowMs} where id = ${grantId} and state = 'held'`,
  );
  await run(
    tx,
    statement`
      update task_entry set state = 'waiting', next_at_ms = ${nowMs}, grant_id = null
      where grant_id = ${grantId} and state = 'held'`,
  );
};

const callAgain = async (tx: Tx, { grant, endCause }: Contact, nowMs: number): Promise<void> => {
  const task = grant?.taskId == null ? undefined : await taskById(tx, grant.taskId);
  if (grant === undefined || task === undefined) return;
  const entry = await firstRow(
    tx,
    // What central dialled is settled by its dialler, who knows more of the call than the seat does.
    statement<{ tries: number }>`
      select tries from task_entry
      where grant_id = ${grant.id} and not exists (select 1 from dialler_call where grant_id = ${grant.id}) for update`,
  );
  if (entry === undefined) return;
  const next = afterAttempt(task.plan, outcomeOf(endCause), entry.tries, nowMs);
  await run(
    tx,
    next.state === 'out'
      ? statement`update task_entry set state = 'out', out_why = ${next.why} where grant_id = ${grant.id}`
      : statement`update task_entry set state = 'waiting', next_at_ms = ${next.nextAtMs} where grant_id = ${grant.id}`,
  );
};

/** R28: what the disposition of a call that was answered means for the task. */
export const outcomeFor = async (tx: Tx, contact: Contact): Promise<string> => {
  const trees = await rows(
    tx,
    statement<{ row: DispositionTree }>`select row from feed where entity = 'tree' and row is not null order by id`,
  );
  const outcome = outcomeIn(
    trees.map(({ row }) => row),
    contact,
  );
  if (outcome === undefined) return 'reached';
  if (isSuccess(outcome)) return 'success';
  return outcome === 'refusal' || outcome === 'callback' ? outcome : 'reached';
};
