import type { LineState } from '../../shared/phone.ts';
import type { Clock } from './clock.ts';

/**
 * Keeps the line registered, without end and without help from SIP.js (which gives up after a few tries or never starts).
 *
 *   off ─start─▶ connecting ─registered─▶ registered ─socket closed, no answer─▶ lost ─registered─▶ registered …
 *                    └──────────refused (401/403 with credentials)──▶ refused ─slow retry, retryNow─┘
 *
 * - LINE-1 After a loss the first attempt is made at once, then after 50 ms doubling to 0.75 s, each ± 25 %, for ever: whatever
 *   the outage, a seat is back within a second of its server. Asking where no server is costs the server nothing.
 * - LINE-2 Own OPTIONS every 5 s, every 1.2 s during a call and while one may be offered, 1.2 s to answer: a silent peer is noticed
 *   in 2.4 s, not in minutes. A peer that took long for its last answer is given twice as long for the next, 4 s at most, and is asked
 *   less often, after five times as long as it took: after a restart with 800 seats at its door it is slow for some seconds, and
 *   seats that begin anew or ask all the time make it slower.
 * - LINE-3 A socket that does not answer is dropped, never waited for: one that opens within 4 s, a REGISTER within 10 s.
 * - LINE-4 `onRegistered` tells every return, so that live dialogs can be taken along to the new socket.
 * - LINE-5 A refused line is tried again after 1 s doubling to 30 s, each ± 25 %: the fault may be the PBX's, and the agent may not
 *   be looking. Where this account was registered before, a PBX is more likely still loading its accounts (it says 403 or 404, or asks
 *   for a password it cannot check): for its first 20 refusals, some 15 s, it is tried again after 0.75 s.
 * - LINE-6 A server that is there and does not manage (no answer, 5xx) is given more and more time: the slowest delay doubles
 *   with each such attempt in a row, to 4 s. It is the price of LINE-1 in a storm: a server that is slower than its seats is not
 *   asked by all of them all the time, and a seat may be back some seconds after it could have been.
 * - LINE-7 A page that was late itself (its timer by more than 100 ms) does not blame the link at once: it hears first what came
 *   meanwhile, 0.4 s, three times at most. A link given up for nothing costs every call that is just being set up.
 */
export type Line = {
  readonly start: () => void;
  /** Forgets everything; the link is dropped. */
  readonly stop: () => void;
  readonly retryNow: () => void;
  /** A call runs or may be offered (LINE-2). */
  readonly setNeeded: (isNeeded: boolean) => void;
};

export type RegisterOutcome =
  | { readonly kind: 'registered'; readonly expiresS: number }
  | { readonly kind: 'refused'; readonly status: number }
  | { readonly kind: 'failed'; readonly why: LossCause };
export type LossCause = Extract<LineState, { kind: 'lost' }>['why'];

/** What the loop drives: one socket at a time. Promises may stay unsettled for ever; the loop has its own deadlines. */
export type LineLink = {
  /** True when a socket is open. */
  readonly connect: () => Promise<boolean>;
  readonly register: () => Promise<RegisterOutcome>;
  /** True when anything came back. */
  readonly ping: () => Promise<boolean>;
  /** Forgets the socket at once; says nothing to `onDown`. */
  readonly drop: () => void;
  /** The socket closed by itself. */
  readonly onDown: (listener: () => void) => void;
};

export const lineTimes = {
  connectMs: 4_000,
  registerMs: 10_000,
  pingIdleMs: 5_000,
  pingNeededMs: 1_200,
  pingDeadlineMs: 1_200,
  longestPingDeadlineMs: 4_000,
  ownDelayMs: 100,
  graceMs: 400,
  firstRetryMs: 50,
  slowestRetryMs: 750,
  busyRetryMs: 4_000,
  refusedRetryMs: 1_000,
  slowestRefusedRetryMs: 30_000,
} as const;
/** LINE-7 */
const mostGraces = 3;
/** LINE-5 */
const loadingRefusals = 20;

const doubled = (fromMs: number, times: number, mostMs: number): number =>
  Math.min(mostMs, fromMs * 2 ** Math.min(times, 10));
const spread = (plainMs: number, random: number): number => plainMs * (0.75 + random / 2);

