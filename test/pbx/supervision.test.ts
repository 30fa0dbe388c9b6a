import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { SupervisionEvent } from '../../central/supervision-port.ts';
import type { SupervisionMode } from '../../shared/supervision.ts';
import type { Customer } from './customer.ts';
import { whyNotHere } from './here.ts';
import type { Heard, ThreeLegs } from './three-legs.ts';
import { startThreeLegs } from './three-legs.ts';

// Three telephones, three tones, one real Asterisk: who hears whom is measured on each leg (R35, security 79).

const why = whyNotHere('calls');
let legs: ThreeLegs;

beforeAll(async () => {
  if (why === undefined) legs = await startThreeLegs();
});
afterAll(async () => {
  if (why === undefined) await legs.stop();
});
beforeEach(({ skip }) => {
  if (why !== undefined) skip(why);
});
afterEach(async () => {
  if (why === undefined) await legs.quiet();
});

/** dBFS: a tone that is there arrives at about -9; one that is not must be 45 dB below that at least. */
const heard = -25;
const absent = -55;

type Measured = { readonly customer: Heard; readonly agent: Heard; readonly lead: Heard };
const measure = async (mode: string, customer: Customer): Promise<Measured> => {
  const [atCustomer, atAgent, atLead] = await Promise.all([legs.atCustomer(customer), legs.atAgent(), legs.atLead()]);
  const measured = { customer: atCustomer, agent: atAgent, lead: atLead };
  console.info(JSON.stringify({ mode, dBFS: measured }));
  return measured;
};
/** Agent and customer hear each other in every mode but the take-over. */
const expectConversation = ({ customer, agent }: Measured) => {
  expect(customer.agent).toBeGreaterThan(heard);
  expect(agent.customer).toBeGreaterThan(heard);
};
const expectListening = (measured: Measured) => {
  expectConversation(measured);
  expect(measured.lead.customer).toBeGreaterThan(heard);
  expect(measured.lead.agent).toBeGreaterThan(heard);
  expect(measured.customer.lead).toBeLessThan(absent);
};

const start = async (mode: SupervisionMode, id: string = randomUUID()) => {
  const [started] = await Promise.all([
    legs.supervision.start({ id, leadSipUser: '1003', agentSipUser: '1001', mode }),
    legs.leadAnswers(),
  ]);
  return started;
};

test('R35 listen, whisper, barge and take over in one session; the customer never hears the coach before the barge', async () => {
  const events: SupervisionEvent[] = [];
  const stop = legs.supervision.onEvent((event) => events.push(event));
  const { customer, contactId } = await legs.callRuns();
  const id = randomUUID();
  expect(await start('listen', id)).toEqual({
    ok: true,
    value: { id, agentSipUser: '1001', contactId, mode: 'listen' },
  });
  const listening = await measure('listen', customer);
  expectListening(listening);
  expect(listening.agent.lead).toBeLessThan(absent);

  expect(await legs.supervision.setMode(id, 'whisper')).toMatchObject({ ok: true, value: { mode: 'whisper' } });
  const whispering = await measure('whisper', customer);
  expectListening(whispering);
  expect(whispering.agent.lead).toBeGreaterThan(heard);

  expect(await legs.supervision.setMode(id, 'listen')).toMatchObject({ ok: true });
  const again = await measure('listen again', customer);
  expectListening(again);
  expect(again.agent.lead).toBeLessThan(absent);

  expect(await legs.supervision.setMode(id, 'barge')).toMatchObject({ ok: true });
  const barging = await measure('barge', customer);
  expectConversation(barging);
  expect(barging.agent.lead).toBeGreaterThan(heard);
  expect(barging.customer.lead).toBeGreaterThan(heard);
  expect(barging.lead.customer).toBeGreaterThan(heard);
  expect(barging.lead.agent).toBeGreaterThan(heard);

  expect(await legs.supervision.setMode(id, 'takeOver')).toMatchObject({ ok: true });
  await expect.poll(() => legs.agent.page.evaluate(() => window.agent.state())).toBe('Terminated');
  const [atCustomer, atLead] = await Promise.all([legs.atCustomer(customer), legs.atLead()]);
  console.info(JSON.stringify({ mode: 'takeOver', dBFS: { customer: atCustomer, lead: atLead } }));
  expect(atCustomer.lead).toBeGreaterThan(heard);
  expect(atCustomer.agent).toBeLessThan(absent);
  expect(atLead.customer).toBeGreaterThan(heard);
  expect(atLead.agent).toBeLessThan(absent);
  expect(await legs.supervision.setMode(id, 'listen')).toEqual({ ok: false, error: 'takenOver' });

  await customer.hangUp();
  await expect
    .poll(() => events.map(({ kind }) => kind))
    .toEqual(['began', 'changed', 'changed', 'changed', 'changed', 'ended']);
  stop();
});
