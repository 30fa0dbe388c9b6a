import { beforeEach, describe, expect, it } from 'vitest';
import { createFakeHeadset } from '../../../renderer/phone/fake-headset.ts';
import { createEchoTest } from '../../../renderer/phone/echo-test.ts';
import { linkHeadset } from '../../../renderer/phone/headset.ts';
import { keepDiagnostics } from '../../../renderer/phone/diagnostics.ts';
import { createDeskServer } from '../../../renderer/phone/desk-server.ts';
import type { FakeFarEnd } from '../../../renderer/phone/fake-far.ts';
import { createFakePhone } from '../../../renderer/phone/fake-phone.ts';
import type { Phone } from '../../../renderer/phone/phone.ts';
import { keepSeatLink, type Place, type SeatLink } from '../../../renderer/phone/seat-link.ts';
import { CallId, uuidv7 } from '../../../shared/ids.ts';
import { phoneContract, type PhoneContract } from '../../../shared/phone.ts';
import { ok, refusal } from '../../../shared/result.ts';
import { type Client, connect } from '../../../shared/rpc.ts';
import { createFakeEngine, type FakeEngine, portPair, signedIn, signedOut } from './lab/fake-engine.ts';
import { createManualClock, type ManualClock } from './lab/manual-clock.ts';

let clock: ManualClock;
let engine: FakeEngine;
let phone: Phone;
let far: FakeFarEnd;
let places: Place[];
let seat: SeatLink;
let serial = 0;
const newId = (): string => uuidv7(clock.nowMs(), new Uint8Array(10).fill((serial += 1)));
const isReady = { kind: 'ready', sinceMs: 0 } as const;

beforeEach(async () => {
  clock = createManualClock();
  engine = createFakeEngine();
  ({ phone, far } = createFakePhone({ clock, newId }));
  places = [];
  seat = keepSeatLink({ open: engine.open, phone, clock, random: () => 0.5, onPlace: (place) => places.push(place) });
  await clock.advance(10);
});
const signIn = async (): Promise<void> => {
  engine.setSession(signedIn());
  await clock.advance(100);
  engine.setAgent(isReady);
  await clock.advance(10);
};
const live = (): string | undefined => phone.state().calls.find((call) => call.state.kind !== 'ended')?.state.kind;
const talk = async (): Promise<void> => {
  expect(far.call()).toBe(180);
  await phone.answer(phone.state().calls[0]?.id ?? CallId.parse(newId()));
  await clock.advance(200);
  expect(live()).toBe('talking');
};