/** LINE-1. `attempt` counts from 1; `random` is 0–1; `busy` is how many attempts in a row the server was there for (LINE-6). */
export const retryDelayMs = (attempt: number, random: number, busy = 0): number => {
  if (attempt <= 1) return 0;
  const slowestMs = doubled(lineTimes.slowestRetryMs, Math.max(0, busy - 1), lineTimes.busyRetryMs);
  return spread(busy > 0 ? slowestMs : doubled(lineTimes.firstRetryMs, attempt - 2, slowestMs), random);
};

/** LINE-5. `refusal` counts those in a row from 1; `wasRegistered`: with this account, since the line was started. */
export const refusedDelayMs = (refusal: number, wasRegistered: boolean, random: number): number => {
  if (wasRegistered && refusal <= loadingRefusals) return spread(lineTimes.slowestRetryMs, random);
  const before = wasRegistered ? loadingRefusals : 0;
  return spread(doubled(lineTimes.refusedRetryMs, refusal - before - 1, lineTimes.slowestRefusedRetryMs), random);
};

type LinePlan = {
  readonly link: LineLink;
  readonly clock: Clock;
  /** 0–1: spreads the seats of a centre after its PBX came back. */
  readonly random: () => number;
  readonly onState: (state: LineState) => void;
  readonly onRegistered: () => void;
};

export const createLine = (plan: LinePlan): Line => new LineLoop(plan);

class LineLoop implements Line {
  readonly #plan: LinePlan;
  #isOn = false;
  #isNeeded = false;
  #isRegistered = false;
  #isTrying = false;
  #lostSinceMs: number | undefined;
  #attempt = 0;
  /** Since the last registration: refusals in a row (LINE-5), and failures in a row of a server that was there (LINE-6). */
  #refusals = 0;
  #busy = 0;
  #wasRegistered = false;
  /** How long the peer took for its last answer (LINE-2). */
  #answerMs = 0;
  /** Tells what belongs to an older socket or an older start. */
  #round = 0;
  #refreshAtMs = 0;
  #callOff = (): void => {};

