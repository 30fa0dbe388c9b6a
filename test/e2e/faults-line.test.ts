import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { CustomerCall } from '../../practice/customers/customer-call.ts';
import type { Shift } from './fault-desk.ts';
import { finish, openShift, readsWell, ring, takeBreak, talk, tidy } from './fault-desk.ts';
import { agentIs, answer, becomeReady, button, shows } from './steps.ts';

/** The WebSocket to the PBX lost before, during and after a call: said, repaired by itself, and no call is lost by it. */
let shift: Shift;
beforeAll(async () => {
  shift = await openShift();
});
afterAll(() => shift?.end());
afterEach(async () => {
  await readsWell(shift.at);
  await tidy(shift);
  // The browser itself tells of sockets that were cut; anything else would be ours.
  expect(shift.at.complaints.filter((text) => !text.includes('WebSocket'))).toEqual([]);
});

const agent = '1001';
const exchange = () => shift.world.practice.telephony.exchange;
const registeredAgain = async (withinMs: number): Promise<void> => {
  await shows(shift.at, shift.at.words['line.registered'], withinMs);
  await expect.poll(() => exchange().isRegistered(agent), { timeout: withinMs }).toBe(true);
};
const customersBack = (): Promise<unknown> =>
  expect.poll(() => shift.world.practice.telephony.customers.isOnline(), { timeout: 10_000 }).toBe(true);
/** 50 frames a second reach the customer, whatever happens to the signalling. */
const heardDuring = async (call: CustomerCall, run: () => Promise<void>): Promise<void> => {
  const before = { frames: call.heard.frames(), atMs: Date.now() };
  await run();
  const seconds = (Date.now() - before.atMs) / 1_000;
  await expect.poll(() => call.heard.frames() - before.frames).toBeGreaterThan(seconds * 45);
};
const hungUpOverThere = async (call: CustomerCall): Promise<void> => {
  call.hangUp();
  await agentIs(shift.at, 'agent.wrapUp');
  await shows(shift.at, shift.at.words['endCause.customerHungUp']);
};

describe('before and after a call', () => {
  it('the exchange goes away: said with what we do about it, back by itself, the next call works', async () => {
    const { at } = shift;
    await exchange().faults.stopListening();
    await shows(at, at.words['line.lost']);
    await shows(at, at.words['banner.line']);
    await at.shot('line-lost');
    await exchange().faults.startListening();
    await registeredAgain(10_000);
    await customersBack();
    await expect.poll(() => at.desk.getByText(at.words['banner.line']).count()).toBe(0);
    await talk(shift, 'unknown');
    await finish(at);
  });

  it('lost in the wrap-up: the note stays, the next call works', async () => {
    const { at } = shift;
    await talk(shift, 'unknown');
    await at.desk.getByRole('textbox', { name: at.words['wrapUp.note'] }).fill('线路断过');
    await at.page.keyboard.press('F4');
    await agentIs(at, 'agent.wrapUp');
    exchange().faults.dropSockets(agent);
    await registeredAgain(5_000);
    expect(await at.desk.getByRole('textbox', { name: at.words['wrapUp.note'] }).inputValue()).toBe('线路断过');
    await finish(at);
    await talk(shift, 'withheld');
    await finish(at);
  });
});

describe('while it rings', () => {
  it('the socket is cut: it goes on ringing and can be answered', async () => {
    const { at } = shift;
    await becomeReady(at);
    const call = await ring(shift, 'unknown');
    exchange().faults.dropSockets(agent);
    await registeredAgain(5_000);
    await answer(at);
    await expect.poll(() => call.heard.frames(), { timeout: 5_000 }).toBeGreaterThan(10);
    await hungUpOverThere(call);
    await finish(at);
  });
});

describe('in a call', () => {
  it('the socket is cut: audio unbroken, registered again in a moment, the hang-up over there arrives', async () => {
    const call = await talk(shift, 'unknown');
    await heardDuring(call, async () => {
      exchange().faults.dropSockets(agent);
      await expect.poll(() => exchange().isRegistered(agent), { timeout: 3_000 }).toBe(true);
      await shift.at.page.waitForTimeout(1_000);
    });
    await shows(shift.at, shift.at.words['line.registered']);
    await hungUpOverThere(call);
    await finish(shift.at);
  });

  it('the exchange goes away: the agent is told to go on, and everything works after its return', async () => {
    const { at } = shift;
    const call = await talk(shift, 'unknown');
    await heardDuring(call, async () => {
      await exchange().faults.stopListening();
      await shows(at, at.words['banner.lineInCall']);
      await at.shot('line-lost-in-call');
      await at.page.waitForTimeout(1_500);
      await exchange().faults.startListening();
      await registeredAgain(15_000);
    });
    await customersBack();
    expect(await at.desk.getByText(at.words['banner.lineInCall']).count()).toBe(0);
    await hungUpOverThere(call);
    await finish(at);
  });

  it('the link goes silent: noticed within seconds, and a hang-up missed meanwhile is found out', async () => {
    const { at } = shift;
    const call = await talk(shift, 'unknown');
    const endSilence = exchange().faults.goSilent(agent);
    call.hangUp();
    await agentIs(at, 'agent.onCall');
    expect(exchange().standing().calls).toBe(0);
    await agentIs(at, 'agent.wrapUp');
    await shows(at, at.words['endCause.customerHungUp']);
    endSilence();
    await registeredAgain(5_000);
    await finish(at);
  });

  it('hung up with the signalling away: over here at once, over there after its return', async () => {
    const { at } = shift;
    const call = await talk(shift, 'unknown');
    const endSilence = exchange().faults.goSilent(agent);
    await at.page.keyboard.press('F4');
    await agentIs(at, 'agent.wrapUp');
    await shows(at, at.words['endCause.agentHungUp']);
    expect(call.state().kind).toBe('talking');
    await expect.poll(() => call.state().kind, { timeout: 20_000 }).toBe('ended');
    endSilence();
    await registeredAgain(15_000);
    await finish(at);
    await talk(shift, 'withheld');
    await finish(at);
  });
});

it('dialling is refused with a sentence while the line is away', async () => {
  const { at } = shift;
  await exchange().faults.stopListening();
  await shows(at, at.words['line.lost']);
  await button(at, at.words['rail.dial']).first().click();
  await shows(at, at.words['dial.noLine']);
  expect(await button(at, at.words['dial.dial']).last().isDisabled()).toBe(true);
  await exchange().faults.startListening();
  await registeredAgain(15_000);
  await customersBack();
  await button(at, at.words['rail.practice']).click();
  await takeBreak(at);
});
