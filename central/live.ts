import type { WebSocket } from 'ws';
import { z } from 'zod';
import { LiveMessage } from '../shared/central-api.ts';
import type { RefusalKind } from '../shared/result.ts';
import { refusalKinds } from '../shared/result.ts';
import type { Clock, Log } from './ambient.ts';
import { faultFields } from './ambient.ts';
import type { Database, Db } from './db.ts';
import { asJson, notify, statement } from './db.ts';
import { feedChannel, horizonOf, newestChange } from './feed.ts';
import type { Members } from './members.ts';
import { noLongerLive, seenLive } from './presence.ts';
import type { Session } from './sessions.ts';
import { endedOf } from './sessions.ts';
import { makeUnderWay } from './under-way.ts';

/**
 * The live sockets of this instance: "pull now" to seats whose working set has changed, whichever instance changed it, and the
 * sign of life of each seat.
 */
export type Live = {
  readonly add: (session: Session, socket: WebSocket) => void;
  readonly count: () => number;
  /** Tells every seat to connect again, elsewhere if there is another instance. */
  readonly dismissAll: () => void;
  readonly close: () => Promise<void>;
};

type Seat = { readonly session: Session; readonly socket: WebSocket; isAlive: boolean };

/** Heard by every instance: a session was ended, its socket has to go. */
const sessionChannel = 'zuoxi_session';
const Ended = z.object({ sessionId: z.string(), kind: z.enum(refusalKinds) });
/** Heard by every instance: something for the seats of one agent. */
const agentChannel = 'zuoxi_agent';
const ForAgent = z.object({ agentId: z.string(), message: LiveMessage });
const Changed = z.object({ tx: z.number(), queues: z.array(z.string()).nullable() });

const heartbeatMs = 10_000;
/** RFC 6455's registry: connect again. */
const serviceRestart = 1_012;
/** Several commits in a row make one poke. */
const settleMs = 30;
/** A longer transaction beside ours holds the feed's horizon back: a poke before it ends would find nothing. */
const horizonRetryMs = 150;

export const tellEnded = (db: Db, sessionId: string, kind: RefusalKind): Promise<void> =>
  notify(db, sessionChannel, statement`${asJson({ sessionId, kind })}::text`);

/** To the seats of this agent, whichever instance they are connected to. Nothing is kept for a seat that is away. */
export const tellAgent = (db: Db, agentId: string, message: LiveMessage): Promise<void> =>
  notify(db, agentChannel, statement`${asJson({ agentId, message })}::text`);

type LivePorts = {
  readonly clock: Clock;
  readonly log: Log;
  readonly members: Members;
  readonly everyone: boolean;
  /** Name of this instance of central, another one after each start. */
  readonly instance: string;
  /** What a seat that connects has missed, if anything. */
  readonly missed: (agentId: string) => Promise<LiveMessage | undefined>;
};

export const openLive = async (database: Database, ports: LivePorts): Promise<Live> => {
  const { clock, log, members, instance } = ports;
  const seats = new Set<Seat>();
  const poker = makePoker(database.db, clock, log, (queues) => {
    for (const seat of seats)
      if (queues === null || ports.everyone || seat.session.agent.queues.some((queue) => queues.has(queue)))
        say(seat.socket, { t: 'poke' });
  });
  const unrecorded = (fault: unknown): void => log.warn(faultFields(fault), 'sign of life not recorded');
  const { track, settled } = makeUnderWay();
  let isClosed = false;
  const gone = (sessionIds: readonly string[]): Promise<void> =>
    noLongerLive(database.db, sessionIds, instance, clock.nowMs()).catch(unrecorded);
  const touch = (sessionIds: readonly string[]): Promise<void> =>
    seenLive(database.db, sessionIds, instance, clock.nowMs()).catch(unrecorded);
  const touched = together(touch);
  const caughtUp = (): Promise<void> =>
    catchUp(database.db, seats, poker).catch((fault: unknown) =>
      log.warn(faultFields(fault), 'not caught up; tried again'),
    );
  const beat = async (): Promise<void> => {
    for (const seat of seats) {
      if (!seat.isAlive) seat.socket.terminate();
      else if (clock.nowMs() >= seat.session.expiresAtMs) dismiss(seat, 'unauthorised');
      else {
        seat.socket.ping();
        // The ping is not to be seen by a browser's WebSocket.
        say(seat.socket, { t: 'beat' });
      }
    }
    const alive = [...seats].filter((seat) => seat.isAlive);
    for (const seat of alive) seat.isAlive = false;
    if (alive.length > 0) await touch(alive.map((seat) => seat.session.id));
    await caughtUp();
  };
  const heartbeat = repeat(clock, heartbeatMs, beat);
  const stops = await listen(database, seats, poker, () => void track(caughtUp()));
  await passOver(database.db, poker);

  return {
    add: (session, socket) => {
      if (isClosed) return socket.close(serviceRestart, 'offline');
      const seat: Seat = { session, socket, isAlive: true };
      seats.add(seat);
      log.info({ agentId: session.agent.id, seatId: session.seatId }, 'seat live');
      socket.on('pong', () => {
        seat.isAlive = true;
      });
      // The seat has nothing to say here; what it sends is not read.
      socket.on('error', () => socket.terminate());
      socket.on('close', () => {
        // Told by `close` of all at once.
        if (!seats.delete(seat)) return;
        log.info({ agentId: session.agent.id, seatId: session.seatId }, 'seat no longer live');
        const isElsewhere = [...seats].some((other) => other.session.id === session.id);
        if (!isElsewhere) void track(gone([session.id]));
      });
      void track(touched(session.id).then(() => members.refresh(session.agent.id)));
      // Whatever was missed while the socket was away is pulled at once.
      say(socket, { t: 'poke' });
      void track(tellMissed(ports, seat));
    },
    count: () => seats.size,
    dismissAll: () => {
      for (const seat of seats) {
        say(seat.socket, { t: 'bye', kind: 'offline' });
        seat.socket.close(serviceRestart, 'offline');
      }
    },
    close: async () => {
      isClosed = true;
      const left = [...seats];
      seats.clear();
      for (const { socket } of left) socket.terminate();
      await Promise.all([heartbeat.stop(), poker.stop(), ...stops.map((stop) => stop())]);
      await settled();
      if (left.length > 0) await gone(left.map(({ session }) => session.id));
    },
  };
};

