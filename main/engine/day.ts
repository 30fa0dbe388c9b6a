import type { Contact } from '../../shared/contact.ts';
import type { AgentId } from '../../shared/ids.ts';
import type { DayRecord, DoneContact } from '../../shared/day.ts';
import { emptyDay, longestShiftMs, recordOf } from '../../shared/day.ts';
import type { AnyDispositionNode } from '../../shared/disposition.ts';
import type { Result } from '../../shared/result.ts';
import { ok, refusal, refused } from '../../shared/result.ts';
import type { Handlers } from '../../shared/rpc.ts';
import type { SeatContract } from '../../shared/seat.ts';
import type { CentralClient } from './central-client.ts';
import type { Clock } from './clock.ts';
import type { Log } from './log.ts';
import { faultFields } from './log.ts';
import type { Seat } from './seat.ts';
import { dayReader } from './store/day.ts';
import type { Db, ReadDb } from './store/db.ts';
import { readFeed, writeFeed } from './store/meta.ts';
import { topicById } from './store/working-set.ts';
import type { Caller } from './windows.ts';

/** The agent's shift: what it went to (R38), the breaks the roster has in it, and how many may be away at once. */
export interface Day {
  view(): DayRecord;
  /** A sync round is over: asks for the roster now and then. */
  caughtUp(): void;
  /** Whether the agent may choose this reason now. Off line nobody can count the others: then they may. */
  roomFor(reason: string): Promise<Result<void>>;
  readonly handlers: Pick<Handlers<SeatContract, Caller>, 'day.atCentral' | 'day.rooms'>;
}

export type DayNeeds = {
  readonly db: Db;
  readonly seat: Seat;
  readonly clock: Clock;
  readonly client: CentralClient;
  readonly log: Log;
  readonly changed: () => void;
};

const rosterMs = 10 * 60_000;
/** The agent is looking at the menu. */
const roomMs = 2_000;

export const createDay = (needs: DayNeeds): Day => {
  const { db, seat, clock, client } = needs;
  const kept = dayReader(db.read);
  const view = (): DayRecord => {
    const { session, agent } = seat;
    if (session === null) return emptyDay;
    const since = clock.nowMs() - longestShiftMs;
    const of = session.agent.id;
    return recordOf(kept.spans(of, since), kept.contacts(of, since), agent, breaksOf(db.read, of));
  };
  return {
    view,
    caughtUp: rosterAsker(needs),
    roomFor: async (reason) => {
      const { session } = seat;
      if (session?.policy.reasonCaps?.[reason]?.atOnce === undefined) return ok(undefined);
      const answer = await client.call('reasonRoom', { reason }, session.token);
      if (!answer.ok) return ok(undefined);
      const { limit, taken } = answer.value;
      return limit !== null && taken >= limit
        ? refused(refusal('policy', 'reasonFull', { limit, taken }))
        : ok(undefined);
    },
    handlers: {
      'day.rooms': async () => {
        const { session } = seat;
        const caps = Object.entries(session?.policy.reasonCaps ?? {});
        const capped = caps.flatMap(([reason, { atOnce }]) =>
          atOnce === undefined ? [] : [{ reason, limit: atOnce }],
        );
        const rooms = await Promise.all(
          capped.slice(0, 20).map(async ({ reason, limit }) => {
            const answer = await client.call('reasonRoom', { reason }, session?.token ?? null, roomMs);
            return { reason, limit, taken: answer.ok ? answer.value.taken : null };
          }),
        );
        return ok({ rooms });
      },
      'day.atCentral': async () => {
        const { session, agent } = seat;
        const { beganAtMs } = view();
        if (session === null || beganAtMs === null) return refused(refusal('unauthorised', 'signInFirst'));
        return client.call('ownTime', { fromMs: beganAtMs, toMs: agent.sinceMs }, session.token);
      },
    },
  };
};

const breaksOf = (db: ReadDb, agentId: AgentId) => {
  const known = readFeed(db, 'breaks');
  return known?.of === agentId ? known.breaks : [];
};

const rosterAsker = ({ db, seat, clock, client, log, changed }: DayNeeds): (() => void) => {
  let isAsking = false;
  let askedAtMs = Number.NEGATIVE_INFINITY;
  let askedBy = '';
  const ask = async (of: AgentId, token: string): Promise<void> => {
    const answer = await client.call('roster', {}, token);
    // A central of before plans no breaks.
    if (!answer.ok || seat.session?.token !== token) return;
    const { breaks } = answer.value;
    if (JSON.stringify(breaksOf(db.read, of)) === JSON.stringify(breaks)) return;
    db.fill('roster', (write) => writeFeed(write, 'breaks', { of, breaks }));
    changed();
  };
  return () => {
    const { session } = seat;
    if (session === null || isAsking) return;
    const nowMs = clock.nowMs();
    if (session.token === askedBy && nowMs - askedAtMs < rosterMs) return;
    isAsking = true;
    askedBy = session.token;
    askedAtMs = nowMs;
    void ask(session.agent.id, session.token)
      .catch((fault: unknown) => log.error('roster could not be kept', faultFields(fault)))
      .finally(() => (isAsking = false));
  };
};

/** A contact that has just been wrapped up, as the day counts it. */
export const doneContact = (
  db: ReadDb,
  contact: Contact,
  nodes: readonly AnyDispositionNode[],
  atMs: number,
): DoneContact => {
  const { answeredAtMs, endedAtMs, topicId, forced } = contact;
  return {
    atMs,
    talkMs: answeredAtMs === null ? 0 : Math.max(0, (endedAtMs ?? atMs) - answeredAtMs),
    topic: topicId === null ? null : (topicById(db, topicId)?.name ?? null),
    outcome: nodes.at(-1)?.label ?? null,
    forced,
  };
};
