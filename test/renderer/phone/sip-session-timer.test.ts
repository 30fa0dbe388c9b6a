import { beforeEach, describe, expect, it } from 'vitest';
import { createSessionTimers, type SessionTimers } from '../../../renderer/phone/sip-session-timer.ts';
import { judge } from '../../../renderer/phone/sip-guard.ts';
import { createManualClock, type ManualClock } from './lab/manual-clock.ts';
import { audioSdp, type Fields, message, request, response } from './lab/sip-texts.ts';

const call = { 'Call-ID': 'one' };
const ours = (fields: Fields = {}): string =>
  message('INVITE sip:1002@lab.invalid SIP/2.0', { ...call, CSeq: '1 INVITE', ...fields }, audioSdp());
const answer = (fields: Fields = {}): string => response(200, { ...call, CSeq: '1 INVITE', ...fields }, audioSdp());
const theirs = (fields: Fields = {}): string =>
  request('INVITE', { ...call, CSeq: '7 INVITE', Supported: 'timer', ...fields }, audioSdp());
const ourAnswer = (): string => response(200, { ...call, CSeq: '7 INVITE' }, audioSdp());
const headerOf = (text: string, name: string): string | undefined =>
  new RegExp(`^${name}: (.*)$`, 'm').exec(text)?.[1]?.trim();

