import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Call } from '../../../shared/call.ts';
import type { Factor } from '../../../shared/verification.ts';
import type { FakeCentral } from '../fake-central.ts';
import { startFakeCentral } from '../fake-central.ts';
import type { SeatUnderTest } from '../harness.ts';
import { ended, endSeats, inbound, refusalOf, startSeat, talking, value } from '../harness.ts';
import { customer, feedOf } from '../sample.ts';

let central: FakeCentral;
let seat: SeatUnderTest;
let call: Call;
const li = customer('c-li');
const zhang = customer('c-zhang', { surname: '张', numbers: [{ key: '+8613700137000', confidence: 'certain' }] });

beforeEach(async () => {
  central = await startFakeCentral(feedOf([li, zhang]));
  seat = startSeat(central.url);
  await seat.signIn();
  await seat.synced();
  call = inbound('13800138000');
  await seat.report(call);
  await seat.report(talking(call));
});
afterEach(async () => {
  await endSeats();
  await central.close();
});

const attempt = (factor: Factor, typed: string) =>
  seat.desk.call('verification.try', { contactId: call.contactId, factor, value: typed });

const reveal = (key: string) => seat.desk.call('field.reveal', { contactId: call.contactId, key });
const open = async (key: string): Promise<void> => void value(await reveal(key));

describe('around a check', () => {
  it('security 37 a value is masked again after half a minute, and nothing opens without a call', async () => {
    expect(refusalOf(await reveal('lastBill'))).toMatchObject({ kind: 'policy', reason: 'notVerified' });
    value(await attempt('lastBillRange', '100-150'));
    await open('lastBill');
    expect((await seat.contact()).revealed).toEqual({ lastBill: '128.50' });
    seat.clock.advance(29_999);
    expect((await seat.contact()).revealed).toEqual({ lastBill: '128.50' });
    seat.clock.advance(1);
    expect((await seat.contact()).revealed).toEqual({});
    await open('lastBill');
    await seat.report(ended(call));
    expect((await seat.contact()).revealed).toEqual({});
    expect(refusalOf(await reveal('lastBill'))).toMatchObject({ reason: 'callOver' });
  });

  it('R46 a password keyed in reaches class 3, and the contact tells it as a password', async () => {
    expect(value(await seat.desk.call('verification.keypad', { contactId: call.contactId }))).toMatchObject({
      outcome: 'matched',
      level: 3,
    });
    await seat.synced();
    expect(central.contacts.get(call.contactId)?.verifications).toMatchObject([
      { factor: 'servicePassword', matched: true },
    ]);
  });

  it('security 58 central’s signs take factors away at once', async () => {
    const other = inbound('13700137000');
    central.standing = { ...central.standing, flags: ['simChanged', 'laterFlag'] };
    await seat.report(ended(call));
    await seat.desk.call('contact.wrapUp', { contactId: call.contactId, note: '', disposition: ['other'] });
    await seat.report(other);
    await seat.report(talking(other));
    await vi.waitFor(async () => expect((await seat.contact()).verification.flags).toEqual(['simChanged']));
    const asked = { contactId: other.contactId, factor: 'smsCode' as const, value: '246802' };
    expect(refusalOf(await seat.desk.call('verification.try', asked))).toMatchObject({ reason: 'factorVoid' });
  });

  it('security 52 a strict change uses the step-up up; asked for again after a lost answer it is the same change', async () => {
    value(await attempt('servicePassword', '135790'));
    const change = { contactId: call.contactId, action: 'passwordReset' as const };
    central.faultOn = ['accountChange'];
    central.fault = 'loseReply';
    expect(refusalOf(await seat.desk.call('account.change', change))).toMatchObject({ kind: 'offline' });
    central.fault = 'none';
    expect(value(await seat.desk.call('account.change', change)).how).toBe('keyed');
    expect(new Set(central.changeIds).size).toBe(1);
    expect((await seat.contact()).verification.level).toBe(2);
  });

  it('security 60 off line nothing of the account is changed', async () => {
    value(await attempt('servicePassword', '135790'));
    central.fault = 'down';
    const change = { contactId: call.contactId, action: 'simChange' as const };
    expect(refusalOf(await seat.desk.call('account.change', change))).toMatchObject({ kind: 'offline' });
  });

  it('security 61 a lead’s word arrives while the call goes on', async () => {
    const asked = { contactId: call.contactId, reason: 'phoneLost' as const };
    value(await seat.desk.call('verification.askOverride', asked));
    expect((await seat.contact()).verifying.override).toBe('asked');
    central.standing = { ...central.standing, override: 'granted' };
    seat.clock.advance(3_000);
    await vi.waitFor(async () => expect((await seat.contact()).verification.level).toBe(3));
  });

  it('security 59 a call back is owed after the call, and the case goes on in it', async () => {
    value(await seat.desk.call('verification.callBack', { contactId: call.contactId }));
    await seat.report(ended(call));
    expect((await seat.snapshot()).callBack).toMatchObject({ customerId: li.id, masked: '138****8000' });
  });
});

