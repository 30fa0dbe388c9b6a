import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { putAgent } from '../../../central/agents.ts';
import { contactById } from '../../../central/contacts.ts';
import { run, statement } from '../../../central/db.ts';
import type { FakeSupervision } from '../../../central/fake-supervision.ts';
import { makeFakeSupervision } from '../../../central/fake-supervision.ts';
import { hashPassword } from '../../../central/secrets.ts';
import type { Call } from '../../../shared/call.ts';
import type { DispositionNode } from '../../../shared/disposition.ts';
import { AgentId } from '../../../shared/ids.ts';
import { defaultPolicy } from '../../../shared/policy.ts';
import type { OwnSupervision } from '../../../shared/supervision.ts';
import type { OpenedDatabase, Rig } from '../../central/fixture.ts';
import { clean, openTestDatabase, passwords, putAgents, putCustomers, startRig } from '../../central/fixture.ts';
import type { SeatUnderTest } from '../harness.ts';
import { ended, endSeats, inbound, refusalOf, startSeat, talking, value } from '../harness.ts';

// A lead's and an agent's seat with the real central and an exchange in memory: R35, security 75 and 79.

let opened: OpenedDatabase;
let rig: Rig;
let exchange: FakeSupervision;
let gate: Promise<void>;
let agent: SeatUnderTest;
let lead: SeatUnderTest;
let call: Call;
let hangUp: () => void;
const agentId = AgentId.parse('A1001');

beforeAll(async () => {
  opened = await openTestDatabase('pglite');
  await putAgents(opened.database);
  await putAgent(opened.database.db, {
    ...{ id: AgentId.parse('A3001'), number: '3001', name: '苏班长', role: 'lead', queues: ['service'] },
    password: await hashPassword('lead-secret'),
  });
}, 120_000);
beforeEach(async () => {
  await clean(opened.database);
  await run(opened.database.db, statement`delete from supervision`);
  await putCustomers(opened.database, 1);
  exchange = makeFakeSupervision();
  exchange.telephone('3001');
  gate = Promise.resolve();
  const slow: FakeSupervision = {
    ...exchange,
    start: async (asked) => {
      await gate;
      return exchange.start(asked);
    },
  };
  rig = await startRig(opened.database, {
    supervision: slow,
    policy: { ...defaultPolicy, showSupervision: true },
  });
  const url = await rig.central.listen({ port: 0 });
  agent = startSeat(url);
  lead = startSeat(url);
  value(await agent.desk.call('session.signIn', { agentNumber: '1001', password: passwords['1001'] }));
  value(await lead.desk.call('session.signIn', { agentNumber: '3001', password: 'lead-secret' }));
  await lead.report();
  call = inbound('13800000001');
  await agent.report(call);
  await agent.report(talking(call));
  hangUp = exchange.callBegins('1001', call.contactId);
  await agent.synced();
});
afterEach(async () => {
  await endSeats();
  await rig.close();
});
afterAll(() => opened.close());

const own = async (): Promise<OwnSupervision> => (await lead.snapshot()).supervision;
const supervised = async () => (await agent.snapshot()).supervised;
const eventually = (check: () => Promise<void>) => vi.waitFor(check, 5_000);
/** What the lead's telephone reports of the session it is in. */
const leg = (id: string): Call =>
  talking(inbound('1001', { aside: { kind: 'supervision', id }, contactId: call.contactId, queue: undefined }));
/** The first complete path of the tree. */
const firstLeaf = (nodes: readonly DispositionNode[]): string[] => {
  const [node] = nodes;
  return node === undefined ? [] : [node.id, ...firstLeaf(node.children)];
};
const listening = async (): Promise<string> => {
  value(await lead.desk.call('supervise.calls', {}));
  value(await lead.desk.call('supervise.start', { agentId, mode: 'listen' }));
  const now = await own();
  if (now.kind === 'none') throw new Error('not supervising');
  await lead.report(leg(now.id));
  return now.id;
};

