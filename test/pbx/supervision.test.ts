import { randomUUID } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { silent } from '../../central/ambient.ts';
import { openAmi } from '../../central/ami.ts';
import { watchAsteriskCalls } from '../../central/asterisk-calls.ts';
import { superviseAsterisk } from '../../central/asterisk-supervision.ts';
import { systemClock } from '../../central/pbx.ts';
import type { SupervisionEvent, SupervisionSession } from '../../central/supervision-port.ts';
import type { SupervisionMode } from '../../shared/supervision.ts';
import { supervisionContract } from '../central/supervision-contract.ts';
import type { Customer } from './customer.ts';
import { whyNotHere } from './here.ts';
import type { Heard, ThreeLegs } from './three-legs.ts';
import { levelsIn, startThreeLegs } from './three-legs.ts';

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

test('R35 the call an agent made is supervised like one that came in', async () => {
  const { customer } = await legs.agentCalls();
  const id = randomUUID();
  expect(await start('whisper', id)).toMatchObject({ ok: true });
  const whispering = await measure('whisper, outbound', customer);
  expectListening(whispering);
  expect(whispering.agent.lead).toBeGreaterThan(heard);
  expect(await legs.supervision.setMode(id, 'takeOver')).toMatchObject({ ok: true });
  await expect.poll(() => legs.agent.page.evaluate(() => window.agent.state())).toBe('Terminated');
  const readings: Heard[] = [];
  // A telephone's buffer may refill when another voice begins: it has to be there within the poll's ten seconds.
  await expect
    .poll(async () => {
      const reading = await legs.atCustomer(customer);
      readings.push(reading);
      return reading.lead;
    })
    .toBeGreaterThan(heard);
  console.info(JSON.stringify({ mode: 'takeOver, outbound', dBFS: { customer: readings } }));
  expect((await legs.atLead()).customer).toBeGreaterThan(heard);
  // The lead hangs up: the customer is not left on an open line.
  await legs.supervision.stop(id);
  await customer.ended();
});

test('security 79: a lead who presses keys changes nothing', async () => {
  const { customer } = await legs.callRuns();
  const { value: session } = (await start('listen')) as { value: SupervisionSession };
  await legs.lead.page.evaluate(() => window.agent.press('4561001#6'));
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  const after = await measure('listen, after keys', customer);
  expectListening(after);
  expect(after.agent.lead).toBeLessThan(absent);
  expect(await legs.supervision.sessions()).toEqual([session]);
  // The star ends the spying, and with it the session: never anything else.
  await legs.lead.page.evaluate(() => window.agent.press('*6'));
  await expect.poll(() => legs.supervision.sessions()).toEqual([]);
  expect((await legs.atCustomer(customer)).lead).toBeLessThan(absent);
});

test('R43 what a lead says to a customer is recorded, what is whispered to the agent is not', async () => {
  const { contactId } = await legs.callRuns();
  const id = randomUUID();
  await start('whisper', id);
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  const { recordings } = legs.exchange.descriptor;
  const files = () => readdirSync(recordings).filter((file) => file.startsWith(contactId));
  expect(files()).toHaveLength(1);
  await legs.supervision.setMode(id, 'barge');
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  await legs.supervision.setMode(id, 'listen');
  await new Promise((resolve) => setTimeout(resolve, 500));
  const ofLead = files().find((file) => file.includes(id)) ?? '';
  const ofCall = files().find((file) => !file.includes(id)) ?? '';
  const inBarge = await levelsIn(join(recordings, ofLead));
  const inCall = await levelsIn(join(recordings, ofCall));
  console.info(JSON.stringify({ recordings: { barge: inBarge, call: inCall } }));
  for (const level of Object.values(inBarge)) expect(level).toBeGreaterThan(heard);
  expect(inCall.customer).toBeGreaterThan(heard);
  expect(inCall.agent).toBeGreaterThan(heard);
  expect(inCall.lead).toBeLessThan(absent);
});

test.each([
  ...['supervise', 'listen', 'whisper', 'barge', 'takeOver', 'listen@supervise', 's', 'i', 't', 'h', 'a', 'o'],
  ...['*4', '*5', '*6', '*555', '#555', '4', '5', '6', 'ChanSpy', 'chanspy', 'spy', 'record-lead', '_X', 'PJSIP/1003'],
  ...['%2A555', 'listen;x=supervise', 'listen%40supervise'],
])('security 79: an agent who dials "%s" reaches nothing', async (number) => {
  const dialled = legs.agent.page.evaluate(([to, headers]) => window.agent.dial(to, headers), [
    number,
    [`X-Supervision: ${randomUUID()}`],
  ] as const);
  await expect(dialled).rejects.toThrow(/Terminated (?:403|404|484)|cannot dial/);
});

test('security 79: no context includes supervision, so none that a telephone dials in does', async () => {
  const ami = await openAmi({ ...legs.exchange.descriptor.ami, deadlineMs: 3_000, clock: systemClock });
  const lines = await ami.list('ShowDialPlan');
  ami.close();
  const included = lines.flatMap((line) => line.get('includecontext') ?? []);
  expect(included).toContain('outbound');
  expect(included.filter((context) => /supervise|record-lead|unrecord/.test(context))).toEqual([]);
});

describe.skipIf(why !== undefined)('the contract', () => {
  supervisionContract('Asterisk', async () => {
    const own = superviseAsterisk(
      watchAsteriskCalls({
        ami: legs.exchange.descriptor.ami,
        clock: systemClock,
        random: Math.random,
        log: silent,
      }),
    );
    return {
      supervision: own,
      agent: '1001',
      lead: '1003',
      absentLead: '1004',
      callRuns: async () => {
        const { contactId, customer } = await legs.callRuns();
        return { contactId, hangUp: customer.hangUp };
      },
      leadAnswers: () => legs.leadAnswers(),
      leadHangsUp: () => legs.lead.page.evaluate(() => window.agent.hangUp()),
      quiet: legs.quiet,
      stop: async () => {},
    };
  });
});
