import type { Db } from '../../central/db.ts';
import { firstRow, statement } from '../../central/db.ts';
import type { Centre } from './centre.ts';
import type { Report } from './judge.ts';
import { reportOf, watchReservations, writtenCalls, wronglyClassified } from './judge.ts';
import type { Ask, SimulatedSeat } from './seats.ts';
import type { SeenCall } from './witness.ts';

/** A check and what was found against it; empty: it holds. */
export type Check = { readonly name: string; readonly wrong: readonly string[] };
export type Day = { readonly report: object; readonly checked: readonly Check[] };
type Of = { readonly seconds: number; readonly agents: number };
type Task = Awaited<ReturnType<Centre['startTask']>>;

const promised = 0.03;
/** Fewer answers cannot show a share: of so few, one may be lost by chance. */
const enoughAnswers = 100;
const silenceMs = 2_000;
const stopMs = 1_000;
export const sleep = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));
export const until = async (
  holds: () => boolean | Promise<boolean>,
  withinMs: number,
  everyMs = 20,
): Promise<boolean> => {
  const endMs = Date.now() + withinMs;
  while (!(await holds())) {
    if (Date.now() > endMs) return false;
    await sleep(everyMs);
  }
  return true;
};

/** Twenty agents and one instance: dials for a while, and is paused while customers' telephones ring. */
export const plainDay = async (centre: Centre, { seconds, agents }: Of): Promise<Day> => {
  const { clock, database, witness } = centre;
  await centre.startCentral();
  const reservations = watchReservations(database, witness);
  const task = await centre.startTask();
  const fromMs = clock.nowMs();
  const seats = await centre.seat();
  const pacing = watchPacing(centre.ask, task.lead);
  await sleep(seconds * 1_000);
  const stopped = await stopIt(centre, task);
  const seen = pacing.seen();
  const written = await writtenCalls(database);
  const floor = { witness, written, agents };
  const report = reportOf(floor, fromMs, stopped.atMs);
  const { utilisation } = reportOf(floor, (fromMs + stopped.atMs) / 2, stopped.atMs);
  const checked = [
    ...promisesOf(report),
    { name: 'R25 told to stop, nothing is called and nothing rings within a second', wrong: stopped.wrong },
    ...common(centre, seats, await reservations.missing()),
    {
      name: 'outcomes are what the customers did',
      wrong: wronglyClassified(centre.customers, witness, written, stopped.atMs),
    },
    { name: 'enough was called to show anything', wrong: report.answered < 30 ? [`${report.answered} answered`] : [] },
  ];
  const { stop } = stopped;
  return { report: { ...report, laterUtilisation: utilisation, pacing: seen, stop }, checked };
};

const promisesOf = ({ answered, abandoned, silenceMs: { p95 } }: Report): readonly Check[] => {
  const most = answered >= enoughAnswers ? promised * answered : Math.max(1, Math.floor(promised * answered));
  return [
    {
      name: `R25 at most 3 % of the answered abandoned`,
      wrong: abandoned > most ? [`${abandoned} of ${answered}`] : [],
    },
    {
      name: 'R25 silence at most 2 s (p95, answer to agent)',
      wrong: p95 === null || p95 > silenceMs ? [`${p95 ?? 'nobody met'} ms`] : [],
    },
  ];
};

const common = (centre: Centre, seats: readonly SimulatedSeat[], missing: readonly string[]): readonly Check[] => [
  { name: 'no number is rung twice', wrong: rungTwice(centre) },
  { name: 'R21 every call has its grant and reservation before the exchange begins it', wrong: missing },
  {
    name: 'seats hear whose call it is before it rings, and are never refused',
    wrong: seats.flatMap((one) => one.faults),
  },
  { name: 'central did not fall', wrong: centre.crashed },
];

const rungTwice = ({ witness }: Centre): readonly string[] =>
  [...witness.rung].flatMap(([number, times]) => (times > 1 ? [`${number}: ${times} times`] : []));

/** How the task was dialled, second by second, as a lead sees it. */
const watchPacing = (ask: Ask, lead: string): { readonly seen: () => Readonly<Record<string, number>> } => {
  const seen: Record<string, number> = {};
  const timer = setInterval(() => {
    void ask('tasks', {}, lead).then(
      ({ tasks }) => {
        const pacing = tasks[0]?.pacing;
        const key = pacing === null || pacing === undefined ? 'none' : `${pacing.mode}: ${pacing.why}`;
        seen[key] = (seen[key] ?? 0) + 1;
      },
      () => undefined,
    );
  }, 1_000);
  return {
    seen: () => {
      clearInterval(timer);
      return seen;
    },
  };
};

const ringing = ({ answeredMs, endedMs }: SeenCall): boolean => answeredMs === undefined && endedMs === undefined;

