import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../central/db.ts';
import { rows, run, statement } from '../../central/db.ts';
import type { FakeRecorder } from '../../central/fake-recorder.ts';
import { makeFakeRecorder } from '../../central/fake-recorder.ts';
import { pauseMs } from '../../central/recording.ts';
import { pausesOf, recordingsOf } from '../../central/recordings.ts';
import type { ContactId } from '../../shared/ids.ts';
import type { ManualClock } from './manual-clock.ts';
import { makeManualClock } from './manual-clock.ts';
import type { OpenedDatabase, Rig, Seat } from './fixture.ts';
import {
  ask,
  clean,
  customerId,
  databaseKind,
  newContactId,
  openTestDatabase,
  putAgents,
  putCustomers,
  signIn,
  startCall,
  startRig,
} from './fixture.ts';

let opened: OpenedDatabase;
let database: Database;
let clock: ManualClock;
let exchange: FakeRecorder;
let rig: Rig;
let agent: Seat;
let contactId: ContactId;

beforeAll(async () => {
  opened = await openTestDatabase(databaseKind);
  ({ database } = opened);
  await putAgents(database);
});
beforeEach(async () => {
  await clean(database);
  for (const text of [statement`delete from recording`, statement`delete from recording_pause`])
    await run(database.db, text);
  await putCustomers(database, 1);
  clock = makeManualClock();
  exchange = makeFakeRecorder(clock);
  rig = await startRig(database, { recorder: exchange, clock });
  agent = await signIn(rig, '1001');
  contactId = await startCall(rig, agent, customerId(1));
});
afterEach(() => rig.close());
afterAll(() => opened.close());

const pause = (of = contactId, token = agent.token) =>
  ask(rig, 'recordingPause', { contactId: of, reason: 'payment' }, token);
const resume = (of = contactId, token = agent.token) => ask(rig, 'recordingResume', { contactId: of }, token);
const file = () => `${contactId}_1.wav`;
const results = async () =>
  (
    await rows(
      database.db,
      statement<{ result: string }>`select result from audit where kind = 'recording' order by seq`,
    )
  ).map(({ result }) => result);
/** Time passes, and what it set off is done. */
const pass = async (ms: number) => {
  clock.advance(ms);
  await rig.central.settled();
};

