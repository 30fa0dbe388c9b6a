import { randomUUID } from 'node:crypto';
import type { AmiMessage } from '../ami.ts';
import type { AsteriskCalls } from '../asterisk-calls.ts';
import { readChannel } from '../asterisk-calls.ts';
import { account } from '../asterisk-pbx.ts';
import { PbxFault } from '../pbx.ts';
import type { Dialler, DiallerEvent, DialOrder, RunningCall } from './dialler-port.ts';

/** What is known of a customer's leg; its id at Asterisk is the call's own. */
type Known = {
  state: RunningCall['state'] | 'message';
  readonly dialledMs: number;
  readonly ringMs: number;
  /** Q.850, as the other side said it when it let go. */
  cause?: number;
};
type Came = 'answered' | 'together' | 'agentGone' | 'customerGone' | 'late';
type Waiter = (came: Came) => void;

type Inside = {
  readonly calls: AsteriskCalls;
  readonly known: Map<string, Known>;
  /** By the agent's leg, and by the customer's. */
  readonly waiters: Map<string, Waiter>;
  readonly tell: (event: DiallerEvent) => void;
};

const bridgeMs = 500;
/** A leg that was let go hangs up within it. */
const hangupMs = 400;
/** The last moments of a ring time: Asterisk's timer and ours are two. */
const rungOutMs = 400;

/**
 * Originate and Bridge in the dial plan's `[dialler]`. The customer's leg has the call's id and carries it as ZUOXI_CONTACT, so any
 * instance of central finds it again; after the silence allowed the dial plan plays the message by itself, also when nobody is there to say so.
 *
 *   Originate(customer) ─answer─▶ dialler,answered ─silence over─▶ dialler,abandoned
 *                                      │  Originate(agent) ─answer─▶ dialler,agent
 *                                      └─Redirect─▶ dialler,met = Bridge(customer, agent)
 */
export const dialWithAsterisk = (calls: AsteriskCalls): Dialler => {
  const listeners = new Set<(event: DiallerEvent) => void>();
  const inside: Inside = {
    calls,
    known: new Map(),
    waiters: new Map(),
    tell: (event) => {
      for (const listener of listeners) listener(event);
    },
  };
  calls.onEvent((event) => hear(inside, event));
  calls.onUp(() => inside.tell({ kind: 'synced' }));
  return {
    dial: (order) => dial(inside, order),
    connect: (id, agentSipUser, withinMs) => connect(inside, id, agentSipUser, withinMs),
    abandon: async (id) => {
      if (inside.known.get(id)?.state === 'waiting')
        await unlessGone(calls.act('Redirect', { Channel: id, Context: 'dialler', Exten: 'abandoned', Priority: '1' }));
    },
    stop: async (id) => {
      const known = inside.known.get(id) ?? (await running(inside)).find((one) => one.id === id);
      if (known?.state === 'ringing' || known?.state === 'waiting')
        await unlessGone(calls.act('Hangup', { Channel: id, Cause: '16' }));
    },
    calls: () => running(inside),
    onEvent: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: async () => {
      listeners.clear();
      calls.close();
    },
  };
};

const dial = async ({ calls, known }: Inside, order: DialOrder): Promise<void> => {
  const { id, number, ringMs, silenceMs, detectsMachines } = order;
  if (!/^\+?\d{3,20}$/.test(number)) throw new PbxFault('refused', 'A number is digits.');
  if (!/^[0-9a-f-]{36}$/.test(id)) throw new PbxFault('refused', 'The id of a call is a UUID.');
  if (known.has(id)) throw new PbxFault('refused', 'There is such a call already.');
  const presented = /^\+?\d{3,20}$/.test(order.callerNumber)
    ? order.callerNumber
    : await calls.variable('', 'MARKETING_NUMBER');
  // Before it is asked: its first event may overtake the answer.
  known.set(id, { state: 'ringing', dialledMs: calls.clock.nowMs(), ringMs });
  const variables = {
    __ZUOXI_CONTACT: id,
    ZUOXI_SILENCE: String(silenceMs / 1_000),
    ZUOXI_AMD: detectsMachines ? '1' : '0',
  };
  try {
    await calls.act('Originate', {
      ...{ Channel: `PJSIP/${number}@customers`, ChannelId: id, CallerID: `"" <${presented}>` },
      ...{ Context: 'dialler', Exten: 'answered', Priority: '1' },
      ...{ Timeout: String(ringMs), Async: 'true', Variable: listed(variables) },
    });
  } catch (fault) {
    if (fault instanceof PbxFault && fault.kind === 'refused') known.delete(id);
    throw fault;
  }
};

