import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PbxFault } from '../../central/pbx.ts';
import type { Pbx, QueueState } from '../../central/pbx.ts';

/** An exchange with at least two queues and the accounts `users`, nobody signed in and no callers, made for the suite. */
export type PbxUnderTest = {
  readonly pbx: Pbx;
  readonly queues: readonly [string, string];
  readonly users: readonly [string, string];
  /** A caller enters the queue and waits; the returned function hangs up. */
  readonly callerEnters: (queue: string) => Promise<() => Promise<void>>;
  /** As the exchange itself knows it; undefined when the account is in no queue. */
  readonly isPaused: (sipUser: string) => Promise<boolean | undefined>;
  readonly stop: () => Promise<void>;
};

/** What every exchange behind the port `Pbx` does. Ends with the exchange closed. */
export const pbxContract = (name: string, start: () => Promise<PbxUnderTest>): void => {
  describe(`${name} keeps the contract of an exchange`, () => {
    let it: PbxUnderTest;
    beforeAll(async () => {
      it = await start();
    });
    afterAll(async () => {
      await it.pbx.close();
      await it.stop();
    });
    const state = async (queue: string): Promise<QueueState | undefined> =>
      (await it.pbx.queues()).find((item) => item.queue === queue);
    const members = async () => Promise.all(it.queues.map(async (queue) => (await state(queue))?.members));
    const sign = (queues: readonly string[], who: 0 | 1 = 0) =>
      it.pbx.addMember({ sipUser: it.users[who], name: 'Agent', queues });

    test('PBX-1 every queue is listed by name, without members and callers at first', async () => {
      const listed = await it.pbx.queues();
      expect(listed.map(({ queue }) => queue)).toEqual(listed.map(({ queue }) => queue).sort());
      for (const queue of it.queues) expect(listed).toContainEqual({ queue, waiting: 0, longestWaitMs: 0, members: 0 });
    });

    test('PBX-2 a member is in exactly the queues named last, however often it is said', async () => {
      await sign(it.queues);
      expect(await members()).toEqual([1, 1]);
      await sign([it.queues[1]]);
      await sign([it.queues[1], it.queues[1]]);
      expect(await members()).toEqual([0, 1]);
      await sign([it.queues[1]], 1);
      expect(await members()).toEqual([0, 2]);
      await it.pbx.removeMember(it.users[1]);
      expect(await members()).toEqual([0, 1]);
    });

    test('PBX-3 R38 a new member starts paused; signing in to other queues keeps the pause as it is', async () => {
      await it.pbx.removeMember(it.users[0]);
      expect(await it.isPaused(it.users[0])).toBeUndefined();
      await sign([it.queues[0]]);
      expect(await it.isPaused(it.users[0])).toBe(true);
      await it.pbx.setPaused(it.users[0], false, 'ready');
      expect(await it.isPaused(it.users[0])).toBe(false);
      await sign([it.queues[1]]);
      expect(await it.isPaused(it.users[0])).toBe(false);
      await it.pbx.setPaused(it.users[0], true, 'break');
      expect(await it.isPaused(it.users[0])).toBe(true);
      expect(await members()).toEqual([0, 1]);
    });

    test('PBX-4 an unknown queue is a fault, and the member is where it was', async () => {
      await sign([it.queues[0]]);
      await expect(sign([it.queues[1], 'no-such-queue'])).rejects.toMatchObject({ kind: 'unknownQueue' });
      await expect(sign(['no-such-queue'], 1)).rejects.toBeInstanceOf(PbxFault);
      expect(await members()).toEqual([1, 0]);
    });

    test('PBX-5 pausing or removing someone who is not signed in does nothing', async () => {
      await it.pbx.setPaused(it.users[1], false, 'ready');
      await it.pbx.removeMember(it.users[1]);
      expect(await it.isPaused(it.users[1])).toBeUndefined();
      expect(await members()).toEqual([1, 0]);
    });

    test('PBX-6 changes for one agent happen in the order they were asked for', async () => {
      await Promise.all([
        sign([it.queues[0]]),
        it.pbx.setPaused(it.users[0], false, 'ready'),
        it.pbx.removeMember(it.users[0]),
        sign([it.queues[1]]),
        it.pbx.setPaused(it.users[0], true, 'meal'),
        it.pbx.setPaused(it.users[0], false, 'ready'),
      ]);
      expect(await members()).toEqual([0, 1]);
      expect(await it.isPaused(it.users[0])).toBe(false);
      await it.pbx.removeMember(it.users[0]);
      expect(await members()).toEqual([0, 0]);
    });

    test('PBX-7 callers who wait are counted, and how long the first of them has', async () => {
      const hangUps = [await it.callerEnters(it.queues[0]), await it.callerEnters(it.queues[0])];
      await expect.poll(() => state(it.queues[0]), { timeout: 5_000 }).toMatchObject({ waiting: 2 });
      await expect
        .poll(async () => (await state(it.queues[0]))?.longestWaitMs, { timeout: 5_000 })
        .toBeGreaterThanOrEqual(1_000);
      await hangUps[0]?.();
      await expect.poll(() => state(it.queues[0]), { timeout: 5_000 }).toMatchObject({ waiting: 1 });
      await hangUps[1]?.();
      await expect
        .poll(() => state(it.queues[0]), { timeout: 5_000 })
        .toEqual({ queue: it.queues[0], waiting: 0, longestWaitMs: 0, members: 0 });
    });

    test('PBX-8 listeners hear of members, pauses and callers until they stop listening', async () => {
      let heard = 0;
      const stop = it.pbx.onChange(() => (heard += 1));
      const hears = async (change: () => Promise<unknown>) => {
        const before = heard;
        await change();
        await expect.poll(() => heard, { timeout: 5_000 }).toBeGreaterThan(before);
      };
      await hears(() => sign([it.queues[0]]));
      await hears(() => it.pbx.setPaused(it.users[0], true, 'break'));
      await hears(() => it.pbx.removeMember(it.users[0]));
      let hangUp = async () => {};
      await hears(async () => {
        hangUp = await it.callerEnters(it.queues[1]);
      });
      stop();
      const { promise: heardByOther, resolve } = Promise.withResolvers<void>();
      it.pbx.onChange(resolve);
      const before = heard;
      await hangUp();
      await heardByOther;
      expect(heard).toBe(before);
    });

    test('PBX-9 a name with line breaks is one name', async () => {
      await it.pbx.addMember({
        sipUser: it.users[0],
        name: `Ann\r\nAction: QueueRemove\r\nQueue: ${it.queues[0]}\r\n\r\n`,
        queues: [it.queues[0]],
      });
      await it.pbx.setPaused(it.users[0], true, 'meal\r\nPaused: false\r\n\r\n');
      expect(await members()).toEqual([1, 0]);
      expect(await it.isPaused(it.users[0])).toBe(true);
      await it.pbx.removeMember(it.users[0]);
    });

    test('PBX-10 once closed, it says so', async () => {
      await it.pbx.close();
      await expect(it.pbx.queues()).rejects.toMatchObject({ kind: 'closed' });
      await expect(sign([it.queues[0]])).rejects.toMatchObject({ kind: 'closed' });
    });
  });
};
