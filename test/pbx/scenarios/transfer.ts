import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { exchangeName } from '../../../shared/call.ts';
import type { CallId } from '../../../shared/ids.ts';
import { readWav, tail } from '../speech.ts';
import { toneIn } from './ear.ts';
import { endBy, expectEnd } from './endings.ts';
import type { Party } from './far-end.ts';
import { type Measure, scenario } from './scenario.ts';
import type { Seat } from './seat.ts';
import type { World } from './world.ts';

// Handing on, asking first, three at once: who hears whom is measured at every party before and after.

const of = (seat: Seat, at: number): CallId => {
  const call = seat.state().calls[at];
  if (call === undefined) throw new Error(`${seat.name} has no call ${at}`);
  return call.id;
};
const stateOf = (seat: Seat, id: CallId) => seat.state().calls.find((call) => call.id === id)?.state;
const holds = (seat: Seat, id: CallId, kind: string): Promise<unknown> =>
  seat.until(kind, ({ calls }) =>
    calls.some(({ id: own, state }) => own === id && state.kind === 'talking' && state.hold.kind === kind),
  );
const endedBy = (seat: Seat, ids: readonly CallId[], cause: string): Promise<unknown> =>
  seat.until(cause, ({ calls }) =>
    ids.every((id) =>
      calls.some((call) => call.id === id && call.state.kind === 'ended' && call.state.cause === cause),
    ),
  );

/** A customer from the queue talks with the agent. */
const talks = async (w: World, m: Measure): Promise<CallId> => {
  await w.sipp.call('6001');
  await w.agent.answer();
  await m.bothWays(w.agent, w.sipp);
  return of(w.agent, 0);
};
const transfer = async ({ agent }: World, id: CallId, dial: string): Promise<void> => {
  const given = await agent.page.evaluate(([it, to]) => window.seat.phone.transfer(it, to), [id, dial] as const);
  expect(given).toMatchObject({ ok: true });
};
/** Asks somebody about the customer; gives the id of that call. */
const asks = async ({ agent }: World, customer: CallId, dial: string): Promise<CallId> => {
  const contactId = agent.state().calls.find(({ id }) => id === customer)?.contactId ?? '';
  const given = await agent.page.evaluate(
    ([about, contact, number]) => {
      const order = { callId: window.seat.newContactId(), contactId: contact, dial: number };
      const aside = { kind: 'consult', of: about };
      return window.seat.phone.dial({ ...order, aside } as Parameters<typeof window.seat.phone.dial>[0]);
    },
    [customer, contactId, dial] as const,
  );
  expect(given).toMatchObject({ ok: true });
  return of(agent, 0);
};
/** The customer waits, a colleague was asked and talks. */
const asked = async (w: World, m: Measure): Promise<{ customer: CallId; consult: CallId }> => {
  const customer = await talks(w, m);
  const consult = await asks(w, customer, '1002');
  await w.colleague.answer();
  await holds(w.agent, customer, 'held');
  await m.bothWays(w.agent, w.colleague);
  await m.silentBothWays(w.agent, w.sipp);
  return { customer, consult };
};
/** One of several voices: loud enough, whatever else is heard. */
const hearsAlso = async (at: Party, voice: Party): Promise<void> => {
  const db = async (): Promise<number> => (await at.hear([voice.hz], 300))[0]?.db ?? -120;
  await expect.poll(db, { timeout: 15_000, message: `${at.name} hears ${voice.name}` }).toBeGreaterThan(-40);
};

const nameOf = (w: World, callId: CallId): string => {
  const call = w.agent.state().calls.find(({ id }) => id === callId);
  return call === undefined ? 'no such call' : exchangeName(call);
};

/** A recording of this call (by the exchange's name) ends with these voices. */
const recordedToTheEnd = async (w: World, name: string, voices: readonly Party[]): Promise<void> => {
  const folder = w.exchange.descriptor.recordings;
  const isHeard = async (): Promise<boolean> => {
    for (const file of (await readdir(folder)).filter((one) => one.startsWith(name))) {
      const end = tail(await readWav(join(folder, file)), 0.6);
      if (voices.every(({ hz }) => toneIn(end.samples, end.rate, hz).db > -40)) return true;
    }
    return false;
  };
  await expect.poll(isHeard, { timeout: 10_000 }).toBe(true);
};

