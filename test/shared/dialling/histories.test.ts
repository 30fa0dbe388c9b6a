import { describe, expect, it } from 'vitest';
import { isHoliday, minuteOf, shippedCalendar, type WorkCalendar } from '../../../shared/calendar.ts';
import { type CountedGrant, countersOf, type GrantState, nextGrantState } from '../../../shared/dial-counters.ts';
import { grantDial, mayUseGrant } from '../../../shared/dial-grant.ts';
import type { Outbound } from '../../../shared/dial-policy.ts';
import { defaultPolicy } from '../../../shared/policy.ts';
import { customer as makeCustomer } from '../make.ts';

/**
 * R21, R22 (none-has 5): whatever seats, tasks and firms do, in whatever order, off line, with old copies, wrong clocks and crashes,
 * no customer is dialled whom the rules protect. The judge below knows everything that really happened and none of our counters.
 * 10,000 histories with the other tests; a million: `npm run test:dialling`.
 */
const histories = Number(process.env['DIALLING_HISTORIES'] ?? 10_000);
const seed = Number(process.env['DIALLING_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const copyMs = 15 * minute;
/** Longer than a grant holds and than a refusal can be unknown to a seat that may still dial. */
const calendar: WorkCalendar = {
  years: [...shippedCalendar.years, { year: 2027, source: 'made up', off: ['2027-01-01'], work: [] }],
};

const randomOf = (from: number) => {
  let state = from;
  // Mulberry32: small, and the same everywhere.
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return { next, pick: <T>(of: readonly T[]): T => of[Math.floor(next() * of.length)] as T };
};
type Random = ReturnType<typeof randomOf>;

const tasks = {
  sale: { isMarketing: true, isSurvey: false },
  survey: { isMarketing: true, isSurvey: true },
  care: { isMarketing: false, isSurvey: false },
} as const;
type TaskName = keyof typeof tasks;
const taskNames = Object.keys(tasks) as TaskName[];
const taskHours = [{ fromMinute: 8 * 60, toMinute: 19 * 60 + 30 }];
const endsAtMs = Date.parse('2027-09-01T00:00:00Z');

/** What really happened: nothing here is read by the rules. */
type Dial = { readonly atMs: number; readonly isMarketing: boolean; readonly isSurvey: boolean; reached: boolean };
type Refusal = { readonly atMs: number; readonly seat: number; arrivedMs: number | null };
type Person = {
  readonly row: ReturnType<typeof makeCustomer>;
  readonly grants: Map<number, CountedGrant>;
  readonly dials: Dial[];
  readonly refusals: Refusal[];
  knownRefusedMs: number | null;
};

type Told =
  | {
      readonly kind: 'grant';
      readonly person: number;
      readonly id: number;
      readonly state: Exclude<GrantState, 'held'>;
    }
  | { readonly kind: 'refused'; readonly person: number; readonly refusal: Refusal };
type Held = {
  readonly person: number;
  readonly id: number;
  readonly task: TaskName;
  readonly endsAtMs: number;
  readonly counters: Outbound['counters'];
  readonly countersAsOfMs: number;
  isUsed: boolean;
};
type Seat = {
  readonly skewMs: number;
  isOnline: boolean;
  asOfMs: number | null;
  readonly copy: Set<number>;
  held: Held | null;
  call: { readonly held: Held; readonly dial: Dial } | null;
  readonly outbox: Told[];
};

const play = (random: Random): { readonly broken: string[]; readonly dials: number } => {
  const { next, pick } = random;
  let nowMs = Date.parse('2026-09-21T01:10:00Z') + Math.floor(next() * 40) * day;
  let made = 0;
  const people: Person[] = [0, 1].map((n) => ({
    row: makeCustomer({ id: `C${n}`, list: next() < 0.05 ? 'red' : 'normal' }),
    ...{ grants: new Map(), dials: [], refusals: [], knownRefusedMs: null },
  }));
  const seats: Seat[] = [0, 1, 2].map(() => ({
    skewMs: next() < 0.2 ? Math.floor((next() - 0.5) * 6 * hour) : 0,
    ...{ isOnline: true, asOfMs: null, copy: new Set(), held: null, call: null, outbox: [] },
  }));
  const broken: string[] = [];

  const outboundOf = (over: Pick<Outbound, 'nowMs' | 'refusalsAsOfMs' | 'countersAsOfMs' | 'counters'>): Outbound => ({
    ...{
      calendar,
      task: { hours: taskHours, endsAtMs, takesProspects: false },
      promisedAtMs: null,
      isNecessary: false,
    },
    ...over,
  });
  const requestOf = (n: number, task: TaskName, refuses: boolean, outbound: Outbound) => ({
    ...{ text: '13800138000', purpose: tasks[task].isMarketing ? ('marketing' as const) : ('service' as const) },
    ...{ customer: { ...(people[n] as Person).row, refusesMarketing: refuses }, outbound },
  });

  const deliver = (seat: Seat): void => {
    for (const told of seat.outbox.splice(0)) {
      const person = people[told.person] as Person;
      if (told.kind === 'refused') {
        told.refusal.arrivedMs = nowMs;
        person.knownRefusedMs ??= nowMs;
        continue;
      }
      const grant = person.grants.get(told.id) as CountedGrant;
      const state = nextGrantState(grant.state, told.state);
      // A dial was made while the grant held, whenever it is told of.
      const atMs = state === 'dialled' ? Math.min(nowMs, grant.untilMs) : told.state === 'reached' ? nowMs : grant.atMs;
      person.grants.set(told.id, { ...grant, state, atMs });
    }
  };
  const pull = (seat: Seat): void => {
    deliver(seat);
    seat.asOfMs = nowMs + seat.skewMs;
    people.forEach(({ knownRefusedMs }, n) => void (knownRefusedMs !== null && seat.copy.add(n)));
  };

  type Step = (seat: Seat, at: number) => void;
  const passes = (ms: number): void => {
    nowMs += Math.max(0, Math.floor(ms));
    for (const seat of seats) if (seat.isOnline && next() < 0.6) pull(seat);
  };

  const giveBack = (seat: Seat): void => {
    const { held } = seat;
    // Once dialled it is not given back; what became of it was lost with the seat's memory.
    if (held?.isUsed === false) seat.outbox.push({ kind: 'grant', person: held.person, id: held.id, state: 'unused' });
    seat.held = null;
  };
  // Central is asked for a customer.
  const asks: Step = (seat) => {
    if (seat.held !== null && seat.call === null && nowMs + seat.skewMs >= seat.held.endsAtMs) giveBack(seat);
    if (!seat.isOnline || seat.held !== null || seat.call !== null) return;
    pull(seat);
    const [n, task, id] = [pick([0, 0, 0, 1]), pick(taskNames), (made += 1)];
    const person = people[n] as Person;
    const counters = countersOf([...person.grants.values()], person.knownRefusedMs, nowMs);
    const facts = outboundOf({ nowMs, refusalsAsOfMs: nowMs, countersAsOfMs: nowMs, counters });
    const granted = grantDial(requestOf(n, task, person.knownRefusedMs !== null, facts), defaultPolicy);
    if (!granted.ok) return;
    const askedAtMs = nowMs + seat.skewMs;
    const { ttlMs } = granted.value;
    person.grants.set(id, { state: 'held', atMs: nowMs, untilMs: nowMs + ttlMs, ...tasks[task] });
    seat.held = {
      person: n,
      id,
      task,
      endsAtMs: askedAtMs + ttlMs,
      counters,
      countersAsOfMs: askedAtMs,
      isUsed: false,
    };
    nowMs += Math.floor(next() * 500);
  };
  // The agent dials, on line or not, perhaps much later.
  const dials: Step = (seat, at) => {
    const { held } = seat;
    if (held === null || seat.call !== null) return;
    const person = people[held.person] as Person;
    const ownMs = nowMs + seat.skewMs;
    const refuses = seat.copy.has(held.person);
    const { counters, countersAsOfMs } = held;
    const facts = outboundOf({ nowMs: ownMs, refusalsAsOfMs: seat.asOfMs, countersAsOfMs, counters });
    const may = mayUseGrant(requestOf(held.person, held.task, refuses, facts), held, defaultPolicy);
    if (!may.ok) return;
    held.isUsed = true;
    made += 1;
    judge(broken, person, { task: held.task, seat: at, nowMs });
    const dial: Dial = { atMs: nowMs, ...tasks[held.task], reached: false };
    person.dials.push(dial);
    seat.outbox.push({ kind: 'grant', person: held.person, id: held.id, state: 'dialled' });
    seat.call = { held, dial };
    if (next() < 0.6 && seat.isOnline) deliver(seat);
  };
  // It is answered, or it is not.
  const answers: Step = (seat) => {
    if (seat.call === null) return;
    const { held, dial } = seat.call;
    dial.reached = next() < 0.3;
    const state = dial.reached ? 'reached' : 'unreached';
    seat.outbox.push({ kind: 'grant', person: held.person, id: held.id, state });
    seat.call = seat.held = null;
  };

  const steps: readonly Step[] = [
    // Time goes by: within a call, within a day, or to another day; seats that are on line hear of each other meanwhile.
    () => passes(Math.floor(next() * pick([20_000, 2 * minute, 12 * minute, 40 * minute]))),
    () => passes((30 + next() * 20) * minute),
    () => {
      if (next() < 0.7) return passes(Math.floor(next() * 5 * minute));
      const startsMs = Math.floor((nowMs + 8 * hour) / day) * day - 8 * hour;
      passes(startsMs + pick([0, 1, 1, 2, 30, 92, 93, 185]) * day + (8.5 + next() * 12) * hour - nowMs);
    },
    (seat) => void (seat.isOnline && pull(seat)),
    (seat) => void (seat.isOnline = !seat.isOnline || next() < 0.5),
    asks,
    dials,
    answers,
    // An agent at work: one after the other, and not always all of it.
    ...[1, 2, 3].map((): Step => (seat, at) => {
      for (const one of [asks, dials, answers]) if (next() < 0.9) one(seat, at);
    }),
    // Given back unused: here at once, at central when it arrives.
    (seat) => {
      if (seat.call === null && next() < 0.4) giveBack(seat);
    },
    // "Do not call me."
    (seat, at) => {
      if (next() < 0.9) return;
      const n = seat.call?.held.person ?? pick([0, 1]);
      const refusal: Refusal = { atMs: nowMs, seat: at, arrivedMs: null };
      (people[n] as Person).refusals.push(refusal);
      seat.copy.add(n);
      seat.outbox.unshift({ kind: 'refused', person: n, refusal });
    },
    // The seat's memory is gone; what it wrote down is not.
    (seat) => {
      if (next() < 0.9) return;
      seat.call = seat.held = null;
    },
  ];
  for (let step = 0; step < 160; step += 1) {
    const at = Math.floor(next() * seats.length);
    pick(steps)(seats[at] as Seat, at);
  }
  return { broken, dials: people.reduce((sum, { dials }) => sum + dials.length, 0) };
};

/** By what happened, not by what anybody counted. */
const judge = (
  broken: string[],
  { row, dials, refusals }: Person,
  { task, seat, nowMs }: { readonly task: TaskName; readonly seat: number; readonly nowMs: number },
): void => {
  const at = minuteOf(nowMs);
  const open = (at >= 540 && at < 720) || (at >= 840 && at < 1_170);
  if (!open || isHoliday(calendar, nowMs) !== false) broken.push(`${task}: out of hours`);
  const chinaDay = (atMs: number): number => Math.floor((atMs + 8 * hour) / day);
  if (dials.filter(({ atMs }) => chinaDay(atMs) === chinaDay(nowMs)).length >= 3) broken.push(`${task}: a fourth time`);
  if (dials.some(({ atMs }) => nowMs - atMs < 30 * minute)) broken.push(`${task}: again within half an hour`);
  if (!tasks[task].isMarketing) return;
  if (row.list === 'red') broken.push('red list');
  if (dials.some((one) => one.isMarketing && one.reached && nowMs - one.atMs < 92 * day)) broken.push('quiet time');
  if (dials.some((one) => one.isSurvey && one.reached && nowMs - one.atMs < 184 * day)) broken.push('after a survey');
  const known = refusals.some((one) => one.seat === seat || (one.arrivedMs !== null && nowMs - one.arrivedMs > copyMs));
  if (known) broken.push('refused');
};

describe('R21, R22 no sequence of actions leads to a forbidden dial', () => {
  it(`in ${histories} random histories`, { timeout: 60_000 + histories * 2 }, () => {
    let dials = 0;
    for (let n = 0; n < histories; n += 1) {
      const played = play(randomOf(seed + n));
      dials += played.dials;
      if (played.broken.length > 0) expect.fail(`seed ${seed + n}: ${played.broken.join('; ')}`);
    }
    process.stdout.write(`${histories} histories, ${dials} dials, none forbidden (seed ${seed})\n`);
    // A rule that never lets anybody be called would pass as well.
    expect(dials).toBeGreaterThan(histories / 2);
  });
});
