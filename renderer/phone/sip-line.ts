import type { LineState } from '../../shared/phone.ts';
import type { Clock } from './clock.ts';

/**
 * Keeps the line registered, without end and without help from SIP.js (which gives up after a few tries or never starts).
 *
 *   off ─start─▶ connecting ─registered─▶ registered ─socket closed, no answer─▶ lost ─registered─▶ registered …
 *                    └──────────refused (401/403 with credentials)──▶ refused ─slow retry, retryNow─┘
 *
 * - LINE-1 After a loss the first attempt is made at once, then after 50 ms doubling to 2 s, each ± 25 %, for ever.
 * - LINE-2 Own OPTIONS every 5 s, every 2 s during a call, 1 s to answer: a silent peer is noticed in 3 s, not in minutes.
 * - LINE-3 A socket that does not answer is dropped, never waited for.
 * - LINE-4 `onRegistered` tells every return, so that live dialogs can be taken along to the new socket.
 * - LINE-5 A refused line is tried again slowly: the fault may be the PBX's, and the agent may not be looking.
 */
export type Line = {
  readonly start: () => void;
  /** Forgets everything; the link is dropped. */
  readonly stop: () => void;
  readonly retryNow: () => void;
  readonly setInCall: (isInCall: boolean) => void;
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
  registerMs: 4_000,
  pingIdleMs: 5_000,
  pingInCallMs: 2_000,
  pingDeadlineMs: 1_000,
  firstRetryMs: 50,
  slowestRetryMs: 2_000,
  refusedRetryMs: 30_000,
} as const;

/** LINE-1. `attempt` counts from 1; `random` is 0–1. */
export const retryDelayMs = (attempt: number, random: number): number => {
  if (attempt <= 1) return 0;
  const plainMs = Math.min(lineTimes.slowestRetryMs, lineTimes.firstRetryMs * 2 ** Math.min(attempt - 2, 10));
  return plainMs * (0.75 + random / 2);
};

type LinePlan = {
  readonly link: LineLink;
  readonly clock: Clock;
  /** 0–1: spreads the seats of a centre after its PBX came back. */
  readonly random: () => number;
  readonly onState: (state: LineState) => void;
  readonly onRegistered: () => void;
};

export const createLine = ({ link, clock, random, onState, onRegistered }: LinePlan): Line => {
  let isOn = false;
  let isInCall = false;
  let isRegistered = false;
  let isTrying = false;
  let lostSinceMs: number | undefined;
  let attempt = 0;
  // What belongs to an older socket or an older start is told apart by its round.
  let round = 0;
  let callOff: () => void = () => {};

  const next = (delayMs: number, run: () => void): void => {
    callOff();
    callOff = clock.after(delayMs, run);
  };
  /** The promise's value, or `late` once the time is over. */
  const within = <T>(promise: Promise<T>, limitMs: number, late: T): Promise<T> =>
    new Promise((resolve) => {
      const stop = clock.after(limitMs, () => resolve(late));
      promise.then(
        (value) => {
          stop();
          resolve(value);
        },
        () => {
          stop();
          resolve(late);
        },
      );
    });

  const lose = (why: LossCause): void => {
    round += 1;
    isRegistered = false;
    isTrying = false;
    link.drop();
    lostSinceMs ??= clock.nowMs();
    attempt += 1;
    const delayMs = retryDelayMs(attempt, random());
    onState({ kind: 'lost', sinceMs: lostSinceMs, attempt, retryAtMs: clock.nowMs() + delayMs, why });
    if (delayMs === 0) void tryOnce();
    else next(delayMs, () => void tryOnce());
  };

  const registered = (expiresS: number): void => {
    isRegistered = true;
    attempt = 0;
    lostSinceMs = undefined;
    onState({ kind: 'registered', sinceMs: clock.nowMs() });
    onRegistered();
    // Half of the granted time: one lost refresh does not cost the registration.
    watch(clock.nowMs() + Math.max(10, expiresS / 2) * 1_000);
  };

  const settle = (outcome: RegisterOutcome): void => {
    switch (outcome.kind) {
      case 'registered':
        return registered(outcome.expiresS);
      case 'refused':
        round += 1;
        isRegistered = false;
        link.drop();
        onState({ kind: 'refused', status: outcome.status });
        return next(lineTimes.refusedRetryMs * (0.75 + random() / 2), () => void tryOnce());
      case 'failed':
        return lose(outcome.why);
    }
  };

  const tryOnce = async (): Promise<void> => {
    callOff();
    round += 1;
    const mine = round;
    isTrying = true;
    const isOpen = await within(link.connect(), lineTimes.connectMs, false);
    if (mine !== round) return;
    if (!isOpen) return lose('socket');
    const outcome = await within(link.register(), lineTimes.registerMs, { kind: 'failed', why: 'noAnswer' });
    if (mine !== round) return;
    isTrying = false;
    settle(outcome);
  };

  /** The keep-alive (LINE-2), until it is time to register again. */
  const watch = (refreshAtMs: number): void => {
    next(isInCall ? lineTimes.pingInCallMs : lineTimes.pingIdleMs, async () => {
      const mine = round;
      const isDue = clock.nowMs() >= refreshAtMs;
      if (isDue) {
        const outcome = await within(link.register(), lineTimes.registerMs, { kind: 'failed', why: 'noAnswer' });
        if (mine !== round) return;
        // A refresh changes nothing that anyone is told of.
        return outcome.kind === 'registered'
          ? watch(clock.nowMs() + Math.max(10, outcome.expiresS / 2) * 1_000)
          : settle(outcome);
      }
      const isAlive = await within(link.ping(), lineTimes.pingDeadlineMs, false);
      if (mine !== round) return;
      if (isAlive) watch(refreshAtMs);
      else lose('noAnswer');
    });
    rewatch = () => watch(refreshAtMs);
  };
  let rewatch: () => void = () => {};

  link.onDown(() => {
    if (isOn && (isRegistered || isTrying)) lose('socket');
  });

  return {
    start: () => {
      if (isOn) return;
      isOn = true;
      attempt = 0;
      lostSinceMs = undefined;
      onState({ kind: 'connecting', attempt: 1 });
      void tryOnce();
    },
    stop: () => {
      if (!isOn) return;
      isOn = false;
      isRegistered = false;
      isTrying = false;
      round += 1;
      callOff();
      link.drop();
      onState({ kind: 'off' });
    },
    retryNow: () => {
      if (!isOn || isTrying) return;
      // Asked for while registered: the agent (or the network coming back) doubts the line, so doubt it as well.
      if (isRegistered) {
        isRegistered = false;
        link.drop();
        return lose('socket');
      }
      void tryOnce();
    },
    setInCall: (next_) => {
      if (isInCall === next_) return;
      isInCall = next_;
      if (isRegistered) rewatch();
    },
  };
};
