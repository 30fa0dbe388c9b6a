import { beforeEach, describe, expect, it } from 'vitest';
import type { IceSetup } from '../../../renderer/phone/ice-gathering.ts';
import { type RelayWatch, watchRelay } from '../../../renderer/phone/relay-watch.ts';
import type { RelayState } from '../../../shared/ice.ts';
import { createManualClock, type ManualClock } from './lab/manual-clock.ts';

const servers = [{ urls: 'turn:relay.example' }];
let clock: ManualClock;
let ice: IceSetup;
let states: RelayState[];
let answer: 'ready' | 'refused' | 'unreachable';
let tries: number;
let takesMs: number;
let watch: RelayWatch;

beforeEach(() => {
  clock = createManualClock();
  ice = { servers, policy: 'relay' };
  states = [];
  answer = 'ready';
  tries = 0;
  takesMs = 10;
  watch = watchRelay({
    clock,
    random: () => 0.5,
    ice: () => ice,
    onState: (state) => states.push(state),
    tryRelay: () => {
      tries += 1;
      const found = answer;
      return new Promise((resolve) => clock.after(takesMs, () => resolve(found)));
    },
  });
});

describe('whether there is a relay', () => {
  it('is asked before a call needs it, and each minute while all is well', async () => {
    watch.changed();
    await clock.advance(100);
    expect(states).toEqual(['ready']);
    await clock.advance(180_000);
    expect(tries).toBeGreaterThanOrEqual(3);
    expect(tries).toBeLessThanOrEqual(5);
  });

  it('is asked again soon and without end while it is not, ten seconds apart at the most', async () => {
    answer = 'unreachable';
    watch.changed();
    await clock.advance(600_000);
    expect(new Set(states)).toEqual(new Set(['unreachable']));
    expect(tries).toBeGreaterThanOrEqual(55);
    answer = 'ready';
    await clock.advance(13_000);
    expect(states.at(-1)).toBe('ready');
  });

  it('doubted, it is asked at once; doubts during an answer start nothing new', async () => {
    watch.changed();
    await clock.advance(100);
    answer = 'refused';
    takesMs = 3_000;
    watch.doubt();
    for (let n = 0; n < 5; n += 1) {
      await clock.advance(500);
      watch.doubt();
    }
    await clock.advance(1_000);
    expect(states).toEqual(['ready', 'refused']);
    expect(tries).toBe(2);
  });

  it('is not asked where none is needed, and an answer that comes late says nothing', async () => {
    takesMs = 3_000;
    watch.changed();
    ice = { servers, policy: 'all' };
    watch.changed();
    watch.doubt();
    await clock.advance(600_000);
    expect(states).toEqual(['notNeeded']);
    expect(tries).toBe(1);
  });
});
