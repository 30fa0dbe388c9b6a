import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { orderSeat } from '../../../central/seats.ts';
import { seatsCommand } from '../../../central/seats-cli.ts';
import { openSecrets } from '../../../central/secrets.ts';
import { rows, statement } from '../../../central/db.ts';
import type { BrowserSeat } from '../../../main/web/seat.ts';
import { startBrowserSeat } from '../../../main/web/seat.ts';
import { connect } from '../../../shared/rpc.ts';
import { seatContract } from '../../../shared/seat.ts';
import type { OpenedDatabase, Rig } from '../../central/fixture.ts';
import { openTestDatabase, passwords, putAgents, putCustomers, startRig } from '../../central/fixture.ts';
import { inbound, memoryLog, phoneWith, talking, value } from '../harness.ts';
import { portPair } from '../port-pair.ts';

// R39, security 34 from end to end: the real central, the browser host's seat, its profile on a disk.
let opened: OpenedDatabase;
let rig: Rig;
let folder: string;
let seat: BrowserSeat | undefined;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'zuoxi-wiped-'));
  for (const page of ['phone', 'desk']) {
    mkdirSync(join(folder, 'renderer', page), { recursive: true });
    writeFileSync(join(folder, 'renderer', page, 'index.html'), '<!doctype html>');
  }
  opened = await openTestDatabase('pglite');
  await putAgents(opened.database);
  await putCustomers(opened.database, 3);
  rig = await startRig(opened.database);
}, 120_000);
afterEach(async () => {
  await seat?.close();
  await rig.close();
  await opened.close();
  rmSync(folder, { recursive: true, force: true });
});

const profileDir = (): string => join(folder, 'profile');
const window = (of: BrowserSeat, role: 'desk' | 'phone') => {
  const [inside, outside] = portPair();
  of.engine().connect(inside, role, { windowId: 'first' });
  return connect(seatContract, outside);
};
const begin = (centralUrl: string) =>
  startBrowserSeat({
    ...{ centralUrl, pbxUrl: undefined, profileDir: profileDir(), rendererDir: join(folder, 'renderer') },
    ...{ port: 0, log: memoryLog() },
  });

describe('a seat that central wipes', () => {
  it('delivers what its agent did, destroys all it holds within a minute, is a new seat, and central has the receipt', async () => {
    const secrets = await openSecrets(opened.database.db);
    seat = await begin(await rig.central.listen({ port: 0 }));
    const desk = window(seat, 'desk');
    value(await desk.call('session.signIn', { agentNumber: '1001', password: passwords['1001'] }));
    const phone = window(seat, 'phone');
    const call = inbound('13800000001');
    value(await phone.call('phone.report', phoneWith(call)));
    value(await phone.call('phone.report', phoneWith(talking(call))));
    const { seatId } = seat.engine();
    const listed = () => seatsCommand(opened.database, secrets, { nowMs: Date.now() });
    await vi.waitFor(async () => expect(await listed()).toMatch(new RegExp(`${seatId}\\topen\\t`)), 10_000);
    const keys = () =>
      rows(opened.database.db, statement<{ id: string; key: string | null }>`select id, key from seat order by key`);
    const [{ key: before } = { key: null }] = await keys();
    expect(before).toMatch(/^[\w-]{43}$/);
    const orderedMs = performance.now();
    value(
      await orderSeat(
        opened.database.db,
        secrets,
        { seatId, kind: 'wipe', reason: 'laptop stolen', by: 'operator' },
        { id: randomUUID(), nowMs: Date.now() },
      ),
    );
    await vi.waitFor(async () => expect(await listed()).toMatch(new RegExp(`${seatId}\\twiped\\t`)), {
      timeout: 60_000,
      interval: 100,
    });
    expect(performance.now() - orderedMs).toBeLessThan(60_000);
    // Another seat on another store, with nothing of the first.
    expect(seat.engine().seatId).not.toBe(seatId);
    const after = window(seat, 'desk');
    const { session, contact } = value(await after.call('seat.snapshot', {}));
    expect({ session, contact }).toMatchObject({ session: { kind: 'signedOut', ended: 'wiped' }, contact: null });
    await vi.waitFor(() => expect(existsSync(join(profileDir(), 'wipe.json'))).toBe(false), 5_000);
    expect(readdirSync(profileDir()).filter((name) => name.includes('unsent') || name.includes('damaged'))).toEqual([]);
    const taken = await rows(
      opened.database.db,
      statement<{ name: string }>`select body ->> 'name' as name from op where seat_id = ${seatId} order by seq`,
    );
    expect(taken.map(({ name }) => name)).toEqual(expect.arrayContaining(['contact.opened', 'contact.answered']));
    value(await after.call('session.signIn', { agentNumber: '1001', password: passwords['1001'], takeOver: true }));
    // Security 47: its key went with the store, and another one is known of the seat that began.
    const [now, gone] = await keys();
    expect(gone).toEqual({ id: seatId, key: null });
    expect([undefined, null, before]).not.toContain(now?.key);
  }, 120_000);
});
