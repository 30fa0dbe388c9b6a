import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CentralClient } from '../../../main/engine/central-client.ts';
import { createCentralClient } from '../../../main/engine/central-client.ts';
import { systemClock } from '../../../main/engine/clock.ts';
import { refusalKinds } from '../../../shared/result.ts';
import type { Fault, FakeCentral } from '../fake-central.ts';
import { startFakeCentral } from '../fake-central.ts';
import { memoryLog, uuid } from '../harness.ts';
import { feedOf } from '../sample.ts';

let central: FakeCentral;
let client: CentralClient;

beforeEach(async () => {
  central = await startFakeCentral(feedOf([]));
  client = createCentralClient(central.url, systemClock, memoryLog());
});
afterEach(async () => {
  client.close();
  await central.close();
});

/** One question of each kind. */
const questions = (): Record<string, () => ReturnType<CentralClient['call']>> => {
  const about = { contactId: uuid(), customerId: 'c1' };
  return {
    health: () => client.call('health', {}, null),
    signIn: () => client.call('signIn', { protocol: 1, agentNumber: '1', password: 'x', seatId: uuid() }, null),
    signOut: () => client.call('signOut', {}, 't'),
    changes: () => client.call('changes', { cursor: '', limit: 10 }, 't'),
    lookup: () => client.call('lookup', { key: '1' }, 't'),
    check: () => client.call('check', { ...about, factor: 'package', value: 'x' }, 't'),
    sendCode: () => client.call('sendCode', about, 't'),
    reveal: () => client.call('reveal', { ...about, reason: 'x' }, 't'),
    contacts: () => client.call('contacts', { customerId: 'c1' }, 't'),
    practiceCallers: () => client.call('practiceCallers', {}, 't'),
    practiceCall: () => client.call('practiceCall', { callerId: null }, 't'),
    practiceCue: () => client.call('practiceCue', { customerId: 'c1' }, 't'),
  };
};

const garbage: Fault[] = ['html', 'truncated', 'deep', 'redirect'];

describe('what central answers is checked before anything sees it (security 82)', () => {
  it.each(garbage)('%s is garbled, whatever was asked', async (fault) => {
    central.fault = fault;
    for (const [name, ask] of Object.entries(questions()))
      expect({ name, answer: await ask() }).toEqual({ name, answer: { ok: false, error: { kind: 'garbled' } } });
  });

  it('more than 32 MB is not read to its end', async () => {
    central.fault = 'huge';
    expect(await client.call('changes', { cursor: '', limit: 10 }, 't')).toEqual({
      ok: false,
      error: { kind: 'garbled' },
    });
  });

  it('refusals are told by their kind; a sentence of the server never reaches the desk', async () => {
    for (const fault of ['error500', 'unauthorised', 'down'] as const) {
      central.fault = fault;
      for (const ask of Object.values(questions())) {
        const answer = await ask();
        if (answer.ok) throw new Error('was answered');
        expect(refusalKinds).toContain(answer.error.kind);
        expect(answer.error.reason ?? '').toMatch(/^[A-Za-z0-9]*$/);
      }
    }
  });

  it('nothing is answered after it was closed, also what was under way', async () => {
    central.fault = 'silent';
    const asked = client.call('health', {}, null);
    client.close();
    expect(await asked).toEqual({ ok: false, error: { kind: 'offline' } });
    central.fault = 'none';
    expect(await client.call('health', {}, null)).toEqual({ ok: false, error: { kind: 'offline' } });
  });

  it('a central that is not there at all is off line', async () => {
    await central.close();
    expect(await client.call('health', {}, null)).toEqual({ ok: false, error: { kind: 'offline' } });
    central = await startFakeCentral([]);
  });
});