describe('R35 a lead’s seat', () => {
  it('sees the team’s calls', async () => {
    const { calls } = value(await lead.desk.call('supervise.calls', {}));
    expect(calls).toMatchObject([{ agentId, agentNumber: '1001', state: 'talking', queue: 'service' }]);
  });

  it('security 75: the telephone is told which call to take before the exchange makes it', async () => {
    const held = Promise.withResolvers<void>();
    gate = held.promise;
    const told: OwnSupervision[] = [];
    lead.phone.on('supervision', (state) => told.push(state));
    value(await lead.desk.call('supervise.calls', {}));
    const asked = lead.desk.call('supervise.start', { agentId, mode: 'listen' });
    await eventually(async () => expect(told.at(-1)).toMatchObject({ kind: 'asking', agentId, mode: 'listen' }));
    expect(await exchange.sessions()).toEqual([]);
    held.resolve();
    value(await asked);
    expect(await own()).toMatchObject({ kind: 'on', agentId, agentName: '林小禾', contactId: call.contactId });
    const [session] = await exchange.sessions();
    expect(session?.id).toBe(told[0]?.kind === 'asking' ? told[0].id : '');
  });

  it('switches, and stops; no contact of the lead’s own is opened by the leg', async () => {
    await listening();
    value(await lead.desk.call('supervise.switch', { mode: 'whisper' }));
    expect(await own()).toMatchObject({ kind: 'on', mode: 'whisper' });
    expect(await exchange.sessions()).toMatchObject([{ mode: 'whisper' }]);
    expect(await lead.snapshot()).toMatchObject({ contact: null, agent: { kind: 'notReady' } });
    value(await lead.desk.call('supervise.stop', {}));
    expect(await own()).toEqual({ kind: 'none' });
    expect(await exchange.sessions()).toEqual([]);
  });

  it('is out of the call when the telephone is, when the call is, and when the lead signs out', async () => {
    const id = await listening();
    await lead.report(ended(leg(id)));
    await eventually(async () => expect(await own()).toEqual({ kind: 'none' }));
    await eventually(async () => expect(await exchange.sessions()).toEqual([]));
    const second = await listening();
    hangUp();
    await lead.report(ended(leg(second)));
    await eventually(async () => expect(await own()).toEqual({ kind: 'none' }));
    exchange.callBegins('1001', call.contactId);
    await listening();
    value(await lead.desk.call('session.signOut', {}));
    expect(await exchange.sessions()).toEqual([]);
    expect(await own()).toEqual({ kind: 'none' });
  });

  it('a telephone that went away for good takes the lead out of the call', async () => {
    await listening();
    lead.phone.close();
    await eventually(async () => expect((await lead.snapshot()).phone.line.kind).toBe('off'));
    expect((await own()).kind).toBe('on');
    lead.clock.advance(20_000);
    await eventually(async () => expect(await own()).toEqual({ kind: 'none' }));
    await eventually(async () => expect(await exchange.sessions()).toEqual([]));
  });

  it('stopped while the telephone is still being called: nobody is left listening', async () => {
    const held = Promise.withResolvers<void>();
    gate = held.promise;
    const asked = lead.desk.call('supervise.start', { agentId, mode: 'listen' });
    await eventually(async () => expect((await own()).kind).toBe('asking'));
    const stopped = lead.desk.call('supervise.stop', {});
    await eventually(async () => expect(await own()).toEqual({ kind: 'none' }));
    held.resolve();
    expect(refusalOf(await asked)).toMatchObject({ kind: 'notFound', reason: 'supervision' });
    value(await stopped);
    await eventually(async () => expect(await exchange.sessions()).toEqual([]));
  });

  it('refusals are sentences: no call, telephone not there or busy, a second session, nobody to go back to', async () => {
    const start = () => lead.desk.call('supervise.start', { agentId, mode: 'listen' });
    hangUp();
    expect(refusalOf(await start())).toMatchObject({ kind: 'conflict', reason: 'notInCall' });
    expect(await own()).toEqual({ kind: 'none' });
    exchange.callBegins('1001', call.contactId);
    await lead.report(inbound('13800000002'));
    expect(refusalOf(await start())).toMatchObject({ kind: 'conflict', reason: 'leadBusy' });
    await lead.report();
    await listening();
    expect(refusalOf(await start())).toMatchObject({ reason: 'supervisionExists' });
    value(await lead.desk.call('supervise.switch', { mode: 'takeOver' }));
    expect(refusalOf(await lead.desk.call('supervise.switch', { mode: 'listen' }))).toMatchObject({
      kind: 'conflict',
      reason: 'takenOver',
    });
    expect(await own()).toMatchObject({ kind: 'on', mode: 'takeOver' });
  });

  it('security 79: an agent is refused whatever is asked, and the exchange hears nothing of it', async () => {
    const forbidden = { kind: 'forbidden', reason: 'role' };
    const modes = ['listen', 'whisper', 'barge', 'takeOver'] as const;
    expect(refusalOf(await agent.desk.call('supervise.calls', {}))).toMatchObject(forbidden);
    for (const mode of modes) {
      expect(
        refusalOf(await agent.desk.call('supervise.start', { agentId: AgentId.parse('A1002'), mode })),
      ).toMatchObject(forbidden);
      expect(refusalOf(await agent.desk.call('supervise.switch', { mode }))).toMatchObject(forbidden);
    }
    for (const name of ['supervise.calls', 'supervise.stop'] as const)
      expect(refusalOf(await lead.phone.call(name, {}))).toMatchObject({ kind: 'forbidden' });
    expect(await exchange.sessions()).toEqual([]);
  });
});

