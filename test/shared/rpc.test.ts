import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ok, refusal, refused, SeatFault } from '../../shared/result.ts';
import type { Contract, Handlers, Port } from '../../shared/rpc.ts';
import { connect, serve } from '../../shared/rpc.ts';

const contract = {
  calls: {
    double: { request: z.object({ n: z.number() }), response: z.object({ n: z.number() }), by: ['desk'] },
    fail: { request: z.object({}), response: z.object({}), by: ['desk'] },
    secret: { request: z.object({}), response: z.object({}), by: ['phone'] },
    garbled: { request: z.object({}), response: z.object({ n: z.number() }), by: ['desk'] },
  },
  events: { tick: z.object({ n: z.number() }) },
} as const satisfies Contract;

const handlers: Handlers<typeof contract, { role: string }> = {
  double: ({ n }) => (n < 0 ? refused(refusal('policy', 'negative')) : ok({ n: n * 2 })),
  fail: () => {
    throw new SeatFault('broken', refusal('garbled'));
  },
  secret: () => ok({}),
  garbled: () => ok({ n: 'no' as unknown as number }),
};

/** Two ports joined as a MessageChannel is: asynchronous, in order. */
const joined = (): readonly [Port, Port, () => void] => {
  const ends = [0, 1].map(() => ({ message: [] as ((m: unknown) => void)[], close: [] as (() => void)[] }));
  const shut = (): void => ends.forEach((end) => end.close.splice(0).forEach((listener) => listener()));
  const port = (mine: number): Port => ({
    send: (message) =>
      queueMicrotask(() => ends[1 - mine]?.message.forEach((listener) => listener(structuredClone(message)))),
    onMessage: (listener) => void ends[mine]?.message.push(listener),
    onClose: (listener) => void ends[mine]?.close.push(listener),
    close: shut,
  });
  return [port(0), port(1), shut];
};

const set = () => {
  const [near, far, shut] = joined();
  const faults: string[] = [];
  const peer = serve(contract, handlers, far, { role: 'desk' }, (name) => faults.push(name));
  return { client: connect(contract, near), near, peer, faults, shut };
};

describe('calls and events over a port', () => {
  it('answers, refuses by value, and turns faults into refusals', async () => {
    const { client, faults } = set();
    expect(await client.call('double', { n: 4 })).toEqual({ ok: true, value: { n: 8 } });
    expect(await client.call('double', { n: -1 })).toEqual({
      ok: false,
      error: { kind: 'policy', reason: 'negative' },
    });
    expect(await client.call('fail', {})).toEqual({ ok: false, error: { kind: 'garbled' } });
    expect(faults).toEqual(['fail']);
  });
  it('security 12: bad shapes, unknown names and prototype names are refused without a throw', async () => {
    const { client, near } = set();
    expect(await client.call('double', { n: 'x' as unknown as number })).toMatchObject({ error: { kind: 'invalid' } });
    const raw = async (name: string) =>
      new Promise((resolve) => {
        near.onMessage(resolve);
        near.send({ t: 'call', id: 77, name, args: {} });
      });
    for (const name of ['nothing', '__proto__', 'constructor', 'toString'])
      expect(await raw(name)).toMatchObject({ id: 77, ok: false, body: { kind: 'notFound' } });
  });
  it('a caller of the wrong role is refused', async () => {
    const { client } = set();
    expect(await client.call('secret', {})).toMatchObject({ error: { kind: 'forbidden' } });
  });
  it('an answer that is not of the contract is told apart', async () => {
    const { client } = set();
    expect(await client.call('garbled', {})).toMatchObject({ error: { kind: 'garbled' } });
  });
  it('garbage messages change nothing', async () => {
    const { client, near, faults } = set();
    for (const junk of [
      null,
      1,
      'x',
      [],
      { t: 'call' },
      { t: 'call', id: 'x', name: 'double' },
      { t: 'result', id: 1 },
    ])
      near.send(junk);
    expect(await client.call('double', { n: 1 })).toMatchObject({ ok: true });
    expect(faults.length).toBeGreaterThan(0);
  });
  it('delivers events of the contract only', async () => {
    const { client, peer } = set();
    const seen: unknown[] = [];
    const stop = client.on('tick', (payload) => seen.push(payload));
    peer.emit('tick', { n: 1 });
    peer.emit('tick', { n: 'bad' as unknown as number });
    await client.call('double', { n: 1 });
    stop();
    peer.emit('tick', { n: 2 });
    await client.call('double', { n: 1 });
    expect(seen).toEqual([{ n: 1 }]);
  });
  it('what became true together comes in one message and is heard in one turn', async () => {
    const { client, near, peer } = set();
    const messages: unknown[] = [];
    const seen: number[] = [];
    near.onMessage((message) => messages.push(message));
    client.on('tick', ({ n }) => {
      seen.push(n);
      // What a page does of it comes after the turn: it has heard all by then.
      queueMicrotask(() => seen.push(-n));
    });
    await client.call('double', { n: 1 });
    messages.length = 0;
    peer.emitTogether([1, 2, 3].map((n) => ({ name: 'tick', body: { n } })));
    await client.call('double', { n: 1 });
    expect(messages.filter((message) => (message as { t: string }).t !== 'result')).toHaveLength(1);
    expect(seen).toEqual([1, 2, 3, -1, -2, -3]);
  });
  it('a page of before that never asked for it gets events one by one', async () => {
    const [near, far] = joined();
    const peer = serve(contract, handlers, far, { role: 'desk' }, () => {});
    const seen: unknown[] = [];
    near.onMessage((message) => seen.push(message));
    near.send({ t: 'call', id: 1, name: 'double', args: { n: 1 } });
    await Promise.resolve();
    peer.emitTogether([1, 2].map((n) => ({ name: 'tick', body: { n } })));
    await new Promise((later) => setTimeout(later));
    const events = seen.filter((message) => (message as { t: string }).t !== 'result');
    expect(events).toEqual([1, 2].map((n) => ({ t: 'event', name: 'tick', body: { n } })));
  });
  it('a bad event among several takes none of the others with it', async () => {
    const { client, peer } = set();
    const seen: unknown[] = [];
    client.on('tick', ({ n }) => seen.push(n));
    await client.call('double', { n: 1 });
    peer.emitTogether([1, 'bad' as unknown as number, 3].map((n) => ({ name: 'tick', body: { n } })));
    await client.call('double', { n: 1 });
    expect(seen).toEqual([1, 3]);
  });
  it('a lost port settles what was waiting and refuses what follows', async () => {
    const { client, shut } = set();
    const waiting = client.call('double', { n: 1 });
    shut();
    expect(await waiting).toMatchObject({ error: { reason: 'connectionLost' } });
    expect(await client.call('double', { n: 1 })).toMatchObject({ error: { reason: 'connectionLost' } });
  });
});
