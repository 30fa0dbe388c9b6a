import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { historyHere } from '../../../main/engine/history.ts';
import type { HistoryAsking } from '../../../main/engine/history.ts';
import type { Db } from '../../../main/engine/store/db.ts';
import { openDb } from '../../../main/engine/store/db.ts';
import { migrate, newestSchema } from '../../../main/engine/store/migrations.ts';
import { applyChange, putCustomer } from '../../../main/engine/store/working-set.ts';
import { PastContact } from '../../../shared/customer.ts';
import type { HistoryFilter } from '../../../shared/history.ts';
import { AgentId, CustomerId } from '../../../shared/ids.ts';
import { defaultPolicy } from '../../../shared/policy.ts';
import { startFakeCentral } from '../fake-central.ts';
import type { FakeCentral } from '../fake-central.ts';
import { endSeats, ended, inbound, memoryLog, startSeat, talking, value } from '../harness.ts';
import { customer, feedOf } from '../sample.ts';

const day = 86_400_000;
const noon = Date.UTC(2026, 10, 20, 4);
const contactIdOf = (n: number): string => `01900000-0000-7000-8000-${String(n).padStart(12, '0')}`;

describe('R34 contacts this seat holds', () => {
  let folder: string;
  let db: Db;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'zuoxi-history-'));
    db = openDb(folder, randomBytes(32), newestSchema, memoryLog());
    migrate(db);
  });
  afterEach(() => {
    db.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const past = (n: number, over: Partial<Record<keyof PastContact, unknown>> = {}): PastContact =>
    PastContact.parse({
      ...{ contactId: contactIdOf(n), direction: 'inbound', startedAtMs: noon - n * 3_600_000, talkMs: 60_000 },
      ...{ topic: null, disposition: [{ zh: '咨询', en: 'Question' }], agentName: '林小禾', agentId: 'A8001' },
      ...{ queue: 'service', note: '', ...over },
    });
  const tell = (customerId: string, ...lines: PastContact[]): void =>
    db.fill('lines', (write) => {
      if (db.read.get('known', 'SELECT 1 FROM customer WHERE id = ?', customerId) === undefined)
        putCustomer(write, customer(customerId, { numbers: [{ key: numberOf(customerId), confidence: 'certain' }] }));
      for (const line of lines)
        applyChange(write, {
          ...{ entity: 'history', id: line.contactId },
          row: { customerId: CustomerId.parse(customerId), past: line },
        });
    });
  const numberOf = (customerId: string): string => `+861380013${customerId.slice(1).padStart(4, '0')}`;
  const me: HistoryAsking['session'] = {
    agent: { id: AgentId.parse('A8001'), number: '8001', name: '林小禾', role: 'agent', queues: [] },
    policy: defaultPolicy,
    practice: true,
  };
  const lead: HistoryAsking['session'] = {
    ...me,
    agent: { ...me.agent, id: AgentId.parse('A9001'), name: '组长', role: 'lead' },
  };
  const rowsFor = (filter: HistoryFilter, session = me): readonly number[] | string => {
    const answer = historyHere(db.read, filter, { session, inHand: null });
    if (answer.kind !== 'found') return answer.kind === 'unclear' ? answer.why : answer.kind;
    return answer.rows.map((row) => Number(row.contactId.slice(-12)));
  };

  it('R34 by agent, direction, queue, disposition, day and any writing of a number; newest first', () => {
    tell('C1', past(3, { direction: 'outbound' }), past(1), past(2, { queue: 'marketing' }));
    tell(
      'C2',
      past(30, {
        disposition: [
          { zh: '投诉', en: 'Complaint' },
          { zh: '资费', en: 'Price' },
        ],
      }),
    );
    expect(rowsFor({})).toEqual([1, 2, 3, 30]);
    expect(rowsFor({ direction: 'outbound' })).toEqual([3]);
    expect(rowsFor({ queue: 'marketing' })).toEqual([2]);
    expect(rowsFor({ agent: '8001' })).toEqual([1, 2, 3, 30]);
    expect(rowsFor({ agent: '小禾' })).toEqual([1, 2, 3, 30]);
    expect(rowsFor({ agent: '8002' })).toEqual([]);
    expect(rowsFor({ disposition: ['投诉'] })).toEqual([30]);
    expect(rowsFor({ disposition: ['投诉', '资费'] })).toEqual([30]);
    expect(rowsFor({ disposition: ['投'] })).toEqual([]);
    expect(rowsFor({ fromMs: noon - day, toMs: noon - 3_600_000 })).toEqual([2, 3]);
    for (const who of ['13800130002', '+86 138 0013 0002', '0138-0013-0002', '0002'])
      expect(rowsFor({ who }), who).toEqual([30]);
    expect(rowsFor({ who: '1' })).toBe('tooShort');
  });

  it('R34 an agent finds their own; those of others only of a customer they name; a lead all that is here', () => {
    tell('C1', past(1), past(2, { agentId: 'A8002', agentName: '周南乔' }));
    tell('C2', past(4, { agentId: undefined, agentName: '林小禾' }), past(5, { agentId: undefined, agentName: '禾' }));
    expect(rowsFor({})).toEqual([1, 4]);
    expect(rowsFor({ who: '13800130001' })).toEqual([1, 2]);
    expect(rowsFor({}, lead)).toEqual([1, 2, 4, 5]);
  });

  it('pages end where they say, and every contact is on one of them, whatever the times and filters', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ at: fc.integer({ min: 0, max: 90 }), out: fc.boolean() }), { maxLength: 140 }),
        fc.boolean(),
        (made, out) => {
          db.fill('empty', (write) => write.script('empty', 'DELETE FROM history; DELETE FROM history_place'));
          made.forEach((one, n) =>
            tell(`C${n % 7}`, past(n, { startedAtMs: noon + one.at, direction: one.out ? 'outbound' : 'inbound' })),
          );
          const seen: string[] = [];
          let cursor: string | null | undefined;
          do {
            const answer = historyHere(
              db.read,
              { ...(out ? { direction: 'outbound' as const } : {}), ...(cursor == null ? {} : { cursor }) },
              { session: me, inHand: null },
            );
            if (answer.kind !== 'found') throw new Error(answer.kind);
            expect(answer.rows.length).toBeLessThanOrEqual(50);
            seen.push(...answer.rows.map((row) => row.contactId));
            ({ cursor } = answer);
          } while (cursor !== null);
          const expected = made.flatMap((one, n) => (!out || one.out ? [contactIdOf(n)] : []));
          expect(new Set(seen).size).toBe(seen.length);
          expect(seen.toSorted()).toEqual(expected.toSorted());
        },
      ),
      { numRuns: 25 },
    );
  });

  it('names and numbers are masked (R11), and a line that is changed is found by what it says now', () => {
    tell('C1', past(1));
    const answer = historyHere(db.read, {}, { session: me, inHand: null });
    expect(answer).toMatchObject({ rows: [{ who: '李*', number: '138****0001' }], cursor: null });
    tell('C1', past(1, { disposition: [{ zh: '投诉', en: 'Complaint' }] }));
    expect(rowsFor({ disposition: ['咨询'] })).toEqual([]);
    expect(rowsFor({ disposition: ['投诉'] })).toEqual([1]);
  });
});

