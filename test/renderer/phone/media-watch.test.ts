import { beforeEach, describe, expect, it } from 'vitest';
import { watchMedia, watchTimes } from '../../../renderer/phone/media-watch.ts';
import { loudnessDb } from '../../../renderer/phone/meters.ts';
import { createManualClock, type ManualClock } from './lab/manual-clock.ts';

describe('watching the sound of a call', () => {
  let clock: ManualClock;
  let packets: { packetsSent: number; packetsReceived: number };
  let perLook: number;
  let isExpected: boolean;
  let heard: string[];
  let looks: number;
  let stop: () => void;
  beforeEach(() => {
    clock = createManualClock();
    packets = { packetsSent: 0, packetsReceived: 0 };
    perLook = 0;
    isExpected = true;
    heard = [];
    looks = 0;
    stop = watchMedia({
      clock,
      counters: async () => {
        looks += 1;
        packets = { ...packets, packetsReceived: packets.packetsReceived + perLook };
        return packets;
      },
      expectsSound: () => isExpected,
      onFlowing: () => heard.push('flowing'),
      onLost: () => heard.push('lost'),
    });
  });

  it('flows when packets were counted out and in, not one way only', async () => {
    perLook = 1;
    await clock.advance(100);
    expect(heard).toEqual([]);
    packets = { ...packets, packetsSent: 1 };
    await clock.advance(watchTimes.fastMs);
    expect(heard).toEqual(['flowing']);
  });

  it('looks often until it flows, seldom afterwards', async () => {
    await clock.advance(1_000);
    expect(looks).toBeGreaterThan(40);
    packets = { ...packets, packetsSent: 1 };
    perLook = 1;
    await clock.advance(watchTimes.fastMs);
    const before = looks;
    await clock.advance(5_000);
    expect(looks - before).toBe(5);
  });

  it('is lost after 3 s without a packet and flows again with the next', async () => {
    packets = { packetsSent: 1, packetsReceived: 0 };
    perLook = 1;
    await clock.advance(2_000);
    perLook = 0;
    await clock.advance(watchTimes.lostAfterMs - 1_000);
    expect(heard).toEqual(['flowing']);
    await clock.advance(2_000);
    expect(heard).toEqual(['flowing', 'lost']);
    perLook = 1;
    await clock.advance(1_000);
    expect(heard).toEqual(['flowing', 'lost', 'flowing']);
  });

  it('a held call is silent and not lost', async () => {
    packets = { packetsSent: 1, packetsReceived: 0 };
    perLook = 1;
    await clock.advance(1_000);
    perLook = 0;
    isExpected = false;
    await clock.advance(60_000);
    expect(heard).toEqual(['flowing']);
  });

  it('stopped, it looks no more', async () => {
    stop();
    const before = looks;
    await clock.advance(10_000);
    expect(looks).toBe(before);
  });

  it('loudness is dBFS: a full sine -3, silence -100', () => {
    const sine = Float32Array.from({ length: 1_024 }, (_, index) => Math.sin(index / 3));
    expect(loudnessDb(sine)).toBeCloseTo(-3, 0);
    expect(loudnessDb(new Float32Array(1_024))).toBe(-100);
    expect(loudnessDb(new Float32Array(0))).toBe(-100);
  });
});
