import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { putAgent, roles } from '../../central/agents.ts';
import type { Database } from '../../central/db.ts';
import { firstRow, openDatabase, rows, run, statement, transaction } from '../../central/db.ts';
import { silent } from '../../central/ambient.ts';
import { importCustomers } from '../../central/customers.ts';
import { makeFakeSupervision } from '../../central/fake-supervision.ts';
import { routeRules } from '../../central/route-rules.ts';
import { hashPassword, openSecrets } from '../../central/secrets.ts';
import type { Routes } from '../../shared/central-api.ts';
import { routes } from '../../shared/central-api.ts';
import { AgentId } from '../../shared/ids.ts';
import { makePlan } from '../shared/make-plan.ts';
import { wholeScript } from '../shared/script/make.ts';
import type { OpenedDatabase, Rig, Seat } from './fixture.ts';
import {
  ask,
  clean,
  customerId,
  databaseKind,
  databaseKinds,
  makeCustomer,
  newContactId,
  newPostgresDatabase,
  opened as openedOp,
  openTestDatabase,
  passwords,
  putAgents,
  putCustomers,
  signIn,
  startCall,
  startRig,
} from './fixture.ts';

// R39, security 47: what belongs to one tenant is not there for another, whatever is asked.

type RouteName = keyof Routes;
const names = Object.keys(routes) as RouteName[];
let opened: OpenedDatabase;
let database: Database;
let rig: Rig;
beforeAll(async () => {
  opened = await openTestDatabase(databaseKind);
  ({ database } = opened);
  await putAgents(database);
  // The same queue as the others': only the tenant keeps them apart.
  await putAgent(database.tenant('firm'), {
    ...{ id: AgentId.parse('A1003'), number: '1003', name: '外包甲', role: 'lead', queues: ['service', 'vip'] },
    password: await hashPassword(passwords['1003']),
  });
});
beforeEach(async () => {
  await clean(database);
  await putCustomers(database, 1);
  const { mark } = await openSecrets(database.db);
  await transaction(database.tenant('firm'), (tx) => importCustomers(tx, [makeCustomer(7, ['service'], mark)]));
  rig = await startRig(database, { supervision: makeFakeSupervision() });
});
afterEach(() => rig.close());
afterAll(() => opened.close());

