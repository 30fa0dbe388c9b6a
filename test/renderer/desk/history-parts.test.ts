import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { faster } from '../../../renderer/desk/history/faster.ts';
import { filterOf, keepHistory, nothingAsked } from '../../../renderer/desk/history/history-store.ts';
import { keepPlayer } from '../../../renderer/desk/history/player-store.ts';
import type { HistoryAnswer, HistoryRow } from '../../../shared/history.ts';
import { byTime, historyPage, isBehind, placeAfter, readPlace, soundRate } from '../../../shared/history.ts';
import { ContactId } from '../../../shared/ids.ts';
import { ok, refusal, refused } from '../../../shared/result.ts';
import { encodeUlaw } from '../../../shared/ulaw.ts';
import { fakeSpeaker } from './fake-speaker.ts';
import { manualClock } from './manual-clock.ts';

const idOf = (n: number) => ContactId.parse(`01900000-0000-7000-8000-${String(n).padStart(12, '0')}`);
const row = (n: number): HistoryRow => ({
  ...{ contactId: idOf(n), customerId: null, who: null, number: '', direction: 'inbound', queue: 'service' },
  ...{ startedAtMs: Date.UTC(2026, 8, 1) - n * 60_000, talkMs: 65_000, topic: null, disposition: [] },
  agentName: '林小满',
});

