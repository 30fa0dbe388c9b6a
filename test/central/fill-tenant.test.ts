import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { addTarget, removeTarget, type TargetAsked } from '../../central/add-target.ts';
import { putAgent, putQueue } from '../../central/agents.ts';
import { hashPassword } from '../../central/secrets.ts';
import { AgentId } from '../../shared/ids.ts';
import { passwords, signIn, startRig } from './fixture.ts';
import type { ImportRig } from './import/import-rig.ts';
import { openImportRig } from './import/import-rig.ts';

// R39, security 47: a second tenant is filled from the command line, and neither sees the other's.

let imports: ImportRig;
let said = '';
beforeAll(async () => {
  imports = await openImportRig();
  await putQueue(imports.database.tenant('firm-a'), { id: 'outbound', zh: '外呼', en: 'Outbound' });
  for (const [tenant, number, queue] of [
    ['default', '1001', 'service'],
    ['firm-a', '1002', 'outbound'],
  ] as const)
    await putAgent(imports.database.tenant(tenant), {
      ...{ id: AgentId.parse(`A${number}`), number, name: number, role: 'agent', queues: [queue] },
      password: await hashPassword(passwords[number]),
    });
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, 'write').mockImplementation((text) => {
      said += String(text);
      return true;
    });
});
afterEach(() => {
  said = '';
  process.exitCode = undefined;
});
afterAll(async () => {
  vi.restoreAllMocks();
  await imports.close();
});

const target: TargetAsked = {
  ...{ 'name-en': '', category: '', 'category-en': '', place: '', 'place-en': '', pinyin: '' },
  ...{ kind: 'department', number: '6100', name: '维修部' },
};
const rowsOf = (id: string, phone: string, queue: string) =>
  `customer id,name,phone,queues\n${id},王示例,${phone},${queue}\n`;
const pulled = async (number: '1001' | '1002', entity: 'customer' | 'target') => {
  const rig = await startRig(imports.database, { workingSet: 'queues' });
  try {
    const seat = await signIn(rig, number, undefined, { takeOver: true });
    return (await seat.pull('')).changes.filter((one) => one.entity === entity && one.row !== null).map(({ id }) => id);
  } finally {
    await rig.close();
  }
};

it('an import is for one tenant: its customers, queues and numbers are nobody else’s', async () => {
  const own = await imports.take(rowsOf('C1', '13800000001', 'service'));
  expect(own.last).toMatchObject({ kind: 'done', counts: { written: 1, bad: 0 } });
  // The same number as another tenant's customer has: they know nothing of each other.
  const firm = await imports.take(rowsOf('F1', '13800000001', 'outbound'), { tenant: 'firm-a' });
  expect(firm.last).toMatchObject({ kind: 'done', counts: { written: 1, bad: 0 } });
  const foreignQueue = await imports.take(rowsOf('F2', '13800000002', 'service'), { tenant: 'firm-a' });
  expect(foreignQueue.last).toMatchObject({ kind: 'done', counts: { written: 0, bad: 1 } });
  expect(await pulled('1001', 'customer')).toEqual(['C1']);
  expect(await pulled('1002', 'customer')).toEqual(['F1']);
});

it('a file that names another tenant’s customer is refused, and that customer stays as it was', async () => {
  const before = await imports.customer('C1');
  const taken = await imports.take(rowsOf('C1', '13800000003', 'outbound'), { tenant: 'firm-a' });
  expect(taken.last).toMatchObject({
    kind: 'refused',
    why: { en: expect.stringContaining('another tenant') as string },
  });
  expect(await imports.customer('C1')).toEqual(before);
});

it('R37 a target is every tenant’s, or one’s; nobody changes another’s or everybody’s in their own name', async () => {
  await addTarget(imports.database, { ...target, id: 'repair' });
  await addTarget(imports.database, { ...target, id: 'firm', tenant: 'firm-a' });
  expect(process.exitCode).toBeUndefined();
  expect(await pulled('1001', 'target')).toEqual(['department:repair']);
  expect((await pulled('1002', 'target')).toSorted()).toEqual(['department:firm', 'department:repair']);
  for (const [asked, sentence] of [
    [{ ...target, id: 'repair', tenant: 'firm-a' }, 'is every tenant'],
    [{ ...target, id: 'firm', tenant: 'firm-b' }, 'belongs to the tenant firm-a'],
    [{ ...target, id: 'new', tenant: 'Firm A' }, '--tenant is a name'],
  ] as const) {
    await addTarget(imports.database, asked);
    expect(said).toContain(sentence);
    expect(process.exitCode).toBe(1);
  }
  await removeTarget(imports.database, { kind: 'department', id: 'repair', tenant: 'firm-a' });
  expect(await pulled('1001', 'target')).toEqual(['department:repair']);
  await removeTarget(imports.database, { kind: 'department', id: 'firm', tenant: 'firm-a' });
  expect(await pulled('1002', 'target')).toEqual(['department:repair']);
});