scenario('transfer, blind to a colleague', 'SIPp → queue → seat 1001 → seat 1002', async (w, m) => {
  const id = await talks(w, m);
  const { exchangeId, contactId } = w.agent.newest() ?? {};
  await transfer(w, id, '1002');
  await w.colleague.reaches('ringing');
  // The same call to the exchange, a contact of each agent's own.
  expect(w.colleague.newest()).toMatchObject({ number: w.sipp.number, queue: 'service', exchangeId });
  expect(w.colleague.newest()?.contactId).not.toBe(contactId);
  expect(w.colleague.newest()?.aside).toBeUndefined();
  await m.silent(w.sipp, w.agent);
  await w.colleague.answer();
  await m.bothWays(w.colleague, w.sipp);
  await endedBy(w.agent, [id], 'transferred');
  await m.silent(w.sipp, w.agent);
  await w.sipp.hangUp();
  expect((await w.colleague.reaches('ended')).cause).toBe('customerHungUp');
});

scenario('transfer, blind to another customer’s number', 'SIPp → queue → seat → SIPp 137', async (w, m) => {
  const id = await talks(w, m);
  await transfer(w, id, w.second.number);
  await w.second.answer();
  await endedBy(w.agent, [id], 'transferred');
  await m.bothWays(w.sipp, w.second);
  await w.second.hangUp();
  await w.sipp.ended();
});

scenario('transfer, blind of a call the agent made', 'seat 1001 → SIPp → seat 1002', async (w, m) => {
  await w.agent.dial(w.sipp.number);
  await w.sipp.answer();
  await m.bothWays(w.agent, w.sipp);
  const id = of(w.agent, 0);
  const { contactId } = w.agent.newest() ?? {};
  await transfer(w, id, '1002');
  await w.colleague.answer();
  expect(w.colleague.newest()?.exchangeId).toBe(contactId);
  await m.bothWays(w.colleague, w.sipp);
  await endedBy(w.agent, [id], 'transferred');
  await w.colleague.hangUp();
  await w.sipp.ended();
});

scenario('transfer, blind to the queue', 'SIPp → direct → seat 1002 → queue → seat 1001', async (w, m) => {
  await w.sipp.call('1002');
  await w.colleague.answer();
  await m.bothWays(w.colleague, w.sipp);
  const id = of(w.colleague, 0);
  await w.colleague.page.evaluate((it) => window.seat.phone.transfer(it, '6001'), id);
  await w.agent.answer();
  expect(w.agent.newest()).toMatchObject({ queue: 'service', number: w.sipp.number });
  await endedBy(w.colleague, [id], 'transferred');
  await m.bothWays(w.agent, w.sipp);
  await endBy(w, 'customer', w.sipp);
});

scenario(
  'transfer, to an extension that does not exist: refused, the customer is back',
  'SIPp → seat',
  async (w, m) => {
    const id = await talks(w, m);
    await transfer(w, id, '7');
    await w.agent.until('failed', () => {
      const state = stateOf(w.agent, id);
      return state?.kind === 'talking' && state.transfer?.kind === 'failed' && state.transfer.status === 404;
    });
    await holds(w.agent, id, 'none');
    await m.bothWays(w.agent, w.sipp);
    await endBy(w, 'agent', w.sipp);
  },
);

scenario(
  'transfer, to a dead extension: the exchange brings the customer back, the same call goes on',
  'SIPp → seat',
  async (w, m) => {
    const id = await talks(w, m);
    await transfer(w, id, '1077');
    await w.agent.until('failed', () => {
      const state = stateOf(w.agent, id);
      return state?.kind === 'talking' && state.transfer?.kind === 'failed' && state.hold.kind === 'none';
    });
    await m.bothWays(w.agent, w.sipp);
    await w.agent.hold(true);
    await holds(w.agent, id, 'held');
    await w.agent.hold(false);
    await m.bothWays(w.agent, w.sipp);
    await endBy(w, 'customer', w.sipp);
  },
);

