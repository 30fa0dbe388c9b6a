import { beforeEach, describe, expect, it } from 'vitest';
import { type CallReading, figuresBetween, readStats } from '../../../renderer/phone/call-stats.ts';
import { type QualityWatch, watchQuality } from '../../../renderer/phone/quality-watch.ts';
import { Quality } from '../../../shared/phone.ts';
import { CallSummary } from '../../../shared/quality.ts';
import { callId } from '../../shared/make.ts';
import { createManualClock, type ManualClock } from './lab/manual-clock.ts';

/** As a browser reports a call in G.711 (webrtc-stats): seconds, counts since the beginning. */
const report: readonly object[] = [
  { id: 'T01', type: 'transport', selectedCandidatePairId: 'CP1' },
  { id: 'CP0', type: 'candidate-pair', nominated: false, state: 'waiting', currentRoundTripTime: 9 },
  { id: 'CP1', type: 'candidate-pair', nominated: true, state: 'succeeded', currentRoundTripTime: 0.012 },
  { id: 'CI', type: 'codec', mimeType: 'audio/PCMA', payloadType: 8 },
  { id: 'CO', type: 'codec', mimeType: 'audio/opus', payloadType: 111, sdpFmtpLine: 'minptime=10;useinbandfec=1' },
  { id: 'V', type: 'inbound-rtp', kind: 'video', packetsReceived: 9_999, jitter: 9 },
  {
    id: 'I',
    type: 'inbound-rtp',
    kind: 'audio',
    codecId: 'CI',
    packetsReceived: 500,
    packetsLost: 3,
    packetsDiscarded: 2,
    jitter: 0.004,
    jitterBufferDelay: 1_920,
    jitterBufferEmittedCount: 80_000,
  },
  { id: 'O', type: 'outbound-rtp', kind: 'audio', codecId: 'CO', packetsSent: 510 },
  { id: 'R', type: 'remote-inbound-rtp', kind: 'audio', fractionLost: 0.02, roundTripTime: 0.03 },
];
const without = (...types: readonly string[]): object[] =>
  report.filter((stats) => !('type' in stats && types.includes(String(stats.type))));

describe('reading the browser’s report', () => {
  it('takes the sound’s figures, in milliseconds and counts', () =>
    expect(readStats(report)).toEqual({
      packetsReceived: 500,
      packetsSent: 510,
      packetsMissed: 5,
      jitterMs: 4,
      bufferedMs: 1_920_000,
      played: 80_000,
      missedThere: 0.02,
      rttMs: 30,
      codec: 'pcma',
    }));
  it('before the far end’s first report the path’s round trip counts, and its loss is not known', () =>
    expect(readStats(without('remote-inbound-rtp'))).toMatchObject({ rttMs: 12, missedThere: null }));
  it('knows the codec we send while nothing arrived, with its error correction', () =>
    expect(readStats(without('inbound-rtp'))).toMatchObject({ codec: 'opusFec', packetsReceived: 0 }));
  it('an empty report is an empty reading', () =>
    expect(readStats([])).toMatchObject({ packetsReceived: 0, rttMs: null, codec: 'other' }));
  it('more duplicates than losses are no loss', () =>
    expect(readStats([{ id: 'I', type: 'inbound-rtp', kind: 'audio', packetsLost: -4 }]).packetsMissed).toBe(0));
});

const reading: CallReading = {
  packetsReceived: 0,
  packetsSent: 0,
  packetsMissed: 0,
  jitterMs: 2,
  bufferedMs: 0,
  played: 0,
  missedThere: null,
  rttMs: 20,
  codec: 'pcma',
};

describe('the network between two readings', () => {
  it.each([
    ['none lost', { packetsReceived: 100 }, false, 0],
    ['one of twenty', { packetsReceived: 95, packetsMissed: 5 }, false, 5],
    ['the customer misses more than we do', { packetsReceived: 95, packetsMissed: 5, missedThere: 0.2 }, false, 20],
    ['nothing at all', {}, false, 0],
    ['nothing though some was expected', {}, true, 100],
  ] as const)('%s', (_, then, isSilent, lossPct) =>
    expect(figuresBetween(reading, { ...reading, ...then }, isSilent).lossPct).toBeCloseTo(lossPct, 6),
  );
  it('the buffer is what the samples played in between waited on average', () => {
    const first = { ...reading, bufferedMs: 800_000, played: 8_000 };
    expect(
      figuresBetween(first, { ...first, bufferedMs: 800_000 + 8_000 * 60, played: 16_000 }, false).jitterBufferMs,
    ).toBe(60);
    expect(figuresBetween(first, first, false).jitterBufferMs).toBeNull();
  });
});

