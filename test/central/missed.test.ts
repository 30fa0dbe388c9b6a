import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { auditEntries } from '../../central/audit.ts';
import type { Database } from '../../central/db.ts';
import type { CustomerId } from '../../shared/ids.ts';
import type { EndCause } from '../../shared/call.ts';
import type { OpBody } from '../../shared/op.ts';
import type { OpenedDatabase, Rig, Seat } from './fixture.ts';
import { ask, clean, customerId, databaseKinds, newContactId, opened, openTestDatabase } from './fixture.ts';
import { putAgents, putCustomers, putLead, signIn, startRig } from './fixture.ts';

describe.each(databaseKinds)('R38 missed calls on %s', (kind) => {
  let openedDb: OpenedDatabase;
  let database: Database;
  let rig: Rig;
  let seat: Seat;
  let other: Seat;
  let lead: Seat;
  beforeAll(async () => {
    openedDb = await openTestDatabase(kind);
    ({ database } = openedDb);
    await putAgents(database);
    await putLead(database);
  });
  beforeEach(async () => {
    await clean(database);
    await putCustomers(database, 2);
    rig = await startRig(database);
    [seat, other, lead] = [await signIn(rig, '1001'), await signIn(rig, '1002'), await signIn(rig, '1003')];
  });
  afterEach(() => rig.close());
  afterAll(() => openedDb.close());

  type About = {
    readonly customer?: CustomerId | null;
    readonly number?: string;
    readonly answered?: boolean;
    readonly direction?: 'inbound' | 'outbound';
    readonly cause?: EndCause;
  };
  const call = async (who: Seat, atMs: number, about: About = {}): Promise<string> => {
    const contactId = newContactId();
    const { customer = customerId(1), number = '+8613800000001', answered = false, direction = 'inbound' } = about;
    const first = opened(contactId, customer, atMs) as Extract<OpBody, { name: 'contact.opened' }>;
    const told: OpBody[] = [{ ...first, number, direction }];
    if (answered) told.push({ name: 'contact.answered', contactId, atMs: atMs + 3_000 });
    const cause = about.cause ?? (answered ? 'customerHungUp' : 'missed');
    told.push({ name: 'contact.ended', contactId, cause, atMs: atMs + 20_000 });
    expect((await who.push(...told)).map(({ outcome }) => outcome)).not.toContain('refused');
    return contactId;
  };
  const missed = async (who: Seat, scope: 'own' | 'team', fromMs = 0) =>
    (await ask(rig, 'missed', { scope, fromMs }, who.token)).value.calls;

  it('a lead reads who was missed, when, how, masked, and who talked with them afterwards; it is in the audit', async () => {
    const nowMs = rig.clock.nowMs();
    const first = await call(seat, nowMs);
    const second = await call(other, nowMs + 60_000, { customer: customerId(2), number: '+8613800000002' });
    // Passed on by hand, answered, and outbound calls are none.
    await call(seat, nowMs + 61_000, { customer: null, number: '+8613911110000', cause: 'transferred' });
    await call(seat, nowMs + 62_000, { customer: null, number: '+8613911110001', answered: true });
    await call(seat, nowMs + 63_000, { customer: null, number: '+8613911110002', direction: 'outbound' });
    // The queue's next agent answered the first one, on another number of theirs.
    await call(other, nowMs + 90_000, { number: '+8613800009999', answered: true });
    expect(await missed(lead, 'team')).toMatchObject([
      { contactId: second, agentNumber: '1002', who: '欧阳***', number: '138****0002', how: 'rangOut', settled: null },
      {
        ...{ contactId: first, agentNumber: '1001', who: '欧阳***', number: '138****0001', how: 'rangOut' },
        settled: { agentId: 'A1002', agentName: '周南乔', direction: 'inbound', atMs: nowMs + 90_000 },
      },
    ]);
    const kinds: string[] = [];
    for await (const entry of auditEntries(database.db)) kinds.push(`${entry.kind} ${entry.result}`);
    expect(kinds).toContain('history missed calls: 2 shown to lead');
    expect(await missed(lead, 'team', nowMs + 30_000)).toHaveLength(1);
  });

  it('an agent hears of their own only, and no more than what became of them; strangers are known by their number', async () => {
    const nowMs = rig.clock.nowMs();
    const number = '+8613911112222';
    const mine = await call(seat, nowMs, { customer: null, number, cause: 'rejected' });
    await call(other, nowMs + 1_000);
    await call(seat, nowMs + 30_000, { customer: null, number, answered: true, direction: 'outbound' });
    expect(await missed(seat, 'own')).toMatchObject([
      { contactId: mine, who: null, number: '', how: 'declined', settled: { agentId: 'A1001', direction: 'outbound' } },
    ]);
    expect((await ask(rig, 'missed', { scope: 'team', fromMs: 0 }, seat.token)).error).toEqual({
      ...{ kind: 'forbidden', reason: 'role' },
    });
  });
});
