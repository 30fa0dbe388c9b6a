import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  headerOf,
  replyTo,
  sipHeader,
  type SipMessage,
  type SipRequest,
  type SipResponse,
  tagOf,
} from '../../practice/exchange/sip-message.ts';
import { register, registered } from './scenario.ts';
import { createBench, summary, type Bench, type Phone } from './sip-peer.ts';

const pair = (): { bench: Bench; ann: Phone; bob: Phone } => {
  const bench = createBench();
  const [ann, bob] = registered(bench, 'ann', 'bob');
  if (ann === undefined || bob === undefined) throw new Error('not registered');
  return { bench, ann, bob };
};

/** Ann calls Bob, Bob answers, Ann acknowledges; gives the 200 as Ann saw it. */
const connect = (ann: Phone, bob: Phone, to = 'bob'): SipResponse => {
  ann.send(ann.request('INVITE', to));
  bob.answer(bob.takeRequest('INVITE'), 200);
  const ok = ann.take().find((m): m is SipResponse => m.kind === 'response' && m.status === 200);
  if (ok === undefined) throw new Error('not answered');
  ann.send(ann.inDialog('ACK', ok, 'caller', 1));
  bob.takeRequest('ACK');
  return ok;
};

describe('calls between phones', () => {
  it('pass INVITE, ringing, 200, ACK and BYE, each end seeing only its own Via', () => {
    const { bench, ann, bob } = pair();
    ann.send(ann.request('INVITE', 'bob', { headers: [sipHeader('X-Queue', 'forged')] }));
    const invite = bob.takeRequest('INVITE');
    expect(invite.uri).toBe(bob.contact);
    expect(headerOf(invite, 'max-forwards')).toBe('69');
    expect(headerOf(invite, 'record-route')).toContain('127.0.0.1:5066;transport=ws;lr');
    expect(headerOf(invite, 'x-queue')).toBeUndefined();
    bob.answer(invite, 180);
    bob.answer(invite, 200);
    const answers = ann.take();
    expect(summary(answers)).toEqual(['100 INVITE', '180 INVITE', '200 INVITE']);
    const ok = answers[2] as SipMessage;
    expect(ok.headers.filter((h) => h.name === 'via').map((h) => h.value.slice(0, 23))).toEqual([
      'SIP/2.0/WS ann.invalid;',
    ]);
    ann.send(ann.inDialog('ACK', ok, 'caller', 1));
    expect(bob.takeRequest('ACK').uri).toBe(bob.contact);
    expect(bench.router.calls.isBusy('bob')).toBe(true);
    bob.send(bob.inDialog('BYE', ok, 'callee', 1));
    ann.answer(ann.takeRequest('BYE'), 200);
    expect(bob.statuses()).toEqual([200]);
    expect(bench.router.calls.count()).toBe(0);
  });

  it('R25: of a customer whom central called the seat hears the name of the contact, and from the outside alone', () => {
    const bench = createBench();
    const [trunk, ann, bob] = registered(bench, 'trunk', 'ann', 'bob');
    if (trunk === undefined || ann === undefined || bob === undefined) throw new Error('not registered');
    const from = '<sip:13800138001@127.0.0.1>;tag=c1';
    const headers = [sipHeader('X-Dialled', 'call-1'), sipHeader('X-Contact-Id', 'forged')];
    trunk.send(trunk.request('INVITE', 'ann', { from, headers, branch: 'z9hG4bKd1', callId: 'd1' }));
    const dialled = ann.takeRequest('INVITE');
    expect(['x-dialled', 'x-contact-id'].map((name) => headerOf(dialled, name))).toEqual(['call-1', 'call-1']);
    ann.send(ann.request('INVITE', 'bob', { headers, branch: 'z9hG4bKd2', callId: 'd2' }));
    const asked = bob.takeRequest('INVITE');
    expect(headerOf(asked, 'x-dialled')).toBeUndefined();
    expect(headerOf(asked, 'x-contact-id')).toMatch(/^contact-/);
  });

  it.each(['INFO', 'UPDATE', 'REFER', 'NOTIFY', 'OPTIONS', 'MESSAGE'])(
    'carry %s inside a call, both ways',
    (method) => {
      const { ann, bob } = pair();
      const ok = connect(ann, bob);
      ann.send(ann.inDialog(method, ok, 'caller', 2));
      bob.answer(bob.takeRequest(method), 202);
      expect(ann.statuses()).toEqual([202]);
      bob.send(bob.inDialog(method, ok, 'callee', 5));
      ann.answer(ann.takeRequest(method), 200);
      expect(bob.statuses()).toEqual([200]);
    },
  );

  it('end on CANCEL with 487 to the caller, acknowledged towards the phone', () => {
    const { bench, ann, bob } = pair();
    const invite = ann.request('INVITE', 'bob', { branch: 'z9hG4bKone', callId: 'c1' });
    ann.send(invite);
    const ringing = bob.takeRequest('INVITE');
    bob.answer(ringing, 180);
    ann.take();
    ann.send({
      ...ann.request('CANCEL', 'bob', { branch: 'z9hG4bKone', callId: 'c1' }),
      uri: invite.uri,
    });
    const cancel = bob.takeRequest('CANCEL');
    expect(cancel.headers.find((h) => h.name === 'via')?.value).toBe(
      ringing.headers.find((h) => h.name === 'via')?.value,
    );
    bob.answer(cancel, 200);
    bob.answer(ringing, 487);
    bob.takeRequest('ACK');
    expect(ann.statuses()).toEqual([200, 487]);
    expect(bench.router.calls.count()).toBe(0);
  });

  it('hold a CANCEL back until the phone has answered provisionally (RFC 3261 §9.1)', () => {
    const { ann, bob } = pair();
    ann.send(ann.request('INVITE', 'bob', { branch: 'z9hG4bKtwo', callId: 'c2' }));
    ann.send(ann.request('CANCEL', 'bob', { branch: 'z9hG4bKtwo', callId: 'c2' }));
    const invite = bob.takeRequest('INVITE');
    expect(summary(bob.take())).toEqual([]);
    bob.answer(invite, 180);
    expect(summary(bob.take())).toEqual(['CANCEL']);
  });

  it.each([486, 603, 480])('pass %i back and free both ends', (status) => {
    const { bench, ann, bob } = pair();
    ann.send(ann.request('INVITE', 'bob'));
    bob.answer(bob.takeRequest('INVITE'), status);
    expect(ann.statuses()).toEqual([100, status]);
    expect(summary(bob.take())).toEqual(['ACK']);
    expect(bench.router.calls.isBusy('ann')).toBe(false);
  });

  it('answer 408 when the phone says nothing at all', () => {
    const { bench, ann, bob } = pair();
    ann.send(ann.request('INVITE', 'bob'));
    bob.takeRequest('INVITE');
    bench.clock.advance(32_001);
    expect(ann.statuses()).toEqual([100, 408]);
  });

  it('refuse what leads nowhere', () => {
    const { ann } = pair();
    for (const [target, status] of [
      ['nobody', 404],
      ['cat', 480], // known, not registered
      ['13800138000', 480], // outside, and no customers there
      ['trunk', 404],
    ] as const) {
      ann.send(ann.request('INVITE', target));
      expect([target, ann.statuses().at(-1)]).toEqual([target, status]);
    }
    ann.send({ ...ann.request('INVITE', 'bob'), uri: 'tel:123' });
    expect(ann.statuses()).toEqual([400]);
    ann.send(ann.request('BYE', 'bob', { to: '<sip:bob@127.0.0.1>;tag=none' }));
    expect(ann.statuses()).toEqual([481]);
    ann.send(ann.request('PUBLISH', 'bob'));
    expect(ann.statuses()).toEqual([501]);
    const worn = ann.request('INVITE', 'bob');
    ann.send({
      ...worn,
      headers: worn.headers.map((h) => (h.name === 'max-forwards' ? sipHeader('Max-Forwards', '0') : h)),
    });
    expect(ann.statuses().at(-1)).toBe(483);
  });

  it('let a phone present only its own number; the trunk any', () => {
    const { bench, ann, bob } = pair();
    ann.send(ann.request('INVITE', 'bob', { from: '<sip:cat@127.0.0.1>;tag=x' }));
    expect(ann.statuses()).toEqual([401]);
    const [trunk] = registered(bench, 'trunk');
    trunk?.send(trunk.request('INVITE', 'bob', { from: '"A" <sip:anonymous@anonymous.invalid>;tag=y' }));
    expect(headerOf(bob.takeRequest('INVITE'), 'from')).toBe('"A" <sip:anonymous@anonymous.invalid>;tag=y');
    ann.send(ann.request('INVITE', '10086'));
    expect(headerOf(trunk?.takeRequest('INVITE') as SipMessage, 'to')).toBe('<sip:10086@127.0.0.1>');
  });

  it('challenge an INVITE from a socket nobody has registered on', () => {
    const { bench } = pair();
    const stranger = bench.phone('cat');
    stranger.send(stranger.request('INVITE', 'bob'));
    expect(stranger.statuses()).toEqual([401]);
  });

  it('answer OPTIONS to the exchange itself at once', () => {
    const { ann, bench } = pair();
    ann.send(ann.request('OPTIONS', 'sip:127.0.0.1'));
    expect(ann.statuses()).toEqual([200]);
    const fresh = bench.phone('cat');
    fresh.send(fresh.request('OPTIONS', 'sip:127.0.0.1'));
    expect(fresh.statuses()).toEqual([200]);
  });
});

