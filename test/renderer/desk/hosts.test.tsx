import { afterEach, describe, expect, it, vi } from 'vitest';
import { browserHost, electronHost, hostOf, messagePort } from '../../../renderer/desk/hosts.ts';

/** A WebSocket that goes where the test wants it to. */
class Socket extends EventTarget {
  static readonly OPEN = 1;
  static last: Socket | undefined;
  readonly sent: string[] = [];
  readyState = 0;
  readonly url: string;
  constructor(url: string) {
    super();
    this.url = url;
    Socket.last = this;
  }
  send(frame: string): void {
    this.sent.push(frame);
  }
  close(): void {
    this.readyState = 3;
    this.dispatchEvent(new Event('close'));
  }
  open(): void {
    this.readyState = 1;
    this.dispatchEvent(new Event('open'));
  }
}

const say = (data: unknown, ports: MessagePort[], over: Partial<MessageEventInit> = {}): void => {
  window.dispatchEvent(new MessageEvent('message', { data, ports, origin: location.origin, source: window, ...over }));
};

afterEach(() => vi.unstubAllGlobals());

describe('browser host', () => {
  it('the engine is a socket of the own origin, with the name of this tab, JSON in text frames', async () => {
    vi.stubGlobal('WebSocket', Socket);
    const opening = browserHost(window).engine(false);
    const socket = Socket.last;
    const url = new URL(socket?.url ?? '');
    expect([url.host, url.pathname, url.searchParams.get('takeOver')]).toEqual([location.host, '/seat/desk', null]);
    socket?.open();
    const port = await opening;
    const heard: unknown[] = [];
    port.onMessage((message) => heard.push(message));
    port.send({ t: 'call' });
    expect(socket?.sent).toEqual(['{"t":"call"}']);
    socket?.dispatchEvent(new MessageEvent('message', { data: '{"t":"event"}' }));
    socket?.dispatchEvent(new MessageEvent('message', { data: '<html>not JSON</html>' }));
    expect(heard).toEqual([{ t: 'event' }]);
    let closed = 0;
    port.onClose(() => (closed += 1));
    port.close();
    expect(closed).toBe(1);
    const again = browserHost(window).engine(true);
    const second = new URL(Socket.last?.url ?? '');
    expect(second.searchParams.get('window')).toBe(url.searchParams.get('window'));
    expect(second.searchParams.get('takeOver')).toBe('1');
    Socket.last?.close();
    await expect(again).rejects.toThrow('the engine is not there');
  });

  it('the phone is asked for, and only its answer from the own origin counts', async () => {
    const asked: unknown[] = [];
    const listen = (event: MessageEvent): void => void asked.push(event.data);
    window.addEventListener('message', listen);
    const opening = browserHost(window).phone();
    const { port1, port2 } = new MessageChannel();
    const foreign = new MessageChannel();
    say({ zuoxi: 'phone-port' }, [foreign.port1], { origin: 'https://evil.invalid' });
    say({ zuoxi: 'phone-port' }, [foreign.port1], { source: null });
    say({ zuoxi: 'something' }, [foreign.port1]);
    say({ zuoxi: 'phone-port' }, [port1]);
    const port = await opening;
    const heard = new Promise((resolve) => port.onMessage(resolve));
    port2.postMessage('hello');
    expect(await heard).toBe('hello');
    window.removeEventListener('message', listen);
    port.close();
    for (const open of [port2, foreign.port1, foreign.port2]) open.close();
  });
});

describe('Electron', () => {
  it('is recognised by its bridge and takes ports that come before or after they are asked for', async () => {
    const page = Object.assign(window, { zuoxi: {} });
    expect(hostOf(page)).toBeTruthy();
    const host = electronHost(page);
    const [early, late] = [new MessageChannel(), new MessageChannel()];
    say({ zuoxi: 'port', to: 'engine' }, [early.port1]);
    const engine = await host.engine(false);
    const waiting = host.phone();
    say({ zuoxi: 'port', to: 'nobody' }, [late.port2]);
    say({ zuoxi: 'port', to: 'phone' }, [late.port1]);
    const phone = await waiting;
    expect(engine).not.toBe(phone);
    engine.close();
    phone.close();
    Reflect.deleteProperty(window, 'zuoxi');
  });
});

describe('a message port', () => {
  it('tells our own side when we close it, once', () => {
    const { port1, port2 } = new MessageChannel();
    const port = messagePort(port1);
    let closed = 0;
    port.onClose(() => (closed += 1));
    port.close();
    port.close();
    expect(closed).toBe(1);
    port2.close();
  });
});
