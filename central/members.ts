import { isDeepStrictEqual } from 'node:util';
import { agentById } from './agents.ts';
import type { Clock, Log } from './ambient.ts';
import { faultFields } from './ambient.ts';
import type { Db } from './db.ts';
import type { Pbx } from './pbx.ts';
import type { Membership, Presence } from './presence.ts';
import { allPresences, forgetApplied, membershipApplied, presenceOf, wishedMembership } from './presence.ts';

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
    const [presence, agent] = await Promise.all([presenceOf(db, agentId), agentById(db, agentId)]);
    if (presence === undefined || agent === undefined) return;
    const wished = wishedMembership(presence, agent.queues, clock.nowMs());
    if (isDeepStrictEqual(wished, presence.applied)) return;
    try {
      await tell(pbx, agent, presence, wished);
    } catch (fault) {
      // What the PBX now believes is unknown: the next turn tells all of it.
      await membershipApplied(db, agentId, null);
      log.warn({ agentId, ...faultFields(fault) }, 'the exchange did not take the change; tried again later');
      return;
    }
    await membershipApplied(db, agentId, wished);
    // Another instance may have told the exchange of an older or newer state meanwhile: what was told last has to be what is true now.
    const after = await presenceOf(db, agentId);
    if (after !== undefined && !isDeepStrictEqual(wishedMembership(after, agent.queues, clock.nowMs()), wished))
      await follow(agentId);
  };
  const refreshed = (agentId: string): Promise<void> => inTurn(agentId, () => follow(agentId));
  const refresh = (agentId: string): void => void refreshed(agentId);
  /** One look at everybody; only who is not as the exchange was told is followed, a few at a time: seats need the database too. */
  const sweep = async (): Promise<void> => {
    const nowMs = clock.nowMs();
    const others = (await allPresences(db))
      .filter(
        ({ queues, ...presence }) => !isDeepStrictEqual(wishedMembership(presence, queues, nowMs), presence.applied),
      )
      .values();
    await Promise.all(
      Array.from({ length: sweptAtOnce }, async () => {
        for (const { agentId } of others) await refreshed(agentId);
      }),
    );
  };
  const wait = () => {
    cancel = clock.after(sweepMs, () => {
      void inTurn('', sweep).then(() => {
        if (!isClosed) wait();
      });
    });
  };

  void inTurn('', async () => {
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

const tell = async (
  pbx: Pbx,
  agent: { readonly number: string; readonly name: string },
  presence: Presence,
  wished: Membership,
): Promise<void> => {
  const sipUser = agent.number;
  if (wished.kind === 'out') return pbx.removeMember(sipUser);
  const { applied } = presence;
  const isMember = applied?.kind === 'member' && isDeepStrictEqual(applied.queues, wished.queues);
  if (!isMember) await pbx.addMember({ sipUser, name: agent.name, queues: wished.queues });
  await pbx.setPaused(sipUser, wished.paused, wished.reason);
};
