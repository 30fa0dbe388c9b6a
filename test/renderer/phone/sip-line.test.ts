import { beforeEach, describe, expect, it } from 'vitest';
import {
  createLine,
  type Line,
  type LineLink,
  lineTimes,
  refusedDelayMs,
  type RegisterOutcome,
  retryDelayMs,
} from '../../../renderer/phone/sip-line.ts';
import type { LineState } from '../../../shared/phone.ts';
import { createManualClock, type ManualClock } from './lab/manual-clock.ts';

/** A PBX that answers after `answerMs`, or not at all, or no. */
type Pbx = {
  isThere: boolean;
  isSilent: boolean;
  /** Never answers a REGISTER. */
  isMute: boolean;
  answerMs: number;
  answer: RegisterOutcome;
  readonly calls: { connect: number; register: number; ping: number; drop: number };
  readonly closeSocket: () => void;
  readonly link: LineLink;
};

const createPbx = (clock: ManualClock): Pbx => {
  let onDown = (): void => {};
  const soon = <T>(value: () => T): Promise<T> =>
    new Promise((resolve) => {
      if (!pbx.isSilent) clock.after(pbx.answerMs, () => resolve(value()));
    });
  const pbx: Pbx = {
    isThere: true,
    isSilent: false,
    isMute: false,
    answerMs: 5,
    answer: { kind: 'registered', expiresS: 120 },
    calls: { connect: 0, register: 0, ping: 0, drop: 0 },
    closeSocket: () => onDown(),
    link: {
      connect: () => {
        pbx.calls.connect += 1;
        return soon(() => pbx.isThere);
      },
      register: () => {
        pbx.calls.register += 1;
        if (pbx.isMute) return new Promise(() => {});
        return soon(() => pbx.answer);
      },
      ping: () => {
        pbx.calls.ping += 1;
        return soon(() => true);
      },
      drop: () => {
        pbx.calls.drop += 1;
      },
      onDown: (listener) => {
        onDown = listener;
      },
    },
  };
  return pbx;
};

