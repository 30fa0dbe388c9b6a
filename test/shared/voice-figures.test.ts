import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  nextFigures,
  noFigures,
  promptOf,
  summaryOf,
  talkToListen,
  type VoiceFigures,
  voiceLimits,
  VoiceSummary,
} from '../../shared/voice-figures.ts';

/** What one side does for a while, as levels every 100 ms. */
type Sounds = 'quiet' | 'speaks' | 'street' | 'speaksInStreet' | 'muted';
/** Speech is loud with gaps; the gaps let the noise through. */
const dbOf = (sounds: Sounds, tick: number): number => {
  const wobble = (tick * 7) % 3;
  const isGap = tick % 5 === 4;
  switch (sounds) {
    case 'muted':
      return -100;
    case 'quiet':
      return -65 + wobble;
    case 'street':
      return -36 + wobble;
    case 'speaks':
      return isGap ? -63 + wobble : -22 - wobble;
    case 'speaksInStreet':
      return isGap ? -36 + wobble : -16 - wobble;
  }
};
const play = (start: VoiceFigures, seconds: number, agent: Sounds, customer: Sounds): VoiceFigures => {
  let figures = start;
  const fromMs = start.atMs ?? 1_000;
  for (let tick = 1; tick <= seconds * 10; tick += 1)
    figures = nextFigures(figures, {
      atMs: fromMs + tick * 100,
      microphoneDb: dbOf(agent, tick),
      customerDb: dbOf(customer, tick),
    });
  return figures;
};

describe('voice figures (R40)', () => {
  it('tells talking, listening, talk-over and silence apart', () => {
    let figures = play(noFigures, 5, 'quiet', 'quiet');
    figures = play(figures, 20, 'speaks', 'quiet');
    figures = play(figures, 1, 'quiet', 'quiet');
    figures = play(figures, 10, 'quiet', 'speaks');
    figures = play(figures, 4, 'speaks', 'speaks');
    const summary = summaryOf(figures);
    expect(Math.abs(summary.talkMs - 20_000)).toBeLessThan(500);
    expect(Math.abs(summary.listenMs - 10_000)).toBeLessThan(500);
    expect(Math.abs(summary.talkOverMs - 4_000)).toBeLessThan(500);
    expect(Math.abs(summary.silenceMs - 6_000)).toBeLessThan(800);
    expect(talkToListen(summary)).toBeCloseTo(2, 0);
    expect(VoiceSummary.parse(summary)).toEqual(summary);
  });
  it('has no ratio before the customer spoke', () =>
    expect(talkToListen(summaryOf(play(noFigures, 3, 'speaks', 'quiet')))).toBeNull());
  it('a steady street is noise, not speech', () => {
    const figures = play(noFigures, 20, 'quiet', 'street');
    expect(summaryOf(figures).listenMs).toBeLessThan(500);
    expect(summaryOf(figures).customerNoiseDb).toBeGreaterThan(-40);
    expect(summaryOf(figures).agentNoiseDb).toBeLessThan(-60);
  });
  it('speech over the street is heard all the same', () => {
    const before = play(noFigures, 5, 'quiet', 'street');
    const after = play(before, 5, 'quiet', 'speaksInStreet');
    expect(summaryOf(after).listenMs - summaryOf(before).listenMs).toBeGreaterThan(4_500);
  });
  it('a muted microphone never talks', () =>
    expect(summaryOf(play(noFigures, 5, 'muted', 'speaks'))).toMatchObject({
      talkMs: 0,
      talkOverMs: 0,
      agentNoiseDb: -100,
    }));
  it('a gap in the samples (a hold, a page asleep) belongs to nobody', () => {
    const before = play(noFigures, 5, 'speaks', 'quiet');
    const after = nextFigures(before, { atMs: (before.atMs ?? 0) + 60_000, microphoneDb: -20, customerDb: -65 });
    expect(after.talkMs).toBe(before.talkMs);
    expect(after.silenceMs).toBe(before.silenceMs);
  });
  it('a sample from the past changes nothing', () => {
    const before = play(noFigures, 1, 'speaks', 'quiet');
    expect(nextFigures(before, { atMs: before.atMs ?? 0, microphoneDb: 0, customerDb: 0 })).toBe(before);
  });

  it('every moment is counted exactly once, whatever comes', () =>
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            stepMs: fc.integer({ min: 1, max: voiceLimits.longestGapMs }),
            microphoneDb: fc.double({ min: -100, max: 0, noNaN: true }),
            customerDb: fc.double({ min: -100, max: 0, noNaN: true }),
          }),
          { minLength: 1, maxLength: 200 },
        ),
        (steps) => {
          let atMs = 0;
          let figures = noFigures;
          for (const { stepMs, ...levels } of steps) {
            atMs += stepMs;
            figures = nextFigures(figures, { atMs, ...levels });
          }
          const { talkMs, listenMs, talkOverMs, silenceMs } = figures;
          expect(talkMs + listenMs + talkOverMs + silenceMs).toBe(atMs - (steps[0]?.stepMs ?? 0));
          expect(figures.overlap).toBeGreaterThanOrEqual(0);
          expect(figures.overlap).toBeLessThanOrEqual(1);
          expect(figures.agent.recentDb.length).toBeLessThanOrEqual(voiceLimits.windowSize);
          expect(VoiceSummary.safeParse(summaryOf(figures)).success).toBe(true);
        },
      ),
    ));
});

