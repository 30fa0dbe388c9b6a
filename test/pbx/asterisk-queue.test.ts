import { createSocket } from 'node:dgram';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { silent } from '../../central/ambient.ts';
import { connectAsterisk } from '../../central/asterisk-pbx.ts';
import type { Pbx } from '../../central/pbx.ts';
import { systemClock } from '../../central/pbx.ts';
import { startPbx } from '../../scripts/pbx-instance.mjs';
import type { RunningPbx } from '../../scripts/pbx-instance.mjs';
import { openAgentBrowser } from './agent-browser.ts';
import type { AgentBrowser } from './agent-browser.ts';
import { startCustomer } from './customer.ts';
import type { Customer, CustomerOptions } from './customer.ts';
import { whyNotHere } from './here.ts';
import { levelDb, readWav, sayIntoFile, shareOfTone, tail, toneIntoFile } from './speech.ts';

// The exchange alone, before any of the product: the customer is baresip, the agent SIP.js in Chromium.

const why = whyNotHere('calls');
const uuidV7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const agentHz = 700;
const customerHz = 900;

let exchange: RunningPbx;
let central: Pbx;
let agent: AgentBrowser;
let customerTone: string;
let speech: string;
const customers: Customer[] = [];

beforeAll(async () => {
  if (why !== undefined) return;
  exchange = await startPbx();
  const { ami, agents, ws, domain } = exchange.descriptor;
  central = connectAsterisk({ ami, clock: systemClock, random: Math.random, log: silent });
  customerTone = await toneIntoFile(exchange.dir, customerHz, 120);
  speech = await sayIntoFile(exchange.dir, 'customer', 'cmn', '您好，我想查一下这个月的话费，为什么多了三十块钱？', 60);
  agent = await openAgentBrowser(await toneIntoFile(exchange.dir, agentHz, 30, 48_000));
  const account = { ws, domain, user: agents[0]?.user ?? '', password: agents[0]?.password ?? '' };
  const registerMs = await agent.page.evaluate((to) => window.agent.register(to), account);
  console.info(JSON.stringify({ registerMs: Math.round(registerMs) }));
  await central.addMember({ sipUser: '1001', name: 'Agent', queues: ['service', 'vip'] });
  await central.setPaused('1001', false, 'ready');
});

afterAll(async () => {
  if (why !== undefined) return;
  await agent.stop();
  await central.close();
  await exchange.stop();
});

beforeEach(({ skip }) => {
  if (why !== undefined) skip(why);
});

// Whatever a test left: the next one begins with an idle agent and no customers.
afterEach(async () => {
  if (why !== undefined) return;
  await Promise.all(customers.splice(0).map((customer) => customer.stop()));
  await agentHangsUp();
});

const aCustomer = async (options: Partial<CustomerOptions> = {}): Promise<Customer> => {
  const customer = await startCustomer({
    pbx: exchange.descriptor,
    number: '13800138000',
    says: customerTone,
    ...options,
  });
  customers.push(customer);
  return customer;
};
const offered = (withinMs = 5_000) => agent.page.evaluate((ms) => window.agent.offered(ms), withinMs);
const answer = () => agent.page.evaluate(() => window.agent.answer());
const agentHangsUp = () => agent.page.evaluate(() => window.agent.hangUp());
const agentState = () => agent.page.evaluate(() => window.agent.state());
const agentHears = (hz: number) => agent.page.evaluate((at) => window.agent.hear(1.5, at), hz);
/** Listens only from now on: the file so far holds ring-back and music. */
const customerHears = async (customer: Customer, hz: number) => {
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  const sound = tail(await readWav(await customer.heard()), 1);
  return { levelDb: levelDb(sound), toneShare: shareOfTone(sound, hz) };
};
const expectAudioBothWays = async (customer: Customer) => {
  const [atAgent, atCustomer] = await Promise.all([agentHears(customerHz), customerHears(customer, agentHz)]);
  expect(atAgent.levelDb).toBeGreaterThan(-25);
  expect(atAgent.toneShare).toBeGreaterThan(0.8);
  expect(atCustomer.levelDb).toBeGreaterThan(-30);
  expect(atCustomer.toneShare).toBeGreaterThan(0.6);
};
const recordingOf = async (contactId: string) => {
  const files = (await readdir(exchange.descriptor.recordings)).filter((name) => name.startsWith(contactId));
  expect(files).toHaveLength(1);
  return readWav(join(exchange.descriptor.recordings, files[0] ?? ''));
};
const isIdle = () => expect.poll(agentState, { timeout: 5_000 }).not.toBe('Established');

