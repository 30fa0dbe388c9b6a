import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FakeCentral } from '../fake-central.ts';
import { startFakeCentral } from '../fake-central.ts';
import type { SeatUnderTest } from '../harness.ts';
import { ended, endSeats, inbound, readySeat, startSeat, talking, value } from '../harness.ts';
import type { ManualClock } from '../manual-clock.ts';
import { manualClock } from '../manual-clock.ts';
import { customer, feedOf } from '../sample.ts';

/** Time that passes by hand, and a wall clock that can be put forward and back beside it. */
type JumpyClock = ManualClock & { jump(ms: number): void };

const jumpyClock = (): JumpyClock => {
  const passing = manualClock();
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

let central: FakeCentral;
let clock: JumpyClock;
let seat: SeatUnderTest;

beforeEach(async () => {
  central = await startFakeCentral(feedOf([customer('c-li')]));
  clock = jumpyClock();
  seat = await readySeat(central.url, { clock });
});
afterEach(async () => {
  await endSeats();
  await central.close();
});

const inWrapUp = async () => {
  const call = inbound('13800138000');
  await seat.report(call);
  await seat.report(talking(call));
  await seat.report(ended(call));
  return call.contactId;
};

describe('the wrap-up timer and the wall clock (security 88)', () => {
  it.each([-262_000, 262_000, -86_400_000, 86_400_000])(
    'R28 a clock that jumps by %d ms neither stops the timer nor makes it longer',
    async (jump) => {
      await inWrapUp();
      seat.clock.advance(60_000);
      clock.jump(jump);
      seat.clock.advance(59_000);
      expect((await seat.snapshot()).agent.kind).toBe('wrapUp');
      seat.clock.advance(1_001);
      expect((await seat.snapshot()).agent.kind).toBe('ready');
    },
  );

  it('R28 also after a restart on a clock that was put back the wrap-up takes no longer than it may', async () => {
    await inWrapUp();
    await seat.engine.close();
    clock.jump(-86_400_000);
    const { profileDir, key } = seat;
    const after = startSeat(central.url, { clock, profileDir, storeKey: { key, kept: 'keyFile' } });
    expect((await after.snapshot()).agent.kind).toBe('wrapUp');
    clock.advance(120_001);
    expect((await after.snapshot()).agent.kind).not.toBe('wrapUp');
  });
});

describe('R28 outcomes found by typing', () => {
  it('come with how they are spoken, and after a call, a restart included, with what the agent chose last', async () => {
    const contactId = await inWrapUp();
    const { finding } = await seat.contact();
    expect(finding.spoken['已解决']).toEqual(['yijiejue', 'yjj']);
    expect(finding.recent).toEqual([]);
    value(await seat.desk.call('contact.wrapUp', { contactId, note: '', disposition: ['solved', 'told'] }));
    await inWrapUp();
    expect((await seat.contact()).finding.recent).toEqual([['solved', 'told']]);
    await seat.engine.close();
    const { profileDir, key } = seat;
    const after = startSeat(central.url, { clock, profileDir, storeKey: { key, kept: 'keyFile' } });
    expect((await after.contact()).finding.recent).toEqual([['solved', 'told']]);
  });

  it('what the timer chose is nobody’s choice', async () => {
    await inWrapUp();
    seat.clock.advance(120_001);
    expect((await seat.snapshot()).agent.kind).toBe('ready');
    await inWrapUp();
    expect((await seat.contact()).finding.recent).toEqual([]);
  });
});

describe('what an agent writes', () => {
  it('is kept at the seat as central keeps it, NUL and halves of characters left out', async () => {
    const contactId = await inWrapUp();
    const typed = { contactId, note: '空\0字 \ud800 😀' };
    value(await seat.desk.call('draft.save', { ...typed, disposition: [] }));
    expect((await seat.contact()).draft.note).toBe('空字 \ufffd 😀');
    value(await seat.desk.call('contact.wrapUp', { ...typed, disposition: ['other'] }));
    await seat.synced();
    expect(central.contacts.get(contactId)?.note).toBe('空字 \ufffd 😀');
  });
});
