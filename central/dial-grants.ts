import type { WorkCalendar } from '../shared/calendar.ts';
import type { Contact } from '../shared/contact.ts';
import type { Customer } from '../shared/customer.ts';
import type { CountedGrant, DialCounters, GrantState } from '../shared/dial-counters.ts';
import { countersOf, nextGrantState } from '../shared/dial-counters.ts';
import { grantDial } from '../shared/dial-grant.ts';
import type { Outbound, Role } from '../shared/dial-policy.ts';
import type { GrantId, TaskId } from '../shared/ids.ts';
import type { Policy } from '../shared/policy.ts';
import type { Result } from '../shared/result.ts';
import { ok } from '../shared/result.ts';
import { answerOnItsWayMs } from '../shared/task-api.ts';
import type { Tx } from './db.ts';
import { firstRow, rows, run, statement } from './db.ts';

/**
 * Leave to call one customer once, counted over all seats, tasks and firms (R21): these tables belong to no tenant, and no seat reads
 * more of them than the counters of a customer it is about to call.
 */
export type GrantPorts = {
  readonly nowMs: number;
  readonly newId: () => string;
  readonly policy: Policy;
  readonly calendar: WorkCalendar;
};

export type Wanted = {
  readonly number: string;
  readonly customer: Customer | undefined;
  readonly isMarketing: boolean;
  readonly isSurvey: boolean;
  readonly taskId: TaskId | null;
  readonly task: Outbound['task'];
  readonly isNecessary: boolean;
  readonly by: { readonly agentId: string; readonly seatId: string; readonly role: Role };
};
export type Granted = { readonly grantId: GrantId; readonly ttlMs: number; readonly counters: DialCounters };

const dayMs = 24 * 3_600_000;
/** Longer than any quiet time that can be served. */
const countedMs = 400 * dayMs;
/** What the answer may take to the seat, which counts from before it asked. */
const slackMs = 5_000;

/** Whether this person may be called now. One at a time for each: whoever comes second sees what the first was given. */
export const mayGrant = async (
  tx: Tx,
  ports: GrantPorts,
  wanted: Wanted,
): Promise<Result<Omit<Granted, 'grantId'>>> => {
  const { customer, number, task, by, isNecessary } = wanted;
  const { nowMs, policy, calendar } = ports;
  const keys = [...new Set([number, ...(customer?.numbers.map(({ key }) => key) ?? [])])].toSorted();
  for (const key of keys) await run(tx, statement`select pg_advisory_xact_lock(hashtextextended(${`dial ${key}`}, 0))`);
  const counters = await countersFor(tx, keys, customer?.id ?? null, nowMs);
  const granted = grantDial(
    {
      ...{ text: number, purpose: wanted.isMarketing ? 'marketing' : 'service', customer, role: by.role },
      outbound: {
        ...{ nowMs, refusalsAsOfMs: nowMs, countersAsOfMs: nowMs, counters, calendar, task },
        ...{ promisedAtMs: null, isNecessary },
      },
    },
    policy,
  );
  return granted.ok ? ok({ ttlMs: granted.value.ttlMs, counters }) : granted;
};

export const askGrant = async (tx: Tx, ports: GrantPorts, wanted: Wanted): Promise<Result<Granted>> => {
  const granted = await mayGrant(tx, ports, wanted);
  if (!granted.ok) return granted;
  const { customer, number, by } = wanted;
  const { nowMs } = ports;
  const grantId = ports.newId() as GrantId;
  const { ttlMs, counters } = granted.value;
  await run(
    tx,
    statement`
      insert into dial_grant (id, number_key, customer_id, is_marketing, is_survey, state, at_ms, asked_at_ms, until_ms,
        task_id, agent_id, seat_id)
      values (${grantId}, ${number}, ${customer?.id ?? null}, ${wanted.isMarketing}, ${wanted.isSurvey}, 'held', ${nowMs},
        ${nowMs}, ${nowMs + ttlMs + slackMs}, ${wanted.taskId}, ${by.agentId}, ${by.seatId})`,
  );
  return ok({ grantId, ttlMs, counters });
};

