import type { Pbx, PbxClock, QueueState } from './pbx.ts';
import { PbxFault } from './pbx.ts';

/** An exchange in memory, for tests and for centres that try Zuoxi without telephones. Callers are made by hand. */
export type FakePbx = Pbx & {
  /** A caller enters a queue; the returned function makes them hang up. */
  readonly callerEnters: (queue: string) => () => void;
  /** Whether the account is signed in to any queue. */
  readonly isMember: (sipUser: string) => boolean;
  /** Who would be offered the next call of this queue: members not paused, longest signed in first. */
  readonly available: (queue: string) => readonly string[];
};

type Member = { readonly queues: ReadonlySet<string>; readonly paused: boolean };

/** @param queueNames the queues this exchange has */
export const makeFakePbx = (queueNames: readonly string[], clock: Pick<PbxClock, 'nowMs'>): FakePbx => {
  const members = new Map<string, Member>();
  const callers = new Map<string, { readonly sinceMs: number }[]>(queueNames.map((name) => [name, []]));
  const listeners = new Set<() => void>();
  let isClosed = false;
  const open = () => {
    if (isClosed) throw new PbxFault('closed', 'The exchange was closed.');
  };
  // After the answer, as with a real exchange whose events follow its response.
  const changed = () => {
    queueMicrotask(() => {
      for (const listener of listeners) listener();
    });
  };
  const stateOf = (queue: string, waiting: readonly { readonly sinceMs: number }[]): QueueState => ({
    queue,
    waiting: waiting.length,
    longestWaitMs: waiting[0] === undefined ? 0 : Math.max(0, clock.nowMs() - waiting[0].sinceMs),
    members: [...members.values()].filter((member) => member.queues.has(queue)).length,
  });

  return {
    addMember: async ({ sipUser, queues }) => {
      open();
      const unknown = queues.find((queue) => !callers.has(queue));
      if (unknown !== undefined) throw new PbxFault('unknownQueue', 'The exchange has no such queue.');
      members.set(sipUser, { queues: new Set(queues), paused: members.get(sipUser)?.paused ?? true });
      changed();
    },
    removeMember: async (sipUser) => {
      open();
      if (members.delete(sipUser)) changed();
    },
    setPaused: async (sipUser, paused) => {
      open();
      const member = members.get(sipUser);
      if (member === undefined) return;
      members.set(sipUser, { ...member, paused });
      changed();
    },
    queues: async () => {
      open();
      return [...callers]
        .map(([queue, waiting]) => stateOf(queue, waiting))
        .sort((a, b) => (a.queue < b.queue ? -1 : 1));
    },
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: async () => {
      isClosed = true;
      listeners.clear();
    },
    callerEnters: (queue) => {
      const waiting = callers.get(queue);
      if (waiting === undefined) throw new PbxFault('unknownQueue', 'The exchange has no such queue.');
      const caller = { sinceMs: clock.nowMs() };
      waiting.push(caller);
      changed();
      return () => {
        const place = waiting.indexOf(caller);
        if (place < 0) return;
        waiting.splice(place, 1);
        changed();
      };
    },
    isMember: (sipUser) => (members.get(sipUser)?.queues.size ?? 0) > 0,
    available: (queue) =>
      [...members].filter(([, member]) => member.queues.has(queue) && !member.paused).map(([sipUser]) => sipUser),
  };
};
