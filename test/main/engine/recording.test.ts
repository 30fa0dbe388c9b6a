import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { FakeRecorder } from '../../../central/fake-recorder.ts';
import { makeFakeRecorder } from '../../../central/fake-recorder.ts';
import type { Call } from '../../../shared/call.ts';
import type { Recording } from '../../../shared/recording.ts';
import { systemClock } from '../../../main/engine/clock.ts';
import type { OpenedDatabase, Rig } from '../../central/fixture.ts';
import { clean, openTestDatabase, passwords, putAgents, putCustomers, startRig } from '../../central/fixture.ts';
import { startFakeCentral } from '../fake-central.ts';
import type { SeatUnderTest } from '../harness.ts';
import { ended, endSeats, inbound, refusalOf, startSeat, talking, value } from '../harness.ts';
import { feedOf } from '../sample.ts';

// The seat's engine with the real central and a recorder in memory: R33, security 84.

let opened: OpenedDatabase;
let rig: Rig;
let exchange: FakeRecorder;
/** Before the recorder carries out a wish: a test may let it wait. */
let gate: Promise<void>;
let wishes: number;
let seat: SeatUnderTest;
let call: Call;
let hangUp: () => void;

beforeAll(async () => {
  opened = await openTestDatabase('pglite');
  await putAgents(opened.database);
}, 120_000);
beforeEach(async () => {
  await clean(opened.database);
  await putCustomers(opened.database, 1);
  exchange = makeFakeRecorder(systemClock);
  gate = Promise.resolve();
  wishes = 0;
  const slow = {
    ...exchange,
    pause: async (contactId: string) => {
      wishes += 1;
      await gate;
      return exchange.pause(contactId);
    },
  };
  rig = await startRig(opened.database, { recorder: slow });
  seat = startSeat(await rig.central.listen({ port: 0 }));
  value(await seat.desk.call('session.signIn', { agentNumber: '1001', password: passwords['1001'] }));
  call = inbound('13800000001');
  await seat.report(call);
  hangUp = exchange.callBegins(call.contactId, file());
  await seat.report(talking(call));
  await seat.synced();
  await rig.central.settled();
});
afterEach(async () => {
  await endSeats();
  await rig.close();
});
afterAll(() => opened.close());

const file = (): string => `${call.contactId}_1.wav`;
const state = async (): Promise<Recording> => (await seat.snapshot()).recording;
const is = (kind: Recording['kind']) => vi.waitFor(async () => expect((await state()).kind).toBe(kind), 5_000);
const silent = (to: boolean) => vi.waitFor(() => expect(exchange.isSilent(file())).toBe(to), 5_000);
const pause = () => seat.desk.call('recording.pause', { contactId: call.contactId, reason: 'servicePassword' });
const resume = () => seat.desk.call('recording.resume', { contactId: call.contactId });