type Ids = {
  readonly contactId: string;
  readonly customerId: string;
  readonly agentId: string;
  readonly supervisionId: string;
  readonly key: string;
  readonly seatId: string;
};
/** What each route can be asked about; a new route has no place here until somebody says which ids it takes. */
const askedAbout: Readonly<Record<RouteName, (ids: Ids, seat: Seat) => object>> = {
  health: () => ({}),
  signIn: () => ({}),
  companyBegin: () => ({}),
  companyFinish: () => ({}),
  signOut: () => ({}),
  seatReport: () => ({}),
  seats: () => ({}),
  seatHoldings: (ids) => ({ seatId: ids.seatId }),
  seatOrder: (ids) => ({ seatId: ids.seatId, kind: 'lock', reason: 'lost' }),
  sipAccount: () => ({}),
  changes: () => ({ cursor: '', limit: '2000' }),
  push: (ids, seat) => ({
    seatId: seat.seatId,
    ops: [
      {
        ...{ id: randomUUID(), seatId: seat.seatId, seq: 1, agentId: seat.agentId },
        body: { name: 'contact.answered', contactId: ids.contactId, atMs: 5 },
      },
    ],
  }),
  lookup: ({ key }) => ({ key }),
  search: ({ key }) => ({ text: key }),
  history: ({ key }) => ({ who: key }),
  historyContact: (ids) => ({ contactId: ids.contactId }),
  recordingSound: (ids) => ({ contactId: ids.contactId, part: 0, fromMs: 0 }),
  check: (ids) => ({ contactId: ids.contactId, customerId: ids.customerId, factor: 'fullName', value: 'x' }),
  sendCode: (ids) => ({ contactId: ids.contactId, customerId: ids.customerId }),
  reveal: (ids) => ({ contactId: ids.contactId, customerId: ids.customerId, reason: 'x' }),
  standing: (ids) => ({ contactId: ids.contactId, customerId: ids.customerId }),
  keypad: (ids) => ({ contactId: ids.contactId, customerId: ids.customerId }),
  keypadCancel: (ids) => ({ contactId: ids.contactId }),
  callBack: (ids) => ({ contactId: ids.contactId, customerId: ids.customerId }),
  sendLevel: (ids) => ({ contactId: ids.contactId, customerId: ids.customerId }),
  askOverride: (ids) => ({ contactId: ids.contactId, customerId: ids.customerId, reason: 'phoneLost' }),
  overrides: () => ({}),
  decideOverride: () => ({ id: randomUUID(), granted: true }),
  accountChange: (ids) => ({
    ...{ contactId: ids.contactId, customerId: ids.customerId, changeId: randomUUID(), action: 'passwordReset' },
  }),
  colleagues: () => ({}),
  work: () => ({ mark: '' }),
  ownTime: () => ({ fromMs: 0, toMs: 1 }),
  roster: () => ({}),
  reasonRoom: () => ({ reason: 'break' }),
  recordingMarks: (ids) => ({ contactId: ids.contactId }),
  contacts: (ids) => ({ customerId: ids.customerId }),
  supervise: (ids) => ({ id: randomUUID(), agentId: ids.agentId, mode: 'listen' }),
  superviseMode: (ids) => ({ id: ids.supervisionId, mode: 'whisper' }),
  superviseEnd: (ids) => ({ id: ids.supervisionId }),
  teamCalls: () => ({}),
  agentForce: (ids) => ({ id: randomUUID(), agentId: ids.agentId, to: { kind: 'ready' }, why: 'because' }),
  forcedOrder: () => ({}),
  teamStates: () => ({}),
  recordingState: (ids) => ({ contactId: ids.contactId }),
  recordingPause: (ids) => ({ contactId: ids.contactId, reason: 'payment' }),
  recordingResume: (ids) => ({ contactId: ids.contactId }),
  scripts: () => ({}),
  scriptUses: () => ({}),
  scriptVersion: () => ({ scriptId: 'bill', version: '1' }),
  figures: () => ({ fromDay: '2026-11-01', toDay: '2026-11-30', by: 'agent' }),
  figureList: (ids) => ({
    ...{ fromDay: '2026-11-01', toDay: '2026-11-30', by: 'agent', row: ids.agentId, count: 'offered' },
  }),
  figureExport: () => ({
    ...{ fromDay: '2026-11-01', toDay: '2026-11-30', by: 'agent', format: 'csv', language: 'en', heads: [], names: {} },
  }),
  figureListExport: (ids) => ({
    ...{ fromDay: '2026-11-01', toDay: '2026-11-30', by: 'agent', row: ids.agentId, count: 'offered', format: 'csv' },
    ...{ language: 'en', heads: ['a', 'b', 'c', 'd', 'e', 'f', 'g'] },
    words: { inbound: 'in', outbound: 'out', nobody: '-', withheld: '-' },
  }),
  rates: () => ({}),
  feedback: () => ({ fromDay: '2026-11-01', toDay: '2026-11-30', by: 'said' }),
  feedbackList: () => ({ fromDay: '2026-11-01', toDay: '2026-11-30', by: 'said', row: null }),
  feedbackExport: () => ({ fromDay: '2026-11-01', toDay: '2026-11-30', language: 'en', heads: [] }),
  surveys: () => ({}),
  survey: () => ({ fromDay: '2026-11-01', toDay: '2026-11-30', scriptId: 'bill' }),
  surveyList: () => ({
    ...{ fromDay: '2026-11-01', toDay: '2026-11-30', scriptId: 'bill' },
    pick: { kind: 'asked', agentId: null, day: null },
  }),
  surveyExport: () => ({
    ...{
      fromDay: '2026-11-01',
      toDay: '2026-11-30',
      scriptId: 'bill',
      language: 'en',
      heads: [],
      yes: 'yes',
      no: 'no',
    },
  }),
  missed: () => ({ scope: 'team', fromMs: 0 }),
  calendar: () => ({}),
  calendarTry: () => ({ draft: { year: 2027, source: 'x', off: ['2027-01-01'], work: [] } }),
  calendarSet: () => ({ draft: { year: 2027, source: 'x', off: ['2027-01-01'], work: [] }, mark: '' }),
  rateSet: () => ({ item: 'pay', tariff: '', fromDay: '2026-11-01', value: 1 }),
  tasks: () => ({}),
  taskSave: () => ({ taskId: randomUUID(), revision: 1, plan: makePlan() }),
  taskEstimate: () => ({ plan: makePlan() }),
  taskMove: () => ({ taskId: randomUUID(), revision: 1, move: 'start' }),
  listPaste: () => ({ name: 'x', text: '' }),
  taskNext: () => ({ unused: [], used: [], wanted: true }),
  calledIn: ({ contactId, key }) => ({ contactId, number: key }),
  dialGrant: (ids) => ({ customerId: ids.customerId, numberIndex: 0 }),
  necessityAsk: (ids) => ({ customerId: ids.customerId, reason: 'a reason of five letters' }),
  necessities: () => ({}),
  necessityDecide: () => ({ id: randomUUID(), granted: true }),
  scriptSave: () => ({ script: wholeScript({ id: 'bill' }), revision: null }),
  scriptMove: () => ({ scriptId: 'bill', version: 1, revision: 0, move: 'withdraw', note: 'x' }),
  scriptCoverage: () => ({ scriptId: 'bill', version: '1' }),
  practiceCallers: () => ({}),
  practiceCall: () => ({ callerId: null }),
  practiceCue: (ids) => ({ customerId: ids.customerId }),
};

