import { cpus, loadavg, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import type { Statistic } from './measure/statistics.ts';
import { usualPace } from './phone/calls.ts';
import { type Figure, figuresOf, figureTable, own, summaryOf } from './phone/figures.ts';
import { sleep } from './phone/journal.ts';
import { type ContenderName, contenderNames, type Lab, type Opened, openLab } from './phone/lab.ts';
import { callLoad } from './phone/load.ts';
import { dropInCalls, dropSockets, halfOpen, killPages, outages, type Waited } from './phone/recovery.ts';
import { reloadDesk } from './phone/reload.ts';
import { alternate, byStun, callsOf, deadStun, sideBySide, silentOf, type Taken } from './phone/side-by-side.ts';
import { soak } from './phone/soak.ts';
import { type StunState, stunStates } from './phone/stun-states.ts';
import { storm } from './phone/storm.ts';

/**
 * `npm run bench -- phone`: our built pages in Chromium beside SIP.js, JsSIP and Browser-Phone's settings, one far end, one run, and
 * the floor: the same browser and far end without a library. The far end is a lean one in this process; ringing the seat it behaves
 * like the PBX's own leg (full ICE, deaf before it has the answer).
 *
 * The last line is a summary: the targets that were met, missed or not measured, and the parts that threw.
 *
 *   --calls N       calls each way and contender (30)
 *   --stun-calls N  calls each way of our phone in each state of its STUN server (15); 250 is the long form: 500 calls in each
 *   --stun a,b      only these states: none, answering, dead, unresolvable, dead-turn, turn
 *   --together      those at the same time: shorter, and the machine is busy; for counting silent calls, not for times
 *   --soak N        short calls in one session, for what they leave behind (500)
 *   --seats N       seats of the storm (800)
 *   --parts a,b     only these of: registration, calls, stun, load, reload, drop, back, half-open, reattach, soak, storm
 */
const parts = [
  'registration',
  'calls',
  'stun',
  'load',
  'reload',
  'drop',
  'back',
  'half-open',
  'reattach',
  'soak',
  'storm',
] as const;
type Part = (typeof parts)[number];

const { values } = parseArgs({
  options: {
    calls: { type: 'string', default: '30' },
    'stun-calls': { type: 'string', default: '15' },
    stun: { type: 'string', default: stunStates.join(',') },
    together: { type: 'boolean', default: false },
    soak: { type: 'string', default: '500' },
    seats: { type: 'string', default: '800' },
    parts: { type: 'string', default: parts.join(',') },
  },
});
const wholeNumber = (text: string): number => {
  if (!/^[1-9]\d{0,4}$/.test(text)) throw new Error(`not a whole number from 1 to 99999: ${text}`);
  return Number(text);
};
const someOf = <T extends string>(all: readonly T[], text: string): readonly T[] =>
  text.split(',').map((name) => {
    const known = all.find((one) => one === name);
    if (known === undefined) throw new Error(`"${name}" is none of ${all.join(', ')}`);
    return known;
  });
const wanted = {
  parts: someOf(parts, values.parts),
  calls: wholeNumber(values.calls),
  stunCalls: wholeNumber(values['stun-calls']),
  stun: someOf(stunStates, values.stun),
  soak: wholeNumber(values.soak),
  drops: 20,
  otherDrops: 3,
  outages: 4,
  halfOpen: 6,
  registrations: 5,
  reloads: 4,
  kills: 4,
  seats: wholeNumber(values.seats),
};
/** Others are not waited for longer than this when a STUN server is dead. */
const deadStunLimitMs = 6_000;
/** The default run takes about a quarter of an hour on two free cores; longer forms get their time. */
const secondsPerCall = 2;
const longForm = wanted.stun.length * wanted.stunCalls * 2 + wanted.calls * contenderNames.length * 2 + wanted.soak;
const limitMs = 1_500_000 + Math.max(0, longForm - 980) * secondsPerCall * 1_000;

const figures: Figure[] = [];
const print = (more: readonly Figure[]): void => {
  for (const figure of more) {
    figures.push(figure);
    process.stdout.write(`${JSON.stringify(figure)}\n`);
  }
};
const say = (what: string): void => void process.stderr.write(`${(performance.now() / 1_000).toFixed(0)} s: ${what}\n`);
const machine = (lab: Lab): void => {
  const [load1Min = 0] = loadavg();
  const of = {
    cpus: cpus().length,
    cpu: cpus()[0]?.model ?? '',
    memoryMb: Math.round(totalmem() / 1_048_576),
    platform: `${process.platform} ${process.arch}`,
    node: process.versions.node,
    chromium: lab.browser.version(),
    load1Min: Math.round(load1Min * 100) / 100,
    at: new Date().toISOString(),
  };
  process.stdout.write(`${JSON.stringify({ bench: 'phone', machine: of })}\n`);
};

/** What a part threw; the others are measured all the same. */
const failedParts: string[] = [];
const counted = { calls: 0, silent: 0 };
const count = (calls: number, silent: number): void => {
  counted.calls += calls;
  counted.silent += silent;
};

const run = async (lab: Lab): Promise<void> => {
  const part = async (name: Part, work: () => Promise<void>): Promise<void> => {
    if (!wanted.parts.includes(name)) return;
    await work().catch((fault: unknown) => {
      failedParts.push(name);
      say(`${name} failed: ${fault instanceof Error ? (fault.stack ?? fault.message) : String(fault)}`);
    });
  };
  machine(lab);
  await part('registration', () => registration(lab));
  const ours = await lab.open(own, 'none');
  const others: Opened[] = [];
  for (const name of contenderNames) if (name !== own) others.push(await lab.open(name, 'none'));
  // What pages load after they are there.
  await sleep(1_000);
  let taken: ReadonlyMap<Opened, Taken> = new Map();
  await part('calls', async () => {
    say(`${wanted.calls} calls each way: ${contenderNames.join(', ')}`);
    taken = await alternate(lab, [ours, ...others], wanted.calls, say);
    print(sideBySide(taken));
    const mine = taken.get(ours);
    if (mine !== undefined) count(callsOf(mine), silentOf(mine));
  });
  await part('stun', async () => {
    for (const its of await stun(lab, taken, ours)) count(callsOf(its), silentOf(its));
  });
  const phones = others.filter(({ name }) => name !== 'floor');
  await part('load', () => load(lab, [ours, ...others]));
  await part('reload', () => reload(lab, ours));
  await part('drop', () => drop(lab, ours, phones));
  // Telephones that gave up are of no use any more: the next part gets fresh ones.
  await part('back', async () => back(lab, await afresh(lab, phones), ours));
  await part('half-open', async () => half(lab, await afresh(lab, phones), ours));
  await part('reattach', () => reattach(lab));
  await part('soak', () => soaked(lab));
  if (counted.calls > 0) {
    const one = { unit: 'calls', contender: own };
    print(figuresOf({ ...one, metric: 'calls_counted', samples: [counted.calls] }, ['max']));
    print(figuresOf({ ...one, metric: 'silent_calls', samples: [counted.silent] }, ['max']));
  }
  await lab.browser.close();
  await part('storm', async () => print(await storm(wanted.seats, say)));
  machine(lab);
};

const reattach = async (lab: Lab): Promise<void> => {
  say('the phone page killed in calls');
  const samples = await killPages(lab, () => lab.open(own, 'none'), wanted.kills);
  print(figuresOf({ metric: 'reattach_s', unit: 's', samples, contender: own }, ['p50', 'p95']));
};

const soaked = async (lab: Lab): Promise<void> => {
  say(`${wanted.soak} calls in one session`);
  const at = await lab.open(own, 'none');
  const { figures: its, silent } = await soak(lab, at, wanted.soak, say);
  print(its);
  count(wanted.soak, silent);
  await at.close();
};

const times = (
  metric: string,
  at: Opened,
  { samples, isGivenUp }: Waited,
  stats: readonly Statistic[] = ['p50', 'p95'],
) => print(figuresOf({ metric, unit: 'ms', samples, contender: at.name, isAtLeast: isGivenUp }, stats));

const afresh = async (lab: Lab, phones: readonly Opened[]): Promise<Opened[]> => {
  const fresh: Opened[] = [];
  for (const { name, close } of phones) {
    await close();
    fresh.push(await lab.open(name, 'none'));
  }
  return fresh;
};

/** From a socket asked for to the registrar's word, in pages that were just loaded. */
const registration = async (lab: Lab): Promise<void> => {
  say('registration');
  const samples = new Map<ContenderName, number[]>();
  for (let round = 0; round < wanted.registrations; round += 1)
    for (const name of contenderNames) {
      if (name === 'floor') continue;
      const at = await lab.open(name, 'none');
      await at.page.waitForFunction(() => window.probe.heard.some(({ start }) => start === '200 REGISTER'));
      const ms = await at.page.evaluate(() => {
        const { heard, opened } = window.probe;
        return (heard.find(({ start }) => start === '200 REGISTER')?.atMs ?? Number.NaN) - opened;
      });
      samples.set(name, [...(samples.get(name) ?? []), ms]);
      await at.close();
    }
  for (const [contender, its] of samples)
    print(figuresOf({ metric: 'registration_ms', unit: 'ms', samples: its, contender }, ['p50', 'p95']));
};

/** @returns our calls in each state */
const stun = async (lab: Lab, none: ReadonlyMap<Opened, Taken>, ours: Opened): Promise<readonly Taken[]> => {
  say(`${wanted.stunCalls} calls each way of ours with STUN servers: ${wanted.stun.join(', ')}`);
  const seats = new Map<Opened, StunState>();
  for (const state of wanted.stun) seats.set(await lab.open(own, state), state);
  await sleep(1_000);
  const busy = { answerLimitMs: 15_000, ringMs: usualPace.ringMs, patience: 5, isTogether: true };
  const pace = values.together ? busy : usualPace;
  const taken = await alternate(lab, [...seats.keys()], wanted.stunCalls, say, pace);
  const by = new Map<StunState, Taken>();
  for (const [at, its] of taken) {
    const state = seats.get(at);
    if (state !== undefined) by.set(state, its);
    await at.close();
  }
  print(byStun(by));
  const [mine, dead] = [by.get('none'), by.get('dead')];
  if (mine !== undefined && dead !== undefined) print(deadStun(own, mine, dead, false));
  for (const [other, its] of none) {
    if (other.name === 'floor' || other === ours) continue;
    say(`a dead STUN server: ${other.name}`);
    const theirs = await lab.open(other.name, 'dead');
    print(await otherDeadStun(lab, theirs, its));
    await theirs.close();
  }
  return [...by.values()];
};

/** One call each way is enough: they wait for a fixed time. */
const otherDeadStun = async (lab: Lab, at: Opened, none: Taken): Promise<Figure[]> => {
  const taken = (
    await alternate(lab, [at], 1, say, { ...usualPace, answerLimitMs: deadStunLimitMs, isCold: true })
  ).get(at);
  if (taken !== undefined && taken.inbound.length > 0) return deadStun(at.name, none, taken, false);
  const samples = [deadStunLimitMs];
  return figuresOf({ metric: 'dead_stun_extra_ms', unit: 'ms', samples, contender: at.name, isAtLeast: true }, ['p50']);
};

const drop = async (lab: Lab, ours: Opened, phones: readonly Opened[]): Promise<void> => {
  say('sockets dropped, in calls and without');
  const { waited, ghosts } = await dropInCalls(lab, ours, wanted.drops);
  times('reregister_after_drop_ms', ours, waited);
  print(figuresOf({ metric: 'ghost_calls', unit: 'calls', samples: [ghosts], contender: own }, ['max']));
  for (const [at, its] of await dropSockets(lab, phones, wanted.otherDrops)) times('reregister_after_drop_ms', at, its);
};

const back = async (lab: Lab, phones: readonly Opened[], ours: Opened): Promise<void> => {
  say('the server away and back');
  for (const [at, its] of await outages(lab, [ours, ...phones], wanted.outages))
    times('reregister_after_back_ms', at, its);
};

const half = async (lab: Lab, phones: readonly Opened[], ours: Opened): Promise<void> => {
  say('links that carry nothing any more');
  const idler = await lab.open(own, 'none');
  for (const [at, its] of await halfOpen(lab, ours, [idler, ...phones], wanted.halfOpen))
    times(at === idler ? 'half_open_ready_ms' : 'half_open_ms', at, its);
};

const load = async (lab: Lab, contenders: readonly Opened[]): Promise<void> => {
  say('what a call costs');
  for (const at of contenders) {
    const { cpuPct, heapKb } = await callLoad(lab, at);
    const contender = at.name;
    print(figuresOf({ metric: 'cpu_per_call_pct', unit: '%', samples: [cpuPct], contender }, ['max']));
    print(figuresOf({ metric: 'heap_per_call_kb', unit: 'kB', samples: [heapKb], contender }, ['max']));
  }
};

const reload = async (lab: Lab, ours: Opened): Promise<void> => {
  say('the desk reloaded in calls');
  const { gaps, without, lost } = await reloadDesk(lab, ours, wanted.reloads);
  const measured = { metric: 'reload_audio_gap_ms', unit: 'ms', samples: gaps, contender: own };
  print(figuresOf(measured, ['p50', 'max'], [{ name: 'no reload', samples: without }]));
  print(figuresOf({ metric: 'reload_audio_lost_ms', unit: 'ms', samples: lost, contender: own }, ['max']));
};

const lab = await openLab();
let isOver = false;
const end = async (code: number, why?: string): Promise<void> => {
  if (isOver) return;
  isOver = true;
  if (why !== undefined) process.stderr.write(`${why}\n`);
  await lab.close().catch((fault: unknown) => process.stderr.write(`${String(fault)}\n`));
  if (figures.length > 0) process.stderr.write(`${figureTable(figures)}\n`);
  const seconds = Math.round(performance.now() / 1_000);
  const summary = { seconds, finished: why === undefined, ...summaryOf(figures), failedParts };
  const line = `${JSON.stringify({ bench: 'phone', summary })}\n`;
  process.stdout.write(line, () => process.exit(failedParts.length > 0 ? 1 : code));
};
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void end(130, 'stopped'));
setTimeout(() => void end(1, `not finished after ${limitMs / 1_000} s`), limitMs);
run(lab).then(
  () => end(0),
  (fault: unknown) => end(1, fault instanceof Error ? fault.stack : String(fault)),
);