describe('a customer calls a queue', () => {
  test('the agent sees number, queue and contact id before answering; audio flows both ways and is recorded (R43)', async () => {
    const customer = await aCustomer({ display: 'Ann Li' });
    const dialled = Date.now();
    await customer.dial(exchange.descriptor.queues.service);
    const call = await offered();
    const ringMs = Date.now() - dialled;
    expect(call).toMatchObject({ from: '13800138000', display: 'Ann Li', queue: 'service' });
    expect(call?.contactId).toMatch(uuidV7);
    const made = Number.parseInt((call?.contactId ?? '').replaceAll('-', '').slice(0, 12), 16);
    expect(Math.abs(made - dialled)).toBeLessThan(5_000);

    const { establishedMs, mediaMs } = await answer();
    console.info(JSON.stringify({ ringMs, establishedMs: Math.round(establishedMs), mediaMs: Math.round(mediaMs) }));
    expect(mediaMs).toBeLessThan(2_000);
    await customer.established();
    await expectAudioBothWays(customer);

    await customer.hangUp();
    await expect.poll(agentState, { timeout: 5_000 }).toBe('Terminated');
    const recording = await recordingOf(call?.contactId ?? '');
    expect(recording.samples.length / recording.rate).toBeGreaterThan(1);
    expect(levelDb(recording)).toBeGreaterThan(-25);
    expect(shareOfTone(recording, agentHz)).toBeGreaterThan(0.1);
    expect(shareOfTone(recording, customerHz)).toBeGreaterThan(0.1);
  });

  test('recorded speech arrives as speech, and the agent ends the call', async () => {
    const customer = await aCustomer({ says: speech });
    await customer.dial(exchange.descriptor.queues.vip);
    expect(await offered()).toMatchObject({ queue: 'vip' });
    await answer();
    const heard = await agentHears(customerHz);
    expect(heard.levelDb).toBeGreaterThan(-40);
    expect(heard.toneShare).toBeLessThan(0.5);
    await agentHangsUp();
    await expect(customer.ended()).resolves.toBeTypeOf('string');
  });

  test('R38 a paused agent is not offered the call; the customer waits with music and is counted', async () => {
    await isIdle();
    await central.setPaused('1001', true, 'break');
    const customer = await aCustomer();
    await customer.dial(exchange.descriptor.queues.service);
    await customer.established();
    expect(await offered(1_500)).toBeUndefined();
    const service = async () => (await central.queues()).find(({ queue }) => queue === 'service');
    expect(await service()).toMatchObject({ waiting: 1, members: 1 });
    expect((await customerHears(customer, agentHz)).levelDb).toBeGreaterThan(-60);
    await central.setPaused('1001', false, 'ready');
    expect(await offered()).toMatchObject({ queue: 'service' });
    await answer();
    expect(await service()).toMatchObject({ waiting: 0, longestWaitMs: 0 });
    await customer.hangUp();
    await isIdle();
  });

  test('R38 an agent on a call is not offered a second one; a refused call comes again', async () => {
    const [first, second] = [await aCustomer(), await aCustomer({ number: '13900139000' })];
    await first.dial(exchange.descriptor.queues.service);
    await offered();
    await answer();
    await second.dial(exchange.descriptor.queues.service);
    expect(await offered(1_500)).toBeUndefined();
    await first.hangUp();
    expect(await offered()).toMatchObject({ from: '13900139000' });
    await agent.page.evaluate(() => window.agent.reject());
    const again = await offered(8_000);
    expect(again).toMatchObject({ from: '13900139000' });
    await second.hangUp();
    await second.ended();
  });

  test('a withheld number arrives as such', async () => {
    const customer = await aCustomer({ number: 'anonymous' });
    await customer.dial(exchange.descriptor.queues.service);
    expect(await offered()).toMatchObject({ from: 'anonymous' });
    await customer.hangUp();
    await customer.ended();
  });
});

