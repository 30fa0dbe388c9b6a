import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Op } from '../../shared/op.ts';
import { Op as OpSchema } from '../../shared/op.ts';
import type { Client, Port } from '../../shared/rpc.ts';
import { connect } from '../../shared/rpc.ts';
import type { SeatContract, SeatSnapshot } from '../../shared/seat.ts';
import { seatContract } from '../../shared/seat.ts';
import type { Pace, Pacemaker } from './bent-clock.ts';
import type { Program } from './program.ts';
import { runProgram } from './program.ts';
import type { FromSeat, Role, SeatStart, ToSeat } from './seat-process.ts';

type View = Pick<SeatSnapshot, 'session' | 'agent' | 'sync' | 'contact' | 'reference' | 'refusedOps' | 'work' | 'task'>;

/** A seat's process as whoever sits at it sees it: what its windows show, and the ways in which it can be ill-treated. */
export type Seat = {
  readonly number: number;
  readonly seatId: () => string;
  readonly desk: () => Client<SeatContract>;
  readonly phone: () => Client<SeatContract>;
  /** As last told by the engine; undefined while it is not there. */
  readonly view: () => View | undefined;
  /** Every refused op shown so far. */
  readonly shownRefused: Set<string>;
  readonly isUp: () => boolean;
  /** Starts it on its profile; resolves when its windows have the whole state. */
  readonly start: () => Promise<void>;
  readonly kill: () => Promise<void>;
  readonly freeze: () => void;
  readonly thaw: () => void;
  readonly jump: (offsetMs: number) => void;
  readonly pace: (pace: Pace) => void;
  readonly close: () => Promise<void>;
  /** How many ops its journal held at each kill. */
  readonly kills: () => readonly number[];
  readonly journal: () => readonly Op[];
};

export type SeatNeeds = {
  readonly number: number;
  readonly folder: string;
  readonly centralUrl: string;
  readonly clock: Pacemaker;
  readonly crashed: (what: string) => void;
  readonly committed: (count: number) => void;
};

type Running = {
  readonly program: Program<ToSeat>;
  readonly desk: Client<SeatContract>;
  readonly phone: Client<SeatContract>;
  readonly lost: () => void;
  view: View;
};

export const makeSeat = (needs: SeatNeeds): Seat => new SeatUnderFaults(needs);

class SeatUnderFaults implements Seat {
  readonly number: number;
  readonly shownRefused = new Set<string>();
  readonly #needs: SeatNeeds;
  readonly #start: Omit<SeatStart, keyof Pace | 'offsetMs'>;
  #offsetMs = 0;
  readonly #kills: number[] = [];
  #id = '';
  #running: Running | undefined;

