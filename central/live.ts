import type { WebSocket } from 'ws';
import { z } from 'zod';
import { LiveMessage } from '../shared/central-api.ts';
import type { RefusalKind } from '../shared/result.ts';
import { refusalKinds } from '../shared/result.ts';
import type { Clock, Log } from './ambient.ts';
import { faultFields } from './ambient.ts';
import type { Database, Db } from './db.ts';
import { asJson, run, statement } from './db.ts';
import { feedChannel, horizonOf } from './feed.ts';
import type { Members } from './members.ts';
import { seenLive } from './presence.ts';
import type { Session } from './sessions.ts';

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
  run(db, statement`select pg_notify(${sessionChannel}, ${asJson({ sessionId, kind })})`);

/** To the seats of this agent, whichever instance they are connected to. Nothing is kept for a seat that is away. */
export const tellAgent = (db: Db, agentId: string, message: LiveMessage): Promise<void> =>
  run(db, statement`select pg_notify(${agentChannel}, ${asJson({ agentId, message })})`);

type LivePorts = {
  readonly clock: Clock;
  readonly log: Log;
  readonly members: Members;
  readonly everyone: boolean;
  /** What a seat that connects has missed, if anything. */
  readonly missed: (agentId: string) => Promise<LiveMessage | undefined>;
};

export const openLive = async (database: Database, ports: LivePorts): Promise<Live> => {
  const { clock, log, members } = ports;
  const seats = new Set<Seat>();
  const poker = makePoker(database.db, clock, log, (queues) => {
    for (const seat of seats)
      if (queues === null || ports.everyone || seat.session.agent.queues.some((queue) => queues.has(queue)))
        say(seat.socket, { t: 'poke' });
  });
  const touch = async (sessionIds: readonly string[], live: boolean): Promise<void> => {
    await seenLive(database.db, sessionIds, live, clock.nowMs()).catch((fault: unknown) =>
      log.warn(faultFields(fault), 'sign of life not recorded'),
    );
  };
  const dismiss = (seat: Seat, kind: RefusalKind): void => {
    say(seat.socket, { t: 'bye', kind });
    seat.socket.close(4_001, kind);
  };
  const beat = async (): Promise<void> => {
    for (const seat of seats) {
      if (!seat.isAlive) seat.socket.terminate();
      else if (clock.nowMs() >= seat.session.expiresAtMs) dismiss(seat, 'unauthorised');
      else seat.socket.ping();
    }
    const alive = [...seats].filter((seat) => seat.isAlive);
    for (const seat of alive) seat.isAlive = false;
    if (alive.length > 0)
      await touch(
        alive.map((seat) => seat.session.id),
        true,
      );
  };
  const heartbeat = repeat(clock, heartbeatMs, beat);
  const stops = await Promise.all([
    database.listen(feedChannel, (payload) => poker.changed(Changed.parse(JSON.parse(payload)))),
    database.listen(sessionChannel, (payload) => {
      const { sessionId, kind } = Ended.parse(JSON.parse(payload));
      for (const seat of seats) if (seat.session.id === sessionId) dismiss(seat, kind);
    }),
    database.listen(agentChannel, (payload) => {
      const { agentId, message } = ForAgent.parse(JSON.parse(payload));
      for (const seat of seats) if (seat.session.agent.id === agentId) say(seat.socket, message);
    }),
  ]);

  return {
    add: (session, socket) => {
      const seat: Seat = { session, socket, isAlive: true };
      seats.add(seat);
      log.info({ agentId: session.agent.id, seatId: session.seatId }, 'seat live');
      socket.on('pong', () => {
        seat.isAlive = true;
      });
      // The seat has nothing to say here; what it sends is not read.
      socket.on('error', () => socket.terminate());
      socket.on('close', () => {
        seats.delete(seat);
        log.info({ agentId: session.agent.id, seatId: session.seatId }, 'seat no longer live');
        const isElsewhere = [...seats].some((other) => other.session.id === session.id);
        if (!isElsewhere) void touch([session.id], false);
      });
      void touch([session.id], true).then(() => members.refresh(session.agent.id));
      // Whatever was missed while the socket was away is pulled at once.
      say(socket, { t: 'poke' });
      tellMissed(ports, seat);
    },
    count: () => seats.size,
    dismissAll: () => {
      for (const seat of seats) {
        say(seat.socket, { t: 'bye', kind: 'offline' });
        seat.socket.close(serviceRestart, 'offline');
      }
    },
    close: async () => {
      heartbeat.stop();
      poker.stop();
      await Promise.all(stops.map((stop) => stop()));
      for (const { socket } of seats) socket.terminate();
    },
  };
};

const tellMissed = ({ missed, log }: Pick<LivePorts, 'missed' | 'log'>, { session, socket }: Seat): void =>
  void missed(session.agent.id).then(
    (message) => message === undefined || say(socket, message),
    (fault: unknown) => log.warn(faultFields(fault), 'seat not told what it missed'),
  );

const say = (socket: WebSocket, message: LiveMessage): void => {
  if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message));
};

/** Collects changes and tells of them once they can be read. */
const makePoker = (db: Db, clock: Clock, log: Log, poke: (queues: ReadonlySet<string> | null) => void) => {
  let waiting: { tx: number; queues: Set<string> | null } | undefined;
  let cancel = () => {};
  let isStopped = false;
  const wait = (ms: number) => {
    cancel = clock.after(ms, () => {
      void look().catch((fault: unknown) => {
        log.warn(faultFields(fault), 'feed not looked at; tried again');
        if (!isStopped) wait(horizonRetryMs);
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
      const isIdle = waiting === undefined;
      const before = waiting?.queues;
      waiting = {
        tx: Math.max(waiting?.tx ?? 0, change.tx),
        queues: change.queues === null || before === null ? null : new Set([...(before ?? []), ...change.queues]),
      };
      if (isIdle) wait(settleMs);
    },
    stop: () => {
      isStopped = true;
      cancel();
    },
  };
};

const repeat = (clock: Clock, ms: number, work: () => Promise<void>): { readonly stop: () => void } => {
  let isStopped = false;
  let cancel = () => {};
  const wait = () => {
    cancel = clock.after(ms, () => {
      void work().finally(() => {
        if (!isStopped) wait();
      });
    });
  };
  wait();
  return {
    stop: () => {
      isStopped = true;
      cancel();
    },
  };
};
