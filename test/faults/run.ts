import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chanceOf } from '../fuzz/chance.ts';
import { makePacemaker } from './bent-clock.ts';
import type { Instance } from './central.ts';
import { makeInstance } from './central.ts';
import type { Carrier } from './carrier.ts';
import { makeCarrier } from './carrier.ts';
import { check, passes } from './check.ts';
import { collect, collectAgain } from './collect.ts';
import { makeCounts } from './counts.ts';
import type { History, Violation } from './history.ts';
import { Plan } from './plan.ts';
import type { Planted } from './planted.ts';
import type { Proxy } from './proxy.ts';
import { spentMs } from './program.ts';
import { startProxy } from './proxy.ts';
import { scratchFolder } from './scratch.ts';
import type { Seat } from './seat.ts';
import { makeSeat } from './seat.ts';
import { makeWitness } from './witness.ts';
import { Worker } from './work.ts';
import type { World } from './world.ts';

export type RunOptions = {
  readonly seed: number;
  readonly ops: number;
  readonly seats: number;
  readonly plant?: readonly Planted[] | undefined;
  /** What is left of a failed run goes here. */
  readonly keepIn: string;
};

export type RunResult = {
  readonly seed: number;
  /** Committed at the seats. */
  readonly ops: number;
  readonly refused: number;
  /** How many of each kind. */
  readonly kinds: Readonly<Record<string, number>>;
  readonly seconds: number;
  readonly cost: Cost;
  /** Of the seats to central. */
  readonly requests: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly violations: readonly Violation[];
  /** Where the histories of a failed run lie. */
  readonly kept: string | undefined;
};

/** Where the time went, in seconds: the wall's by the parts of a run, the processor's by who used it. */
export type Cost = {
  readonly wall: { readonly start: number; readonly work: number; readonly settle: number; readonly check: number };
  readonly processor: Readonly<Record<'run' | 'seats' | 'central' | 'database', number>>;
};

const settleMs = 300_000;
const timelineMs = 40_000;
/** Events come from the seats' work; when all of it is blocked, from the clock. */
const stallMs = 20;
export const runSeed = async (world: World, options: RunOptions): Promise<RunResult> => {
  const { seed, ops } = options;
  const startedMs = performance.now();
  const folder = mkdtempSync(join(scratchFolder(), `${seed}-`));
  const crashes: string[] = [];
  const cost = costing(world);
  const run = await begin(world, options, folder, crashes);
  cost.over('start');
  const { plan, workers, seats, witness, counts } = run;
  try {
    await work(run, ops);
    cost.over('work');
    await plan.heal();
    const untilMs = Date.now() + settleMs;
    await Promise.all(workers.map((worker) => worker.finish(() => Date.now() > untilMs || crashes.length > 0)));
    await run.carrier.settled(() => Date.now() > untilMs);
    cost.over('settle');
    const history = await settled({ ...run, world, logs: logsIn(folder) });
    const violations: Violation[] = [
      ...crashes.map((what) => ({ kind: 'crash' as const, what })),
      ...witness.faults.map((what) => ({ kind: 'draft' as const, what })),
      ...check(history),
    ];
    const kinds = makeCounts();
    for (const { journal } of history.seats) for (const { body } of journal) kinds.add(body.name);
    kinds.add('text.reply', history.texts.kept.length);
    kinds.add('task.reserved', history.outbound.grants.length);
    const kept = violations.length === 0 ? undefined : keep(options, folder, history, violations);
    cost.over('check');
    const { requests = 0, ...faults } = counts.all();
    return {
      seed,
      ops: history.seats.reduce((sum, { journal }) => sum + journal.length, 0),
      refused: seats.reduce((sum, { shownRefused }) => sum + shownRefused.size, 0),
      kinds: kinds.all(),
      seconds: (performance.now() - startedMs) / 1_000,
      cost: cost.all(),
      requests,
      faults,
      violations,
      kept,
    };
  } finally {
    await end(run);
    world.drop(run.databaseUrl);
    rmSync(folder, { recursive: true, force: true });
  }
};

const costing = (world: World) => {
  const processorMs = () => {
    const { user, system } = process.cpuUsage();
    const [seats, central] = [spentMs('./seat-process.ts'), spentMs('./central-process.ts')];
    return { run: (user + system) / 1_000, seats, central, database: world.databaseMs() };
  };
  const before = processorMs();
  const wall = { start: 0, work: 0, settle: 0, check: 0 };
  let sinceMs = performance.now();
  return {
    over: (part: keyof typeof wall): void => {
      const nowMs = performance.now();
      wall[part] = (nowMs - sinceMs) / 1_000;
      sinceMs = nowMs;
    },
    all: (): Cost => {
      const now = processorMs();
      const since = (who: keyof typeof now): number => (now[who] - before[who]) / 1_000;
      return {
        wall,
        processor: { run: since('run'), seats: since('seats'), central: since('central'), database: since('database') },
      };
    },
  };
};

type Run = Awaited<ReturnType<typeof begin>>;

