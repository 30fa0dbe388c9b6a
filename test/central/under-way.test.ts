import { describe, expect, it } from 'vitest';
import { makeUnderWay } from '../../central/under-way.ts';
import { makeRounds } from '../../central/rounds.ts';
import { makeManualClock } from './manual-clock.ts';

const turns = async (): Promise<void> => {
  for (let n = 0; n < 20; n += 1) await Promise.resolve();
};

describe('work that nobody waits for', () => {
  it('is waited for by whoever closes, what it sets off and what fails included', async () => {
    const { track, settled } = makeUnderWay();
    const [one, two] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    let isSettled = false;
    await settled();
    const first = track(one.promise.finally(() => void track(two.promise)));
    const done = settled().then(() => {
      isSettled = true;
    });
    one.reject(new Error('lost'));
    await expect(first).rejects.toThrow('lost');
    await turns();
    expect(isSettled).toBe(false);
    two.resolve();
    await done;
    expect(isSettled).toBe(true);
  });

  it('a round under way is over before they are closed, and none begins afterwards', async () => {
    const clock = makeManualClock();
    const wait = Promise.withResolvers<void>();
    let begun = 0;
    let isClosed = false;
    const rounds = makeRounds(
      clock,
      1_000,
      async () => {
        begun += 1;
        await wait.promise;
      },
      () => undefined,
    );
    rounds.begin();
    await turns();
    rounds.look();
    const closing = rounds.close().then(() => {
      isClosed = true;
    });
    await turns();
    expect([begun, isClosed]).toEqual([1, false]);
    wait.resolve();
    await closing;
    clock.advance(10_000);
    rounds.look();
    await turns();
    expect([begun, isClosed]).toEqual([1, true]);
  });
});
