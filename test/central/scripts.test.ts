import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { putAgent } from '../../central/agents.ts';
import type { Database } from '../../central/db.ts';
import { rows, run, statement, transaction } from '../../central/db.ts';
import { publishReference } from '../../central/feed.ts';
import { hashPassword } from '../../central/secrets.ts';
import { AgentId, SeatId } from '../../shared/ids.ts';
import type { Script } from '../../shared/script.ts';
import { changed, text, wholeScript } from '../shared/script/make.ts';
import type { OpenedDatabase, Rig } from './fixture.ts';
import {
  ask,
  clean,
  customerId,
  databaseKind,
  openTestDatabase,
  putAgents,
  putCustomers,
  signIn,
  startCall,
  startRig,
} from './fixture.ts';

// R14: scripts are written, reviewed by a second person, published to the seats and withdrawn at central.
let opened: OpenedDatabase;
let database: Database;
let rig: Rig;
let writer: string;
let second: string;

const leads = [
  ['3001', 'lead', undefined],
  ['3002', 'manager', undefined],
  ['3003', 'lead', 'firm'],
] as const;
beforeAll(async () => {
  opened = await openTestDatabase(databaseKind);
  ({ database } = opened);
  await putAgents(database);
  for (const [number, role, tenant] of leads)
    await putAgent(tenant === undefined ? database.db : database.tenant(tenant), {
      ...{ id: AgentId.parse(`A${number}`), number, name: `班长${number}`, role, queues: ['service'] },
      password: await hashPassword('lead-secret'),
    });
});
beforeEach(async () => {
  await clean(database);
  await run(database.db, statement`delete from script_version`);
  await run(database.db, statement`delete from feed where entity = 'script'`);
  await putCustomers(database, 1);
  rig = await startRig(database);
  writer = await signInLead('3001');
  second = await signInLead('3002');
});
afterEach(() => rig.close());
afterAll(() => opened.close());

const signInLead = async (agentNumber: string): Promise<string> => {
  const asked = { protocol: 1, agentNumber, password: 'lead-secret', seatId: SeatId.parse(randomUUID()) };
  return (await ask(rig, 'signIn', asked)).value.token;
};
const save = (script: Script, revision: number | null, token = writer) =>
  ask(rig, 'scriptSave', { script, revision }, token);
const move = (at: object, wanted: string, token = writer, note?: string) =>
  ask(rig, 'scriptMove', { ...at, move: wanted, ...(note === undefined ? {} : { note }) }, token);
const begun = async (script = wholeScript({ id: 'new' })) => (await save(script, null)).value;
/** Written, reviewed and published; the second person is somebody else. */
const published = async (script = wholeScript({ id: 'new' })) => {
  const at = await begun(script);
  await move(at, 'askReview');
  const { status } = await move({ ...at, revision: 2 }, 'publish', second);
  expect(status).toBe(200);
  return at;
};
const atSeats = async () =>
  (
    await rows(
      database.db,
      statement<{ id: string }>`select id from feed where entity = 'script' and row is not null order by id`,
    )
  ).map(({ id }) => id);
const imported = (script: Script) =>
  transaction(database.db, (tx) =>
    publishReference(tx, 'script', [{ id: `${script.id}@${script.version}`, row: script }]),
  );

