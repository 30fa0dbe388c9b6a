import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createManualClock } from '../../practice/clock.ts';
import type { CustomerCall } from '../../practice/customers/customer-call.ts';
import { tone } from '../../practice/customers/g711.ts';
import { headerOf, sipHeader, tagOf, type SipHeader, type SipResponse } from '../../practice/exchange/sip-message.ts';
import { openNodePhone, type NodePhone } from './node-phone.ts';
import { register, registered } from './scenario.ts';
import { createBench, summary, type Bench, type Phone } from './sip-peer.ts';
import { agentPassword, openStage, until, type Stage } from './stage.ts';

// PHONE-10 in practice mode: a phone page that died in a call is followed by one that goes on with it (RFC 3891).

/** Bob calls Ann, as a customer a seat; Ann's page dies. Gives the 200 as Bob saw it. */
const orphaned = (): { bench: Bench; ann: Phone; bob: Phone; cat: Phone; ok: SipResponse } => {
  const bench = createBench();
  const [ann, bob, cat] = registered(bench, 'ann', 'bob', 'cat');
  if (ann === undefined || bob === undefined || cat === undefined) throw new Error('not registered');
  bob.send(bob.request('INVITE', 'ann'));
  ann.answer(ann.takeRequest('INVITE'), 200);
  const ok = bob.take().find((m): m is SipResponse => m.kind === 'response' && m.status === 200);
  if (ok === undefined) throw new Error('not answered');
  bob.send(bob.inDialog('ACK', ok, 'caller', 1));
  ann.flow.drop();
  ann.take();
  return { bench, ann, bob, cat, ok };
};

/** As Ann's page would have named its call. */
const replaces = (ok: SipResponse, change: Partial<Record<'callId' | 'to' | 'from', string>> = {}): SipHeader => {
  const callId = change.callId ?? headerOf(ok, 'call-id');
  const toTag = change.to ?? tagOf(ok, 'from');
  return sipHeader('Replaces', `${callId};to-tag=${toTag};from-tag=${change.from ?? tagOf(ok, 'to')}`);
};

/** Another page of that user, registered; what it asks for and is told. */
const nextPage = (bench: Bench, user = 'ann'): Phone => {
  const phone = bench.phone(user);
  expect(register(phone)).toBe(200);
  return phone;
};
const asksFor = (page: Phone, ...headers: readonly SipHeader[]): void =>
  page.send(page.request('INVITE', 'reattach', { headers: [...headers, sipHeader('Require', 'replaces')] }));

describe('the exchange, when a page takes up the call of one that died', () => {
  it('puts it through to the other end, which ends the old dialog; the seat is busy all along', () => {
    const { bench, bob, ok } = orphaned();
    const page = nextPage(bench);
    asksFor(page, replaces(ok));
    const invite = bob.takeRequest('INVITE');
    expect(invite.uri).toBe(bob.contact);
    expect(headerOf(invite, 'replaces')).toBe(replaces(ok).value);
    bob.answer(invite, 200);
    const answers = page.take();
    expect(summary(answers)).toEqual(['100 INVITE', '200 INVITE']);
    const taken = answers[1];
    if (taken === undefined) throw new Error('not taken up');
    page.send(page.inDialog('ACK', taken, 'caller', 1));
    expect(bob.takeRequest('ACK').uri).toBe(bob.contact);
    bob.send(bob.inDialog('BYE', ok, 'caller', 2));
    page.answer(page.takeRequest('BYE'), 481);
    expect(bench.router.calls.count()).toBe(1);
    expect(bench.router.calls.isBusy('ann')).toBe(true);
    page.send(page.inDialog('BYE', taken, 'caller', 2));
    bob.answer(bob.takeRequest('BYE'), 200);
    expect(page.statuses()).toEqual([200]);
    expect(bench.router.calls.count()).toBe(0);
  });

  it('a BYE of the old page that arrives late finds its call gone, and the new one goes on', () => {
    const { bench, ann, bob, ok } = orphaned();
    const page = nextPage(bench);
    asksFor(page, replaces(ok));
    bob.answer(bob.takeRequest('INVITE'), 200);
    bob.send(bob.inDialog('BYE', ok, 'caller', 2));
    bob.take();
    ann.connect();
    expect(register(ann)).toBe(200);
    ann.send(ann.inDialog('BYE', ok, 'callee', 2));
    expect(ann.statuses()).toEqual([481]);
    expect(bob.take()).toEqual([]);
    expect(bench.router.calls.count()).toBe(1);
  });

  it.each<[string, Parameters<typeof replaces>[1]]>([
    ['no such call', { callId: 'another' }],
    ['another tag of the seat', { from: 'x' }],
    ['another tag of the far end', { to: 'x' }],
  ])('481: %s', (_why, change) => {
    const { bench, bob, ok } = orphaned();
    const page = nextPage(bench);
    asksFor(page, replaces(ok, change));
    expect(page.statuses()).toEqual([481]);
    expect(bob.take()).toEqual([]);
    expect(bench.router.calls.count()).toBe(1);
  });

  it('481 once the customer has hung up', () => {
    const { bench, bob, ok } = orphaned();
    bob.send(bob.inDialog('BYE', ok, 'caller', 2));
    const page = nextPage(bench);
    asksFor(page, replaces(ok));
    expect(page.statuses()).toEqual([481]);
  });

  it('403 for a call of somebody else’s, whichever end is named', () => {
    const { bench, bob, cat, ok } = orphaned();
    asksFor(cat, replaces(ok));
    asksFor(cat, replaces(ok, { from: tagOf(ok, 'from') ?? '', to: tagOf(ok, 'to') ?? '' }));
    expect(cat.statuses()).toEqual([403, 403]);
    // The other end of the call itself may not become the seat either.
    asksFor(bob, replaces(ok));
    expect(bob.statuses()).toEqual([403]);
    expect(bench.router.calls.count()).toBe(1);
  });

  it('400 for a Replaces without its tags or more than one; 404 without any', () => {
    const { bench, ok } = orphaned();
    const page = nextPage(bench);
    asksFor(page, sipHeader('Replaces', 'abc;to-tag=1'));
    asksFor(page, replaces(ok), replaces(ok));
    asksFor(page);
    expect(page.statuses()).toEqual([400, 400, 404]);
  });
});

