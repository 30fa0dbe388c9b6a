import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { build } from 'vite';
import type { Call, CallState, Hold } from '../../../shared/call.ts';
import { CallId, SeatId } from '../../../shared/ids.ts';
import { phoneOff, type PhoneState } from '../../../shared/phone.ts';
import type { FarEnd } from './far-end.ts';
import { type LineProxy, openLineProxy } from './line-proxy.ts';

/** The product's telephone in a page of its own, over a network that can fail, with a tone for a voice. */
export type Seat = FarEnd & {
  readonly page: Page;
  readonly line: LineProxy;
  readonly errors: string[];
  readonly state: () => PhoneState;
  /** The newest call. */
  readonly newest: () => Call | undefined;
  readonly until: (what: string, is: (state: PhoneState) => boolean, withinMs?: number) => Promise<PhoneState>;
  /** The newest call reaches this state. */
  readonly reaches: <K extends CallState['kind']>(
    kind: K,
    withinMs?: number,
  ) => Promise<Extract<CallState, { kind: K }>>;
  /** The newest call talks and its hold is this. */
  readonly holds: (kind: Hold['kind']) => Promise<void>;
  /** The newest call talks and its sound is this. */
  readonly media: (is: 'flowing' | 'lost') => Promise<void>;
  readonly registered: (sinceMs?: number) => Promise<void>;
  /** Dials and resolves with the call's id at once, or throws what the phone refused it with. */
  readonly dial: (number: string) => Promise<CallId>;
  readonly pickUp: () => Promise<void>;
  readonly reject: () => Promise<void>;
  readonly hold: (isHeld: boolean) => Promise<void>;
  readonly mute: (isMuted: boolean) => Promise<void>;
  readonly press: (keys: string) => Promise<boolean>;
  readonly setAvailable: (isAvailable: boolean) => Promise<void>;
  readonly reconnect: () => Promise<void>;
  readonly codec: () => Promise<string>;
};

export type SeatAccount = {
  readonly ws: string;
  readonly domain: string;
  readonly user: string;
  readonly password: string;
};

/** One browser for all seats. */
export type Seats = {
  readonly open: (account: SeatAccount, hz: number) => Promise<Seat>;
  readonly close: () => Promise<void>;
};

