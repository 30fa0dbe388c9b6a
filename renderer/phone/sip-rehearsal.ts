import { Core } from 'sip.js';
import type { Clock } from './clock.ts';
import { isLive, type Phone } from './phone.ts';
import { judge, unfolded } from './sip-guard.ts';

/** How often it is read until the browser has compiled the parser, and how far apart: a key pressed meanwhile waits for one of them only. */
const readings = { times: 24, apartMs: 50 } as const;

/** What an exchange of ours sends when a customer calls, to nobody. */
export const madeUpInvite: string = [
  'INVITE sip:s0@rehearsal.invalid;transport=ws SIP/2.0',
  'Via: SIP/2.0/WS rehearsal.invalid;branch=z9hG4bKrehearsal',
  'Max-Forwards: 70',
  'From: "0" <sip:13800000000@rehearsal.invalid>;tag=0',
  'To: <sip:0@rehearsal.invalid>',
  'Call-ID: rehearsal',
  'CSeq: 1 INVITE',
  'Contact: <sip:0@rehearsal.invalid;transport=ws>',
  'Allow: INVITE, ACK, BYE, CANCEL, OPTIONS',
  'Supported: timer, replaces',
  'Session-Expires: 1800',
  'P-Asserted-Identity: <sip:13800000000@rehearsal.invalid>',
  'X-Queue: 0',
  'Content-Type: application/sdp',
  'Content-Length: 0',
  '',
  '',
].join('\r\n');

/**
 * SIP.js's parser is made anew for every header and takes twice as long until it has been compiled; the first customers of a page would
 * wait for that. Once the line is there a made-up INVITE is read some times, by guard and parser alone: it rings nowhere. A call ends it.
 */
export const rehearseInvite = (phone: Pick<Phone, 'state' | 'onState'>, clock: Clock): void => {
  const factory = new Core.LoggerFactory();
  factory.builtinEnabled = false;
  const logger = factory.getLogger('rehearsal');
  const read = (left: number): void => {
    if (left === 0 || phone.state().calls.some(isLive)) return;
    if (judge(madeUpInvite).kind === 'pass') Core.Parser.parseMessage(unfolded(madeUpInvite), logger);
    clock.after(readings.apartMs, () => read(left - 1));
  };
  const stop = phone.onState(({ line }) => {
    if (line.kind !== 'registered') return;
    stop();
    clock.after(readings.apartMs, () => read(readings.times));
  });
};