describe('session timers (RFC 4028)', () => {
  let clock: ManualClock;
  let timers: SessionTimers;
  let events: string[];
  beforeEach(() => {
    clock = createManualClock();
    events = [];
    timers = createSessionTimers({
      clock,
      onRefresh: (id) => events.push(`refresh ${id}`),
      onExpired: (id) => events.push(`expired ${id}`),
    });
  });

  it('TIMER-1 offers 30 minutes, says that it knows timers, and stays a message the guard would let through', () => {
    const text = timers.leaving(ours({ Supported: 'outbound' }));
    expect(headerOf(text, 'Session-Expires')).toBe('1800');
    expect(headerOf(text, 'Min-SE')).toBe('90');
    expect(headerOf(text, 'Supported')).toBe('outbound,timer');
    expect(judge(text).kind).toBe('pass');
    expect(text.endsWith(audioSdp())).toBe(true);
    expect(headerOf(timers.leaving(ours()), 'Supported')).toBe('timer');
  });

  it('TIMER-1 an answer without a timer makes none', async () => {
    timers.leaving(ours());
    timers.heard(answer());
    await clock.advance(10_000_000);
    expect(events).toEqual([]);
    expect(clock.pending()).toBe(0);
  });

  it('TIMER-3 refreshes at half of the time when that is ours, again and again', async () => {
    timers.leaving(ours());
    timers.heard(answer({ 'Session-Expires': '90;refresher=uac' }));
    await clock.advance(44_999);
    expect(events).toEqual([]);
    await clock.advance(1);
    expect(events).toEqual(['refresh one']);
    // The re-INVITE says who refreshes, and its answer starts the time anew.
    expect(headerOf(timers.leaving(ours({ CSeq: '2 INVITE' })), 'Session-Expires')).toBe('1800;refresher=uac');
    timers.heard(answer({ CSeq: '2 INVITE', 'Session-Expires': '90;refresher=uac' }));
    await clock.advance(45_000);
    expect(events).toEqual(['refresh one', 'refresh one']);
  });

  it('TIMER-3 a refresh that nobody answers ends the call a third before the time is over', async () => {
    timers.leaving(ours());
    timers.heard(answer({ 'Session-Expires': '90;refresher=uac' }));
    await clock.advance(60_000);
    expect(events).toEqual(['refresh one', 'expired one']);
  });

  it('TIMER-3 a far end that refreshes and falls silent is ended 32 s before 30 minutes are over', async () => {
    timers.leaving(ours());
    timers.heard(answer({ 'Session-Expires': '1800;refresher=uas' }));
    await clock.advance(1_767_999);
    expect(events).toEqual([]);
    await clock.advance(1);
    expect(events).toEqual(['expired one']);
  });

  it('TIMER-2 asked, takes the time that is asked for and leaves refreshing to who asks', async () => {
    timers.heard(theirs({ 'Session-Expires': '120' }));
    const text = timers.leaving(ourAnswer());
    expect(headerOf(text, 'Session-Expires')).toBe('120;refresher=uac');
    expect(headerOf(text, 'Require')).toBe('timer');
    // The same answer said again carries the same.
    expect(headerOf(timers.leaving(ourAnswer()), 'Session-Expires')).toBe('120;refresher=uac');
    await clock.advance(60_000);
    timers.heard(theirs({ 'Session-Expires': '120;refresher=uac' }));
    timers.leaving(ourAnswer());
    await clock.advance(87_999);
    expect(events).toEqual([]);
    await clock.advance(1);
    expect(events).toEqual(['expired one']);
  });

  it('TIMER-2 refreshes itself when told to, or when the other side knows no timers', async () => {
    timers.heard(theirs({ 'Session-Expires': '100;refresher=uas' }));
    expect(headerOf(timers.leaving(ourAnswer()), 'Session-Expires')).toBe('100;refresher=uas');
    await clock.advance(50_000);
    expect(events).toEqual(['refresh one']);
    timers.heard(theirs({ 'Session-Expires': '100', Supported: undefined }));
    const text = timers.leaving(ourAnswer());
    expect(headerOf(text, 'Session-Expires')).toBe('100;refresher=uas');
    expect(headerOf(text, 'Require')).toBeUndefined();
  });

  it('an offer without a timer is answered without one', () => {
    timers.heard(theirs());
    const text = ourAnswer();
    expect(timers.leaving(text)).toBe(text);
  });

  it('TIMER-4 422 teaches the least; a silly one is capped', () => {
    timers.leaving(ours());
    timers.heard(response(422, { ...call, CSeq: '1 INVITE', 'Min-SE': '3600' }));
    expect(headerOf(timers.leaving(ours({ CSeq: '2 INVITE' })), 'Session-Expires')).toBe('3600');
    timers.heard(response(422, { ...call, CSeq: '2 INVITE', 'Min-SE': '999999' }));
    expect(headerOf(timers.leaving(ours({ CSeq: '3 INVITE' })), 'Session-Expires')).toBe('86400');
  });

  it('a call that ends leaves no timer, whoever ended it', async () => {
    for (const end of [
      () => timers.heard(request('BYE', { ...call, CSeq: '8 BYE' })),
      () => timers.leaving(request('BYE', { ...call, CSeq: '8 BYE' })),
      () => timers.forget('one'),
    ]) {
      timers.leaving(ours());
      timers.heard(answer({ 'Session-Expires': '90;refresher=uas' }));
      expect(clock.pending()).toBe(1);
      end();
      expect(clock.pending()).toBe(0);
    }
    await clock.advance(200_000);
    expect(events).toEqual([]);
  });

  it('timers of two calls are their own', async () => {
    for (const id of ['one', 'two']) {
      timers.leaving(ours({ 'Call-ID': id }));
      timers.heard(answer({ 'Call-ID': id, 'Session-Expires': '90;refresher=uas' }));
    }
    timers.forget('one');
    await clock.advance(90_000);
    expect(events).toEqual(['expired two']);
  });

  describe('TIMER-3 a refresh by UPDATE (RFC 3311)', () => {
    const far = 'tag=abc123';
    const update = (fields: Fields = {}, body = ''): string =>
      request(
        'UPDATE',
        {
          ...call,
          To: '<sip:agent1@lab.invalid>;tag=us',
          CSeq: '8 UPDATE',
          Supported: 'timer',
          'Session-Expires': '90;refresher=uac',
          ...fields,
        },
        body,
      );
    beforeEach(() => {
      timers.heard(theirs({ 'Session-Expires': '90' }));
      timers.leaving(response(200, { ...call, CSeq: '7 INVITE', To: '<sip:agent1@lab.invalid>;tag=us' }, audioSdp()));
    });

    it('is granted in a call of ours, and the time begins anew', async () => {
      await clock.advance(59_000);
      const reply = timers.refreshed(update()) ?? '';
      expect(reply.split('\r\n')[0]).toBe('SIP/2.0 200 OK');
      expect(headerOf(reply, 'Session-Expires')).toBe('90;refresher=uac');
      expect(headerOf(reply, 'Require')).toBe('timer');
      expect(headerOf(reply, 'Contact')).toBe('<sip:asterisk@127.0.0.1:8088;transport=ws>');
      expect(headerOf(reply, 'CSeq')).toBe('8 UPDATE');
      expect(judge(reply).kind).toBe('pass');
      await clock.advance(59_999);
      expect(events).toEqual([]);
      await clock.advance(1);
      expect(events).toEqual(['expired one']);
    });

    it('is granted in a call we made', () => {
      const made = { 'Call-ID': 'two', CSeq: '1 INVITE', From: '<sip:agent1@lab.invalid>;tag=us' };
      timers.leaving(ours({ ...made, Contact: '<sip:s1@us.invalid>' }));
      timers.heard(answer({ ...made, To: `<sip:1002@lab.invalid>;${far}`, 'Session-Expires': '90;refresher=uas' }));
      expect(headerOf(timers.refreshed(update({ 'Call-ID': 'two' })) ?? '', 'Contact')).toBe('<sip:s1@us.invalid>');
    });

    it.each([
      ['with an offer', update({}, audioSdp())],
      ['that refreshes nothing', update({ 'Session-Expires': undefined })],
      ['for less than anybody may ask for', update({ 'Session-Expires': '89' })],
      ['of nobody we know', update({ 'Call-ID': 'unknown' })],
      ['of a stranger in our call', update({ From: '<sip:13800138000@127.0.0.1>;tag=stranger' })],
      ['outside of a dialog', update({ To: '<sip:agent1@lab.invalid>' })],
    ])('is no refresh %s', (_, text) => expect(timers.refreshed(text)).toBeUndefined());

    it('is refused when it is older than the last, and when the call is over', () => {
      expect(timers.refreshed(update())).toMatch(/^SIP\/2\.0 200 /);
      expect(timers.refreshed(update())).toMatch(/^SIP\/2\.0 500 /);
      timers.forget('one');
      expect(timers.refreshed(update({ CSeq: '9 UPDATE' }))).toBeUndefined();
    });
  });
});