describe('history of a seat at work', () => {
  let central: FakeCentral;
  beforeEach(async () => {
    central = await startFakeCentral(feedOf([customer('c-li')]));
  });
  afterEach(async () => {
    await endSeats();
    await central.close();
  });

  it('R34 off line: the contact just wrapped up is found by number and day and opened; R13 central learns of it later', async () => {
    const seat = startSeat(central.url);
    await seat.signIn();
    await seat.synced();
    await seat.desk.call('agent.ready', {});
    const call = inbound('13800138000');
    central.fault = 'down';
    await seat.report(call);
    await seat.report(talking(call));
    await seat.report(ended(talking(call)));
    const { contact, tree } = await seat.contact();
    const path: string[] = [];
    for (let level: readonly { id: string; children: readonly unknown[] }[] = tree.roots; level.length > 0;) {
      path.push(level[0]?.id ?? '');
      level = (level[0]?.children ?? []) as typeof level;
    }
    value(await seat.desk.call('contact.wrapUp', { contactId: contact.id, note: '已解释账单', disposition: path }));
    const search = async (filter: HistoryFilter) =>
      value(await seat.desk.call('history.search', { filter, where: 'seat' }));
    for (const filter of [{}, { who: '138 0013 8000' }, { disposition: path }, { fromMs: contact.openedAtMs }])
      expect(await search(filter), JSON.stringify(filter)).toMatchObject({ rows: [{ contactId: contact.id }] });
    expect(await search({ toMs: contact.openedAtMs })).toMatchObject({ rows: [] });
    expect(await seat.desk.call('history.search', { filter: {}, where: 'central' })).toMatchObject({
      error: { kind: 'offline' },
    });
    const opened = value(await seat.desk.call('history.open', { contactId: contact.id }));
    expect(opened).toMatchObject({
      from: 'seat',
      detail: { note: '已解释账单', row: { number: '138****8000' }, recordings: { kind: 'askCentral' } },
    });
    const [found] = (
      value(await seat.desk.call('customer.search', { text: '13800138000', where: 'seat' })) as {
        rows: { customer: { id: CustomerId } }[];
      }
    ).rows;
    value(await seat.desk.call('customer.opened', { customerId: found?.customer.id ?? CustomerId.parse('none') }));
    central.fault = 'none';
    await seat.synced();
    const seen = central.applied.map((op) => op.body).filter((body) => body.name === 'customer.opened');
    expect(seen).toMatchObject([
      { contactId: contact.id, from: 'history' },
      { customerId: found?.customer.id, contactId: null, from: 'search' },
    ]);
  });

  it('what nobody showed cannot be opened, here or at central', async () => {
    const seat = startSeat(central.url);
    await seat.signIn();
    await seat.synced();
    expect(await seat.desk.call('customer.opened', { customerId: CustomerId.parse('C404') })).toMatchObject({
      error: { kind: 'notFound' },
    });
    const contactId = contactIdOf(404) as never;
    expect(await seat.desk.call('history.open', { contactId })).toMatchObject({
      error: { kind: 'notFound', reason: 'contact' },
    });
    expect(await seat.desk.call('recording.sound', { contactId, part: 0, fromMs: 0 })).toMatchObject({
      error: { kind: 'notFound', reason: 'recordingMissing' },
    });
  });
});