  constructor(plan: LinePlan) {
    this.#plan = plan;
    plan.link.onDown(() => {
      if (this.#isRegistered || this.#isTrying) this.#lose('socket');
    });
  }

  start = (): void => {
    if (this.#isOn) return;
    this.#isOn = true;
    this.#begin();
    this.#wasRegistered = false;
    this.#plan.onState({ kind: 'connecting', attempt: 1 });
    void this.#tryOnce();
  };

  stop = (): void => {
    if (!this.#isOn) return;
    this.#isOn = false;
    this.#end();
    this.#callOff();
    this.#plan.onState({ kind: 'off' });
  };

  retryNow = (): void => {
    if (!this.#isOn || this.#isTrying) return;
    // Asked for while registered: the agent (or a network that came back) doubts the line, so it is doubted.
    if (this.#isRegistered) this.#lose('socket');
    else void this.#tryOnce();
  };

  setNeeded = (isNeeded: boolean): void => {
    if (this.#isNeeded === isNeeded) return;
    this.#isNeeded = isNeeded;
    if (this.#isRegistered) this.#watch();
  };

  async #tryOnce(): Promise<void> {
    this.#callOff();
    this.#round += 1;
    const mine = this.#round;
    this.#isTrying = true;
    const isOpen = await this.#within(this.#plan.link.connect(), lineTimes.connectMs, false);
    if (mine !== this.#round) return;
    if (!isOpen) {
      // Not there, or nobody knows: LINE-1 again.
      this.#busy = 0;
      return this.#lose('socket');
    }
    const outcome = await this.#register();
    if (mine !== this.#round) return;
    this.#isTrying = false;
    this.#settle(outcome);
  }

  /** Counts anew. */
  #begin(): void {
    this.#attempt = 0;
    this.#refusals = 0;
    this.#busy = 0;
    this.#lostSinceMs = undefined;
  }

  #register(): Promise<RegisterOutcome> {
    const late = { kind: 'failed', why: 'noAnswer' } as const;
    return this.#timed(this.#within(this.#plan.link.register(), lineTimes.registerMs, late));
  }

  async #timed<T>(answer: Promise<T>): Promise<T> {
    const { clock } = this.#plan;
    const askedMs = clock.nowMs();
    const value = await answer;
    this.#answerMs = clock.nowMs() - askedMs;
    return value;
  }

  #settle(outcome: RegisterOutcome): void {
    const { clock, onState, onRegistered, random } = this.#plan;
    switch (outcome.kind) {
      case 'registered':
        this.#granted(outcome.expiresS);
        // A refresh changes nothing that anyone is told of.
        if (!this.#isRegistered) {
          this.#isRegistered = true;
          this.#wasRegistered = true;
          this.#begin();
          onState({ kind: 'registered', sinceMs: clock.nowMs() });
          onRegistered();
        }
        return this.#watch();
      case 'refused':
        this.#end();
        this.#refusals += 1;
        this.#busy = 0;
        onState({ kind: 'refused', status: outcome.status });
        return this.#next(refusedDelayMs(this.#refusals, this.#wasRegistered, random()), () => void this.#tryOnce());
      case 'failed':
        this.#busy += 1;
        return this.#lose(outcome.why);
    }
  }

  #granted(expiresS: number): void {
    // Half of the granted time: one lost refresh does not cost the registration.
    this.#refreshAtMs = this.#plan.clock.nowMs() + Math.max(10, expiresS / 2) * 1_000;
  }

  #lose(why: LossCause): void {
    const { clock, random, onState } = this.#plan;
    this.#end();
    this.#lostSinceMs ??= clock.nowMs();
    this.#attempt += 1;
    const delayMs = retryDelayMs(this.#attempt, random(), this.#busy);
    const retryAtMs = clock.nowMs() + delayMs;
    onState({ kind: 'lost', sinceMs: this.#lostSinceMs, attempt: this.#attempt, retryAtMs, why });
    if (delayMs === 0) void this.#tryOnce();
    else this.#next(delayMs, () => void this.#tryOnce());
  }

  /** Ends what this socket was good for (LINE-3). */
  #end(): void {
    this.#round += 1;
    this.#isRegistered = false;
    this.#isTrying = false;
    this.#plan.link.drop();
  }

  /** The keep-alive (LINE-2), and registering again when it is time. */
  #watch(): void {
    const { pingNeededMs, pingIdleMs } = lineTimes;
    const delayMs = this.#isNeeded ? Math.min(pingIdleMs, Math.max(pingNeededMs, 5 * this.#answerMs)) : pingIdleMs;
    this.#next(delayMs, () => void this.#check());
  }

  async #check(): Promise<void> {
    const mine = this.#round;
    // Before a refresh as well: a registrar may take its time, a link that is alive may not.
    const limitMs = Math.min(lineTimes.longestPingDeadlineMs, Math.max(lineTimes.pingDeadlineMs, 2 * this.#answerMs));
    const isAlive = await this.#timed(this.#within(this.#plan.link.ping(), limitMs, false));
    if (mine !== this.#round) return;
    if (!isAlive) return this.#lose('noAnswer');
    if (this.#plan.clock.nowMs() < this.#refreshAtMs) return this.#watch();
    const outcome = await this.#register();
    if (mine === this.#round) this.#settle(outcome);
  }

  #next(delayMs: number, run: () => void): void {
    this.#callOff();
    this.#callOff = this.#plan.clock.after(delayMs, run);
  }

  /**
   * The promise's value, or `late` once the time is over or it failed. LINE-7: a page that was itself too busy to run its timer in time
   * may have the answer lying before it: it looks at what came meanwhile first.
   */
  #within<T>(promise: Promise<T>, limitMs: number, late: T): Promise<T> {
    const { clock } = this.#plan;
    return new Promise((resolve) => {
      let stop = (): void => {};
      const wait = (forMs: number, graces: number): void => {
        const dueMs = clock.nowMs() + forMs;
        stop = clock.after(forMs, () => {
          const isOwnDelay = clock.nowMs() - dueMs > lineTimes.ownDelayMs;
          if (isOwnDelay && graces > 0) wait(lineTimes.graceMs, graces - 1);
          else resolve(late);
        });
      };
      wait(limitMs, mostGraces);
      const settle = (value: T): void => {
        stop();
        resolve(value);
      };
      promise.then(settle, () => settle(late));
    });
  }
}