describe('prompts to the agent (R40)', () => {
  it('an ordinary conversation raises none', () => {
    let figures = noFigures;
    for (let turn = 0; turn < 6; turn += 1) {
      figures = play(figures, 6, 'speaks', 'quiet');
      expect(promptOf(figures)).toBeNull();
      figures = play(figures, 1, 'speaks', 'speaks');
      figures = play(figures, 5, 'quiet', 'speaks');
      expect(promptOf(figures)).toBeNull();
    }
  });
  it('a noisy customer is told after some seconds, and for as long as it is noisy', () => {
    const soon = play(noFigures, 5, 'quiet', 'street');
    expect(promptOf(soon)).toBeNull();
    const told = play(soon, 5, 'quiet', 'street');
    expect(promptOf(told)).toBe('customerNoisy');
    expect(promptOf(play(told, 5, 'quiet', 'speaksInStreet'))).toBe('customerNoisy');
    expect(promptOf(play(told, 2, 'quiet', 'quiet'))).toBe('customerNoisy');
    expect(promptOf(play(told, 10, 'quiet', 'speaks'))).toBeNull();
  });
  it('the agent’s own noise is told as such', () =>
    expect(promptOf(play(noFigures, 10, 'street', 'quiet'))).toBe('agentNoisy'));
  it('both talking at once for seconds is told, one interruption is not', () => {
    const once = play(play(noFigures, 3, 'speaks', 'quiet'), 1.5, 'speaks', 'speaks');
    expect(promptOf(once)).toBeNull();
    const often = play(once, 5, 'speaks', 'speaks');
    expect(promptOf(often)).toBe('talkingOver');
    expect(promptOf(play(often, 1, 'quiet', 'speaks'))).toBe('talkingOver');
    expect(promptOf(play(often, 15, 'quiet', 'speaks'))).toBeNull();
  });
  it('a long silence is told, the first word ends it', () => {
    const silent = play(noFigures, 14, 'quiet', 'quiet');
    expect(promptOf(silent)).toBeNull();
    const long = play(silent, 2, 'quiet', 'quiet');
    expect(promptOf(long)).toBe('longSilence');
    expect(promptOf(play(long, 1, 'speaks', 'quiet'))).toBeNull();
  });
  it('does not flap: a level that swings over one border switches at most once', () => {
    let figures = play(noFigures, 10, 'quiet', 'street');
    let switches = 0;
    for (let tick = 1; tick <= 300; tick += 1) {
      const before = promptOf(figures);
      // Between the two borders: -47 and -42.
      const customerDb = tick % 20 < 10 ? -46 : -43;
      figures = nextFigures(figures, { atMs: (figures.atMs ?? 0) + 100, microphoneDb: -65, customerDb });
      if (promptOf(figures) !== before) switches += 1;
    }
    // The silence of this half minute may be told as well.
    expect(switches).toBeLessThanOrEqual(1);
  });
});
