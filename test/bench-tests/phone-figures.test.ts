import { describe, expect, it } from 'vitest';
import {
  audioGapMs,
  audioLostMs,
  extraMs,
  figuresOf,
  figureTable,
  growthPct,
  own,
  summaryOf,
  targets,
} from '../bench/phone/figures.ts';
import { createJournal } from '../bench/phone/journal.ts';
import { bytesWithoutCode } from '../bench/phone/load.ts';
import { deadStun, lateOf, silentOf, type Taken } from '../bench/phone/side-by-side.ts';

describe('the phone bench judges its figures', () => {
  const answers = { metric: 'answer_to_media_ms', unit: 'ms', contender: own };

  it('a target of a ratio is judged against its own baseline and no other', () => {
    const figures = figuresOf(
      { ...answers, samples: [90, 100, 110] },
      ['p50', 'p95'],
      [
        { name: 'floor', samples: [50, 60, 70] },
        { name: 'sipjs-defaults', samples: [210, 200, 220] },
        { name: 'jssip', samples: [100] },
      ],
    );
    expect(figures.map(({ stat, baseline, ratio, target, met }) => [stat, baseline?.name, ratio, target, met])).toEqual(
      [
        ['p50', 'floor', 1.67, 1.5, false],
        ['p95', 'floor', 1.57, undefined, undefined],
        ['p50', 'sipjs-defaults', 0.48, 0.7, true],
        ['p95', 'sipjs-defaults', 0.5, undefined, undefined],
        ['p50', 'jssip', 1, undefined, undefined],
        ['p95', 'jssip', 1.1, undefined, undefined],
      ],
    );
  });

  it('a target of a value holds with and without something beside it', () => {
    const gap = { metric: 'reload_audio_gap_ms', unit: 'ms', samples: [0, 0], contender: own };
    expect(figuresOf(gap, ['max'])[0]).toMatchObject({ target: 0, targetOf: 'value', met: true });
    expect(figuresOf({ ...gap, samples: [0, 31] }, ['max'], [{ name: 'no reload', samples: [0] }])[0]).toMatchObject({
      met: false,
    });
  });

  it('what was given up waiting for is a limit, and never reached', () => {
    const waited = { metric: 'half_open_ms', unit: 'ms', samples: [100], contender: own, isAtLeast: true };
    expect(figuresOf(waited, ['p95'])[0]).toMatchObject({ isAtLeast: true, met: false });
  });

  it('others are measured and not judged', () => {
    const [theirs] = figuresOf({ metric: 'half_open_ms', unit: 'ms', samples: [8_000], contender: 'jssip' }, ['p95']);
    expect(theirs).toMatchObject({ contender: 'jssip', value: 8_000 });
    expect(theirs).not.toHaveProperty('met');
  });

  it('growth must stay below its target', () => {
    const grown = (value: number) =>
      figuresOf({ metric: 'heap_growth_pct', unit: '%', samples: [value], contender: own }, ['max'])[0]?.met;
    expect([growthPct(200, 209.8), growthPct(200, 190)].map((pct) => Math.round(pct * 10) / 10)).toEqual([4.9, -5]);
    expect([grown(4.9), grown(5), grown(-5)]).toEqual([true, false, true]);
  });

  it('every target can be found in the table, with what was missed', () => {
    const table = figureTable(
      targets.flatMap(({ metric, stat, baseline }) =>
        figuresOf(
          { metric, unit: 'x', samples: [1_000_000], contender: own },
          [stat],
          [{ name: baseline ?? 'nothing', samples: [1] }],
        ),
      ),
    );
    expect(table.split('\n').filter((line) => line.endsWith('MISSED'))).toHaveLength(targets.length);
  });

  it('the summary counts each target once, and says which were missed or never measured', () => {
    const silent = (calls: number, stun: 'none' | 'dead') =>
      figuresOf({ metric: 'stun_silent_calls', unit: 'calls', samples: [calls], contender: own, stun }, ['max']);
    const answered = figuresOf(
      { ...answers, samples: [100] },
      ['p50'],
      [
        { name: 'floor', samples: [90] },
        { name: 'sipjs-defaults', samples: [110] },
        { name: 'jssip', samples: [1] },
      ],
    );
    const { notMeasured, ...rest } = summaryOf([...silent(0, 'none'), ...silent(1, 'dead'), ...answered]);
    expect(rest).toEqual({
      targets: targets.length,
      met: 1,
      missed: ['answer_to_media_ms p50 to sipjs-defaults', 'stun_silent_calls max'],
    });
    expect(notMeasured).toHaveLength(targets.length - 3);
    expect(notMeasured).toContain('half_open_ms p95');
    expect(summaryOf([...silent(0, 'none'), ...silent(0, 'dead')])).toMatchObject({ met: 1, missed: [] });
  });
});

