import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { Agent, createServer, request as ask } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { connect } from 'node:net';
import { routes } from '../../shared/central-api.ts';
import type { Chance } from '../fuzz/chance.ts';
import { chanceOf } from '../fuzz/chance.ts';
import type { Counts } from './counts.ts';
import type { WireFault } from './wire-faults.ts';
import { isMadeUp, madeUpAnswer, wireFault } from './wire-faults.ts';

export type ProxyNeeds = {
  readonly seed: number;
  readonly seats: number;
  /** Where an instance listens; undefined while it is down. */
  readonly portOf: (instance: number) => number | undefined;
  readonly instances: number;
  readonly counts: Counts;
  /** An op left a seat in a push. */
  readonly sent: (opId: string) => void;
  /** A request was answered by central after so long. */
  readonly took: (ms: number) => void;
};

/** Everything between the seats and the instances of central. */
export type Proxy = {
  readonly urlOf: (seat: number) => string;
  readonly cutSeats: Set<number>;
  readonly cutInstances: Set<number>;
  readonly storms: Set<number>;
  /** No faults any more. */
  readonly calm: () => void;
  /** Closes every live connection of a seat. */
  readonly dropLines: (seat: number) => void;
  readonly close: () => Promise<void>;
};

const portOf = (address: AddressInfo | string | null | undefined): number =>
  typeof address === 'object' && address !== null ? address.port : 0;

type Gate = { readonly server: Server; readonly sockets: Set<Socket>; readonly lines: Set<Socket>; asked: number };

export const startProxy = async (needs: ProxyNeeds): Promise<Proxy> => {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const state: Weather = {
    cutSeats: new Set(),
    cutInstances: new Set(),
    storms: new Set(),
    isCalm: false,
  };
  const gates: Gate[] = [];
  for (let seat = 0; seat < needs.seats; seat += 1) gates.push(await openGate(needs, state, agent, seat));
  return {
    urlOf: (seat) => `http://127.0.0.1:${portOf(gates[seat]?.server.address())}`,
    cutSeats: state.cutSeats,
    cutInstances: state.cutInstances,
    storms: state.storms,
    calm: () => {
      state.isCalm = true;
      state.cutSeats.clear();
      state.cutInstances.clear();
      state.storms.clear();
    },
    dropLines: (seat) => {
      for (const line of gates[seat]?.lines ?? []) line.destroy();
    },
    close: async () => {
      agent.destroy();
      await Promise.all(
        gates.map(({ server, sockets }) => {
          const closed = new Promise((done) => void server.close(done));
          for (const socket of sockets) socket.destroy();
          return closed;
        }),
      );
    },
  };
};

type Weather = {
  readonly cutSeats: Set<number>;
  readonly cutInstances: Set<number>;
  readonly storms: Set<number>;
  isCalm: boolean;
};

/**
 * How far central is, one way, in milliseconds: a branch office's line. Agents go on working meanwhile, so that many ops are under way at
 * once and what happens to a request happens to all of them.
 */
const wayMs = (chance: Chance): number => 4 + chance.below(16);

const openGate = async (needs: ProxyNeeds, state: Weather, agent: Agent, seat: number): Promise<Gate> => {
  const sockets = new Set<Socket>();
  const lines = new Set<Socket>();
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      sockets.delete(socket);
      lines.delete(socket);
    });
  };
  const server = createServer((incoming, outgoing) => {
    const chance = chanceOf(needs.seed * 31 + seat + 1, gate.asked);
    gate.asked += 1;
    const pieces: Buffer[] = [];
    incoming.on('data', (piece: Buffer) => pieces.push(piece));
    incoming.on('end', () => {
      const exchange = new Exchange(needs, state, agent, {
        ...{ seat, chance, incoming, outgoing, body: Buffer.concat(pieces) },
      });
      setTimeout(() => exchange.run(), wayMs(chance));
    });
  });
  const gate: Gate = { server, sockets, lines, asked: 0 };
  server.on('connection', keep);
  server.on('upgrade', (incoming, near: Socket, head: Buffer) => {
    const instance = pick(needs, state, seat, chanceOf(needs.seed * 37 + seat, gate.asked));
    const port = instance === undefined ? undefined : needs.portOf(instance);
    if (state.cutSeats.has(seat) || port === undefined) return near.destroy();
    const far = connect(port, '127.0.0.1');
    keep(far);
    lines.add(near);
    far.write(headOf(incoming));
    far.write(head);
    far.pipe(near);
    near.pipe(far);
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
  });
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done));
  return gate;
};

/** Mostly the seat's own instance, now and then another: nothing may hang on which one is asked. */
const pick = (needs: ProxyNeeds, state: Weather, seat: number, chance: Chance): number | undefined => {
  const own = chance.once(8) ? chance.below(needs.instances) : seat % needs.instances;
  const isThere = (instance: number): boolean =>
    !state.cutInstances.has(instance) && needs.portOf(instance) !== undefined;
  if (isThere(own)) return own;
  const other = (own + 1) % needs.instances;
  // A balancer notices sooner or later.
  return isThere(other) && (state.isCalm || chance.once(2)) ? other : undefined;
};

type Asked = {
  readonly seat: number;
  readonly chance: Chance;
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  readonly body: Buffer;
};
type Answer = {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: Buffer;
};