export const openSeats = async (): Promise<Seats> => {
  const script = await bundled();
  const server = createServer((request, response) => {
    const isScript = request.url === '/seat.js';
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
    response.end(
      isScript ? script : '<!doctype html><title>seat</title><script type="module" src="/seat.js"></script>',
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const browser = await chromium.launch({ executablePath: browserPath(), args: flags });
  const opened: LineProxy[] = [];
  return {
    open: async (account, hz) => {
      const line = await openLineProxy(account.ws);
      opened.push(line);
      return openSeat(browser, server, line, account, hz);
    },
    close: async () => {
      await browser.close();
      await Promise.all(opened.map((line) => line.close()));
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

const flags = [
  '--no-sandbox',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-quic',
  '--autoplay-policy=no-user-gesture-required',
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
  '--disable-background-timer-throttling',
  '--disable-renderer-backgrounding',
  '--disable-backgrounding-occluded-windows',
];

const browserPath = (): string =>
  [process.env['ZUOXI_BROWSER'], '/usr/bin/chromium', '/usr/bin/google-chrome'].find(
    (path) => path !== undefined && existsSync(path),
  ) ?? '';

const openSeat = async (
  browser: Browser,
  server: Server,
  line: LineProxy,
  account: SeatAccount,
  hz: number,
): Promise<Seat> => {
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const context = await browser.newContext();
  await context.grantPermissions(['microphone'], { origin });
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  let state: PhoneState = phoneOff;
  const listeners = new Set<() => void>();
  await page.exposeFunction('tellState', (next: PhoneState) => {
    state = next;
    for (const listener of listeners) listener();
  });
  await page.goto(`${origin}/?hz=${hz}`);
  await page.waitForFunction(() => 'seat' in window);

  const until: Seat['until'] = (what, is, withinMs = 10_000) =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (!is(state)) return;
        clearTimeout(timer);
        listeners.delete(look);
        resolve(state);
      };
      const timer = setTimeout(() => {
        listeners.delete(look);
        reject(new Error(`seat ${account.user}: not within ${withinMs} ms: ${what}; state ${JSON.stringify(state)}`));
      }, withinMs);
      listeners.add(look);
      look();
    });
  const newest = (): Call | undefined => state.calls[0];
  const its = (): CallId => {
    const call = newest();
    if (call === undefined) throw new Error(`seat ${account.user} has no call`);
    return call.id;
  };
  const registered = async (sinceMs = 0): Promise<void> => {
    await until('registered', (next) => next.line.kind === 'registered' && next.line.sinceMs >= sinceMs);
  };
  const reaches: Seat['reaches'] = async (kind, withinMs) => {
    const is = (call: Call | undefined): call is Call & { state: { kind: typeof kind } } => call?.state.kind === kind;
    const reached = await until(`call ${kind}`, ({ calls }) => is(calls[0]), withinMs);
    return reached.calls[0]?.state as Extract<CallState, { kind: typeof kind }>;
  };
  const ended = async (): Promise<void> => {
    await until('no live call', ({ calls }) => calls.every((call) => call.state.kind === 'ended'));
  };
  const dial: Seat['dial'] = async (number) => {
    const { answer, callId } = await page.evaluate(async (to) => {
      const order = { callId: window.seat.newContactId(), contactId: window.seat.newContactId(), dial: to };
      const given = await window.seat.phone.dial(order as Parameters<typeof window.seat.phone.dial>[0]);
      return { answer: given, callId: order.callId };
    }, number);
    if (!answer.ok) throw new Error(`not dialled: ${JSON.stringify(answer.error)}`);
    return CallId.parse(callId);
  };
  const pickUp: Seat['pickUp'] = async () => {
    const answer = await within(
      'the answer',
      10_000,
      page.evaluate((id) => window.seat.phone.answer(id), its()),
    );
    if (!answer.ok) throw new Error(`not answered: ${JSON.stringify(answer.error)}`);
  };

  await page.evaluate(
    async ({ server: url, domain, user, password, seatId }) => {
      window.seat.phone.start({
        seatId,
        credentials: { server: url, domain, user, password, expiresAtMs: Date.now() + 3_600_000, iceServers: [] },
      });
      await window.seat.phone.checkDevices();
      window.seat.phone.setAvailable(true);
    },
    { ...account, server: line.url, seatId: SeatId.parse(`0190a0b0-c0d0-7000-8000-00000000${account.user}`) },
  );
  await registered();
  return {
    name: `seat ${account.user}`,
    number: account.user,
    hz,
    page,
    line,
    errors,
    state: () => state,
    newest,
    until,
    reaches,
    holds: async (kind) => {
      const is = (state: CallState | undefined): boolean => state?.kind === 'talking' && state.hold.kind === kind;
      await until(`hold ${kind}`, ({ calls }) => is(calls[0]?.state));
    },
    media: async (wanted) => {
      const is = (state: CallState | undefined): boolean => state?.kind === 'talking' && state.media === wanted;
      await until(`sound ${wanted}`, ({ calls }) => is(calls[0]?.state));
    },
    registered,
    dial,
    call: async (number) => void (await dial(number)),
    pickUp,
    answer: async () => {
      await reaches('ringing');
      await pickUp();
      await reaches('talking');
    },
    reject: async () => void (await page.evaluate((id) => window.seat.phone.reject(id), its())),
    hangUp: async () => void (await page.evaluate((id) => window.seat.phone.hangUp(id), its())),
    ended,
    hold: async (isHeld) =>
      void (await page.evaluate(([id, on]) => window.seat.phone.hold(id, on), [its(), isHeld] as const)),
    mute: async (isMuted) =>
      void (await page.evaluate(([id, on]) => window.seat.phone.mute(id, on), [its(), isMuted] as const)),
    press: async (keys) =>
      (await page.evaluate(([id, text]) => window.seat.phone.sendDigits(id, text), [its(), keys] as const)).ok,
    setAvailable: (isAvailable) => page.evaluate((it) => window.seat.phone.setAvailable(it), isAvailable),
    reconnect: () => page.evaluate(() => window.seat.phone.reconnect()),
    hear: (hzs, ms) => page.evaluate(([all, time]) => window.seat.hear(all, time), [hzs, ms] as const),
    codec: () => page.evaluate(() => window.seat.codec()),
  };
};

const within = async <T>(what: string, ms: number, promise: Promise<T>): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${ms} ms: ${what}`)), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
};

const bundled = async (): Promise<string> => {
  const result = await build({
    configFile: false,
    logLevel: 'error',
    build: {
      write: false,
      minify: false,
      target: 'chrome140',
      rolldownOptions: { input: fileURLToPath(new URL('seat-page.ts', import.meta.url)), output: { format: 'es' } },
    },
  });
  const first = Array.isArray(result) ? result[0] : result;
  const chunk = first !== undefined && 'output' in first ? first.output[0] : undefined;
  if (chunk === undefined) throw new Error('the seat page was not bundled');
  return chunk.code;
};
