import { isFree } from '../../shared/agent.ts';
import { type FloorAgent, heardMs } from './reservations.ts';

/**
 * The agents of one task as its pacer sees them. What the seats say comes a moment late: from the call an agent is given until their seat
 * says again that they wait, what the pacer did itself counts.
 */
export type Agents = {
  /** What the database has now. @returns who finished a call since the last look */
  readonly look: (found: readonly FloorAgent[], nowMs: number) => readonly Finished[];
  /**
   * Whoever waits longest; not one who did not take a call a moment ago. Agents kept for callers (R19) come last and are not counted as
   * free: no customer is called for them, but one who has been called and answers is not lost while such an agent could talk to them.
   */
  readonly next: (nowMs: number) => FloorAgent | undefined;
  readonly give: (agentId: string, callId: string) => void;
  /** The telephone was not answered. */
  readonly notTaken: (agentId: string, nowMs: number) => void;
  readonly met: (agentId: string, answeredMs: number) => void;
  readonly callEnded: (callId: string, nowMs: number) => void;
  readonly free: (nowMs: number) => number;
  /** Since the customer answered, and since the call ended; ms each. */
  readonly talking: (nowMs: number) => readonly number[];
  readonly wrappingUp: (nowMs: number) => readonly number[];
};
export type Finished = { readonly handleMs: number; readonly wrapUpMs: number };

type Engaged = { readonly callId: string; answeredMs: number | undefined; endedMs: number | undefined };

const asideMs = 10_000;

export const createAgents = (): Agents => {
  let agents: ReadonlyMap<string, FloorAgent> = new Map();
  const engaged = new Map<string, Engaged>();
  const aside = new Map<string, number>();
  const isWaiting = ({ agentId, seenAtMs, state, isHere }: FloorAgent, nowMs: number): boolean =>
    isHere &&
    isFree(state) &&
    nowMs - seenAtMs < heardMs &&
    !engaged.has(agentId) &&
    nowMs - (aside.get(agentId) ?? Number.NEGATIVE_INFINITY) > asideMs;
  const waiting = (nowMs: number): readonly FloorAgent[] =>
    [...agents.values()]
      .filter((agent) => isWaiting(agent, nowMs))
      .toSorted((one, other) => one.state.sinceMs - other.state.sinceMs || (one.agentId < other.agentId ? -1 : 1));
  const timesOf = (nowMs: number, of: (one: Engaged) => number | undefined): readonly number[] =>
    [...engaged.values()].flatMap((one) => {
      const sinceMs = of(one);
      return sinceMs === undefined ? [] : [Math.max(0, nowMs - sinceMs)];
    });

  return {
    look: (found, nowMs) => {
      agents = new Map(found.map((agent) => [agent.agentId, agent]));
      const finished: Finished[] = [];
      for (const [agentId, { answeredMs, endedMs }] of engaged) {
        if (endedMs === undefined) continue;
        const agent = agents.get(agentId);
        const isGone = agent === undefined || agent.state.kind === 'notReady' || agent.state.kind === 'offline';
        if (!isGone && agent.seenAtMs <= endedMs) continue;
        engaged.delete(agentId);
        if (answeredMs !== undefined) finished.push({ handleMs: nowMs - answeredMs, wrapUpMs: nowMs - endedMs });
      }
      return finished;
    },
    next: (nowMs) => {
      const all = waiting(nowMs);
      return all.find(({ isShifted }) => !isShifted) ?? all[0];
    },
    give: (agentId, callId) => void engaged.set(agentId, { callId, answeredMs: undefined, endedMs: undefined }),
    notTaken: (agentId, nowMs) => {
      engaged.delete(agentId);
      aside.set(agentId, nowMs);
    },
    met: (agentId, answeredMs) => {
      const one = engaged.get(agentId);
      if (one !== undefined) one.answeredMs = answeredMs;
    },
    callEnded: (callId, nowMs) => {
      for (const [agentId, one] of engaged) {
        if (one.callId !== callId) continue;
        // A call that never came about leaves nothing to finish.
        if (one.answeredMs === undefined) engaged.delete(agentId);
        else one.endedMs ??= nowMs;
      }
    },
    free: (nowMs) => waiting(nowMs).filter(({ isShifted }) => !isShifted).length,
    talking: (nowMs) =>
      timesOf(nowMs, ({ answeredMs, endedMs }) => (endedMs === undefined ? (answeredMs ?? nowMs) : undefined)),
    wrappingUp: (nowMs) => timesOf(nowMs, ({ endedMs }) => endedMs),
  };
};
