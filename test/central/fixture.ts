import { randomBytes, randomUUID } from 'node:crypto';
import { openAsBlob } from 'node:fs';
import { hashPassword, openSecrets } from '../../central/secrets.ts';
import type { Secrets } from '../../central/secrets.ts';
import { passwordMark } from '../../central/answers.ts';
import { putAgent, putQueue } from '../../central/agents.ts';
import type { Agent } from '../../central/agents.ts';
import type { Log } from '../../central/ambient.ts';
import { silent } from '../../central/ambient.ts';
import type { Central, CentralOptions } from '../../central/central.ts';
import { createCentral } from '../../central/central.ts';
import type { ImportedCustomer } from '../../central/customers.ts';
import { importCustomers } from '../../central/customers.ts';
import type { Database } from '../../central/db.ts';
import { openDatabase, run, statement, transaction } from '../../central/db.ts';
import type { FakePbx } from '../../central/fake-pbx.ts';
import { makeFakePbx } from '../../central/fake-pbx.ts';
import { publishReference } from '../../central/feed.ts';
import { readChanges } from '../../central/working-set.ts';
import type { Reader, Scope } from '../../central/working-set.ts';
import type { SimulatedPhones } from '../../central/sms.ts';
import { makeSimulatedPhones } from '../../central/sms.ts';
import type { ChangesResponse, PushResponse, Routes } from '../../shared/central-api.ts';
import { routes } from '../../shared/central-api.ts';
import type { Customer } from '../../shared/customer.ts';
import { AgentId, CallId, ContactId, CustomerId, OpId, SeatId } from '../../shared/ids.ts';
import type { Op, OpBody } from '../../shared/op.ts';
import { inject } from 'vitest';
import type { z } from 'zod';
import type { ManualClock } from './manual-clock.ts';
import { makeManualClock } from './manual-clock.ts';
import { hasPostgres } from './postgres.ts';
import { trees } from '../../practice/operator/trees.ts';
import { topics } from '../../practice/operator/topics.ts';
import { askFor } from '../house/on-demand.ts';
import { wholeScript } from '../shared/script/make.ts';

type RouteName = keyof Routes;

/** One database per kind this machine has; the same tests run on each. */
export const databaseKinds: readonly Database['kind'][] = hasPostgres ? ['pglite', 'postgres'] : ['pglite'];
/** Of files that run whole on the one and then on the other: vitest's project says which. */
export const databaseKind: Database['kind'] = process.env['ZUOXI_TEST_DATABASE'] === 'postgres' ? 'postgres' : 'pglite';

export type OpenedDatabase = {
  readonly database: Database;
  /** Opens the same database once more: another instance of central. PostgreSQL only. */
  readonly again: () => Promise<Database>;
  readonly close: () => Promise<void>;
};

export const openTestDatabase = async (kind: Database['kind'], log: Log = silent): Promise<OpenedDatabase> => {
  if (kind === 'pglite') {
    const copyOf = await openAsBlob(await shared('embedded'));
    const database = await openDatabase({ kind, dir: null, copyOf }, log);
    return { database, again: () => Promise.reject(new Error('one connection only')), close: database.close };
  }
  const at = { kind, url: await shared('schema') };
  const opened: Database[] = [await openDatabase(at, log)];
  const [database] = opened;
  if (database === undefined) throw new Error('not opened');
  return {
    database,
    again: async () => {
      const other = await openDatabase(at, log);
      opened.push(other);
      return other;
    },
    close: async () => {
      for (const one of opened) await one.close();
    },
  };
};

/** An empty database of a real PostgreSQL; its URL. */
export const newPostgresDatabase = (): Promise<string> => shared('empty');

/** A database's URL, or the file with an embedded one (shared-databases.ts). */
const shared = (what: 'embedded' | 'schema' | 'empty'): Promise<string> =>
  askFor(inject('databases'), what, process.env['VITEST_POOL_ID'] ?? '');

