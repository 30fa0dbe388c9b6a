import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { noCounters } from '../../../shared/dial-counters.ts';
import { CallId } from '../../../shared/ids.ts';
import type { FakeCentral } from '../fake-central.ts';
import { startFakeCentral } from '../fake-central.ts';
import type { SeatUnderTest } from '../harness.ts';
import { endSeats, readySeat, uuid, value } from '../harness.ts';
import { customer as sampleCustomer, feedOf } from '../sample.ts';

const known = sampleCustomer('c-one');
const asked = { customerId: known.id, numberIndex: 0 };

describe('R21, R22 a marketing call of no task', () => {
  let central: FakeCentral;
  let seat: SeatUnderTest;
  beforeEach(async () => {
    central = await startFakeCentral(feedOf([known]));
    seat = await readySeat(central.url);
  });
  afterEach(async () => {
    await endSeats();
    await central.close();
  });
  const leave = (over: object = {}): string => {
    const grantId = randomUUID();
    const body = { grantId, ttlMs: 600_000, isNecessary: false, counters: noCounters, ...over };
    central.dialGrant = () => ({ status: 200, body });
    return grantId;
  };
  const dial = (what: object, purpose = 'service') =>
    seat.phone.call('dial.authorise', { callId: CallId.parse(uuid()), what, purpose } as never);
  const givenBack = (grantId: string) =>
    vi.waitFor(() =>
      expect(central.taskAsked.some(({ unused }) => unused.some((one) => one.grantId === grantId))).toBe(true),
    );

  it('asks central, dials once with its leave, and the contact carries it', async () => {
    const grantId = leave();
    expect(value(await seat.desk.call('dial.ask', asked))).toEqual({ grantId });
    expect(value(await dial({ grantId }))).toMatchObject({ dial: known.numbers[0]?.key.slice(3) });
    const { contact } = await seat.contact();
    expect(contact).toMatchObject({ customerId: known.id, grant: { id: grantId, taskId: null, treeId: null } });
    expect((await dial({ grantId })).ok).toBe(false);
  });

  it('is refused in central’s words, and without leave nobody is called for marketing', async () => {
    central.dialGrant = () => ({
      status: 422,
      body: { error: { kind: 'policy', reason: 'quietTime', params: { days: 40 } } },
    });
    expect(await seat.desk.call('dial.ask', asked)).toMatchObject({
      ok: false,
      error: { kind: 'policy', reason: 'quietTime', params: { days: 40 } },
    });
    expect(await dial(asked, 'marketing')).toMatchObject({ ok: false, error: { reason: 'dialCopyOld' } });
  });

  it('a service call-back asks nobody', async () => {
    central.dialGrant = () => {
      throw new Error('asked');
    };
    expect((await dial(asked)).ok).toBe(true);
  });

  it('leave that is over dials nobody and goes back, as does one that was asked for again', async () => {
    const first = leave({ ttlMs: 30_000 });
    value(await seat.desk.call('dial.ask', asked));
    const second = leave({ ttlMs: 30_000 });
    value(await seat.desk.call('dial.ask', asked));
    await givenBack(first);
    expect(await dial({ grantId: first })).toMatchObject({ ok: false, error: { reason: 'grantOver' } });
    seat.clock.advance(30_000);
    expect(await dial({ grantId: second })).toMatchObject({ ok: false, error: { reason: 'grantOver' } });
    await givenBack(second);
  });

  it('a necessity lifts the customer’s word for this call', async () => {
    const over = { isNecessary: true, counters: { ...noCounters, refusedAtMs: 1 } };
    const grantId = leave(over);
    value(await seat.desk.call('dial.ask', asked));
    expect((await dial({ grantId })).ok).toBe(true);
  });

  it('a customer nobody has heard of is not asked about', async () => {
    const answer = await seat.desk.call('dial.ask', { ...asked, numberIndex: 7 });
    expect(answer).toMatchObject({ ok: false, error: { reason: 'customerNumber' } });
  });
});
