import type { Result } from '../shared/result.ts';
import { ok, refused } from '../shared/result.ts';
import type { SupervisionMode } from '../shared/supervision.ts';
import { supervisionModes } from '../shared/supervision.ts';
import type { AmiMessage } from './ami.ts';
import type { AsteriskCalls, Channel } from './asterisk-calls.ts';
import { readChannel } from './asterisk-calls.ts';
import { account, oneAtATime } from './asterisk-pbx.ts';
import { PbxFault } from './pbx.ts';
import type {
  Supervision,
  SupervisionEvent,
  SupervisionRefusal,
  SupervisionSession,
  SupervisionStart,
} from './supervision-port.ts';

type Outcome = Result<SupervisionSession, SupervisionRefusal>;

/** Whether a step was taken, by Asterisk's own events: the lead spies, waits for the customer (takeOver), or talks to them. */
type Step = 'spies' | 'waits' | 'talks';
type Waiter = { readonly step: Step; readonly settle: (came: 'on' | 'over') => void };

type Inside = {
  readonly calls: AsteriskCalls;
  readonly waiters: Map<string, Waiter>;
  readonly tell: (event: SupervisionEvent) => void;
};

/** A lead's seat answers by itself; a telephone that does not is given up. */
const ringMs = 15_000;
const switchMs = 3_000;

/**
 * ChanSpy and Bridge in the dial plan's `[supervise]`. A session is the lead's leg: its id is the channel's, its mode the extension it
 * is in, so nothing is lost when central restarts, and any instance of central may change it.
 *
 *   Originate(lead) ─answer─▶ supervise,<mode> ─Redirect─▶ supervise,<other mode> … ─▶ supervise,takeOver
 *   then Redirect(customer) ─▶ supervise,taken = Bridge(customer, lead), which leaves the agent alone and so released
 */