export const bytes = (count: number): Uint8Array => new Uint8Array(randomBytes(count));

/**
 * Empties what tests write, so that each begins alike; agents and reference data stay. One statement: each of fifty would be a way to the
 * database and back, before every test.
 */
export const clean = ({ db }: Database): Promise<void> =>
  run(
    db,
    statement`do $$ begin
      alter table audit disable trigger audit_append_only;
      delete from audit;
      delete from customer_key;
      update audit_head set seq = 0, hash = '';
      delete from seat;
      delete from seat_holding;
      delete from seat_lookup;
      delete from seat_order;
      delete from presence;
      delete from company_session;
      delete from sign_in_attempt;
      delete from session;
      delete from sign_in_failure;
      delete from op;
      delete from agent_state;
      delete from planned_break;
      delete from work;
      delete from dialler_call;
      delete from dialler_agent;
      delete from shifted_agent;
      delete from dialler_task;
      delete from forced_state;
      delete from fulfilment;
      delete from fulfilment_result;
      delete from hot_text;
      delete from due_entry;
      delete from due_look;
      delete from task_entry;
      delete from task;
      delete from dial_grant;
      delete from dial_refusal;
      delete from opt_out;
      delete from dial_necessity;
      delete from contact_list_entry;
      delete from contact_list;
      delete from contact;
      delete from contact_fact;
      delete from order_fact;
      delete from figure_rate;
      delete from verification_check;
      delete from verification_code;
      delete from fraud_case;
      delete from customer_risk;
      delete from level_pass;
      delete from override;
      delete from account_change;
      delete from customer_notice;
      delete from reveal;
      delete from customer_private;
      delete from customer_number;
      delete from feed where entity in ('customer', 'history');
      alter table audit enable trigger audit_append_only;
    end $$`,
  );

export const passwords = {
  '1001': 'first-secret',
  '1002': 'second-secret',
  '1003': 'third-secret',
  '2001': 'admin-secret',
} as const;
export type Number = keyof typeof passwords;

const agents: readonly Agent[] = [
  { id: AgentId.parse('A1001'), number: '1001', name: '林小禾', role: 'agent', queues: ['service', 'vip'] },
  { id: AgentId.parse('A1002'), number: '1002', name: '周南乔', role: 'agent', queues: ['service'] },
  { id: AgentId.parse('A2001'), number: '2001', name: '管理员', role: 'admin', queues: [] },
];

export const putAgents = async (database: Database): Promise<void> => {
  for (const id of ['service', 'vip']) await putQueue(database.db, { id, zh: id, en: id });
  for (const agent of agents)
    await putAgent(database.db, { ...agent, password: await hashPassword(passwords[agent.number as Number]) });
  await transaction(database.db, async (tx) => {
    await publishReference(
      tx,
      'topic',
      topics.map((row) => ({ id: row.id, row })),
    );
    await publishReference(
      tx,
      'tree',
      trees.map((row) => ({ id: row.id, row })),
    );
  });
};

/** Somebody who leads the service desk, at 1003 unless it is said otherwise. */
export const putLead = async (database: Database, over: Partial<Agent> = {}): Promise<void> => {
  const { number = '1003' } = over;
  const lead = { number, name: '叶长歌', role: 'lead', queues: ['service'], ...over } as const;
  const password = await hashPassword(passwords[number as Number]);
  await putAgent(database.db, { ...lead, id: AgentId.parse(`A${number}`), password });
};

/** The published script that tasks of `makePlan` go by. */
export const putTaskScript = ({ db }: Database): Promise<void> =>
  transaction(db, (tx) => publishReference(tx, 'script', [{ id: 'upgrade@1', row: wholeScript({ id: 'upgrade' }) }]));

