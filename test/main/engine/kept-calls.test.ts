import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Call } from '../../../shared/call.ts';
import type { KeptCall } from '../../../shared/phone.ts';
import type { FakeCentral } from '../fake-central.ts';
import { startFakeCentral } from '../fake-central.ts';
import type { SeatUnderTest } from '../harness.ts';
import { ended, endSeats, inbound, readySeat, startSeat, talking, uuid, value } from '../harness.ts';
import { customer, feedOf } from '../sample.ts';

// PHONE-10, at the engine: what the next phone page is told of the calls of one that died.

let central: FakeCentral;
let seat: SeatUnderTest;

beforeEach(async () => {
  central = await startFakeCentral(feedOf([customer('c-li')]));
  seat = await readySeat(central.url);
});
afterEach(async () => {
  await endSeats();
  await central.close();
});

const kept = (call: Call): KeptCall => ({
  call,
  dialog: { sipCallId: `${call.id}@seat`, localTag: 'here', remoteTag: 'there' },
});
const inCall = async (): Promise<Call> => {
  const ringing = inbound('13800138000');
  await seat.report(ringing);
  const call = talking(ringing);
  await seat.report(call);
  value(await seat.phone.call('phone.keep', { calls: [kept(call)] }));
  return call;
};
const asked = async (at: SeatUnderTest): Promise<readonly KeptCall[]> =>
  value(await at.phone.call('phone.kept', {})).calls;

describe('PHONE-10 calls kept for the next phone page', () => {
  it('the call in hand, talking without sound, with the dialog it is taken over by', async () => {
    const call = await inCall();
    seat.phone.close();
    const next = seat.window('phone', { windowId: 'second' });
    expect(value(await next.call('phone.kept', {})).calls).toEqual([
      { ...kept(call), call: { ...call, state: { ...call.state, media: 'lost' } } },
    ]);
  });

  it('also after a restart of the whole program, on the disk of the seat', async () => {
    const call = await inCall();
    await seat.engine.close();
    const key = { key: seat.key, kept: 'keyFile' as const };
    const after = startSeat(central.url, { profileDir: seat.profileDir, storeKey: key, clock: seat.clock });
    const calls = await asked(after);
    expect(calls.map(({ call: { id, contactId } }) => ({ id, contactId }))).toEqual([
      { id: call.id, contactId: call.contactId },
    ]);
    await after.report(...calls.map((each) => each.call));
    expect((await after.snapshot()).agent).toMatchObject({ kind: 'onCall', contactId: call.contactId });
  });

  it('KEPT-1 nothing of a call that is over, nor of somebody else', async () => {
    const call = await inCall();
    value(await seat.phone.call('phone.keep', { calls: [kept(call), kept(talking(inbound('13900139000')))] }));
    expect((await asked(seat)).map((each) => each.call.id)).toEqual([call.id]);
    await seat.report(ended(call));
    expect(await asked(seat)).toEqual([]);
  });

  it('KEPT-2 the customer first; who was held, or could hear the agent only with another, stays on hold', async () => {
    const call = await inCall();
    const consult: Call = {
      ...talking(inbound('1002', { id: uuid() })),
      direction: 'outbound',
      aside: { kind: 'consult', of: call.id },
    };
    const state = { sinceMs: 2, media: 'flowing', microphone: 'muted' } as const;
    const held: Call = { ...call, state: { kind: 'talking', ...state, hold: { kind: 'resuming', sinceMs: 9 } } };
    value(await seat.phone.call('phone.keep', { calls: [kept(consult), kept(held)] }));
    const [first, second] = await asked(seat);
    expect(first?.call).toMatchObject({
      id: call.id,
      state: { hold: { kind: 'held', sinceMs: 9 }, microphone: 'muted' },
    });
    expect(second?.call).toMatchObject({ id: consult.id, state: { hold: { kind: 'none' } } });
    const merged: Call = {
      ...call,
      state: {
        kind: 'talking',
        ...state,
        hold: { kind: 'none' },
        merged: true,
        transfer: { kind: 'asked', sinceMs: 3 },
      },
    };
    value(await seat.phone.call('phone.keep', { calls: [kept(merged)] }));
    const [alone] = await asked(seat);
    expect(alone?.call.state).toEqual({ kind: 'talking', ...state, media: 'lost', hold: { kind: 'held', sinceMs: 2 } });
  });
});