describe('a simulated customer whose agent’s page died', () => {
  let stage: Stage;
  let pages: NodePhone[];
  const openPage = async (toneHz: number): Promise<NodePhone> => {
    const sound = tone(toneHz, 1_000);
    const page = await openNodePhone({ ...stage.exchange, user: 'agent1', password: agentPassword('agent1'), sound });
    pages.push(page);
    return page;
  };
  beforeEach(async () => {
    stage = await openStage();
    pages = [];
  });
  afterEach(async () => {
    for (const page of pages) await page.close().catch(() => {});
    await stage.close();
  });

  /** In a call that the agent's page has died in; `replaces` names it. */
  const abandoned = async (sound?: Uint8Array): Promise<{ call: CustomerCall; replaces: string }> => {
    const first = await openPage(700);
    const call = stage.customers.call({ from: { number: '13800138000' }, to: 'agent1', ...(sound && { sound }) });
    await until('sound both ways', () => call.heard.frames() > 30 && first.heard().frames() > 30, 10_000);
    const named = `Replaces: ${first.replaces()}`;
    await first.die();
    return { call, replaces: named };
  };

  it('goes on with the next page on the same call: heard and hearing, and hung up on by it', async () => {
    const { call, replaces: named } = await abandoned(tone(1_200, 1_000));
    const next = await openPage(900);
    expect(await next.dial('reattach', [named, 'Require: replaces'])).toBe(200);
    const before = call.heard.frames();
    await until('sound again', () => call.heard.frames() > before + 40 && next.heard().frames() > 40, 10_000);
    expect(call.heard.toneDb(900)).toBeGreaterThan(-18);
    expect(next.heard().toneDb(1_200)).toBeGreaterThan(-18);
    expect(call.state().kind).toBe('talking');
    await until('the old dialog ended', () => stage.exchange.standing().calls === 1, 10_000);
    expect(stage.customers.active()).toEqual([call]);
    await next.hangUp();
    expect(await call.done).toMatchObject({ kind: 'agentHungUp' });
    await until('nobody left', () => stage.customers.active().length === 0 && stage.exchange.standing().calls === 0);
  });

  it('and goes on with what was being said: no second hello', async () => {
    const { call, replaces: named } = await abandoned();
    if (call.state().kind !== 'talking') throw new Error('not talking');
    const since = call.state();
    const next = await openPage(900);
    expect(await next.dial('reattach', [named])).toBe(200);
    await until('sound again', () => next.heard().frames() > 20, 10_000);
    expect(call.state()).toBe(since);
    call.hangUp();
    expect(await call.done).toMatchObject({ kind: 'customerHungUp' });
    await until('told', () => next.state() === 'Terminated');
  });

  it('keeps to the line as it was when the offer cannot be used, and takes the next one', async () => {
    const { call, replaces: named } = await abandoned();
    const odd = await openNodePhone({
      ...{ ...stage.exchange, user: 'agent1', password: agentPassword('agent1'), sound: tone(900, 1_000) },
      codec: 'audio/opus',
    });
    pages.push(odd);
    expect(await odd.dial('reattach', [named])).toBe(488);
    expect(call.state().kind).toBe('talking');
    const next = await openPage(900);
    expect(await next.dial('reattach', [named])).toBe(200);
    call.hangUp();
    await call.done;
  });
});

describe('a dead leg that nobody takes up', () => {
  it('is hung up by the customer after half a minute; until then it can be taken up', async () => {
    const clock = createManualClock();
    const stage = await openStage(() => 0.5, clock);
    const open = () =>
      openNodePhone({
        ...{ ...stage.exchange, user: 'agent1', password: agentPassword('agent1'), sound: tone(700, 1_000) },
      });
    const first = await open();
    const call = stage.customers.call({ from: { number: '13800138000' }, to: 'agent1', sound: tone(900, 1_000) });
    await until('sound', () => call.heard.frames() > 10, 10_000);
    const named = `Replaces: ${first.replaces()}`;
    await first.die();
    clock.advance(29_000);
    expect(call.state().kind).toBe('talking');
    const next = await open();
    expect(await next.dial('reattach', [named])).toBe(200);
    await until('sound again', () => next.heard().frames() > 10, 10_000);
    await next.die();
    clock.advance(29_000);
    expect(call.state().kind).toBe('talking');
    clock.advance(2_000);
    expect(await call.done).toMatchObject({ kind: 'lineDead' });
    for (const page of [first, next]) await page.close().catch(() => {});
    await stage.close();
  });
});
