import type { Page } from './app-scheme.ts';
import type { EngineStart, ToEngine } from './engine-messages.ts';
import { FromEngine } from './engine-messages.ts';
import type { Glance } from './glance.ts';
import type { Log } from '../engine/log.ts';
import type { Clock } from '../engine/clock.ts';

/**
 * Keeps the engine's process alive.
 *
 *   starting ──ready──▶ running ──exit──▶ waiting ──back-off over──▶ starting
 *      └──────exit, or not ready in time──────▲
 *   any ──stop──▶ stopped
 */
export type EngineState =
  | { readonly kind: 'starting' }
  | { readonly kind: 'running' }
  | { readonly kind: 'waiting'; readonly attempt: number }
  | { readonly kind: 'stopped' };

/** The part of Electron's UtilityProcess used here; `P` is the port that can be transferred to it. */
export type EngineChild<P> = {
  postMessage(message: ToEngine, transfer?: P[]): void;
  on(event: 'message', listener: (message: unknown) => void): unknown;
  on(event: 'exit', listener: (code: number) => void): unknown;
  kill(): boolean;
};

export type EngineHostParts<P> = {
  readonly fork: () => EngineChild<P>;
  readonly start: EngineStart;
  readonly clock: Clock;
  readonly log: Log;
  readonly onUp: () => void;
  readonly onDown: () => void;
  readonly onGlance: (glance: Glance) => void;
  readonly onSignInPage: (url: string) => void;
  /** What it held is destroyed: there is nothing to start again. */
  readonly onWiped: () => void;
};

export type EngineHost<P> = {
  start(): void;
  /** Hands a page's port to the running engine; with none running it is dropped, for the page is given a new one then. */
  give(role: Page, port: P): void;
  /** Resolves when the process is gone: asked nicely first, so that its store is closed in order. */
  stop(): Promise<void>;
  state(): EngineState;
};

const readyWithinMs = 30_000;
const stopWithinMs = 3_000;
const firstRetryMs = 250;
const longestRetryMs = 30_000;
/** An engine that has lived this long is well again: the next crash starts from the shortest wait. */
const wellAfterMs = 60_000;

export const retryAfterMs = (attempt: number): number => Math.min(firstRetryMs * 2 ** (attempt - 1), longestRetryMs);

export const createEngineHost = <P>(parts: EngineHostParts<P>): EngineHost<P> => {
  const { clock, log } = parts;
  let state: EngineState = { kind: 'stopped' };
  let child: EngineChild<P> | undefined;
  let attempt = 0;
  let cancelTimer = (): void => undefined;
  let onStopped = (): void => undefined;

  const hear = (from: EngineChild<P>, message: unknown): void => {
    const said = FromEngine.safeParse(message);
    if (!said.success) return log.warn('engine said something unknown');
    if (from !== child) return;
    switch (said.data.kind) {
      case 'ready':
        if (state.kind !== 'starting') return;
        cancelTimer();
        cancelTimer = clock.after(wellAfterMs, () => (attempt = 0));
        state = { kind: 'running' };
        log.info('engine running');
        return parts.onUp();
      case 'glance':
        return parts.onGlance(said.data.glance);
      case 'signInPage':
        return parts.onSignInPage(said.data.url);
      case 'wiped':
        state = { kind: 'stopped' };
        cancelTimer();
        return parts.onWiped();
      case 'log':
        return log[said.data.level](`engine: ${said.data.what}`);
    }
  };

  const exited = (from: EngineChild<P>, code: number): void => {
    if (from !== child) return;
    child = undefined;
    cancelTimer();
    const wasRunning = state.kind === 'running';
    if (state.kind === 'stopped') return onStopped();
    attempt += 1;
    const waitMs = retryAfterMs(attempt);
    log.warn('engine gone, starting again', { code, attempt, waitMs });
    state = { kind: 'waiting', attempt };
    if (wasRunning) parts.onDown();
    cancelTimer = clock.after(waitMs, launch);
  };

  const launch = (): void => {
    state = { kind: 'starting' };
    const forked = parts.fork();
    child = forked;
    forked.on('message', (message) => hear(forked, message));
    forked.on('exit', (code) => exited(forked, code));
    forked.postMessage(parts.start);
    cancelTimer = clock.after(readyWithinMs, () => {
      log.error('engine not ready in time');
      forked.kill();
    });
  };

  return {
    start: () => {
      if (state.kind === 'stopped' && child === undefined) launch();
    },
    give: (role, port) => {
      if (state.kind === 'running') child?.postMessage({ kind: 'port', role }, [port]);
    },
    stop: () =>
      new Promise((resolve) => {
        state = { kind: 'stopped' };
        cancelTimer();
        const leaving = child;
        if (leaving === undefined) return resolve();
        onStopped = resolve;
        leaving.postMessage({ kind: 'stop' });
        cancelTimer = clock.after(stopWithinMs, () => void leaving.kill());
      }),
    state: () => state,
  };
};
