import { describe, expect, it } from 'vitest';
import { momentOf, shippedCalendar } from '../../../shared/calendar.ts';
import {
  countersOf,
  type DialCounters,
  grantStates,
  nextGrantState,
  noCounters,
} from '../../../shared/dial-counters.ts';
import { grantDial, mayUseGrant } from '../../../shared/dial-grant.ts';
import { type DialRequest, mayDial, type Outbound } from '../../../shared/dial-policy.ts';
import { defaultPolicy, outboundLimits } from '../../../shared/policy.ts';
import { customer } from '../make.ts';

const at = (day: string, minutes: number): number => momentOf(day, minutes) ?? 0;
const minute = 60_000;
const day = 24 * 60 * minute;
const monday = at('2026-11-30', 10 * 60);

type Over = Partial<Outbound> & Partial<Pick<DialRequest, 'customer' | 'purpose' | 'text'>>;
const requestOf = ({ customer: whom = customer(), purpose = 'marketing', text = '13800138000', ...over }: Over) => {
  const { nowMs = monday } = over;
  const fresh = { nowMs, refusalsAsOfMs: nowMs, countersAsOfMs: nowMs, counters: noCounters };
  const outbound: Outbound = {
    ...{ ...fresh, calendar: shippedCalendar, task: null, promisedAtMs: null, isNecessary: false },
    ...over,
  };
  return { text, purpose, customer: whom, outbound };
};
const why = (over: Over): string => {
  const got = mayDial(requestOf(over), defaultPolicy);
  return got.ok ? 'ok' : (got.error.reason ?? got.error.kind);
};
const counted = (over: Partial<DialCounters>): { counters: DialCounters } => ({ counters: { ...noCounters, ...over } });
const task = { hours: [{ fromMinute: 9 * 60 + 30, toMinute: 18 * 60 }], endsAtMs: monday + day, takesProspects: false };

describe('R21 one dial policy, with a reason for each no', () => {
  it.each<[string, Over]>([
    ['ok', {}],
    ['redList', { customer: customer({ list: 'red' }) }],
    ['redList', { customer: customer({ list: 'red' }), isNecessary: true }],
    ['refusedMarketing', { customer: customer({ refusesMarketing: true }) }],
    ['refusedMarketing', counted({ refusedAtMs: 1 })],
    ['ok', { customer: customer({ refusesMarketing: true }), isNecessary: true }],
    // Care is no telemarketing.
    ['ok', { customer: customer({ refusesMarketing: true, list: 'red' }), purpose: 'service' }],
    ['dialCopyOld', { refusalsAsOfMs: monday - 16 * minute }],
    ['dialCopyOld', { countersAsOfMs: null }],
    ['dialCopyOld', { refusalsAsOfMs: null, purpose: 'service' }],
    ['ok', { refusalsAsOfMs: monday - 14 * minute }],
    ['outsideHours', { nowMs: at('2026-11-30', 9 * 60 - 1) }],
    ['outsideHours', { nowMs: at('2026-11-30', 12 * 60) }],
    ['ok', { nowMs: at('2026-11-30', 12 * 60), promisedAtMs: at('2026-11-30', 12 * 60 + 20) }],
    ['outsideHours', { nowMs: at('2026-11-30', 20 * 60), isNecessary: true }],
    ['outsideTaskHours', { nowMs: at('2026-11-30', 9 * 60 + 10), task }],
    ['taskOver', { nowMs: monday + day, task }],
    // A Saturday is no public holiday; National Day is one.
    ['ok', { nowMs: at('2026-11-28', 10 * 60) }],
    ['publicHoliday', { nowMs: at('2026-10-02', 10 * 60) }],
    ['calendarMissing', { nowMs: at('2027-03-01', 10 * 60) }],
    ['dialHeld', counted({ heldUntilMs: monday + 1 })],
    ['ok', counted({ heldUntilMs: monday })],
    ['quietTime', counted({ contactedAtMs: monday - 91 * day })],
    ['ok', counted({ contactedAtMs: monday - 92 * day })],
    ['quietTime', counted({ surveyedAtMs: monday - 183 * day })],
    ['ok', { ...counted({ contactedAtMs: monday - day }), purpose: 'service' }],
    ['ok', { ...counted({ contactedAtMs: monday - day }), isNecessary: true }],
    ['attemptGap', counted({ attemptsAtMs: [monday - 29 * minute] })],
    ['ok', counted({ attemptsAtMs: [monday - 30 * minute] })],
    ['attemptsToday', counted({ attemptsAtMs: [monday - 50 * minute, monday - 40 * minute, monday - 31 * minute] })],
    ['ok', counted({ attemptsAtMs: [monday - 26 * 60 * minute, monday - 25 * 60 * minute, monday - 31 * minute] })],
    ['numberInternational', { text: '+44 20 7946 0000' }],
  ])('%s: %j', (reason, over) => expect(why(over)).toBe(reason));

  it('R20: nobody is called who is no customer, but for the prospects of a list', () => {
    const stranger = { ...requestOf({}), customer: undefined };
    expect(mayDial(stranger, defaultPolicy)).toMatchObject({ error: { reason: 'notOwnCustomer' } });
    const outbound = { ...stranger.outbound, task: { ...task, takesProspects: true } };
    expect(mayDial({ ...stranger, outbound }, defaultPolicy).ok).toBe(true);
    expect(mayDial({ text: '13800138000', purpose: 'marketing', customer: customer() }, defaultPolicy)).toMatchObject({
      error: { reason: 'dialCopyOld' },
    });
  });

  it('security 83: a served policy makes the limits stricter, never looser', () => {
    const loose = { quietDays: 1, surveyQuietDays: 1, attemptsPerDay: 3, attemptGapMinutes: 30, copyMinutes: 60 };
    expect(outboundLimits({ outbound: loose })).toMatchObject({ quietDays: 92, surveyQuietDays: 184, copyMinutes: 60 });
    expect(outboundLimits({ outbound: { quietDays: 180, attemptsPerDay: 1 } })).toMatchObject({
      quietDays: 180,
      attemptsPerDay: 1,
    });
  });
});

