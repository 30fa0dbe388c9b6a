import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { breaksCommand } from '../../central/breaks-cli.ts';
import type { Database } from '../../central/db.ts';
import type { AgentState } from '../../shared/agent.ts';
import { dayOf, momentOf } from '../../shared/calendar.ts';
import { defaultPolicy } from '../../shared/policy.ts';
import type { OpenedDatabase, Rig, Seat } from './fixture.ts';
import { ask, clean, customerId, databaseKinds, newContactId, opened, openTestDatabase, putAgents } from './fixture.ts';
import { putCustomers, signIn, startRig } from './fixture.ts';

describe.each(databaseKinds)('R38 agents’ time on %s', (kind) => {
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
    await putCustomers(database, 2);
    rig = await startRig(database, { policy: { ...defaultPolicy, reasonCaps: { break: { atOnce: 1 } } } });
    seat = await signIn(rig, '1001');
  });
  afterEach(() => rig.close());
  afterAll(() => openedDb.close());

  const entered = (state: AgentState) => ({ name: 'agent.stateChanged', state, atMs: state.sinceMs }) as const;
  const timeOf = async (who: Seat, fromMs: number, toMs: number) =>
    (await ask(rig, 'ownTime', { fromMs, toMs }, who.token)).value;

  it('counts closed stretches from the ops, whenever they arrive, each once', async () => {
    const contactId = newContactId();
    await seat.push(opened(contactId, customerId(1), 1_500));
    await seat.push({ name: 'contact.answered', contactId, atMs: 1_600 });
    await seat.push({ name: 'contact.ended', contactId, cause: 'agentHungUp', atMs: 1_900 });
    await seat.push({
      ...{ name: 'contact.wrappedUp', contactId, disposition: ['unfinished'], forced: true, note: '', atMs: 1_950 },
    });
    await seat.push(entered({ kind: 'notReady', reason: 'signedIn', sinceMs: 1_000 }));
    await seat.push(entered({ kind: 'ready', sinceMs: 1_100 }));
    // Ready, and in a call beside: the same stretch.
    await seat.push(entered({ kind: 'ready', sinceMs: 1_100, aside: true }));
    await seat.push(entered({ kind: 'notReady', reason: 'break', sinceMs: 1_950 }));
    await seat.push(entered({ kind: 'offline', sinceMs: 2_000 }));
    await seat.push(entered({ kind: 'notReady', reason: 'signedIn', sinceMs: 9_000 }));
    expect(await timeOf(seat, 1_000, 2_000)).toEqual({
      ...{ contacts: 1, talkMs: 300, unfinished: 1 },
      states: [
        { kind: 'ready', reason: null, ms: 850, times: 1 },
        { kind: 'notReady', reason: 'signedIn', ms: 100, times: 1 },
        { kind: 'notReady', reason: 'break', ms: 50, times: 1 },
      ],
    });
    // To the next stretch: nobody's while signed out.
    const later = await timeOf(seat, 1_000, 9_000);
    expect(later.states.reduce((sum, { ms }) => sum + ms, 0)).toBe(1_000);
    const colleague = await signIn(rig, '1002');
    expect(await timeOf(colleague, 0, 10_000)).toMatchObject({ contacts: 0, states: [] });
  });

  it('says how many of the team are away for a reason', async () => {
    const room = async (who: Seat, reason: string) => (await ask(rig, 'reasonRoom', { reason }, who.token)).value;
    const colleague = await signIn(rig, '1002');
    expect(await room(seat, 'break')).toEqual({ limit: 1, taken: 0 });
    await colleague.push(entered({ kind: 'notReady', reason: 'break', sinceMs: 1_000 }));
    expect(await room(seat, 'break')).toEqual({ limit: 1, taken: 1 });
    expect(await room(colleague, 'break')).toEqual({ limit: 1, taken: 0 });
    expect(await room(seat, 'meal')).toEqual({ limit: null, taken: 0 });
  });

  it('a roster is taken from a file, shown, and told to its agent; a wrong line changes nothing and is named', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'zuoxi-breaks-'));
    const day = dayOf(rig.clock.nowMs() + 24 * 3_600_000);
    const said: string[] = [];
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => (said.push(String(text)), true));
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => (said.push(String(text)), true));
    const file = join(dir, 'roster.json');
    const run = async (breaks: unknown, of = day) => {
      writeFileSync(file, JSON.stringify({ day: of, breaks }));
      await breaksCommand(database.db, ['import', file], defaultPolicy.notReadyReasons, rig.clock.nowMs());
      return said.splice(0).join('');
    };
    const one = { agent: '1001', reason: 'break', from: '10:15', to: '10:30' };
    try {
      expect(await run([one, { ...one, from: '15:00', to: '15:15' }])).toContain('2 breaks planned for 1 agents');
      expect(await run([one, { ...one, agent: '9999' }])).toMatch(/Line 2 \(9999, 10:15\): there is no agent/);
      expect(await run([{ ...one, reason: 'nap' }])).toContain('the reason is one of break');
      expect(await run([{ ...one, to: '10:00' }])).toContain('ends after it begins');
      expect(await run([one, one])).toContain('already');
      expect(await run([one], '2026-02-30')).toContain('A roster is');
      expect(await run([{ ...one, from: '25:00' }])).toContain('A roster is');
      await breaksCommand(database.db, ['import', join(dir, 'missing')], [], 0);
      await breaksCommand(database.db, ['import'], [], 0);
      await breaksCommand(database.db, ['show', 'tomorrow'], [], 0);
      expect(said.splice(0).join('')).toMatch(/cannot be read.*\n.*Usage.*\n.*2026-11-28/);
      process.exitCode = 0;
      await breaksCommand(database.db, ['show', day], [], 0);
      expect(said.splice(0).join('')).toBe('1001\t林小禾\t10:15–10:30\tbreak\n1001\t林小禾\t15:00–15:15\tbreak\n');
    } finally {
      vi.restoreAllMocks();
      rmSync(dir, { recursive: true, force: true });
    }
    const at = momentOf(day, 0) ?? 0;
    const { breaks } = (await ask(rig, 'roster', {}, seat.token)).value;
    expect(breaks.map(({ fromMs, toMs }) => [fromMs - at, toMs - at])).toEqual([
      [615 * 60_000, 630 * 60_000],
      [900 * 60_000, 915 * 60_000],
    ]);
    const colleague = await signIn(rig, '1002');
    expect((await ask(rig, 'roster', {}, colleague.token)).value.breaks).toEqual([]);
  });
});
