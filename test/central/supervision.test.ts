import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { putAgent } from '../../central/agents.ts';
import { verifyAudit } from '../../central/audit.ts';
import type { Database } from '../../central/db.ts';
import { rows, run, statement } from '../../central/db.ts';
import type { FakeSupervision } from '../../central/fake-supervision.ts';
import { makeFakeSupervision } from '../../central/fake-supervision.ts';
import { PbxFault } from '../../central/pbx.ts';
import { hashPassword, openSecrets } from '../../central/secrets.ts';
import { AgentId, SeatId } from '../../shared/ids.ts';
import { defaultPolicy } from '../../shared/policy.ts';
import type { OpenedDatabase, Rig, Seat } from './fixture.ts';
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
import { openLive } from './live-socket.ts';

let opened: OpenedDatabase;
let database: Database;
let exchange: FakeSupervision;
let rig: Rig;
let lead: string;
let agent: Seat;

beforeAll(async () => {
  opened = await openTestDatabase(databaseKind);
  ({ database } = opened);
  await putAgents(database);
  for (const [number, role] of [
    ['3001', 'lead'],
    ['3002', 'manager'],
  ] as const)
    await putAgent(database.db, {
      ...{ id: AgentId.parse(`A${number}`), number, name: '苏班长', role, queues: ['service'] },
      password: await hashPassword('lead-secret'),
    });
});
beforeEach(async () => {
  await clean(database);
  await run(database.db, statement`delete from supervision`);
  await putCustomers(database, 1);
  exchange = makeFakeSupervision();
  exchange.telephone('3001');
  rig = await startRig(database, { supervision: exchange, policy: { ...defaultPolicy, showSupervision: true } });
  agent = await signIn(rig, '1001');
  lead = await signInLead('3001');
});
afterEach(() => rig.close());
afterAll(() => opened.close());

const signInLead = async (agentNumber: string): Promise<string> => {
  const asked = { protocol: 1, agentNumber, password: 'lead-secret', seatId: SeatId.parse(randomUUID()) };
  return (await ask(rig, 'signIn', asked)).value.token;
};
const call = async () => {
  const contactId = await startCall(rig, agent, customerId(1));
  return { contactId, hangUp: exchange.callBegins('1001', contactId) };
};
const supervise = (mode = 'listen', id: string = randomUUID(), token = lead) =>
  ask(rig, 'supervise', { id, agentId: 'A1001', mode }, token);
const audited = async () =>
  (
    await rows(
      database.db,
      statement<{ agent_id: string; contact_id: string | null; customer_id: string | null; result: string }>`
        select agent_id, contact_id, customer_id, result from audit where kind = 'supervision' order by seq`,
    )
  ).map((row) => row);
const results = async () => (await audited()).map(({ result }) => result);

