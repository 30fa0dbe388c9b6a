import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../central/db.ts';
import { rows, run, statement, transaction } from '../../central/db.ts';
import type { FakeRecorder } from '../../central/fake-recorder.ts';
import { makeFakeRecorder } from '../../central/fake-recorder.ts';
import { publishHistory } from '../../central/feed.ts';
import type { MemoryRecordings, RecordingFiles } from '../../central/recording-files.ts';
import { recordingsIn, recordingsInMemory } from '../../central/recording-files.ts';
import type { HistoryFilter } from '../../shared/history.ts';
import type { ContactId } from '../../shared/ids.ts';
import type { ManualClock } from './manual-clock.ts';
import { makeManualClock } from './manual-clock.ts';
import type { Answer, OpenedDatabase, Rig, Seat } from './fixture.ts';
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
let files: MemoryRecordings;
let rig: Rig;
let own: Seat;
let other: Seat;

beforeAll(async () => {
  opened = await openTestDatabase(databaseKind);
  ({ database } = opened);
  await putAgents(database);
});
beforeEach(async () => {
  await clean(database);
  for (const text of [statement`delete from recording`, statement`delete from recording_pause`])
    await run(database.db, text);
  await putCustomers(database, 2);
  clock = makeManualClock();
  exchange = makeFakeRecorder(clock);
  files = recordingsInMemory();
  rig = await startRig(database, { clock, recorder: exchange, recordings: files });
  own = await signIn(rig, '1001');
  other = await signIn(rig, '1002');
});
afterEach(() => rig.close());
afterAll(() => opened.close());

const imported = {
  ...{ direction: 'inbound' as const, talkMs: 60_000, topic: null, disposition: [], note: '' },
};
const found = async (seat: Seat, filter: HistoryFilter): Promise<unknown> => {
  const { value, error } = await ask(rig, 'history', filter, seat.token);
  if (error !== undefined) return error.reason;
  return value.kind === 'found' ? value.rows.map((row) => row.contactId) : value;
};
/** Talked, over and wrapped up. */
const done = async (seat: Seat, n: number): Promise<ContactId> => {
  const contactId = await startCall(rig, seat, customerId(n));
  clock.advance(60_000);
  const atMs = clock.nowMs();
  await seat.push(
    { name: 'contact.ended', contactId, atMs, cause: 'customerHungUp' },
    { name: 'contact.wrappedUp', contactId, atMs, disposition: ['unfinished'], forced: true, note: '约好再打' },
  );
  return contactId;
};
const audited = async (kind: string) =>
  (
    await rows(database.db, statement<{ result: string }>`select result from audit where kind = ${kind} order by seq`)
  ).map(({ result }) => result);

describe('R34 history at central', () => {
  it('by number, agent, queue, direction, disposition and day; masked (R11); each search is audited', async () => {
    const startMs = clock.nowMs();
    const contactId = await done(own, 1);
    for (const filter of [
      {},
      { who: '138 0000 0001' },
      { agent: '1001' },
      { agent: '小禾' },
      { queue: 'service' },
      { direction: 'inbound' as const },
      { disposition: ['unfinished'] },
      { fromMs: startMs, toMs: startMs + 1 },
    ])
      expect(await found(own, filter), JSON.stringify(filter)).toEqual([contactId]);
    for (const filter of [
      { who: '13800000003' },
      { agent: '%' },
      { queue: 'vip' },
      { direction: 'outbound' as const },
      { disposition: ['other'] },
      { fromMs: startMs + 1 },
    ])
      expect(await found(own, filter), JSON.stringify(filter)).toEqual([]);
    const { value } = await ask(rig, 'history', { who: '13800000001' }, own.token);
    expect(value).toMatchObject({ rows: [{ who: '欧阳***', number: '138****0001', agentName: '林小禾' }] });
    const entries = await audited('history');
    expect(entries[0]).toBe('found 1 by all');
    expect(entries[1]).toBe('found 1 by who');
    expect(entries.join('\n')).not.toContain('0001');
  });

  it('an agent sees their own, and those of the customer in front of them; a lead the team’s', async () => {
    const [first, second] = [await done(own, 1), await done(other, 2)];
    expect(await found(own, {})).toEqual([first]);
    expect(await ask(rig, 'historyContact', { contactId: second }, own.token)).toMatchObject({ status: 404 });
    const inFront = await startCall(rig, own, customerId(2));
    expect(await found(own, {})).toEqual([inFront, second, first]);
    expect(await ask(rig, 'historyContact', { contactId: second }, own.token)).toMatchObject({
      status: 200,
      value: { note: '约好再打', forced: true, recordings: { kind: 'notAllowed' } },
    });
    expect(await audited('opened')).toEqual(['contact from history']);
    await run(database.db, statement`update agent set role = 'lead' where id = 'A1002'`);
    const lead = await signIn(rig, '1002');
    expect(await found(lead, {})).toEqual([inFront, second, first]);
    await run(database.db, statement`update agent set role = 'agent' where id = 'A1002'`);
  });

  it('an imported line without an agent’s id is whose name it says, as at the seat', async () => {
    const line = async (agentName: string): Promise<string> => {
      const contactId = newContactId();
      const past = { ...imported, contactId, agentName, startedAtMs: clock.nowMs() };
      await transaction(database.db, (tx) => publishHistory(tx, contactId, { customerId: customerId(1), past }));
      return contactId;
    };
    const [mine] = [await line('林小禾'), await line('别人')];
    expect(await found(own, {})).toEqual([mine]);
    expect(await found(other, {})).toEqual([]);
  });

  it('pages follow each other without a gap', async () => {
    const made: ContactId[] = [];
    for (let n = 0; n < 53; n += 1) made.unshift(await startCall(rig, own, customerId(1)));
    const seen: ContactId[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const { value }: Answer<'history'> = await ask(rig, 'history', cursor === '' ? {} : { cursor }, own.token);
      if (value.kind !== 'found') throw new Error(value.kind);
      seen.push(...value.rows.map((row) => row.contactId));
      ({ cursor } = value);
    }
    expect(seen.toSorted()).toEqual(made.toSorted());
  });

  it('R13, R33 what a seat opened and heard, off line too, is in the audit trail', async () => {
    const contactId = await done(own, 1);
    await own.push(
      { name: 'customer.opened', customerId: customerId(1), contactId: null, from: 'search', atMs: 1_000 },
      { name: 'recording.played', contactId, part: 0, fromMs: 0, toMs: 5_000, atMs: 2_000 },
    );
    expect(await audited('opened')).toEqual(['customer from search, at 1970-01-01T00:00:01.000Z']);
    expect(await audited('playback')).toEqual(['heard part 0 from 0 to 5000, at 1970-01-01T00:00:02.000Z']);
  });
});

