import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { FakeCentral } from '../fake-central.ts';
import { startFakeCentral } from '../fake-central.ts';
import { endSeats, inbound, readySeat, refusalOf, startSeat, talking, value } from '../harness.ts';
import { customer, feedOf } from '../sample.ts';

let central: FakeCentral;
const li = customer('c-li');

beforeEach(async () => {
  central = await startFakeCentral(feedOf([li]));
});
afterEach(async () => {
  await endSeats();
  await central.close();
});

describe('R7 at the seat', () => {
  it('a field is kept masked with who said it, in which call; what cannot be right is refused and changes nothing', async () => {
    const seat = await readySeat(central.url);
    const call = inbound('13800138000');
    const { contactId } = call;
    await seat.report(call);
    await seat.report(talking(call));
    const no = await seat.desk.call('customer.setField', { contactId, key: 'email', value: 'li at example' });
    expect(refusalOf(no)).toEqual({ kind: 'invalid', reason: 'fieldEmail' });
    value(await seat.desk.call('customer.setField', { contactId, key: 'email', value: ' li@example.invalid ' }));
    await seat.synced();
    const { match } = await seat.contact();
    const fields = match.kind === 'one' ? match.customer.fields.filter(({ key }) => key === 'email') : [];
    expect(fields).toMatchObject([{ class: 3, shown: '********id', from: { contactId } }]);
    const sent = central.applied.flatMap(({ body }) => (body.name === 'customer.fieldSet' ? [body.value] : []));
    expect(sent).toEqual(['li@example.invalid']);
  });
});

describe('the age of what a seat shows', () => {
  it('counts from the last time central told everything, also after a restart off line', async () => {
    const profileDir = mkdtempSync(join(tmpdir(), 'zuoxi-age-'));
    const storeKey = { key: randomBytes(32), kept: 'keyFile' as const };
    const first = startSeat(central.url, { profileDir, storeKey });
    expect((await first.snapshot()).asOfMs).toBeNull();
    await first.signIn();
    await first.synced();
    const knownMs = first.clock.nowMs();
    expect((await first.snapshot()).asOfMs).toBe(knownMs);
    // The next round's timer is set a moment after the state says that the last one is over.
    await vi.waitFor(async () => {
      first.clock.advance(20_000);
      expect((await first.snapshot()).asOfMs).toBeGreaterThan(knownMs);
    });
    await first.synced();
    const { asOfMs } = await first.snapshot();
    await first.engine.close();
    central.fault = 'down';
    const again = startSeat(central.url, { profileDir, storeKey, clock: first.clock });
    first.clock.advance(3_600_000);
    expect((await again.snapshot()).asOfMs).toBe(asOfMs);
  });
});