describe('the player', () => {
  const lengthMs = 45_000;
  const make = () => {
    const clock = manualClock();
    const asked: number[] = [];
    const heard: string[] = [];
    const world = { answers: true, mayPlay: true };
    const player = keepPlayer({
      sound: async ({ fromMs }) => {
        asked.push(fromMs);
        if (!world.answers) return refused(refusal('offline'));
        const bytes = Math.max(0, Math.min(20_000, lengthMs - fromMs)) * 8;
        return ok({ lengthMs, ulaw: Buffer.alloc(bytes, 0xff).toString('base64') });
      },
      heard: ({ fromMs, toMs }) => void heard.push(`${Math.round(fromMs / 1_000)}-${Math.round(toMs / 1_000)}`),
      mayPlay: () => (world.mayPlay ? null : refusal('conflict', 'playAfterCall')),
      speaker: fakeSpeaker(clock.now),
      sink: () => '',
      clock,
    });
    const part = { part: 0, startedAtMs: 0, lengthMs, state: 'ready', pauses: [] } as const;
    player.show({ contactId: idOf(1), part: { ...part, pauses: [] } });
    return { player, asked, heard, world, pass: clock.pass, state: player.store.getState };
  };

  it('plays to the end over all stretches, each asked for once, and tells of all of it once', async () => {
    const { player, asked, heard, pass, state } = make();
    player.toggle();
    await pass(46_000);
    expect(state()).toMatchObject({ kind: 'stopped', atMs: lengthMs });
    expect(asked).toEqual([0, 20_000, 40_000]);
    expect(heard).toEqual(['0-30', '30-45']);
    player.toggle();
    await pass(1_000);
    expect(state().atMs).toBeLessThan(1_500);
  });

  it('twice as fast takes half the time', async () => {
    const { player, heard, pass, state } = make();
    player.setSpeed(2);
    player.toggle();
    await pass(10_000);
    expect(state().atMs).toBeGreaterThan(18_500);
    expect(state().atMs).toBeLessThanOrEqual(20_100);
    await pass(15_000);
    expect(state().kind).toBe('stopped');
    expect(heard.at(-1)?.endsWith('-45')).toBe(true);
  });

  it('central away: it says so, nothing was heard, and the next try asks again', async () => {
    const { player, asked, heard, world, pass, state } = make();
    world.answers = false;
    player.toggle();
    await pass(300);
    expect(state()).toMatchObject({ kind: 'stopped', why: { kind: 'offline' } });
    expect(heard).toEqual([]);
    world.answers = true;
    player.toggle();
    await pass(300);
    expect(asked).toEqual([0, 0]);
    expect(state().kind).toBe('playing');
  });

  it('whatever keys are pressed, what is told of was played, in whole milliseconds within the recording', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.oneof(
            fc.record({ do: fc.constantFrom('toggle', 'pause') }),
            fc.record({ do: fc.constant('skip'), ms: fc.constantFrom(-5_000, 5_000) }),
            fc.record({ do: fc.constant('speed'), ms: fc.constantFrom(1, 1.25, 1.5, 2) }),
            fc.record({ do: fc.constant('pass'), ms: fc.integer({ min: 1, max: 120 }) }),
          ),
          { maxLength: 20 },
        ),
        async (steps) => {
          const { player, heard, pass, state } = make();
          let passedMs = 0;
          for (const step of steps) {
            if (step.do === 'toggle') player.toggle();
            else if (step.do === 'pause') player.pause();
            else if (step.do === 'skip' && 'ms' in step) player.skip(step.ms);
            else if (step.do === 'speed' && 'ms' in step) player.setSpeed(step.ms);
            else if ('ms' in step) {
              passedMs += step.ms * 100;
              await pass(step.ms * 100);
            }
            expect(state().atMs).toBeGreaterThanOrEqual(0);
            expect(state().atMs).toBeLessThanOrEqual(lengthMs);
          }
          player.pause();
          const told = heard.map((one) => one.split('-').map(Number));
          const sum = told.reduce((all, [from = 0, to = 0]) => all + to - from, 0);
          expect(sum * 1_000).toBeLessThanOrEqual(passedMs * 2 + told.length * 1_000);
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe('faster speech', () => {
  const sine = Float32Array.from({ length: 16_000 }, (_, n) => Math.sin((2 * Math.PI * 200 * n) / soundRate) / 2);
  const crossings = (sound: Float32Array): number =>
    sound.reduce((count, value, n) => count + Number(n > 0 && value >= 0 && (sound[n - 1] ?? 0) < 0), 0);

  it.each([1.25, 1.5, 2])('%s times: that much shorter, at the same pitch, no louder', (speed) => {
    const sound = faster(sine, speed);
    expect(sound.length / (sine.length / speed)).toBeCloseTo(1, 1);
    expect(crossings(sound) / (sound.length / soundRate) / 200).toBeCloseTo(1, 1);
    expect(sound.every((value) => Math.abs(value) < 0.6)).toBe(true);
  });

  it('once, and what is too short, is left as it is', () => {
    expect(faster(sine, 1)).toBe(sine);
    expect(faster(sine.subarray(0, 100), 2)).toHaveLength(100);
    expect(encodeUlaw(0)).toBe(0xff);
  });
});

describe('the list of both', () => {
  /** A source that tells its contacts in pages of a few. */
  const source = (rows: readonly HistoryRow[], size: number, cursor: string | undefined): HistoryAnswer => {
    const behind = rows.filter((one) => isBehind(one, readPlace(cursor))).toSorted(byTime);
    const some = behind.slice(0, size);
    const last = some.at(-1);
    return { kind: 'found', rows: some, cursor: behind.length > some.length && last ? placeAfter(last) : null };
  };

  it('has no gap and nothing twice on any page, and in the end all', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ here: fc.boolean(), central: fc.boolean() }), { maxLength: 30 }),
        fc.integer({ min: 1, max: 7 }),
        fc.integer({ min: 1, max: 7 }),
        async (held, hereSize, centralSize) => {
          const all = held.map((_, n) => row(n));
          const of = { seat: all.filter((_, n) => held[n]?.here), central: all.filter((_, n) => held[n]?.central) };
          const link = {
            call: async (
              _name: string,
              { filter, where }: { filter: { cursor?: string }; where: 'seat' | 'central' },
            ) => ok(source(of[where], where === 'seat' ? hereSize : centralSize, filter.cursor)),
          };
          const history = keepHistory(link as never);
          const settled = async (): Promise<void> => {
            do await new Promise((done) => setTimeout(done, 0));
            while (history.store.getState().isAsking);
          };
          history.search();
          await settled();
          const union = all.filter((_, n) => held[n]?.here === true || held[n]?.central === true).toSorted(byTime);
          for (let pages = 0; ; pages += 1) {
            const { rows, hasMore } = history.store.getState();
            expect(rows.map(({ contactId }) => contactId)).toEqual(
              union.slice(0, rows.length).map(({ contactId }) => contactId),
            );
            if (!hasMore) break;
            expect(pages).toBeLessThan(historyPage);
            history.more();
            await settled();
          }
          expect(history.store.getState().rows).toHaveLength(union.length);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('days are whole days of the seat, the last one included', () => {
    const filter = filterOf({ ...nothingAsked, who: ' 李 ', from: '2026-09-01', to: '2026-09-01', outcome: 'a/b' });
    expect(filter).toEqual({
      ...{ who: '李', disposition: ['a', 'b'] },
      fromMs: new Date(2026, 8, 1).getTime(),
      toMs: new Date(2026, 8, 2).getTime(),
    });
    expect(filterOf(nothingAsked)).toEqual({});
  });
});