describe('R33 recordings', () => {
  it('are linked to their contact with their times; pauses are kept with what they were for', async () => {
    const beganMs = clock.nowMs();
    const hangUp = exchange.callBegins(contactId, file());
    await pass(10_000);
    const paused = await pause();
    expect(paused).toMatchObject({
      status: 200,
      value: { pausedAtMs: beganMs + 10_000, resumesAtMs: beganMs + 10_000 + pauseMs },
    });
    expect(exchange.isSilent(file())).toBe(true);
    await pass(4_000);
    expect((await resume()).status).toBe(200);
    expect(exchange.isSilent(file())).toBe(false);
    await pass(6_000);
    hangUp();
    await rig.central.settled();
    expect(await recordingsOf(database.db, contactId)).toEqual([
      { file: file(), contactId, startedAtMs: beganMs, endedAtMs: beganMs + 20_000 },
    ]);
    expect(await pausesOf(database.db, contactId)).toMatchObject([
      {
        ...{ agentId: 'A1001', reason: 'payment', acknowledgedAtMs: beganMs + 10_000 },
        resumedAtMs: beganMs + 14_000,
      },
    ]);
    expect(await results()).toEqual(['paused:payment', 'resumed:agent']);
  });

  it('R34 the timeline says so from the next change of the contact on, and of no other contact', async () => {
    const line = async (id: ContactId) =>
      (
        await rows(
          database.db,
          statement<{ recorded: boolean | null }>`
            select (row -> 'past' ->> 'recorded')::boolean as recorded from feed where entity = 'history' and id = ${id}`,
        )
      ).map(({ recorded }) => recorded);
    const hangUp = exchange.callBegins(contactId, file());
    await rig.central.settled();
    hangUp();
    await rig.central.settled();
    await agent.push({ name: 'contact.answered', contactId, atMs: clock.nowMs() });
    expect(await line(contactId)).toEqual([true]);
    const unrecorded = await startCall(rig, agent, customerId(1));
    await agent.push({ name: 'contact.answered', contactId: unrecorded, atMs: clock.nowMs() });
    expect(await line(unrecorded)).toEqual([null]);
  });

  it('the agent in the call can ask whether it is recorded, and nobody else', async () => {
    const state = (token = agent.token) => ask(rig, 'recordingState', { contactId }, token);
    expect((await state()).value).toEqual({ recording: 'none' });
    const hangUp = exchange.callBegins(contactId, file());
    await rig.central.settled();
    expect((await state()).value).toMatchObject({ recording: 'running', runningMs: expect.any(Number) });
    await pause();
    expect((await state()).value).toMatchObject({ recording: 'paused' });
    await resume();
    expect((await state()).value).toMatchObject({ recording: 'running', runningMs: expect.any(Number) });
    hangUp();
    await rig.central.settled();
    expect((await state()).value).toEqual({ recording: 'none' });
    const other = await signIn(rig, '1002');
    expect(await state(other.token)).toMatchObject({ status: 403, error: { reason: 'contactOfAnother' } });
    await rig.close();
    rig = await startRig(database, { clock });
    agent = await signIn(rig, '1001');
    expect(await state()).toMatchObject({ status: 409, error: { kind: 'phone', reason: 'noRecorder' } });
  });

  it('security 84: resume by themselves within 120 s, and asking again does not lengthen the pause', async () => {
    exchange.callBegins(contactId, file());
    const first = await pause();
    await pass(60_000);
    expect((await pause()).value).toEqual(first.value);
    await pass(pauseMs - 60_000 - 1);
    expect(exchange.isSilent(file())).toBe(true);
    await pass(1);
    await expect.poll(() => exchange.isSilent(file())).toBe(false);
    expect(pauseMs).toBeLessThanOrEqual(120_000);
    await rig.central.settled();
    expect(await results()).toEqual(['paused:payment', 'resumed:timer']);
    // A new one may begin.
    expect((await pause()).value.resumesAtMs).toBe(clock.nowMs() + pauseMs);
  });

  it('security 84: another instance, or this one after a restart, ends the pause in time', async () => {
    exchange.callBegins(contactId, file());
    await pause();
    await rig.close();
    clock.advance(30_000);
    rig = await startRig(database, { recorder: exchange, clock });
    await rig.central.settled();
    expect(exchange.isSilent(file())).toBe(true);
    await pass(84_000);
    await pass(5_000);
    await expect.poll(() => exchange.isSilent(file())).toBe(false);
  });

  it('security 84: without the exchange’s word there is no pause; it is tried again, and silence is ended in time', async () => {
    exchange.callBegins(contactId, file());
    exchange.setReachable(false);
    expect(await pause()).toMatchObject({ status: 409, error: { kind: 'phone', reason: 'recorderSilent' } });
    exchange.setReachable(true);
    expect(await pause()).toMatchObject({ status: 200 });
    exchange.setReachable(false);
    expect(await resume()).toMatchObject({ status: 409, error: { reason: 'recorderSilent' } });
    await pass(pauseMs);
    expect(exchange.isSilent(file())).toBe(true);
    exchange.setReachable(true);
    await pass(5_000);
    await expect.poll(() => exchange.isSilent(file())).toBe(false);
    await rig.central.settled();
    expect(await results()).toEqual(['pauseFailed:payment', 'paused:payment', 'resumed:timer']);
  });

  it('only the agent in that call, while it goes on', async () => {
    exchange.callBegins(contactId, file());
    const other = await signIn(rig, '1002');
    const forbidden = { status: 403, error: { kind: 'forbidden', reason: 'contactOfAnother' } };
    expect(await pause(contactId, other.token)).toMatchObject(forbidden);
    expect(await resume(contactId, other.token)).toMatchObject(forbidden);
    expect(await pause(newContactId())).toMatchObject({ status: 404, error: { reason: 'contact' } });
    await agent.push({ name: 'contact.ended', contactId, cause: 'customerHungUp', atMs: clock.nowMs() });
    expect(await pause()).toMatchObject({ status: 409, error: { reason: 'callEnded' } });
    expect(exchange.isSilent(file())).toBe(false);
    expect(await results()).toEqual([]);
  });

  it('a contact nobody records cannot be paused, and is not left paused', async () => {
    expect(await pause()).toMatchObject({ status: 409, error: { reason: 'notRecording' } });
    exchange.callBegins(contactId, file());
    await rig.central.settled();
    expect(exchange.isSilent(file())).toBe(false);
    expect(await results()).toEqual(['pauseFailed:notRecording']);
  });

  it('a further recording of a paused contact is silent too; with the last one the pause is over', async () => {
    const ends = [exchange.callBegins(contactId, file())];
    await rig.central.settled();
    await pause();
    const second = `${contactId}_2.wav`;
    ends.push(exchange.callBegins(contactId, second));
    await rig.central.settled();
    expect(exchange.isSilent(second)).toBe(true);
    for (const end of ends) {
      end();
      await rig.central.settled();
    }
    expect(await results()).toEqual(['paused:payment', 'resumed:callEnded']);
  });

  it('what began and ended while central was away is linked as far as it is known', async () => {
    await rig.close();
    exchange.callBegins(contactId, file());
    rig = await startRig(database, { recorder: exchange, clock });
    await rig.central.settled();
    expect(await recordingsOf(database.db, contactId)).toEqual([
      { file: file(), contactId, startedAtMs: null, endedAtMs: null },
    ]);
  });

  it('without a recorder it is said so', async () => {
    await rig.close();
    rig = await startRig(database, { clock });
    agent = await signIn(rig, '1001');
    expect(await pause()).toMatchObject({ status: 409, error: { kind: 'phone', reason: 'noRecorder' } });
  });
});
