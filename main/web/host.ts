import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import { refusal, SeatFault } from '../../shared/result.ts';
import type { Clock } from '../engine/clock.ts';
import type { Engine } from '../engine/engine.ts';
import type { Log } from '../engine/log.ts';
import type { Bundle, BundleFile } from './bundle.ts';
import { readBundle } from './bundle.ts';
import type { Door } from './door.ts';
import { createDoor } from './door.ts';
import { securityHeaders, socketOrigin } from './headers.ts';
import { refusalPage } from './refusal-page.ts';
import { socketPort } from './socket-port.ts';

export type WebHostOptions = {
  readonly engine: Pick<Engine, 'connect'>;
  /** Folder of the built pages. */
  readonly rendererDir: string;
  /** 0: any free one. */
  readonly port: number;
  readonly host: '127.0.0.1';
  readonly clock: Clock;
  /** Cryptographically strong. */
  readonly random: (bytes: number) => Uint8Array;
  readonly log: Log;
  /** WebSocket address of the PBX the phone page connects to. */
  readonly pbxUrl?: string | undefined;
  /** Someone came with a token that does not work: here is one that does, for whoever sits at the terminal. */
  readonly onTokenRefused?: ((address: string) => void) | undefined;
};

export interface WebHost {
  /** To be opened in a browser, once. */
  readonly address: string;
  freshAddress(): string;
  readonly port: number;
  close(): Promise<void>;
}

const largestMessage = 1024 * 1024;
/** However many wrong tokens arrive, the terminal is told at most this often. */
const freshEveryMs = 5_000;

/**
 * The seat in a browser of this machine: the same engine and pages as in Electron, on loopback.
 * @throws SeatFault when the port is in use or the pages were not built
 */
export const createWebHost = async (options: WebHostOptions): Promise<WebHost> => {
  const { clock, log } = options;
  const bundle = readBundle(options.rendererDir);
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 5_000, maxHeaderSize: 8_192 });
  const port = await listen(server, options.host, options.port);
  // Cookies know no ports: two seats on one machine must not throw each other out.
  const door = createDoor(`zuoxi-${port}`, clock, options.random);
  const addressWith = (token: string): string => `http://${options.host}:${port}/?token=${token}`;
  let lastFreshMs = Number.NEGATIVE_INFINITY;
  const site: Site = {
    bundle,
    door,
    port,
    pbxOrigin: options.pbxUrl === undefined ? undefined : socketOrigin(options.pbxUrl),
    tokenRefused: () => {
      log.warn('a token that does not work was shown');
      if (clock.nowMs() - lastFreshMs < freshEveryMs) return;
      lastFreshMs = clock.nowMs();
      options.onTokenRefused?.(addressWith(door.freshToken()));
    },
  };
  server.on('request', (request, response) => answer(site, request, response));
  const sockets = new WebSocketServer({ noServer: true, maxPayload: largestMessage, perMessageDeflate: false });
  server.on('upgrade', (request, socket, head) => {
    const role = upgradeRole(site, request);
    if (typeof role === 'number') return refuseUpgrade(socket, role);
    sockets.handleUpgrade(request, socket, head, (opened: WebSocket) => {
      const { searchParams } = new URL(request.url ?? '/', 'http://seat');
      options.engine.connect(socketPort(opened, clock), role, {
        windowId: searchParams.get('window')?.slice(0, 64) ?? undefined,
        takeOver: searchParams.get('takeOver') === '1',
      });
    });
  });
  log.info('browser host listening', { port });
  return {
    address: addressWith(door.freshToken()),
    freshAddress: () => addressWith(door.freshToken()),
    port,
    close: async () => {
      for (const socket of sockets.clients) socket.terminate();
      server.closeAllConnections();
      await new Promise((done) => {
        server.close(done);
      });
    },
  };
};

/**
 * Whether somebody could listen there, asked before the long work of a start.
 * @param flag what another port is chosen with
 * @throws SeatFault when the port is in use
 */
export const tryPort = async (port: number, flag: string): Promise<void> => {
  const probe = createServer();
  await listen(probe, '127.0.0.1', port, flag);
  await new Promise((done) => {
    probe.close(done);
  });
};