/** Pauses the task while telephones ring, and waits until what was answered is over. */
const stopIt = async ({ witness, clock, ask, database }: Centre, { taskId, revision, lead }: Task) => {
  const calls = (): readonly SeenCall[] => [...witness.calls.values()];
  const wrong: string[] = [];
  if (!(await until(() => calls().filter(ringing).length >= 3, 20_000))) wrong.push('nothing rang when it was paused');
  const rang = calls().filter(ringing);
  const atMs = clock.nowMs();
  await ask('taskMove', { taskId, revision, move: 'pause' }, lead);
  const answeredMs = clock.nowMs() - atMs;
  await sleep(3_000);
  const begun = calls().filter(({ beganMs }) => beganMs > atMs);
  const letGo = [...rang, ...begun]
    .filter((call) => call.answeredMs === undefined)
    .map(({ endedMs }) => (endedMs ?? Number.POSITIVE_INFINITY) - atMs);
  const last = Math.max(0, ...begun.map(({ beganMs }) => beganMs - atMs));
  const took = Math.max(0, ...letGo);
  if (last > stopMs) wrong.push(`called ${last} ms after`);
  if (took > stopMs) wrong.push(`rang ${took} ms after`);
  const isOver = await until(() => calls().every(({ endedMs }) => endedMs !== undefined), 40_000, 100);
  const isWritten = await until(async () => (await openCalls(database.db)) === 0, 5_000, 100);
  if (!isOver || !isWritten) wrong.push('calls were not over in the end');
  const stop = { rang: rang.length, pausedMs: answeredMs, lastCallMs: last, lastRingMs: took };
  return { atMs, wrong, stop };
};

const openCalls = async (db: Db): Promise<number> =>
  (await firstRow(db, statement<{ n: number }>`select count(*)::int as n from dialler_call where outcome is null`))
    ?.n ?? 0;
const dialledBy = async (db: Db): Promise<string | undefined> =>
  (await firstRow(db, statement<{ instance: string }>`select instance from dialler_task`))?.instance;

/** Of the two seconds a customer waits, enough is left to find an agent. */
const takeOverMs = 1_500;
/** Two instances as processes of their own; the one that dials is killed, and the other goes on with its calls. */
export const killedDay = async (centre: Centre, { agents }: Of): Promise<Day> => {
  const { clock, database, witness } = centre;
  const first = await centre.startCentral();
  const reservations = watchReservations(database, witness);
  const task = await centre.startTask();
  const wrong: string[] = [];
  if (!(await until(async () => (await dialledBy(database.db)) !== undefined, 10_000))) wrong.push('nobody dialled');
  const before = await dialledBy(database.db);
  await centre.startCentral();
  const seats = await centre.seat();
  const fromMs = clock.nowMs();
  await sleep(25_000);
  if ((await dialledBy(database.db)) !== before) wrong.push('the task changed hands before anybody died');
  await first.kill();
  const killedMs = clock.nowMs();
  const inHand = [...witness.calls.values()].filter(({ endedMs }) => endedMs === undefined).length;
  await until(async () => (await dialledBy(database.db)) !== before, 2 * takeOverMs);
  const takenMs = clock.nowMs();
  const calledAgain = (): SeenCall | undefined => [...witness.calls.values()].find(({ beganMs }) => beganMs > takenMs);
  await until(() => calledAgain() !== undefined, 20_000);
  await sleep(20_000);
  const stopped = await stopIt(centre, task);
  const written = await writtenCalls(database);
  const report = reportOf({ witness, written, agents }, fromMs, stopped.atMs);
  const tookMs = takenMs - killedMs;
  const againMs = (calledAgain()?.beganMs ?? Number.POSITIVE_INFINITY) - killedMs;
  if (tookMs > takeOverMs) wrong.push(`taken over after ${tookMs} ms`);
  if (againMs > takeOverMs + 6_000) wrong.push(`called again after ${againMs} ms`);
  const gap = written.filter(({ reservedAtMs }) => reservedAtMs <= takenMs && reservedAtMs > killedMs - 30_000);
  const misread = wronglyClassified(centre.customers, witness, written, stopped.atMs);
  const checked = [
    { name: 'R25 the other instance goes on within seconds', wrong },
    { name: 'R25 told to stop, nothing is called and nothing rings within a second', wrong: stopped.wrong },
    ...common(centre, seats, await reservations.missing()),
    { name: 'outcomes are what the customers did, also of calls nobody watched', wrong: misread },
  ];
  const waitedThen = [...witness.calls.values()].filter(
    ({ answeredMs = 0 }) => answeredMs > killedMs - silenceMs && answeredMs <= takenMs + silenceMs,
  );
  const lost = waitedThen.filter(({ abandonedMs }) => abandonedMs !== undefined).length;
  const took = {
    ...{ inHand, takenOverMs: tookMs, calledAgainMs: againMs, around: gap.length },
    ...{ answeredAround: waitedThen.length, abandonedAround: lost },
  };
  return { report: { ...report, stop: stopped.stop, kill: took }, checked };
};
