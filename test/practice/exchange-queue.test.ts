import { describe, expect, it } from 'vitest';
import { headerOf, type SipRequest, type SipResponse } from '../../practice/exchange/sip-message.ts';
import { registered } from './scenario.ts';
import { createBench, summary, type Bench, type Phone } from './sip-peer.ts';

const centre = (...agents: readonly string[]): { bench: Bench; trunk: Phone; phones: readonly Phone[] } => {
  const bench = createBench();
  const [trunk, ...phones] = registered(bench, 'trunk', ...agents);
  if (trunk === undefined) throw new Error('no trunk');
  for (const sipUser of agents) {
    bench.router.queues.addMember(sipUser, ['service']);
    bench.router.queues.setPaused(sipUser, false);
    bench.clock.advance(1_000);
  }
  return { bench, trunk, phones };
};
let serial = 0;
const callIn = (trunk: Phone, queue = 'service'): SipRequest => {
  const id = ++serial;
  const invite = trunk.request('INVITE', queue, {
    from: `<sip:1380013${String(8_000 + id)}@127.0.0.1>;tag=caller${id}`,
    branch: `z9hG4bKq${id}`,
    callId: `queue-${id}`,
  });
  trunk.send(invite);
  return invite;
};
const cancel = (trunk: Phone, invite: SipRequest): void => {
  const keep = invite.headers.filter((h) => ['via', 'from', 'to', 'call-id', 'content-length'].includes(h.name));
  trunk.send({ ...trunk.request('CANCEL', 'service'), uri: invite.uri, headers: [...keep, ...cseq('1 CANCEL')] });
};
const cseq = (value: string) => [{ name: 'cseq', value, line: `CSeq: ${value}` }];
const rings = (phone: Phone | undefined): boolean =>
  phone?.inbox.some((m) => m.kind === 'request' && m.method === 'INVITE') ?? false;
const figures = (bench: Bench) => bench.router.queues.states()[0];

describe('a queue', () => {
  it('tells the agent queue and contact, and the caller that he waits (R36)', () => {
    const { trunk, phones } = centre('ann');
    callIn(trunk);
    const invite = phones[0]?.takeRequest('INVITE') as SipRequest;
    expect(headerOf(invite, 'x-queue')).toBe('service');
    expect(headerOf(invite, 'x-contact-id')).toMatch(/^contact-/);
    expect(trunk.statuses()).toEqual([100, 182]);
  });

  it('offers to the member idle longest, then to the next after the ring time, one at a time', () => {
    const { bench, trunk, phones } = centre('ann', 'bob');
    const [ann, bob] = phones;
    callIn(trunk);
    expect([rings(ann), rings(bob)]).toEqual([true, false]);
    const first = ann?.takeRequest('INVITE') as SipRequest;
    ann?.answer(first, 180);
    bench.clock.advance(19_999);
    expect(rings(bob)).toBe(false);
    bench.clock.advance(1);
    ann?.answer(ann.takeRequest('CANCEL'), 200);
    expect(rings(bob)).toBe(false); // not before the first phone has stopped ringing
    ann?.answer(first, 487);
    expect(rings(bob)).toBe(true);
    bob?.answer(bob.takeRequest('INVITE'), 200);
    expect(trunk.statuses()).toEqual([100, 182, 180, 200]);
  });

  it('leaves who did not answer alone for five seconds, then rings again: nobody is lost', () => {
    const { bench, trunk, phones } = centre('ann');
    const [ann] = phones;
    callIn(trunk);
    ann?.answer(ann.takeRequest('INVITE'), 486);
    ann?.takeRequest('ACK');
    bench.clock.advance(4_999);
    expect(rings(ann)).toBe(false);
    expect(figures(bench)?.longestWaitMs).toBe(4_999);
    bench.clock.advance(1);
    expect(rings(ann)).toBe(true);
  });

  it('keeps callers in their order while nobody is free, and skips members on a call', () => {
    const { bench, trunk, phones } = centre('ann');
    const [ann] = phones;
    callIn(trunk);
    ann?.answer(ann.takeRequest('INVITE'), 200);
    const ok = trunk.take().find((m): m is SipResponse => m.kind === 'response' && m.status === 200);
    const second = callIn(trunk);
    callIn(trunk);
    expect(rings(ann)).toBe(false);
    expect(figures(bench)?.waiting).toBe(2);
    trunk.send(trunk.inDialog('BYE', ok as SipResponse, 'caller', 2));
    expect(headerOf(ann?.takeRequest('INVITE') as SipRequest, 'call-id')).toBe(headerOf(second, 'call-id'));
  });

  it('lets a waiting caller go with 487, also while a phone rings for him', () => {
    const { bench, trunk, phones } = centre('ann');
    const [ann] = phones;
    bench.router.queues.setPaused('ann', true);
    const first = callIn(trunk);
    expect(rings(ann)).toBe(false);
    cancel(trunk, first);
    expect(trunk.statuses()).toEqual([100, 182, 200, 487]);
    bench.router.queues.setPaused('ann', false);
    const second = callIn(trunk);
    const invite = ann?.takeRequest('INVITE') as SipRequest;
    ann?.answer(invite, 180);
    trunk.take();
    cancel(trunk, second);
    expect(trunk.statuses()).toEqual([200, 487]);
    ann?.answer(ann.takeRequest('CANCEL'), 200);
    ann?.answer(invite, 487);
    expect(figures(bench)?.waiting).toBe(0);
    callIn(trunk);
    expect(rings(ann)).toBe(true); // not his fault: no rest
  });

  it('ends at once what is answered for a caller who has just gone', () => {
    const { bench, trunk, phones } = centre('ann');
    const [ann] = phones;
    const invite = callIn(trunk);
    const ringing = ann?.takeRequest('INVITE') as SipRequest;
    ann?.answer(ringing, 180);
    cancel(trunk, invite);
    ann?.answer(ringing, 200);
    expect(summary(ann?.take() ?? [])).toEqual(['CANCEL', 'ACK', 'BYE']);
    expect(bench.router.calls.isBusy('ann')).toBe(false);
  });

  it('rings no paused, removed or unreachable member', () => {
    const { bench, trunk, phones } = centre('ann', 'bob');
    const { queues } = bench.router;
    queues.setPaused('ann', true);
    phones[1]?.flow.drop();
    callIn(trunk);
    expect(phones.map(rings)).toEqual([false, false]);
    queues.removeMember('ann');
    queues.setPaused('ann', false);
    expect(phones.map(rings)).toEqual([false, false]);
    expect(figures(bench)).toMatchObject({ queue: 'service', waiting: 1, members: 1 });
    queues.addMember('ann', ['vip', 'service']);
    expect(rings(phones[0])).toBe(false); // starts paused (R38)
    queues.setPaused('ann', false);
    expect(rings(phones[0])).toBe(true);
  });

  it('goes on to the next member three seconds after the ringing phone vanished', () => {
    const { bench, trunk, phones } = centre('ann', 'bob');
    callIn(trunk);
    phones[0]?.takeRequest('INVITE');
    phones[0]?.flow.drop();
    expect(rings(phones[1])).toBe(false);
    bench.clock.advance(3_000);
    expect(rings(phones[1])).toBe(true);
  });

  it('reports changes to who listens, until he stops', () => {
    const { bench, trunk } = centre('ann');
    let changes = 0;
    const stop = bench.router.queues.onChange(() => {
      changes++;
    });
    callIn(trunk);
    expect(changes).toBeGreaterThan(0);
    stop();
    const before = changes;
    callIn(trunk);
    expect(changes).toBe(before);
  });
});