scenario('transfer, the colleague declines: the customer is back at the agent', 'SIPp → seat', async (w, m) => {
  const id = await talks(w, m);
  const { exchangeId } = w.agent.newest() ?? {};
  await transfer(w, id, '1002');
  await w.colleague.reaches('ringing');
  await w.colleague.reject();
  // Some exchanges say that it stands as soon as it rings: then the customer comes back as a call of the same contact.
  await w.agent.until('back', ({ calls }) =>
    calls.some(({ state }) => state.kind === 'ringing' || (state.kind === 'talking' && state.hold.kind === 'none')),
  );
  if (w.agent.newest()?.state.kind === 'ringing') await w.agent.answer();
  expect(w.agent.newest()?.exchangeId).toBe(exchangeId);
  await m.bothWays(w.agent, w.sipp);
  await endBy(w, 'agent', w.sipp);
});

scenario(
  'transfer, attended: colleague and customer hear each other, the agent is free',
  'SIPp, 1001, 1002',
  async (w, m) => {
    const { customer, consult } = await asked(w, m);
    expect(w.colleague.newest()?.aside).toEqual({ kind: 'colleague', number: '1001' });
    const given = await w.agent.page.evaluate(([one, other]) => window.seat.phone.completeTransfer(one, other), [
      customer,
      consult,
    ] as const);
    expect(given).toMatchObject({ ok: true });
    await endedBy(w.agent, [customer, consult], 'transferred');
    await m.bothWays(w.colleague, w.sipp);
    await m.silent(w.colleague, w.agent);
    await w.colleague.until('knows who is there', ({ calls }) => calls[0]?.number === w.sipp.number);
    expect(w.colleague.newest()?.aside).toBeUndefined();
    await w.sipp.hangUp();
    expect((await w.colleague.reaches('ended')).cause).toBe('customerHungUp');
  },
);

scenario('transfer, attended of a call the agent made to another customer', 'SIPp, 1001, SIPp 137', async (w, m) => {
  const from = w.trunk.tape.passed.length;
  await w.agent.dial(w.sipp.number);
  await w.sipp.answer();
  await m.bothWays(w.agent, w.sipp);
  const customer = of(w.agent, 0);
  const consult = await asks(w, customer, w.second.number);
  await w.second.answer(from);
  await m.bothWays(w.agent, w.second);
  await w.agent.page.evaluate(([one, other]) => window.seat.phone.completeTransfer(one, other), [
    customer,
    consult,
  ] as const);
  await endedBy(w.agent, [customer, consult], 'transferred');
  await m.bothWays(w.sipp, w.second);
  await m.bothWays(w.sipp, w.second);
  const name = nameOf(w, customer);
  await w.sipp.hangUp();
  await w.second.ended();
  await recordedToTheEnd(w, name, [w.second, w.sipp]);
});

scenario('transfer, attended, the recording goes on', 'SIPp, 1001, 1002', async (w, m) => {
  const { customer, consult } = await asked(w, m);
  const name = nameOf(w, customer);
  await w.agent.page.evaluate(([one, other]) => window.seat.phone.completeTransfer(one, other), [
    customer,
    consult,
  ] as const);
  await m.bothWays(w.colleague, w.sipp);
  await m.bothWays(w.colleague, w.sipp);
  await w.sipp.hangUp();
  await w.colleague.reaches('ended');
  await w.colleague.ended();
  await recordedToTheEnd(w, name, [w.colleague, w.sipp]);
});

scenario('consult, cancelled: the customer is back', 'SIPp, 1001, 1002', async (w, m) => {
  const { customer, consult } = await asked(w, m);
  await w.agent.page.evaluate((id) => window.seat.phone.hangUp(id), consult);
  await w.colleague.reaches('ended');
  await m.silent(w.sipp, w.agent);
  await w.agent.page.evaluate((id) => window.seat.phone.hold(id, false), customer);
  await m.bothWays(w.agent, w.sipp);
  await w.sipp.hangUp();
  await endedBy(w.agent, [customer], 'customerHungUp');
});

