import { randomBytes } from 'node:crypto';
import { Agent, request } from 'node:http';
import { WebSocket } from 'ws';
import { seatKeyOf } from '../../../main/engine/seat-key.ts';
import type { Routes } from '../../../shared/central-api.ts';
import { linesType, livePath, liveProtocol, protocolVersion, routes } from '../../../shared/central-api.ts';
import { uuidv7 } from '../../../shared/ids.ts';
import { proofHeader, proofProtocolPrefix } from '../../../shared/seat-proof.ts';
import { backOffMs } from '../../../shared/sync.ts';
import { agentNumber, agentPassword } from './central-process.ts';

/** A seat without a store: it signs in, opens its live line, pulls and pushes, and tries again as a seat does (`backOffMs`). */
export type LightSeat = {
  readonly signIn: (address: string) => Promise<void>;
  /** All there is to pull. */
  readonly load: (address: string) => Promise<void>;
  /** Live line open, one pull, one op acknowledged; it begins after the wait a seat makes when its line was lost. */
  readonly comeBack: (address: string) => Promise<Back>;
  /** So many ops in one push. @returns how many of them took effect */
  readonly push: (address: string, ops: number) => Promise<number>;
  readonly leave: () => void;
};

/** How often it had to try again, and how long the try took that went well. */
export type Back = { readonly again: number; readonly tookMs: number };

const newId = (): string => uuidv7(Date.now(), randomBytes(10));
/** Central is busy, and says when to come again. */
class ToldToWait extends Error {
  readonly waitMs: number;
  constructor(waitMs: number) {
    super('busy');
    this.waitMs = waitMs;
  }
}
const deadlineMs = 20_000;
const mostTries = 20;

export const lightSeat = (n: number): LightSeat => {
  // Some twenty to a site, each site with an address of its own: sign-ins are limited by address.
  const from = `127.0.${1 + Math.floor(n / 4_000)}.${2 + (Math.floor(n / 20) % 200)}`;
  const agent = new Agent({ keepAlive: true, maxSockets: 1, localAddress: from });
  const seatId = newId();
  const number = agentNumber(n);
  const key = seatKeyOf(randomBytes(32).toString('base64url'), randomBytes);
  let token = '';
  let cursor = '';
  let seq = 0;
  let line: WebSocket | undefined;

  const ask = (
    address: string,
    name: keyof Routes,
    query: string,
    body?: object,
  ): Promise<{ status: number; text: string; waitMs: number }> =>
    new Promise((done, failed) => {
      const { method } = routes[name];
      const path = `${routes[name].path}${query}`;
      const text = body === undefined ? '' : JSON.stringify(body);
      const sent = request(
        `${address}${path}`,
        {
          ...{ method, agent, timeout: deadlineMs },
          headers: {
            ...{ accept: `${linesType}, application/json`, 'content-type': 'application/json' },
            ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
            [proofHeader]: key.prove({ method, path, token, body: text, atMs: Date.now() }),
          },
        },
        (response) => {
          const pieces: Buffer[] = [];
          response.on('data', (piece: Buffer) => pieces.push(piece));
          const waitMs = Number(response.headers['retry-after'] ?? 0) * 1_000;
          response.on('end', () =>
            done({ status: response.statusCode ?? 0, text: String(Buffer.concat(pieces)), waitMs }),
          );
          response.on('error', failed);
        },
      );
      sent.on('timeout', () => sent.destroy(new Error('timeout')));
      sent.on('error', failed);
      sent.end(text === '' ? undefined : text);
    });

  const openLine = (address: string): Promise<void> =>
    new Promise((done, failed) => {
      const proof = key.prove({ method: 'GET', path: livePath, token, body: '', atMs: Date.now() });
      const protocols = [liveProtocol, `bearer.${token}`, proofProtocolPrefix + proof];
      const socket = new WebSocket(`${address.replace('http', 'ws')}${livePath}`, protocols, {
        ...{ localAddress: from, handshakeTimeout: deadlineMs },
      });
      line = socket;
      // Answered when the session was looked at: the first poke.
      socket.once('message', () => done());
      socket.once('error', failed);
      socket.once('close', () => failed(new Error('closed')));
    });

  const pull = async (address: string): Promise<void> => {
    for (;;) {
      const asked = `?cursor=${encodeURIComponent(cursor)}&limit=500`;
      const { status, text, waitMs } = await ask(address, 'changes', asked);
      if (status === 503) throw new ToldToWait(waitMs);
      if (status !== 200) throw new Error(`changes: ${status}`);
      const head = JSON.parse(text.slice(0, text.indexOf('\n'))) as { cursor: string; more: boolean };
      cursor = head.cursor;
      if (!head.more) return;
    }
  };

  const push = async (address: string, count: number): Promise<number> => {
    const ops = Array.from({ length: count }, () => {
      seq += 1;
      const body = {
        ...{ name: 'contact.opened', contactId: newId(), callId: newId(), direction: 'inbound', atMs: Date.now() },
        ...{ number: '+8613800000001', queue: 'service', customerId: null },
      };
      return { id: newId(), seatId, seq, agentId: `A${number}`, body };
    });
    const { status, text } = await ask(address, 'push', '', { seatId, ops });
    if (status !== 200) throw new Error(`push: ${status}`);
    const { results } = JSON.parse(text) as { results: { outcome: string }[] };
    return results.filter(({ outcome }) => outcome === 'applied').length;
  };

  return {
    signIn: async (address) => {
      const seatKey = key.publicKey;
      const asked = { protocol: protocolVersion, agentNumber: number, password: agentPassword, seatId, seatKey };
      const { status, text } = await ask(address, 'signIn', '', asked);
      if (status !== 200) throw new Error(`sign-in: ${status} ${text}`);
      ({ token } = JSON.parse(text) as { token: string });
    },
    load: pull,
    comeBack: async (address) => {
      let toldMs = 0;
      for (let tries = 0; ; tries += 1) {
        const chance = Math.random();
        // As sync.ts has it: no sooner than central says, and not all at that very moment.
        const waitMs = Math.max(backOffMs(tries + 1, chance), toldMs * (1 + chance / 4));
        await new Promise((next) => setTimeout(next, waitMs));
        const startMs = performance.now();
        try {
          // The pull hears how long to wait; the line waits for it (live-line.ts).
          await pull(address);
          if (line?.readyState !== WebSocket.OPEN) await openLine(address);
          if ((await push(address, 1)) !== 1) throw new Error('an op was refused');
          return { again: tries, tookMs: performance.now() - startMs };
        } catch (fault) {
          toldMs = fault instanceof ToldToWait ? fault.waitMs : 0;
          if (tries === mostTries) throw fault;
        }
      }
    },
    push,
    leave: () => {
      line?.removeAllListeners();
      line?.on('error', () => {});
      line?.terminate();
      line = undefined;
      agent.destroy();
    },
  };
};
