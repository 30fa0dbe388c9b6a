import type { Port } from '../../shared/rpc.ts';
import type { Page } from './app-scheme.ts';
import type { EngineStart, FromEngine } from './engine-messages.ts';
import { ToEngine } from './engine-messages.ts';
import type { Glance } from './glance.ts';
import { firstGlance, nextGlance } from './glance.ts';
import { faultFields } from '../engine/log.ts';
import type { MessagePortLike } from './port.ts';
import { portOver } from './port.ts';

/** The engine's process seen from inside: the first message starts the engine, each port is a page that connects. */
export type ParentPort = {
  on(
    event: 'message',
    listener: (event: { readonly data: unknown; readonly ports: MessagePortLike[] }) => void,
  ): unknown;
  postMessage(message: FromEngine): void;
};

export type RunningEngine = { connect(port: Port, role: Page): void; close(): Promise<void> };

export type EngineSideParts = {
  readonly parent: ParentPort;
  /** May throw: the process ends then, and the shell starts another after a while. Undefined: a wipe was finished, there is no seat. */
  readonly open: (start: EngineStart) => RunningEngine | undefined;
  readonly exit: (code: number) => void;
};

export const runEngineSide = ({ parent, open, exit }: EngineSideParts): void => {
  let engine: RunningEngine | undefined;
  const look = watcher((glance) => parent.postMessage({ kind: 'glance', glance }));

  const start = (message: EngineStart): void => {
    if (engine !== undefined) return;
    try {
      engine = open(message);
    } catch (fault) {
      const what = `engine did not open: ${JSON.stringify(faultFields(fault))}`;
      parent.postMessage({ kind: 'log', level: 'error', what });
      return exit(1);
    }
    if (engine !== undefined) parent.postMessage({ kind: 'ready' });
  };
  const stop = (): void => {
    const over = (code: number) => (): void => exit(code);
    (engine?.close() ?? Promise.resolve()).then(over(0), over(1));
  };
  parent.on('message', (event) => {
    const message = ToEngine.safeParse(event.data);
    if (!message.success) return;
    switch (message.data.kind) {
      case 'start':
        return start(message.data);
      case 'port': {
        const [raw] = event.ports;
        if (raw !== undefined) engine?.connect(overheard(portOver(raw), look), message.data.role);
        return;
      }
      case 'stop':
        return stop();
    }
  });
};

type Look = (what: string, state: unknown) => void;

/** Tells each glance that differs from the one before; the first always, for another engine may have told something else. */
const watcher = (tell: (glance: Glance) => void): Look => {
  let told: Glance | undefined;
  return (what, state) => {
    if (what !== 'agent' && what !== 'phone' && what !== 'sync') return;
    const next = nextGlance(told ?? firstGlance, what, state);
    if (next === told) return;
    told = next;
    tell(next);
  };
};

/**
 * What passes between engine and pages is also looked at for the tray, at no cost to the contract: states the engine publishes,
 * the snapshot a page begins with, and what the phone reports.
 */
const overheard = (port: Port, look: Look): Port => ({
  ...port,
  send: (message) => {
    port.send(message);
    const { t, ok, body, events } = message as Partial<Record<'t' | 'ok' | 'body' | 'events', unknown>>;
    // What changed in a turn comes together.
    for (const told of t === 'events' && Array.isArray(events) ? events : [message]) hearEvent(told, look);
    if (t === 'result' && ok === true && isSnapshot(body)) for (const part of parts) look(part, body[part]);
  },
  onMessage: (listener) =>
    port.onMessage((message) => {
      listener(message);
      const call = message as { readonly t?: unknown; readonly name?: unknown; readonly args?: unknown } | null;
      if (call?.t === 'call' && call.name === 'phone.report') look('phone', call.args);
    }),
});

const hearEvent = (message: unknown, look: Look): void => {
  const { t, name, body } = message as Partial<Record<'t' | 'name' | 'body', unknown>>;
  if (t === 'event' && typeof name === 'string') look(name, body);
};

const parts = ['agent', 'phone', 'sync'] as const;
const isSnapshot = (body: unknown): body is Readonly<Record<(typeof parts)[number], unknown>> =>
  typeof body === 'object' && body !== null && parts.every((part) => part in body);