  constructor(needs: SeatNeeds) {
    this.number = needs.number;
    this.#needs = needs;
    const folder = join(needs.folder, `seat-${needs.number}`);
    mkdirSync(folder, { recursive: true });
    this.#start = {
      profileDir: join(folder, 'profile'),
      key: randomBytes(32).toString('hex'),
      centralUrl: needs.centralUrl,
      journal: join(folder, 'journal.jsonl'),
      log: join(folder, 'log'),
    };
  }

  seatId: Seat['seatId'] = () => this.#id;
  desk: Seat['desk'] = () => this.#now().desk;
  phone: Seat['phone'] = () => this.#now().phone;
  view: Seat['view'] = () => this.#running?.view;
  isUp: Seat['isUp'] = () => this.#running !== undefined;
  kills: Seat['kills'] = () => this.#kills;

  async start(): Promise<void> {
    const ready = Promise.withResolvers<void>();
    const ports = { desk: makePort(), phone: makePort() };
    const program = runProgram<ToSeat, FromSeat>({
      file: './seat-process.ts',
      start: { ...this.#start, ...this.#needs.clock.pace(), offsetMs: this.#offsetMs },
      heard: (message) => {
        if (message.kind === 'port') ports[message.role].heard(message.message);
        else if (message.kind === 'committed') this.#needs.committed(message.count);
        else if (message.kind === 'ready') {
          if (this.#id !== '' && this.#id !== message.seatId)
            this.#needs.crashed(`seat ${this.number} lost its store: it is another seat now`);
          this.#id = message.seatId;
          ready.resolve();
        }
      },
      crashed: (how) => {
        this.#needs.crashed(`seat ${this.number} ${how}`);
        this.#running = undefined;
        ready.resolve();
        // Whoever waits for an answer of it would wait for ever, and nobody would be told of the crash.
        ports.desk.lost();
        ports.phone.lost();
      },
    });
    const send = (role: Role) => (message: unknown) => program.say({ kind: 'port', role, message });
    const desk = connect(seatContract, ports.desk.port(send('desk')));
    const phone = connect(seatContract, ports.phone.port(send('phone')));
    const lost = (): void => {
      ports.desk.lost();
      ports.phone.lost();
    };
    await ready.promise;
    const snapshot = await desk.call('seat.snapshot', {});
    if (!snapshot.ok)
      return this.#needs.crashed(`seat ${this.number} did not come up: ${JSON.stringify(snapshot.error)}`);
    this.#running = { program, desk, phone, lost, view: snapshot.value };
    this.#shown(snapshot.value.refusedOps);
    this.#follow(this.#running);
  }

  async kill(): Promise<void> {
    const running = this.#running;
    if (running === undefined) return;
    this.#running = undefined;
    await running.program.kill();
    this.#kills.push(this.journal().length);
    running.lost();
  }

  freeze(): void {
    this.#running?.program.freeze();
  }

  thaw(): void {
    this.#running?.program.thaw();
  }

  jump(offsetMs: number): void {
    this.#offsetMs = offsetMs;
    this.#running?.program.say({ kind: 'clock', offsetMs });
  }

  pace(pace: Pace): void {
    this.#running?.program.say({ kind: 'pace', pace });
  }

  async close(): Promise<void> {
    const running = this.#running;
    if (running === undefined) return;
    this.#running = undefined;
    running.program.say({ kind: 'close' });
    const late = setTimeout(() => void running.program.kill(), 5_000);
    await running.program.gone;
    clearTimeout(late);
    running.lost();
  }

  journal(): readonly Op[] {
    if (!existsSync(this.#start.journal)) return [];
    const lines = readFileSync(this.#start.journal, 'utf8').split('\n');
    // The last one is empty, or was cut short by a kill.
    return lines.slice(0, -1).map((line) => OpSchema.parse(JSON.parse(line)));
  }

  #now(): Running {
    if (this.#running === undefined) throw new Error(`seat ${this.number} is not up`);
    return this.#running;
  }

  #shown(refused: SeatSnapshot['refusedOps']): void {
    for (const { opId } of refused) this.shownRefused.add(opId);
  }

  #follow(running: Running): void {
    const { desk } = running;
    const take = (part: Partial<View>): void => void (running.view = { ...running.view, ...part });
    desk.on('session', (session) => take({ session }));
    desk.on('agent', (agent) => take({ agent }));
    desk.on('sync', (sync) => take({ sync }));
    desk.on('contact', (contact) => take({ contact }));
    desk.on('reference', (reference) => take({ reference }));
    desk.on('work', (work) => take({ work }));
    desk.on('task', (task) => take({ task }));
    desk.on('refusedOps', (refusedOps) => {
      take({ refusedOps });
      this.#shown(refusedOps);
    });
  }
}

const makePort = () => {
  const heardBy = new Set<(message: unknown) => void>();
  const closers = new Set<() => void>();
  return {
    heard: (message: unknown): void => {
      for (const listener of heardBy) listener(message);
    },
    lost: (): void => {
      for (const closer of closers) closer();
    },
    port: (send: (message: unknown) => void): Port => ({
      send,
      onMessage: (listener) => void heardBy.add(listener),
      onClose: (listener) => void closers.add(listener),
      close: () => {},
    }),
  };
};