const listen = (
  database: Database,
  seats: ReadonlySet<Seat>,
  poker: ReturnType<typeof makePoker>,
  resumed: () => void,
) =>
  Promise.all([
    database.listen(feedChannel, (payload) => poker.changed(Changed.parse(JSON.parse(payload))), resumed),
    database.listen(sessionChannel, (payload) => {
      const { sessionId, kind } = Ended.parse(JSON.parse(payload));
      for (const seat of seats) if (seat.session.id === sessionId) dismiss(seat, kind);
    }),
    database.listen(agentChannel, (payload) => {
      const { agentId, message } = ForAgent.parse(JSON.parse(payload));
      for (const seat of seats) if (seat.session.agent.id === agentId) say(seat.socket, message);
    }),
  ]);

/** What was there before is told now, to nobody: seats pull when they come, and a herd is not sent to do it twice. */
const passOver = async (db: Db, poker: ReturnType<typeof makePoker>): Promise<void> => {
  const newest = await newestChange(db);
  if (newest > 0) poker.changed({ tx: newest, queues: null });
};

/** What was told while this instance could not hear is found out here, every few seconds and when it hears again. */
const catchUp = async (db: Db, seats: ReadonlySet<Seat>, poker: ReturnType<typeof makePoker>): Promise<void> => {
  if (seats.size === 0) return;
  const newest = await newestChange(db);
  if (newest > poker.heardOf()) poker.changed({ tx: newest, queues: null });
  const ended = await endedOf(
    db,
    [...seats].map((seat) => seat.session.id),
  );
  for (const seat of seats) if (ended.has(seat.session.id)) dismiss(seat, 'unauthorised');
};

const dismiss = (seat: Seat, kind: RefusalKind): void => {
  say(seat.socket, { t: 'bye', kind });
  seat.socket.close(4_001, kind);
};

const tellMissed = async ({ missed, log }: Pick<LivePorts, 'missed' | 'log'>, seat: Seat): Promise<void> => {
  try {
    const message = await missed(seat.session.agent.id);
    if (message !== undefined) say(seat.socket, message);
  } catch (fault) {
    log.warn(faultFields(fault), 'seat not told what it missed');
  }
};

const say = (socket: WebSocket, message: LiveMessage): void => {
  if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message));
};

/** Collects changes and tells of them once they can be read. */
const makePoker = (db: Db, clock: Clock, log: Log, poke: (queues: ReadonlySet<string> | null) => void) => {
  let heardOf = 0;
  let waiting: { tx: number; queues: Set<string> | null } | undefined;
  let cancel = () => {};
  let isStopped = false;
  let looking: Promise<void> = Promise.resolve();
  const wait = (ms: number) => {
    if (isStopped) return;
    cancel = clock.after(ms, () => {
      looking = look().catch((fault: unknown) => {
        log.warn(faultFields(fault), 'feed not looked at; tried again');
        wait(horizonRetryMs);
      });
    });
  };
  const look = async (): Promise<void> => {
    const horizon = await horizonOf(db);
    if (isStopped || waiting === undefined) return;
    if (horizon <= waiting.tx) return wait(horizonRetryMs);
    const { queues } = waiting;
    waiting = undefined;
    poke(queues);
  };
  return {
    changed: (change: z.infer<typeof Changed>): void => {
      heardOf = Math.max(heardOf, change.tx);
      const isIdle = waiting === undefined;
      const before = waiting?.queues;
      waiting = {
        tx: Math.max(waiting?.tx ?? 0, change.tx),
        queues: change.queues === null || before === null ? null : new Set([...(before ?? []), ...change.queues]),
      };
      if (isIdle) wait(settleMs);
    },
    /** The newest change that seats were told of, or will be. */
    heardOf: () => heardOf,
    stop: (): Promise<void> => {
      isStopped = true;
      cancel();
      return looking;
    },
  };
};

/** One at a time; who comes meanwhile goes with the next, all of them together. */
const together = (work: (ids: readonly string[]) => Promise<void>): ((id: string) => Promise<void>) => {
  let running: Promise<void> = Promise.resolve();
  let next: { readonly ids: string[]; readonly done: Promise<void> } | undefined;
  return (id) => {
    if (next !== undefined) {
      next.ids.push(id);
      return next.done;
    }
    const ids = [id];
    const done = running.then(() => {
      next = undefined;
      return work(ids);
    });
    next = { ids, done };
    running = done;
    return done;
  };
};

const repeat = (clock: Clock, ms: number, work: () => Promise<void>): { readonly stop: () => Promise<void> } => {
  let isStopped = false;
  let cancel = () => {};
  let working: Promise<void> = Promise.resolve();
  const wait = () => {
    cancel = clock.after(ms, () => {
      working = work().finally(() => {
        if (!isStopped) wait();
      });
    });
  };
  wait();
  return {
    stop: () => {
      isStopped = true;
      cancel();
      return working;
    },
  };
};
