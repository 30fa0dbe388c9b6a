import Fastify, { type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silent } from '../../central/ambient.ts';
import { type FakeSmsGateway, openFakeSmsGateway } from '../../central/fake-sms-gateway.ts';
import { openSmsGateway, type SmsGateway, SmsGatewaySettings } from '../../central/sms-gateway.ts';
import { makeSimulatedPhones } from '../../central/sms.ts';
import { makeManualClock, type ManualClock } from './manual-clock.ts';
import { smsContract } from './sms-contract.ts';

const secret = 'a secret of the gateway, 32 letters or more';
const number = '+8613900000001';

describe('the simulated phones', () => {
  const phones = makeSimulatedPhones();
  smsContract(() => ({
    sms: phones,
    arrived: (_number, customerId) => phones.askedOf(customerId),
    answer: (reply) =>
      phones.reply(reply).then(
        () => true,
        () => false,
      ),
  }));
});

describe('R41 the HTTP gateway', () => {
  let clock: ManualClock;
  let gateway: FakeSmsGateway;
  let sms: SmsGateway;
  let app: FastifyInstance;
  let address: string;
  let ids = 0;
  beforeEach(async () => {
    clock = makeManualClock();
    gateway = await openFakeSmsGateway(secret, clock.nowMs);
    sms = openSmsGateway(SmsGatewaySettings.parse({ url: gateway.url, secret, timeoutMs: 300 }), {
      ...{ clock, log: silent },
      newId: () => `m${(ids += 1)}`,
    });
    app = Fastify();
    sms.attach(app);
    address = await app.listen({ port: 0, host: '127.0.0.1' });
  });
  afterEach(async () => {
    await app.close();
    await gateway.close();
  });
  const sent = (over: { id?: string } = {}) =>
    clock.runUntil(sms.send({ customerId: 'C1', number, text: '请回复', about: 'sale', ...over }));

  smsContract(() => ({
    sms,
    arrived: (to) => [...gateway.taken.values()].filter((one) => one.to === to).map(({ text }) => text),
    answer: async ({ id, number: from, text, atMs }) =>
      (await gateway.bring(address, [{ type: 'reply', id, from, text, atMs }])) === 200,
  }));

  it('every request is signed, and a busy, cut or slow gateway is asked again under the same key: one text', async () => {
    gateway.next.push(503, 'cut', 202);
    await sent({ id: 'sale 1' });
    expect(gateway.requests).toEqual(Array.from({ length: 3 }, () => ({ key: 'sale 1', isSigned: true })));
    gateway.next.push('late');
    await sent({ id: 'sale 2' });
    expect([...gateway.taken.keys()]).toEqual(['sale 1', 'sale 2']);
    // Another instance of central, after the first one fell: the gateway knows it.
    await sent({ id: 'sale 2' });
    expect(gateway.taken.size).toBe(2);
  });

  it('a text it refuses is not tried again, and one it never takes is given up: both are told', async () => {
    gateway.next.push(422);
    await expect(sent()).rejects.toThrow('refused');
    expect(gateway.requests).toHaveLength(1);
    gateway.next.push(500, 429, 'cut');
    await expect(sent()).rejects.toThrow('unreachable');
    expect(gateway.requests).toHaveLength(4);
    expect(gateway.taken.size).toBe(0);
  });

  it('only the gateway is heard: a wrong secret, an old message and something else are turned away', async () => {
    const heard: string[] = [];
    sms.onReply?.(async ({ id }) => void heard.push(id));
    const events = [{ type: 'reply', id: 'r', from: number, text: 'Y', atMs: 1 }];
    expect(await gateway.bring(address, events, { secret: 'somebody else, who knows no secret at all' })).toBe(401);
    expect(await gateway.bring(address, events, { atMs: clock.nowMs() - 6 * 60_000 })).toBe(401);
    expect(await gateway.bring(address, [{ type: 'poem' }])).toBe(400);
    expect(heard).toEqual([]);
    expect(await gateway.bring(address, [...events, { type: 'report', id: 'm1', state: 'failed', atMs: 1 }])).toBe(200);
    expect(heard).toEqual(['r']);
  });
});
