import { describe, expect, it } from 'vitest';
import { agent, openBrowserLab } from '../renderer/phone/lab/browser-lab.ts';
import { audioSdp, message, request, type Fields } from '../renderer/phone/lab/sip-texts.ts';
import {
  answer,
  first,
  idOf,
  isEnded,
  isFlowing,
  lab,
  packetsAtCustomer,
  page,
  pause,
  sentByPhone,
  talk,
  useLab,
} from './phone-calls.ts';

/** A peer that means no good, and a machine without a microphone: the real phone in a real browser. */
useLab();

describe('a hostile peer (security 69, 70, 75)', () => {
  const say = (text: string): void => lab.relay.sendRaw(agent.user, text);
  const events = () => page.evaluate(() => window.lab.wire);

  it('garbage and unasked requests during a call change nothing', async () => {
    await talk();
    const before = await packetsAtCustomer();
    say('<html>502</html>');
    say(request('INVITE', { Via: undefined }, audioSdp()));
    say(request('INVITE', { Subject: 'a\nX: y' }));
    for (const method of ['REFER', 'MESSAGE', 'NOTIFY', 'SUBSCRIBE', 'INFO', 'UPDATE'])
      say(request(method, { 'Refer-To': '<sip:premium@evil.example>', Event: 'refer' }));
    await expect.poll(async () => (await events()).length).toBeGreaterThanOrEqual(9);
    await pause(500);
    expect(isFlowing(await page.evaluate(() => window.lab.phone.state()))).toBe(true);
    expect((await packetsAtCustomer()) - before).toBeGreaterThan(15);
    expect(sentByPhone('INVITE')).toBe(0);
    expect(sentByPhone('SIP/2.0 405')).toBe(6);
  });

  it('a second INVITE during a call is busy', async () => {
    await talk();
    say(invite(audioSdp()));
    await expect.poll(() => sentByPhone('SIP/2.0 486')).toBe(1);
    expect(isFlowing(await page.evaluate(() => window.lab.phone.state()))).toBe(true);
  });

  it.each([
    ['RTP without encryption', audioSdp({ 'm=audio': 'm=audio 4000 RTP/AVP 0' })],
    ['SDES keys', audioSdp({ 'a=mid': 'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:abc' })],
    [
      'a SHA-1 fingerprint',
      audioSdp({ 'a=fingerprint': `a=fingerprint:sha-1 ${Array.from({ length: 20 }, () => 'AB').join(':')}` }),
    ],
  ])('an offer with %s is refused and never rings', async (_, sdp) => {
    say(invite(sdp));
    await expect.poll(() => sentByPhone('SIP/2.0 488')).toBe(1);
    expect(await page.evaluate(() => window.lab.phone.state().calls)).toEqual([]);
  });

  it('an auto-answer header answers nothing', async () => {
    say(
      invite(audioSdp(), {
        'Alert-Info': '<http://127.0.0.1:1/x>;info=alert-autoanswer',
        'Call-Info': '<sip:x>;answer-after=0',
      }),
    );
    await lab.until(page, 'ringing', (state) => first(state)?.kind === 'ringing');
    await pause(500);
    expect(first(await page.evaluate(() => window.lab.phone.state()))?.kind).toBe('ringing');
  });

  it('an offer WebRTC cannot use ends as media when answered', async () => {
    say(invite(audioSdp({ 'a=rtcp-mux': undefined })));
    const state = await lab.until(page, 'ringing', (it) => first(it)?.kind === 'ringing');
    await answer(idOf(state));
    expect(first(await lab.until(page, 'over', isEnded))).toMatchObject({ cause: 'media' });
  });

  const invite = (sdp: string, fields: Fields = {}): string =>
    message(
      'INVITE sip:s0123456789ab@700080000123456789ab.invalid;transport=ws SIP/2.0',
      { CSeq: '1 INVITE', ...fields },
      sdp,
    );
});

describe('no microphone', () => {
  it.each([
    ['absent', [], ['microphone']],
    ['refused', ['--use-fake-device-for-media-stream', '--deny-permission-prompts'], []],
  ] as const)('%s: said, the call is shown and not answered', async (kind, flags, permissions) => {
    const bare = await openBrowserLab(flags);
    try {
      const phone = await bare.openPhone({ permissions: [...permissions] });
      expect(await phone.evaluate(() => window.lab.phone.checkDevices())).toEqual({ kind });
      await phone.evaluate(() => window.lab.phone.setAvailable(true));
      const caller = 'INVITE sip:s0123456789ab@700080000123456789ab.invalid;transport=ws SIP/2.0';
      bare.relay.sendRaw(agent.user, message(caller, { CSeq: '1 INVITE' }, audioSdp()));
      const state = await bare.until(phone, 'ringing', (it) => first(it)?.kind === 'ringing');
      const answered = await phone.evaluate((it) => window.lab.phone.answer(it), idOf(state));
      expect(answered).toMatchObject({ ok: false, error: { kind: 'phone' } });
      expect(first(await phone.evaluate(() => window.lab.phone.state()))?.kind).toBe('ringing');
      expect(bare.errors).toEqual([]);
    } finally {
      await bare.close();
    }
  });
});