export const superviseAsterisk = (calls: AsteriskCalls): Supervision => {
  const listeners = new Set<(event: SupervisionEvent) => void>();
  const inside: Inside = {
    calls,
    waiters: new Map(),
    tell: (event) => {
      for (const listener of listeners) listener(event);
    },
  };
  const inTurn = oneAtATime();
  calls.onEvent((event) => hear(inside, event));
  calls.onUp(() => inside.tell({ kind: 'synced' }));
  return {
    start: (asked) => inTurn(asked.leadSipUser, () => start(inside, asked)),
    setMode: (id, mode) => inTurn(id, () => setMode(inside, id, mode)),
    stop: (id) =>
      inTurn(id, async () => {
        const found = await sessionChannel(calls, id);
        if (found !== undefined) await hangUp(calls, found.name);
      }),
    sessions: async () => {
      const all = (await calls.channels()).filter((channel) => channel.context === 'supervise');
      const read = await Promise.all(all.map((channel) => readSession(calls, channel)));
      return read.flatMap((session) => session ?? []);
    },
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

const hear = ({ waiters, tell }: Inside, event: AmiMessage): void => {
  const name = event.get('event');
  const took = (id: string, step: Step) => {
    const waiter = waiters.get(id);
    if (waiter?.step === step) waiter.settle('on');
  };
  if (name === 'ChanSpyStart') took(event.get('spyeruniqueid') ?? '', 'spies');
  if (name === 'OriginateResponse' && event.get('context') === 'supervise' && event.get('response') === 'Failure')
    // No leg was made (nobody is registered), so it has no id: the telephone tells which attempt failed; it has one at a time.
    waiters.get(`originate ${event.get('channel') ?? ''}`)?.settle('over');
  const { id, context, extension } = readChannel(event);
  if (name === 'UserEvent') took(id, 'waits');
  if (name === 'BridgeEnter') took(id, 'talks');
  if (name !== 'Hangup') return;
  waiters.get(id)?.settle('over');
  // A customer who was taken over is there as well.
  if (context === 'supervise' && extension !== 'taken') tell({ kind: 'ended', id });
};

const start = async (inside: Inside, asked: SupervisionStart): Promise<Outcome> => {
  const { calls, tell } = inside;
  const { id, mode, leadSipUser, agentSipUser } = asked;
  if (!/^[0-9a-f-]{36}$/.test(id)) throw new PbxFault('refused', 'The id of a supervision is a UUID.');
  const lead = `PJSIP/${account(leadSipUser)}`;
  const all = await calls.channels();
  const call = callOf(all, agentSipUser);
  if (call === undefined) return refused('notInCall');
  if (all.some(({ name }) => name.startsWith(`${lead}-`))) return refused('leadBusy');
  const variables = {
    ZUOXI_SPIED: call.agent.name,
    ZUOXI_CONTACT: call.agent.contactId,
    'PJSIP_HEADER(add,X-Supervision)': id,
  };
  const came = await waitFor(inside, id, stepOf(mode), ringMs + switchMs, lead, () =>
    calls.act('Originate', {
      Channel: lead,
      ChannelId: id,
      Context: 'supervise',
      Exten: mode,
      Priority: '1',
      Timeout: String(ringMs),
      CallerID: `"" <${account(agentSipUser)}>`,
      Async: 'true',
      Variable: Object.entries(variables)
        .map(([name, value]) => `${name}=${value}`)
        .join(','),
    }),
  );
  if (came !== 'on' || (mode === 'takeOver' && (await bringCustomer(inside, id, call)) !== 'on')) {
    const left = await sessionChannel(calls, id);
    if (left !== undefined) await hangUp(calls, left.name);
    return refused('leadUnreachable');
  }
  const session: SupervisionSession = { id, agentSipUser, contactId: call.agent.contactId || null, mode };
  tell({ kind: 'began', session });
  return ok(session);
};

const setMode = async (inside: Inside, id: string, mode: SupervisionMode): Promise<Outcome> => {
  const { calls, tell } = inside;
  const all = await calls.channels();
  const leg = all.find((channel) => channel.id === id && channel.context === 'supervise');
  const session = leg === undefined ? undefined : await readSession(calls, leg);
  if (leg === undefined || session === undefined) return refused('noSession');
  if (session.mode === mode) return ok(session);
  if (session.mode === 'takeOver') return refused('takenOver');
  // Asked again, not remembered: the customer's leg may have been exchanged since.
  const spied = await calls.variable(leg.name, 'ZUOXI_SPIED');
  const call = callOn(
    all,
    all.find(({ name }) => name === spied),
  );
  if (call === undefined) return refused('notInCall');
  const redirected = await waitFor(inside, id, stepOf(mode), switchMs, leg.name, () =>
    calls.act('Redirect', { Channel: leg.name, Context: 'supervise', Exten: mode, Priority: '1' }),
  );
  const came = redirected === 'on' && mode === 'takeOver' ? await bringCustomer(inside, id, call) : redirected;
  if (came === 'over') return refused('noSession');
  if (came === 'late') throw new PbxFault('unreachable', 'The exchange did not change the supervision in time.');
  const changed = { ...session, mode };
  tell({ kind: 'changed', session: changed });
  return ok(changed);
};

const stepOf = (mode: SupervisionMode): Step => (mode === 'takeOver' ? 'waits' : 'spies');

/** The lead's leg waits: the customer's is taken out of the agent's call and connected with it. */
const bringCustomer = async (inside: Inside, id: string, call: RunningCall): Promise<Came> => {
  const { calls } = inside;
  const lead = await sessionChannel(calls, id);
  if (lead === undefined) return 'over';
  return waitFor(inside, id, 'talks', switchMs, lead.name, async () => {
    await calls.act('Setvar', { Channel: call.other.name, Variable: 'ZUOXI_TAKER', Value: lead.name });
    await calls.act('Redirect', {
      Channel: call.other.name,
      Context: 'supervise',
      Exten: 'taken',
      Priority: '1',
    });
  });
};

type Came = 'on' | 'over' | 'late';

/** Asks and waits for Asterisk's word; listens before it asks, for the event may overtake the answer. */
const waitFor = async (
  { calls, waiters }: Inside,
  id: string,
  step: Step,
  withinMs: number,
  telephone: string,
  ask: () => Promise<unknown>,
): Promise<Came> => {
  const { promise, resolve } = Promise.withResolvers<Came>();
  const waiter: Waiter = { step, settle: resolve };
  const cancel = calls.clock.after(withinMs, () => resolve('late'));
  waiters.set(id, waiter);
  waiters.set(`originate ${telephone}`, waiter);
  try {
    await ask();
    return await promise;
  } finally {
    cancel();
    waiters.delete(id);
    waiters.delete(`originate ${telephone}`);
  }
};

type RunningCall = { readonly agent: Channel; readonly other: Channel };

/** The call the agent talks in; with a customer rather than with a colleague. */
const callOf = (all: readonly Channel[], agentSipUser: string): RunningCall | undefined => {
  const legs = all.filter(({ name }) => name.startsWith(`PJSIP/${account(agentSipUser)}-`));
  const running = legs.flatMap((leg) => callOn(all, leg) ?? []);
  return running.find(({ other }) => isCustomer(other)) ?? running[0];
};

const callOn = (all: readonly Channel[], agent: Channel | undefined): RunningCall | undefined => {
  if (agent === undefined || agent.bridgeId === '' || agent.context === 'supervise') return undefined;
  const others = all.filter((channel) => channel.bridgeId === agent.bridgeId && channel.id !== agent.id);
  const other = others.find(isCustomer) ?? others[0];
  return other === undefined ? undefined : { agent, other };
};

const isCustomer = ({ name }: Channel): boolean => name.startsWith('PJSIP/customers-');

const sessionChannel = async (calls: AsteriskCalls, id: string): Promise<Channel | undefined> =>
  (await calls.channels()).find((channel) => channel.id === id);

const readSession = async (calls: AsteriskCalls, leg: Channel): Promise<SupervisionSession | undefined> => {
  const mode = supervisionModes.find((one) => one === leg.extension);
  const agentSipUser = /^PJSIP\/(.+)-[0-9a-f]+$/.exec(await calls.variable(leg.name, 'ZUOXI_SPIED'))?.[1];
  if (mode === undefined || agentSipUser === undefined) return undefined;
  return { id: leg.id, agentSipUser, contactId: leg.contactId === '' ? null : leg.contactId, mode };
};

const hangUp = async (calls: AsteriskCalls, channel: string): Promise<void> => {
  // Refused: it hung up by itself in the meantime.
  await calls.act('Hangup', { Channel: channel, Cause: '16' }).catch((fault: unknown) => {
    if (!(fault instanceof PbxFault) || fault.kind !== 'refused') throw fault;
  });
};