describe('R21 leave to call one customer once', () => {
  it('ends with the hours, with its task, or after ten minutes', () => {
    const ttl = (over: Over) => {
      const got = grantDial(requestOf(over), defaultPolicy);
      return got.ok ? got.value.ttlMs / minute : got.error.reason;
    };
    expect(ttl({})).toBe(10);
    expect(ttl({ nowMs: at('2026-11-30', 11 * 60 + 55) + 30_000 })).toBe(4.5);
    expect(ttl({ nowMs: at('2026-11-30', 17 * 60 + 58), task })).toBe(2);
    expect(ttl({ task: { ...task, endsAtMs: monday + 3 * minute } })).toBe(3);
    expect(ttl({ nowMs: at('2026-11-30', 12 * 60 + 45), promisedAtMs: at('2026-11-30', 12 * 60 + 20) })).toBe(5);
  });

  it('is used once and in time, and what the seat has heard since counts', () => {
    const use = (over: Over, endsAtMs = monday + minute, isUsed = false) => {
      const got = mayUseGrant(requestOf(over), { endsAtMs, isUsed }, defaultPolicy);
      return got.ok ? 'ok' : got.error.reason;
    };
    expect(use({})).toBe('ok');
    expect(use({}, monday)).toBe('grantOver');
    expect(use({}, monday + minute, true)).toBe('grantUsed');
    expect(use({ customer: customer({ refusesMarketing: true }) })).toBe('refusedMarketing');
  });

  it.each(grantStates.flatMap((state) => grantStates.slice(1).map((told) => [state, told] as const)))(
    '%s, told %s',
    (state, told) => {
      const next = nextGrantState(state, told as Exclude<typeof told, 'held'>);
      const wanted =
        state === 'held' || (state === 'dialled' && (told === 'reached' || told === 'unreached')) ? told : state;
      expect(next).toBe(wanted);
    },
  );

  it('of which nothing was heard counts as if the customer had been reached in its last second', () => {
    const grant = { state: 'held', atMs: monday, untilMs: monday + minute, isMarketing: true, isSurvey: true } as const;
    expect(countersOf([grant], null, monday)).toEqual({ ...noCounters, heldUntilMs: monday + minute });
    const until = monday + minute;
    expect(countersOf([grant], null, until)).toEqual({
      ...{ ...noCounters, attemptsAtMs: [until], contactedAtMs: until, surveyedAtMs: until },
    });
    expect(countersOf([{ ...grant, state: 'unused' }], null, until)).toEqual(noCounters);
    expect(countersOf([{ ...grant, state: 'unreached' }], null, until).contactedAtMs).toBeNull();
    expect(countersOf([{ ...grant, state: 'reached', isMarketing: false }], null, until).contactedAtMs).toBeNull();
  });
});
