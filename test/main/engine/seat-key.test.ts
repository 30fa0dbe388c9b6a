import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { firstRow, rows, statement } from '../../../central/db.ts';
import { readMeta } from '../../../main/engine/store/meta.ts';
import { openStore } from '../../../main/engine/store/open-store.ts';
import type { OpenedDatabase, Rig } from '../../central/fixture.ts';
import { clean, openTestDatabase, passwords, putAgents, putCustomers, startRig } from '../../central/fixture.ts';
import type { SeatUnderTest } from '../harness.ts';
import { ended, endSeats, inbound, memoryLog, startSeat, talking, value } from '../harness.ts';
import { manualClock } from '../manual-clock.ts';

// Security 47: the engine as both hosts run it, with the real central. Its clock is by hand and hours away from central's.

let opened: OpenedDatabase;
let rig: Rig;
let url: string;
beforeAll(async () => {
  opened = await openTestDatabase('pglite');
  await putAgents(opened.database);
}, 120_000);
beforeEach(async () => {
  await clean(opened.database);
  await putCustomers(opened.database, 2);
  // No seat without a key comes in.
  rig = await startRig(opened.database, { lowestProtocol: 2 });
  url = await rig.central.listen({ port: 0 });
});
afterEach(async () => {
  await endSeats();
  await rig.close();
});
afterAll(() => opened.close());

const signIn = async (seat: SeatUnderTest): Promise<void> => {
  const account = { agentNumber: '1001', password: passwords['1001'] };
  value(await seat.desk.call('session.signIn', { ...account, takeOver: true }));
  await seat.synced();
};
const keyAtCentral = async (seat: SeatUnderTest): Promise<string | null | undefined> =>
  (
    await firstRow(
      opened.database.db,
      statement<{ key: string | null }>`
        select session.seat_key as key from session join seat on seat.key = session.seat_key
        where session.seat_id = ${seat.engine.seatId} and session.ended_at_ms is null`,
    )
  )?.key;
const refusedProofs = async () => rows(opened.database.db, statement`select 1 as one from audit where kind = 'seat'`);

describe('security 47 the key of a seat', () => {
  it('is made at the first sign-in, kept in the encrypted store, and the same after a restart', async () => {
    const seat = startSeat(url);
    await signIn(seat);
    const key = await keyAtCentral(seat);
    expect(key).toMatch(/^[\w-]{43}$/);
    await seat.engine.close();
    const { profileDir } = seat;
    const storeKey = { key: seat.key, kept: 'keyFile' as const };
    const store = openStore(profileDir, storeKey, manualClock(), memoryLog());
    expect(readMeta(store.read, 'seatKey')).toMatch(/^[\w-]{43}$/);
    store.close();
    const again = startSeat(url, { profileDir, storeKey });
    await signIn(again);
    expect(await keyAtCentral(again)).toBe(key);
    expect(await refusedProofs()).toEqual([]);
  }, 60_000);

  it('of a seat that keeps nothing on the disk lives as long as its engine', async () => {
    const storeKey = { key: randomBytes(32), kept: 'memory' as const };
    const seat = startSeat(url, { storeKey });
    await signIn(seat);
    const key = await keyAtCentral(seat);
    expect(key).toMatch(/^[\w-]{43}$/);
    await seat.engine.close();
    const next = startSeat(url, { storeKey });
    await signIn(next);
    expect([key, null, undefined]).not.toContain(await keyAtCentral(next));
  }, 60_000);

  it('serves on when the clock of the machine is set by a day, forth and back: work and live line', async () => {
    const running = manualClock();
    let setByMs = 0;
    const clock = { ...running, nowMs: () => running.nowMs() + setByMs };
    const seat = startSeat(url, { clock });
    await signIn(seat);
    for (const hours of [24, -24, 0]) {
      setByMs = hours * 3_600_000;
      const call = inbound('13800000001');
      await seat.report(call);
      await seat.report(talking(call));
      await seat.report(ended(call));
      value(
        await seat.desk.call('contact.wrapUp', {
          contactId: call.contactId,
          note: '好',
          disposition: ['answered', 'bill', 'explained'],
        }),
      );
      await seat.synced();
    }
    await vi.waitFor(
      async () => {
        running.advance(1_000);
        const { body } = await rig.central.app.inject({ url: '/metrics' });
        expect(body).toContain('zuoxi_live_seats 1');
      },
      { timeout: 15_000 },
    );
    expect(await refusedProofs()).toEqual([]);
  }, 60_000);
});
