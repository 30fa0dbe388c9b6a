import type { Clock } from '../ambient.ts';
import { PbxFault } from '../pbx.ts';
import type { Dialler, DiallerEvent, DialOrder, RunningCall } from './dialler-port.ts';

/** How a customer of the fake exchange takes a call. */
export type FakeCustomer =
  | { readonly kind: 'answers'; readonly afterMs: number; readonly talksMs: number }
  | { readonly kind: 'machine'; readonly afterMs: number }
  | { readonly kind: 'ringsOut' }
  | { readonly kind: 'ends'; readonly afterMs: number; readonly cause: number };

/** An exchange in memory, with what a test needs of its other end. */
export type FakeDialler = Dialler & {
  /** Every order as it came, in order. */
  readonly orders: () => readonly DialOrder[];
  /** A telephone that answers by itself after so long; the returned function takes it away. */
  readonly telephone: (sipUser: string, answersMs: number) => () => void;
  /** The customer, or the agent, hangs up. */
  readonly hangUp: (id: string) => void;
  /** The exchange is away, or back. */
  readonly away: (isAway: boolean) => void;
  /** Another central at the same exchange: what was dialled by the one that died is still there. */
  readonly another: () => FakeDialler;
};

type Running = { readonly order: DialOrder; state: RunningCall['state'] | 'message'; agent: string | undefined };
type Exchange = {
  readonly calls: Map<string, Running>;
  readonly orders: DialOrder[];
  readonly telephones: Map<string, number>;
  readonly listeners: Set<(event: DiallerEvent) => void>;
  isAway: boolean;
};

const messageMs = 3_000;

/** What happens on the lines: to a call only while it is the same one in the same state. */
const linesOf = (exchange: Exchange, clock: Clock, customerOf: (number: string) => FakeCustomer) => {
  const { calls, telephones, listeners } = exchange;
  const tell = (event: DiallerEvent): void => {
    if (!exchange.isAway) for (const listener of listeners) listener(event);
  };
  const end = (id: string, cause: number, hasRungOut = false): void => {
    if (calls.delete(id)) tell({ kind: 'ended', id, cause, hasRungOut });
  };
  const later = (id: string, call: Running, afterMs: number, run: () => void): void => {
    const { state } = call;
    clock.after(afterMs, () => {
      if (calls.get(id) === call && call.state === state) run();
    });
  };
  const message = (id: string, call: Running): void => {
    call.state = 'message';
    tell({ kind: 'abandoned', id });
    later(id, call, messageMs, () => end(id, 16));
  };
  const answer = (id: string, call: Running): void => {
    const customer = customerOf(call.order.number);
    if (customer.kind === 'ends') return end(id, customer.cause);
    if (customer.kind === 'machine' && call.order.detectsMachines) {
      tell({ kind: 'machine', id });
      return end(id, 16);
    }
    call.state = 'waiting';
    later(id, call, call.order.silenceMs, () => message(id, call));
    tell({ kind: 'answered', id });
  };
  return {
    tell,
    end,
    message,
    ring: (id: string, call: Running): void => {
      const customer = customerOf(call.order.number);
      later(id, call, call.order.ringMs, () => end(id, 19, true));
      if (customer.kind !== 'ringsOut') later(id, call, customer.afterMs, () => answer(id, call));
    },
    connect: (id: string, agent: string, withinMs: number): Promise<'connected' | 'notTaken' | 'over'> => {
      const call = calls.get(id);
      if (call?.state !== 'waiting') return Promise.resolve('over');
      const answersMs = telephones.get(agent);
      const isBusy = [...calls.values()].some((one) => one.agent === agent);
      if (answersMs === undefined || isBusy) return Promise.resolve('notTaken');
      call.agent = agent;
      const { promise, resolve } = Promise.withResolvers<'connected' | 'notTaken' | 'over'>();
      clock.after(Math.min(answersMs, withinMs), () => {
        if (calls.get(id) !== call || call.state !== 'waiting') return resolve('over');
        if (answersMs > withinMs) {
          call.agent = undefined;
          return resolve('notTaken');
        }
        call.state = 'connected';
        const customer = customerOf(call.order.number);
        if (customer.kind === 'answers') later(id, call, customer.talksMs, () => end(id, 16));
        resolve('connected');
      });
      return promise;
    },
  };
};

/** @param customerOf how the customer with this number takes the call */
export const makeFakeDialler = (clock: Clock, customerOf: (number: string) => FakeCustomer): FakeDialler =>
  over({ calls: new Map(), orders: [], telephones: new Map(), listeners: new Set(), isAway: false }, clock, customerOf);

const over = (exchange: Exchange, clock: Clock, customerOf: (number: string) => FakeCustomer): FakeDialler => {
  const { calls, orders, telephones, listeners } = exchange;
  const own = new Set<(event: DiallerEvent) => void>();
  const line = linesOf(exchange, clock, customerOf);
  let isClosed = false;
  const open = (): void => {
    if (isClosed) throw new PbxFault('closed', 'The exchange was closed.');
    if (exchange.isAway) throw new PbxFault('unreachable', 'The exchange is away.');
  };
  return {
    dial: async (order) => {
      open();
      if (!/^\+?\d{3,20}$/.test(order.number)) throw new PbxFault('refused', 'A number is digits.');
      if (calls.has(order.id)) throw new PbxFault('refused', 'There is such a call already.');
      const call: Running = { order, state: 'ringing', agent: undefined };
      orders.push(order);
      calls.set(order.id, call);
      line.ring(order.id, call);
    },
    connect: async (id, agentSipUser, withinMs) => {
      open();
      return line.connect(id, agentSipUser, withinMs);
    },
    abandon: async (id) => {
      open();
      const call = calls.get(id);
      if (call?.state === 'waiting') line.message(id, call);
    },
    stop: async (id) => {
      open();
      const state = calls.get(id)?.state;
      if (state === 'ringing' || state === 'waiting') line.end(id, 16);
    },
    calls: async () => {
      open();
      return [...calls].flatMap(([id, { state }]) => (state === 'message' ? [] : [{ id, state }]));
    },
    onEvent: (listener) => {
      listeners.add(listener);
      own.add(listener);
      return () => {
        listeners.delete(listener);
        own.delete(listener);
      };
    },
    close: async () => {
      isClosed = true;
      for (const listener of own) listeners.delete(listener);
    },
    orders: () => orders,
    telephone: (sipUser, answersMs) => {
      telephones.set(sipUser, answersMs);
      return () => telephones.delete(sipUser);
    },
    hangUp: (id) => line.end(id, 16),
    away: (isAway) => {
      exchange.isAway = isAway;
      if (!isAway) line.tell({ kind: 'synced' });
    },
    another: () => over(exchange, clock, customerOf),
  };
};
