import type { Clock } from '../ambient.ts';
import { PbxFault } from '../pbx.ts';
import type { Dialler, DiallerEvent, DialOrder, RunningCall } from './dialler-port.ts';

/** How a customer of the fake exchange takes a call. */
export type FakeCustomer =
  | { readonly kind: 'answers'; readonly afterMs: number; readonly talksMs: number }
  | { readonly kind: 'machine'; readonly afterMs: number }
  | { readonly kind: 'ringsOut' }
  | { readonly kind: 'ends'; readonly afterMs: number; readonly cause: number };

/** Agents' telephones at that exchange: those of `telephone`, or others, as those of practice mode. */
export type AgentPhones = {
  /** Resolves when it has answered by itself; undefined: it is not there, or not within the time. */
  readonly ring: (order: DialOrder, agentSipUser: string, withinMs: number) => Promise<AgentLeg | undefined>;
};
export type AgentLeg = {
  /** Resolves when either side has hung up. */
  readonly over: Promise<unknown>;
  readonly hangUp: () => void;
};

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

type Running = {
  readonly order: DialOrder;
  state: RunningCall['state'] | 'message';
  agent: string | undefined;
  leg: AgentLeg | undefined;
};
type Exchange = {
  readonly calls: Map<string, Running>;
  readonly orders: DialOrder[];
  readonly telephones: Map<string, number>;
  readonly listeners: Set<(event: DiallerEvent) => void>;
  isAway: boolean;
};

const messageMs = 3_000;

/** What happens on the lines: to a call only while it is the same one in the same state. */
const linesOf = (exchange: Exchange, clock: Clock, customerOf: CustomerOf, phones: AgentPhones) => {
  const { calls, listeners } = exchange;
  const tell = (event: DiallerEvent): void => {
    if (!exchange.isAway) for (const listener of listeners) listener(event);
  };
  const end = (id: string, cause: number, hasRungOut = false): void => {
    const call = calls.get(id);
    if (!calls.delete(id)) return;
    tell({ kind: 'ended', id, cause, hasRungOut });
    call?.leg?.hangUp();
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
    connect: async (id: string, agent: string, withinMs: number): Promise<'connected' | 'notTaken' | 'over'> => {
      const call = calls.get(id);
      if (call?.state !== 'waiting') return 'over';
      if ([...calls.values()].some((one) => one.agent === agent)) return 'notTaken';
      call.agent = agent;
      const leg = await phones.ring(call.order, agent, withinMs);
      if (calls.get(id) !== call || call.state !== 'waiting') {
        leg?.hangUp();
        return 'over';
      }
      if (leg === undefined) {
        call.agent = undefined;
        return 'notTaken';
      }
      call.state = 'connected';
      call.leg = leg;
      void leg.over.then(() => {
        if (calls.get(id) === call) end(id, 16);
      });
      return 'connected';
    },
  };
};

type CustomerOf = (number: string) => FakeCustomer;

/** Telephones that answer after so long; the customer hangs up when they have talked enough. */
const phonesOf = ({ telephones }: Exchange, clock: Clock, customerOf: CustomerOf): AgentPhones => ({
  ring: ({ number }, agent, withinMs) => {
    const answersMs = telephones.get(agent);
    const { promise, resolve } = Promise.withResolvers<AgentLeg | undefined>();
    if (answersMs === undefined) resolve(undefined);
    else if (answersMs > withinMs) clock.after(withinMs, () => resolve(undefined));
    else
      clock.after(answersMs, () => {
        const over = Promise.withResolvers<void>();
        const customer = customerOf(number);
        if (customer.kind === 'answers') clock.after(customer.talksMs, over.resolve);
        resolve({ over: over.promise, hangUp: over.resolve });
      });
    return promise;
  },
});

/**
 * @param customerOf how the customer with this number takes the call
 * @param phones without them agents have those that `telephone` gives
 */
export const makeFakeDialler = (clock: Clock, customerOf: CustomerOf, phones?: AgentPhones): FakeDialler => {
  const exchange: Exchange = {
    ...{ calls: new Map(), orders: [], telephones: new Map(), listeners: new Set(), isAway: false },
  };
  return over(exchange, linesOf(exchange, clock, customerOf, phones ?? phonesOf(exchange, clock, customerOf)));
};

const over = (exchange: Exchange, line: ReturnType<typeof linesOf>): FakeDialler => {
  const { calls, orders, telephones, listeners } = exchange;
  const own = new Set<(event: DiallerEvent) => void>();
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
      const call: Running = { order, state: 'ringing', agent: undefined, leg: undefined };
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
    another: () => over(exchange, line),
  };
};