describe('R14 from draft to the seats', () => {
  it('a second person publishes what one wrote; the seats have it, and the trail who did what', async () => {
    const at = await begun();
    expect(at).toMatchObject({ version: 1, revision: 1 });
    expect(at.scriptId).toMatch(/^s-/);
    await move(at, 'askReview');
    expect(await atSeats()).toEqual([]);
    expect(await move({ ...at, revision: 2 }, 'publish')).toMatchObject({
      error: { kind: 'forbidden', reason: 'scriptSecondPerson' },
    });
    expect((await move({ ...at, revision: 2 }, 'publish', second)).value.life).toMatchObject({
      kind: 'published',
      by: 'A3002',
    });
    expect(await atSeats()).toEqual([`${at.scriptId}@1`]);
    const trail = await rows(
      database.db,
      statement<{ agent_id: string; result: string }>`
      select agent_id, result from audit where kind = 'script' order by seq`,
    );
    expect(trail.map(({ agent_id: who, result }) => [who, result.split(':')[0]])).toEqual([
      ['A3001', 'begun'],
      ['A3001', 'reviewAsked'],
      ['A3002', 'published'],
    ]);
  });

  it('whoever changed the draft is one of its writers', async () => {
    const at = await begun();
    const mine = wholeScript({ id: at.scriptId, title: text('改过') });
    expect((await save(mine, 1, second)).value).toMatchObject({ revision: 2 });
    await move({ ...at, revision: 2 }, 'askReview');
    expect(await move({ ...at, revision: 3 }, 'publish', second)).toMatchObject({
      error: { reason: 'scriptSecondPerson' },
    });
  });

  it('what the checker faults is not sent in; why it was sent back is kept', async () => {
    const at = await begun(wholeScript({ id: 'new', kind: 'service', steps: wholeScript().steps.slice(0, 5) }));
    expect(await move(at, 'askReview')).toMatchObject({ error: { kind: 'policy', reason: 'scriptFaults' } });
    await save(wholeScript({ id: at.scriptId }), 1);
    await move({ ...at, revision: 2 }, 'askReview');
    expect(await move({ ...at, revision: 3 }, 'sendBack', second, '')).toMatchObject({
      error: { reason: 'scriptWhy' },
    });
    const back = await move({ ...at, revision: 3 }, 'sendBack', second, '价格要写清楚');
    expect(back.value.life).toMatchObject({ kind: 'draft', note: '价格要写清楚' });
  });

  it('nobody overwrites what they have not seen, and a published version never changes', async () => {
    const at = await published();
    const script = wholeScript({ id: at.scriptId, title: text('偷改') });
    expect(await save(script, 3)).toMatchObject({ status: 409, error: { reason: 'scriptMoved' } });
    expect(await save(script, 1)).toMatchObject({ status: 409, error: { reason: 'scriptChanged' } });
    const kept = await ask(rig, 'scriptVersion', { scriptId: at.scriptId, version: '1' }, writer);
    expect(kept.value.script.title).toEqual(text('示例'));
  });

  it('one draft at a time; the next number follows those thrown away as well', async () => {
    const at = await published();
    const again = wholeScript({ id: at.scriptId });
    expect((await save(again, null)).value).toMatchObject({ version: 2 });
    expect(await save(again, null)).toMatchObject({ error: { reason: 'scriptOpenDraft' } });
    await move({ scriptId: at.scriptId, version: 2, revision: 1 }, 'discard');
    expect((await save(again, null)).value).toMatchObject({ version: 3 });
    const listed = (await ask(rig, 'scripts', {}, second)).value.scripts;
    expect(listed.map(({ versions }) => versions.map(({ version, life }) => [version, life.kind]))).toEqual([
      [
        [3, 'draft'],
        [1, 'published'],
      ],
    ]);
  });
});

describe('R14 what the seats hold', () => {
  it('the version before stays for calls that began with it; older ones go; withdrawing takes all', async () => {
    const { scriptId } = await published();
    for (const version of [2, 3]) {
      await save(wholeScript({ id: scriptId }), null);
      await move({ scriptId, version, revision: 1 }, 'askReview');
      await move({ scriptId, version, revision: 2 }, 'publish', second);
    }
    expect(await atSeats()).toEqual([`${scriptId}@2`, `${scriptId}@3`]);
    expect((await move({ scriptId, version: 3, revision: 3 }, 'withdraw', writer, '资费有误')).status).toBe(200);
    expect(await atSeats()).toEqual([]);
  });

  it('a script that came with an import is written on, and withdrawn, like any other', async () => {
    await imported(wholeScript({ id: 'bill' }));
    await imported(wholeScript({ id: 'bill', version: 2 }));
    const listed = (await ask(rig, 'scripts', {}, writer)).value.scripts[0];
    expect(listed?.versions.map(({ version, life }) => [version, life.kind])).toEqual([
      [2, 'published'],
      [1, 'superseded'],
    ]);
    expect((await save(changed(wholeScript({ id: 'bill' }), 'close', { say: text('好') }), null)).value).toMatchObject({
      version: 3,
    });
    expect((await move({ scriptId: 'bill', version: 2, revision: 0 }, 'withdraw', writer, '停用')).status).toBe(200);
    expect(await atSeats()).toEqual([]);
  });
});

