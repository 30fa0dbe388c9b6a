import type { GrantState } from '../../shared/dial-counters.ts';
import { nextGrantState } from '../../shared/dial-counters.ts';
import { isContactOp } from '../../shared/op.ts';
import type { CentralOp, GrantRow, History, Violation } from './history.ts';

const violation = (what: string): Violation => ({ kind: 'reservation', what });

/** R20, R21: who was reserved for whom, and what became of the call, follow from the ops central took. */
export const reservations = (taken: readonly CentralOp[], history: History): readonly Violation[] => {
  const called = callsOf(taken);
  return [...grantRows(called, history), ...entryRows(called, history), ...reachedOnce(history)];
};

/** Leave that nobody uses comes back; the seat tells of it a moment later. */
export const stillReserved = ({ outbound, seats }: History): readonly Violation[] => {
  const used = new Set(
    seats.flatMap(({ journal }) => journal.flatMap(({ body }) => (grantIn(body) === undefined ? [] : [grantIn(body)]))),
  );
  return [
    ...outbound.grants
      .filter(({ id, state }) => state === 'held' && !used.has(id))
      .map(({ id, seatId }) => violation(`${id} is still held by ${seatId}, which shows nobody`)),
    ...outbound.entries
      .filter(({ state, grantId }) => state === 'held' && !used.has(grantId ?? ''))
      .map(({ key }) => violation(`${key} is still reserved, and nobody is shown it`)),
  ];
};

const grantIn = (body: CentralOp['body']): string | undefined =>
  body.name === 'contact.opened' ? body.grant?.id : undefined;

type Called = { readonly contactId: string; state: GrantState; isOver: boolean };

/** What each leave was used for: the first contact opened with it, and how that ended. */
const callsOf = (taken: readonly CentralOp[]): ReadonlyMap<string, Called> => {
  const byGrant = new Map<string, Called>();
  const byContact = new Map<string, Called>();
  for (const { body } of taken) {
    if (!isContactOp(body)) continue;
    const grantId = grantIn(body);
    if (body.name === 'contact.opened' && grantId !== undefined) {
      const called: Called = { contactId: body.contactId, state: nextGrantState('held', 'dialled'), isOver: false };
      if (!byGrant.has(grantId)) byGrant.set(grantId, called);
      byContact.set(body.contactId, called);
    }
    const called = byContact.get(body.contactId);
    if (called === undefined) continue;
    if (body.name === 'contact.answered') called.state = nextGrantState(called.state, 'reached');
    if (body.name === 'contact.ended') {
      called.state = nextGrantState(called.state, 'unreached');
      called.isOver = true;
    }
  }
  return byGrant;
};

const grantRows = (called: ReadonlyMap<string, Called>, { outbound }: History): Violation[] => {
  const rows = new Map(outbound.grants.map((grant) => [grant.id, grant]));
  const found: Violation[] = [];
  for (const [id, { contactId, state }] of called) {
    const row = rows.get(id);
    if (row === undefined) found.push(violation(`${contactId} was called with leave ${id}, which central never gave`));
    else if (row.state === 'unused')
      found.push(violation(`${contactId} was called with leave ${id}, which had gone back to the others`));
    else if (row.state !== state || row.contactId !== contactId)
      found.push(violation(`leave ${id} is ${row.state} of ${row.contactId ?? 'nobody'}; its ops say ${state}`));
  }
  const isDialled = ({ state }: GrantRow): boolean => state !== 'held' && state !== 'unused';
  for (const row of outbound.grants)
    if (isDialled(row) && row.taskId !== null && !called.has(row.id))
      found.push(violation(`leave ${row.id} is ${row.state}, and no op says so`));
  return found;
};

/** Tries, and the state a customer of the task is in. */
const entryRows = (called: ReadonlyMap<string, Called>, { outbound }: History): Violation[] => {
  const tried = new Map<string, number>();
  for (const { id, key, taskId } of outbound.grants)
    if (called.has(id)) tried.set(`${taskId} ${key}`, (tried.get(`${taskId} ${key}`) ?? 0) + 1);
  return outbound.entries.flatMap(({ taskId, key, state, tries, grantId, outcome }) => {
    const found: Violation[] = [];
    const wanted = tried.get(`${taskId} ${key}`) ?? 0;
    if (tries !== wanted) found.push(violation(`${key} counts ${tries} tries, and was called ${wanted} times`));
    const last = called.get(grantId ?? '');
    if (last?.isOver === true && state === 'calling')
      found.push(violation(`${key} is being called, and the call is over`));
    if (last?.state === 'reached' && (state !== 'done' || outcome === null))
      found.push(violation(`${key} was reached and is ${state}`));
    return found;
  });
};

/** At most one telemarketing contact with a customer, by whichever seat (R21). */
const reachedOnce = ({ outbound }: History): Violation[] => {
  const reached = outbound.grants.filter(({ state, isMarketing }) => state === 'reached' && isMarketing);
  return [...Map.groupBy(reached, ({ key }) => key)]
    .filter(([, times]) => times.length > 1)
    .map(([key, times]) => violation(`${key} was reached ${times.length} times`));
};