describe('the line keeps itself registered', () => {
  let clock: ManualClock;
  let pbx: Pbx;
  let line: Line;
  let states: LineState[];
  let returns: number;
  /** How late the page's own timers are. */
  let delayMs: number;
  beforeEach(() => {
    clock = createManualClock();
    pbx = createPbx(clock);
    states = [];
    returns = 0;
    delayMs = 0;
    line = createLine({
      link: pbx.link,
      clock: { nowMs: clock.nowMs, after: (ms, run) => clock.after(ms + delayMs, run) },
      random: () => 0.5,
      onState: (state) => states.push(state),
      onRegistered: () => (returns += 1),
    });
  });
  const latest = (): LineState | undefined => states.at(-1);

  it('registers at once and says so once', async () => {
    line.start();
    line.start();
    await clock.advance(20);
    expect(states.map((state) => state.kind)).toEqual(['connecting', 'registered']);
    expect(returns).toBe(1);
  });

  it('LINE-1 comes back at once after a closed socket', async () => {
    line.start();
    await clock.advance(20);
    pbx.closeSocket();
    expect(latest()).toMatchObject({ kind: 'lost', attempt: 1, why: 'socket', retryAtMs: clock.nowMs() });
    await clock.advance(10);
    expect(latest()?.kind).toBe('registered');
    expect(returns).toBe(2);
  });

  it('LINE-1 tries without end: at once, 50 ms doubling to 0.75 s; `since` stays', async () => {
    line.start();
    await clock.advance(20);
    const lostAtMs = clock.nowMs();
    pbx.isThere = false;
    pbx.closeSocket();
    await clock.advance(3_600_000);
    const lost = states.filter((state) => state.kind === 'lost');
    expect(lost.slice(0, 9).map((state) => Math.round(state.retryAtMs - (lost[0]?.sinceMs ?? 0)))).toEqual([
      0, 55, 160, 365, 770, 1_525, 2_280, 3_035, 3_790,
    ]);
    expect(lost.length).toBeGreaterThan(1_700);
    expect(new Set(lost.map((state) => state.sinceMs))).toEqual(new Set([lostAtMs]));
    pbx.isThere = true;
    await clock.advance(2_100);
    expect(latest()?.kind).toBe('registered');
  });

  it('LINE-1 delays are spread by a quarter to both sides', () => {
    expect([retryDelayMs(1, 0), retryDelayMs(1, 1)]).toEqual([0, 0]);
    expect([retryDelayMs(2, 0), retryDelayMs(2, 1)]).toEqual([37.5, 62.5]);
    expect([retryDelayMs(1_000_000, 0), retryDelayMs(1_000_000, 1)]).toEqual([562.5, 937.5]);
  });

  it.each([
    ['idle', false, lineTimes.pingIdleMs],
    ['in a call or Ready', true, lineTimes.pingNeededMs],
  ])('LINE-2 notices a silent peer %s', async (_, isNeeded, everyMs) => {
    line.start();
    await clock.advance(20);
    line.setNeeded(isNeeded);
    await clock.advance(3 * everyMs + 100);
    expect(pbx.calls.ping).toBe(3);
    expect(latest()?.kind).toBe('registered');
    pbx.isSilent = true;
    await clock.advance(everyMs + lineTimes.pingDeadlineMs + 50);
    expect(latest()).toMatchObject({ kind: 'lost', why: 'noAnswer' });
    expect(pbx.calls.drop).toBeGreaterThan(0);
  });

  it('LINE-2 notices a silent peer as soon when it is time to register again', async () => {
    pbx.answer = { kind: 'registered', expiresS: 20 };
    line.start();
    line.setNeeded(true);
    await clock.advance(9_900);
    pbx.isSilent = true;
    await clock.advance(lineTimes.pingNeededMs + lineTimes.pingDeadlineMs + 50);
    expect(latest()).toMatchObject({ kind: 'lost', why: 'noAnswer' });
    expect(pbx.calls.register).toBe(1);
  });

  it('LINE-2 a call that begins shortens the wait for the next look', async () => {
    line.start();
    await clock.advance(1_000);
    line.setNeeded(true);
    await clock.advance(lineTimes.pingNeededMs + 10);
    expect(pbx.calls.ping).toBe(1);
  });

  it('LINE-3 neither a connect nor a REGISTER without an answer is waited for', async () => {
    pbx.isSilent = true;
    line.start();
    await clock.advance(lineTimes.connectMs + 10);
    expect(latest()).toMatchObject({ kind: 'lost', why: 'socket' });
    pbx.isSilent = false;
    pbx.isMute = true;
    await clock.advance(lineTimes.connectMs + lineTimes.registerMs + 100);
    expect(latest()).toMatchObject({ kind: 'lost', why: 'noAnswer' });
  });

  it('LINE-2 a peer that took long is given twice as long for the next answer, no longer, and is asked less often', async () => {
    pbx.answerMs = 1_500;
    line.start();
    line.setNeeded(true);
    await clock.advance(3_100);
    expect(latest()?.kind).toBe('registered');
    // Not before it had five times as long, within the limit of a seat that needs no line.
    await clock.advance(lineTimes.pingIdleMs - 150);
    expect(pbx.calls.ping).toBe(0);
    // A look that is answered late, but within twice the time of the registration.
    await clock.advance(1_700);
    expect(pbx.calls.ping).toBe(1);
    expect(latest()?.kind).toBe('registered');
    pbx.answerMs = 5;
    await clock.advance(lineTimes.pingIdleMs);
    expect(pbx.calls.ping).toBe(2);
    await clock.advance(2 * lineTimes.pingNeededMs);
    expect(pbx.calls.ping).toBe(4);
    pbx.isSilent = true;
    await clock.advance(lineTimes.pingNeededMs + lineTimes.pingDeadlineMs + 50);
    expect(latest()).toMatchObject({ kind: 'lost', why: 'noAnswer' });
  });

  it('LINE-7 a page that was late itself hears what came meanwhile before it blames the link, and a dead one is lost all the same', async () => {
    line.start();
    line.setNeeded(true);
    await clock.advance(20);
    // 400 ms late for its deadline; the answer comes 100 ms after that.
    delayMs = 400;
    pbx.answerMs = lineTimes.pingDeadlineMs + 500;
    await clock.advance(lineTimes.pingNeededMs + lineTimes.pingDeadlineMs + 1_500);
    expect(pbx.calls.ping).toBe(1);
    expect(latest()?.kind).toBe('registered');
    pbx.isSilent = true;
    await clock.advance(20_000);
    expect(states.filter(({ kind }) => kind === 'lost').length).toBeGreaterThan(0);
  });

  it('LINE-7 on time, it waits no longer than LINE-2 says', async () => {
    line.start();
    line.setNeeded(true);
    await clock.advance(20);
    pbx.answerMs = lineTimes.pingDeadlineMs + 500;
    await clock.advance(lineTimes.pingNeededMs + lineTimes.pingDeadlineMs + 50);
    expect(latest()).toMatchObject({ kind: 'lost', why: 'noAnswer' });
  });

  it('LINE-5 a refused line says so, is tried after 1 s doubling to 30 s, and at once when asked', async () => {
    pbx.answer = { kind: 'refused', status: 403 };
    line.start();
    await clock.advance(20);
    expect(latest()).toEqual({ kind: 'refused', status: 403 });
    const atMs: number[] = [];
    for (let second = 1; second <= 130; second += 1) {
      const before = pbx.calls.register;
      await clock.advance(1_000);
      if (pbx.calls.register > before) atMs.push(second);
    }
    expect(atMs).toEqual([1, 3, 7, 15, 31, 61, 91, 121].map((ms) => expect.closeTo(ms, -0.5) as number));
    pbx.answer = { kind: 'registered', expiresS: 120 };
    line.retryNow();
    await clock.advance(20);
    expect(latest()?.kind).toBe('registered');
  });

  it('LINE-5 refused after a registration, it is back within a second of a PBX that had still to load its accounts', async () => {
    line.start();
    await clock.advance(20);
    pbx.isThere = false;
    pbx.closeSocket();
    await clock.advance(5_000);
    pbx.isThere = true;
    pbx.answer = { kind: 'refused', status: 404 };
    await clock.advance(9_777);
    expect(latest()).toEqual({ kind: 'refused', status: 404 });
    pbx.answer = { kind: 'registered', expiresS: 120 };
    await clock.advance(1_000);
    expect(latest()?.kind).toBe('registered');
    // An account that was taken away is asked for slowly in the end.
    pbx.answer = { kind: 'refused', status: 403 };
    pbx.closeSocket();
    await clock.advance(600_000);
    const asked = pbx.calls.register;
    await clock.advance(60_000);
    expect(pbx.calls.register - asked).toBeLessThanOrEqual(2);
  });

  it('LINE-5 delays are spread by a quarter to both sides', () => {
    expect([refusedDelayMs(1, false, 0), refusedDelayMs(1, false, 1)]).toEqual([750, 1_250]);
    expect([refusedDelayMs(99, false, 0), refusedDelayMs(99, true, 1)]).toEqual([22_500, 37_500]);
    expect([refusedDelayMs(1, true, 1), refusedDelayMs(20, true, 1), refusedDelayMs(21, true, 0)]).toEqual([
      937.5, 937.5, 750,
    ]);
  });

  it('LINE-6 a server that is there and does not manage is given more and more time, a missing one never', async () => {
    expect([1, 2, 3, 4, 5, 99].map((busy) => retryDelayMs(9, 0.5, busy))).toEqual([
      750, 1_500, 3_000, 4_000, 4_000, 4_000,
    ]);
    pbx.answer = { kind: 'failed', why: 'server' };
    line.start();
    await clock.advance(60_000);
    expect(pbx.calls.register).toBeLessThan(20);
    // Away altogether: from then on it is looked for as often as ever.
    pbx.isThere = false;
    await clock.advance(30_000);
    pbx.isThere = true;
    pbx.answer = { kind: 'registered', expiresS: 120 };
    await clock.advance(1_000);
    expect(latest()?.kind).toBe('registered');
  });

  it('registers again after half of the granted time, and tells nobody', async () => {
    pbx.answer = { kind: 'registered', expiresS: 60 };
    line.start();
    await clock.advance(20);
    const told = states.length;
    await clock.advance(30_000 + lineTimes.pingIdleMs);
    expect(pbx.calls.register).toBe(2);
    expect(states).toHaveLength(told);
    expect(returns).toBe(1);
  });

  it('a refresh that is not answered is a loss', async () => {
    pbx.answer = { kind: 'registered', expiresS: 20 };
    line.start();
    await clock.advance(20);
    pbx.answer = { kind: 'failed', why: 'server' };
    await clock.advance(15_100);
    expect(latest()).toMatchObject({ kind: 'lost', why: 'server' });
  });

  it('asked to reconnect while registered, it doubts the line and makes a new one', async () => {
    line.start();
    await clock.advance(20);
    line.retryNow();
    expect(latest()?.kind).toBe('lost');
    await clock.advance(20);
    expect(latest()?.kind).toBe('registered');
    expect(pbx.calls.connect).toBe(2);
  });

  it('stopped, it forgets everything: no timers, no late answers', async () => {
    line.start();
    await clock.advance(3);
    line.stop();
    line.retryNow();
    pbx.closeSocket();
    await clock.advance(60_000);
    expect(states.map((state) => state.kind)).toEqual(['connecting', 'off']);
    expect(pbx.calls.register).toBe(0);
    line.start();
    await clock.advance(20);
    expect(latest()?.kind).toBe('registered');
    line.stop();
    await clock.advance(60_000);
    expect(clock.pending()).toBe(0);
  });
});
