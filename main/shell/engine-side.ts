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
  readonly open: (start: EngineStart) => Promise<RunningEngine>;
  readonly exit: (code: number) => void;
};

export const runEngineSide = ({ parent, open, exit }: EngineSideParts): void => {
  let engine: RunningEngine | undefined;
  let started = false;
  let glance = firstGlance;

  const look = (next: Glance): void => {
    if (next === glance) return;
    glance = next;
    parent.postMessage({ kind: 'glance', glance });
  };
  const start = async (message: EngineStart): Promise<void> => {
    try {
      engine = await open(message);
      parent.postMessage({ kind: 'ready' });
    } catch (fault) {
      const what = `engine did not open: ${JSON.stringify(faultFields(fault))}`;
      parent.postMessage({ kind: 'log', level: 'error', what });
      exit(1);
    }
  };
  const stop = async (): Promise<void> => {
    await engine?.close();
    parent.postMessage({ kind: 'stopped' });
    exit(0);
  };
  parent.on('message', (event) => {
    const message = ToEngine.safeParse(event.data);
    if (!message.success) return;
    switch (message.data.kind) {
      case 'start':
        if (!started) void start(message.data);
        started = true;
        return;
      case 'port': {
        const [raw] = event.ports;
        if (raw !== undefined)
          engine?.connect(
            overheard(portOver(raw), (name, body) => look(nextGlance(glance, name, body))),
            message.data.role,
          );
        return;
      }
      case 'stop':
        return void stop();
    }
  });
};

/** The engine publishes its states to the pages; what passes is also looked at for the tray, at no cost to the contract. */
const overheard = (port: Port, onEvent: (name: string, body: unknown) => void): Port => ({
  ...port,
  send: (message) => {
    port.send(message);
    const event = message as { readonly t?: unknown; readonly name?: unknown; readonly body?: unknown };
    if (event.t === 'event' && typeof event.name === 'string') onEvent(event.name, event.body);
  },
});
