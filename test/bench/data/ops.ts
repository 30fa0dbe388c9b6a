import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../../main/engine/clock.ts';
import { createNewId } from '../../../main/engine/new-id.ts';
import { createSeat } from '../../../main/engine/seat.ts';
import { lastSeq } from '../../../main/engine/store/op-places.ts';
import { appendOp, countWaiting, waitingOps } from '../../../main/engine/store/outbox.ts';
import { mostOps } from '../../../main/engine/sync.ts';
import { CallId, ContactId, OpId, SeatId, TopicId } from '../../../shared/ids.ts';
import type { ContactOp } from '../../../shared/op.ts';
import { defaultPolicy } from '../../../shared/policy.ts';
import { openRawDisk } from '../measure/raw-disk.ts';
import type { Figure } from './figures.ts';
import { figuresOf } from './figures.ts';
import { openSeatStore, type Watch } from './stores.ts';

const newId = createNewId(systemClock, (bytes) => randomBytes(bytes));

/** What an agent does in a call, op by op. */
export const callOf = (n: number): readonly ContactOp[] => {
  const contactId = ContactId.parse(newId());
  const of = { contactId, atMs: Date.now() };
  return [
    {
      ...{ name: 'contact.opened', ...of, callId: CallId.parse(newId()), direction: 'inbound', queue: 'service' },
      ...{ number: `+8613${String(n).padStart(9, '0')}`, customerId: null },
    },
    { name: 'contact.answered', ...of },
    { name: 'contact.topicChosen', ...of, topicId: TopicId.parse('bill'), script: null },
    { name: 'contact.scriptAnswered', ...of, answers: [{ stepId: 'greet', answerId: 'yes', atMs: of.atMs }] },
    { name: 'contact.ended', ...of, cause: 'customerHungUp' },
    {
      ...{ name: 'contact.wrappedUp', ...of, disposition: ['solved'], forced: false },
      note: '客户查询上月话费，已解释费用构成，客户认可。',
    },
  ];
};

/** A seat's start: the store open, and the first ops of those that wait in hand, to be sent. */
const opensMs = (dir: string, watch: Watch): number[] =>
  Array.from({ length: 30 }, () => {
    const startMs = performance.now();
    const db = openSeatStore(dir, watch.log);
    const sent = waitingOps(db.read, mostOps).length + countWaiting(db.read);
    const tookMs = performance.now() - startMs;
    db.close();
    if (sent === 0) throw new Error('nothing waits');
    return tookMs;
  });

/** Two shifts without central. */
const waiting = 6_000;
/** So many in a transaction: what is prepared is no statement of the engine's that took too long. */
const atOnce = 200;
export const letWait = (dir: string, watch: Watch): void => {
  const db = openSeatStore(dir, watch.log);
  const seatId = SeatId.parse(newId());
  for (let n = countWaiting(db.read); n < waiting; n += atOnce)
    db.write('waiting ops', (write) => {
      for (let nth = n; nth < Math.min(waiting, n + atOnce); nth += 1) {
        const [, body] = callOf(nth);
        if (body === undefined) throw new Error('a call has ops');
        const op = { id: OpId.parse(newId()), seatId, seq: lastSeq(write) + 1, agentId: 'A1' as never, body };
        appendOp(write, op);
      }
    });
  db.close();
};

/** Durable ops by the engine's own write path (rule, row, outbox, commit), each beside one page overwritten and flushed. */
export const measureOps = async (dir: string, calls: number, watch: Watch): Promise<Figure[]> => {
  const seatDir = join(dir, 'ops');
  mkdirSync(seatDir, { recursive: true });
  const db = openSeatStore(seatDir, watch.log);
  const seat = createSeat({
    ...{ db, clock: systemClock, newId, seatId: SeatId.parse(newId()) },
    ...{ tell: () => {}, opsAdded: () => {} },
  });
  seat.setSession({
    ...{ token: 't', policy: defaultPolicy, practice: false, sip: null, sinceMs: Date.now() },
    agent: { id: 'A1' as never, number: '8001', name: '林小禾', role: 'agent', queues: [] },
  });
  const [disk, other] = [openRawDisk(seatDir), openRawDisk(dir)];
  const logged = (): number => db.read.all<{ log: number }>('log', 'PRAGMA main.wal_checkpoint(NOOP)')[0]?.log ?? 0;
  const ops: number[] = [];
  const raw: number[] = [];
  const withTimes: number[] = [];
  const samePages: number[] = [];
  const counts: number[] = [];
  for (let n = 0; n < calls + 20; n += 1)
    for (const op of callOf(n)) {
      // Each comes in a turn of its own, as from a window: what the store does between two is not the op's.
      await new Promise((next) => setImmediate(next));
      const before = logged();
      const startMs = performance.now();
      const done = seat.commit({ ops: [op] });
      const tookMs = performance.now() - startMs;
      if (!done.ok) throw new Error(`an op was refused: ${done.error.reason}`);
      const withTimesMs = other.writeWithTimesMs();
      const rawMs = disk.writeMs();
      // The log begins anew when it was emptied.
      const pages = logged() - before;
      const samePagesMs = other.writePagesMs(pages > 0 ? pages : 3);
      // The first calls compile what the others run.
      if (n < 20) continue;
      ops.push(tookMs);
      raw.push(rawMs);
      withTimes.push(withTimesMs);
      samePages.push(samePagesMs);
      if (pages > 0) counts.push(pages);
    }
  disk.close();
  other.close();
  db.close();
  const opens = opensMs(seatDir, watch);
  letWait(seatDir, watch);
  const waitingOpens = opensMs(seatDir, watch);
  return [
    ...figuresOf(
      { metric: 'op_durable_ms', unit: 'ms', samples: ops },
      ['p50', 'p95', 'p99'],
      [
        { name: 'fsync', samples: raw },
        { name: 'fsync_with_times', samples: withTimes },
        { name: 'same_pages', samples: samePages },
      ],
    ),
    ...figuresOf({ metric: 'op_pages', unit: '', samples: counts }, ['p50', 'max']),
    ...figuresOf({ metric: 'open_ms', unit: 'ms', samples: opens }, ['p50', 'p95']),
    ...figuresOf({ metric: 'open_6000_waiting_ms', unit: 'ms', samples: waitingOpens }, ['p50', 'p95']),
  ];
};
