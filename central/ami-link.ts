import type { Log } from './ambient.ts';
import { openAmi } from './ami.ts';
import type { AmiOptions, AmiSession } from './ami.ts';
import { PbxFault } from './pbx.ts';

export type AmiLinkOptions = AmiOptions & {
  /** A number in [0, 1), for the jitter of reconnecting. */
  readonly random: () => number;
  readonly log: Log;
  /** Runs on each new session before anyone else gets it; a fault thrown here ends the session. */
  readonly onUp: (session: AmiSession) => Promise<void>;
  /** A queue event, or the link came or went. */
  readonly onChange: () => void;
};

/** AMI that is kept connected: at once, then again after every loss. */
export type AmiLink = {
  /** The session, waited for no longer than the deadline. @throws PbxFault the reason of the last failure */
  readonly session: () => Promise<AmiSession>;
  readonly close: () => void;
};

const firstRetryMs = 100;
const longestRetryMs = 5_000;
/** A half-open connection is noticed after at most this and the deadline. */
const pingEveryMs = 10_000;
const bootMs = 30_000;

/**
 *   connecting ─login, modules loaded─▶ onUp ─▶ up ─lost─▶ waiting (100 ms doubling to 5 s, ± 25 %) ─▶ connecting
 */
export const linkAmi = (options: AmiLinkOptions): AmiLink => {
  const state: State = { waiters: new Set(), why: new PbxFault('unreachable', 'The exchange is not connected yet.') };
  void stayConnected(options, state);
  return {
    session: async () => {
      if (state.closed !== undefined) throw state.closed;
      return state.up ?? (await nextSession(options, state));
    },
    close: () => {
      state.closed = new PbxFault('closed', 'The exchange was closed.');
      state.endPause?.();
      state.opening?.close();
      for (const waiter of state.waiters) waiter(state.closed);
    },
  };
};

type State = {
  readonly waiters: Set<(outcome: AmiSession | PbxFault) => void>;
  /** Usable: booted, and `onUp` is done. */
  up?: AmiSession | undefined;
  /** Logged in; also while it is up. */
  opening?: AmiSession | undefined;
  /** Ends the wait before the next attempt. */
  endPause?: (() => void) | undefined;
  closed?: PbxFault;
  why: PbxFault;
};

const stayConnected = async (options: AmiLinkOptions, state: State): Promise<void> => {
  let retryMs = firstRetryMs;
  while (state.closed === undefined) {
    const { fault, wasUp } = await oneSession(options, state);
    if (state.closed !== undefined) return;
    // Once per reason: an exchange that is away for an hour is one line.
    if (wasUp || fault.message !== state.why.message)
      options.log.warn({ kind: fault.kind }, `exchange lost: ${fault.message}`);
    state.why = fault;
    retryMs = wasUp ? firstRetryMs : Math.min(longestRetryMs, retryMs * 2);
    await pauseFor(options, state, retryMs * (0.75 + options.random() / 2));
  }
};

/** From connecting to the loss; never throws. */
const oneSession = async (options: AmiLinkOptions, state: State): Promise<{ fault: PbxFault; wasUp: boolean }> => {
  let wasUp = false;
  try {
    const session = await openAmi(options);
    state.opening = session;
    if (state.closed !== undefined) throw state.closed;
    await ready(session, options);
    session.onEvent((event) => {
      if (event.get('event')?.startsWith('Queue') === true) options.onChange();
    });
    state.up = session;
    wasUp = true;
    options.log.info({}, 'exchange connected');
    for (const waiter of state.waiters) waiter(session);
    options.onChange();
    void keepAlive(session, options);
    return { fault: await session.closed, wasUp };
  } catch (error) {
    const fault =
      error instanceof PbxFault ? error : new PbxFault('garbled', `The exchange could not be used: ${String(error)}`);
    return { fault, wasUp };
  } finally {
    state.opening?.close();
    state.opening = undefined;
    state.up = undefined;
    if (wasUp) options.onChange();
  }
};

const ready = async (session: AmiSession, options: AmiLinkOptions): Promise<void> => {
  const late = timeout(options, bootMs);
  const fault = await Promise.race([session.booted, session.closed, late.passed]);
  late.cancel();
  if (fault instanceof PbxFault) throw fault;
  await options.onUp(session);
};

const timeout = (options: AmiLinkOptions, ms: number) => {
  const { promise: passed, resolve } = Promise.withResolvers<PbxFault>();
  const cancel = options.clock.after(ms, () =>
    resolve(new PbxFault('unreachable', 'The exchange does not finish starting.')),
  );
  return { passed, cancel };
};

/** Asks for a sign of life; a session that gives none in time closes itself. */
const keepAlive = async (session: AmiSession, options: AmiLinkOptions): Promise<void> => {
  for (;;) {
    const { promise: due, resolve } = Promise.withResolvers<'due'>();
    const cancel = options.clock.after(pingEveryMs, () => resolve('due'));
    const next = await Promise.race([due, session.closed]);
    cancel();
    if (next !== 'due') return;
    await session.action('Ping').catch(() => undefined);
  }
};

const pauseFor = async (options: AmiLinkOptions, state: State, ms: number): Promise<void> => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const cancel = options.clock.after(ms, resolve);
  state.endPause = resolve;
  await promise;
  cancel();
  state.endPause = undefined;
};

const nextSession = (options: AmiLinkOptions, state: State): Promise<AmiSession> =>
  new Promise((resolve, reject) => {
    const take = (outcome: AmiSession | PbxFault) => {
      cancel();
      state.waiters.delete(take);
      if (outcome instanceof PbxFault) reject(outcome);
      else resolve(outcome);
    };
    const cancel = options.clock.after(options.deadlineMs, () => take(state.why));
    state.waiters.add(take);
  });
