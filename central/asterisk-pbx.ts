import type { Log } from './ambient.ts';
import { linkAmi } from './ami-link.ts';
import type { AmiLink, AmiLinkOptions } from './ami-link.ts';
import type { AmiMessage, AmiSession } from './ami.ts';
import type { Pbx, PbxClock, QueueState } from './pbx.ts';
import { PbxFault } from './pbx.ts';

export type AsteriskOptions = {
  readonly ami: { readonly host: string; readonly port: number; readonly user: string; readonly secret: string };
  readonly clock: PbxClock;
  readonly random: AmiLinkOptions['random'];
  readonly log: Log;
  /** For each answer of Asterisk; 3,000 ms by default. */
  readonly deadlineMs?: number;
};

/**
 * What central wants of one telephone. Kept here because Asterisk forgets its dynamic members when it restarts; a wish for no queue
 * is a removal not yet carried out.
 */
type Wish = {
  readonly name: string;
  readonly queues: readonly string[];
  readonly paused: boolean;
  readonly reason: string;
};

/** Events of one call come in bursts of five to ten. */
const settleMs = 20;

/**
 * Asterisk's queues (app_queue) over AMI. Connects by itself; after every loss, wishes are re-applied before anything else.
 * Members that nobody here wished for are left alone: other instances of central have theirs.
 */
export const connectAsterisk = (options: AsteriskOptions): Pbx => {
  const wishes = new Map<string, Wish>();
  const listeners = new Set<() => void>();
  const changed = calm(options.clock, () => {
    for (const listener of listeners) listener();
  });
  const link = linkAmi({
    ...options.ami,
    ...options,
    deadlineMs: options.deadlineMs ?? 3_000,
    onUp: (session) => applyAll(session, wishes, options.log),
    onChange: changed.notice,
  });
  const inTurn = oneAtATime();

  return {
    addMember: ({ sipUser, name, queues }) =>
      inTurn(sipUser, () => sign(link, wishes, sipUser, { name, queues: [...new Set(queues)] })),
    removeMember: (sipUser) => inTurn(sipUser, () => sign(link, wishes, sipUser, { name: '', queues: [] })),
    setPaused: (sipUser, paused, reason) =>
      inTurn(sipUser, async () => {
        const wish = wishes.get(account(sipUser));
        if (wish !== undefined) wishes.set(sipUser, { ...wish, paused, reason });
        await pause(await link.session(), sipUser, paused, reason);
      }),
    queues: async () => countQueues(await (await link.session()).list('QueueStatus')),
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: async () => {
      listeners.clear();
      changed.stop();
      link.close();
    },
  };
};

/** Changes the wish of one telephone and carries it out. */
const sign = async (
  link: AmiLink,
  wishes: Map<string, Wish>,
  sipUser: string,
  to: Pick<Wish, 'name' | 'queues'>,
): Promise<void> => {
  const before = wishes.get(account(sipUser));
  const kept = before !== undefined && before.queues.length > 0 ? before : { paused: true, reason: 'signed in' };
  const wish: Wish = { ...to, paused: kept.paused, reason: kept.reason };
  // Before the exchange is asked: when it cannot be reached now, the link applies the wish once it is back.
  wishes.set(sipUser, wish);
  const session = await link.session();
  try {
    await apply(session, sipUser, wish);
  } catch (error) {
    if (error instanceof PbxFault && error.kind === 'unknownQueue') {
      // It would be refused again: back to what was, and out of those queues it had joined already.
      wishes.set(sipUser, before ?? { ...wish, queues: [] });
      await apply(session, sipUser, before ?? { ...wish, queues: [] });
      forgetRemoved(wishes, sipUser);
    }
    throw error;
  }
  forgetRemoved(wishes, sipUser);
};

const applyAll = async (session: AmiSession, wishes: Map<string, Wish>, log: Log): Promise<void> => {
  for (const [sipUser, wish] of wishes) {
    try {
      await apply(session, sipUser, wish);
      forgetRemoved(wishes, sipUser);
    } catch (error) {
      // One member refused (its queue was taken out) must not keep the others away.
      if (!(error instanceof PbxFault) || (error.kind !== 'unknownQueue' && error.kind !== 'refused')) throw error;
      log.error({ kind: error.kind }, 'a member was not re-applied');
    }
  }
};

