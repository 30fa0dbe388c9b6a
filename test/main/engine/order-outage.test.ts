import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../../central/db.ts';
import { rows, run, statement, transaction } from '../../../central/db.ts';
import { publishReference } from '../../../central/feed.ts';
import type { Order, OrderStep } from '../../../shared/order.ts';
import { disclosureKinds, type Script, Topic } from '../../../shared/script.ts';
import type { ContactId, WorkId } from '../../../shared/ids.ts';
import type { OpenedDatabase, Rig } from '../../central/fixture.ts';
import {
  clean,
  customerId,
  databaseKind,
  openTestDatabase,
  passwords,
  putAgents,
  putCustomers,
  startRig,
} from '../../central/fixture.ts';
import { makeManualClock } from '../../central/manual-clock.ts';
import { wholeScript } from '../../shared/script/make.ts';
import type { SeatUnderTest } from '../harness.ts';
import { ended, endSeats, inbound, passUntil, startSeat, talking, value } from '../harness.ts';
import type { ManualClock } from '../manual-clock.ts';

// R30, R41 through an outage: a real central that is ended at a step of an order and comes back at the same address, on the same database.

const script: Script = {
  ...wholeScript({ tariffId: 'T1' }),
  steps: wholeScript().steps.map((step) =>
    step.part === 'close'
      ? {
          ...step,
          disclosures: disclosureKinds.map((kind) => ({ id: kind, kind, label: { zh: `告知${kind}`, en: kind } })),
        }
      : step,
  ),
};
const closing = script.steps.find(({ part }) => part === 'close')?.id ?? '';
const topic = Topic.parse({
  ...{ id: 'outage-offer', name: { zh: '办理流量包', en: 'Data pack' }, class: 1, scriptId: script.id },
  ...{ queues: ['service'], fields: [], pinyin: [] },
});

let opened: OpenedDatabase;
let database: Database;
let rig: Rig;
let seat: SeatUnderTest;
let port: number;
const texts: string[] = [];
beforeAll(async () => {
  opened = await openTestDatabase(databaseKind);
  ({ database } = opened);
  await putAgents(database);
});
beforeEach(async () => {
  await clean(database);
  texts.length = 0;
  await run(database.db, statement`delete from sale_text`);
  await run(database.db, statement`delete from sms_reply`);
  await putCustomers(database, 1);
  await transaction(database.db, async (tx) => {
    await publishReference(tx, 'script', [{ id: `${script.id}@${script.version}`, row: script }]);
    await publishReference(tx, 'topic', [{ id: topic.id, row: topic }]);
  });
  rig = await startRig(database);
  port = Number(new URL(await rig.central.listen({ port: 0 })).port);
  // The seat's own: central's time by hand must not run out on a request of the seat's.
  seat = startSeat(`http://127.0.0.1:${port}`, { clock: makeManualClock() as unknown as ManualClock });
  value(await seat.desk.call('session.signIn', { agentNumber: '1001', password: passwords['1001'] }));
  value(await seat.desk.call('shift.checked', { microphone: 'heard' }));
  await seat.synced();
  value(await seat.desk.call('agent.ready', {}));
});
afterEach(async () => {
  await endSeats();
  await rig.close();
});
afterAll(() => opened.close());

/** What was on its way to customers is told beside: an instance's phones go with it. */
const cut = async (): Promise<void> => {
  texts.push(...rig.phones.askedOf(customerId(1)));
  await rig.close();
};
const back = async (): Promise<void> => {
  rig = await startRig(database, { clock: rig.clock });
  await rig.central.listen({ port });
};
const atSeat = async (): Promise<Order> => {
  const row = (await seat.snapshot()).work.rows.find((one) => one.row.record === 'order')?.row;
  if (row?.record !== 'order') throw new Error('no order at the seat');
  return row;
};
const atCentral = async (): Promise<readonly Order[]> =>
  (await rows(database.db, statement<{ row: Order }>`select row from work where record = 'order'`)).map(
    ({ row }) => row,
  );
const reply = async (): Promise<void> => {
  const [own] = await rows(
    database.db,
    statement<{ key: string }>`select key from customer_number where customer_id = ${customerId(1)} order by position`,
  );
  const code = /Y(\d{4})/u.exec([...texts, ...rig.phones.askedOf(customerId(1))].at(-1) ?? '')?.[1] ?? '';
  await rig.phones.reply({ id: `r-${code}`, number: own?.key ?? '', text: `Y${code}`, atMs: rig.clock.nowMs() });
  await rig.central.settled();
};
const step = (workId: WorkId, taken: OrderStep) => seat.desk.call('order.step', { workId, step: taken, note: '' });
const synced = (isSo: () => void | Promise<void>): Promise<void> =>
  passUntil(seat.clock, 16_000, async () => {
    // Pokes, and what central looks after by itself.
    rig.clock.advance(1_000);
    expect(await seat.snapshot()).toMatchObject({ sync: { kind: 'idle', waiting: 0 } });
    await rig.central.settled();
    await isSo();
  });