describe('R35 supervision', () => {
  it('begins, changes and ends for a lead, and every step is in the audit chain: who, whom, which contact', async () => {
    const { contactId } = await call();
    const id = randomUUID();
    expect(await supervise('listen', id)).toMatchObject({
      status: 200,
      value: { id, agentId: 'A1001', contactId, mode: 'listen' },
    });
    expect(await ask(rig, 'superviseMode', { id, mode: 'whisper' }, lead)).toMatchObject({
      status: 200,
      value: { mode: 'whisper', contactId },
    });
    expect(await exchange.sessions()).toMatchObject([{ id, mode: 'whisper' }]);
    expect(await ask(rig, 'superviseEnd', { id }, lead)).toMatchObject({ status: 200 });
    expect(await exchange.sessions()).toEqual([]);
    await rig.central.settled();
    expect(await results()).toEqual([
      'asked:listen:A1001',
      'began:listen:A1001',
      'asked:whisper:A1001',
      'changed:whisper:A1001',
      'ended:A1001',
    ]);
    expect((await audited()).at(-1)).toMatchObject({ agent_id: 'A3001', contact_id: contactId, customer_id: 'C1' });
    const { auditKey } = await openSecrets(database.db);
    expect(await verifyAudit(database.db, auditKey)).toMatchObject({ kind: 'intact' });
  });

  it('a manager may too; an agent is refused whatever is asked, and an administrator has no seat (security 79)', async () => {
    await call();
    exchange.telephone('3002');
    const id = randomUUID();
    const manager = await signInLead('3002');
    expect((await supervise('listen', id, manager)).status).toBe(200);
    const refused = { status: 403, error: { kind: 'forbidden', reason: 'role' } };
    for (const mode of ['listen', 'whisper', 'barge', 'takeOver']) {
      expect(await supervise(mode, randomUUID(), agent.token)).toMatchObject(refused);
      expect(await ask(rig, 'superviseMode', { id, mode }, agent.token)).toMatchObject(refused);
    }
    expect(await ask(rig, 'superviseEnd', { id }, agent.token)).toMatchObject(refused);
    expect((await exchange.sessions()).map((session) => [session.id, session.mode])).toEqual([[id, 'listen']]);
    // Nor another lead.
    expect(await ask(rig, 'superviseMode', { id, mode: 'barge' }, lead)).toMatchObject({
      status: 403,
      error: { reason: 'supervisionOfAnother' },
    });
    await run(database.db, statement`update agent set role = 'agent' where id = 'A3002'`);
    expect(await ask(rig, 'superviseMode', { id, mode: 'barge' }, manager)).toMatchObject(refused);
    await run(database.db, statement`update agent set role = 'manager' where id = 'A3002'`);
  });

  it('refusals of the exchange are values, and in the audit', async () => {
    expect(await supervise()).toMatchObject({ status: 409, error: { kind: 'conflict', reason: 'notInCall' } });
    await call();
    const id = randomUUID();
    await supervise('listen', id);
    expect(await supervise()).toMatchObject({ status: 409, error: { reason: 'leadBusy' } });
    expect(await supervise('listen', id)).toMatchObject({ status: 409, error: { reason: 'supervisionExists' } });
    expect(await ask(rig, 'supervise', { id: randomUUID(), agentId: 'A3001', mode: 'listen' }, lead)).toMatchObject({
      error: { kind: 'invalid', reason: 'ownCall' },
    });
    expect(await ask(rig, 'supervise', { id: randomUUID(), agentId: 'A9', mode: 'listen' }, lead)).toMatchObject({
      status: 404,
      error: { reason: 'agent' },
    });
    await ask(rig, 'superviseMode', { id, mode: 'takeOver' }, lead);
    expect(await ask(rig, 'superviseMode', { id, mode: 'listen' }, lead)).toMatchObject({
      status: 409,
      error: { reason: 'takenOver' },
    });
    const gone = randomUUID();
    expect(await ask(rig, 'superviseMode', { id: gone, mode: 'listen' }, lead)).toMatchObject({ status: 404 });
    expect(await results()).toContain('failed:notInCall:A1001');
    expect(await results()).toContain('failed:takenOver:A1001');
  });

  it('ends with the call, and when the lead hangs up: once in the audit', async () => {
    const { hangUp } = await call();
    const [first, second] = [randomUUID(), randomUUID()];
    await supervise('listen', first);
    exchange.leadHangsUp(first);
    await supervise('barge', second);
    hangUp();
    await rig.central.settled();
    expect((await results()).filter((result) => result.startsWith('ended'))).toHaveLength(2);
    expect((await ask(rig, 'superviseMode', { id: second, mode: 'listen' }, lead)).status).toBe(404);
  });

  it('the agent’s seat is told when the policy says so, also one that comes back in between', async () => {
    const address = await rig.central.listen({ port: 0 });
    const socket = await openLive(address, agent.token);
    expect(await socket.next()).toEqual({ t: 'poke' });
    const { contactId } = await call();
    const id = randomUUID();
    await supervise('whisper', id);
    const told = async (from: typeof socket) => {
      for (;;) {
        const message = await from.next();
        if (message.t === 'supervised') return message;
      }
    };
    expect(await told(socket)).toEqual({ t: 'supervised', contactId, mode: 'whisper' });
    const second = await openLive(address, agent.token);
    expect(await told(second)).toEqual({ t: 'supervised', contactId, mode: 'whisper' });
    await ask(rig, 'superviseEnd', { id }, lead);
    expect(await told(socket)).toEqual({ t: 'supervised', contactId: null, mode: null });
    socket.close();
    second.close();
  });

  it('and is not told otherwise', async () => {
    await rig.close();
    rig = await startRig(database, { supervision: exchange });
    agent = await signIn(rig, '1001');
    lead = await signInLead('3001');
    const address = await rig.central.listen({ port: 0 });
    const socket = await openLive(address, agent.token);
    await call();
    expect((await supervise('barge')).status).toBe(200);
    const second = await openLive(address, agent.token);
    await new Promise((later) => void setTimeout(later, 200));
    for (const from of [socket, second])
      for (let left = from.received(); left > 0; left -= 1) expect((await from.next()).t).toBe('poke');
    socket.close();
    second.close();
  });

  it('a take-over is told to the agent’s seat before it happens, whatever the policy shows; taken back when it fails', async () => {
    await rig.close();
    const order: string[] = [];
    let isFailing = false;
    const watched = {
      ...exchange,
      setMode: async (...asked: Parameters<FakeSupervision['setMode']>) => {
        order.push(asked[1]);
        return isFailing ? Promise.reject(new PbxFault('unreachable', 'gone')) : exchange.setMode(...asked);
      },
    };
    rig = await startRig(database, { supervision: watched });
    agent = await signIn(rig, '1001');
    lead = await signInLead('3001');
    const socket = await openLive(await rig.central.listen({ port: 0 }), agent.token);
    const told = async () => {
      for (;;) {
        const message = await socket.next();
        if (message.t !== 'supervised') continue;
        order.push(`told ${message.mode}`);
        return message;
      }
    };
    const { contactId } = await call();
    const id = randomUUID();
    await supervise('listen', id);
    isFailing = true;
    expect((await ask(rig, 'superviseMode', { id, mode: 'takeOver' }, lead)).status).toBe(409);
    expect(await told()).toEqual({ t: 'supervised', contactId, mode: 'takeOver' });
    expect(await told()).toEqual({ t: 'supervised', contactId: null, mode: null });
    isFailing = false;
    expect((await ask(rig, 'superviseMode', { id, mode: 'takeOver' }, lead)).status).toBe(200);
    expect(await told()).toEqual({ t: 'supervised', contactId, mode: 'takeOver' });
    expect(order.filter((step) => step === 'takeOver')).toHaveLength(2);
    socket.close();
  });

  it('the list: who of the lead’s queues has a call, since when, and who is in it; nobody else’s, and not for agents', async () => {
    const teams = async (token = lead) => ask(rig, 'teamCalls', {}, token);
    expect((await teams()).value).toEqual({ calls: [] });
    const { contactId } = await call();
    const state = {
      ...{ kind: 'onCall', callId: randomUUID(), contactId, then: { kind: 'ready' }, sinceMs: 7 },
    } as const;
    await agent.push({ name: 'agent.stateChanged', state: state as never, atMs: rig.clock.nowMs() });
    const row = {
      ...{ agentId: 'A1001', agentName: '林小禾', agentNumber: '1001', state: 'talking', sinceMs: 7, contactId },
      ...{ direction: 'inbound', queue: 'service', supervisedBy: null },
    };
    expect((await teams()).value).toEqual({ calls: [row] });
    await supervise('listen');
    expect((await teams()).value.calls).toEqual([{ ...row, supervisedBy: '苏班长' }]);
    expect(await teams(agent.token)).toMatchObject({ status: 403, error: { kind: 'forbidden', reason: 'role' } });
    await run(database.db, statement`update agent set queues = array['vip'] where id = 'A3001'`);
    try {
      lead = await signInLead('3001');
      expect((await teams()).value.calls).toHaveLength(1);
      await run(database.db, statement`update agent set queues = array['other'] where id = 'A3001'`);
      lead = await signInLead('3001');
      expect((await teams()).value).toEqual({ calls: [] });
      expect(await supervise()).toMatchObject({ status: 403, error: { kind: 'forbidden', reason: 'otherTeam' } });
      expect((await teams(await signInLead('3002'))).value.calls).toHaveLength(1);
    } finally {
      await run(database.db, statement`update agent set queues = array['service'] where id = 'A3001'`);
    }
  });

  it('a lead who signs in at another seat leaves the call joined from the first', async () => {
    await call();
    await supervise('whisper');
    await rig.central.settled();
    const elsewhere = {
      protocol: 1,
      agentNumber: '3001',
      password: 'lead-secret',
      seatId: randomUUID(),
      takeOver: true,
    };
    expect((await ask(rig, 'signIn', elsewhere)).status).toBe(200);
    expect(await exchange.sessions()).toEqual([]);
    await rig.central.settled();
    expect((await results()).at(-1)).toBe('ended:A1001');
  });

  it('a lead who signs out is in nobody’s call any more', async () => {
    await call();
    const id = randomUUID();
    await supervise('whisper', id);
    expect((await ask(rig, 'signOut', {}, lead)).status).toBe(200);
    expect(await exchange.sessions()).toEqual([]);
    await rig.central.settled();
    expect((await results()).at(-1)).toBe('ended:A1001');
  });

  it('after a restart of central: what is over is closed, what nobody asked for is hung up', async () => {
    const { hangUp } = await call();
    await supervise('listen', randomUUID());
    await rig.central.settled();
    await rig.close();
    hangUp();
    exchange.callBegins('1001', null);
    const stranger = randomUUID();
    await exchange.start({ id: stranger, leadSipUser: '3001', agentSipUser: '1001', mode: 'listen' });
    rig = await startRig(database, { supervision: exchange });
    await rig.central.settled();
    expect(await exchange.sessions()).toEqual([]);
    expect((await results()).at(-1)).toBe('ended:A1001');
  });

  it('an exchange that does not answer, or cannot, is a sentence', async () => {
    await rig.close();
    const broken = { ...exchange, start: () => Promise.reject(new PbxFault('unreachable', 'gone')) };
    rig = await startRig(database, { supervision: broken });
    lead = await signInLead('3001');
    expect(await supervise()).toMatchObject({ status: 409, error: { kind: 'phone', reason: 'exchangeUnreachable' } });
    expect(await results()).toEqual(['asked:listen:A1001', 'failed:exchangeUnreachable:A1001']);
    await rig.close();
    rig = await startRig(database);
    lead = await signInLead('3001');
    expect(await supervise()).toMatchObject({ error: { kind: 'phone', reason: 'noSupervision' } });
  });
});
