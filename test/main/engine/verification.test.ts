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
    await vi.waitFor(async () => {
      expect(Object.keys((await seat.contact()).revealed)).toEqual(['lastBill', 'idNumber']);
    });
    seat.clock.advance(10 * 60_000);
    const view = await seat.contact();
    expect(view.verification).toMatchObject({ level: 2, strictUntilMs: null });
    expect(Object.keys(view.revealed)).toEqual(['lastBill']);
    expect(value(await attempt('servicePassword', '135790')).level).toBe(3);
  });

  it('security 49/50: central’s level counts, and a field of unknown class is strict', async () => {
    central.revealLevel = 2;
    central.revealFields['surprise'] = 'secret';
    value(await attempt('servicePassword', '135790'));
    await vi.waitFor(async () => {
      expect((await seat.contact()).revealed).toEqual({ lastBill: '128.50' });
    });
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
      factors: [{ factor: 'servicePassword', failures: 1, status: 'open' }],
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
