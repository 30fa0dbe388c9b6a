import { describe, expect, it } from 'vitest';
import { openAdmission } from '../../central/admission.ts';
import { makeManualClock } from './manual-clock.ts';

// A whole centre comes back at once: who is in is served, the others are told when, one after the other.

const full = (count: number) => {
  const clock = makeManualClock();
  const admission = openAdmission(clock);
  const over = Array.from({ length: count }, () => admission.began());
  return { clock, admission, over };
};

describe('who comes in', () => {
  it('is everybody while there is room', () => {
    const { admission } = full(39);
    for (let n = 0; n < 1_000; n += 1) expect(admission.secondsToWait(`seat ${n}`)).toBeUndefined();
  });
  it('is who is in already, however busy it is', () => {
    const { clock, admission } = full(0);
    expect(admission.secondsToWait('in')).toBeUndefined();
    for (let n = 0; n < 100; n += 1) admission.began();
    expect(admission.secondsToWait('in')).toBeUndefined();
    expect(admission.secondsToWait('new')).toBeGreaterThanOrEqual(1);
    clock.advance(89_000);
    expect(admission.secondsToWait('in')).toBeUndefined();
    // Asking keeps it in; who did not ask for minutes is new.
    clock.advance(89_000);
    expect(admission.secondsToWait('in')).toBeUndefined();
    clock.advance(200_000);
    expect(admission.secondsToWait('in')).toBeGreaterThanOrEqual(1);
  });
  it('is told later and later while it is busy: two thousand are spread over many seconds', () => {
    const { admission } = full(40);
    const waits = Array.from({ length: 2_000 }, (_, n) => admission.secondsToWait(`seat ${n}`) ?? 0);
    expect(waits[0]).toBe(1);
    expect(waits.at(-1)).toBeGreaterThanOrEqual(8);
    expect([...waits].sort((one, other) => one - other)).toEqual(waits);
    const perSecond = Math.max(...[...Map.groupBy(waits, (wait) => wait).values()].map(({ length }) => length));
    expect(perSecond).toBeLessThan(600);
  });
  it('is told again when it comes too early, by its place in the line, and the less the more have come in', () => {
    const { admission, over } = full(40);
    const told = (n: number): number | undefined => admission.secondsToWait(`seat ${n}`);
    const first = Array.from({ length: 2_000 }, (_, n) => told(n) ?? 0);
    expect([told(1_999), told(5), told(1_000)]).toEqual([first[1_999], first[5], first[1_000]]);
    expect(told(2_000)).toBeGreaterThanOrEqual(first[1_999] ?? 0);
    for (let n = 0; n < 1_500; n += 1) {
      over.shift()?.();
      expect(told(n)).toBeUndefined();
      over.push(admission.began());
    }
    expect(told(1_999)).toBeLessThan(first[1_999] ?? 0);
  });
  it('is whoever comes when requests are over; one that is over twice counts once', () => {
    const { admission, over } = full(40);
    expect(admission.secondsToWait('new')).toBeGreaterThanOrEqual(1);
    over[0]?.();
    over[0]?.();
    expect(admission.secondsToWait('new')).toBeUndefined();
    admission.began();
    expect(admission.secondsToWait('another')).toBeGreaterThanOrEqual(1);
  });
});