/** A page of the feed that must not be refused. */
export const pageOf = async (
  { db }: Database,
  scope: Scope,
  reader: Reader,
  asked: { readonly cursor: string; readonly limit: number },
): Promise<ChangesResponse> => {
  const page = await readChanges(db, scope, reader, asked);
  if (!page.ok) throw new Error(`no page: ${JSON.stringify(page.error)}`);
  return page.value;
};

export const customerId = (n: number): CustomerId => CustomerId.parse(`C${n}`);

/** Made up for tests; the ID number's area does not exist. */
export const secretsOf = (n: number) => ({
  fullName: `欧阳测试${n}`,
  idNumber: '000101199003070013',
  address: '岚桥市云栖区枫林路18号望湖苑3栋1202室',
  contactPhone: '13800020001',
  servicePassword: '246810',
  bill: 128.5,
});

export const makeCustomer = (n: number, queues: readonly string[], mark: Secrets['mark']): ImportedCustomer => {
  const secret = secretsOf(n);
  const customer: Customer = {
    id: customerId(n),
    surname: '欧阳',
    nameMasked: '欧阳***',
    gender: 'male',
    language: 'zh-CN',
    numbers: [{ key: `+861380000${String(n).padStart(4, '0')}`, confidence: 'certain' }],
    area: { zh: '云栖区', en: 'Yunqi' },
    list: 'normal',
    card: 'none',
    manager: null,
    usage: {
      arpu: 120,
      // As seats hold it (R11): an index, not the bill.
      lastBill: 104,
      previousBill: 100,
      longDistanceShare: 0,
      dataUsedShare: 0,
      roamingDays: 0,
      tenureMonths: 30,
      creditScore: 600,
      contractEndsAtMs: null,
      rivalForwarding: false,
      daysSinceLastRecord: 0,
    },
    package: { id: 'plus-99', name: { zh: '畅享99', en: 'Plus 99' } },
    refusesMarketing: false,
    roaming: false,
    lastOffers: [],
    fields: [{ key: 'fullName', class: 2, shown: '欧阳***' }],
    cases: [],
  };
  const salt = `salt ${n}`;
  return {
    customer,
    queues,
    history: [],
    private: {
      fields: {
        memberSince: { class: 1, value: '2024-01' },
        fullName: { class: 2, value: secret.fullName },
        idNumber: { class: 3, value: secret.idNumber },
        address: { class: 3, value: secret.address },
        contactPhone: { class: 3, value: secret.contactPhone },
      },
      bill: secret.bill,
      packageNames: ['畅享99', 'Plus 99', '99元套餐'],
      password: { salt, mark: passwordMark(mark, salt, secret.servicePassword) },
    },
  };
};

/** E.164 key of the number of `makeCustomer(n, …)`. */
export const numberOf = (n: number): string => makeCustomer(n, [], () => '').customer.numbers[0]?.key ?? '';

export const putCustomers = async (
  database: Database,
  count: number,
  queuesOf: (n: number) => readonly string[] = () => ['service'],
): Promise<void> => {
  const { mark } = await openSecrets(database.db);
  const customers = Array.from({ length: count }, (_, index) => makeCustomer(index + 1, queuesOf(index + 1), mark));
  await transaction(database.db, (tx) => importCustomers(tx, customers));
};

export type Rig = {
  readonly central: Central;
  readonly database: Database;
  readonly clock: ManualClock;
  readonly pbx: FakePbx;
  readonly phones: SimulatedPhones;
  readonly logged: readonly { level: string; fields: Readonly<Record<string, unknown>>; message: string }[];
  readonly close: () => Promise<void>;
};

