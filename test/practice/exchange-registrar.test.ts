import { describe, expect, it } from 'vitest';
import { headerOf, sipHeader, type SipMessage } from '../../practice/exchange/sip-message.ts';
import { authorise } from './digest-client.ts';
import { register, registered } from './scenario.ts';
import { createBench, type Phone } from './sip-peer.ts';

const ask = (phone: Phone, headers: Parameters<Phone['request']>[2] = {}): SipMessage | undefined => {
  phone.send(phone.request('REGISTER', 'sip:127.0.0.1', { to: `<sip:${phone.user}@127.0.0.1>`, ...headers }));
  return phone.take()[0];
};
const statusOf = (message: SipMessage | undefined): number => (message?.kind === 'response' ? message.status : 0);
const proof = (challenge: SipMessage | undefined, change: Partial<Parameters<typeof authorise>[1]> = {}) => {
  if (challenge === undefined) throw new Error('no challenge');
  return authorise(challenge, {
    user: 'ann',
    password: 'a-pw',
    method: 'REGISTER',
    uri: 'sip:127.0.0.1',
    algorithm: 'SHA-256',
    ...change,
  });
};

describe('registration', () => {
  it('offers SHA-256 before MD5 (RFC 8760) and accepts either', () => {
    const { phone } = createBench();
    for (const algorithm of ['SHA-256', 'MD5'] as const) {
      const ann = phone('ann');
      const challenge = ask(ann);
      const offered = challenge?.headers.filter((h) => h.name === 'www-authenticate').map((h) => h.value.slice(7, 24));
      expect(offered?.map((o) => o.split(',')[0])).toEqual(['algorithm=SHA-256', 'algorithm=MD5']);
      expect(statusOf(ask(ann, { headers: [proof(challenge, { algorithm })] }))).toBe(200);
    }
  });

  it.each([
    ['a wrong password', { password: 'guess' }],
    ['a name that does not exist', { user: 'eve' }],
    ["somebody else's name", { user: 'bob', password: 'b-pw' }],
  ])('refuses %s with 403', (_name, change) => {
    const ann = createBench().phone('ann');
    expect(statusOf(ask(ann, { headers: [proof(ask(ann), change)] }))).toBe(403);
  });

  it('challenges again for a used nonce-count, a made-up nonce and one older than five minutes', () => {
    const { phone, clock } = createBench();
    const ann = phone('ann');
    const challenge = ask(ann);
    const answer = proof(challenge);
    expect(statusOf(ask(ann, { headers: [answer] }))).toBe(200);
    expect(statusOf(ask(ann, { headers: [answer] }))).toBe(401);
    expect(statusOf(ask(ann, { headers: [proof(challenge, { nc: '00000002' })] }))).toBe(200);
    clock.advance(300_001);
    const stale = ask(ann, { headers: [proof(challenge, { nc: '00000003' })] });
    expect(statusOf(stale)).toBe(401);
    expect(headerOf(stale as SipMessage, 'www-authenticate')).toContain('stale=TRUE');
    const forged = sipHeader('Authorization', answer.value.replace(/nonce="[^"]+"/, 'nonce="aa-bbbbbbbbbbbb-00"'));
    expect(statusOf(ask(ann, { headers: [forged] }))).toBe(401);
  });

  it('lists contacts with what is left of their time, forgets them when it is over, and on Expires: 0', () => {
    const bench = createBench();
    const [ann] = registered(bench, 'ann');
    expect(bench.router.locations.current('ann')?.contact).toBe(ann?.contact);
    bench.clock.advance(601_000);
    expect(bench.router.locations.current('ann')).toBeUndefined();
    if (ann === undefined) return;
    expect(register(ann, [sipHeader('Expires', '120')])).toBe(200);
    expect(bench.router.locations.current('ann')).toBeDefined();
    expect(register(ann, [sipHeader('Expires', '0')])).toBe(200);
    expect(bench.router.locations.current('ann')).toBeUndefined();
  });

  it('refuses less than ten seconds with 423 and nonsense with 400', () => {
    const [ann] = registered(createBench(), 'ann');
    if (ann === undefined) return;
    expect(register(ann, [sipHeader('Expires', '3')])).toBe(423);
    expect(register(ann, [sipHeader('Expires', 'soon')])).toBe(400);
  });

  it('prefers the newest reachable contact of a user', () => {
    const bench = createBench();
    const [old] = registered(bench, 'ann');
    const [fresh] = registered(bench, 'ann');
    expect(bench.router.locations.current('ann')?.contact).toBe(fresh?.contact);
    fresh?.flow.drop();
    expect(bench.router.locations.current('ann')?.contact).toBe(old?.contact);
  });
});