const forgetRemoved = (wishes: Map<string, Wish>, sipUser: string) => {
  if (wishes.get(sipUser)?.queues.length === 0) wishes.delete(sipUser);
};

/** Makes Asterisk's membership equal to the wish. New queues are joined before old ones are left. */
const apply = async (session: AmiSession, sipUser: string, wish: Wish): Promise<void> => {
  const before = await queuesOf(session, sipUser);
  for (const queue of wish.queues.filter((name) => !before.includes(name))) {
    const answer = await session.action('QueueAdd', {
      Queue: queue,
      Interface: interfaceOf(sipUser),
      StateInterface: interfaceOf(sipUser),
      MemberName: wish.name,
      Paused: String(wish.paused),
    });
    if (!succeeded(answer, /already there/i)) throw new PbxFault('unknownQueue', 'The exchange has no such queue.');
  }
  for (const queue of before.filter((name) => !wish.queues.includes(name))) await leave(session, queue, sipUser);
  if (wish.queues.length > 0) await pause(session, sipUser, wish.paused, wish.reason);
};

const leave = async (session: AmiSession, queue: string, sipUser: string): Promise<void> => {
  const answer = await session.action('QueueRemove', { Queue: queue, Interface: interfaceOf(sipUser) });
  if (!succeeded(answer, /not there/i)) throw new PbxFault('refused', 'The exchange refused to remove a member.');
};

const pause = async (session: AmiSession, sipUser: string, paused: boolean, reason: string): Promise<void> => {
  // Without a queue's name it holds for all. An error here means "in no queue": it may just have signed out.
  await session.action('QueuePause', { Interface: interfaceOf(sipUser), Paused: String(paused), Reason: reason });
};

/** Success, or an error that says it was so already. */
const succeeded = (answer: AmiMessage, already: RegExp): boolean =>
  answer.get('response') === 'Success' || already.test(answer.get('message') ?? '');

const queuesOf = async (session: AmiSession, sipUser: string): Promise<readonly string[]> =>
  (await session.list('QueueStatus', { Member: interfaceOf(sipUser) }))
    .filter((item) => item.get('event') === 'QueueMember' && item.get('location') === interfaceOf(sipUser))
    .map((item) => item.get('queue') ?? '');

const countQueues = (items: readonly AmiMessage[]): readonly QueueState[] => {
  const queues = new Map<string, { waiting: number; longestWaitMs: number; members: number }>();
  for (const item of items) {
    const name = item.get('queue') ?? '';
    const queue = queues.get(name) ?? { waiting: 0, longestWaitMs: 0, members: 0 };
    queues.set(name, queue);
    if (item.get('event') === 'QueueMember') queue.members += 1;
    if (item.get('event') !== 'QueueEntry') continue;
    queue.waiting += 1;
    // Whole seconds is all that app_queue says.
    queue.longestWaitMs = Math.max(queue.longestWaitMs, 1_000 * (Number(item.get('wait')) || 0));
  }
  return [...queues].map(([queue, state]) => ({ queue, ...state })).sort((a, b) => (a.queue < b.queue ? -1 : 1));
};

/** An account as pjsip.conf names it; anything else could name another channel technology. */
export const account = (sipUser: string): string => {
  if (!/^[A-Za-z0-9_.-]{1,64}$/.test(sipUser))
    throw new PbxFault('refused', 'A SIP account has letters, digits and _ . - only.');
  return sipUser;
};

const interfaceOf = (sipUser: string): string => `PJSIP/${account(sipUser)}`;

/** Two changes for the same agent must not overtake each other; those for others don't wait. */
export const oneAtATime = () => {
  const last = new Map<string, Promise<void>>();
  return async <T>(sipUser: string, change: () => Promise<T>): Promise<T> => {
    const before = last.get(sipUser);
    const { promise, resolve } = Promise.withResolvers<void>();
    last.set(sipUser, promise);
    await before;
    try {
      return await change();
    } finally {
      if (last.get(sipUser) === promise) last.delete(sipUser);
      resolve();
    }
  };
};

/** Turns a burst of notices into one call. */
const calm = (clock: PbxClock, run: () => void) => {
  let cancel: (() => void) | undefined;
  return {
    notice: () => {
      cancel ??= clock.after(settleMs, () => {
        cancel = undefined;
        run();
      });
    },
    stop: () => cancel?.(),
  };
};