const hear = ({ calls, known, waiters, tell }: Inside, event: AmiMessage): void => {
  const { id, contactId } = readChannel(event);
  switch (event.get('event')) {
    case 'UserEvent': {
      if (event.get('userevent') !== 'ZuoxiDialler') return;
      const what = event.get('what');
      if (what === 'agent') return waiters.get(id)?.('answered');
      const one = known.get(id) ?? { state: 'ringing', dialledMs: calls.clock.nowMs(), ringMs: 0 };
      known.set(id, one);
      if (what === 'answered') one.state = 'waiting';
      if (what === 'abandoned') {
        one.state = 'message';
        waiters.get(id)?.('customerGone');
      }
      if (what === 'answered' || what === 'machine' || what === 'abandoned') tell({ kind: what, id });
      return;
    }
    case 'BridgeEnter': {
      const one = known.get(id);
      // Bridge() takes the agent's leg in first: together once the customer's is there.
      if (one === undefined) return;
      one.state = 'connected';
      return waiters.get(id)?.('together');
    }
    case 'HangupRequest': {
      const one = known.get(id);
      if (one !== undefined) one.cause = causeIn(event);
      return;
    }
    case 'Hangup':
      waiters.get(id)?.(contactId === id ? 'customerGone' : 'agentGone');
      if (contactId === id) over({ calls, known, tell }, id, causeIn(event) || (known.get(id)?.cause ?? 0));
      return;
    case 'OriginateResponse':
      if (event.get('response') !== 'Failure') return;
      waiters.get(id)?.('agentGone');
      // It often overtakes the Hangup of its leg, which says why; without a leg there is none.
      calls.clock.after(hangupMs, () => {
        const one = known.get(id);
        if (one !== undefined) over({ calls, known, tell }, id, one.cause ?? causeOf(event.get('reason') ?? ''));
      });
      return;
    default:
  }
};

const causeIn = (event: AmiMessage): number => Number(event.get('cause')) || 0;

const over = ({ calls, known, tell }: Pick<Inside, 'calls' | 'known' | 'tell'>, id: string, cause: number): void => {
  const one = known.get(id);
  known.delete(id);
  const rangMs = one === undefined ? 0 : calls.clock.nowMs() - one.dialledMs;
  const hasRungOut = one?.state === 'ringing' && one.ringMs > 0 && rangMs > one.ringMs - rungOutMs;
  tell({ kind: 'ended', id, cause, hasRungOut });
};

/** AST_CONTROL_… of frame.h, as `OriginateResponse` has them. */
const causeOf = (reason: string): number => ({ '3': 19, '5': 17, '8': 34 })[reason] ?? 0;

const connect = async (
  inside: Inside,
  id: string,
  agentSipUser: string,
  withinMs: number,
): Promise<'connected' | 'notTaken' | 'over'> => {
  const { calls, known, waiters } = inside;
  if (known.get(id)?.state !== 'waiting') return 'over';
  const legId = randomUUID();
  let came = Promise.withResolvers<Came>();
  const settle: Waiter = (what) => came.resolve(what);
  waiters.set(legId, settle);
  waiters.set(id, settle);
  const within = async (ms: number, ask: () => Promise<unknown>): Promise<Came> => {
    const mine = Promise.withResolvers<Came>();
    came = mine;
    const cancel = calls.clock.after(ms, () => mine.resolve('late'));
    try {
      await ask();
      return await mine.promise;
    } finally {
      cancel();
    }
  };
  const headers = { 'X-Dialled': id, 'X-Contact-Id': id, 'X-Queue': 'marketing' };
  const variables = {
    __ZUOXI_CONTACT: id,
    ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [`PJSIP_HEADER(add,${name})`, value])),
  };
  let isTogether = false;
  try {
    const leg = await within(withinMs, () =>
      calls.act('Originate', {
        ...{ Channel: `PJSIP/${account(agentSipUser)}`, ChannelId: legId, CallerID: '"" <dialler>' },
        ...{ Context: 'dialler', Exten: 'agent', Priority: '1' },
        ...{ Timeout: String(Math.ceil(withinMs)), Async: 'true', Variable: listed(variables) },
      }),
    );
    if (leg === 'customerGone') return 'over';
    if (leg !== 'answered') return 'notTaken';
    const name = (await calls.channels()).find((channel) => channel.id === legId)?.name;
    if (name === undefined) return 'notTaken';
    const met = await within(bridgeMs, async () => {
      await calls.act('Setvar', { Channel: id, Variable: 'ZUOXI_AGENT_LEG', Value: name });
      await calls.act('Redirect', { Channel: id, Context: 'dialler', Exten: 'met', Priority: '1' });
    });
    isTogether = met === 'together';
    return isTogether ? 'connected' : met === 'agentGone' ? 'notTaken' : 'over';
  } catch (fault) {
    if (fault instanceof PbxFault && fault.kind === 'refused') return known.has(id) ? 'notTaken' : 'over';
    throw fault;
  } finally {
    waiters.delete(legId);
    waiters.delete(id);
    if (!isTogether) await unlessGone(calls.act('Hangup', { Channel: legId, Cause: '16' }));
  }
};

/** Legs by what they carry; what is found is known from then on, also when another instance dialled it. */
const running = async ({ calls, known }: Inside): Promise<readonly RunningCall[]> => {
  const found = (await calls.channels()).filter(({ id, contactId }) => contactId !== '' && contactId === id);
  return found.flatMap(({ id, bridgeId, context, extension }): readonly RunningCall[] => {
    const isAnswered = context === 'dialler' && extension === 'answered';
    const state = bridgeId !== '' ? 'connected' : isAnswered ? 'waiting' : 'ringing';
    if (context === 'dialler' && extension === 'abandoned') return [];
    if (!known.has(id)) known.set(id, { state, dialledMs: calls.clock.nowMs(), ringMs: 0 });
    return [{ id, state }];
  });
};

const listed = (variables: Readonly<Record<string, string>>): string =>
  Object.entries(variables)
    .map(([name, value]) => `${name}=${value}`)
    .join(',');

/** Refused: it hung up by itself in the meantime. */
const unlessGone = async (asked: Promise<unknown>): Promise<void> => {
  await asked.catch((fault: unknown) => {
    if (!(fault instanceof PbxFault) || fault.kind !== 'refused') throw fault;
  });
};
