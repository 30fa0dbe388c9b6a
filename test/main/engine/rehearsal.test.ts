import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { FakeCentral } from '../fake-central.ts';
import { startFakeCentral } from '../fake-central.ts';
import type { SeatUnderTest } from '../harness.ts';
import { endSeats, inbound, startSeat } from '../harness.ts';
import { customer, feedOf } from '../sample.ts';

const known = customer('c-one');
let central: FakeCentral;
let seat: SeatUnderTest;

describe('REHEARSAL pops are read once the working set is there', () => {
  beforeEach(async () => {
    central = await startFakeCentral(feedOf([known]));
    seat = startSeat(central.url);
    await seat.signIn();
  });
  afterEach(async () => {
    await endSeats();
    await central.close();
  });
  const said = (what: string): number => seat.log.lines.filter((line) => line.what === what).length;

  it('for the agent who signed in, once; nothing is written, told or asked', async () => {
    await vi.waitFor(() => expect(said('pops rehearsed')).toBe(1));
    await seat.synced();
    const { contact, agent } = await seat.snapshot();
    expect({ contact, agent: agent.kind }).toEqual({ contact: null, agent: 'notReady' });
    expect(central.calledInAsked).toEqual([]);
    expect(central.contacts.size).toBe(0);
    seat.clock.advance(120_000);
    await seat.synced();
    expect(said('pops rehearsed')).toBe(1);
    expect(said('pop not rehearsed')).toBe(0);
  });

  it('a real caller is who they are all the same', async () => {
    await vi.waitFor(() => expect(said('pops rehearsed')).toBe(1));
    await seat.report(inbound(known.numbers[0]?.key ?? ''));
    expect((await seat.contact()).match).toMatchObject({ kind: 'one', customer: { id: known.id } });
  });

  it('a seat that is closed meanwhile reads nothing any more', async () => {
    await seat.engine.close();
    await new Promise((later) => setTimeout(later, 20));
    expect(said('pop not rehearsed')).toBe(0);
  });
});
