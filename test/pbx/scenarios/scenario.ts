import type { Tone } from './ear.ts';
import type { Ear, FarEnd, Party } from './far-end.ts';
import type { World } from './world.ts';

/**
 * A whole call (or several) on a real Asterisk, every leg measured by its tones. To add one:
 *
 *   scenario('hold by the agent', 'SIPp → queue → seat', async (w, m) => {
 *     await w.sipp.call('6001');              // FarEnd: sipp, second, baresip, opus, g722, colleague
 *     await w.agent.answer();                 // Seat: the product's telephone, 1001
 *     await m.bothWays(w.agent, w.sipp);      // each must hear the other's tone, 20 dB over everything else
 *     await w.agent.hold(true);
 *     await m.silent(w.sipp, w.agent);        // SIPp must not hear the agent
 *     await endBy(w, 'agent', w.sipp);        // state and cause at the phone, and that the far end was told
 *   });
 *
 * in a file of this folder that scenarios.test.ts imports. Wait for events (`agent.reaches`, `trunk.tape.until`), never for a time. At the
 * end the suite itself sees to it that no channel is left in the exchange and nothing was thrown in a page.
 */
export type Scenario = {
  readonly name: string;
  readonly legs: string;
  readonly steps: (world: World, measure: Measure) => Promise<void>;
  /** Takes long, or leaves nothing of the exchange as it was: run after all others. */
  readonly isLast: boolean;
};

export const scenarios: Scenario[] = [];

export const scenario = (name: string, legs: string, steps: Scenario['steps'], isLast = false): void => {
  if (scenarios.some((other) => other.name === name)) throw new Error(`two scenarios are called "${name}"`);
  scenarios.push({ name, legs, steps, isLast });
};

type Voice = Pick<FarEnd, 'name' | 'hz'>;

/** One measurement: who heard whose tone. */
export type Reading = { readonly at: string; readonly of: string; readonly db: number; readonly overRestDb: number };

export type Measure = {
  readonly readings: readonly Reading[];
  /** The tone of `of` arrives at `at`, at least 20 dB above all else that is heard there. */
  readonly hears: (at: Ear, of: Voice) => Promise<void>;
  /** No trace of the tone of `of` at `at`. */
  readonly silent: (at: Ear, of: Voice) => Promise<void>;
  readonly bothWays: (one: Party, other: Party) => Promise<void>;
  readonly silentBothWays: (one: Party, other: Party) => Promise<void>;
};

/** A tone at -12 dBFS arrives there within a decibel or two; one that does not is far below. */
const limits = {
  presentDb: -35,
  absentDb: -55,
  overRestDb: 20,
  windowMs: 400,
  patienceMs: 10_000,
} as const;

export const measuring = (): Measure => {
  const readings: Reading[] = [];
  const note = async (at: Ear, of: Voice): Promise<Reading> => {
    const [tone] = await at.hear([of.hz], limits.windowMs);
    if (tone === undefined) throw new Error('nothing measured');
    return { at: at.name, of: of.name, ...tone };
  };
  /** Windows one after the other until one is as it should be: what comes of an event takes its time, on a busy machine more. */
  const settle = async (at: Ear, of: Voice, what: string, is: (tone: Tone) => boolean) => {
    let reading = await note(at, of);
    for (const end = Date.now() + limits.patienceMs; !is(reading) && Date.now() < end;) reading = await note(at, of);
    readings.push(reading);
    if (!is(reading))
      throw new Error(
        `${at.name} ${what} the ${of.hz} Hz of ${of.name}: ${reading.db.toFixed(1)} dBFS, ${reading.overRestDb.toFixed(1)} dB over the rest`,
      );
  };
  const hears = (at: Ear, of: Voice): Promise<void> =>
    settle(at, of, 'does not hear', ({ db, overRestDb }) => db > limits.presentDb && overRestDb >= limits.overRestDb);
  const silent = (at: Ear, of: Voice): Promise<void> => settle(at, of, 'still hears', ({ db }) => db < limits.absentDb);
  const both = async (how: typeof hears, one: Party, other: Party): Promise<void> => {
    await Promise.all([how(one, other), how(other, one)]);
  };
  return {
    readings,
    hears,
    silent,
    bothWays: (one, other) => both(hears, one, other),
    silentBothWays: (one, other) => both(silent, one, other),
  };
};