describe('the phone and the engine', () => {
  it('is admitted, reports its state, and stays off while nobody is signed in', () => {
    expect(places).toEqual([{ kind: 'here' }]);
    expect(engine.reports).toHaveLength(1);
    expect(phone.state().line.kind).toBe('off');
    expect(engine.asked.credentials).toBe(0);
  });

  it('registers with the account of the session, and off again at sign-out', async () => {
    await signIn();
    expect(phone.state().line.kind).toBe('registered');
    engine.setSession(signedOut);
    await clock.advance(10);
    expect(phone.state().line.kind).toBe('off');
  });

  it('R40 tells the engine once how a call sounded, later when the engine was away', async () => {
    await signIn();
    await talk();
    await clock.advance(5_000);
    far.hangUp();
    await clock.advance(10);
    expect(engine.asked.measured).toMatchObject([{ quality: { poorLooks: 0, codec: 'pcma', lossPct: 0 } }]);
    await talk();
    await clock.advance(5_000);
    engine.setAway(true);
    far.hangUp();
    await clock.advance(10);
    expect(engine.asked.measured).toHaveLength(1);
    engine.setAway(false);
    await clock.advance(5_000);
    expect(engine.asked.measured).toHaveLength(2);
    await clock.advance(10_000);
    expect(engine.asked.measured).toHaveLength(2);
  });

  it('PHONE-10 the engine keeps what talks, and a new page goes on with it before it reports anything', async () => {
    await signIn();
    await talk();
    const [call] = phone.state().calls;
    expect(engine.kept.map((kept) => kept.call)).toEqual([call]);
    phone.mute(call?.id ?? CallId.parse(newId()), true);
    await clock.advance(10);
    expect(engine.kept[0]?.call.state).toMatchObject({ microphone: 'muted' });

    // The page dies without a word; another one is loaded.
    seat.close();
    const reportsBefore = engine.reports.length;
    const next = createFakePhone({ clock, newId });
    keepSeatLink({ open: engine.open, phone: next.phone, clock, random: () => 0.5, onPlace: () => {} });
    await clock.advance(200);
    expect(engine.reports[reportsBefore]?.calls).toMatchObject([{ id: call?.id, state: { kind: 'talking' } }]);
    expect(next.phone.state().calls).toMatchObject([{ id: call?.id, contactId: call?.contactId }]);

    next.far.hangUp();
    await clock.advance(10);
    expect(engine.kept).toEqual([]);
  });

  it('a page that lost its engine does not take its own calls for those of another', async () => {
    await signIn();
    await talk();
    expect(engine.asked.kept).toBe(1);
    engine.setAway(true);
    far.hangUp();
    await clock.advance(10);
    engine.setAway(false);
    await clock.advance(5_000);
    expect(engine.asked.kept).toBe(1);
    expect(live()).toBeUndefined();
    expect(engine.kept).toEqual([]);
  });

  it('asks again for an account central could not give yet', async () => {
    const { credentials } = engine;
    engine.credentials = null;
    await signIn();
    expect(phone.state().line.kind).toBe('off');
    engine.credentials = credentials;
    await clock.advance(2_100);
    expect(phone.state().line.kind).toBe('registered');
  });

  it('ICE-2 gives the phone fresh TURN credentials in time, also after a sleep and when central was away', async () => {
    const ttlMs = 600_000;
    const { credentials } = engine;
    if (credentials === null) throw new Error('no account');
    const started: (number | undefined)[] = [];
    const start = phone.start.bind(phone);
    phone.start = (account) => {
      started.push(account.credentials.iceExpiresAtMs);
      start(account);
    };
    const dated = (fromMs: number) => ({ ...credentials, iceTtlMs: ttlMs, iceExpiresAtMs: fromMs + ttlMs });
    engine.credentials = dated(clock.nowMs());
    await signIn();
    expect(engine.asked.credentials).toBe(1);
    await clock.advance(0.7 * ttlMs);
    expect(engine.asked.credentials).toBe(1);
    // The engine could not renew them: asked again until it can.
    await clock.advance(0.1 * ttlMs);
    const { credentials: askedInVain } = engine.asked;
    expect(askedInVain).toBeGreaterThan(1);
    engine.credentials = dated(clock.nowMs());
    await clock.advance(16_000);
    expect(started.at(-1)).toBe(engine.credentials.iceExpiresAtMs);
    const { credentials: settled } = engine.asked;
    await clock.advance(0.5 * ttlMs);
    expect(engine.asked.credentials).toBe(settled);
    expect(phone.state().line.kind).toBe('registered');
  });

  it('is available exactly while the agent is ready', async () => {
    engine.setSession(signedIn());
    await clock.advance(100);
    expect(far.call()).toBe(486);
    engine.setAgent(isReady);
    await clock.advance(10);
    expect(far.call()).toBe(180);
    far.hangUp();
    engine.setAgent({ kind: 'notReady', reason: 'break', sinceMs: 0 });
    await clock.advance(10);
    expect(far.call()).toBe(486);
  });

  it('reports every change', async () => {
    await signIn();
    await talk();
    const seen = engine.reports.map((state) => state.calls[0]?.state.kind);
    for (const kind of ['ringing', 'answering', 'talking']) expect(seen).toContain(kind);
    expect(engine.reports.at(-1)).toEqual(phone.state());
  });

  it('a call goes on without the engine; the whole state is told when it is back', async () => {
    await signIn();
    await talk();
    engine.setAway(true);
    await clock.advance(5_000);
    expect(live()).toBe('talking');
    far.hangUp();
    const before = engine.reports.length;
    expect(engine.asked.opened).toBeGreaterThan(3);
    engine.setAway(false);
    await clock.advance(2_600);
    expect(engine.reports.slice(before).some(({ calls }) => calls[0]?.state.kind === 'ended')).toBe(true);
  });

  it('a session that ended under a call takes the line only after the call', async () => {
    await signIn();
    await talk();
    engine.setSession(signedOut);
    await clock.advance(100);
    expect(live()).toBe('talking');
    far.hangUp();
    await clock.advance(100);
    expect(phone.state().line.kind).toBe('off');
  });

  it('a seat open elsewhere is said and not retried; taking over asks for it', async () => {
    engine.admits(refusal('conflict', 'seatOpenElsewhere'));
    engine.setAway(true);
    engine.setAway(false);
    await clock.advance(1_000);
    expect(places.at(-1)).toEqual({ kind: 'elsewhere', why: 'seatOpenElsewhere' });
    const { opened } = engine.asked;
    await clock.advance(60_000);
    expect(engine.asked.opened).toBe(opened);
    engine.admits(refusal('conflict', 'callRunningElsewhere'));
    seat.takeOver();
    await clock.advance(10);
    expect(places.at(-1)).toEqual({ kind: 'elsewhere', why: 'callRunningElsewhere' });
    engine.admits(undefined);
    seat.takeOver();
    await clock.advance(10);
    expect(places.at(-1)).toEqual({ kind: 'here' });
  });

  it('displaced by another window it gives the line back and says so', async () => {
    await signIn();
    engine.displace();
    await clock.advance(10);
    expect(places.at(-1)).toEqual({ kind: 'elsewhere', why: 'displaced' });
    expect(phone.state().line.kind).toBe('off');
    const { opened } = engine.asked;
    await clock.advance(60_000);
    expect(engine.asked.opened).toBe(opened);
  });

  it('another refusal is tried again', async () => {
    engine.admits(refusal('internal'));
    engine.setAway(true);
    engine.setAway(false);
    await clock.advance(3_000);
    engine.admits(undefined);
    await clock.advance(3_000);
    engine.setSession(signedIn());
    await clock.advance(100);
    expect(phone.state().line.kind).toBe('registered');
  });
});

