import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { keepingOf, passed } from '../../../shared/keeping.ts';
import { defaultPolicy } from '../../../shared/policy.ts';
import type { FakeCentral } from '../fake-central.ts';
import { startFakeCentral } from '../fake-central.ts';
import type { SeatUnderTest } from '../harness.ts';
import {
  customersFound,
  ended,
  endSeats,
  inbound,
  passUntil,
  readySeat,
  refusalOf,
  startSeat,
  talking,
  value,
} from '../harness.ts';
import type { ManualClock } from '../manual-clock.ts';
import { manualClock } from '../manual-clock.ts';
import { logSizes, plainBytes } from '../plain-bytes.ts';
import { customer, feedOf } from '../sample.ts';

const hour = 3_600_000;
const minute = 60_000;
/** Planted in a customer's row and in a note. */
const surname = '慕容示例珂';
const note = '备注示例砚台';
let central: FakeCentral;
beforeEach(async () => {
  central = await startFakeCentral(feedOf([customer('c-li', { surname })]));
});
afterEach(async () => {
  await endSeats();
  await central.close();
});

type BentClock = ManualClock & { jump(ms: number): void };
/** Timers keep to durations; the wall clock can be put forward and back. */
const bentClock = (startMs?: number): BentClock => {
  const passing = manualClock(startMs);
  let off = 0;
  return {
    nowMs: () => passing.nowMs() + off,
    after: (ms, then) => passing.after(ms, then),
    advance: (ms) => passing.advance(ms),
    jump: (ms) => void (off += ms),
    get waiting() {
      return passing.waiting;
    },
  };
};

const working = async (clock: ManualClock = manualClock()): Promise<SeatUnderTest> => {
  const seat = await readySeat(central.url, { clock });
  await seat.synced();
  return seat;
};
const session = async (seat: SeatUnderTest) => (await seat.snapshot()).session;
const away = { kind: 'signedOut', ended: 'away' };
const wrapUp = async (seat: SeatUnderTest): Promise<void> => {
  const call = inbound('13800138000');
  await seat.report(call);
  await seat.report(talking(call));
  await seat.report(ended(call));
  const { contact } = await seat.contact();
  value(await seat.desk.call('contact.wrapUp', { contactId: contact.id, note, disposition: ['other'] }));
};
const down = async (seat: SeatUnderTest): Promise<void> => {
  central.fault = 'down';
  // The live line stays; the next poll notices.
  await passUntil(seat.clock, 16_000, async () => {
    expect((await seat.snapshot()).sync.kind).toBe('offline');
  });
};

describe('security 33: without a word of central', () => {
  it('a shift can be worked; after eight hours nothing is shown, and central’s first word opens the seat', async () => {
    const seat = await working();
    await down(seat);
    seat.clock.advance(7 * hour + 30 * minute);
    expect((await session(seat)).kind).toBe('signedIn');
    await wrapUp(seat);
    seat.clock.advance(31 * minute);
    expect(await session(seat)).toMatchObject(away);
    const asked = await seat.desk.call('customer.search', { text: surname, where: 'seat' });
    expect(refusalOf(asked)).toMatchObject({ kind: 'locked', reason: 'seatAway', params: { hours: 8 } });
    expect(refusalOf(await seat.desk.call('directory.list', {}))).toMatchObject({ reason: 'seatAway' });
    central.fault = 'none';
    await passUntil(seat.clock, 31_000, async () => {
      expect(await session(seat)).toEqual({ kind: 'signedOut', samples: expect.any(Array) });
    });
    // What was done off line arrived without anybody signing in.
    await vi.waitFor(() => expect([...central.contacts.values()]).toMatchObject([{ note }]), 20_000);
    await seat.signIn();
    expect(await customersFound(seat, '13800138000')).toHaveLength(1);
  });

  it('a clock put back gains nothing, neither while the seat works nor over a restart', async () => {
    const clock = bentClock();
    const seat = await working(clock);
    await down(seat);
    for (let hours = 0; hours < 7; hours += 1) {
      clock.advance(hour);
      clock.jump(-hour);
    }
    expect((await session(seat)).kind).toBe('signedIn');
    await seat.engine.close();
    const again = startSeat(central.url, {
      ...{ profileDir: seat.profileDir, storeKey: { key: seat.key, kept: 'keyFile' } },
      clock: manualClock(clock.nowMs() - 24 * hour),
    });
    again.clock.advance(2 * hour);
    expect(await session(again)).toMatchObject(away);
  });

  it('a clock put forward, or a sleep, locks nobody whom central answers', async () => {
    const clock = bentClock();
    const seat = await working(clock);
    clock.jump(24 * hour);
    clock.advance(minute);
    // An answer that was applied was heard.
    const other = customer('c-wu', { numbers: [{ key: '+8613700137001', confidence: 'certain' }] });
    central.publish({ entity: 'customer', id: other.id, row: other });
    await vi.waitFor(async () => expect(await customersFound(seat, '13700137001')).toHaveLength(1), 20_000);
    clock.advance(20_000);
    expect((await session(seat)).kind).toBe('signedIn');
    await down(seat);
    clock.jump(24 * hour);
    clock.advance(minute + 16_000);
    expect(await session(seat)).toMatchObject(away);
  });

  it('a contact in hand is brought to its end first', async () => {
    const seat = await working();
    const call = inbound('13800138000');
    await seat.report(call);
    await seat.report(talking(call));
    await down(seat);
    seat.clock.advance(9 * hour);
    expect((await seat.contact()).contact.callId).toBe(call.id);
    await seat.report(ended(call));
    const { contact } = await seat.contact();
    value(await seat.desk.call('contact.wrapUp', { contactId: contact.id, note, disposition: ['other'] }));
    seat.clock.advance(minute);
    expect(await session(seat)).toMatchObject(away);
  });

  it('after three days customers are gone from every byte, at the next start at the latest; unsent work is not', async () => {
    const seat = await working();
    await down(seat);
    await wrapUp(seat);
    expect(plainBytes(seat.profileDir, seat.key).includes(surname)).toBe(true);
    await seat.engine.close();
    const clock = manualClock(seat.clock.nowMs() + 73 * hour);
    const again = startSeat(central.url, {
      ...{ profileDir: seat.profileDir, storeKey: { key: seat.key, kept: 'keyFile' }, clock },
    });
    expect(await session(again)).toMatchObject(away);
    const left = plainBytes(seat.profileDir, seat.key);
    expect(left.includes(surname)).toBe(false);
    expect(left.includes(note)).toBe(true);
    central.fault = 'none';
    await passUntil(again.clock, 31_000, () => {
      expect([...central.contacts.values()]).toMatchObject([{ note }]);
    });
  });
});

