import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { addMissingKeys } from '../../central/customer-keys.ts';
import { importCustomers } from '../../central/customers.ts';
import type { Database } from '../../central/db.ts';
import { rows, run, statement, transaction } from '../../central/db.ts';
import { openSecrets } from '../../central/secrets.ts';
import type { CentralOptions } from '../../central/central.ts';
import { defaultPolicy } from '../../shared/policy.ts';
import type { OpenedDatabase } from './fixture.ts';
import { ask, clean, databaseKinds, makeCustomer, openTestDatabase, putAgents, signIn, startRig } from './fixture.ts';

describe.each(databaseKinds)('searching at central on %s', (kind) => {
  let opened: OpenedDatabase;
  let database: Database;
  beforeAll(async () => {
    opened = await openTestDatabase(kind);
    ({ database } = opened);
    await putAgents(database);
  });
  afterAll(() => opened.close());
  beforeEach(() => clean(database));

  const put = async (people: readonly (readonly [n: number, full: string, surname: string, queue: string])[]) => {
    const { mark } = await openSecrets(database.db);
    const made = people.map(([n, full, surname, queue]) => {
      const one = makeCustomer(n, [queue], mark);
      const fields = { ...one.private.fields, fullName: { class: 2 as const, value: full } };
      const nameMasked = surname + '*'.repeat(full.length - surname.length);
      return { ...one, customer: { ...one.customer, surname, nameMasked }, private: { ...one.private, fields } };
    });
    await transaction(database.db, (tx) => importCustomers(tx, made));
  };
  const searching = async (over: Omit<Partial<CentralOptions>, 'clock'> = {}) => {
    const rig = await startRig(database, { workingSet: 'queues', ...over });
    const seat = await signIn(rig, '1001');
    return {
      rig,
      find: async (text: string): Promise<unknown> => {
        const { value, error } = await ask(rig, 'search', { text }, seat.token);
        if (error !== undefined) return error.reason;
        if (value.kind !== 'found') return value.kind === 'unclear' ? value.why : value.kind;
        return value.rows.map((row) => `${row.customer.id}:${row.by}`);
      },
    };
  };

  it('finds by number, part of one, account, name, pinyin and initials; the given name stays at central', async () => {
    await put([
      [1, '单长乐', '单', 'service'],
      [2, '欧阳雪', '欧阳', 'service'],
    ]);
    const { rig, find } = await searching();
    expect(await find('138 0000 0001')).toEqual(['C1:number']);
    expect(await find('C2')).toBe('tooShort');
    for (const text of ['单长乐 0001', 'shanchangle 0001', 'shan zhang yue 0001', 'scl 0001', '0001 shancl'])
      expect(await find(text), text).toEqual([`C1:${text.startsWith('单') ? 'name' : 'pinyin'}`]);
    expect(await find('oyx 0002')).toEqual(['C2:pinyin']);
    expect(await find('单长江 0001')).toEqual([]);
    expect(await find('13800000002 单')).toEqual([]);
    const [kept] = await rows(
      database.db,
      statement<{ row: object }>`select row from feed where entity = 'customer' and id = 'C1'`,
    );
    expect(kept?.row).toMatchObject({ nameMarks: expect.any(Array) as unknown });
    expect(JSON.stringify(kept?.row)).not.toContain('长乐');
    await rig.close();
  });

  it('security 46, R39: customers of other queues are none; more than ten are none; each search is audited', async () => {
    await put([
      ...Array.from({ length: 11 }, (_, n) => [n + 1, '李建国', '李', 'service'] as const),
      [99, '王芳', '王', 'marketing'],
    ]);
    const { rig, find } = await searching();
    expect(await find('13800000099')).toEqual([]);
    expect(await find('李建国')).toBe('oneMore');
    expect(await find('1380000')).toBe('tooBroad');
    expect(await find("13800000001'; --")).toEqual(['C1:number']);
    const entries = await rows(
      database.db,
      statement<{ customer_id: string | null; result: string }>`
        select customer_id, result from audit where kind = 'search' order by seq`,
    );
    expect(entries).toEqual([
      { customer_id: null, result: 'found 0' },
      { customer_id: null, result: 'tooBroad' },
      { customer_id: 'C1', result: 'found 1' },
    ]);
    await rig.close();
  });

  it('security 46: a session asks so often a minute and no more', async () => {
    await put([[1, '李建国', '李', 'service']]);
    const { rig, find } = await searching({ policy: { ...defaultPolicy, searchesPerMinute: 2 } });
    expect(await find('13800000001')).toEqual(['C1:number']);
    expect(await find('13800000001')).toEqual(['C1:number']);
    expect(await find('13800000001')).toBe('tooManyRequests');
    rig.clock.advance(60_001);
    expect(await find('13800000001')).toEqual(['C1:number']);
    await rig.close();
  });

  it('customers of before central could search get their keys at its start', async () => {
    await put([[1, '仇英', '仇', 'service']]);
    await run(database.db, statement`delete from customer_key`);
    expect(await addMissingKeys(database.db)).toBe(1);
    expect(await addMissingKeys(database.db)).toBe(0);
    const { rig, find } = await searching();
    expect(await find('qiuying 0001')).toEqual(['C1:pinyin']);
    await rig.close();
  });
});
