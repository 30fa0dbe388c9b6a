import { beforeEach, describe, expect, it } from 'vitest';
import { createFakeHeadset, type FakeHeadset } from '../../../renderer/phone/fake-headset.ts';
import { createFakePhone, type FakePhone } from '../../../renderer/phone/fake-phone.ts';
import { type HeadsetLink, linkHeadset } from '../../../renderer/phone/headset.ts';
import { createHidPort } from '../../../renderer/phone/headset-hid.ts';
import type { ButtonPress } from '../../../renderer/phone/headset-port.ts';
import type { Call, CallState } from '../../../shared/call.ts';
import { SeatId } from '../../../shared/ids.ts';
import { createManualClock, type ManualClock } from './lab/manual-clock.ts';
import { absoluteMute, arrayButtons, createSimulatedHid, relativeMute } from './lab/simulated-hid.ts';

let clock: ManualClock;
let fake: FakePhone;
let headset: FakeHeadset;
let link: HeadsetLink;
let serial = 0;

const account = {
  seatId: SeatId.parse('0190a0b0-c0d0-7000-8000-0123456789ab'),
  credentials: { server: 'ws://pbx', domain: 'pbx', user: '1001', password: 'x', expiresAtMs: 0, iceServers: [] },
};
const newId = (): string => `0190a0b0-c0d0-7000-8000-${String((serial += 1)).padStart(12, '0')}`;
const first = (): Call | undefined => fake.phone.state().calls[0];
const state = (): CallState | undefined => first()?.state;
const microphone = (): string | undefined => {
  const now = state();
  return now?.kind === 'talking' ? now.microphone : undefined;
};

const openPhone = async (): Promise<void> => {
  clock = createManualClock();
  fake = createFakePhone({ clock, newId });
  fake.phone.start(account);
  await clock.advance(100);
  fake.phone.setAvailable(true);
};
const open = async (mute: ButtonPress['kind'] = 'toggle', hook: ButtonPress['kind'] = 'state'): Promise<void> => {
  await openPhone();
  headset = createFakeHeadset({ mute, hook });
  link = linkHeadset({ port: headset.port, phone: fake.phone, clock });
  expect(await link.connect()).toMatchObject({ ok: true });
};
const ring = async (): Promise<void> => {
  fake.far.call();
  await clock.advance(10);
};
const talk = async (): Promise<void> => {
  await ring();
  headset.press('hook');
  await clock.advance(2_000);
};

beforeEach(() => open());

describe('the hook of a headset', () => {
  it('answers and hangs up, and the lights follow', async () => {
    await ring();
    expect(headset.lights()).toEqual({ offHook: false, ring: true, mute: false, hold: false });
    headset.press('hook');
    await clock.advance(2_000);
    expect(state()?.kind).toBe('talking');
    expect(headset.lights()).toEqual({ offHook: true, ring: false, mute: false, hold: false });
    headset.press('hook');
    await clock.advance(10);
    expect(state()).toMatchObject({ kind: 'ended', cause: 'agentHungUp' });
    expect(headset.lights()).toEqual({ offHook: false, ring: false, mute: false, hold: false });
  });

  it('HOOK-2 what the desk did comes back as an echo and means nothing', async () => {
    await ring();
    const call = first();
    if (call === undefined) throw new Error('no call');
    await fake.phone.answer(call.id);
    await clock.advance(5_000);
    expect(state()?.kind).toBe('talking');
    fake.phone.hangUp(call.id);
    await ring();
    // The echo of going on-hook has come; the caller still rings.
    expect(state()?.kind).toBe('ringing');
  });

  it('a toggle does as well', async () => {
    await open('toggle', 'toggle');
    await talk();
    expect(state()?.kind).toBe('talking');
    headset.press('hook');
    expect(state()?.kind).toBe('ended');
  });

  it('HOOK-1 put away while the customer is held, the call stays; taken up again it is resumed', async () => {
    await talk();
    const call = first();
    if (call === undefined) throw new Error('no call');
    fake.phone.hold(call.id, true);
    await clock.advance(2_000);
    expect(headset.lights()).toMatchObject({ hold: true, offHook: true });
    headset.press('hook');
    await clock.advance(2_000);
    expect(state()).toMatchObject({ kind: 'talking', hold: { kind: 'held' } });
    headset.press('hook');
    await clock.advance(2_000);
    expect(state()).toMatchObject({ kind: 'talking', hold: { kind: 'none' } });
  });
});

