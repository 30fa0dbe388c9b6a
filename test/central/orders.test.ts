import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { verifyAudit } from '../../central/audit.ts';
import { customerById } from '../../central/customers.ts';
import type { Database } from '../../central/db.ts';
import { rows, run, statement, transaction } from '../../central/db.ts';
import { publishReference } from '../../central/feed.ts';
import { openSecrets } from '../../central/secrets.ts';
import { makeSimulatedPhones } from '../../central/sms.ts';
import { type ContactId, ScriptId, WorkId } from '../../shared/ids.ts';
import type { Order, OrderOp, OrderStep } from '../../shared/order.ts';
import { defaultPolicy } from '../../shared/policy.ts';
import { disclosureKinds, type Script } from '../../shared/script.ts';
import { wholeScript } from '../shared/script/make.ts';
import type { OpenedDatabase, Rig, Seat } from './fixture.ts';
import { ask, clean, customerId, databaseKinds, newContactId, opened, openTestDatabase, putAgents } from './fixture.ts';
import { putCustomers, signIn, startRig } from './fixture.ts';

const hourMs = 3_600_000;
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
const pinned = { id: ScriptId.parse(script.id), version: script.version };
const closing = script.steps.find(({ part }) => part === 'close')?.id ?? '';

describe.each(databaseKinds)('R30, R41, R42 orders on %s', (kind) => {
  let openedDb: OpenedDatabase;
  let database: Database;
  let rig: Rig;
  let seat: Seat;
  beforeAll(async () => {
    openedDb = await openTestDatabase(kind);
    ({ database } = openedDb);
    await putAgents(database);
  });
  beforeEach(async () => {
    await clean(database);
    await run(database.db, statement`delete from sale_text`);
    await run(database.db, statement`delete from sms_reply`);
    await putCustomers(database, 2);
    const tree = {
      ...{ id: 't', queues: ['service'] },
      roots: [{ id: 'sold', label: { zh: '已办理', en: 'Sold' }, outcome: 'sold', children: [] }],
    };
    await transaction(database.db, async (tx) => {
      await publishReference(tx, 'script', [{ id: `${script.id}@${script.version}`, row: script }]);
      await publishReference(tx, 'tree', [{ id: 't', row: tree }]);
    });
    rig = await startRig(database);
    seat = await signIn(rig, '1001');
  });
  afterEach(() => rig.close());
  afterAll(() => openedDb.close());

  const applied = (results: readonly { outcome: string; reason?: string | undefined }[]): readonly string[] =>
    results.map(({ outcome, reason }) => (outcome === 'applied' ? outcome : (reason ?? outcome)));
  const now = (): number => rig.clock.nowMs();
  const inCall = async (): Promise<ContactId> => {
    const contactId = newContactId();
    const topic = { name: 'contact.topicChosen', contactId, topicId: 'offer' as never, script: pinned } as const;
    await seat.push(
      opened(contactId, customerId(1), now()),
      { name: 'contact.answered', contactId, atMs: now() },
      { ...topic, atMs: now() },
    );
    return contactId;
  };
  const tell = (contactId: ContactId, items: readonly string[] = disclosureKinds) =>
    seat.push(
      ...items.map((itemId, n) => ({
        ...({ name: 'contact.disclosed', contactId, stepId: closing, itemId, atMs: now() + n } as const),
        mark: { recording: 'at', offsetMs: 1_000 * (n + 1) } as const,
      })),
    );
  const openOp = (contactId: ContactId): OrderOp => ({
    ...{ name: 'order.opened', workId: WorkId.parse(randomUUID()), customerId: customerId(1), contactId, atMs: now() },
    ...{ flow: 'onSpot', offer: { name: '10 GB', tariffId: 'T1' }, script: pinned, payment: null, delivery: null },
    note: '',
  });
  const stepOp = (workId: WorkId, step: OrderStep): OrderOp => ({
    ...{ name: 'order.stepped', workId, step, note: '说明', atMs: now() },
    mark: step === 'consented' ? { recording: 'at', offsetMs: 9_000 } : null,
  });
  const orderOf = async (who: Seat = seat): Promise<Order> => {
    const { orders = [] } = (await ask(rig, 'work', { mark: '', orders: 'yes' }, who.token)).value;
    const [order] = orders;
    if (order === undefined) throw new Error('no order');
    return order;
  };
  const settle = async (): Promise<void> => rig.central.settled();
  /** Up to the text that asks to confirm. */
  const asked = async (): Promise<{ readonly contactId: ContactId; readonly workId: WorkId }> => {
    const contactId = await inCall();
    await tell(contactId);
    const op = openOp(contactId);
    const steps = (['disclosed', 'consented', 'confirmAsked'] as const).map((step) => stepOp(op.workId, step));
    expect(applied(await seat.push(op, ...steps))).toEqual(['applied', 'applied', 'applied', 'applied']);
    await settle();
    return { contactId, workId: op.workId };
  };
  const number = async (): Promise<string> => {
    const [own] = await rows(
      database.db,
      statement<{
        key: string;
      }>`select key from customer_number where customer_id = ${customerId(1)} order by position`,
    );
    return own?.key ?? '';
  };
  const code = (nth = 0): string => /Y(\d{4})/u.exec(rig.phones.askedOf(customerId(1))[nth] ?? '')?.[1] ?? '';
  let replies = 0;
  const reply = async (text: string, from?: string, id = `r${(replies += 1)}-${kind}`): Promise<void> => {
    await rig.phones.reply({ id, number: from ?? (await number()), text, atMs: now() });
    await settle();
  };
  const kept = () =>
    rows(
      database.db,
      statement<{ text: string; outcome: string; order_id: string | null }>`
        select text, outcome, order_id from sms_reply order by arrived_at_ms, id`,
    );
  const outcomes = async (): Promise<readonly string[]> => (await kept()).map(({ outcome }) => outcome);

  it('a sale goes all its way: told, agreed, asked by text, answered, provisioned, said so; every step is kept', async () => {
    const { contactId, workId } = await asked();
    expect((await orderOf()).sale).toMatchObject({ kind: 'asked', untilMs: now() + 24 * hourMs });
    const early = { name: 'contact.wrappedUp' as const, contactId, disposition: ['sold'], forced: false, note: '' };
    await seat.push({ name: 'contact.ended', contactId, cause: 'customerHungUp', atMs: now() });
    expect(applied(await seat.push({ ...early, atMs: now() }))).toEqual(['soldTooEarly']);
    expect(applied(await seat.push(stepOp(workId, 'provisioned')))).toEqual(['saleStep']);
    await reply(`y ${code()}`);
    expect((await orderOf()).sale?.kind).toBe('confirmed');
    expect(applied(await seat.push({ ...early, atMs: now() }))).toEqual(['applied']);
    expect(applied(await seat.push(stepOp(workId, 'provisioned')))).toEqual(['applied']);
    await settle();
    const order = await orderOf();
    expect(order.sale?.kind).toBe('sold');
    expect(order.replies).toMatchObject([{ says: 'yes', outcome: 'confirmed' }]);
    expect(order.steps.map(({ step }) => step).join(' ')).toBe(
      'opened disclosed consented confirmAsked sending textSent replied provisioned successSent',
    );
    expect(rig.phones.noticesTo(customerId(1)).at(-1)).toContain('10 GB');
    expect((await customerById(database.db, customerId(1)))?.orders).toMatchObject([{ id: workId, stage: 'done' }]);
    const { auditKey } = await openSecrets(database.db);
    expect(await verifyAudit(database.db, auditKey)).toMatchObject({ kind: 'intact' });
  });

  it('R42 central goes by its ledger, not by the seat: without every item there is no consent', async () => {
    const contactId = await inCall();
    const op = openOp(contactId);
    await tell(contactId, ['price', 'scope']);
    expect(applied(await seat.push(op, stepOp(op.workId, 'disclosed'), stepOp(op.workId, 'consented')))).toEqual([
      'applied',
      'notDisclosed',
      'saleStep',
    ]);
    await tell(contactId);
    expect(applied(await seat.push(stepOp(op.workId, 'disclosed')))).toEqual(['applied']);
    // Told twice is told once, and the first time counts.
    const [lines] = await rows(
      database.db,
      statement<{ n: number; hashes: number }>`
        select count(*)::int as n, count(distinct version_hash)::int as hashes from disclosure where contact_id = ${contactId}`,
    );
    expect(lines).toEqual({ n: 5, hashes: 1 });
  });

  it('R42 the ledger cannot be changed, and a player gets its marks with the customer’s yes', async () => {
    const { contactId } = await asked();
    await expect(
      run(database.db, statement`update disclosure set offset_ms = 1 where contact_id = ${contactId}`),
    ).rejects.toThrow('never changed');
    const { marks } = (await ask(rig, 'recordingMarks', { contactId }, seat.token)).value;
    expect(marks.map(({ offsetMs, label }) => `${offsetMs} ${label.en}`)).toContain('3000 validity');
    expect(marks.map(({ offsetMs, label }) => `${offsetMs} ${label.en}`)).toContain('9000 Customer agreed');
  });

  it('no sale with a script of no tariff, of another tariff, or that nobody published', async () => {
    const contactId = await inCall();
    const op = openOp(contactId);
    if (op.name !== 'order.opened') throw new Error('not opened');
    const results = await seat.push(
      { ...op, script: { ...pinned, version: 99 } },
      { ...op, offer: { name: 'x', tariffId: 'T2' } },
      { ...op, script: null },
    );
    expect(applied(results)).toEqual(['tariffScriptFirst', 'tariffScriptFirst', 'tariffScriptFirst']);
  });

  it('a reply that is late buys nothing and is kept; asked again, a new text with another time does', async () => {
    await rig.close();
    rig = await startRig(database, { policy: { ...defaultPolicy, saleReplyHours: 0.05 } });
    seat = await signIn(rig, '1001');
    const { workId } = await asked();
    const before = code();
    rig.clock.advance(0.05 * hourMs + 15_001);
    await settle();
    expect((await orderOf()).sale?.kind).toBe('lapsed');
    await reply(`Y${before}`);
    expect((await orderOf()).sale?.kind).toBe('lapsed');
    expect(applied(await seat.push(stepOp(workId, 'confirmAsked')))).toEqual(['applied']);
    await settle();
    await reply(`Y${code(1)}`);
    expect((await orderOf()).sale?.kind).toBe('confirmed');
    expect(await outcomes()).toEqual(['late', 'confirmed']);
  });

  it('a reply that comes before the time was seen to be over is late all the same', async () => {
    await asked();
    await run(
      database.db,
      statement`
        update work set row = jsonb_set(row::jsonb, '{sale,untilMs}', ${String(now() - 1)}::jsonb)::json where record = 'order'`,
    );
    await reply(`Y${code()}`);
    expect(await outcomes()).toEqual(['late']);
  });

  it('the same message brought twice counts once; a second yes says what is known', async () => {
    await asked();
    await reply(`Y${code()}`, undefined, `same-${kind}`);
    await reply(`Y${code()}`, undefined, `same-${kind}`);
    await reply('是');
    expect((await outcomes()).toSorted()).toEqual(['again', 'confirmed']);
    expect((await orderOf()).replies).toHaveLength(2);
  });

  it('a reply from another number buys nothing, and stands with the order; one to nothing of ours is kept', async () => {
    await asked();
    await reply(`Y${code()}`, '+8613911112222');
    await reply('Y', '+8613911112222');
    await reply('你好', 'not a number');
    expect((await orderOf()).sale?.kind).toBe('asked');
    expect((await orderOf()).replies).toMatchObject([{ outcome: 'otherNumber' }]);
    expect((await kept()).map(({ outcome, order_id: id }) => `${outcome} ${id !== null}`).toSorted()).toEqual([
      'otherNumber true',
      'unmatched false',
      'unmatched false',
    ]);
  });

  it('neither yes nor no, or a wrong code, leaves the question open; a no ends it, and a no after provisioning is shown', async () => {
    const { workId } = await asked();
    await reply('这是什么？');
    await reply('Y0000'.replace('0000', code() === '0000' ? '0001' : '0000'));
    expect((await orderOf()).sale?.kind).toBe('asked');
    await reply('不要');
    expect((await orderOf()).sale?.kind).toBe('declined');
    expect(applied(await seat.push(stepOp(workId, 'confirmAsked')))).toEqual(['saleStep']);
    const second = await asked();
    await reply(`Y${code(1)}`);
    await seat.push(stepOp(second.workId, 'provisioned'));
    await settle();
    await reply(`N${code(1)}`);
    expect((await outcomes()).toSorted()).toEqual(['confirmed', 'declined', 'tooLate', 'unclear', 'unclear']);
  });

  it('two orders that wait and a plain yes: neither is bought by it', async () => {
    await asked();
    await asked();
    await reply('是');
    expect(await outcomes()).toEqual(['unclear']);
    await reply(`Y${code(0)}`);
    await reply(`Y${code(1)}`);
    expect(await outcomes()).toEqual(['unclear', 'confirmed', 'confirmed']);
  });

  it('a text the carrier does not take is the agent’s to ask for again; a yes to it counts, for it did arrive', async () => {
    await rig.close();
    const phones = makeSimulatedPhones();
    let isDown = true;
    const sms = {
      ...phones,
      send: async (message: Parameters<typeof phones.send>[0]) => {
        await phones.send(message);
        if (isDown) throw new Error('no answer');
      },
    };
    rig = { ...(await startRig(database, { sms })), phones };
    seat = await signIn(rig, '1001');
    const { workId } = await asked();
    expect((await orderOf()).sale).toMatchObject({ kind: 'unsent', attempt: 1 });
    await reply(`Y${code()}`);
    expect((await orderOf()).sale?.kind).toBe('confirmed');
    // The text of success is owed until it is taken.
    await seat.push(stepOp(workId, 'provisioned'));
    await settle();
    expect((await orderOf()).sale?.kind).toBe('provisioned');
    isDown = false;
    rig.clock.advance(90_000);
    await settle();
    expect((await orderOf()).sale?.kind).toBe('sold');
  });

  it('what an instance had begun when it fell is sent by the next one, with the same code', async () => {
    await rig.close();
    rig = await startRig(database, { sms: { send: () => new Promise<void>(() => {}) } });
    seat = await signIn(rig, '1001');
    const contactId = await inCall();
    await tell(contactId);
    const op = openOp(contactId);
    await seat.push(op, ...(['disclosed', 'consented', 'confirmAsked'] as const).map((s) => stepOp(op.workId, s)));
    await expect.poll(async () => (await orderOf()).sale?.kind).toBe('sending');
    const fallen = rig;
    rig = await startRig(database);
    rig.clock.advance(200_000);
    await settle();
    expect((await orderOf()).sale?.kind).toBe('asked');
    expect(rig.phones.askedOf(customerId(1))).toHaveLength(1);
    await fallen.central.app.close();
  });

  it('a seat of before is told of no orders, and hears the rest as ever', async () => {
    await asked();
    const { value } = await ask(rig, 'work', { mark: '' }, seat.token);
    expect(value.rows).toEqual([]);
    expect(value.orders).toBeUndefined();
  });

  it('every seat of the queue sees the order; money is shown to whoever counts it', async () => {
    const { workId } = await asked();
    const colleague = await signIn(rig, '1002');
    expect((await orderOf(colleague)).id).toBe(workId);
    expect(applied(await colleague.push(stepOp(workId, 'declined')))).toEqual(['orderOfAnother']);
    expect(applied(await colleague.push({ ...openOp(newContactId()) }))).toEqual(['notInThisCall']);
  });
});
