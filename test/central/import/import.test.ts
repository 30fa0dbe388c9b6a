import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { putQueue } from '../../../central/agents.ts';
import { customersByNumber, historyOf, lockPrivate } from '../../../central/customers.ts';
import { rows, statement, transaction } from '../../../central/db.ts';
import { publishCustomer } from '../../../central/feed.ts';
import { feedChannel } from '../../../central/feed.ts';
import { answerFits } from '../../../central/answers.ts';
import { openSecrets } from '../../../central/secrets.ts';
import { Customer } from '../../../shared/customer.ts';
import { clean } from '../fixture.ts';
import type { ImportRig } from './import-rig.ts';
import { openImportRig } from './import-rig.ts';
import { makeXlsx } from './xlsx.ts';

let rig: ImportRig;
beforeAll(async () => {
  rig = await openImportRig();
  // The embedded database takes its time on a loaded machine.
}, 120_000);
beforeEach(() => clean(rig.database));
afterAll(() => rig.close());

const header = '客户编号,姓名,手机号,套餐,上月账单,上上月账单,队列,身份证号,服务密码';
const line = (n: number, changes: Partial<Record<'id' | 'name' | 'number' | 'rest', string>> = {}): string =>
  [
    changes.id ?? `C${n}`,
    changes.name ?? `欧阳试${n}`,
    changes.number ?? `1380013${String(n).padStart(4, '0')}`,
    changes.rest ?? '畅享99,128.50,100,service,000101199003070016,246810',
  ].join(',');
const file = (...lines: readonly string[]): string => [header, ...lines, ''].join('\r\n');
const counts = (state: { readonly kind: string }) => ('counts' in state ? state.counts : undefined);