describe('security 32, R39: nobody signed in', () => {
  const gone = (seat: SeatUnderTest) => {
    const left = plainBytes(seat.profileDir, seat.key);
    return {
      surname: left.includes(surname),
      note: left.includes(note),
      logs: logSizes(seat.profileDir).map((size) => size < 20_000),
    };
  };

  it('customers and finished contacts are purged after the hours the policy says, a day at most', async () => {
    for (const [retentionHours, hours] of [
      [2, 2],
      [undefined, 24],
    ] as const) {
      central.policy = { ...defaultPolicy, ...(retentionHours === undefined ? {} : { retentionHours }) };
      const seat = await working();
      await wrapUp(seat);
      await seat.synced();
      value(await seat.desk.call('session.signOut', {}));
      seat.clock.advance(hours * hour - 2 * minute);
      expect(gone(seat)).toMatchObject({ surname: true, note: true });
      seat.clock.advance(3 * minute);
      expect(gone(seat)).toEqual({ surname: false, note: false, logs: [true, true] });
      await seat.engine.close();
    }
  });

  it('security 43: at once when the policy says so, also with no network; the next sign-in loads all again', async () => {
    central.policy = { ...defaultPolicy, retentionHours: 0 };
    const seat = await working();
    await wrapUp(seat);
    await seat.synced();
    central.fault = 'down';
    value(await seat.desk.call('session.signOut', {}));
    expect(gone(seat)).toEqual({ surname: false, note: false, logs: [true, true] });
    central.fault = 'none';
    await seat.signIn();
    await seat.synced();
    expect(await customersFound(seat, '13800138000')).toHaveLength(1);
    value(await seat.desk.call('session.signOut', {}));
    expect(gone(seat)).toMatchObject({ surname: false });
  });
});

describe('the limits', () => {
  it('served hours shorten, never lengthen', () => {
    expect(keepingOf(undefined)).toEqual({ lockMs: 8 * hour, wipeMs: 72 * hour, retentionMs: 24 * hour });
    expect(keepingOf({ offlineLockHours: 1, offlineWipeHours: 5, retentionHours: 0 })).toEqual({
      ...{ lockMs: hour, wipeMs: 5 * hour, retentionMs: 0 },
    });
    expect(keepingOf({ offlineLockHours: 9, offlineWipeHours: 100, retentionHours: 25 })).toEqual(keepingOf(undefined));
  });

  it('time is what the clock says, and never less than was waited', () => {
    expect([passed(0, 60_000, 60_000), passed(500, 0, 60_000), passed(500, 0, 0), passed(0, 90_000, 60_000)]).toEqual([
      60_000, 60_000, 0, 90_000,
    ]);
  });

  it('security 27: where the policy wants a key store, a key in a file is refused in words; in memory nothing is on the disk', async () => {
    central.policy = { ...defaultPolicy, keyStoreOnly: true };
    const refusing = startSeat(central.url);
    const asked = { agentNumber: '8001', password: 'sample-8001' };
    expect(refusalOf(await refusing.desk.call('session.signIn', asked))).toMatchObject({ reason: 'keyStoreOnly' });
    expect((await session(refusing)).kind).toBe('signedOut');
    const seat = startSeat(central.url, { storeKey: { key: randomBytes(32), kept: 'memory' } });
    await seat.signIn();
    await seat.synced();
    expect((await seat.snapshot()).store).toBe('memory');
    expect(logSizes(seat.profileDir)).toEqual([0, 0]);
  });
});