describe('R39 another tenant', () => {
  it('learns nothing by any route: a foreign id is answered like one that does not exist', async () => {
    const home = await signIn(rig, '1001');
    const contactId = await startCall(rig, home, customerId(1));
    const supervisionId = randomUUID();
    await run(
      database.db,
      statement`insert into supervision (id, lead_id, lead_seat_id, agent_id, mode, asked_at_ms, began_at_ms)
        values (${supervisionId}, 'A1002', ${randomUUID()}, 'A1001', 'listen', 1, 1)`,
    );
    const foreign: Ids = {
      contactId,
      customerId: 'C1',
      agentId: 'A1001',
      supervisionId,
      key: '+8613800000001',
      seatId: home.seatId,
    };
    const nobody: Ids = {
      ...{ contactId: newContactId(), customerId: 'C404', agentId: 'A404', supervisionId: randomUUID() },
      key: '+8613800009999',
      seatId: randomUUID(),
    };
    const before = await marks();
    // As much as a seat's role may.
    await run(database.db, statement`update agent set role = 'manager' where number = '1003'`);
    for (const name of names.filter((one) => routeRules[one].roles !== 'open' && one !== 'signOut')) {
      const seat = await signIn(rig, '1003');
      const answerTo = (ids: Ids) => rig.clock.runUntil(ask(rig, name, askedAbout[name](ids, seat), seat.token));
      const answer = await answerTo(foreign);
      const toNobody = await answerTo(nobody);
      expect({ ...answer, value: withoutIds(answer.value) }, name).toEqual({
        ...toNobody,
        value: withoutIds(toNobody.value),
      });
      // 400: a list without a number.
      if (answer.status !== 200) expect([400, 403, 404, 409, 423, 503], name).toContain(answer.status);
      for (const word of ['C1"', contactId, 'A1001', '1001"', '林小禾', '周南乔', '+8613800000001'])
        expect(JSON.stringify(answer), `${name}: ${word}`).not.toContain(word);
    }
    expect(await marks()).toEqual(before);
    expect((await ask(rig, 'contacts', { customerId: 'C1' }, home.token)).value.contacts).toMatchObject([
      { id: contactId },
    ]);
  });

  it('has its own customers, contacts and colleagues, and they are nobody else’s', async () => {
    const firm = await signIn(rig, '1003');
    const home = await signIn(rig, '1001');
    const contactId = await startCall(rig, firm, customerId(7));
    const heldBy = async (seat: Seat) =>
      (await seat.pull('')).changes.filter(({ entity }) => entity === 'customer' || entity === 'history');
    expect((await heldBy(firm)).map(({ id }) => id)).toEqual(['C7', contactId]);
    expect((await heldBy(home)).map(({ id }) => id)).toEqual(['C1']);
    const colleagues = async (seat: Seat) =>
      (await ask(rig, 'colleagues', {}, seat.token)).value.colleagues.map(({ number }) => number);
    expect(await colleagues(firm)).toEqual(['1003']);
    expect(await colleagues(home)).toEqual(['1001', '1002', '2001']);
  });

  it('cannot write over a row of another, nor take its id', async () => {
    const home = await signIn(rig, '1001');
    const contactId = await startCall(rig, home, customerId(1));
    const firm = await signIn(rig, '1003');
    expect(await firm.push(openedOp(contactId, customerId(7), 1))).toMatchObject([
      { outcome: 'refused', kind: 'forbidden', reason: 'otherTenant' },
    ]);
    expect((await ask(rig, 'contacts', { customerId: 'C1' }, home.token)).value.contacts).toMatchObject([
      { id: contactId, agentId: 'A1001' },
    ]);
  });

  const marks = async () =>
    firstRow(
      database.db,
      statement`select (select count(*) from verification_check) as checks, (select count(*) from contact) as contacts,
        (select count(*) from supervision where ended_at_ms is null) as supervised,
        (select count(*) from verification_code) as codes, (select count(*) from audit where kind = 'reveal') as reveals`,
    );
  /** What differs between two answers anyhow. */
  const withoutIds = (value: object): unknown =>
    JSON.parse(
      JSON.stringify(value, (key, one: unknown) =>
        key === 'opId' || key === 'cursor' || key === 'expiresAtMs' ? 0 : one,
      ),
    );
});

