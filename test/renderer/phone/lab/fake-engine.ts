import { emptyDay } from '../../../../shared/day.ts';
import { noWork } from '../../../../shared/work.ts';
import type { AgentState } from '../../../../shared/agent.ts';
import { AgentId, SeatId } from '../../../../shared/ids.ts';
import { type KeptCalls, type PhoneState, phoneOff } from '../../../../shared/phone.ts';
import { defaultPolicy } from '../../../../shared/policy.ts';
import { ok, type Refusal, refusal, refused, type Result } from '../../../../shared/result.ts';
import { type Handlers, type Peer, type Port, serve } from '../../../../shared/rpc.ts';
import { seatContract, type SeatContract, type SeatSnapshot, type Session } from '../../../../shared/seat.ts';
import type { SipCredentials } from '../../../../shared/sip-credentials.ts';

/** Two ends of one wire, delivering in order and never at once. */
export const portPair = (): readonly [Port, Port] => {
  const make = (): Port & { deliver: (message: unknown) => void; shut: () => void; other: () => void } => {
    const listeners: ((message: unknown) => void)[] = [];
    const closers: (() => void)[] = [];
    let isOpen = true;
    return {
      other: () => {},
      send: () => {},
      onMessage: (listener) => void listeners.push(listener),
      onClose: (listener) => void closers.push(listener),
      close: () => {},
      deliver: (message) => {
        if (isOpen) for (const listener of listeners) listener(message);
      },
      shut: () => {
        if (!isOpen) return;
        isOpen = false;
        for (const closer of closers) closer();
      },
    };
  };
  const [a, b] = [make(), make()];
  for (const [from, to] of [
    [a, b],
    [b, a],
  ] as const) {
    from.send = (message) => {
      const copy: unknown = structuredClone(message);
      queueMicrotask(() => to.deliver(copy));
    };
    from.close = () => {
      from.shut();
      queueMicrotask(to.shut);
    };
  }
  return [a, b];
};

/** The engine as the phone page sees it. */
export type FakeEngine = {
  /** What the page opens. Rejects while away. */
  readonly open: () => Promise<Port>;
  /** A page opened this. Closed at once while away. */
  readonly connect: (port: Port) => void;
  readonly setAway: (isAway: boolean) => void;
  readonly setSession: (session: Session) => void;
  readonly setAgent: (agent: AgentState) => void;
  readonly displace: () => void;
  /** Why the page is not admitted, if so. */
  readonly admits: (why: Refusal | undefined) => void;
  readonly reports: PhoneState[];
  readonly asked: { credentials: number; authorise: unknown[]; measured: unknown[]; opened: number; kept: number };
  /** The calls a page told to keep, given to the next. */
  kept: KeptCalls['calls'];
  credentials: SipCredentials | null;
  authorises: Result<{ contactId: string; dial: string; warnings: [] }>;
};

export const signedOut: Session = { kind: 'signedOut', samples: [] };
export const signedIn = (): Session => ({
  kind: 'signedIn',
  seatId: SeatId.parse('0190a0b0-c0d0-7000-8000-0123456789ab'),
  agent: { id: AgentId.parse('a1'), number: '1001', name: 'Lin Qing', role: 'agent', queues: [] },
  policy: defaultPolicy,
  practice: true,
  sinceMs: 1,
});

export const createFakeEngine = (): FakeEngine => {
  let isAway = false;
  let admission: Refusal | undefined;
  let session: Session = signedOut;
  let agent: AgentState = { kind: 'offline', sinceMs: 0 };
  let peer: Peer<SeatContract> | undefined;
  let port: Port | undefined;
  const unused = (): Result<never> => refused(refusal('forbidden'));
  const snapshot = (): SeatSnapshot => ({
    session,
    agent,
    phone: phoneOff,
    sync: { kind: 'signedOut', waiting: 0 },
    asOfMs: null,
    contact: null,
    callBack: null,
    recording: { kind: 'none' },
    supervision: { kind: 'none' },
    supervised: null,
    reference: { topics: [], notices: [] },
    refusedOps: [],
    storage: { kind: 'sound' },
    work: noWork,
    day: emptyDay,
    forced: null,
    task: { kind: 'off' },
    expected: { contactId: null },
    store: 'memory',
  });
  const handlers = {
    ...Object.fromEntries(Object.keys(seatContract.calls).map((name) => [name, unused])),
    'seat.snapshot': () => (admission === undefined ? ok(snapshot()) : refused(admission)),
    'phone.credentials': () => {
      engine.asked.credentials += 1;
      return ok(engine.credentials);
    },
    'phone.report': (state: PhoneState) => {
      engine.reports.push(state);
      return ok({});
    },
    'phone.keep': ({ calls }: KeptCalls) => {
      engine.kept = calls;
      return ok({});
    },
    'phone.kept': () => {
      engine.asked.kept += 1;
      return ok({ calls: engine.kept });
    },
    'phone.quality': (request: unknown) => {
      engine.asked.measured.push(request);
      return ok({});
    },
    'dial.authorise': (request: unknown) => {
      engine.asked.authorise.push(request);
      return engine.authorises;
    },
  } as unknown as Handlers<SeatContract, { readonly role: string }>;

  const engine: FakeEngine = {
    open: async () => {
      engine.asked.opened += 1;
      if (isAway) throw new Error('away');
      const [mine, theirs] = portPair();
      engine.connect(mine);
      return theirs;
    },
    connect: (next) => {
      if (isAway) return next.close();
      port = next;
      peer = serve(seatContract, handlers, next, { role: 'phone' }, () => {});
    },
    setAway: (next) => {
      isAway = next;
      if (next) port?.close();
    },
    setSession: (next) => {
      session = next;
      peer?.emit('session', session);
    },
    setAgent: (next) => {
      agent = next;
      peer?.emit('agent', agent);
    },
    displace: () => peer?.emit('displaced', {}),
    admits: (why) => {
      admission = why;
    },
    reports: [],
    asked: { credentials: 0, authorise: [], measured: [], opened: 0, kept: 0 },
    kept: [],
    credentials: { server: 'ws://pbx', domain: 'pbx', user: '1001', password: 'x', expiresAtMs: 0, iceServers: [] },
    authorises: refused(refusal('policy', 'callingHours')),
  };
  return engine;
};
