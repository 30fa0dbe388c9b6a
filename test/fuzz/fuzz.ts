import { chanceOf, drawer } from './chance.ts';
import { mutant } from './mutate.ts';
import { type Outgoing, watchOutgoing } from './outgoing.ts';
import { type Scene, scenes } from './scenes.ts';
import type { Finding } from './seat.ts';
import { smallest } from './smallest.ts';
import { listenForUncaught } from './uncaught.ts';

/** The most a message may take, in ms (security 68). */
export const slowMs = 50;

export type FuzzPlan = { readonly seed: number; readonly count: number };

export type Failure = {
  readonly index: number;
  readonly scene: string;
  readonly what: string;
  /** As small as it still fails, or the whole when it fails only after the messages before it. */
  readonly message: string;
};

export type FuzzReport = {
  readonly received: Readonly<Record<Finding['kind'], number>>;
  readonly worstMs: number;
  /** The most an honest measurement can say on a machine with other work: what was slow, again and alone. */
  readonly worstAgainMs: number;
  readonly perS: number;
  readonly uncaught: number;
  readonly failures: readonly Failure[];
};

/** Messages one seat receives before a fresh one takes its place. */
const perSeat = 50;
const mostFailures = 5;

/** Lets seats in every state receive mutants; the same seed makes the same ones. */
export const fuzz = async (plan: FuzzPlan, say: (line: string) => void): Promise<FuzzReport> => {
  const { seed, count } = plan;
  const chance = Math.random;
  const tally = newTally();
  const outgoing = watchOutgoing();
  say(`seed ${seed}, ${count} mutants`);
  const startMs = performance.now();
  try {
    await rehearse(outgoing);
    for (let from = 0; from < count && tally.failures.length < mostFailures; from += perSeat)
      await receiveBatch(seed, from, Math.min(count, from + perSeat), tally, outgoing);
  } finally {
    Math.random = chance;
  }
  const total = tally.accepted + tally.refused + tally.threw;
  const perS = Math.round(total / ((performance.now() - startMs) / 1_000));
  const { accepted, refused, threw, worstMs, worstAgainMs, uncaught, failures } = tally;
  for (const failure of failures) {
    say(`FAILED mutant ${failure.index} (${failure.scene}): ${failure.what}`);
    say(`  ${escaped(failure.message)}`);
  }
  if (failures.length > 0) say(`again: npm run test:sip-fuzz -- --seed ${seed} --count ${count}`);
  say(
    `${accepted} accepted, ${refused} refused, ${threw} threw, ${uncaught} uncaught; worst ${worstMs.toFixed(1)} ms` +
      ` (again, alone: ${worstAgainMs.toFixed(1)} ms); ${perS} mutants/s`,
  );
  say(`${total - failures.length} passed, ${failures.length} failed`);
  return { received: { accepted, refused, threw }, worstMs, worstAgainMs, perS, uncaught, failures };
};

type Tally = { -readonly [K in Finding['kind']]: number } & {
  worstMs: number;
  worstAgainMs: number;
  uncaught: number;
  readonly failures: Failure[];
};
const newTally = (): Tally => ({
  accepted: 0,
  refused: 0,
  threw: 0,
  worstMs: 0,
  worstAgainMs: 0,
  uncaught: 0,
  failures: [],
});

/** Every message as it is meant: compiles what a page has compiled long ago, and shows which headers are usual. */
const rehearse = async (outgoing: Outgoing): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1)
    for (const scene of scenes) {
      const { seeds, seat: first } = await scene.open();
      await first.close();
      for (let at = 0; at < seeds.length; at += 1) {
        const { seat, seeds: same } = await scene.open();
        const found = seat.receive(same[at] ?? '');
        await seat.answer();
        const fault = seat.sent.map(outgoing.faultOf).find((it) => it !== undefined);
        await seat.close();
        if (found.kind === 'threw' || fault !== undefined)
          throw new Error(
            `${scene.name}, message ${at} as it is meant: ${found.kind === 'threw' ? found.what : fault}`,
          );
      }
    }
};

const receiveBatch = async (
  seed: number,
  from: number,
  to: number,
  tally: Tally,
  outgoing: Outgoing,
): Promise<void> => {
  const scene = scenes[(from / perSeat) % scenes.length] ?? scenes[0];
  const openScene = seededScene(scene, seed, from);
  let { seat, seeds } = await openScene();
  const uncaught = listenForUncaught();
  for (let index = from; index < to; index += 1) {
    const draw = chanceOf(seed, index);
    const bytes = mutant(draw.oneOf(seeds), draw);
    const sentBefore = seat.sent.length;
    const found = seat.receive(bytes);
    if (draw.once(20)) await seat.answer();
    await uncaught.settle();
    tally[found.kind] += 1;
    tally.worstMs = Math.max(tally.worstMs, found.ms);
    const fault = seat.sent
      .slice(sentBefore)
      .map(outgoing.faultOf)
      .find((it) => it !== undefined);
    const faults = uncaught.take();
    tally.uncaught += faults.length;
    const what =
      faults[0] === undefined
        ? found.kind === 'threw'
          ? found.what
          : found.ms > slowMs / 2
            ? await slow(openScene, bytes, tally)
            : fault
        : `uncaught: ${faults[0]}`;
    if (what === undefined) continue;
    tally.failures.push({ index, scene: scene.name, what, message: await smallest(openScene, bytes, outgoing) });
    if (tally.failures.length >= mostFailures) break;
    await seat.close();
    ({ seat, seeds } = await openScene());
  }
  uncaught.stop();
  await seat.close();
};

/** SIP.js draws its tags and branches by `Math.random`: seeded, an answer meant for one seat fits the next. */
const seededScene =
  (scene: Scene, seed: number, from: number): Scene['open'] =>
  () => {
    Math.random = drawer(seed ^ from);
    return scene.open();
  };

/** Slow once may be the machine: received again by fresh seats, the quickest counts. */
const slow = async (open: Scene['open'], bytes: Uint8Array, tally: Tally): Promise<string | undefined> => {
  let bestMs = Number.POSITIVE_INFINITY;
  for (let turn = 0; turn < 4; turn += 1) {
    const { seat } = await open();
    bestMs = Math.min(bestMs, seat.receive(bytes).ms);
    await seat.close();
  }
  tally.worstAgainMs = Math.max(tally.worstAgainMs, bestMs);
  return bestMs > slowMs ? `took ${bestMs.toFixed(0)} ms` : undefined;
};

/** Any byte in one printable line. */
export const escaped = (text: string): string =>
  JSON.stringify(text).replace(/[\u007f-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
