import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Dialler, DiallerEvent, DialOrder } from '../../../central/dialler/dialler-port.ts';
import { unansweredBy } from '../../../shared/dialler.ts';

/** An exchange whose customers take a call as their number says, and one agent's telephone that answers by itself. */
export type DiallerUnderTest = {
  readonly dialler: Dialler;
  readonly numbers: {
    /** Answers within a second and talks for a few. */
    readonly answers: string;
    readonly busy: string;
    readonly rejects: string;
    readonly unknown: string;
    readonly congested: string;
    readonly ringsOut: string;
  };
  readonly agent: string;
  /** An account nobody is signed in with. */
  readonly absentAgent: string;
  /** Another central at the same exchange, which dialled nothing of what runs. */
  readonly another: () => Dialler;
  /** Lets time pass while something is awaited, where time is by hand. */
  readonly meanwhile: <T>(work: Promise<T>) => Promise<T>;
  readonly hangUp: (id: string) => Promise<void>;
  readonly stop: () => Promise<void>;
};

/** What every exchange behind the port `Dialler` does. Ends with it closed. */
export const diallerContract = (name: string, begin: () => Promise<DiallerUnderTest>): void => {
  describe(`${name} keeps the contract of the dialler (R25)`, () => {
    let it: DiallerUnderTest;
    let events: DiallerEvent[] = [];
    let heard = Promise.withResolvers<void>();
    beforeAll(async () => {
      it = await begin();
      it.dialler.onEvent((event) => {
        events.push(event);
        heard.resolve();
        heard = Promise.withResolvers();
      });
    });
    afterEach(async () => {
      for (const { id } of await it.dialler.calls()) await it.hangUp(id);
      await it.meanwhile(expect.poll(() => it.dialler.calls(), { timeout: 10_000 }).toEqual([]));
      events = [];
    });
    afterAll(async () => {
      await it.dialler.close();
      await expect(it.dialler.calls()).rejects.toMatchObject({ kind: 'closed' });
      await it.stop();
    });
    const told = (id: string, kind: DiallerEvent['kind']): Promise<DiallerEvent> =>
      it.meanwhile(
        (async () => {
          for (;;) {
            const found = events.find((event) => event.kind === kind && 'id' in event && event.id === id);
            if (found !== undefined) return found;
            await heard.promise;
          }
        })(),
      );
    const dial = async (number: string, over: Partial<DialOrder> = {}): Promise<string> => {
      const id = randomUUID();
      const order = { id, number, callerNumber: '', ringMs: 5_000, silenceMs: 2_000, detectsMachines: false };
      await it.dialler.dial({ ...order, ...over });
      return id;
    };

    test.each([
      ['busy', 'busy'],
      ['rejects', 'rejected'],
      ['unknown', 'invalid'],
      ['congested', 'congestion'],
    ] as const)('DIAL-1 a customer who %s: the cause says so', async (who, outcome) => {
      const ended = await told(await dial(it.numbers[who]), 'ended');
      expect(ended.kind === 'ended' && unansweredBy(ended.cause, ended.hasRungOut)).toBe(outcome);
    });

    test('DIAL-1 whoever does not answer within the ring time has not answered', async () => {
      const ended = await told(await dial(it.numbers.ringsOut, { ringMs: 1_500 }), 'ended');
      expect(ended.kind === 'ended' && unansweredBy(ended.cause, ended.hasRungOut)).toBe('noAnswer');
    });

    test('DIAL-2 a customer who answers waits, meets the agent, and is over when they hang up', async () => {
      const id = await dial(it.numbers.answers);
      await told(id, 'answered');
      expect(await it.dialler.calls()).toEqual([{ id, state: 'waiting' }]);
      expect(await it.meanwhile(it.dialler.connect(id, it.agent, 1_500))).toBe('connected');
      expect(await it.dialler.calls()).toEqual([{ id, state: 'connected' }]);
      await it.hangUp(id);
      await told(id, 'ended');
      expect(events.map(({ kind }) => kind)).not.toContain('abandoned');
    });

    test('DIAL-3 with nobody to talk to the exchange plays the message by itself and hangs up', async () => {
      const id = await dial(it.numbers.answers, { silenceMs: 1_000 });
      await told(id, 'abandoned');
      expect(await it.dialler.connect(id, it.agent, 1_000)).toBe('over');
      await it.hangUp(id);
      await told(id, 'ended');
    });

    test('DIAL-3 the message comes at once when it is asked for', async () => {
      const id = await dial(it.numbers.answers, { silenceMs: 30_000 });
      await told(id, 'answered');
      await it.dialler.abandon(id);
      expect(await told(id, 'abandoned')).toEqual({ kind: 'abandoned', id });
    });

    test('DIAL-4 an agent who is not there leaves the customer waiting for another one', async () => {
      const id = await dial(it.numbers.answers, { silenceMs: 10_000 });
      await told(id, 'answered');
      expect(await it.meanwhile(it.dialler.connect(id, it.absentAgent, 1_000))).toBe('notTaken');
      expect(await it.meanwhile(it.dialler.connect(id, it.agent, 2_000))).toBe('connected');
    });

    test('DIAL-5 what rings is stopped at once; what is connected is not', async () => {
      const ringing = await dial(it.numbers.ringsOut, { ringMs: 20_000 });
      await it.meanwhile(expect.poll(async () => (await it.dialler.calls()).length).toBe(1));
      await it.dialler.stop(ringing);
      await told(ringing, 'ended');
      const talking = await dial(it.numbers.answers);
      await told(talking, 'answered');
      expect(await it.meanwhile(it.dialler.connect(talking, it.agent, 1_500))).toBe('connected');
      await it.dialler.stop(talking);
      expect(await it.dialler.calls()).toEqual([{ id: talking, state: 'connected' }]);
    });

    test('DIAL-6 another central finds the calls, and finishes them', async () => {
      const id = await dial(it.numbers.answers, { silenceMs: 10_000 });
      await told(id, 'answered');
      const other = it.another();
      await it.meanwhile(expect.poll(() => other.calls().catch(() => [])).toEqual([{ id, state: 'waiting' }]));
      expect(await it.meanwhile(other.connect(id, it.agent, 2_000))).toBe('connected');
      await other.close();
      await it.dialler.stop(randomUUID());
    });

    test('DIAL-7 what is no number is not dialled', async () => {
      await expect(dial('100&SIP/evil')).rejects.toMatchObject({ kind: 'refused' });
      expect(await it.dialler.calls()).toEqual([]);
    });
  });
};
