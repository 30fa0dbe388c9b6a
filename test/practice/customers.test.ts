import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { echoTest } from '../../shared/devices.ts';
import { tone } from '../../practice/customers/g711.ts';
import { openNodePhone, type NodePhone } from './node-phone.ts';
import { agentPassword, openStage, until, type Stage } from './stage.ts';

let stage: Stage;
let agent: NodePhone;
const openAgent = async (codec?: 'audio/opus'): Promise<NodePhone> =>
  openNodePhone({
    ...stage.exchange,
    user: 'agent1',
    password: agentPassword('agent1'),
    sound: tone(700, 1_000),
    ...(codec === undefined ? {} : { codec }),
  });

beforeEach(async () => {
  stage = await openStage();
  agent = await openAgent();
  await stage.exchange.pbx.addMember({ sipUser: 'agent1', name: 'One', queues: ['service'] });
  await stage.exchange.pbx.setPaused('agent1', false, 'ready');
});
afterEach(async () => {
  await agent.close();
  await stage.close();
});

describe('simulated customers', () => {
  it('call through the queue, are heard and hear: tones both ways over DTLS-SRTP', async () => {
    const call = stage.customers.call({
      from: { number: '13800138000', display: '王小明' },
      to: 'service',
      sound: tone(1_200, 1_000),
    });
    await until('answer', () => call.state().kind === 'talking');
    await until('sound both ways', () => call.heard.frames() > 30 && agent.heard().frames() > 30);
    expect(call.heard.toneDb(700)).toBeGreaterThan(-18);
    expect(call.heard.toneDb(1_200)).toBeLessThan(-50);
    expect(agent.heard().toneDb(1_200)).toBeGreaterThan(-18);
    expect(agent.heard().toneDb(700)).toBeLessThan(-50);
    expect(agent.headers()).toMatchObject({ queue: 'service' });
    expect(agent.headers().contactId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
    expect(agent.headers().from).toContain('"王小明" <sip:13800138000@');
    await agent.hangUp();
    expect(await call.done).toMatchObject({ kind: 'agentHungUp' });
    expect(stage.exchange.standing()).toEqual({ available: 1, waiting: 0, calls: 0 });
  });

  it('may withhold their number, or have one that makes no sense', async () => {
    const hidden = stage.customers.call({ from: { number: '13800138000', withheld: true }, to: 'service' });
    await until('answer', () => hidden.state().kind === 'talking');
    expect(agent.headers().from).toMatch(/^"Anonymous" <sip:anonymous@anonymous\.invalid>;tag=/);
    hidden.hangUp();
    expect(await hidden.done).toMatchObject({ kind: 'customerHungUp' });
    await until('free again', () => stage.exchange.standing().available === 1);
    const odd = stage.customers.call({ from: { number: '+86-(13x)<8001>;"' }, to: 'service' });
    await until('answer', () => odd.state().kind === 'talking');
    odd.hangUp();
    expect(await odd.done).toMatchObject({ kind: 'customerHungUp' });
  });

  it('give up when their patience is over, and while the phone rings', async () => {
    agent.setAnswering(false);
    const call = stage.customers.call({ from: { number: '13800138000' }, to: 'service', patienceMs: 300 });
    await until('ringing', () => agent.state() === 'Initial' || agent.state() === 'Establishing');
    expect(await call.done).toEqual({ kind: 'gaveUp' });
    await until('phone stops ringing', () => agent.state() === 'Terminated');
    expect(stage.exchange.standing().calls).toBe(0);
  });

  it('are refused by a queue that does not exist', async () => {
    const call = stage.customers.call({ from: { number: '13800138000' }, to: 'nothing' });
    expect(await call.done).toEqual({ kind: 'refused', status: 404 });
  });

  it('answer what a seat dials, by the number table', async () => {
    expect(await agent.dial('13800000000')).toBe(404);
    expect(await agent.dial('13800000001')).toBe(486);
    expect(await agent.dial('12')).toBe(484);
    expect(await agent.dial('13912345678')).toBe(200);
    const [call] = stage.customers.active();
    await until('sound', () => (call?.heard.frames() ?? 0) > 30 && agent.heard().frames() > 30);
    expect(call?.heard.toneDb(700)).toBeGreaterThan(-18);
    // "Hello" comes by itself after a breath.
    await until('hello', () => agent.heard().levelDb() > -40);
    await agent.hangUp();
    expect(await call?.done).toMatchObject({ kind: 'agentHungUp' });
  });

  it('take a re-INVITE in mid-call, and go on talking', async () => {
    const call = stage.customers.call({ from: { number: '13800138000' }, to: 'service', sound: tone(1_200, 1_000) });
    await until('sound', () => call.heard.frames() > 10);
    expect(await agent.reinvite()).toBe(200);
    const before = call.heard.frames();
    await until('more sound', () => call.heard.frames() > before + 20);
    expect(call.state().kind).toBe('talking');
    call.hangUp();
    await call.done;
  });

  it('refuse a seat that offers no µ-law with 488', async () => {
    await agent.close();
    agent = await openAgent('audio/opus');
    expect(await agent.dial('13912345678')).toBe(488);
  });

  it('give an agent who calls the echo test their own sound back, a moment later, and nobody else’s', async () => {
    expect(await agent.dial(echoTest.number)).toBe(200);
    await until('the echo', () => agent.heard().frames() > 60 && agent.heard().toneDb(700) > -18);
    expect(agent.heard().toneDb(1_200)).toBeLessThan(-50);
    await agent.hangUp();
    await until('over', () => stage.customers.active().length === 0);
  });
});

describe('losing the exchange', () => {
  it('keeps the audio of a call, and the call is ended through the new socket', async () => {
    const call = stage.customers.call({ from: { number: '13800138000' }, to: 'service', sound: tone(1_200, 1_000) });
    await until('sound', () => call.heard.frames() > 10);
    await stage.exchange.faults.stopListening();
    const before = call.heard.frames();
    await until('sound without signalling', () => call.heard.frames() > before + 30);
    await stage.exchange.faults.startListening();
    await agent.reconnect();
    await until('customers back', () => stage.customers.isOnline(), 10_000);
    call.hangUp();
    expect(await call.done).toMatchObject({ kind: 'customerHungUp' });
    await until('agent told', () => agent.state() === 'Terminated');
  });

  it('by silence (a half-open link): nothing is answered, until the silence ends', async () => {
    const call = stage.customers.call({ from: { number: '13800138000' }, to: 'service', sound: tone(1_200, 1_000) });
    await until('sound', () => call.heard.frames() > 10);
    const endSilence = stage.exchange.faults.goSilent('agent1');
    let answered = 0;
    void agent.reinvite().then(
      (status) => {
        answered = status;
      },
      () => {},
    );
    await new Promise((resolve) => {
      setTimeout(resolve, 300);
    });
    expect([answered, stage.exchange.isRegistered('agent1')]).toEqual([0, true]);
    endSilence();
    await agent.reconnect();
    await until('sound goes on', () => call.heard.frames() > 40);
    call.hangUp();
    expect(await call.done).toMatchObject({ kind: 'customerHungUp' });
    await until('agent told', () => agent.state() === 'Terminated');
  });

  it('by a cut socket of one user only', async () => {
    stage.exchange.faults.dropSockets('agent1');
    await until('gone', () => !stage.exchange.isRegistered('agent1'));
    expect(stage.customers.isOnline()).toBe(true);
    await agent.reconnect();
    expect(stage.exchange.isRegistered('agent1')).toBe(true);
  });
});
