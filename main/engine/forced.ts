import type { Forced, ForcedTo, ForceOrder } from '../../shared/forced-state.ts';
import { forceStep } from '../../shared/forced-state.ts';
import type { BesideOp } from '../../shared/op.ts';
import type { Refusal } from '../../shared/result.ts';
import { ok } from '../../shared/result.ts';
import type { AgentEvent } from '../../shared/agent.ts';
import type { Handlers } from '../../shared/rpc.ts';
import type { SeatContract } from '../../shared/seat.ts';
import type { CentralClient } from './central-client.ts';
import type { Clock } from './clock.ts';
import type { Log } from './log.ts';
import { faultFields } from './log.ts';
import type { Seat } from './seat.ts';
import type { Db } from './store/db.ts';
import { readMeta, writeMeta } from './store/meta.ts';
import type { Caller } from './windows.ts';

/** A state a lead wants this agent in (R38): at once, or after the contact in hand; kept over a restart, and shown until it was seen. */
export interface ForcedWork {
  view(): Forced | null;
  /** Central has something, or the line to it is new: asks. */
  heard(): void;
  /** The agent's state is another: what waited may be possible now. */
  review(): void;
  readonly handlers: Pick<Handlers<SeatContract, Caller>, 'forced.seen' | 'team.states' | 'team.force'>;
}

export type ForcedNeeds = {
  readonly db: Db;
  readonly seat: Seat;
  readonly client: CentralClient;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly log: Log;
  /** Why this agent cannot be Ready now, by the same rule as when they ask themselves. */
  readonly whyNotReady: () => Refusal | undefined;
  readonly signOut: () => Promise<unknown>;
  readonly changed: () => void;
};

export const createForced = (needs: ForcedNeeds): ForcedWork => {
  const { db, seat, client, log } = needs;
  const obedience = createObedience(needs);
  let isAsking = false;
  const ask = async (): Promise<void> => {
    const token = seat.session?.token;
    if (token === undefined) return;
    const answer = await client.call('forcedOrder', {}, token);
    // A central of before forces nothing.
    if (answer.ok && answer.value.order !== null && seat.session?.token === token) obedience.take(answer.value.order);
  };
  const token = (): string | null => seat.session?.token ?? null;
  return {
    view: obedience.shown,
    heard: () => {
      if (isAsking) return;
      isAsking = true;
      void ask()
        .catch((fault: unknown) => log.error('forced state not taken', faultFields(fault)))
        .finally(() => (isAsking = false));
    },
    review: obedience.review,
    handlers: {
      'forced.seen': () => {
        const forced = obedience.shown();
        const of = seat.session?.agent.id;
        if (of === undefined || forced === null || forced.outcome === 'waiting') return ok({});
        db.write('forced state seen', (write) => writeMeta(write, 'forced', { of, forced, isSeen: true }));
        needs.changed();
        return ok({});
      },
      'team.states': () => client.call('teamStates', {}, token()),
      'team.force': ({ agentId, to, why }) =>
        client.call('agentForce', { id: needs.newId(), agentId, to, why }, token()),
    },
  };
};

/** What is done about an order, and when. */
const createObedience = (needs: ForcedNeeds) => {
  const { db, seat, clock, log } = needs;
  let isAtIt = false;
  const found = () => {
    const last = readMeta(db.read, 'forced');
    return last != null && last.of === seat.session?.agent.id ? last : null;
  };
  const kept = (): Forced | null => found()?.forced ?? null;
  /** Together with the change of state it brings, and told to central by the same way. */
  const note = (forced: Forced, event?: AgentEvent): void => {
    const { order, outcome, why } = forced;
    const op: BesideOp = { name: 'agent.obeyed', orderId: order.id, outcome, why, atMs: clock.nowMs() };
    const of = seat.session?.agent.id;
    const done = seat.commit({
      besideOps: [op],
      ...(event === undefined ? {} : { agent: event }),
      also: (write) => of !== undefined && writeMeta(write, 'forced', { of, forced }),
    });
    if (!done.ok) log.error('forced state not kept', { orderId: order.id, kind: done.error.kind });
    needs.changed();
  };
  const eventOf = (to: ForcedTo): AgentEvent => {
    const atMs = clock.nowMs();
    if (to.kind === 'ready') return { kind: 'readyAsked', atMs };
    return { kind: 'notReadyAsked', reason: to.kind === 'notReady' ? to.reason : leaving, atMs };
  };
  /** Nobody is offered to them between this contact and what was ordered. */
  const prepare = (to: ForcedTo): void => {
    const event = eventOf(to);
    const { agent } = seat;
    if ((agent.kind !== 'onCall' && agent.kind !== 'wrapUp') || isSame(agent.then, event)) return;
    seat.commit({ agent: event });
  };
  const step = (forced: Forced): void => {
    const { to } = forced.order;
    const when = forceStep(seat.agent);
    if (when === 'afterwards') prepare(to);
    if (when !== 'now') return;
    const why = to.kind === 'ready' ? needs.whyNotReady() : undefined;
    if (why !== undefined) return note({ ...forced, outcome: 'refused', why: reasonOf(why) });
    note({ ...forced, outcome: 'done' }, to.kind === 'signOut' ? undefined : eventOf(to));
    log.info('state forced', { orderId: forced.order.id, to: to.kind });
    if (to.kind === 'signOut')
      void needs.signOut().catch((fault: unknown) => log.error('forced sign-out failed', faultFields(fault)));
  };
  const review = (): void => {
    const forced = kept();
    // Its own commit is a change of state as well.
    if (isAtIt || forced === null || forced.outcome !== 'waiting') return;
    isAtIt = true;
    try {
      step(forced);
    } finally {
      isAtIt = false;
    }
  };
  return {
    shown: (): Forced | null => (found()?.isSeen === true ? null : kept()),
    review,
    take: (order: ForceOrder): void => {
      if (kept()?.order.id === order.id) return;
      log.info('a lead wants another state', { orderId: order.id, to: order.to.kind });
      note({ order, outcome: 'waiting', why: null });
      review();
    },
  };
};

/** Until the sign-out nobody is offered. */
const leaving = 'signOut';
const isSame = (then: { readonly kind: string; readonly reason?: string }, event: AgentEvent): boolean =>
  event.kind === 'readyAsked'
    ? then.kind === 'ready'
    : event.kind === 'notReadyAsked' && then.kind === 'notReady' && then.reason === event.reason;
const reasonOf = ({ kind, reason }: Refusal): string => (reason === undefined ? kind : reason);