const inCall = async (): Promise<{ readonly contactId: ContactId; readonly hangUp: () => Promise<void> }> => {
  const call = inbound('13800000001');
  await seat.report(call);
  await seat.report(talking(call));
  expect((await seat.contact()).contact.customerId).toBe(customerId(1));
  value(await seat.desk.call('contact.chooseTopic', { contactId: call.contactId, topicId: topic.id }));
  for (const itemId of disclosureKinds)
    value(await seat.desk.call('script.tell', { contactId: call.contactId, stepId: closing, itemId }));
  return { contactId: call.contactId, hangUp: () => seat.report(ended(call)) };
};
const open = async (contactId: ContactId): Promise<WorkId> => {
  const asked = { contactId, flow: 'onSpot', name: '10 GB', payment: null, delivery: null, note: '' } as const;
  return value(await seat.desk.call('order.open', asked)).workId;
};

describe('R30, R41 an order through an outage of central', () => {
  it.each(['opened', 'consented', 'confirmAsked'] as const)(
    'lost when it was %s: the seat keeps it all, nothing is sold early, and one text goes out once central is back',
    async (at) => {
      const { contactId, hangUp } = await inCall();
      await seat.synced();
      if (at === 'opened') await cut();
      const workId = await open(contactId);
      if (at !== 'opened') await seat.synced();
      if (at === 'consented') await cut();
      value(await step(workId, 'consented'));
      if (at === 'confirmAsked') {
        await seat.synced();
        await cut();
      }
      value(await step(workId, 'confirmAsked'));
      // Begun in the call, on disk, waiting: what is right of "asking" is central's word alone.
      expect((await atSeat()).sale?.kind).toBe('asking');
      await passUntil(seat.clock, 1_000, async () => expect((await seat.snapshot()).sync.kind).toBe('offline'));
      expect(await step(workId, 'provisioned')).toMatchObject({ ok: false, error: { reason: 'saleStep' } });
      await hangUp();
      const sold = { contactId, note: '', disposition: ['answered', 'package', 'sold'] };
      expect(await seat.desk.call('contact.wrapUp', sold)).toMatchObject({
        ok: false,
        error: { reason: 'soldTooEarly' },
      });
      expect(texts).toEqual([]);
      await back();
      await synced(async () => expect((await atCentral()).map(({ sale }) => sale?.kind)).toEqual(['asked']));
      expect(rig.phones.askedOf(customerId(1))).toHaveLength(1);
      await reply();
      await synced(async () => expect((await atSeat()).sale?.kind).toBe('confirmed'));
      value(await seat.desk.call('contact.wrapUp', sold));
      value(await step(workId, 'provisioned'));
      await synced(async () => expect((await atCentral()).map(({ sale }) => sale?.kind)).toEqual(['sold']));
      const [order] = await atCentral();
      expect(order?.steps.map((one) => one.step).join(' ')).toBe(
        'opened disclosed consented confirmAsked sending textSent replied provisioned successSent',
      );
    },
  );

  it('lost while the reply is awaited, and again at provisioning: the reply counts once, the success is told once', async () => {
    const { contactId, hangUp } = await inCall();
    const workId = await open(contactId);
    value(await step(workId, 'consented'));
    value(await step(workId, 'confirmAsked'));
    await synced(async () => expect((await atCentral())[0]?.sale?.kind).toBe('asked'));
    await cut();
    await hangUp();
    expect((await atSeat()).sale?.kind).not.toBe('confirmed');
    await back();
    await reply();
    await reply();
    await synced(async () => expect((await atSeat()).sale?.kind).toBe('confirmed'));
    await cut();
    value(await step(workId, 'provisioned'));
    value(
      await seat.desk.call('contact.wrapUp', { contactId, note: '', disposition: ['answered', 'package', 'sold'] }),
    );
    await back();
    await synced(async () => expect((await atCentral()).map(({ sale }) => sale?.kind)).toEqual(['sold']));
    expect(rig.phones.noticesTo(customerId(1))).toHaveLength(1);
    expect(texts).toHaveLength(1);
    expect((await seat.snapshot()).refusedOps).toEqual([]);
  });
});
