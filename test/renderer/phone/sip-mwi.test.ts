import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSipLink, type SipLink } from '../../../renderer/phone/sip-link.ts';
import { createMessageWaiting, type MessageWaiting, voicemailIn } from '../../../renderer/phone/sip-mwi.ts';
import type { WireEvent } from '../../../renderer/phone/sip-transport.ts';
import { SeatId } from '../../../shared/ids.ts';
import type { Voicemail } from '../../../shared/phone.ts';
import { FakeSocket } from './lab/fake-socket.ts';
import { createManualClock, type ManualClock } from './lab/manual-clock.ts';
import { type Fields, request, response } from './lab/sip-texts.ts';

describe('a summary of messages (RFC 3842)', () => {
  it.each([
    ['Messages-Waiting: yes\r\nMessage-Account: sip:1001@lab\r\nVoice-Message: 2/1 (0/0)\r\n', { new: 2, old: 1 }],
    ['messages-waiting:YES\r\nvoice-message:3/0\r\n', { new: 3, old: 0 }],
    ['Messages-Waiting: yes\nVoice-Message: 1/0 (1/0)\n', { new: 1, old: 0 }],
    ['Messages-Waiting: no\r\nVoice-Message: 0/4 (0/0)\r\n', { new: 0, old: 4 }],
    ['Messages-Waiting: no\r\n', { new: 0, old: 0 }],
    ['Messages-Waiting: yes\r\nVoice-Message: 9999/9999\r\n\r\nVoice-Message: 1/1\r\n', { new: 9_999, old: 9_999 }],
  ])('%j is read', (body, voicemail) => expect(voicemailIn(body)).toEqual(voicemail));

  it.each([
    '',
    'Voice-Message: 2/1\r\n',
    'Messages-Waiting: perhaps\r\nVoice-Message: 2/1\r\n',
    'Messages-Waiting: yes\r\n',
    'Messages-Waiting: yes\r\nFax-Message: 2/1\r\n',
    'Messages-Waiting: no\r\nVoice-Message: 2/1\r\n',
    'Messages-Waiting: yes\r\nVoice-Message: 10000/0\r\n',
    'Messages-Waiting: yes\r\nVoice-Message: -1/0\r\n',
    'Messages-Waiting: yes\r\nVoice-Message: 1.5/0\r\n',
    'Messages-Waiting: yes\r\nVoice-Message: 2\r\n',
    'Messages-Waiting: yes\r\nVoice-Message: 2/1 <b>\r\n',
    'Messages-Waiting: yes\r\nVoice-Message: 2/1\r\nVoice-Message: 3/1\r\n',
  ])('%j says nothing clearly', (body) => expect(voicemailIn(body)).toBeUndefined());
});