describe('routes and roles', () => {
  it('each route refuses the roles that its rule does not name, and only those', async () => {
    for (const role of roles) {
      await run(database.db, statement`update agent set role = 'agent' where number = '1002'`);
      const seat = await signIn(rig, '1002');
      await run(database.db, statement`update agent set role = ${role} where number = '1002'`);
      for (const name of names) {
        const { roles: allowed } = routeRules[name];
        if (allowed === 'open' || name === 'signOut' || name.startsWith('practice')) continue;
        const { error } = await ask(rig, name, {}, seat.token);
        expect(error?.reason === 'role', `${name} as ${role}`).toBe(!allowed.includes(role));
      }
    }
    await run(database.db, statement`update agent set role = 'agent' where number = '1002'`);
  });
});

/** Tables whose rows belong to no tenant, and why. */
const ofNobody: Readonly<Record<string, string>> = {
  migration: 'steps of the schema',
  setting: 'central’s own',
  audit: 'one chain over everything; no seat reads it',
  audit_head: 'the same',
  sign_in_attempt: 'kept before it is known who it is',
  sign_in_failure: 'counted before it is known who it is',
  seat_holding: 'what a seat holds, whoever sits there: it has to be told to drop it',
  seat_lookup: 'the same',
  dial_grant: 'counted over all firms (R21)',
  dial_refusal: 'the same',
  opt_out: 'the same: a number is left alone by all (R22)',
  recording: 'the exchange’s word, read only through a contact',
  recording_pause: 'the same',
};

describe('tables', () => {
  it('each belongs to tenants, or is named with the reason why not', async () => {
    const found = await rows(
      database.db,
      statement<{ name: string; isOfTenants: boolean }>`
        select relname as name, relrowsecurity and relforcerowsecurity as "isOfTenants" from pg_class
        where relkind = 'r' and relnamespace = 'public'::regnamespace order by relname`,
    );
    const without = found.filter(({ isOfTenants }) => !isOfTenants).map(({ name }) => name);
    expect(without.toSorted()).toEqual(Object.keys(ofNobody).toSorted());
  });
});

describe.each(databaseKinds.filter((kind) => kind === 'postgres'))('a plain owner of the database, on %s', () => {
  it('is bound like everybody, without another role', async () => {
    const url = await newPostgresDatabase();
    const admin = await openDatabase({ kind: 'postgres', url }, silent);
    const name = `plain_${randomUUID().slice(0, 8)}`;
    await run(admin.db, statement`drop schema public cascade`);
    const { sql } = await import('kysely');
    await sql.raw(`create role ${name} login`).execute(admin.db);
    await sql.raw(`create schema public authorization ${name}`).execute(admin.db);
    await admin.close();
    const plain = await openDatabase({ kind: 'postgres', url: url.replace('//zuoxi@', `//${name}@`) }, silent);
    const put = (tenant: string) =>
      run(plain.tenant(tenant), statement`insert into queue (id, zh, en) values (${`q-${tenant}`}, 'x', 'x')`);
    await Promise.all([put('one'), put('two')]);
    const seenBy = async (db: Database['db']) =>
      (await rows(db, statement<{ id: string }>`select id from queue order by id`)).map(({ id }) => id);
    expect(await seenBy(plain.tenant('one'))).toEqual(['q-one']);
    expect(await seenBy(plain.tenant('two'))).toEqual(['q-two']);
    expect(await seenBy(plain.db)).toEqual(['q-one', 'q-two']);
    await expect(
      run(plain.tenant('two'), statement`insert into queue (id, zh, en, tenant) values ('q', 'x', 'x', 'one')`),
    ).rejects.toMatchObject({ code: '42501' });
    await plain.close();
  });
});