describe('an agent calls a customer', () => {
  const dial = (number: string, headers: readonly string[] = []) =>
    agent.page.evaluate(([to, extra]) => window.agent.dial(to, extra), [number, headers] as const);

  test('the customer answers; audio flows both ways; the recording carries the id the seat gave (R43)', async () => {
    const customer = await aCustomer({ answers: true, number: '13900139000' });
    const contactId = '0199a000-0000-7000-8000-000000000001';
    const { establishedMs, mediaMs } = await dial('13900139000', [`X-Contact-Id: ${contactId}`]);
    console.info(JSON.stringify({ dialEstablishedMs: Math.round(establishedMs), dialMediaMs: Math.round(mediaMs) }));
    await customer.established();
    expect(customer.peer()).toContain('4000000001');
    await expectAudioBothWays(customer);
    await agentHangsUp();
    await customer.ended();
    expect(levelDb(await recordingOf(contactId))).toBeGreaterThan(-25);
  });

  test('R41 telemarketing presents the marketing number', async () => {
    const customer = await aCustomer({ answers: true, number: '13700137000' });
    await dial('13700137000', ['X-Queue: marketing']);
    expect(customer.peer()).toContain('4000000002');
    await customer.hangUp();
    await isIdle();
  });

  test.each(['139*0013', '1390013900013900139000', '139/PJSIP'])('%s is no number to dial', async (number) => {
    await expect(dial(number)).rejects.toThrow('Terminated 484');
  });

  test('the echo test returns the voice', async () => {
    await dial(exchange.descriptor.echo);
    const heard = await agentHears(agentHz);
    expect(heard.levelDb).toBeGreaterThan(-30);
    expect(heard.toneShare).toBeGreaterThan(0.6);
    await agentHangsUp();
  });
});

describe('strangers', () => {
  /** One request by hand, as no telephone would send it; the first final or provisional answer's status. */
  const invite = (from: string, user: string, headers: readonly string[] = []): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = createSocket('udp4');
      const { sip } = exchange.descriptor;
      const answers: string[] = [];
      socket.on('message', (message) => {
        const status = message.toString('latin1').slice(8, 11);
        answers.push(status);
        if (status >= '200') {
          socket.close();
          resolve(status);
        }
      });
      socket.bind(0, from, () => {
        const { port } = socket.address();
        const sdp = `v=0\r\no=- 1 1 IN IP4 ${from}\r\ns=-\r\nc=IN IP4 ${from}\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\n`;
        const lines = [
          `INVITE sip:${exchange.descriptor.queues.service}@${sip.host}:${sip.port} SIP/2.0`,
          `Via: SIP/2.0/UDP ${from}:${port};branch=z9hG4bK${Math.random()};rport`,
          `From: <sip:${user}@${from}>;tag=${Math.random()}`,
          `To: <sip:6001@${sip.host}>`,
          `Call-ID: ${Math.random()}`,
          'CSeq: 1 INVITE',
          'Max-Forwards: 70',
          `Contact: <sip:${user}@${from}:${port}>`,
          ...headers,
          'Content-Type: application/sdp',
          `Content-Length: ${sdp.length}`,
        ];
        socket.send(`${lines.join('\r\n')}\r\n\r\n${sdp}`, sip.port, sip.host);
      });
      setTimeout(() => reject(new Error(`no answer; seen: ${answers.join()}`)), 5_000).unref();
    });

  test('from another address than the trunk nobody gets in, and an agent’s name is not enough', async () => {
    await expect(invite('127.0.0.1', '13800138000')).resolves.toBe('401');
    await expect(invite('127.0.0.1', '1001')).resolves.toBe('401');
  });

  test('a customer cannot choose the contact’s id, nor pass for an agent', async () => {
    const chosen = '0199a000-0000-7000-8000-00000000beef';
    await expect(invite('127.0.0.2', '1001', [`X-Contact-Id: ${chosen}`, 'X-Queue: vip'])).resolves.toBe('200');
    const call = await offered();
    expect(call).toMatchObject({ queue: 'service' });
    expect(call?.contactId).toMatch(uuidV7);
    expect(call?.contactId).not.toBe(chosen);
  });
});