describe('R17, R18 what scripts say of calls and of each other', () => {
  const uses = async () => (await ask(rig, 'scriptUses', {}, writer)).value;
  const use = { topics: [], hints: [], queues: ['service'], areas: [], fromMs: 5, untilMs: null };

  it('which call gets which is told of what is published, without its words', async () => {
    const { scriptId } = await published(wholeScript({ id: 'new', shownFor: [use] }));
    await save(wholeScript({ id: scriptId, shownFor: [] }), null);
    const { scripts, queues } = await uses();
    expect(scripts).toEqual([{ id: scriptId, version: 1, title: text('示例'), kind: 'service', shownFor: [use] }]);
    expect(queues.map(({ id }: { id: string }) => id)).toContain('service');
    await move({ scriptId, version: 1, revision: 3 }, 'withdraw', writer, '停用');
    expect((await uses()).scripts).toEqual([]);
  });

  it('an entry of the library has the life of a script; the list says who refers to it', async () => {
    const answer = { id: 'answer', part: 'objections', say: text('明白'), answers: [], next: null };
    const given = { id: 'new', first: 'answer', steps: [answer], objection: { category: 'price' } };
    const { scriptId } = await published(wholeScript(given));
    expect(await atSeats()).toEqual([`${scriptId}@1`]);
    await begun(wholeScript({ id: 'new', library: [{ id: scriptId, steps: [] }] }));
    const listed = (await ask(rig, 'scripts', {}, writer)).value.scripts;
    expect(listed.find(({ id }: { id: string }) => id === scriptId)).toMatchObject({
      objection: { category: 'price' },
    });
    expect(listed.find(({ id }: { id: string }) => id !== scriptId)).toMatchObject({ library: [{ id: scriptId }] });
    await move({ scriptId, version: 1, revision: 3 }, 'withdraw', second, '资费变了');
    expect(await atSeats()).toEqual([]);
  });
});

describe('who may', () => {
  it('R39 a firm neither sees nor changes the operator’s scripts, nor another firm’s', async () => {
    await imported(wholeScript({ id: 'bill' }));
    await published();
    const firm = await signInLead('3003');
    expect((await ask(rig, 'scripts', {}, firm)).value.scripts).toEqual([]);
    expect(await move({ scriptId: 'bill', version: 1, revision: 0 }, 'withdraw', firm, 'x')).toMatchObject({
      status: 404,
    });
    expect(await save(wholeScript({ id: 'bill' }), null, firm)).toMatchObject({ status: 404 });
  });

  it('an agent is refused', async () => {
    const agent = await signIn(rig, '1001');
    expect(await ask(rig, 'scripts', {}, agent.token)).toMatchObject({ status: 403, error: { reason: 'role' } });
  });
});

it('coverage counts the calls of a version by step, where they ended, and those that came to the end', async () => {
  const at = await published();
  const agent = await signIn(rig, '1001');
  const steps = wholeScript().steps.map(({ id }) => id);
  const ways = [steps, steps.slice(0, 2), steps.slice(0, 2), []];
  let seq = 100;
  for (const way of ways) {
    const contactId = await startCall(rig, agent, customerId(1));
    const ops = [
      { name: 'contact.topicChosen', contactId, topicId: 't', script: { id: at.scriptId, version: 1 }, atMs: 5 },
      {
        name: 'contact.scriptAnswered',
        contactId,
        answers: way.map((stepId) => ({ stepId, answerId: null, atMs: 6 })),
        atMs: 6,
      },
    ].map((body) => ({ id: randomUUID(), seatId: agent.seatId, seq: (seq += 1), agentId: agent.agentId, body }));
    await ask(rig, 'push', { seatId: agent.seatId, ops }, agent.token);
  }
  const { value } = await ask(rig, 'scriptCoverage', { scriptId: at.scriptId, version: '1' }, writer);
  expect(value).toMatchObject({ runs: 4, finished: 1 });
  expect(value.steps.map(({ stepId, reached, leftAt }) => [stepId, reached, leftAt])).toEqual([
    ['opening', 4, 1],
    ['identify', 3, 0],
    ['propose', 3, 2],
    ['objections', 1, 0],
    ['close', 1, 0],
    ['ending', 1, 0],
  ]);
});