describe('the subscription to the own mailbox', () => {
  let clock: ManualClock;
  let socket: FakeSocket;
  let link: SipLink;
  let messages: MessageWaiting;
  let counts: (Voicemail | undefined)[];
  let wire: WireEvent[];

  beforeEach(async () => {
    clock = createManualClock();
    counts = [];
    wire = [];
    link = createSipLink(
      {
        seatId: SeatId.parse('0190a0b0-c0d0-7000-8000-0123456789ab'),
        credentials: {
          server: 'ws://lab',
          domain: 'lab.invalid',
          user: 'agent1',
          password: 'x',
          expiresAtMs: 0,
          iceServers: [],
        },
      },
      {
        clock,
        onWire: (event) => wire.push(event),
        onSent: () => {},
        onHeard: () => {},
        isSubscribed: (callId) => messages.isOurs(callId),
        openSocket: (url) => (socket = new FakeSocket(url)).asSocket,
      },
      () => {
        throw new Error('no media here');
      },
      () => {},
    );
    const { userAgent } = link;
    messages = createMessageWaiting({ userAgent, clock, random: () => 0, onCount: (count) => counts.push(count) });
    const connecting = link.connect();
    socket.open();
    expect(await connecting).toBe(true);
    messages.subscribe();
  });
  afterEach(async () => {
    messages.forget();
    await link.userAgent.stop();
  });

  const subscribes = (): readonly string[] => socket.sent.filter((text) => text.startsWith('SUBSCRIBE '));
  const last = (): string => subscribes().at(-1) ?? '';
  const field = (text: string, name: string): string => new RegExp(`^${name}: (.*)\r$`, 'm').exec(text)?.[1] ?? '';
  const answer = (status: number, more: Fields = {}): void => {
    const of = last();
    const echoed = Object.fromEntries(['Via', 'From', 'Call-ID', 'CSeq'].map((name) => [name, field(of, name)]));
    const to = field(of, 'To');
    socket.say(response(status, { ...echoed, To: to.includes('tag=') ? to : `${to};tag=pbx`, ...more }));
  };
  let cseq = 100;
  const notify = (fresh: number, old: number, more: Fields = {}): string | undefined => {
    const of = last();
    const before = socket.sent.length;
    socket.say(
      request(
        'NOTIFY',
        {
          From: '<sip:agent1@lab.invalid>;tag=pbx',
          To: field(of, 'From'),
          'Call-ID': field(of, 'Call-ID'),
          CSeq: `${(cseq += 1)} NOTIFY`,
          Event: 'message-summary',
          'Subscription-State': 'active;expires=600',
          'Content-Type': 'application/simple-message-summary',
          ...more,
        },
        `Messages-Waiting: ${fresh > 0 ? 'yes' : 'no'}\r\nVoice-Message: ${fresh}/${old} (0/0)\r\n`,
      ),
    );
    return socket.sent[before]?.split('\r\n')[0];
  };
  const granted = (): void => answer(200, { Expires: '600' });

  it('asks for the summary of its own address, and hears every count', () => {
    expect(last()).toMatch(/^SUBSCRIBE sip:agent1@lab\.invalid SIP\/2\.0\r\n/);
    expect(field(last(), 'Event')).toBe('message-summary');
    expect(field(last(), 'Accept')).toBe('application/simple-message-summary');
    granted();
    expect(notify(2, 1)).toBe('SIP/2.0 200 OK');
    expect(notify(0, 1)).toBe('SIP/2.0 200 OK');
    expect(counts).toEqual([
      { new: 2, old: 1 },
      { new: 0, old: 1 },
    ]);
    expect(wire).toEqual([]);
  });

  it.each([404, 405, 489, 501, 603])('MWI-2: %i is silence until the next registration', async (status) => {
    answer(status);
    expect(counts).toEqual([undefined]);
    await clock.advance(24 * 3_600_000);
    expect(subscribes()).toHaveLength(1);
    messages.subscribe();
    expect(subscribes()).toHaveLength(2);
  });

  it('any other refusal is asked about again after a minute', async () => {
    answer(503);
    await clock.advance(59_000);
    expect(subscribes()).toHaveLength(1);
    await clock.advance(2_000);
    expect(subscribes()).toHaveLength(2);
    expect(counts).toEqual([]);
  });

  it('is renewed in its dialog at half its time', async () => {
    granted();
    notify(1, 0);
    await clock.advance(301_000);
    expect(subscribes()).toHaveLength(2);
    expect(field(last(), 'To')).toContain(';tag=pbx');
    expect(field(last(), 'Call-ID')).toBe(field(subscribes()[0] ?? '', 'Call-ID'));
    granted();
    notify(2, 0);
    await clock.advance(301_000);
    expect(subscribes()).toHaveLength(3);
    // Gone over there: a new one, not at once.
    answer(481);
    await clock.advance(61_000);
    expect(subscribes()).toHaveLength(4);
    expect(field(last(), 'To')).not.toContain('tag=');
  });

  it('an exchange that ends it again and again is asked once a minute, whatever reason it gives', async () => {
    for (let turn = 1; turn <= 5; turn += 1) {
      expect(subscribes()).toHaveLength(turn);
      granted();
      notify(1, 0, { 'Subscription-State': 'terminated;reason=deactivated' });
      await clock.advance(59_000);
      expect(subscribes()).toHaveLength(turn);
      await clock.advance(2_000);
    }
  });

  it('MWI-1: after a lost line the old subscription is nobody’s, and the new one counts', () => {
    granted();
    notify(1, 0);
    const old = { 'Call-ID': field(last(), 'Call-ID'), To: field(last(), 'From') };
    messages.forget();
    messages.subscribe();
    expect(notify(9, 9, old)).toBe('SIP/2.0 405 Method Not Allowed');
    granted();
    notify(4, 0);
    expect(counts).toEqual([
      { new: 1, old: 0 },
      { new: 4, old: 0 },
    ]);
  });

  it('takes leave with Expires: 0, and answers the last word without hearing it', () => {
    granted();
    notify(1, 0);
    messages.unsubscribe();
    expect(field(last(), 'Expires')).toBe('0');
    granted();
    expect(notify(5, 5, { 'Subscription-State': 'terminated;reason=timeout' })).toBe('SIP/2.0 200 OK');
    expect(counts).toEqual([{ new: 1, old: 0 }]);
  });
});
