import { isDeepStrictEqual } from 'node:util';
import type { Clock, Log } from './ambient.ts';
import { faultFields } from './ambient.ts';
import type { Db } from './db.ts';
import type { Pbx } from './pbx.ts';
import type { Member, Membership } from './presence.ts';
import { allMembers, forgetApplied, memberOf, membersOf, membershipsApplied, wishedMembership } from './presence.ts';

/**
 * Keeps the PBX's queue members as the agents' presence says. Never inside a transaction and never awaited by a request: the PBX may
 * be slow or away. What it did not accept is told again at the next change and every few seconds.
 */
export type Members = {
  /** The agent's presence may have changed. */
  readonly refresh: (agentId: string) => void;
  /** Resolves when nothing is on its way to the PBX. */
  readonly settled: () => Promise<void>;
  readonly close: () => Promise<void>;
};

const sweepMs = 5_000;
const sweptAtOnce = 8;
const sweptTogether = 100;
/** Turns that are nobody's own: agents' ids are not empty and have no spaces. */
const [sweeping, looking] = ['', ' looking'];

export const keepMembers = (db: Db, pbx: Pbx, clock: Clock, log: Log): Members => {
  const turns = new Map<string, Promise<void>>();
  let isClosed = false;
  let cancel = () => {};

  const inTurn = (key: string, work: () => Promise<void>): Promise<void> => {
    const before = turns.get(key) ?? Promise.resolve();
    // One agent's changes reach the PBX in their order; a fault of the database ends this turn only.
    const turn = before.then(work).catch((fault: unknown) => log.warn(faultFields(fault), 'presence not followed'));
    turns.set(key, turn);
    void turn.then(() => {
      if (turns.get(key) === turn) turns.delete(key);
    });
    return turn;
  };
  const follow = async (agentId: string): Promise<void> => {
    if (isClosed) return;
    const presence = await memberOf(db, agentId);
    if (presence === undefined) return;
    const wished = wishedMembership(presence, presence.queues, clock.nowMs());
    if (isDeepStrictEqual(wished, presence.applied)) return;
    const told = await toldOf(pbx, presence, clock.nowMs(), log);
    await membershipsApplied(db, [told]);
    if (told.applied === null) return;
    // Another instance may have told the exchange of an older or newer state meanwhile: what was told last has to be what is true now.
    const after = await memberOf(db, agentId);
    if (after !== undefined && !isDeepStrictEqual(wishedMembership(after, after.queues, clock.nowMs()), told.applied))
      await follow(agentId);
  };
  const refreshed = (agentId: string): Promise<void> => inTurn(agentId, () => follow(agentId));
  const differ = (members: readonly Member[]): readonly Member[] => differing(members, clock.nowMs());
  const refresh = gathering(inTurn, async (ids) => {
    if (isClosed) return;
    for (const { agentId } of differ(await membersOf(db, ids))) void refreshed(agentId);
  });
  /** Of a sweep: told a few at a time, written down together. Who is another by then is followed by themselves. */
  const sweepSome = async (members: readonly Member[]): Promise<void> => {
    const told: Told[] = [];
    const left = members.values();
    const one = async (member: Member): Promise<void> => {
      if (!isClosed) told.push(await toldOf(pbx, member, clock.nowMs(), log));
    };
    await Promise.all(
      Array.from({ length: sweptAtOnce }, async () => {
        for (const member of left) await inTurn(member.agentId, () => one(member));
      }),
    );
    if (told.length === 0) return;
    await membershipsApplied(db, told);
    const ids = told.flatMap(({ agentId, applied }) => (applied === null ? [] : [agentId]));
    for (const { agentId } of differ(await membersOf(db, ids))) await refreshed(agentId);
  };
  /** One look at everybody; only who is not as the exchange was told is told again. */
  const sweep = async (): Promise<void> => {
    const others = differ(await allMembers(db));
    for (let from = 0; from < others.length; from += sweptTogether)
      await sweepSome(others.slice(from, from + sweptTogether));
  };
  const wait = () => {
    cancel = clock.after(sweepMs, () => {
      void inTurn(sweeping, sweep).then(() => {
        if (!isClosed) wait();
      });
    });
  };

  void inTurn(sweeping, async () => {
    await forgetApplied(db);
    await sweep();
  });
  wait();

  const settled = async (): Promise<void> => {
    while (turns.size > 0) await Promise.all(turns.values());
  };
  return {
    refresh,
    settled,
    close: async () => {
      isClosed = true;
      cancel();
      await settled();
    },
  };
};

const differing = (members: readonly Member[], nowMs: number): readonly Member[] =>
  members.filter((one) => !isDeepStrictEqual(wishedMembership(one, one.queues, nowMs), one.applied));

/** Who is named while the database is asked goes with the next question: of seats that all come back at once nearly nobody is another. */
const gathering = (
  inTurn: (key: string, work: () => Promise<void>) => Promise<void>,
  lookAt: (agentIds: readonly string[]) => Promise<void>,
): ((agentId: string) => void) => {
  const named = new Set<string>();
  let isLooking = false;
  const lookAtNamed = async (): Promise<void> => {
    try {
      while (named.size > 0) {
        const ids = [...named];
        named.clear();
        await lookAt(ids);
      }
    } finally {
      isLooking = false;
    }
  };
  return (agentId) => {
    named.add(agentId);
    if (isLooking) return;
    isLooking = true;
    void inTurn(looking, lookAtNamed);
  };
};

type Told = { readonly agentId: string; readonly applied: Membership | null };

/** What the exchange knows now; null: unknown, the next turn tells all of it. */
const toldOf = async (pbx: Pbx, member: Member, nowMs: number, log: Log): Promise<Told> => {
  const { agentId } = member;
  const wished = wishedMembership(member, member.queues, nowMs);
  try {
    await tell(pbx, member, wished);
    return { agentId, applied: wished };
  } catch (fault) {
    log.warn({ agentId, ...faultFields(fault) }, 'the exchange did not take the change; tried again later');
    return { agentId, applied: null };
  }
};

const tell = async (pbx: Pbx, { applied, number: sipUser, name }: Member, wished: Membership): Promise<void> => {
  if (wished.kind === 'out') return pbx.removeMember(sipUser);
  const isMember = applied?.kind === 'member' && isDeepStrictEqual(applied.queues, wished.queues);
  if (!isMember) await pbx.addMember({ sipUser, name, queues: wished.queues });
  await pbx.setPaused(sipUser, wished.paused, wished.reason);
};