/** Central with a fake exchange, time by hand and a log that is kept. */
export const startRig = async (
  database: Database,
  { clock = makeManualClock(), ...changes }: Partial<CentralOptions> & { readonly clock?: ManualClock } = {},
): Promise<Rig> => {
  const pbx = makeFakePbx(['service', 'vip'], clock);
  const phones = makeSimulatedPhones();
  const logged: { level: string; fields: Readonly<Record<string, unknown>>; message: string }[] = [];
  const write = (level: string) => (fields: Readonly<Record<string, unknown>>, message: string) =>
    void logged.push({ level, fields, message });
  const central = await createCentral({
    db: database,
    clock,
    random: bytes,
    log: { error: write('error'), warn: write('warn'), info: write('info'), debug: write('debug') },
    pbx,
    sip: ({ number }, expiresAtMs) => ({
      ...{ server: 'wss://exchange.invalid/ws', domain: 'exchange.invalid', user: number, password: 'p' },
      ...{ expiresAtMs, iceServers: [] },
    }),
    sms: phones,
    workingSet: 'all',
    ...changes,
  });
  return { central, database, clock, pbx, phones, logged, close: central.close };
};

export type Answer<Name extends RouteName> = {
  readonly status: number;
  readonly value: z.output<Routes[Name]['response']>;
  readonly error: { readonly kind: string; readonly reason?: string } | undefined;
};

/** Asks as a seat would, without a socket. */
export const ask = async <Name extends RouteName>(
  rig: Rig,
  name: Name,
  body: object,
  token?: string,
): Promise<Answer<Name>> => {
  const { method, path, response } = routes[name];
  const query = method === 'GET' ? `?${new URLSearchParams(body as Record<string, string>)}` : '';
  const got = await rig.central.app.inject({
    method,
    url: `${path}${query}`,
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    ...(method === 'GET' ? {} : { payload: body }),
  });
  const json: unknown = JSON.parse(got.body);
  const isOk = got.statusCode === 200;
  return {
    status: got.statusCode,
    value: (isOk ? response.parse(json) : {}) as z.output<Routes[Name]['response']>,
    error: isOk ? undefined : (json as { error: { kind: string; reason?: string } }).error,
  };
};

export type Seat = {
  readonly token: string;
  readonly seatId: SeatId;
  readonly agentId: AgentId;
  /** Pushes ops with the next sequence numbers. */
  readonly push: (...bodies: readonly OpBody[]) => Promise<PushResponse['results']>;
  readonly pull: (cursor: string, limit?: number) => Promise<ChangesResponse>;
};

export const signIn = async (
  rig: Rig,
  number: Number,
  seat: string = randomUUID(),
  { takeOver = false }: { readonly takeOver?: boolean } = {},
): Promise<Seat> => {
  const seatId = SeatId.parse(seat);
  const asked = { protocol: 1, agentNumber: number, password: passwords[number], seatId, takeOver };
  const { value, error } = await ask(rig, 'signIn', asked);
  if (error !== undefined) throw new Error(`not signed in: ${error.kind}`);
  const { token, agent } = value;
  let seq = 0;
  return {
    token,
    seatId,
    agentId: agent.id,
    push: async (...bodies) => {
      const ops = bodies.map((body): Op => {
        seq += 1;
        return { id: OpId.parse(randomUUID()), seatId, seq, agentId: agent.id, body };
      });
      return (await ask(rig, 'push', { seatId, ops }, token)).value.results;
    },
    pull: async (cursor, limit = 2_000) => (await ask(rig, 'changes', { cursor, limit: String(limit) }, token)).value,
  };
};

export const newContactId = (): ContactId => ContactId.parse(randomUUID());

export const opened = (contactId: ContactId, customer: CustomerId | null, atMs: number): OpBody => ({
  name: 'contact.opened',
  contactId,
  callId: CallId.parse(randomUUID()),
  direction: 'inbound',
  number: '+8613800000001',
  queue: 'service',
  customerId: customer,
  atMs,
});

/** A call in progress with this customer. */
export const startCall = async (rig: Rig, seat: Seat, customer: CustomerId): Promise<ContactId> => {
  const contactId = newContactId();
  await seat.push(opened(contactId, customer, rig.clock.nowMs()));
  return contactId;
};