describe('R33 the recording of the call in hand', () => {
  it('is known to run a moment after the call began, and over with the call', async () => {
    expect(await state()).toEqual({ kind: 'unknown' });
    seat.clock.advance(300);
    await is('running');
    await seat.report(ended(call));
    expect(await state()).toEqual({ kind: 'none' });
  });

  it('a call that nobody records is known as such, and a secret need not wait', async () => {
    hangUp();
    await rig.central.settled();
    seat.clock.advance(300);
    await is('none');
    expect(value(await pause())).toEqual({});
    expect(await state()).toEqual({ kind: 'none' });
  });

  it('security 84: silence is acknowledged before it is shown, and taken back when the field is left', async () => {
    seat.clock.advance(300);
    await is('running');
    const held = Promise.withResolvers<void>();
    gate = held.promise;
    const asked = pause();
    await is('pausing');
    expect(exchange.isSilent(file())).toBe(false);
    held.resolve();
    value(await asked);
    expect(exchange.isSilent(file())).toBe(true);
    expect((await state()).kind).toBe('paused');
    value(await resume());
    await silent(false);
    await is('running');
  });

  it('a field left before the recorder answered: it is not left silent', async () => {
    const held = Promise.withResolvers<void>();
    gate = held.promise;
    const asked = pause();
    await vi.waitFor(() => expect(wishes).toBe(1), 5_000);
    value(await resume());
    held.resolve();
    value(await asked);
    await silent(false);
    await is('running');
  });

  it('left and taken up again at once: locked until the second word, and silent in the end', async () => {
    seat.clock.advance(300);
    await is('running');
    value(await pause());
    const left = resume();
    const back = pause();
    value(await left);
    expect(value(await back)).toEqual({});
    expect((await state()).kind).toBe('paused');
    expect(exchange.isSilent(file())).toBe(true);
  });

  it('security 84: forgotten is impossible — a desk that is closed or reloaded, a call that ends, and the limit', async () => {
    value(await pause());
    seat.desk.close();
    await silent(false);
    const again = seat.window('desk', { windowId: 'second' });
    value(await again.call('recording.pause', { contactId: call.contactId, reason: 'idNumber' }));
    expect(exchange.isSilent(file())).toBe(true);
    seat.clock.advance(110_000);
    expect(value(await again.call('seat.snapshot', {})).recording).toEqual({ kind: 'running' });
    rig.clock.advance(110_000);
    await silent(false);
    value(await again.call('recording.pause', { contactId: call.contactId, reason: 'idNumber' }));
    await seat.report(ended(call));
    expect(value(await again.call('seat.snapshot', {})).recording).toEqual({ kind: 'none' });
  });

  it('a recorder that does not answer is a sentence; it is asked to go on until it has', async () => {
    seat.clock.advance(300);
    await is('running');
    exchange.setReachable(false);
    expect(refusalOf(await pause())).toMatchObject({ kind: 'phone', reason: 'recorderSilent' });
    expect(await state()).toEqual({ kind: 'running' });
    exchange.setReachable(true);
    value(await pause());
    await silent(true);
    exchange.setReachable(false);
    value(await resume());
    await is('resuming');
    exchange.setReachable(true);
    await vi.waitFor(() => {
      seat.clock.advance(1_000);
      expect(exchange.isSilent(file())).toBe(false);
    }, 5_000);
    await is('running');
  });

  it('a caller offered again after a miss is another contact in the same recording', async () => {
    await seat.report(ended(call));
    const [root] = (await seat.contact()).tree.roots;
    const [branch] = root?.children ?? [];
    const disposition = [root, branch, branch?.children[0]].flatMap((node) => node?.id ?? []);
    value(await seat.desk.call('contact.wrapUp', { contactId: call.contactId, note: '', disposition }));
    const again = inbound('13800000001', { contactId: call.contactId });
    await seat.report(again);
    await seat.report(talking(again));
    const { contact } = await seat.contact();
    expect(contact.id).not.toBe(call.contactId);
    expect(contact.exchangeId).toBe(call.contactId);
    await seat.synced();
    value(await seat.desk.call('recording.pause', { contactId: contact.id, reason: 'servicePassword' }));
    expect(exchange.isSilent(file())).toBe(true);
    expect((await state()).kind).toBe('paused');
    value(await seat.desk.call('recording.resume', { contactId: contact.id }));
    await silent(false);
  });

  it('only for the call in hand, and not after it', async () => {
    const other = inbound('13800000001');
    expect(
      refusalOf(await seat.desk.call('recording.pause', { contactId: other.contactId, reason: 'payment' })),
    ).toMatchObject({ kind: 'conflict', reason: 'callOver' });
    await seat.report(ended(call));
    expect(refusalOf(await pause())).toMatchObject({ reason: 'callOver' });
    expect(
      refusalOf(await seat.phone.call('recording.pause', { contactId: call.contactId, reason: 'x' })),
    ).toMatchObject({ kind: 'forbidden' });
  });
});

describe('R33 without a word from central', () => {
  it('central away: refused, nothing is claimed; practice without a recorder: nothing to wait for', async () => {
    const central = await startFakeCentral(feedOf([]));
    const own = startSeat(central.url);
    await own.signIn();
    const practice = inbound('13800000009');
    await own.report(practice);
    await own.report(talking(practice));
    const asked = () => own.desk.call('recording.pause', { contactId: practice.contactId, reason: 'servicePassword' });
    central.fault = 'down';
    expect(refusalOf(await asked())).toMatchObject({ kind: 'offline' });
    expect((await own.snapshot()).recording).toEqual({ kind: 'unknown' });
    central.fault = 'none';
    // The practice exchange records nothing, and its central says so.
    expect(value(await asked())).toEqual({});
    expect((await own.snapshot()).recording).toEqual({ kind: 'none' });
    await central.close();
  });
});