describe('R33 listening at central', () => {
  it('sound with its silences for those allowed, stretch by stretch, audited; missing and expired are said', async () => {
    const contactId = await startCall(rig, own, customerId(1));
    const hangUp = exchange.callBegins(contactId, 'a.wav');
    await rig.central.settled();
    clock.advance(2_000);
    await ask(rig, 'recordingPause', { contactId, reason: 'payment' }, own.token);
    clock.advance(3_000);
    await ask(rig, 'recordingResume', { contactId }, own.token);
    const sound = (seat = own, fromMs = 0) => ask(rig, 'recordingSound', { contactId, part: 0, fromMs }, seat.token);
    expect((await sound()).error?.reason).toBe('recordingRunning');
    clock.advance(20_000);
    hangUp();
    await rig.central.settled();
    await own.push({ name: 'contact.ended', contactId, atMs: clock.nowMs(), cause: 'customerHungUp' });
    expect((await sound()).error?.reason).toBe('recordingMissing');
    files.put('a.wav', new Uint8Array(8_000 * 25).fill(0x7f));
    const { value } = await ask(rig, 'historyContact', { contactId }, own.token);
    expect(value.recordings).toMatchObject({
      kind: 'listed',
      parts: [{ part: 0, state: 'ready', lengthMs: 25_000, pauses: [{ fromMs: 2_000, toMs: 5_000 }] }],
    });
    const first = (await sound()).value;
    expect([first.lengthMs, Buffer.from(first.ulaw, 'base64').length]).toEqual([25_000, 160_000]);
    expect(Buffer.from((await sound(own, 20_000)).value.ulaw, 'base64')).toHaveLength(40_000);
    expect((await sound(other)).error?.reason).toBe('recordingNotAllowed');
    // What was told where is part of the recording.
    const marks = (seat: Seat) => ask(rig, 'recordingMarks', { contactId }, seat.token);
    expect((await marks(other)).error?.reason).toBe('recordingNotAllowed');
    expect((await marks(own)).value).toEqual({ marks: [] });
    expect(await audited('playback')).toEqual(['sent part 0 from 0 to 20000', 'sent part 0 from 20000 to 25000']);
    // Seven months: the clock is not moved, as central would sweep every five seconds of them.
    await run(
      database.db,
      statement`update recording set started_at_ms = started_at_ms - ${7 * 31 * 86_400_000}::bigint`,
    );
    expect((await sound()).error?.reason).toBe('recordingExpired');
  });
});

describe.each(['memory', 'folder'] as const)('recordings in %s', (kind) => {
  const folder = mkdtempSync(join(tmpdir(), 'zuoxi-recordings-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const made = (): RecordingFiles => {
    const ulaw = Uint8Array.from({ length: 16_000 }, (_, n) => (n < 8_000 ? 0xff : 0x80));
    if (kind === 'memory') {
      const memory = recordingsInMemory();
      memory.put('call.wav', ulaw);
      return memory;
    }
    // As MixMonitor writes it: 16 bits, 8 kHz, one channel.
    const head = Buffer.from(
      'RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data\0\0\0\0',
      'latin1',
    );
    const pcm = Int16Array.from(ulaw, (code) => (code === 0xff ? 0 : 32_124));
    writeFileSync(join(folder, 'call.wav'), Buffer.concat([head, Buffer.from(pcm.buffer)]));
    writeFileSync(join(folder, 'other.wav'), 'no sound');
    return recordingsIn(folder);
  };

  it('give a stretch of a whole, and nothing of what is not there', async () => {
    const files = made();
    expect(await files.read('call.wav', 0, 0)).toMatchObject({ lengthMs: 2_000 });
    const stretch = await files.read('call.wav', 999, 2);
    expect([...(stretch?.ulaw ?? [])]).toEqual([...Array(8).fill(0xff), ...Array(8).fill(0x80)]);
    expect((await files.read('call.wav', 5_000, 100))?.ulaw).toHaveLength(0);
    for (const name of ['gone.wav', 'other.wav', '../call.wav', '/etc/passwd'])
      expect(await files.read(name, 0, 100), name).toBeUndefined();
  });
});