describe('customers', () => {
  it('are masked for seats, kept in full at central and verified by what was imported (R8, R10, R11)', async () => {
    const { states, last } = await rig.take(file(line(1)));
    expect(states.map(({ kind }) => kind)).toEqual(['reading', 'planned', 'checking', 'writing', 'done']);
    expect(last).toMatchObject({ kind: 'done', counts: { rows: 1, bad: 0, written: 1, same: 0, share: 1 } });
    const customer = await rig.customer('C1');
    expect(Customer.parse(customer)).toEqual(customer);
    expect(customer).toMatchObject({
      ...{ surname: '欧阳', nameMasked: '欧阳**', numbers: [{ key: '+8613800130001', confidence: 'certain' }] },
      usage: { lastBill: 129, previousBill: 100 },
      package: { name: { zh: '畅享99' } },
    });
    expect(JSON.stringify(customer)).not.toMatch(/试1|0001011990|246810|128\.5/u);
    const { mark } = await openSecrets(rig.database.db);
    const kept = await transaction(rig.database.db, (tx) => lockPrivate(tx, 'C1'));
    if (kept === undefined) throw new Error('nothing kept');
    expect(kept.bill).toBe(128.5);
    for (const [factor, said] of [
      ['fullName', '欧阳试1'],
      ['idNumber', '000101199003070016'],
      ['servicePassword', '246810'],
      ['package', '畅享99套餐'],
    ] as const)
      expect(answerFits(factor, said, kept, mark), factor).toBe(true);
    expect(answerFits('servicePassword', '246811', kept, mark)).toBe(false);
  });

  it('the same file again changes nothing, not even for a seat that follows the feed', async () => {
    await rig.take(file(line(1), line(2)));
    const before = await rig.everything();
    const { last } = await rig.take(file(line(1), line(2)));
    expect(counts(last)).toMatchObject({ written: 0, same: 2, bad: 0 });
    expect(await rig.everything()).toEqual(before);
  });

  it('the same customer id is updated; empty cells, its place, its queues and what agents did stay', async () => {
    await rig.take(file(line(1), line(2)));
    const was = await rig.customer('C1');
    if (was === undefined) throw new Error('not there');
    const offer = { offerId: 'data-10g', atMs: 5 };
    await transaction(rig.database.db, (tx) =>
      publishCustomer(tx, { ...was, refusesMarketing: true, lastOffers: [offer] }),
    );
    const place = () =>
      rows(rig.database.db, statement`select place, queues from feed where entity = 'customer' and id = 'C1'`);
    const placed = await place();
    await rig.take('客户编号,姓名,手机号,套餐,免打扰\nC1,欧阳新,13800139999,,否\n');
    expect(await rig.customer('C1')).toMatchObject({
      nameMasked: '欧阳*',
      numbers: [{ key: '+8613800139999' }],
      package: was.package,
      lastOffers: [offer],
      // R22: only a documented necessity lifts a refusal, a file does not.
      refusesMarketing: true,
    });
    expect(await place()).toEqual(placed);
    expect(await customersByNumber(rig.database.db, '+8613800130001')).toEqual([]);
  });

  it('a number has one customer, in the file and in the database, unless the mapping shares it (R8)', async () => {
    await rig.take(file(line(1)));
    const twice = file(line(2), line(3, { number: '13800130002' }), line(4, { number: '+86 138-0013-0001' }));
    const { last, reasons } = await rig.take(twice);
    expect(counts(last)).toMatchObject({ written: 1, bad: 2 });
    expect(reasons.get(3)).toContain('Row 2 gave this number');
    expect(reasons.get(4)).toContain('another customer, C1');
    expect(await rig.customer('C3')).toBeUndefined();
    const shared = await rig.take(twice, { map: { sharedNumbers: true } });
    expect(counts(shared.last)).toMatchObject({ written: 2, same: 1, bad: 0 });
    expect((await customersByNumber(rig.database.db, '+8613800130001')).map(({ id }) => id)).toEqual(['C1', 'C4']);
  });

  it('a number that the file takes from one customer is free for the next row', async () => {
    await rig.take(file(line(1)));
    const { last } = await rig.take(file(line(1, { number: '13800130077' }), line(2, { number: '13800130001' })));
    expect(counts(last)).toMatchObject({ written: 2, bad: 0 });
    expect((await customersByNumber(rig.database.db, '+8613800130001')).map(({ id }) => id)).toEqual(['C2']);
  });

  it('a dry run finds the same bad rows and writes nothing', async () => {
    await rig.take(file(line(1)));
    const before = await rig.everything();
    const rowsOf = file(
      line(2),
      line(3, { number: '13800130002' }),
      line(4, { number: '13800130001' }),
      line(5, { number: '12' }),
    );
    const dry = await rig.take(rowsOf, { dryRun: true });
    expect(await rig.everything()).toEqual(before);
    expect(dry.last).toMatchObject({ kind: 'done', counts: { rows: 4, written: 1, bad: 3 } });
    expect(dry.states.map(({ kind }) => kind)).not.toContain('writing');
    const wet = await rig.take(rowsOf);
    expect(wet.report).toBe(dry.report);
  });

  it('an import that was cut short goes on after its last batch and comes to the same (resume)', async () => {
    const whole = file(...Array.from({ length: 2_500 }, (_, n) => line(n + 1)), line(2_501, { number: 'x' }));
    const cut = await rig.take(whole, { leaveAfter: 1 });
    expect(cut.last).toMatchObject({ kind: 'writing', counts: { rows: 1_000, written: 1_000 } });
    const before = await rows<{ tx: number }>(rig.database.db, statement`select tx from feed where id = 'C1'`);
    const rest = await rig.take(whole, { resume: true });
    expect(rest.states).toContainEqual(expect.objectContaining({ kind: 'planned', writtenUpToRow: 1_001 }));
    expect(counts(rest.last)).toMatchObject({ rows: 2_501, written: 1_500, same: 1_000, bad: 1 });
    expect(await rows(rig.database.db, statement`select tx from feed where id = 'C1'`)).toEqual(before);
    expect([...rest.reasons.keys()]).toEqual([2_502]);
    // Another file is not the one that was cut short.
    const other = await rig.take(`${whole}\r\n`, { resume: true });
    expect(other.states).toContainEqual(expect.objectContaining({ kind: 'planned', writtenUpToRow: 0 }));
  });

  it('seats are told once of many batches', async () => {
    const heard: string[] = [];
    const stop = await rig.database.listen(feedChannel, (payload) => heard.push(payload));
    await rig.take(file(...Array.from({ length: 3_000 }, (_, n) => line(n + 1))));
    await expect.poll(() => heard.length).toBeGreaterThan(0);
    await stop();
    expect(heard).toHaveLength(1);
    expect(JSON.parse(heard[0] ?? '')).toMatchObject({ queues: ['service'] });
  });

  it('another queue moves the customer with its history; a queue nobody has is refused', async () => {
    await rig.take(file(line(1), line(2, { rest: '畅享99,1,1,vip;nosuch,,' })));
    expect(await rig.customer('C2')).toBeUndefined();
    await rig.take('客户编号,方向,开始时间\nC1,呼入,2026-01-05 10:00\n', { kind: 'histories' });
    await rig.take(file(line(1, { rest: '畅享99,128.50,100,vip,,' })));
    expect(await rows(rig.database.db, statement`select distinct queues from feed where customer_id = 'C1'`)).toEqual([
      { queues: ['vip'] },
    ]);
  });
});