describe('verification at the seat', () => {
  it('R12 three failed tries close the factor, and central is not asked a fourth time', async () => {
    expect(value(await attempt('servicePassword', '000000'))).toEqual({ matched: false, triesLeft: 2, level: 1 });
    expect(value(await attempt('servicePassword', '000001')).triesLeft).toBe(1);
    expect(value(await attempt('servicePassword', '000002')).triesLeft).toBe(0);
    const asked = central.asked.length;
    expect(refusalOf(await attempt('servicePassword', '135790'))).toMatchObject({
      kind: 'locked',
      reason: 'factorClosed',
    });
    expect(central.asked.filter((name) => name === 'check')).toHaveLength(3);
    expect(central.asked.length).toBeGreaterThanOrEqual(asked);
    await seat.synced();
    expect(central.contacts.get(call.contactId)?.verifications).toHaveLength(3);
    expect(JSON.stringify(central.applied)).not.toContain('000001');
  });

  it('R12 central’s lock closes class 3 at once', async () => {
    central.lockedUntilMs = seat.clock.nowMs() + 86_400_000;
    value(await attempt('servicePassword', '000000'));
    expect(refusalOf(await attempt('idNumber', 'x'))).toMatchObject({ kind: 'locked', reason: 'verificationLocked' });
    expect(value(await attempt('fullName', '李示例')).level).toBe(2);
  });

  it('security 52: strict expires, and what only it opened is masked again', async () => {
    expect(value(await attempt('servicePassword', '135790')).level).toBe(3);
    await open('lastBill');
    await open('idNumber');
    expect(Object.keys((await seat.contact()).revealed)).toEqual(['lastBill', 'idNumber']);
    seat.clock.advance(10 * 60_000 - 1_000);
    await open('lastBill');
    await open('idNumber');
    seat.clock.advance(1_000);
    const view = await seat.contact();
    expect(view.verification).toMatchObject({ level: 2, strictUntilMs: null });
    expect(Object.keys(view.revealed)).toEqual(['lastBill']);
    expect(value(await attempt('servicePassword', '135790')).level).toBe(3);
  });

  it('security 49/50: central’s level counts, and a field of unknown class is strict', async () => {
    central.revealLevel = 2;
    central.revealFields['surprise'] = 'secret';
    value(await attempt('servicePassword', '135790'));
    await open('lastBill');
    expect(refusalOf(await reveal('idNumber'))).toMatchObject({ reason: 'notVerified' });
    expect(refusalOf(await reveal('surprise'))).toMatchObject({ reason: 'notVerified' });
    expect((await seat.contact()).revealed).toEqual({ lastBill: '128.50' });
  });

  it('security 51: another customer starts at class 1; failed tries wait for the one switched from', async () => {
    value(await attempt('servicePassword', 'wrong'));
    value(await attempt('lastBillRange', '100-150'));
    value(await seat.desk.call('contact.identify', { contactId: call.contactId, customerId: zhang.id }));
    let view = await seat.contact();
    expect(view.verification).toMatchObject({ level: 1, factors: [] });
    expect(view.revealed).toEqual({});
    value(await seat.desk.call('contact.identify', { contactId: call.contactId, customerId: li.id }));
    view = await seat.contact();
    expect(view.verification).toMatchObject({
      level: 1,
      // Said or keyed in: one secret, one count.
      factors: [
        { factor: 'servicePassword', failures: 1, status: 'open' },
        { factor: 'keypadPassword', failures: 1, status: 'open' },
      ],
    });
  });

  it('an answer that comes after hang-up opens nothing, and is recorded', async () => {
    central.fault = 'none';
    const trying = attempt('servicePassword', '135790');
    await seat.report(ended(call));
    expect(refusalOf(await trying)).toMatchObject({ kind: 'conflict', reason: 'callOver' });
    expect((await seat.contact()).verification.level).toBe(1);
    expect((await seat.contact()).revealed).toEqual({});
    await seat.synced();
    expect(central.contacts.get(call.contactId)?.verifications).toMatchObject([{ factor: 'servicePassword' }]);
  });

  it('sends a text code through central only', async () => {
    expect(value(await seat.desk.call('verification.sendCode', { contactId: call.contactId })).expiresAtMs).toBe(1_000);
    central.fault = 'down';
    expect(refusalOf(await seat.desk.call('verification.sendCode', { contactId: call.contactId }))).toEqual({
      kind: 'offline',
      reason: 'verificationNeedsCentral',
    });
  });
});
