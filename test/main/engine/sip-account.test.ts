import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FakeCentral } from '../fake-central.ts';
import { startFakeCentral } from '../fake-central.ts';
import type { SeatUnderTest } from '../harness.ts';
import { endSeats, phoneWith, refusalOf, startSeat, value } from '../harness.ts';
import { feedOf } from '../sample.ts';

let central: FakeCentral;
let seat: SeatUnderTest;
const ttlMs = 3_600_000;

beforeEach(async () => {
  central = await startFakeCentral(feedOf([]));
  // Central's clock is a day behind the seat's.
  central.ice = (asked) => ({
    iceServers: [{ urls: 'turn:relay.example:3478', username: `u${asked}`, credential: `c${asked}` }],
    iceExpiresAtMs: seat.clock.nowMs() - 86_400_000 + ttlMs,
    iceTtlMs: ttlMs,
  });
  seat = startSeat(central.url);
  await seat.signIn();
});
afterEach(async () => {
  await endSeats();
  await central.close();
});

const credentials = async () => value(await seat.phone.call('phone.credentials', {}));
const asked = (): number => central.asked.filter((route) => route === 'sipAccount').length;

describe('the account the phone is given', () => {
  it('ICE-3 counts the life of TURN credentials by the seat’s own clock', async () => {
    expect(await credentials()).toMatchObject({ iceExpiresAtMs: seat.clock.nowMs() + ttlMs });
    expect(asked()).toBe(0);
  });

  it('ICE-2 is renewed at central when three quarters of its life are over, once for all who ask', async () => {
    seat.clock.advance(0.75 * ttlMs - 1);
    expect((await credentials())?.iceServers[0]?.username).toBe('u0');
    seat.clock.advance(1);
    const both = await Promise.all([credentials(), credentials()]);
    expect(both.map((sip) => sip?.iceServers[0]?.username)).toEqual(['u1', 'u1']);
    expect(both[0]).toMatchObject({ user: '8001', iceExpiresAtMs: seat.clock.nowMs() + ttlMs });
    expect(asked()).toBe(1);
  });

  it('stays as it is while central cannot be reached, and nothing of it is logged', async () => {
    seat.clock.advance(0.8 * ttlMs);
    central.fault = 'loseReply';
    expect((await credentials())?.iceServers[0]?.username).toBe('u0');
    central.fault = 'none';
    expect((await credentials())?.iceServers[0]?.username).toBe('u2');
    const lines = JSON.stringify(seat.log.lines);
    for (const hidden of ['c0', 'c1', 'c2', 'sip-secret']) expect(lines).not.toContain(`"${hidden}"`);
    expect(lines).toContain('SIP account not renewed');
  });
});

describe('a seat that may only be relayed', () => {
  it.each(['refused', 'unreachable'] as const)('is not Ready while its relay is %s', async (relay) => {
    const state = phoneWith();
    value(await seat.phone.call('phone.report', { ...state, relay }));
    const reason = relay === 'refused' ? 'relayRefused' : 'relayUnreachable';
    expect(refusalOf(await seat.desk.call('agent.ready', {}))).toEqual({ kind: 'phone', reason });
    value(await seat.phone.call('phone.report', { ...state, relay: 'ready' }));
    value(await seat.desk.call('agent.ready', {}));
  });
});
