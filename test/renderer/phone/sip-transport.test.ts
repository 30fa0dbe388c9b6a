import { beforeEach, describe, expect, it } from 'vitest';
import { createSipTransport, type SipTransport } from '../../../renderer/phone/sip-transport.ts';
import { judge } from '../../../renderer/phone/sip-guard.ts';
import { FakeSocket } from './lab/fake-socket.ts';
import { createManualClock } from './lab/manual-clock.ts';
import { audioSdp, type Fields, message } from './lab/sip-texts.ts';

// What is owed to the exchange for INVITEs whose socket was lost: nobody may be left in a call that is over here.

const via = 'SIP/2.0/WS us.invalid;branch=z9hG4bKours';
const names: Fields = { Via: via, From: '<sip:1001@lab.invalid>;tag=us', 'Call-ID': 'one' };
const invite = (fields: Fields = {}): string =>
  message(
    'INVITE sip:1002@lab.invalid SIP/2.0',
    { ...names, To: '<sip:1002@lab.invalid>', CSeq: '2 INVITE', Contact: '<sip:s1@us.invalid>', ...fields },
    audioSdp(),
  );
const answer = (status: number, fields: Fields = {}): string =>
  message(
    `SIP/2.0 ${status} Word`,
    {
      ...names,
      To: '<sip:1002@lab.invalid>;tag=them',
      CSeq: '2 INVITE',
      Contact: '<sip:pbx@127.0.0.1:8088>',
      ...fields,
    },
    '',
  );
const ack = (): string =>
  message(
    'ACK sip:pbx@127.0.0.1:8088 SIP/2.0',
    { ...names, Via: `${via}x`, To: '<sip:1002@lab.invalid>;tag=them', CSeq: '2 ACK' },
    '',
  );

describe('INVITEs whose socket was lost', () => {
  let sockets: FakeSocket[];
  let transport: SipTransport;
  beforeEach(async () => {
    sockets = [];
    transport = createSipTransport('ws://lab', {
      clock: createManualClock(),
      onDown: () => {},
      onSent: () => {},
      onHeard: () => {},
      onWire: () => {},
      openSocket: () => {
        const socket = new FakeSocket('ws://lab');
        sockets.push(socket);
        return socket.asSocket;
      },
    });
    await open();
  });
  const open = async (): Promise<void> => {
    const opening = transport.connect();
    sockets.at(-1)?.open();
    await opening;
  };
  const hear = (text: string): void => sockets.at(-1)?.say(text);
  /** Another socket; what is said on it by itself, as `METHOD target`, CSeq and To. */
  const settled = async (): Promise<readonly (readonly string[])[]> => {
    transport.drop();
    await open();
    transport.acknowledgeLost();
    return (sockets.at(-1)?.sent ?? []).map((text) => {
      expect(judge(text).kind).toBe('pass');
      return [
        text.slice(0, text.indexOf(' SIP/2.0')),
        ...['CSeq', 'To'].map((name) => new RegExp(`^${name}: (.*)$`, 'm').exec(text)?.[1] ?? ''),
      ];
    });
  };
  const toThem = '<sip:1002@lab.invalid>;tag=them';
  const ackAndBye = [
    ['ACK sip:pbx@127.0.0.1:8088', '2 ACK', toThem],
    ['BYE sip:pbx@127.0.0.1:8088', '3 BYE', toThem],
  ];

  it('one that rang may have been answered meanwhile: acknowledged and ended', async () => {
    void transport.send(invite());
    hear(answer(100, { To: '<sip:1002@lab.invalid>' }));
    hear(answer(180));
    expect(await settled()).toEqual(ackAndBye);
  });

  it('one that was answered and not acknowledged yet: acknowledged and ended', async () => {
    void transport.send(invite());
    hear(answer(200));
    expect(await settled()).toEqual(ackAndBye);
  });

  it('one that takes a live call over goes on: acknowledged only', async () => {
    void transport.send(invite({ Replaces: 'old;to-tag=a;from-tag=b' }));
    hear(answer(200));
    expect(await settled()).toEqual(ackAndBye.slice(0, 1));
  });

  it.each([
    ['without an answer', []],
    ['accepted, while the browser had still to take its description', [answer(200)]],
  ])('a renewing one %s is acknowledged, and the call goes on', async (_, heard) => {
    void transport.send(invite({ To: toThem }));
    for (const text of heard) hear(text);
    expect(await settled()).toEqual([['ACK sip:1002@lab.invalid', '2 ACK', toThem]]);
  });

  it.each([
    ['acknowledged', () => [answer(200)], () => void transport.send(ack())],
    ['refused', () => [answer(486)], () => {}],
    ['of which nothing but 100 was heard', () => [answer(100, { To: '<sip:1002@lab.invalid>' })], () => {}],
  ])('one that was %s is owed nothing', async (_, heard, then) => {
    void transport.send(invite());
    for (const text of heard()) hear(text);
    then();
    expect(await settled()).toEqual([]);
  });

  it('what is owed is said once', async () => {
    void transport.send(invite());
    hear(answer(180));
    await settled();
    expect(await settled()).toEqual([]);
  });
});