const begin = async (world: World, options: RunOptions, folder: string, crashes: string[]) => {
  const { seed, ops } = options;
  const crashed = (what: string): void => void crashes.push(what);
  const hasCrashed = (): boolean => crashes.length > 0;
  const clock = makePacemaker(world.epochMs);
  const databaseUrl = world.copy();
  const counts = makeCounts();
  const sent = new Set<string>();
  const carrier: Carrier = makeCarrier({
    ...{ chance: chanceOf(seed, 2_000), counts, instances: () => instances },
    nowMs: () => Math.round(clock.pace().epochMs),
  });
  const instances: readonly Instance[] = logsIn(folder).map((log) =>
    makeInstance({ databaseUrl, plant: options.plant ?? [], log }, clock, { crashed, carrier }),
  );
  const proxy: Proxy = await startProxy({
    ...{ seed, seats: options.seats, instances: instances.length, counts },
    portOf: (n) => instances[n]?.port(),
    sent: (id) => void sent.add(id),
    took: (ms) => {
      const pace = clock.answered(ms);
      if (pace !== undefined) for (const process of [...seats, ...instances]) process.pace(pace);
    },
  });
  const done = { ops: 0 };
  const seats: readonly Seat[] = Array.from({ length: options.seats }, (_, number) =>
    makeSeat({
      ...{ number, folder, clock, crashed },
      centralUrl: proxy.urlOf(number),
      committed: (count) => void (done.ops += count),
    }),
  );
  const witness = makeWitness();
  const offered: string[] = [];
  const last = { tickMs: 0 };
  const tick = (): void => {
    last.tickMs = Date.now();
    plan.tick();
  };
  const workers = seats.map(
    (seat) =>
      new Worker({
        ...{ seat, witness, offered, tick, operator: world.operator },
        // A refusal kept silent needs a refusal.
        offeredAgainIn: options.plant?.includes('silence') === true ? 4 : 30,
        chance: chanceOf(seed, 1_000 + seat.number),
        isOver: () => done.ops >= ops || hasCrashed(),
        inBentMs: (ms) => ms / clock.pace().speed,
      }),
  );
  const spacing = Math.max(16, Math.min(160, Math.round(ops / 25)));
  const plan = new Plan({ ...{ proxy, seats, workers, instances, counts, spacing }, chance: chanceOf(seed, 1) });
  const isStalled = (): boolean => Date.now() - last.tickMs > stallMs;
  const run = {
    clock,
    carrier,
    done,
    proxy,
    instances,
    seats,
    workers,
    witness,
    plan,
    counts,
    sent,
    databaseUrl,
    isStalled,
  };
  try {
    await Promise.all(instances.map((instance) => instance.start()));
    await Promise.all(seats.map((seat) => seat.start()));
    return run;
  } catch (fault) {
    await end(run);
    throw fault;
  }
};

const work = async (run: Run, ops: number): Promise<void> => {
  const { workers, plan, isStalled } = run;
  const stalled = setInterval(() => {
    if (isStalled()) plan.tick(true);
  }, stallMs);
  // Far below what is expected: something hangs, and the run says so instead of hanging too.
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new Error(`the work did not come to its end: ${whereItStands(run)}`)),
    300_000 + ops * 300,
  );
  try {
    await Promise.race([Promise.all(workers.map((worker) => worker.run())), late.promise]);
  } finally {
    clearTimeout(timer);
    clearInterval(stalled);
  }
};

const whereItStands = ({ seats, done, plan, clock }: Run): string =>
  [
    `${done.ops} ops, ${plan.ticks} events, ${clock.pace().speed.toFixed(1)} times as fast`,
    ...seats.map((seat) => {
      const view = seat.view();
      if (view === undefined) return `seat ${seat.number} is down`;
      const { session, agent, sync } = view;
      return `seat ${seat.number} ${session.kind}, ${agent.kind}, ${JSON.stringify(sync)}`;
    }),
  ].join('; ');

/** What another seat did last is still on its way to this one: only that is waited for. */
const settled = async (of: Parameters<typeof collect>[0]): Promise<History> => {
  const untilMs = Date.now() + timelineMs;
  let history = await collect(of);
  for (;;) {
    const found = check(history);
    if (found.length === 0 || !found.every(passes) || Date.now() > untilMs) return history;
    await new Promise((done) => void setTimeout(done, 300));
    history = await collectAgain(history, of);
  }
};

/** Of each instance of central. */
const logsIn = (folder: string): readonly string[] => [0, 1].map((n) => join(folder, `central-${n}.log`));

const end = async ({ seats, instances, proxy, carrier }: Run): Promise<void> => {
  carrier.close();
  for (const process of [...seats, ...instances]) process.thaw();
  await Promise.all(seats.map((seat) => seat.kill()));
  await Promise.all(instances.map((instance) => instance.kill()));
  await proxy.close();
};

const keep = (
  { seed, keepIn }: RunOptions,
  folder: string,
  history: History,
  violations: readonly Violation[],
): string => {
  const into = join(keepIn, String(seed));
  rmSync(into, { recursive: true, force: true });
  mkdirSync(into, { recursive: true });
  const write = (name: string, rows: Iterable<unknown>): void =>
    writeFileSync(join(into, name), [...rows].map((row) => `${JSON.stringify(row)}\n`).join(''));
  write('violations.jsonl', violations);
  write('central-ops.jsonl', history.central);
  write('central-contacts.jsonl', history.contacts);
  write('central-work.jsonl', history.work);
  write('central-grants.jsonl', history.outbound.grants);
  write('central-entries.jsonl', history.outbound.entries);
  write('central-replies.jsonl', history.texts.kept);
  write('promises.jsonl', history.promises);
  for (const [index, seat] of history.seats.entries()) {
    write(`seat-${index}-journal.jsonl`, seat.journal);
    write(`seat-${index}-refused.jsonl`, seat.shownRefused);
    copyLog(join(folder, `seat-${index}`, 'log'), join(into, `seat-${index}.log`));
  }
  for (const [index, log] of logsIn(folder).entries()) copyLog(log, join(into, `central-${index}.log`));
  return into;
};

const copyLog = (from: string, to: string): void => {
  if (existsSync(from)) copyFileSync(from, to);
};