describe('what the far end missed', () => {
  const steady = Array.from({ length: 50 }, (_, at) => 1_000 + 20 * at);

  it('nothing, while packets come within a frame of their time', () => {
    expect(audioGapMs(steady.map((atMs, at) => atMs + (at % 2) * 15))).toBe(0);
    expect(audioLostMs(steady)).toBe(0);
  });

  it('a gap is what was waited beyond a frame; what came late in a burst is not lost', () => {
    const late = steady.map((atMs) => (atMs > 1_200 && atMs < 1_300 ? 1_300 : atMs));
    expect(audioGapMs(late)).toBe(80);
    expect(audioLostMs(late)).toBe(0);
    const lost = steady.filter((atMs) => atMs <= 1_200 || atMs >= 1_300);
    expect(audioLostMs(lost)).toBe(80);
  });

  it('time in which its own thread was busy is no gap', () => {
    const late = steady.map((atMs) => (atMs > 1_200 && atMs < 1_300 ? 1_300 : atMs));
    expect(audioGapMs(late, [[1_205, 1_299]])).toBe(0);
    expect(audioGapMs(late, [[1_250, 1_270]])).toBe(60);
    expect(audioGapMs(late, [[100, 900]])).toBe(80);
  });
});

describe('calls side by side', () => {
  const taken = (inboundMs: readonly number[], outboundMs: readonly number[], failed = 0): Taken => {
    const calls = (samples: readonly number[]) =>
      samples.map((toWireMs) => ({
        toWireMs,
        toMediaMs: toWireMs < 0 ? undefined : 50,
        toRingMs: undefined,
        deaf: [],
      }));
    return { inbound: calls(inboundMs), outbound: calls(outboundMs), failed };
  };

  it('silent are those that one side did not hear, and those that never came to be', () => {
    expect(silentOf(taken([10, -1, 10], [-1], 2))).toBe(4);
    expect(silentOf(taken([10], [10]))).toBe(0);
    // Heard after all: late, and counted apart.
    const late = { toWireMs: 10, toMediaMs: 3_400, toRingMs: undefined, deaf: ['seat'] as const };
    const its: Taken = { inbound: [late], outbound: [], failed: 0 };
    expect([silentOf(its), lateOf(its), lateOf(taken([10, -1], []))]).toEqual([0, 1, 0]);
  });

  it('a dead STUN server costs the dearer of the two ways, and never less than nothing', () => {
    expect(extraMs(30, 42)).toBe(0);
    const [figure] = deadStun(own, taken([30, 31, 32], [40]), taken([33, 34, 35], [61]), false);
    expect(figure).toMatchObject({ metric: 'dead_stun_extra_ms', value: 21, target: 20, met: false });
  });

  it('a way in which nothing was taken is left out', () => {
    expect(deadStun('jssip', taken([10], [10]), taken([], []), false)).toEqual([]);
    expect(deadStun('jssip', taken([10], [10]), taken([60], []), false)[0]?.value).toBe(50);
  });
});

describe('the heap', () => {
  it('counts every kind of object but compiled code', () => {
    const meta = {
      node_fields: ['type', 'name', 'id', 'self_size'],
      node_types: [['hidden', 'object', 'code', 'native'], ['string']],
    };
    const nodes = [1, 0, 1, 100, 2, 0, 2, 5_000, 3, 0, 3, 40, 0, 0, 4, 2];
    expect(bytesWithoutCode({ snapshot: { meta }, nodes })).toBe(142);
  });
});

describe('the journal', () => {
  it('finds what came after the mark, before or after it is asked for, and gives up', async () => {
    const journal = createJournal<number>();
    journal.add(1);
    const from = journal.mark();
    const even = (n: number): number | undefined => (n % 2 === 0 ? n : undefined);
    const soon = journal.next(from, even, 5_000);
    journal.add(3);
    journal.add(4);
    expect(await soon).toBe(4);
    expect(await journal.next(0, (n) => (n === 1 ? n : undefined), 5_000)).toBe(1);
    expect(await journal.next(from, (n) => (n === 1 ? n : undefined), 10)).toBeUndefined();
  });
});
