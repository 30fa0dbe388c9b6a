import { describe, expect, it } from 'vitest';
import { greetingOf } from '../../shared/greeting.ts';
import { defaultPolicy, withFloors } from '../../shared/policy.ts';
import { coarseUsage, hintsOf, lifeCycleOf, tierOf } from '../../shared/tier.ts';
import { calmUsage, customer } from './make.ts';

const day = 86_400_000;
const now = 1_700_000_000_000;

describe('R1 tier', () => {
  it.each([
    [{ arpu: 250, tenureMonths: 70, creditScore: 600 }, 'high'],
    [{ arpu: 250, tenureMonths: 5, creditScore: 800 }, 'high'],
    [{ arpu: 250, tenureMonths: 5, creditScore: 600 }, 'mid'],
    [{ arpu: 120, tenureMonths: 5, creditScore: 600 }, 'mid'],
    [{ arpu: 250, tenureMonths: 5, creditScore: 300 }, 'mid'],
    [{ arpu: 60, tenureMonths: 5, creditScore: 600 }, 'standard'],
    [{ arpu: 60, tenureMonths: 80, creditScore: 600 }, 'mid'],
  ])('%j is %s, with a reason per dimension', (over, tier) => {
    const got = tierOf({ ...calmUsage, ...over }, defaultPolicy.tier);
    expect(got.tier).toBe(tier);
    expect(got.why).toHaveLength(3);
  });
});

describe('R3 life cycle', () => {
  it.each([
    [{ daysSinceLastRecord: 20 }, 'noRecords'],
    [{ lastBill: 200, previousBill: 100 }, 'chargeSwing'],
    [{ lastBill: 40, previousBill: 100 }, 'chargeSwing'],
    [{ rivalForwarding: true }, 'rivalForwarding'],
    [{ contractEndsAtMs: now + 30 * day }, 'contractEnd'],
    [{ arpu: 49 }, 'lowArpu'],
  ])('%j warns with %s', (over, reason) => {
    const got = lifeCycleOf({ ...calmUsage, ...over }, defaultPolicy, now);
    expect(got.stage).toBe('warning');
    expect(got.reasons.map((each) => each.key)).toEqual([reason]);
  });

  it.each([
    [1, 'identification'],
    [12, 'growth'],
    [36, 'stable'],
  ])('%i months on net without warning is %s', (tenureMonths, stage) => {
    expect(lifeCycleOf({ ...calmUsage, tenureMonths }, defaultPolicy, now).stage).toBe(stage);
  });
});

describe('R11: usage as a seat holds it', () => {
  const usage = { ...calmUsage, arpu: 208.4, lastBill: 131.7, previousBill: 88.2 };
  it('gives no amount a caller is asked for, and the same tier, life cycle and hints', () => {
    const seen = coarseUsage(usage);
    expect(seen).toMatchObject({ arpu: 200, previousBill: 100, lastBill: 149 });
    expect(tierOf(seen, defaultPolicy.tier).tier).toBe(tierOf(usage, defaultPolicy.tier).tier);
    expect(lifeCycleOf(seen, defaultPolicy, now).stage).toBe(lifeCycleOf(usage, defaultPolicy, now).stage);
    expect(coarseUsage(seen)).toEqual(seen);
  });
  it('a customer without a previous bill has no swing', () => {
    expect(coarseUsage({ ...usage, previousBill: 0 })).toMatchObject({ previousBill: 0, lastBill: 0 });
  });
});

describe('R5 hints', () => {
  const wanting = customer({ usage: { ...calmUsage, longDistanceShare: 0.38, dataUsedShare: 0.95 } });
  it('come with the reason in numbers', () => {
    expect(hintsOf(wanting, defaultPolicy, now)).toEqual([
      { offerId: 'ip-long-distance', key: 'ipLongDistance', params: { percent: 38 } },
      { offerId: 'data-10g', key: 'moreData', params: { percent: 95 } },
    ]);
  });
  it('are silent for the red list and after a refusal (R22)', () => {
    expect(hintsOf({ ...wanting, list: 'red' }, defaultPolicy, now)).toEqual([]);
    expect(hintsOf({ ...wanting, refusesMarketing: true }, defaultPolicy, now)).toEqual([]);
  });
  it('leave out an offer made in the last three months', () => {
    const offered = {
      ...wanting,
      lastOffers: [
        { offerId: 'data-10g', atMs: now - 10 * day },
        { offerId: 'ip-long-distance', atMs: now - 91 * day },
      ],
    };
    expect(hintsOf(offered, defaultPolicy, now).map((hint) => hint.offerId)).toEqual(['ip-long-distance']);
  });
});

describe('R8 greeting', () => {
  it('greets one certain match by surname and title in the customer’s language', () => {
    const english = customer({ surname: 'Walker', gender: 'female', language: 'en' });
    expect(greetingOf({ kind: 'one', customer: customer(), certainty: 'certain' }, 'en')).toEqual({
      key: 'byName',
      language: 'zh-CN',
      surname: '李',
      title: 'sir',
    });
    expect(greetingOf({ kind: 'one', customer: english, certainty: 'certain' }, 'zh-CN')).toEqual({
      key: 'byName',
      language: 'en',
      surname: 'Walker',
      title: 'madam',
    });
  });
  it('asks when the match is of low confidence', () => {
    expect(greetingOf({ kind: 'one', customer: customer(), certainty: 'low' }, 'en').key).toBe('question');
  });
  it('with several asks only for a surname they share, and drops a title they do not', () => {
    const her = customer({ id: 'C2', gender: 'female' });
    const wang = customer({ id: 'C3', surname: '王' });
    expect(greetingOf({ kind: 'several', customers: [customer(), her] }, 'en')).toMatchObject({
      key: 'question',
      surname: '李',
      title: 'unknown',
    });
    expect(greetingOf({ kind: 'several', customers: [customer(), wang] }, 'en').key).toBe('neutral');
  });
  it('is neutral without a match', () => {
    expect(greetingOf({ kind: 'none', why: 'withheld' }, 'en')).toMatchObject({ key: 'neutral', language: 'en' });
  });
});

describe('security 83: compiled floors', () => {
  it('a served policy can tighten but not loosen', () => {
    const loose = {
      ...defaultPolicy,
      triesPerFactorPerCall: 99,
      triesPerCustomerPerDay: 99,
      lockHours: 1,
      strictMinutes: 999,
      cacheCap: 1e9,
    };
    expect(withFloors(loose)).toMatchObject({
      triesPerFactorPerCall: 3,
      triesPerCustomerPerDay: 5,
      lockHours: 24,
      strictMinutes: 10,
      cacheCap: 200_000,
    });
    const tight = { ...defaultPolicy, triesPerFactorPerCall: 1, lockHours: 72, strictMinutes: 2 };
    expect(withFloors(tight)).toEqual(tight);
  });
});