describe('histories', () => {
  const histories = (...lines: readonly string[]): string =>
    ['客户编号,手机号,流水号,方向,开始时间,通话时长,小结,坐席,备注', ...lines, ''].join('\n');

  it('become lines of the timeline, once, by customer id or by number (R34)', async () => {
    await rig.take(file(line(1)));
    const content = histories(
      'C1,,X-1,呼入,2026/3/1 9:30,2:05,咨询/账单,林小禾,说明',
      ',13800130001,,呼出,2026-03-02 10:00:00,60,,,',
    );
    const { last } = await rig.take(content, { kind: 'histories' });
    expect(counts(last)).toMatchObject({ written: 2, bad: 0 });
    const lines = await historyOf(rig.database.db, ['C1'], 10);
    expect(lines.map(({ past }) => past)).toMatchObject([
      { direction: 'outbound', startedAtMs: Date.UTC(2026, 2, 2, 2), talkMs: 60_000 },
      {
        ...{ direction: 'inbound', startedAtMs: Date.UTC(2026, 2, 1, 1, 30), talkMs: 125_000, agentName: '林小禾' },
        disposition: [{ zh: '咨询' }, { zh: '账单' }],
        note: '说明',
      },
    ]);
    const before = await rig.everything();
    expect(counts((await rig.take(content, { kind: 'histories' })).last)).toMatchObject({ written: 0, same: 2 });
    expect(await rig.everything()).toEqual(before);
  });

  it('of nobody, of several and of the future are bad rows', async () => {
    await rig.take(file(line(1), line(2, { number: '13800130001' })), { map: { sharedNumbers: true } });
    const { reasons } = await rig.take(
      histories(
        'C9,,,呼入,2026-01-01,,,,',
        ',13800130001,,呼入,2026-01-01,,,,',
        ',,,呼入,2026-01-01,,,,',
        'C1,,,呼入,2027-01-01,,,,',
        'C1,,,左,2026-02-30,,,,',
        'C1,,X-7,呼入,2026-01-01,,,,',
        'C2,,X-8,呼入,2026-01-01,25:99,,,',
      ),
      { kind: 'histories' },
    );
    expect(Object.fromEntries(reasons)).toEqual({
      2: expect.stringContaining('no such customer'),
      3: expect.stringContaining('Several customers'),
      4: expect.stringContaining('Neither'),
      5: expect.stringContaining('future'),
      6: expect.stringMatching(/is none of .*possible date/u),
      8: expect.stringContaining('whole number'),
    });
    const other = await rig.take(
      histories('C2,,X-7,呼入,2026-01-01,,,,', 'C1,,X-9,呼入,2026-01-01,,,,', 'C2,,X-9,呼入,2026-01-01,,,,'),
      { kind: 'histories' },
    );
    expect([...other.reasons].map(([row, why]) => [row, why.includes('another customer')])).toEqual([
      [2, true],
      [4, true],
    ]);
  });
});

