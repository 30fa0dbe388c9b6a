// @vitest-environment jsdom
import { EventEmitter } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import { expose } from '../../preload/bridge.ts';
import { channels } from '../../main/shell/channels.ts';

const bridge = () => {
  const ipc = new EventEmitter();
  const sent: unknown[][] = [];
  const exposed: Record<string, unknown> = {};
  const posted: { message: unknown; origin: unknown; ports: unknown }[] = [];
  const page = Object.create(window, {
    postMessage: {
      value: (message: unknown, origin: unknown, ports: unknown) => posted.push({ message, origin, ports }),
    },
    addEventListener: { value: (name: string, listener: () => void) => document.addEventListener(name, listener) },
    location: { value: { origin: 'app://seat' } },
    document: { value: document },
  }) as Window;
  expose({
    contextBridge: { exposeInMainWorld: (name, api) => (exposed[name] = api) },
    ipcRenderer: { on: (channel, listener) => ipc.on(channel, listener), send: (...args) => void sent.push(args) },
    page,
    platform: 'linux',
  });
  return { ipc, sent, exposed, posted };
};

describe('the bridge (security 3)', () => {
  it('is two words, frozen, and nothing reachable from them', () => {
    const { exposed } = bridge();
    expect(exposed).toEqual({ zuoxi: { host: 'electron', platform: 'linux' } });
    expect(Object.isFrozen(exposed['zuoxi'])).toBe(true);
  });

  it('asks for ports when the document is there, not before, and passes on what comes', () => {
    const { ipc, sent, posted } = bridge();
    expect(sent).toEqual([]);
    document.dispatchEvent(new Event('DOMContentLoaded'));
    expect(sent).toEqual([[channels.askPorts]]);
    ipc.emit(channels.port, { ports: ['a port'], sender: 'secret' }, 'engine');
    ipc.emit(channels.tell, {}, { zuoxi: 'resumed' });
    expect(posted).toEqual([
      { message: { zuoxi: 'port', to: 'engine' }, origin: 'app://seat', ports: ['a port'] },
      { message: { zuoxi: 'resumed' }, origin: 'app://seat', ports: undefined },
    ]);
  });

  it("tells the page's language as it changes", async () => {
    const { sent } = bridge();
    document.dispatchEvent(new Event('DOMContentLoaded'));
    document.documentElement.lang = 'en';
    await vi.waitFor(() => expect(sent).toContainEqual([channels.language, 'en']));
  });
});