const countersFor = async (
  tx: Tx,
  keys: readonly string[],
  customerId: string | null,
  nowMs: number,
): Promise<DialCounters> => {
  const grants = await rows(
    tx,
    statement<CountedGrant>`
      select state, at_ms as "atMs", until_ms as "untilMs", is_marketing as "isMarketing", is_survey as "isSurvey"
      from dial_grant
      where (number_key = any(${[...keys]}::text[]) or customer_id = ${customerId}) and asked_at_ms > ${nowMs - countedMs}`,
  );
  const refusal = await firstRow(
    tx,
    statement<{ at: number | null }>`
      select min(at_ms) as at from dial_refusal
      where number_key = any(${[...keys]}::text[]) or customer_id = ${customerId}`,
  );
  return countersOf(grants, refusal?.at ?? null, nowMs);
};

/** R22: by number as well, so that another firm, which knows the customer under another name, does not call either. */
export const noteRefusal = (tx: Tx, customerId: string, keys: readonly string[], atMs: number): Promise<void> =>
  run(
    tx,
    statement`
      insert into dial_refusal (customer_id, number_key, at_ms)
      select ${customerId}, key, ${atMs} from unnest(${[...new Set(['', ...keys])]}::text[]) as key
      on conflict (customer_id, number_key) do nothing`,
  );

/** What became of the call, by central's own time: when a seat says it happened is a matter of its clock. */
export const tellGrant = async (
  tx: Tx,
  contact: Contact,
  told: Exclude<GrantState, 'held' | 'unused'>,
  nowMs: number,
): Promise<void> => {
  const { grant } = contact;
  if (grant === undefined) return;
  const kept = await firstRow(
    tx,
    statement<{ state: GrantState; until_ms: number; contact_id: string | null; at_ms: number }>`
      select state, until_ms, contact_id, at_ms from dial_grant where id = ${grant.id} for update`,
  );
  const isOurs = kept !== undefined && (kept.contact_id ?? contact.id) === contact.id && kept.state !== 'unused';
  if (!isOurs) return countAnyway(tx, contact, told, nowMs);
  const state = nextGrantState(kept.state, told);
  if (state === kept.state && kept.contact_id !== null) return;
  // It was dialled while the grant held, whenever we hear of it; the latest such moment protects the customer longest.
  const atMs = state === 'reached' ? nowMs : state === 'dialled' ? Math.min(nowMs, kept.until_ms) : kept.at_ms;
  await run(
    tx,
    statement`
      update dial_grant set state = ${state}, at_ms = ${atMs}, contact_id = ${contact.id} where id = ${grant.id}`,
  );
};

/** A call told of that nobody here gave leave for happened nevertheless, and counts. */
const countAnyway = (
  tx: Tx,
  { id, number, customerId, agentId }: Contact,
  told: GrantState,
  nowMs: number,
): Promise<void> =>
  run(
    tx,
    statement`
      insert into dial_grant (id, number_key, customer_id, is_marketing, is_survey, state, at_ms, asked_at_ms, until_ms,
        task_id, agent_id, seat_id, contact_id)
      values (${id}, ${number}, ${customerId}, true, false, ${told}, ${nowMs}, ${nowMs}, ${nowMs}, null, ${agentId}, '', ${id})
      on conflict (id) do update set state = excluded.state`,
  );

/** @returns those that really were held by this seat */
export const giveBack = async (tx: Tx, grantIds: readonly string[], seatId: string, nowMs: number): Promise<void> =>
  run(
    tx,
    statement`
      update dial_grant set state = 'unused', at_ms = ${nowMs}
      where id = any(${[...grantIds]}::text[]) and seat_id = ${seatId} and state = 'held'`,
  );

/**
 * Held at central by this seat, which does not know of them: the answer never arrived. Not those just given: a question that comes late or
 * twice may be older than what the seat shows by now.
 * @param nowMs null: the seat has waited for every answer by its own timer, so that none is on its way
 */
export const lostGrants = async (
  tx: Tx,
  seatId: string,
  known: readonly string[],
  nowMs: number | null,
): Promise<readonly string[]> =>
  (
    await rows(
      tx,
      statement<{ id: string }>`
        select id from dial_grant
        where seat_id = ${seatId} and state = 'held' and not (id = any(${[...known]}::text[]))
          and asked_at_ms < ${nowMs === null ? Number.MAX_SAFE_INTEGER : nowMs - answerOnItsWayMs}`,
    )
  ).map(({ id }) => id);