describe('a phone that changes its socket', () => {
  it('goes on with its call on the new one after registering again', () => {
    const { ann, bob } = pair();
    const ok = connect(ann, bob);
    bob.flow.drop();
    bob.connect();
    register(bob);
    ann.send(ann.inDialog('INFO', ok, 'caller', 2));
    bob.answer(bob.takeRequest('INFO'), 200);
    expect(ann.statuses()).toEqual([200]);
  });

  it('is reached on the new one even while the old one only seems open (half-open link)', () => {
    const { ann, bob } = pair();
    const ok = connect(ann, bob);
    const old = bob.flow;
    bob.connect();
    register(bob);
    expect(old.isOpen()).toBe(true);
    ann.send(ann.inDialog('BYE', ok, 'caller', 2));
    expect(bob.takeRequest('BYE').method).toBe('BYE');
  });

  it('may re-INVITE before it has registered again, and is found there from then on', () => {
    const { ann, bob } = pair();
    const ok = connect(ann, bob);
    bob.flow.drop();
    bob.connect();
    bob.send(bob.inDialog('INVITE', ok, 'callee', 9));
    ann.answer(ann.takeRequest('INVITE'), 200);
    expect(bob.statuses()).toEqual([100, 200]);
    ann.send(ann.inDialog('BYE', ok, 'caller', 2));
    expect(bob.takeRequest('BYE').method).toBe('BYE');
  });

  it('hears 481 for a call that ended while it was away', () => {
    const { ann, bob } = pair();
    const ok = connect(ann, bob);
    bob.flow.drop();
    ann.send(ann.inDialog('BYE', ok, 'caller', 2));
    expect(ann.statuses()).toEqual([480]);
    bob.connect();
    register(bob);
    bob.send(bob.inDialog('INVITE', ok, 'callee', 9));
    expect(bob.statuses()).toEqual([481]);
  });

  it('answers a call that rang on the old socket', () => {
    const { ann, bob } = pair();
    ann.send(ann.request('INVITE', 'bob'));
    const invite = bob.takeRequest('INVITE');
    bob.answer(invite, 180);
    bob.flow.drop();
    bob.connect();
    register(bob);
    bob.answer(invite, 200);
    expect(ann.statuses()).toEqual([100, 180, 200]);
  });

  it('and never comes back frees the other end after two minutes', () => {
    const { bench, ann, bob } = pair();
    connect(ann, bob);
    bob.flow.drop();
    bench.clock.advance(119_000);
    expect(bench.router.calls.isBusy('ann')).toBe(true);
    bench.clock.advance(2_000);
    expect(bench.router.calls.isBusy('ann')).toBe(false);
  });
});

