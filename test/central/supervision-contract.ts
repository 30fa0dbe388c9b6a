import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Supervision, SupervisionEvent } from '../../central/supervision-port.ts';
import type { SupervisionMode } from '../../shared/supervision.ts';

/** An exchange with an agent's telephone, a lead's, and nobody in a call. */
export type SupervisionUnderTest = {
  readonly supervision: Supervision;
  readonly agent: string;
  readonly lead: string;
  /** An account nobody is signed in with. */
  readonly absentLead: string;
  /** A customer and the agent talk; `hangUp` is the customer's. */
  readonly callRuns: () => Promise<{ readonly contactId: string; readonly hangUp: () => Promise<void> }>;
  /** The lead's telephone answers the next call. */
  readonly leadAnswers: () => Promise<void>;
  readonly leadHangsUp: (id: string) => Promise<void>;
  /** Everybody hangs up. */
  readonly quiet: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

/** What every exchange behind the port `Supervision` does. Ends with it closed. */
export const supervisionContract = (name: string, begin: () => Promise<SupervisionUnderTest>): void => {
  describe(`${name} keeps the contract of supervision`, () => {
    let it: SupervisionUnderTest;
    let events: SupervisionEvent[] = [];
    beforeAll(async () => {
      it = await begin();
      it.supervision.onEvent((event) => {
        if (event.kind !== 'synced') events.push(event);
      });
    });
    afterEach(async () => {
      await it.quiet();
      await expect.poll(() => it.supervision.sessions()).toEqual([]);
      events = [];
    });
    afterAll(async () => {
      await it.supervision.close();
      await expect(it.supervision.sessions()).rejects.toMatchObject({ kind: 'closed' });
      await it.stop();
    });
    const start = async (mode: SupervisionMode, id: string = randomUUID()) => {
      const asked = { id, leadSipUser: it.lead, agentSipUser: it.agent, mode };
      const [started] = await Promise.all([it.supervision.start(asked), it.leadAnswers()]);
      return started;
    };

    test('SUP-1 an agent who talks to nobody cannot be supervised', async () => {
      const asked = { id: randomUUID(), leadSipUser: it.lead, agentSipUser: it.agent, mode: 'listen' } as const;
      expect(await it.supervision.start(asked)).toEqual({ ok: false, error: 'notInCall' });
      expect(await it.supervision.sessions()).toEqual([]);
    });

    test('SUP-2 a session has the agent, the contact and the mode; each mode leads to each, and is told', async () => {
      const { contactId } = await it.callRuns();
      const id = randomUUID();
      const session = { id, agentSipUser: it.agent, contactId };
      expect(await start('whisper', id)).toEqual({ ok: true, value: { ...session, mode: 'whisper' } });
      const modes = ['listen', 'barge', 'whisper', 'barge', 'listen', 'whisper'] as const;
      for (const mode of modes) {
        expect(await it.supervision.setMode(id, mode)).toEqual({ ok: true, value: { ...session, mode } });
        expect(await it.supervision.sessions()).toEqual([{ ...session, mode }]);
      }
      expect(await it.supervision.setMode(id, 'whisper')).toMatchObject({ ok: true });
      await it.supervision.stop(id);
      await expect
        .poll(() => events.map(({ kind }) => kind))
        .toEqual(['began', ...modes.map(() => 'changed'), 'ended']);
      await it.supervision.stop(id);
    });

    test('SUP-3 a lead is in one session at a time, and must be there', async () => {
      await it.callRuns();
      const id = randomUUID();
      await start('listen', id);
      const asked = { id: randomUUID(), agentSipUser: it.agent, mode: 'listen' } as const;
      expect(await it.supervision.start({ ...asked, leadSipUser: it.lead })).toEqual({ ok: false, error: 'leadBusy' });
      expect(await it.supervision.start({ ...asked, leadSipUser: it.absentLead })).toEqual({
        ok: false,
        error: 'leadUnreachable',
      });
      expect((await it.supervision.sessions()).map((session) => session.id)).toEqual([id]);
    });

    test('SUP-4 after a take-over there is no way back', async () => {
      await it.callRuns();
      const id = randomUUID();
      await start('listen', id);
      expect(await it.supervision.setMode(id, 'takeOver')).toMatchObject({ ok: true, value: { mode: 'takeOver' } });
      expect(await it.supervision.setMode(id, 'whisper')).toEqual({ ok: false, error: 'takenOver' });
      expect(await it.supervision.sessions()).toMatchObject([{ id, mode: 'takeOver' }]);
      await it.supervision.stop(id);
      await expect.poll(() => events.at(-1)).toEqual({ kind: 'ended', id });
    });

    test('SUP-5 it is over when the call is, and when the lead hangs up', async () => {
      const { hangUp } = await it.callRuns();
      const first = randomUUID();
      await start('barge', first);
      await it.leadHangsUp(first);
      await expect.poll(() => events.at(-1)).toEqual({ kind: 'ended', id: first });
      const second = randomUUID();
      await start('listen', second);
      await hangUp();
      await expect.poll(() => events.at(-1)).toEqual({ kind: 'ended', id: second });
      expect(await it.supervision.setMode(second, 'barge')).toEqual({ ok: false, error: 'noSession' });
    });
  });
};