describe('mute that cannot disagree', () => {
  it.each(['toggle', 'state'] as const)('headset (%s) and desk mute one microphone, shown once', async (kind) => {
    await open(kind);
    await talk();
    const call = first();
    if (call === undefined) throw new Error('no call');
    headset.press('mute');
    expect(microphone()).toBe('muted');
    expect(headset.lights().mute).toBe(true);
    expect(link.mute().kind).toBe('muted');
    fake.phone.mute(call.id, false);
    expect(microphone()).toBe('open');
    expect(headset.lights().mute).toBe(false);
    expect(link.mute()).toEqual({ kind: 'open' });
    // And again: neither side is out of step.
    headset.press('mute');
    expect(microphone()).toBe('muted');
    headset.press('mute');
    expect([microphone(), link.mute().kind, headset.lights().mute]).toEqual(['open', 'open', false]);
  });

  it('MUTE-4 pulled out while muted it stays muted; plugged in again its lights show it', async () => {
    await talk();
    headset.press('mute');
    headset.unplug();
    await clock.advance(10);
    expect([microphone(), link.view().kind]).toEqual(['muted', 'away']);
    expect(state()?.kind).toBe('talking');
    headset.plug();
    await clock.advance(10);
    expect(link.view()).toMatchObject({ kind: 'connected' });
    expect(headset.lights()).toEqual({ offHook: true, ring: false, mute: true, hold: false });
    headset.press('mute');
    expect(microphone()).toBe('open');
  });

  it('MUTE-6 a call begins open, unless the headset says that it is muted', async () => {
    await open('state');
    headset.press('mute');
    await talk();
    expect(microphone()).toBe('muted');
    expect(link.mute()).toEqual({ kind: 'muted', by: 'headset' });
    headset.press('hook');
    await clock.advance(2_000);
    await talk();
    expect(microphone()).toBe('open');
  });

  it('MUTE-2 a toggle between calls means nothing', async () => {
    headset.press('mute');
    await talk();
    expect(microphone()).toBe('open');
  });

  it('a muted call that is held and taken back is muted still', async () => {
    await talk();
    headset.press('mute');
    const call = first();
    if (call === undefined) throw new Error('no call');
    fake.phone.hold(call.id, true);
    await clock.advance(2_000);
    expect(headset.lights().mute).toBe(false);
    fake.phone.hold(call.id, false);
    await clock.advance(2_000);
    expect([microphone(), headset.lights().mute, link.mute().kind]).toEqual(['muted', true, 'muted']);
  });
});

describe('a headset over WebHID', () => {
  it.each([
    ['relative mute', relativeMute],
    ['absolute mute', absoluteMute],
    ['buttons in an array', arrayButtons],
  ] as const)('%s: known again without a question; a whole call by its buttons', async (_name, model) => {
    await openPhone();
    const simulated = createSimulatedHid(model);
    simulated.plug();
    simulated.permit();
    link = linkHeadset({ port: createHidPort(simulated.hid), phone: fake.phone, clock });
    await clock.advance(10);
    expect(link.view()).toMatchObject({ kind: 'connected', hook: true, mute: true });
    await ring();
    simulated.press('hook');
    await clock.advance(2_000);
    expect(state()?.kind).toBe('talking');
    for (const wanted of ['muted', 'open', 'muted']) {
      simulated.press('mute');
      await clock.advance(10);
      expect([microphone(), link.mute().kind]).toEqual([wanted, wanted]);
    }
    const call = first();
    if (call === undefined) throw new Error('no call');
    fake.phone.mute(call.id, false);
    await clock.advance(10);
    fake.phone.mute(call.id, true);
    await clock.advance(10);
    simulated.press('mute');
    await clock.advance(10);
    expect(microphone()).toBe('open');
    simulated.unplug();
    await clock.advance(10);
    expect([state()?.kind, link.view().kind]).toEqual(['talking', 'away']);
    simulated.plug();
    await clock.advance(10);
    expect(link.view().kind).toBe('connected');
    expect(simulated.received().length).toBeGreaterThan(0);
    await clock.advance(2_000);
    simulated.press('hook');
    await clock.advance(10);
    expect(state()?.kind).toBe('ended');
  });

  it('without WebHID, or without a headset, connecting says why', async () => {
    const without = linkHeadset({ port: createHidPort(undefined), phone: fake.phone, clock });
    expect(without.view()).toEqual({ kind: 'unsupported' });
    expect(await without.connect()).toMatchObject({ ok: false, error: { reason: 'headsetUnsupported' } });
    const none = linkHeadset({ port: createFakeHeadset({ isPlugged: false }).port, phone: fake.phone, clock });
    expect(await none.connect()).toMatchObject({ ok: false, error: { reason: 'headsetNone' } });
  });
});
