import { z } from 'zod';
import { QueueBlend } from '../../shared/blending.ts';
import type { Db } from '../../central/db.ts';
import { firstRow, statement } from '../../central/db.ts';
import type { Centre } from './centre.ts';
import type { Check, Day } from './days.ts';
import { sleep, until } from './days.ts';
import type { QueueSeat, TakenCall } from './queue-seat.ts';

/** Shorter than an operator has it, so that a run takes a minute. */
export const blending = { strainSeconds: 3, calmSeconds: 10 };
/** Central looks every two seconds, and what lasts begins at a look. */
const looksMs = 2 * 2_000 + 1_000;
const queue = 'marketing';
const wrote = '13900139001';
const hotText = '畅享套餐 5 折，来电 10000 办理。';

/**
 * R19 and R26 where callers wait in a real app_queue: two instances of central see them over AMI, keep the agents for them and give them back,
 * and read one switch, which does not flap; the one that is killed is not missed. Then somebody who had a text of a task calls.
 */
export const blendingDay = async (centre: Centre): Promise<Day> => {
  const { clock, database, pbx, witness } = centre;
  const [first, second] = [await centre.startCentral(), await centre.startCentral()];
  const task = await centre.startTask({ mode: 'preview' });
  const [one, two, three] = await centre.queueSeats();
  if (one === undefined || two === undefined || three === undefined) throw new Error('three agents are needed');
  const seats = [one, two, three];
  const { sip, queues } = pbx.descriptor;
  const calls = (from: string) => witness.customerCalls(from, queues.marketing, sip);
  const watched = watchBlend(database.db);
  const wrong = { wins: [] as string[], load: [] as string[], killed: [] as string[], back: [] as string[] };

  // A preview on view does not keep a caller waiting.
  await one.ready();
  await until(async () => (await one.next()).item !== null, 10_000);
  const shown = one.onView()?.number;
  if (shown === undefined) wrong.wins.push('nobody was on view');
  await sleep(1_000);
  const enteredMs = clock.nowMs();
  const hangUps = [await calls('13700137001')];
  const inCall = (seat: QueueSeat): TakenCall | undefined =>
    seat.calls.find(({ answeredMs }) => answeredMs !== undefined);
  if (!(await until(() => inCall(one) !== undefined, 10_000))) wrong.wins.push('the caller was not answered');
  const won = inCall(one);
  if (won?.gaveWay !== shown) wrong.wins.push(`${won?.gaveWay ?? 'nobody'} gave way for the call, not ${shown ?? ''}`);
  const isBack = await until(() => isWaiting(database.db, shown ?? ''), 5_000);
  if (!isBack) wrong.wins.push('who was on view did not go back to the others');

  // Two more, and nobody is free.
  const strainedMs = clock.nowMs();
  hangUps.push(await calls('13700137002'), await calls('13700137003'));
  await until(() => watched.now() === 'loaded', 20_000);
  const loadedMs = clock.nowMs() - strainedMs;
  if (loadedMs > blending.strainSeconds * 1_000 + looksMs) wrong.load.push(`kept for callers after ${loadedMs} ms`);
  for (const url of [first.url, second.url]) {
    const { item, why, shift } = await two.next(url);
    if (item !== null || why !== 'inboundFirst' || shift?.queue !== queue)
      wrong.load.push(`an instance gave ${item?.number ?? why ?? 'nothing'}`);
  }

  await first.kill();
  const killedMs = clock.nowMs();
  await two.ready();
  await three.ready();
  const isAnswered = await until(() => seats.every((seat) => inCall(seat) !== undefined), 15_000);
  if (!isAnswered) wrong.killed.push('who waited was not answered');
  const goesOn = await until(() => watched.seenAtMs() > killedMs + 1_000, 8_000);
  if (!goesOn) wrong.killed.push('nobody looked after the queue any more');
  const lookedOnMs = clock.nowMs() - killedMs;
  if ((await two.next()).why !== 'inboundFirst') wrong.killed.push('the other instance did not keep them');

  for (const hangUp of hangUps) await hangUp();
  await until(() => seats.every((seat) => inCall(seat)?.endedMs !== undefined), 10_000);
  const endedMs = clock.nowMs();
  await until(() => watched.now() === 'open', blending.calmSeconds * 1_000 + 4 * looksMs);
  const calmMs = clock.nowMs() - endedMs;
  if (calmMs < blending.calmSeconds * 1_000) wrong.back.push(`given back after ${calmMs} ms of calm`);
  if (calmMs > blending.calmSeconds * 1_000 + 2 * looksMs) wrong.back.push(`given back only after ${calmMs} ms`);
  if ((await one.next()).item === null) wrong.back.push('no customer of the task afterwards');
  await one.next();
  const kinds = watched.stop();
  if (kinds.join() !== 'open,loaded,open') wrong.back.push(`it went ${kinds.join(', ')}`);

  const hot = await hotCall(centre, seats, calls);
  const strangers = seats.flatMap((seat) => seat.calls.filter(({ from, hot: of }) => from !== wrote && of !== null));
  if (strangers.length > 0) hot.wrong.push('a caller who had no text was taken for one');
  const report = {
    ...{ seconds: Math.round((clock.nowMs() - enteredMs) / 1_000), rangMs: (won?.rangMs ?? Number.NaN) - enteredMs },
    ...{ loadedMs, lookedOnMs, calmMs, kinds, hot: hot.report, task: task.taskId },
  };
  const checked: Check[] = [
    { name: 'R19 a caller is answered by the agent who has a preview on view, and it goes back', wrong: wrong.wins },
    { name: 'R19 callers whom nobody takes: both instances keep the agents for them', wrong: wrong.load },
    { name: 'R19 one instance is killed: callers are answered, and the other one goes on', wrong: wrong.killed },
    { name: 'R19 tasks come back after the calm, once, and nothing flapped', wrong: wrong.back },
    { name: 'R26 who had a text calls in: the task, its script, and its contact', wrong: hot.wrong },
    { name: 'seats are never refused', wrong: seats.flatMap(({ faults }) => faults) },
    { name: 'central did not fall', wrong: centre.crashed },
  ];
  return { report, checked };
};

