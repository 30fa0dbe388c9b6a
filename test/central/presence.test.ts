import { describe, expect, it } from 'vitest';
import type { Presence } from '../../central/presence.ts';
import { liveGraceMs, wishedMembership } from '../../central/presence.ts';
import type { AgentState } from '../../shared/agent.ts';

const nowMs = 1_000_000;
const at = (state: AgentState, over: Partial<Presence> = {}): Presence => ({
  ...{ agentId: 'A1001', sessionId: 's', seatId: 'seat', state, liveSeenAtMs: nowMs, live: true, applied: null },
  ...over,
});
const wished = (presence: Presence) => wishedMembership(presence, ['service'], nowMs);
const paused = (reason: string) => ({ kind: 'member', queues: ['service'], paused: true, reason });

describe('whom the exchange offers calls to (R38)', () => {
  const ready: AgentState = { kind: 'ready', sinceMs: 1 };

  it('is Ready, at a reachable seat, and in no call: neither a customer’s nor a colleague’s', () => {
    expect(wished(at(ready))).toEqual({ kind: 'member', queues: ['service'], paused: false, reason: 'ready' });
    expect(wished(at({ ...ready, aside: true }))).toEqual(paused('inCall'));
    expect(wished(at({ kind: 'notReady', reason: 'meal', sinceMs: 1 }))).toEqual(paused('meal'));
  });

  it('and is signed in, at a seat that was heard of lately', () => {
    expect(wished(at(ready, { sessionId: null }))).toEqual(paused('signedOut'));
    expect(wished(at({ ...ready, aside: true }, { liveSeenAtMs: nowMs - liveGraceMs - 1 }))).toEqual(
      paused('unreachable'),
    );
    expect(wished(at({ kind: 'offline', sinceMs: 1 }))).toEqual({ kind: 'out' });
  });
});
