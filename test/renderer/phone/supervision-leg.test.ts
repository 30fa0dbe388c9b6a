import { beforeEach, describe, expect, it } from 'vitest';
import { createFakePhone } from '../../../renderer/phone/fake-phone.ts';
import type { FakeFarEnd } from '../../../renderer/phone/fake-far.ts';
import type { Phone } from '../../../renderer/phone/phone.ts';
import { followSupervision } from '../../../renderer/phone/supervision-leg.ts';
import { AgentId, ContactId, SeatId, SupervisionId, uuidv7 } from '../../../shared/ids.ts';
import type { OwnSupervision, SupervisionMode, TakenCall } from '../../../shared/supervision.ts';
import { createManualClock, type ManualClock } from './lab/manual-clock.ts';

const id = SupervisionId.parse('01900000-0000-7000-8000-000000000001');
const about = { id, agentId: AgentId.parse('A1001'), agentName: '', sinceMs: 0 } as const;
const asking = (mode: SupervisionMode): OwnSupervision => ({ kind: 'asking', ...about, mode });
const on = (mode: SupervisionMode): OwnSupervision => ({ kind: 'on', ...about, mode, contactId: null });

let clock: ManualClock;
let phone: Phone;
let far: FakeFarEnd;
let tell: (own: OwnSupervision) => void;
let serial = 0;

beforeEach(async () => {
  clock = createManualClock();
  const newId = (): string => uuidv7(clock.nowMs(), new Uint8Array(10).fill((serial += 1)));
  ({ phone, far } = createFakePhone({ clock, newId }));
  const account = { server: '', domain: '', user: '1012', password: '', expiresAtMs: 1e15, iceServers: [] };
  phone.start({ credentials: account, seatId: SeatId.parse('01900000-0000-7000-8000-0000000000ff') });
  tell = followSupervision(phone);
  await clock.advance(100);
});

const leg = () => phone.state().calls.find((call) => call.state.kind !== 'ended')?.state;
const microphone = () => {
  const state = leg();
  return state?.kind === 'talking' ? state.microphone : state?.kind;
};

describe('a lead’s telephone (security 75)', () => {
  it('takes the call it was told of by itself, muted while the lead only listens, and follows the mode', async () => {
    tell(asking('listen'));
    expect(far.call({ number: '1001', supervision: id })).toBe(180);
    await clock.advance(200);
    expect(microphone()).toBe('muted');
    tell(on('listen'));
    expect(microphone()).toBe('muted');
    tell(on('whisper'));
    expect(microphone()).toBe('open');
    const call = phone.state().calls[0];
    if (call === undefined) throw new Error('no call');
    // Muted by hand it stays so until the mode is another one.
    phone.mute(call.id, true);
    tell(on('barge'));
    expect(microphone()).toBe('muted');
    tell(on('listen'));
    tell(on('whisper'));
    expect(microphone()).toBe('open');
  });

  it('refuses such a call when nobody asked for it, when another was asked for, and when it is over', async () => {
    expect(far.call({ number: '1001', supervision: id })).toBe(403);
    tell(asking('listen'));
    expect(far.call({ number: '1001', supervision: '01900000-0000-7000-8000-000000000009' })).toBe(403);
    tell({ kind: 'none' });
    expect(far.call({ number: '1001', supervision: id })).toBe(403);
    expect(phone.state().calls).toEqual([]);
  });

  it('R35 after a take-over the leg is the customer’s call: open, and hung up by nobody when the session is over', async () => {
    tell(asking('listen'));
    far.call({ number: '1001', supervision: id });
    await clock.advance(200);
    tell(on('listen'));
    const before = phone.state().calls[0];
    const taken: TakenCall = {
      exchangeId: ContactId.parse('01900000-0000-7000-8000-000000000005'),
      direction: 'inbound',
      number: '+8613800000001',
      queue: 'service',
      customerId: null,
      topicId: null,
    };
    tell({ ...about, kind: 'on', mode: 'takeOver', contactId: taken.exchangeId, taken });
    const { number, queue, exchangeId } = taken;
    expect(phone.state().calls[0]).toMatchObject({ id: before?.id, number, queue, exchangeId });
    expect(phone.state().calls[0]?.aside).toBeUndefined();
    expect(microphone()).toBe('open');
    tell({ kind: 'none' });
    await clock.advance(100);
    expect(leg()).toMatchObject({ kind: 'talking' });
  });

  it('hangs up when the lead has stopped, also a leg that was answered a moment too late', async () => {
    tell(asking('listen'));
    far.call({ number: '1001', supervision: id });
    await clock.advance(200);
    tell(on('listen'));
    tell({ kind: 'none' });
    await clock.advance(100);
    expect(leg()).toBeUndefined();
    tell(asking('listen'));
    far.call({ number: '1001', supervision: id });
    tell({ kind: 'none' });
    await clock.advance(200);
    expect(leg()).toBeUndefined();
  });
});