describe('garbage', () => {
  it('gets a 400 when it can be answered, else its socket is closed', () => {
    const { ann } = pair();
    const bad = ann.request('INVITE', 'bob');
    ann.send({ ...bad, headers: [...bad.headers, sipHeader('Content-Length', '99')] });
    expect(ann.statuses()).toEqual([400]);
    expect(ann.isOpen).toBe(true);
    ann.send('hello\r\n\r\n');
    expect(ann.isOpen).toBe(false);
  });

  it('of any kind never throws and never touches a call that is on', () => {
    const { ann, bob, bench } = pair();
    const ok = connect(ann, bob);
    const good = [
      'BYE sip:bob@127.0.0.1 SIP/2.0',
      'Via: SIP/2.0/WS a.invalid;branch=z9hG4bKg',
      'From: <sip:ann@127.0.0.1>;tag=1',
      'To: <sip:bob@127.0.0.1>;tag=2',
      'Call-ID: other',
      'CSeq: 2 BYE',
      '',
      '',
    ].join('\r\n');
    fc.assert(
      fc.property(fc.nat(good.length), fc.string({ maxLength: 12, unit: 'binary' }), (at, put) => {
        const stranger = bench.phone('cat');
        stranger.send(good.slice(0, at) + put + good.slice(at + put.length));
        return bench.router.calls.count() === 1;
      }),
      { numRuns: 1_000 },
    );
    ann.send(ann.inDialog('BYE', ok, 'caller', 2));
    expect(bob.takeRequest('BYE').method).toBe('BYE');
  });
});

