import { describe, expect, it } from 'vitest';
import { sdpFault } from '../../../renderer/phone/sip-sdp.ts';
import { audioSdp } from './lab/sip-texts.ts';

const print = (hash: string, bytes: number): string =>
  `a=fingerprint:${hash} ${Array.from({ length: bytes }, () => '0F').join(':')}`;

describe('descriptions from outside (security 70)', () => {
  it.each([
    ['sha-256', audioSdp()],
    ['sha-384', audioSdp({ 'a=fingerprint': print('sha-384', 48) })],
    ['SHA-512 in capitals', audioSdp({ 'a=fingerprint': print('SHA-512', 64) })],
    [
      'the fingerprint for the whole session',
      audioSdp({ 'a=fingerprint': undefined, 't=0 0': `t=0 0\r\n${print('sha-256', 32)}` }),
    ],
    ['a switched-off video besides', `${audioSdp()}m=video 0 RTP/AVP 96\r\n`],
    ['LF line ends', audioSdp().replaceAll('\r\n', '\n')],
  ])('takes %s', (_, sdp) => expect(sdpFault(sdp)).toBeUndefined());

  it.each<[string, string, string]>([
    ['plainMedia', 'RTP without encryption', audioSdp({ 'm=audio': 'm=audio 4000 RTP/AVP 0 8' })],
    ['plainMedia', 'SDES media', audioSdp({ 'm=audio': 'm=audio 4000 RTP/SAVP 0 8' })],
    ['plainMedia', 'plain video beside good audio', `${audioSdp()}m=video 5000 RTP/AVP 96\r\n`],
    ['sdesKeys', 'SDES keys over DTLS', audioSdp({ 'a=mid:0': 'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:abc' })],
    ['sdesKeys', 'a key line', audioSdp({ 'a=mid:0': 'k=clear:abc' })],
    ['noFingerprint', 'no fingerprint', audioSdp({ 'a=fingerprint': undefined })],
    ['weakFingerprint', 'SHA-1', audioSdp({ 'a=fingerprint': print('sha-1', 20) })],
    ['weakFingerprint', 'MD5', audioSdp({ 'a=fingerprint': print('md5', 16) })],
    ['weakFingerprint', 'SHA-256 that is too short', audioSdp({ 'a=fingerprint': print('sha-256', 20) })],
    ['weakFingerprint', 'no hash at all', audioSdp({ 'a=fingerprint': 'a=fingerprint:sha-256' })],
    ['weakFingerprint', 'a weak one beside a strong one', audioSdp({ 'a=mid:0': print('sha-1', 20) })],
    ['noAudio', 'video only', audioSdp({ 'm=audio': 'm=video 9 UDP/TLS/RTP/SAVPF 96' })],
    ['noAudio', 'audio switched off', audioSdp({ 'm=audio': 'm=audio 0 UDP/TLS/RTP/SAVPF 111' })],
    ['shape', 'nothing', ''],
    ['shape', 'HTML', '<html></html>'],
    ['shape', 'a line that is none', audioSdp({ 'a=mid:0': 'hello' })],
    ['shape', 'NUL', audioSdp({ 'a=mid:0': 'a=mid:\0' })],
    ['shape', 'five media', audioSdp() + 'm=audio 9 UDP/TLS/RTP/SAVPF 0\r\n'.repeat(5)],
    ['shape', 'an endless line', audioSdp({ 'a=mid:0': `a=x:${'y'.repeat(3_000)}` })],
    ['tooLong', 'an endless description', audioSdp() + 'a=x\r\n'.repeat(10_000)],
  ])('refuses (%s) %s', (why, _, sdp) => expect(sdpFault(sdp)).toBe(why));
});