/** One request of a seat and what becomes of it. */
class Exchange {
  readonly #needs: ProxyNeeds;
  readonly #state: Weather;
  readonly #agent: Agent;
  readonly #asked: Asked;
  readonly #body: Buffer;

  constructor(needs: ProxyNeeds, state: Weather, agent: Agent, asked: Asked) {
    this.#needs = needs;
    this.#state = state;
    this.#agent = agent;
    this.#asked = asked;
    this.#body = asked.body;
  }

  run(): void {
    const { seat, chance, incoming } = this.#asked;
    const { counts } = this.#needs;
    counts.add('requests');
    if (this.#isPush()) this.#noteSent();
    if (this.#state.cutSeats.has(seat)) {
      counts.add('cutRequest');
      return this.#cut();
    }
    const fault = this.#state.isCalm ? undefined : wireFault(chance, this.#state.storms.has(seat));
    const instance = pick(this.#needs, this.#state, seat, chance);
    if (instance === undefined) {
      counts.add('cutRequest');
      return this.#cut();
    }
    if (fault === undefined) return this.#forward(instance, (answer) => this.#answer(answer));
    // Signing in again and again costs a password hash each time; it has faults enough.
    if (fault === 'tokenOver401' && incoming.url === routes.signIn.path) return this.#cut();
    counts.add(fault);
    this.#suffer(fault, instance);
  }

  #suffer(fault: WireFault, instance: number): void {
    const { chance, outgoing } = this.#asked;
    if (isMadeUp(fault)) {
      const { status, headers, body } = madeUpAnswer(fault, chance);
      outgoing.writeHead(status, headers).end(body);
      return;
    }
    const other = (instance + 1) % this.#needs.instances;
    switch (fault) {
      case 'lostRequest':
        return this.#cut();
      case 'lostReply':
        return this.#forward(instance, () => this.#cut());
      case 'doubled': {
        const first = chance.once(2);
        this.#forward(instance, (answer) => (first ? this.#answer(answer) : undefined));
        return this.#forward(this.#needs.portOf(other) === undefined ? instance : other, (answer) =>
          first ? undefined : this.#answer(answer),
        );
      }
      case 'lateRequest':
        setTimeout(() => this.#forward(chance.once(2) ? instance : other, () => {}), 20 + chance.below(600));
        return this.#cut();
      case 'delayed':
        setTimeout(
          () => this.#forward(instance, (answer) => setTimeout(() => this.#answer(answer), chance.below(150))),
          chance.below(150),
        );
        return;
      case 'truncated':
        return this.#forward(instance, (answer) => {
          const body = answer.body.subarray(0, chance.below(Math.max(1, answer.body.length)));
          const { 'content-length': _, ...headers } = answer.headers;
          this.#answer({ ...answer, headers, body });
        });
      case 'cutConnection':
        return this.#forward(instance, (answer) => {
          outgoing.writeHead(answer.status, answer.headers);
          outgoing.write(answer.body.subarray(0, answer.body.length >> 1));
          setImmediate(() => this.#cut());
        });
    }
  }

  #cut(): void {
    this.#asked.outgoing.destroy();
  }

  #answer({ status, headers, body }: Answer): void {
    const { outgoing, chance } = this.#asked;
    setTimeout(() => {
      if (outgoing.destroyed || outgoing.headersSent) return;
      outgoing.writeHead(status, headers).end(body);
    }, wayMs(chance));
  }

  #forward(instance: number, then: (answer: Answer) => void): void {
    const { incoming } = this.#asked;
    const port = this.#needs.portOf(instance);
    if (port === undefined) return this.#cut();
    const askedMs = performance.now();
    const onward = ask(
      {
        host: '127.0.0.1',
        port,
        agent: this.#agent,
        method: incoming.method,
        path: incoming.url,
        headers: { ...incoming.headers, host: `127.0.0.1:${port}`, 'content-length': this.#body.length },
      },
      (answer) => {
        const pieces: Buffer[] = [];
        answer.on('data', (piece: Buffer) => pieces.push(piece));
        answer.on('error', () => this.#cut());
        answer.on('end', () => {
          this.#needs.took(performance.now() - askedMs);
          const { 'transfer-encoding': _, connection: __, ...headers } = answer.headers;
          then({ status: answer.statusCode ?? 502, headers, body: Buffer.concat(pieces) });
        });
      },
    );
    onward.on('error', () => this.#cut());
    onward.end(this.#body);
  }

  #isPush(): boolean {
    const { incoming } = this.#asked;
    return incoming.method === 'POST' && incoming.url === routes.push.path;
  }

  #noteSent(): void {
    for (const [, id] of String(this.#body).matchAll(/\{"id":"([0-9a-f-]{36})","seatId"/g)) this.#needs.sent(id ?? '');
  }
}

const headOf = (incoming: IncomingMessage): string => {
  const fields = Array.from({ length: incoming.rawHeaders.length / 2 }, (_, at) =>
    incoming.rawHeaders.slice(at * 2, at * 2 + 2).join(': '),
  );
  return [`${incoming.method ?? 'GET'} ${incoming.url ?? '/'} HTTP/1.1`, ...fields, '', ''].join('\r\n');
};