describe('a call that is passed on while it rings (302)', () => {
  const passOn = (phone: Phone, request: SipRequest, to: string): void =>
    phone.send(
      replyTo(request, 302, 'Moved Temporarily', {
        toTag: `tag-${phone.user}`,
        headers: [sipHeader('Contact', `<sip:${to}@127.0.0.1>`)],
      }),
    );

  it('goes there without the caller’s help, and says who calls among colleagues', () => {
    const bench = createBench();
    const [ann, bob, cat] = registered(bench, 'ann', 'bob', 'cat');
    if (ann === undefined || bob === undefined || cat === undefined) throw new Error('not registered');
    ann.send(ann.request('INVITE', 'bob', { headers: [sipHeader('X-Colleague', 'forged')] }));
    const first = bob.takeRequest('INVITE');
    expect(headerOf(first, 'x-colleague')).toBe('ann');
    passOn(bob, first, 'cat');
    bob.takeRequest('ACK');
    const second = cat.takeRequest('INVITE');
    expect(headerOf(second, 'x-colleague')).toBe('ann');
    cat.answer(second, 200);
    expect(ann.statuses()).toEqual([100, 200]);
    expect(bench.router.calls.isBusy('bob')).toBe(false);
  });

  it('ends somewhere when it is passed round in a circle', () => {
    const bench = createBench();
    const [ann, bob, cat] = registered(bench, 'ann', 'bob', 'cat');
    if (ann === undefined || bob === undefined || cat === undefined) throw new Error('not registered');
    ann.send(ann.request('INVITE', 'bob'));
    passOn(bob, bob.takeRequest('INVITE'), 'cat');
    passOn(cat, cat.takeRequest('INVITE'), 'bob');
    passOn(bob, bob.takeRequest('INVITE'), 'cat');
    passOn(cat, cat.takeRequest('INVITE'), 'bob');
    expect(() => bob.takeRequest('INVITE')).toThrow(/got no INVITE/);
    expect(ann.statuses().at(-1)).toBe(302);
    expect(bench.router.calls.count()).toBe(0);
  });
});

describe('a customer handed over to the seat that was asked about them (RFC 5589 section 7)', () => {
  /** The outside talks with Ann, Ann asks Bob: the two 200s as their callers saw them. */
  const asked = () => {
    const bench = createBench();
    const [ann, bob, cat, outside] = registered(bench, 'ann', 'bob', 'cat', 'trunk');
    if (!ann || !bob || !cat || !outside) throw new Error('not registered');
    connect(outside, ann, 'ann');
    return { bench, ann, bob, cat, outside, consult: connect(ann, bob) };
  };
  /** From Bob's side of the consultation: his tag is the `to` one. */
  const instead = (ok: SipResponse, change: { readonly to?: string } = {}) =>
    sipHeader(
      'Replaces',
      `${headerOf(ok, 'call-id')};to-tag=${change.to ?? tagOf(ok, 'to')};from-tag=${tagOf(ok, 'from')}`,
    );

  it('reaches that seat with the name of the consultation, and is a call of the two', () => {
    const { bench, ann, bob, outside, consult } = asked();
    outside.send(outside.request('INVITE', 'bob', { headers: [instead(consult)] }));
    const invite = bob.takeRequest('INVITE');
    expect(headerOf(invite, 'replaces')).toBe(instead(consult).value);
    bob.answer(invite, 200);
    expect(outside.statuses()).toEqual([100, 200]);
    bob.send(bob.inDialog('BYE', consult, 'callee', 1));
    ann.answer(ann.takeRequest('BYE'), 200);
    expect(bench.router.calls.isBusy('bob')).toBe(true);
    expect(bench.router.calls.count()).toBe(2);
  });

  it('481 for a call that is none of that seat, 403 for anybody the one who is replaced does not talk to', () => {
    const { bob, cat, outside, consult } = asked();
    outside.send(outside.request('INVITE', 'bob', { headers: [instead(consult, { to: 'x' })] }));
    outside.send(outside.request('INVITE', 'cat', { headers: [instead(consult)] }));
    cat.send(cat.request('INVITE', 'bob', { headers: [instead(consult)] }));
    expect(outside.statuses()).toEqual([100, 481, 100, 481]);
    expect(cat.statuses()).toEqual([100, 403]);
    outside.send(outside.request('INVITE', 'bob', { headers: [instead(consult), instead(consult)] }));
    expect(outside.statuses()).toEqual([100, 400]);
    expect(bob.take()).toEqual([]);
  });
});