type Site = {
  readonly bundle: Bundle;
  readonly door: Door;
  readonly port: number;
  readonly pbxOrigin: string | undefined;
  readonly tokenRefused: () => void;
};

const listen = (server: Server, host: string, port: number, flag = '--port'): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', (fault: NodeJS.ErrnoException) => {
      reject(
        fault.code === 'EADDRINUSE'
          ? new SeatFault(
              `port ${port} on ${host} is in use by another program: choose another one with ${flag}, or stop that program`,
              refusal('conflict', 'portInUse', { port }),
            )
          : fault,
      );
    });
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });

/** A page of another site can make a browser ask us by any name it owns (DNS rebinding): we answer to ours only. */
const ownHost = (site: Site, request: IncomingMessage): string | undefined => {
  const { host } = request.headers;
  return host === `127.0.0.1:${site.port}` || host === `localhost:${site.port}` ? host : undefined;
};

const answer = (site: Site, request: IncomingMessage, response: ServerResponse): void => {
  const host = ownHost(site, request);
  const [path = '/', query = ''] = (request.url ?? '/').split('?', 2);
  const headers = securityHeaders(host ?? `127.0.0.1:${site.port}`, site.pbxOrigin, path === '/' ? 'phone' : 'other');
  for (const [name, text] of Object.entries(headers)) response.setHeader(name, text);
  if (host === undefined) return sendPage(response, 421, 'elsewhere');
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD');
    return sendPage(response, 405, 'notFound');
  }
  const token = path === '/' ? new URLSearchParams(query).get('token') : null;
  if (token !== null) return enter(site, token, request, response);
  // Browsers ask for it by themselves; there is none, and a 404 in the console would only worry someone.
  if (path === '/favicon.ico') return void response.writeHead(204).end();
  if (!site.door.isIn(request.headers)) {
    if (path === '/') site.tokenRefused();
    return sendPage(response, 403, 'token');
  }
  const file = site.bundle.get(path);
  if (file === undefined) return sendPage(response, 404, 'notFound');
  sendFile(file, request, response);
};

const enter = (site: Site, token: string, request: IncomingMessage, response: ServerResponse): void => {
  const cookie = site.door.exchange(token);
  if (cookie !== undefined) response.setHeader('set-cookie', cookie);
  else if (!site.door.isIn(request.headers)) {
    site.tokenRefused();
    return sendPage(response, 403, 'token');
  }
  // Away from the address bar and the history; the same browser may follow its old link again.
  response.writeHead(303, { location: '/', 'cache-control': 'no-store' }).end();
};

const sendPage = (response: ServerResponse, status: number, page: Parameters<typeof refusalPage>[0]): void => {
  response
    .writeHead(status, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' })
    .end(refusalPage(page));
};

const sendFile = (file: BundleFile, request: IncomingMessage, response: ServerResponse): void => {
  response.setHeader('etag', file.etag);
  response.setHeader('cache-control', file.isImmutable ? 'private, max-age=31536000, immutable' : 'no-cache');
  response.setHeader('vary', 'accept-encoding');
  if (request.headers['if-none-match'] === file.etag) return void response.writeHead(304).end();
  const zipped = /\bgzip\b/.test(String(request.headers['accept-encoding'])) ? file.gzip : undefined;
  if (zipped !== undefined) response.setHeader('content-encoding', 'gzip');
  const body = zipped ?? file.body;
  response.writeHead(200, { 'content-type': file.type, 'content-length': body.length });
  response.end(request.method === 'HEAD' ? undefined : body);
};

/** Which window asks for its line, or the status to refuse it with. */
const upgradeRole = (site: Site, request: IncomingMessage): 'desk' | 'phone' | 421 | 403 | 404 => {
  const host = ownHost(site, request);
  if (host === undefined) return 421;
  // Browsers tell truthfully which page opens a socket, and send cookies along for any: only our own pages may.
  if (request.headers.origin !== `http://${host}` || !site.door.isIn(request.headers)) return 403;
  const [path] = (request.url ?? '').split('?', 1);
  return path === '/seat/desk' ? 'desk' : path === '/seat/phone' ? 'phone' : 404;
};

const refuseUpgrade = (socket: Duplex, status: number): void => {
  socket.on('error', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
};
