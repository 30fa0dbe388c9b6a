import { z } from 'zod';
import {
  blendingOf,
  isCurrent,
  nextBlend,
  QueueBlend,
  type QueueLoad,
  type QueueSwitch,
  type Shift,
  type ShiftedAgent,
  shiftOf,
  switchOf,
} from '../shared/blending.ts';
import type { Policy } from '../shared/policy.ts';
import type { Clock, Log } from './ambient.ts';
import { faultFields } from './ambient.ts';
import type { Db, Tx } from './db.ts';
import { firstRow, rows, run, statement, transaction } from './db.ts';
import type { Pbx, QueueState } from './pbx.ts';
import { liveGraceMs } from './presence.ts';
import { makeRounds, type Rounds } from './rounds.ts';
import { putSetting, settingOf } from './settings.ts';

/**
 * R19: watches how loaded the inbound queues are while a task runs, and keeps their agents for callers meanwhile (shared/blending.ts). What
 * the exchange says of callers and what presence says of agents goes into one row, which every instance reads; the one that comes first in
 * each round writes it.
 */
type Ports = {
  readonly db: Db;
  readonly pbx: Pbx;
  readonly clock: Clock;
  readonly log: Log;
  readonly policy: Policy;
};

const lookMs = 2_000;
/** Another instance has just looked. */
const lookedMs = lookMs / 2;

export const openBlending = (ports: Ports): Pick<Rounds, 'settled' | 'close'> => {
  const { db, pbx, clock, log } = ports;
  let isAway = false;
  const go = async (): Promise<void> => {
    const running = await firstRow(db, statement`select 1 as one from task where state ->> 'kind' = 'running' limit 1`);
    if (running === undefined) return;
    // Not inside the transaction: the exchange may be slow.
    const queues = await pbx.queues();
    await transaction(db, (tx) => look(tx, ports, queues));
    isAway = false;
  };
  // Once while it lasts: an exchange that is away is told of elsewhere, and nothing is decided on old numbers.
  const rounds = makeRounds(clock, lookMs, go, (fault) => {
    if (!isAway) log.warn(faultFields(fault), 'queues not looked at; tried again');
    isAway = true;
  });
  rounds.begin();
  return rounds;
};

const key = 'blending';
const Blends = z.record(z.string(), QueueBlend);
const read = (value: unknown): Readonly<Record<string, QueueBlend>> => {
  const kept = Blends.safeParse(value);
  return kept.success ? kept.data : {};
};

/** Why this agent is given no customer of a task now; undefined: they are. */
export const shiftFor = async (db: Db, queues: readonly string[], nowMs: number): Promise<Shift | undefined> =>
  queues.length === 0 ? undefined : shiftOf(read(await settingOf(db, key)), queues, nowMs);

/** Told with every answer to an agent who asks for a customer: leads see who is kept, and since when. */
export const noteShift = async (db: Db, agentId: string, shift: Shift | undefined, nowMs: number): Promise<void> =>
  shift === undefined
    ? run(db, statement`delete from shifted_agent where agent_id = ${agentId}`)
    : run(
        db,
        statement`
          insert into shifted_agent as kept (agent_id, queue, why, since_ms, seen_at_ms)
          values (${agentId}, ${shift.queue}, ${shift.why}, ${nowMs}, ${nowMs})
          on conflict (agent_id) do update set queue = excluded.queue, why = excluded.why, seen_at_ms = excluded.seen_at_ms,
            since_ms = case when kept.seen_at_ms > ${nowMs - shiftSeenMs} then kept.since_ms else excluded.since_ms end`,
      );
/** A seat that takes tasks asks every ten seconds meanwhile. */
const shiftSeenMs = 25_000;

/** For leads: the queues' switches, and whom they keep. */
export const shiftsNow = async (
  db: Db,
  isOfLead: (queue: string) => boolean,
  nowMs: number,
): Promise<{
  readonly switches: QueueSwitch[];
  readonly byAgent: ReadonlyMap<string, z.infer<typeof ShiftedAgent>>;
}> => {
  const blends = read(await settingOf(db, key));
  const kept = await rows(
    db,
    statement<z.infer<typeof ShiftedAgent> & { id: string }>`
      select agent_id as id, queue, why, since_ms as "sinceMs" from shifted_agent where seen_at_ms > ${nowMs - shiftSeenMs}`,
  );
  return {
    switches: Object.keys(blends)
      .filter(isOfLead)
      .toSorted()
      .flatMap((queue) => switchOf(queue, blends[queue], nowMs) ?? [])
      .slice(0, 200),
    byAgent: new Map(kept.map(({ id, ...shift }) => [id, shift])),
  };
};

const look = async (tx: Tx, { clock, policy, log }: Ports, queues: readonly QueueState[]): Promise<void> => {
  await run(tx, statement`insert into setting (key, value) values (${key}, '{}') on conflict (key) do nothing`);
  const kept = await firstRow(
    tx,
    statement<{ value: unknown }>`select value from setting where key = ${key} for update`,
  );
  const before = read(kept?.value);
  const nowMs = clock.nowMs();
  if (Object.values(before).some(({ seenAtMs }) => Math.abs(nowMs - seenAtMs) < lookedMs)) return;
  const agents = await agentsByQueue(tx, nowMs);
  const after: Record<string, QueueBlend> = {};
  for (const { queue, waiting, longestWaitMs } of queues) {
    const load: QueueLoad = { waiting, longestWaitMs, ...(agents.get(queue) ?? { free: 0, ringing: 0 }) };
    const blend = nextBlend(before[queue], load, blendingOf(policy), nowMs);
    after[queue] = blend;
    const was = before[queue];
    if ((was !== undefined && isCurrent(was, nowMs) ? was.kind : 'open') !== blend.kind)
      log.info({ queue, ...load }, blend.kind === 'loaded' ? 'agents kept for callers' : 'agents take tasks again');
  }
  await putSetting(tx, key, after);
  const loaded = Object.entries(after).flatMap(([queue, { kind }]) => (kind === 'loaded' ? [queue] : []));
  // R25: the dialler reckons with them no more.
  await run(
    tx,
    statement`
      update dialler_agent set is_shifted = agent.queues && ${loaded}::text[]
      from agent where agent.id = dialler_agent.agent_id and is_shifted <> (agent.queues && ${loaded}::text[])`,
  );
};

const agentsByQueue = async (
  db: Db,
  nowMs: number,
): Promise<ReadonlyMap<string, Pick<QueueLoad, 'free' | 'ringing'>>> => {
  const found = await rows(
    db,
    statement<{ queue: string; free: number; ringing: number }>`
      select queue,
        count(*) filter (where state ->> 'kind' = 'ready' and state ->> 'aside' is null)::int as free,
        count(*) filter (where state ->> 'kind' = 'reserved')::int as ringing
      from presence join agent on agent.id = presence.agent_id cross join unnest(agent.queues) as queue
      where presence.session_id is not null and presence.live_seen_at_ms >= ${nowMs - liveGraceMs} group by queue`,
  );
  return new Map(found.map(({ queue, ...counted }) => [queue, counted]));
};
