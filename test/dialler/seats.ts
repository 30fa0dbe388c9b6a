import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import type { AgentState } from '../../shared/agent.ts';
import type { LiveMessage, Routes } from '../../shared/central-api.ts';
import { protocolVersion, routes } from '../../shared/central-api.ts';
import type { AgentId } from '../../shared/ids.ts';
import { CallId, ContactId, OpId, SeatId } from '../../shared/ids.ts';
import type { Op, OpBody } from '../../shared/op.ts';
import { openLive } from '../central/live-socket.ts';
import type { BentClock } from '../faults/bent-clock.ts';
import type { Chance } from './customers.ts';
import type { SeenLeg, Witness } from './witness.ts';

type RouteName = keyof Routes;
/** Asks one of these instances, the first that answers, as behind a proxy. */
export type Ask = <Name extends RouteName>(
  name: Name,
  body: object,
  token?: string,
) => Promise<z.output<Routes[Name]['response']>>;

const patienceMs = 15_000;
export const askAt =
  (urls: () => readonly string[]): Ask =>
  async <Name extends RouteName>(name: Name, body: object, token?: string) => {
    const { method, path, response } = routes[name];
    const query = method === 'GET' ? `?${new URLSearchParams(body as Record<string, string>)}` : '';
    const headers = {
      ...(method === 'GET' ? {} : { 'content-type': 'application/json' }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    };
    const sent = { method, headers, ...(method === 'GET' ? {} : { body: JSON.stringify(body) }) };
    const untilMs = Date.now() + patienceMs;
    for (;;) {
      for (const url of urls()) {
        const got = await fetch(`${url}${path}${query}`, sent).catch(() => undefined);
        if (got?.status === 200) return response.parse(await got.json()) as z.output<Routes[Name]['response']>;
        if (got !== undefined && got.status < 500) throw new Error(`${name}: ${got.status} ${await got.text()}`);
      }
      if (Date.now() > untilMs) throw new Error(`${name}: nobody answers`);
      await new Promise((done) => setTimeout(done, 200));
    }
  };

export type SignedIn = { readonly token: string; readonly seatId: SeatId; readonly agentId: AgentId };
export const signInAt = async (ask: Ask, number: string, password: string): Promise<SignedIn> => {
  const seatId = SeatId.parse(randomUUID());
  const asked = { protocol: protocolVersion, agentNumber: number, password, seatId, takeOver: false };
  const { token, agent } = await ask('signIn', asked);
  return { token, seatId, agentId: agent.id };
};

type SeatOptions = {
  readonly number: string;
  readonly password: string;
  readonly urls: () => readonly string[];
  readonly clock: BentClock;
};
/** What every seat does: it is signed in, keeps its live socket, and tells what its agent does in its order, as an outbox. */
export type ConnectedSeat = {
  readonly token: string;
  readonly push: (...bodies: readonly OpBody[]) => Promise<void>;
  readonly later: (ms: number, work: () => Promise<void>) => void;
  readonly isClosed: () => boolean;
  /** What went otherwise than a seat may expect. */
  readonly faults: string[];
  readonly close: () => void;
};

export const connectSeat = async (
  { number, password, urls }: SeatOptions,
  heard: (message: LiveMessage) => void = () => undefined,
): Promise<ConnectedSeat> => {
  const ask = askAt(urls);
  const { token, seatId, agentId } = await signInAt(ask, number, password);
  const faults: string[] = [];
  const timers = new Set<NodeJS.Timeout>();
  let isClosed = false;
  let seq = 0;
  let closeLive = (): void => {};
  const live = async (): Promise<void> => {
    const [url] = urls();
    const socket = url === undefined ? undefined : await openLive(url, token).catch(() => undefined);
    if (isClosed) return socket?.close();
    if (socket === undefined) return later(200, live);
    closeLive = socket.close;
    void socket.closed.then(() => (isClosed ? undefined : later(50, live)));
    void (async () => {
      for (;;) heard(await socket.next());
    })();
  };
  const later = (ms: number, work: () => Promise<void>): void => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      if (!isClosed) void work().catch((fault: unknown) => faults.push(`${number}: ${String(fault)}`));
    }, ms);
    timers.add(timer);
  };
  let queue: Promise<void> = Promise.resolve();
  await live();
  return {
    ...{ token, later, faults, isClosed: () => isClosed },
    push: (...bodies) => {
      const ops = bodies.map((body): Op => {
        seq += 1;
        return { id: OpId.parse(randomUUID()), seatId, seq, agentId, body };
      });
      queue = queue.then(async () => {
        for (const [at, result] of (await ask('push', { seatId, ops }, token)).results.entries())
          if (result.outcome === 'refused')
            faults.push(`${number}: ${ops[at]?.body.name ?? ''} refused, ${result.reason ?? ''}`);
      });
      return queue;
    },
    close: () => {
      isClosed = true;
      for (const timer of timers) clearTimeout(timer);
      closeLive();
    },
  };
};

export type SimulatedSeat = {
  readonly agent: string;
  /** Ready, from now on. */
  readonly begin: () => Promise<void>;
  /** What went otherwise than a seat may expect. */
  readonly faults: readonly string[];
  readonly close: () => void;
};

/**
 * The seat's part in a call of the dialler: says over central's API that its agent is ready and waits, hears whose call is coming before its
 * telephone rings, tells of the call, wraps up, and waits again. The telephone is the exchange's own, and what it does is heard from there.
 */
export const openSeat = async (
  options: SeatOptions & { readonly chance: Chance; readonly witness: Witness },
): Promise<SimulatedSeat> => {
  const { number, clock, chance, witness, urls } = options;
  const ask = askAt(urls);
  const announced = new Set<string>();
  const seat = await connectSeat(options, (message) => {
    if (message.t === 'dialled') announced.add(message.contactId);
  });
  const { token, faults, later } = seat;
  const say = (state: AgentState): Promise<void> =>
    seat.push({ name: 'agent.stateChanged', state, atMs: clock.nowMs() });
  let turn = 0;
  const waits = async (mine: number): Promise<void> => {
    if (mine !== turn) return;
    const asked = { unused: [], used: [], wanted: true, takesDialled: true };
    const { againInMs } = await ask('taskNext', asked, token);
    if (againInMs !== null) later(againInMs, () => waits(mine));
  };
  const ready = async (): Promise<void> => {
    turn += 1;
    await say({ kind: 'ready', sinceMs: clock.nowMs() });
    await waits(turn);
  };
  const then = { kind: 'ready' } as const;
  const telephone = async (what: 'answered' | 'ended', leg: SeenLeg): Promise<void> => {
    const contactId = ContactId.parse(leg.contactId);
    turn += 1;
    if (what === 'answered') {
      if (!announced.has(leg.contactId)) faults.push(`${number}: rung for a call that was not announced`);
      const callId = CallId.parse(randomUUID());
      return say({ kind: 'onCall', callId, contactId, then, sinceMs: clock.nowMs() });
    }
    if (leg.bridgedMs === undefined) return ready();
    const wrapUpMs = chance.between(1_000, 3_000);
    later(wrapUpMs, ready);
    return say({ kind: 'wrapUp', contactId, then, deadlineMs: clock.nowMs() + wrapUpMs, sinceMs: clock.nowMs() });
  };
  witness.onLeg((what, leg) => {
    if (leg.agent === number && !seat.isClosed())
      telephone(what, leg).catch((fault: unknown) => faults.push(`${number}: ${String(fault)}`));
  });
  return { agent: number, begin: ready, faults, close: seat.close };
};
