import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { areDigits, isDialable } from '../../../renderer/phone/phone.ts';
import { causeOfStatus, renewalVerdict } from '../../../renderer/phone/sip-causes.ts';
import {
  contactIdText,
  headerValue,
  presentedName,
  presentedNumber,
  queueName,
} from '../../../renderer/phone/sip-text.ts';
import { EndCause } from '../../../shared/call.ts';

describe('texts of a SIP message', () => {
  it('a display name is shown as it was meant: quoted pairs undone, inert (security 76)', () => {
    expect(presentedName(String.raw`Wang \"Boss\" Li \\ Co`)).toBe(String.raw`Wang "Boss" Li \ Co`);
    expect(presentedName('\\\u202Eabc\\\n')).toBe('abc');
    expect(presentedName('😀 王')).toBe('😀 王');
    expect(presentedName(undefined)).toBe('');
  });

  it('only digits with at most a leading plus become part of a URI (security 72)', () => {
    for (const good of ['1', '13800138000', '+8613800138000', '10000']) expect(isDialable(good)).toBe(true);
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 40 }),
        (text) => isDialable(text) === /^\+?[0-9]{1,23}$/.test(text),
      ),
      { numRuns: 2_000 },
    );
    for (const text of ['1\n', '1\r\nX: y', '１３８', '', '+', '1+', '1;a', '1?b', '1&c', '1@d', '%31', '1 '])
      expect(isDialable(text)).toBe(false);
    expect(areDigits('0123456789*#ABCD')).toBe(true);
    for (const text of ['', 'E', '1,2', 'a', '1'.repeat(33)]) expect(areDigits(text)).toBe(false);
  });

  it('a header value we send ends no line (security 71)', () => {
    expect(headerValue('a\r\nX-Contact-Id: forged\0')).toBe('aX-Contact-Id: forged');
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => !/[\r\n\0]/.test(headerValue(text))));
  });

  it('a presented number is inert and at most 64 characters (security 76)', () => {
    expect(presentedNumber('13800138000')).toBe('13800138000');
    expect(presentedNumber('%2B8613800138000')).toBe('+8613800138000');
    expect(presentedNumber('%zz')).toBe('%zz');
    expect(presentedNumber(undefined)).toBe('');
    expect(presentedNumber('138\u202e0013\u200b8000')).toBe('13800138000');
    expect(presentedNumber('9'.repeat(500))).toHaveLength(64);
  });

  it('X-Queue and X-Contact-Id are taken in their own shape or not at all', () => {
    expect(queueName(' vip ')).toBe('vip');
    for (const bad of [undefined, '', 'a b', '<b>', 'x'.repeat(65), '队列']) expect(queueName(bad)).toBeUndefined();
    const id = '0190A0B0-C0D0-7000-8000-0123456789AB';
    expect(contactIdText(id)).toBe(id.toLowerCase());
    for (const bad of [undefined, '', 'x', `${id}0`, id.replace('-', '')]) expect(contactIdText(bad)).toBeUndefined();
  });

  it('every final status means a cause', () => {
    for (let status = 300; status < 700; status += 1)
      expect(EndCause.options as readonly string[]).toContain(causeOfStatus(status));
    expect([486, 600].map(causeOfStatus)).toEqual(['busy', 'busy']);
    expect([500, 502, 599, 399].map(causeOfStatus)).toEqual(['server', 'server', 'server', 'server']);
  });

  it('a refused re-INVITE ends the call only when the PBX knows no such call', () => {
    expect(renewalVerdict(481)).toBe('gone');
    expect([408, 491, 503].map(renewalVerdict)).toEqual(['again', 'again', 'again']);
    expect([488, 403, 606].map(renewalVerdict)).toEqual(['keep', 'keep', 'keep']);
  });
});
