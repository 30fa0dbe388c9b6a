import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { FakeCentral } from '../fake-central.ts';
import { startFakeCentral } from '../fake-central.ts';
import type { SeatUnderTest } from '../harness.ts';
import { ended, endSeats, inbound, phoneWith, startSeat, talking, value } from '../harness.ts';
import { customer, feedOf } from '../sample.ts';

// The agent signed in at another seat: what this one does about it.

let central: FakeCentral;
let seat: SeatUnderTest;

beforeEach(async () => {
  central = await startFakeCentral(feedOf([customer('c-li')]));
  seat = startSeat(central.url);
  await seat.signIn();
  await seat.synced();
  await vi.waitFor(() => expect(central.liveCount).toBe(1));
});
afterEach(async () => {
  await endSeats();
  await central.close();
});

const oust = (): void => central.say({ t: 'bye', kind: 'conflict' });
const session = async () => (await seat.snapshot()).session;

describe('signed in at another seat', () => {
  it('this seat signs out and says why, until somebody signs in here again', async () => {
    oust();
    await vi.waitFor(async () => expect(await session()).toMatchObject({ kind: 'signedOut', ended: 'elsewhere' }));
    await seat.signIn();
    expect((await session()).kind).toBe('signedIn');
    value(await seat.desk.call('session.signOut', {}));
    expect(await session()).not.toHaveProperty('ended');
  });

  it('a contact in hand is finished first, and nothing of it is lost', async () => {
    value(await seat.desk.call('agent.ready', {}));
    const call = inbound('13800138000');
    await seat.report(call);
    await seat.report(talking(call));
    await seat.report(ended(call));
    const { contactId } = call;
    value(await seat.desk.call('draft.save', { contactId, note: '草稿', disposition: [] }));
    oust();
    await vi.waitFor(() => expect(seat.log.lines.map(({ what }) => what)).toContain('signed in at another seat'));
    expect((await seat.contact()).draft.note).toBe('草稿');
    value(await seat.desk.call('contact.wrapUp', { contactId, note: '写完', disposition: ['other'] }));
    expect(await session()).toMatchObject({ kind: 'signedOut', ended: 'elsewhere' });
    await seat.signIn();
    await seat.synced();
    expect(central.contacts.get(contactId)).toMatchObject({ note: '写完', disposition: ['other'] });
  });

  it('a good-bye for any other reason is no other seat', async () => {
    central.say({ t: 'bye', kind: 'unauthorised' });
    await vi.waitFor(() => expect(central.liveCount).toBe(0));
    value(await seat.phone.call('phone.report', phoneWith()));
    expect((await session()).kind).toBe('signedIn');
  });
});
