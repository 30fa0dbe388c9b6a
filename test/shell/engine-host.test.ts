import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { nextCrash, noCrashes } from '../../main/shell/crash-guard.ts';
import { createEngineHost, retryAfterMs } from '../../main/shell/engine-host.ts';
import type { EngineChild } from '../../main/shell/engine-host.ts';
import { whenClosed, whenQuitting } from '../../main/shell/leaving.ts';
import { manualClock } from './manual-clock.ts';

class Child extends EventEmitter implements EngineChild<string> {
  readonly sent: unknown[] = [];
  killed = false;
  postMessage(message: unknown, transfer: string[] = []): void {
    this.sent.push(transfer.length > 0 ? { message, transfer } : message);
  }
  kill(): boolean {
    this.killed = true;
    this.emit('exit', 143);
    return true;
  }
}

const host = () => {
  const clock = manualClock();
  const children: Child[] = [];
  const heard: string[] = [];
  const logged: string[] = [];
  const note = (what: string): void => void logged.push(what);
  const engine = createEngineHost<string>({
    fork: () => {
      const child = new Child();
      children.push(child);
      return child;
    },
    start: {
      kind: 'start',
      profileDir: '/profile/store-1',
      stateDir: '/profile',
      storeKey: { key: new Uint8Array(32), kept: 'memory' },
      centralUrl: 'http://127.0.0.1:1',
      signInOrigin: null,
    },
    clock,
    log: { error: note, warn: note, info: note, debug: note },
    onUp: () => heard.push('up'),
    onDown: () => heard.push('down'),
    onGlance: (glance) => heard.push(glance.agent),
    onSignInPage: (url) => heard.push(url),
    onWiped: () => heard.push('wiped'),
  });
  return { engine, clock, children, heard, logged, last: () => children.at(-1) };
};

describe('the engine process', () => {
  it('is told how to start once, runs when it says so, and is given ports only then', () => {
    const { engine, children, heard, last } = host();
    engine.start();
    engine.start();
    expect(children).toHaveLength(1);
    engine.give('desk', 'early');
    last()?.emit('message', { kind: 'ready' });
    expect(engine.state()).toEqual({ kind: 'running' });
    engine.give('desk', 'port');
    expect(last()?.sent).toMatchObject([
      { kind: 'start' },
      { message: { kind: 'port', role: 'desk' }, transfer: ['port'] },
    ]);
    expect(heard).toEqual(['up']);
  });

  it('waits 250 ms after the first crash, twice as long after each further one, at most 30 s', () => {
    expect([1, 2, 3, 4, 8, 50].map(retryAfterMs)).toEqual([250, 500, 1_000, 2_000, 30_000, 30_000]);
    const { engine, clock, children, last, heard } = host();
    engine.start();
    for (const [attempt, waitMs] of [250, 500, 1_000].entries()) {
      last()?.emit('exit', 1);
      clock.pass(waitMs - 1);
      expect(children).toHaveLength(attempt + 1);
      clock.pass(1);
      expect(children).toHaveLength(attempt + 2);
    }
    expect(heard).toEqual([]);
  });

  it('a minute of running forgives', () => {
    const { engine, clock, children, last, heard } = host();
    engine.start();
    for (let i = 0; i < 4; i += 1) {
      last()?.emit('message', { kind: 'ready' });
      clock.pass(60_000);
      last()?.emit('exit', 1);
      clock.pass(250);
    }
    expect(children).toHaveLength(5);
    expect(heard).toEqual(Array.from({ length: 4 }, () => ['up', 'down']).flat());
  });

  it('one that does not get ready in 30 s is ended and started again', () => {
    const { engine, clock, children } = host();
    engine.start();
    clock.pass(30_000);
    expect(children[0]?.killed).toBe(true);
    clock.pass(250);
    expect(children).toHaveLength(2);
  });

  it('what it says is checked, and what a dead one still says is ignored', () => {
    const { engine, clock, children, heard, logged } = host();
    engine.start();
    for (const junk of [
      null,
      7,
      {},
      { kind: 'glance', glance: { agent: 'sleeping' } },
      { kind: 'log', level: 'shout', what: 'x' },
    ])
      children[0]?.emit('message', junk);
    expect(heard).toEqual([]);
    expect(logged.filter((what) => what.includes('unknown'))).toHaveLength(5);
    children[0]?.emit('exit', 1);
    children[0]?.emit('exit', 1);
    children[0]?.emit('message', { kind: 'ready' });
    clock.pass(250);
    expect(heard).toEqual([]);
    expect(children).toHaveLength(2);
  });

  it('security 34 wiped: it is not started again, the whole seat is', () => {
    const { engine, clock, children, heard, last } = host();
    engine.start();
    last()?.emit('message', { kind: 'ready' });
    last()?.emit('message', { kind: 'wiped' });
    last()?.emit('exit', 0);
    clock.pass(120_000);
    expect(heard.at(-1)).toBe('wiped');
    expect(children).toHaveLength(1);
    expect(engine.state()).toEqual({ kind: 'stopped' });
  });

  it('stops in order, by force after 3 s, and never comes back', async () => {
    const { engine, clock, children, last } = host();
    engine.start();
    last()?.emit('message', { kind: 'ready' });
    const stopped = engine.stop();
    expect(last()?.sent.at(-1)).toEqual({ kind: 'stop' });
    clock.pass(3_000);
    await stopped;
    expect(last()?.killed).toBe(true);
    clock.pass(120_000);
    expect(children).toHaveLength(1);
    await engine.stop();
  });

  it('stopping while it waits to start again ends the waiting', async () => {
    const { engine, clock, children, last } = host();
    engine.start();
    last()?.emit('exit', 1);
    await engine.stop();
    clock.pass(60_000);
    expect(children).toHaveLength(1);
  });
});

describe('crashes of a page (security 25)', () => {
  it('three within five minutes mean safe mode, and then the count begins anew', () => {
    let crashes = noCrashes;
    const at = (ms: number): string => (crashes = nextCrash(crashes, ms)).next;
    expect([at(0), at(1), at(2), at(3), at(4), at(5)]).toEqual([
      'reload',
      'reload',
      'safeMode',
      'reload',
      'reload',
      'safeMode',
    ]);
    expect([at(1_000_000), at(1_299_999), at(1_300_000), at(1_599_998)]).toEqual([
      'reload',
      'reload',
      'reload',
      'safeMode',
    ]);
  });

  it('a clock set back does not count crashes of the future', () => {
    expect(nextCrash({ atMs: [900, 950], next: 'reload' }, 100)).toEqual({ atMs: [100], next: 'reload' });
  });
});

describe('leaving (security 18)', () => {
  const glance = (inCall: boolean, unsynced: number) => ({ agent: 'ready' as const, inCall, unsynced });
  it('full table', () => {
    for (const setting of ['hide', 'quit'] as const) {
      expect(whenClosed(glance(true, 0), setting)).toBe('hide');
      expect(whenClosed(glance(false, 9), setting)).toBe(setting);
    }
    expect(whenQuitting(glance(false, 0), false)).toEqual({ kind: 'quit' });
    expect(whenQuitting(glance(true, 0), false)).toEqual({ kind: 'ask', why: 'call' });
    expect(whenQuitting(glance(true, 2), false)).toEqual({ kind: 'ask', why: 'call' });
    expect(whenQuitting(glance(false, 2), false)).toEqual({ kind: 'ask', why: 'unsynced', count: 2 });
    for (const inCall of [true, false])
      for (const unsynced of [0, 2]) expect(whenQuitting(glance(inCall, unsynced), true)).toEqual({ kind: 'quit' });
  });
});
