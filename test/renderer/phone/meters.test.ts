import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createMeters, silenceDb } from '../../../renderer/phone/meters.ts';

/** As much of Web Audio as a meter touches; every analyser hears the same loudness. */
class FakeContext {
  static readonly made: FakeContext[] = [];
  state = 'suspended';
  disconnected = 0;
  readonly options: unknown;
  constructor(options: unknown) {
    this.options = options;
    FakeContext.made.push(this);
  }
  createMediaStreamSource = (): object => ({
    connect: () => {},
    disconnect: () => {
      this.disconnected += 1;
    },
  });
  createAnalyser = (): object => ({
    fftSize: 0,
    getFloatTimeDomainData: (samples: Float32Array) => samples.fill(this.state === 'running' ? 0.1 : 0),
  });
  resume = async (): Promise<void> => {
    this.state = 'running';
  };
  close = async (): Promise<void> => {
    this.state = 'closed';
  };
}

describe('meters leave nothing behind', () => {
  beforeEach(() => {
    FakeContext.made.length = 0;
    vi.stubGlobal('AudioContext', FakeContext);
  });
  afterEach(() => vi.unstubAllGlobals());
  const voice = {} as MediaStream;

  it('meters that run at a time share a context, which ends with the last of them', () => {
    const meters = createMeters();
    const [agent, customer] = [meters.meter(voice), meters.meter(voice)];
    agent.stop();
    agent.stop();
    expect(FakeContext.made.map(({ state, disconnected }) => [state, disconnected])).toEqual([['suspended', 1]]);
    customer.stop();
    expect(FakeContext.made.map(({ state, disconnected }) => [state, disconnected])).toEqual([['closed', 2]]);
    meters.meter(voice);
    expect(FakeContext.made.map(({ state }) => state)).toEqual(['closed', 'suspended']);
  });

  it('they open no output', () => {
    createMeters().meter(voice);
    expect(FakeContext.made[0]?.options).toMatchObject({ sinkId: { type: 'none' } });
  });

  it('kept back until a click, they measure from then on', () => {
    const meters = createMeters();
    meters.unlock();
    expect(FakeContext.made).toHaveLength(0);
    const meter = meters.meter(voice);
    expect(meter.readDb()).toBe(silenceDb);
    meters.unlock();
    expect(meter.readDb()).toBe(-20);
  });

  it('a page that closes takes a running meter along', () => {
    const meters = createMeters();
    const meter = meters.meter(voice);
    meters.close();
    meter.stop();
    expect(FakeContext.made.map(({ state }) => state)).toEqual(['closed']);
  });
});