describe('R35 a call that was taken over', () => {
  const takenOver = async (from: Call = call): Promise<Call> => {
    const id = await listening();
    value(await lead.desk.call('supervise.switch', { mode: 'takeOver' }));
    await agent.report(ended(from, 'customerHungUp'));
    const now = await own();
    if (now.kind !== 'on' || now.taken === undefined) throw new Error('nothing was taken');
    const { number, queue, exchangeId } = now.taken;
    const { aside: _, ...leg1 } = leg(id);
    // As the phone page makes of the leg.
    return { ...leg1, number, exchangeId, ...(queue === null ? {} : { queue }) };
  };

  it('is a contact of the lead’s own: the customer’s, with the agent’s topic, and wrapped up by the lead', async () => {
    value(await agent.desk.call('contact.chooseTopic', { contactId: call.contactId, topicId: 'bill' }));
    await agent.synced();
    const taken = await takenOver();
    await lead.report(taken);
    const { agent: state, supervision } = await lead.snapshot();
    expect(supervision).toEqual({ kind: 'none' });
    const before = (await agent.contact()).contact;
    const { contact, verification, match } = await lead.contact();
    expect(state).toMatchObject({ kind: 'onCall', callId: taken.id, contactId: contact.id });
    expect(contact).toMatchObject({
      ...{ agentId: 'A3001', direction: 'inbound', number: before.number, queue: 'service', customerId: 'C1' },
      ...{ exchangeId: call.contactId, topicId: before.topicId, answeredAtMs: expect.any(Number), endedAtMs: null },
    });
    expect(contact.id).not.toBe(call.contactId);
    expect(match).toMatchObject({ kind: 'one', customer: { id: 'C1' } });
    // R12: proven to the agent is not proven to the lead.
    expect(verification.level).toBe(1);
    expect(before).toMatchObject({ endCause: 'takenOver' });
    // The exchange keeps its session until the lead hangs up.
    expect(await exchange.sessions()).toHaveLength(1);
    await lead.report(ended(taken));
    expect((await lead.snapshot()).agent.kind).toBe('wrapUp');
    const disposition = firstLeaf((await lead.contact()).tree.roots);
    value(await lead.desk.call('contact.wrapUp', { contactId: contact.id, note: '已安抚', disposition }));
    await lead.synced();
    expect(await contactById(opened.database.db, contact.id)).toMatchObject({
      ...{ agentId: 'A3001', exchangeId: call.contactId, endCause: 'customerHungUp', note: '已安抚', forced: false },
    });
    expect(lead.log.lines.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('of an agent who dialled it is an outbound contact', async () => {
    await run(
      opened.database.db,
      statement`update contact set row = (row::jsonb || '{"direction":"outbound"}')::json where id = ${call.contactId}`,
    );
    await lead.report(await takenOver());
    expect((await lead.contact()).contact.direction).toBe('outbound');
  });

  it('is refused to a lead who has yet to wrap up, before anything happens to the agent’s call', async () => {
    const mine = inbound('13800000002');
    await lead.report(mine);
    await lead.report(talking(mine));
    await lead.report(ended(mine));
    expect((await lead.snapshot()).agent.kind).toBe('wrapUp');
    expect(refusalOf(await lead.desk.call('supervise.start', { agentId, mode: 'takeOver' }))).toMatchObject({
      ...{ kind: 'conflict', reason: 'finishCallFirst' },
    });
    await listening();
    expect(refusalOf(await lead.desk.call('supervise.switch', { mode: 'takeOver' }))).toMatchObject({
      ...{ kind: 'conflict', reason: 'finishCallFirst' },
    });
    expect(await exchange.sessions()).toMatchObject([{ mode: 'listen' }]);
  });

  it('with a central that does not tell what was taken, the lead goes on without a contact, as before', async () => {
    await run(opened.database.db, statement`delete from contact where id = ${call.contactId}`);
    const id = await listening();
    value(await lead.desk.call('supervise.switch', { mode: 'takeOver' }));
    await lead.report(leg(id));
    expect(await own()).toMatchObject({ kind: 'on', mode: 'takeOver' });
    expect(await own()).not.toHaveProperty('taken');
    expect(await lead.snapshot()).toMatchObject({ contact: null, agent: { kind: 'notReady' } });
  });
});

describe('R35 the agent’s seat', () => {
  it('shows who is there when the policy says so, and no longer when the lead or the call has gone', async () => {
    await eventually(async () => expect(rig.logged.some(({ message }) => message === 'seat live')).toBe(true));
    await listening();
    await eventually(async () =>
      expect(await supervised()).toMatchObject({ contactId: call.contactId, mode: 'listen' }),
    );
    value(await lead.desk.call('supervise.switch', { mode: 'whisper' }));
    await eventually(async () => expect(await supervised()).toMatchObject({ mode: 'whisper' }));
    value(await lead.desk.call('supervise.stop', {}));
    await eventually(async () => expect(await supervised()).toBeNull());
    await lead.report();
    await listening();
    await eventually(async () => expect(await supervised()).toMatchObject({ mode: 'listen' }));
    await agent.report(ended(call));
    expect(await supervised()).toBeNull();
  });

  it('a call that was taken over did not end by the customer: the wrap-up says so, and nothing of the contact is lost', async () => {
    await listening();
    value(await lead.desk.call('supervise.switch', { mode: 'takeOver' }));
    await eventually(async () => expect(await supervised()).toMatchObject({ mode: 'takeOver' }));
    await agent.report(ended(call, 'customerHungUp'));
    expect((await agent.contact()).contact).toMatchObject({ endCause: 'takenOver', wrappedUpAtMs: null });
    expect((await agent.snapshot()).agent.kind).toBe('wrapUp');
    value(await agent.desk.call('draft.save', { contactId: call.contactId, note: '班长接管', disposition: [] }));
    expect((await agent.contact()).draft.note).toBe('班长接管');
  });

  it('told a moment late, it is corrected, here and at central', async () => {
    await listening();
    await agent.report(ended(call, 'customerHungUp'));
    expect((await agent.contact()).contact.endCause).toBe('customerHungUp');
    value(await lead.desk.call('supervise.switch', { mode: 'takeOver' }));
    await eventually(async () => expect((await agent.contact()).contact.endCause).toBe('takenOver'));
    expect(await supervised()).toBeNull();
    await agent.synced();
    expect((await contactById(opened.database.db, call.contactId))?.endCause).toBe('takenOver');
    expect(agent.log.lines.filter(({ level }) => level === 'error')).toEqual([]);
  });
});