describe('watching how a call sounds (R40)', () => {
  let clock: ManualClock;
  let now: CallReading;
  let isExpected: boolean;
  let isThere: boolean;
  let told: Quality[];
  let watch: QualityWatch;
  beforeEach(() => {
    clock = createManualClock();
    now = reading;
    isExpected = true;
    isThere = true;
    told = [];
    watch = watchQuality({
      clock,
      callId,
      reading: async () => {
        if (!isThere) throw new Error('closed');
        return now;
      },
      expectsSound: () => isExpected,
      emit: (quality) => told.push(quality),
    });
  });
  const pass = async (seconds: number, received: number, missed = 0): Promise<void> => {
    for (let second = 0; second < seconds; second += 1) {
      now = { ...now, packetsReceived: now.packetsReceived + received, packetsMissed: now.packetsMissed + missed };
      for (let tick = 0; tick < 10; tick += 1) {
        await clock.advance(100);
        watch.heard({ callId, microphoneDb: tick % 5 === 0 ? -70 : -20, customerDb: -70 });
      }
    }
  };

  it('tells once a second, in the contract’s shape', async () => {
    await pass(10, 50);
    expect(told.length).toBeGreaterThanOrEqual(9);
    expect(told.length).toBeLessThanOrEqual(10);
    for (const quality of told) expect(Quality.parse(quality)).toEqual(quality);
    expect(told.at(-1)).toMatchObject({ rating: 'good', why: null, lossPct: 0, codec: 'pcma', rttMs: 20 });
    expect(told.at(-1)?.mos).toBeGreaterThan(4.3);
    expect(told.at(-1)?.voice.talkMs).toBeGreaterThan(8_000);
  });
  it('says nothing before the first packet', async () => {
    await pass(5, 0);
    expect(told).toEqual([]);
    expect(watch.stop()).toBeUndefined();
  });
  it('a lossy stretch shows within two seconds and is forgotten after some good ones', async () => {
    await pass(10, 50);
    await pass(2, 30, 20);
    expect(told.at(-1)?.rating).not.toBe('good');
    expect(told.at(-1)?.why).toBe('loss');
    await pass(20, 50);
    expect(told.at(-1)).toMatchObject({ rating: 'good', lossPct: 0 });
  });
  it('packets that stop are a lost call, not a lossless one', async () => {
    await pass(5, 50);
    await pass(4, 0);
    expect(told.at(-1)).toMatchObject({ rating: 'poor', why: 'loss', lossPct: 100 });
  });
  it('a hold is neither loss nor silence, and what was before it does not count after it', async () => {
    await pass(5, 50);
    const before = told.length;
    isExpected = false;
    await pass(30, 0);
    expect(told.length).toBe(before);
    isExpected = true;
    await pass(3, 50);
    expect(told.at(-1)).toMatchObject({ rating: 'good', lossPct: 0 });
    expect(told.at(-1)?.voice.silenceMs).toBeLessThan(2_000);
  });
  it('a report that fails is a look less, not the end', async () => {
    await pass(3, 50);
    isThere = false;
    await pass(3, 50);
    isThere = true;
    await pass(3, 50);
    expect(told.at(-1)).toMatchObject({ rating: 'good' });
  });
  it('leaves the summary of the whole call and no timer', async () => {
    await pass(20, 50);
    await pass(5, 25, 25);
    const summary = watch.stop();
    expect(CallSummary.parse(summary)).toEqual(summary);
    expect(summary?.looks).toBe(told.length);
    expect(summary?.poorLooks).toBeGreaterThan(0);
    expect(summary?.mosWorst).toBeLessThan(summary?.mosMean ?? 0);
    expect(clock.pending()).toBe(0);
  });
});