describe('lists', () => {
  it('take customers and prospects once each, under a name (R20)', async () => {
    await rig.take(file(line(1)));
    const content = '号码,姓名\n13800130001,甲\n13900000001,乙\n013900000001,乙\n';
    const { last, reasons } = await rig.take(content, { kind: 'lists', list: '春季回访' });
    expect(counts(last)).toMatchObject({ written: 2, bad: 1 });
    expect(reasons.get(4)).toContain('same number as in row 3');
    const entries = statement`select key, customer_id as id, name from contact_list_entry order by key`;
    expect(await rows(rig.database.db, entries)).toEqual([
      { key: '+8613800130001', id: 'C1', name: '甲' },
      { key: '+8613900000001', id: null, name: '乙' },
    ]);
    expect(counts((await rig.take(content, { kind: 'lists', list: '春季回访' })).last)).toMatchObject({
      written: 0,
      same: 2,
    });
    expect((await rig.take(content, { kind: 'lists', list: '' })).last).toMatchObject({ kind: 'refused' });
  });

  it('hold 50,000 at most and warn from 30,000 on (R20)', async () => {
    const numbers = Array.from({ length: 50_002 }, (_, n) => `139${String(n).padStart(8, '0')}`);
    const { last, reasons } = await rig.take(['号码', ...numbers].join('\n'), { kind: 'lists', list: '大名单' });
    expect(last).toMatchObject({ kind: 'done', counts: { rows: 50_002, written: 50_000, bad: 2 } });
    expect(last.kind === 'done' && last.warnings[0]?.en).toContain('30000');
    expect([...reasons.keys()]).toEqual([50_002, 50_003]);
  }, 60_000);
});

describe('a workbook', () => {
  it('is taken in like a CSV: shared strings, dates, numbers and gaps', async () => {
    const content = makeXlsx([
      {
        name: '客户',
        rows: [
          ['客户编号', '姓名', '手机号', '入网日期', '套餐'],
          ['C1', '欧阳试', { xml: '<c><v>13800130001</v></c>' }, { xml: '<c s="1"><v>43831</v></c>' }, null],
          [],
          [
            'C2',
            '李&试',
            { xml: '<c t="inlineStr"><is><t>13800130002</t></is></c>' },
            null,
            { xml: '<c t="str"><f>1+1</f><v>畅享</v></c>' },
          ],
          ['C3', '王试', { xml: '<c><v>1.3800130003E+10</v></c>' }, { xml: '<c t="e"><v>#N/A</v></c>' }, null],
          [{ xml: '<c><v>8.9860112345678901E+18</v></c>' }, '赵试', { xml: '<c><v>13800130005</v></c>' }, null, null],
        ],
      },
    ]);
    const { last, reasons } = await rig.take(content);
    expect(counts(last)).toMatchObject({ rows: 4, written: 2, bad: 2 });
    expect(reasons.get(5)).toContain('error value of Excel');
    expect(reasons.get(6)).toContain('rounded number');
    expect(await rig.customer('C1')).toMatchObject({
      numbers: [{ key: '+8613800130001' }],
      fields: expect.arrayContaining([{ key: 'memberSince', class: 1, shown: '2020-01-01' }]),
    });
    expect(await rig.customer('C2')).toMatchObject({ surname: '李', package: { name: { zh: '畅享' } } });
  });
});

describe('R39 an import without --tenant is the centre’s own', () => {
  it('a customer of another tenant by the same id is neither written over nor moved; told in words', async () => {
    await putQueue(rig.database.tenant('firm'), { id: 'night', zh: '夜', en: 'night' });
    const theirs = file(line(7, { rest: '畅享1,1.00,1,night,,' }));
    expect((await rig.take(theirs, { tenant: 'firm' })).last).toMatchObject({ kind: 'done', counts: { written: 1 } });
    const before = await rig.everything();
    const { last } = await rig.take(file(line(7, { number: '13900000077' })));
    expect(last.kind === 'refused' && last.why.en).toContain('belongs to another tenant');
    expect(await rig.everything()).toEqual(before);
    // Their number is no obstacle to a customer of ours, and theirs stays theirs.
    expect((await rig.take(file(line(8, { number: '13800130007' })))).last).toMatchObject({ counts: { written: 1 } });
    const owners = statement`
      select id, tenant from feed where entity = 'customer' order by id`;
    expect(await rows(rig.database.db, owners)).toEqual([
      { id: 'C7', tenant: 'firm' },
      { id: 'C8', tenant: 'default' },
    ]);
    const timeline = '客户编号,方向,开始时间\nC7,呼入,2026-01-05 10:00\n';
    const ours = await rig.take(timeline, { kind: 'histories' });
    expect(ours.last).toMatchObject({ kind: 'done', counts: { written: 0, bad: 1 } });
    expect(await historyOf(rig.database.db, ['C7'], 5)).toEqual([]);
  });
});