scenario('consult, swapped twice', 'SIPp, 1001, 1002', async (w, m) => {
  const { customer, consult } = await asked(w, m);
  await w.agent.page.evaluate(() => window.seat.phone.swap());
  await m.bothWays(w.agent, w.sipp);
  await m.silentBothWays(w.agent, w.colleague);
  await w.agent.page.evaluate(() => window.seat.phone.swap());
  await m.bothWays(w.agent, w.colleague);
  await m.silentBothWays(w.agent, w.sipp);
  await w.sipp.hangUp();
  await endedBy(w.agent, [customer], 'customerHungUp');
  await m.bothWays(w.agent, w.colleague);
  await w.agent.page.evaluate((id) => window.seat.phone.hangUp(id), consult);
  await w.colleague.reaches('ended');
});

scenario(
  'three-way: everybody hears everybody; mute takes out the agent alone; apart again',
  'SIPp, 1001, 1002',
  async (w, m) => {
    const { customer, consult } = await asked(w, m);
    const given = await w.agent.page.evaluate(([one, other]) => window.seat.phone.merge(one, other), [
      customer,
      consult,
    ] as const);
    expect(given).toMatchObject({ ok: true });
    const { agent, colleague, sipp } = w;
    for (const at of [agent, colleague, sipp])
      for (const voice of [agent, colleague, sipp]) if (at !== voice) await hearsAlso(at, voice);
    await agent.page.evaluate((id) => window.seat.phone.mute(id, true), customer);
    // Only now is each other's the one tone that is heard: 20 dB over everything else.
    await m.bothWays(colleague, sipp);
    await m.silent(colleague, agent);
    await m.silent(sipp, agent);
    for (const voice of [colleague, sipp]) await hearsAlso(agent, voice);
    await agent.page.evaluate((id) => window.seat.phone.mute(id, false), consult);
    await hearsAlso(sipp, agent);
    await agent.page.evaluate(() => window.seat.phone.part());
    await m.bothWays(agent, sipp);
    await m.silent(sipp, colleague);
    await m.silent(agent, colleague);
    await agent.page.evaluate((id) => window.seat.phone.hangUp(id), consult);
    await colleague.reaches('ended');
    await sipp.hangUp();
    await endedBy(agent, [customer], 'customerHungUp');
  },
);

scenario('three-way, the colleague leaves: customer and agent go on', 'SIPp, 1001, 1002', async (w, m) => {
  const { customer, consult } = await asked(w, m);
  await w.agent.page.evaluate(([one, other]) => window.seat.phone.merge(one, other), [customer, consult] as const);
  await hearsAlso(w.sipp, w.colleague);
  await w.colleague.hangUp();
  await endedBy(w.agent, [consult], 'customerHungUp');
  await m.bothWays(w.agent, w.sipp);
  await w.agent.page.evaluate((id) => window.seat.phone.hangUp(id), customer);
  await w.sipp.ended();
});

scenario('three-way, keys reach both', 'SIPp, 1001, SIPp 137', async (w, m) => {
  const customer = await talks(w, m);
  const consult = await asks(w, customer, w.second.number);
  await w.second.answer();
  await m.bothWays(w.agent, w.second);
  await w.agent.page.evaluate(([one, other]) => window.seat.phone.merge(one, other), [customer, consult] as const);
  await hearsAlso(w.sipp, w.second);
  expect(await w.agent.press('159#')).toBe(true);
  await expect.poll(() => w.sipp.media().keys()).toBe('159#');
  await expect.poll(() => w.second.media().keys()).toBe('159#');
  for (const id of [customer, consult]) await w.agent.page.evaluate((it) => window.seat.phone.hangUp(it), id);
  await w.sipp.ended();
  await w.second.ended();
});

scenario('divert: a ringing call goes to a colleague instead', 'SIPp → direct → 1001 → 1002', async (w, m) => {
  await w.sipp.call('1001');
  await w.agent.reaches('ringing');
  await w.agent.page.evaluate((id) => window.seat.phone.divert(id, '1002'), of(w.agent, 0));
  await expectEnd(w, 'transferred');
  await w.colleague.answer();
  await m.bothWays(w.colleague, w.sipp);
  await w.sipp.hangUp();
  expect((await w.colleague.reaches('ended')).cause).toBe('customerHungUp');
});
