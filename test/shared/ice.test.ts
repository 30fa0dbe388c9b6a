import { describe, expect, it } from 'vitest';
import { receivedAt, renewIceAtMs } from '../../shared/ice.ts';

describe('credentials of relays', () => {
  it('ICE-2 are renewed when three quarters of their time are over', () => {
    expect(renewIceAtMs({ iceExpiresAtMs: 10_000_000, iceTtlMs: 3_600_000 })).toBe(9_100_000);
    expect(renewIceAtMs({})).toBeUndefined();
  });

  it.each([-86_400_000, 0, 86_400_000])('ICE-3 are dated by the clock of the seat, wrong by %i ms', (wrongMs) => {
    const nowMs = 1_800_000_000_000;
    const sent = { iceExpiresAtMs: nowMs + 600_000, iceTtlMs: 600_000 };
    const seatNowMs = nowMs + wrongMs;
    expect(receivedAt(sent, seatNowMs).iceExpiresAtMs).toBe(seatNowMs + 600_000);
    expect(receivedAt({ iceExpiresAtMs: 5 }, seatNowMs)).toEqual({ iceExpiresAtMs: 5 });
  });
});
