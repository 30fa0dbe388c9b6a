import { describe, expect, it } from 'vitest';
import { createPracticeCallers, type NextCaller, type PracticeCallers } from '../../practice/callers.ts';
import { createManualClock, type ManualClock } from '../../practice/clock.ts';
import type { CallOptions } from '../../practice/customers.ts';
import type { CustomerCall } from '../../practice/customers/customer-call.ts';
import { createEar } from '../../practice/customers/ear.ts';

type Hall = {
  readonly clock: ManualClock;
  readonly calls: CallOptions[];
  readonly callers: PracticeCallers;
  readonly stand: (available: number, waiting: number) => void;
};

const hall = (isAutomatic = true): Hall => {
  const clock = createManualClock();
  const calls: CallOptions[] = [];
  const listeners = new Set<() => void>();
  let standing = { available: 0, waiting: 0, calls: 0 };
  const quiet: CustomerCall = {
    number: '',
    state: () => ({ kind: 'waiting', sinceMs: 0 }),
    heard: createEar(clock).heard,
    connectedMs: () => undefined,
    hangUp: () => {},
    done: new Promise(() => {}),
  };
  const known: Readonly<Record<string, NextCaller>> = {
    next: { number: '13800138000', queue: 'service', language: 'en' },
    c7: { number: '13800138007', queue: 'vip', withheld: true },
  };
  const callers = createPracticeCallers({
    customers: {
      call: (options) => {
        calls.push(options);
        return quiet;
      },
    },
    exchange: {
      standing: () => standing,
      onChange: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    pick: ({ callerId }) => known[callerId ?? 'next'],
    random: () => 0.5,
    clock,
    isAutomatic,
  });
  return {
    clock,
    calls,
    callers,
    stand: (available, waiting) => {
      standing = { available, waiting, calls: 0 };
      for (const listener of listeners) listener();
    },
  };
};

describe('practice callers', () => {
  it('call four to ten seconds after somebody is free', () => {
    const { clock, calls, stand } = hall();
    clock.advance(60_000);
    expect(calls).toEqual([]);
    stand(1, 0);
    clock.advance(6_999);
    expect(calls).toEqual([]);
    clock.advance(1);
    expect(calls).toEqual([{ from: { number: '13800138000' }, to: 'service', language: 'en' }]);
  });

  it('do not call while somebody waits, nor when the agent is no longer free', () => {
    const { clock, calls, stand } = hall();
    stand(1, 1);
    clock.advance(60_000);
    stand(1, 0);
    clock.advance(3_000);
    stand(0, 0);
    clock.advance(60_000);
    expect(calls).toEqual([]);
  });

  it('call at once when asked, whoever is asked for, and nobody who is unknown', () => {
    const { calls, callers } = hall(false);
    expect(callers.callNow({ callerId: 'c7' })).toBeDefined();
    expect(calls).toEqual([{ from: { number: '13800138007', withheld: true }, to: 'vip' }]);
    expect(callers.callNow({ callerId: 'c8' })).toBeUndefined();
    callers.callNow({ callerId: 'c7', toQueueOf: ['service', 'vip'] });
    callers.callNow({ callerId: 'c7', toQueueOf: ['service'] });
    expect(calls.slice(1).map((call) => call.to)).toEqual(['vip', 'service']);
  });

  it('only on request when told so, and never after closing', () => {
    const { clock, calls, callers, stand } = hall();
    callers.setAutomatic(false);
    stand(1, 0);
    clock.advance(60_000);
    expect(calls).toEqual([]);
    callers.setAutomatic(true);
    callers.close();
    clock.advance(60_000);
    expect(calls).toEqual([]);
  });
});