const hotCall = async (
  { clock, database, startTask, ask }: Centre,
  seats: readonly QueueSeat[],
  calls: (from: string) => Promise<() => Promise<void>>,
) => {
  const wrong: string[] = [];
  const { taskId, lead } = await startTask({ mode: 'preview', hot: { text: hotText, waitHours: 24 } }, [wrote]);
  const beganMs = clock.nowMs();
  const isSent = await until(async () => (await textsSent(database.db, taskId)) === 1, 20_000, 100);
  if (!isSent) wrong.push('no text went out');
  const sentMs = clock.nowMs() - beganMs;
  const hangUp = await calls(wrote);
  const theirs = (): TakenCall | undefined => seats.flatMap((seat) => seat.calls).find(({ from }) => from === wrote);
  await until(() => theirs()?.answeredMs !== undefined && theirs()?.hot !== undefined, 15_000);
  const call = theirs();
  if (call === undefined) wrong.push('nobody was rung with their number');
  else if (call.hot?.grant.taskId !== taskId || call.hot.scriptId !== 'upgrade')
    wrong.push(`it came as ${JSON.stringify(call.hot ?? null)}`);
  await hangUp();
  const reached = async (): Promise<number> =>
    (await ask('tasks', {}, lead)).tasks.find(({ id }) => id === taskId)?.figures.reached ?? 0;
  if (!(await until(async () => (await reached()) === 1, 10_000, 100))) wrong.push('it is no contact of the task');
  return { wrong, report: { sentMs } };
};

const textsSent = async (db: Db, taskId: string): Promise<number> =>
  (
    await firstRow(
      db,
      statement<{ n: number }>`
        select count(*)::int as n from hot_text where task_id = ${taskId} and sent_at_ms is not null`,
    )
  )?.n ?? 0;

const isWaiting = async (db: Db, key: string): Promise<boolean> =>
  (await firstRow(db, statement`select 1 as one from task_entry where key = ${key} and state = 'waiting'`)) !==
  undefined;

const Kept = z.record(z.string(), QueueBlend);
/** The switch as every instance reads it, ten times a second. */
const watchBlend = (db: Db) => {
  const kinds: QueueBlend['kind'][] = [];
  let seenAtMs = 0;
  let isStopped = false;
  const look = async (): Promise<void> => {
    const row = await firstRow(db, statement<{ value: unknown }>`select value from setting where key = 'blending'`);
    const kept = Kept.safeParse(row?.value).data?.[queue];
    if (kept !== undefined) {
      ({ seenAtMs } = kept);
      if (kinds.at(-1) !== kept.kind) kinds.push(kept.kind);
    }
    if (!isStopped) setTimeout(() => void look().catch(() => undefined), 100);
  };
  void look().catch(() => undefined);
  return {
    now: (): QueueBlend['kind'] | undefined => kinds.at(-1),
    seenAtMs: (): number => seenAtMs,
    stop: (): readonly QueueBlend['kind'][] => {
      isStopped = true;
      return kinds;
    },
  };
};