describe('the phone and the desk', () => {
  let desk: Client<PhoneContract>;
  let states: string[];
  beforeEach(async () => {
    const [mine, theirs] = portPair();
    states = [];
    desk = connect(phoneContract, theirs);
    desk.on('phone', (state) => states.push(state.calls[0]?.state.kind ?? state.line.kind));
    const beside = {
      headset: linkHeadset({ port: createFakeHeadset().port, phone, clock }),
      echo: createEchoTest({ phone, clock, newId }),
    };
    const onFault = (name: string): void => {
      throw new Error(`fault in ${name}`);
    };
    const { read } = keepDiagnostics({ clock, userAgent: '' });
    createDeskServer(phone, seat, beside, newId, onFault, read)(mine);
    await signIn();
  });
  /** The answer to a call, while time passes. */
  const answered = async <T>(promise: Promise<T>): Promise<T> => {
    await clock.advance(1);
    return promise;
  };

  it('sees every state from the first moment', async () => {
    await talk();
    for (const kind of ['off', 'registered', 'ringing', 'answering', 'talking']) expect(states).toContain(kind);
  });

  it('what the engine permits is dialled: its number, its contact', async () => {
    const contactId = newId();
    engine.authorises = ok({ contactId, dial: '+8613800138000', warnings: [] });
    const dialled = await answered(desk.call('dial', { what: { text: '138 0013 8000' } }));
    expect(dialled.ok).toBe(true);
    expect(engine.asked.authorise).toMatchObject([{ what: { text: '138 0013 8000' }, purpose: 'service' }]);
    const [call] = phone.state().calls;
    expect(call).toMatchObject({ direction: 'outbound', number: '+8613800138000', contactId });
    expect(dialled.ok && dialled.value.callId).toBe(call?.id);
  });

  it('what it refuses is not', async () => {
    const dialled = await answered(desk.call('dial', { what: { text: '10086' } }));
    expect(dialled).toMatchObject({ ok: false, error: { kind: 'policy', reason: 'callingHours' } });
    expect(phone.state().calls).toEqual([]);
  });

  it('a call that cannot be made is not authorised first', async () => {
    far.cutLine();
    const dialled = await answered(desk.call('dial', { what: { text: '10086' } }));
    expect(dialled).toMatchObject({ ok: false, error: { kind: 'phone', reason: 'lineLost' } });
    expect(engine.asked.authorise).toEqual([]);
  });

  it('without the engine nothing is dialled, and hanging up and mute work', async () => {
    await talk();
    engine.setAway(true);
    await clock.advance(10);
    const [call] = phone.state().calls;
    if (call === undefined) throw new Error('no call');
    expect((await answered(desk.call('mute', { callId: call.id, muted: true }))).ok).toBe(true);
    expect(phone.state().calls[0]?.state).toMatchObject({ microphone: 'muted' });
    expect((await answered(desk.call('hangUp', { callId: call.id }))).ok).toBe(true);
    expect(phone.state().calls[0]?.state).toMatchObject({ kind: 'ended', cause: 'agentHungUp' });
    const dialled = await answered(desk.call('dial', { what: { text: '10086' } }));
    expect(dialled).toMatchObject({ ok: false, error: { reason: 'connectionLost' } });
  });

  it('answers, rejects, sends digits, checks devices, tells its state', async () => {
    far.call();
    const callId = phone.state().calls[0]?.id ?? CallId.parse(newId());
    expect((await answered(desk.call('answer', { callId }))).ok).toBe(true);
    await clock.advance(200);
    expect((await answered(desk.call('sendDigits', { callId, digits: '1#' }))).ok).toBe(true);
    expect(far.digits()).toBe('1#');
    expect(await answered(desk.call('reject', { callId }))).toMatchObject({
      ok: false,
      error: { reason: 'notRinging' },
    });
    expect(await answered(desk.call('checkDevices', {}))).toMatchObject({ ok: true, value: { kind: 'ready' } });
    expect(await answered(desk.call('state', {}))).toEqual({ ok: true, value: phone.state() });
    expect((await answered(desk.call('reconnect', {}))).ok).toBe(true);
  });

  it('a desk that is gone is told nothing more', async () => {
    desk.close();
    await clock.advance(10);
    const before = states.length;
    await talk();
    expect(states).toHaveLength(before);
  });
});
