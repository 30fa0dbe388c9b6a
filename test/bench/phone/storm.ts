import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { WebSocket as NodeSocket } from 'ws';
import { systemClock } from '../../../practice/clock.ts';
import { createLine, type Line } from '../../../renderer/phone/sip-line.ts';
import { createSipLink } from '../../../renderer/phone/sip-link.ts';
import type { LineState } from '../../../shared/phone.ts';
import { SeatId } from '../../../shared/ids.ts';
import { password } from './far-end.ts';
import { type Figure, figuresOf } from './figures.ts';
import { nowMs, sleep } from './journal.ts';

/** A line of a seat without its page: the same loop, link and registration over real sockets, no media. */
type Seat = { readonly line: Line; readonly states: { readonly state: LineState; readonly atMs: number }[] };

const program = fileURLToPath(new URL('storm-exchange.ts', import.meta.url));
const startLimitMs = 60_000;
const awayMs = 3_000;

/** All seats of a centre come back at once after their server was killed and started again. */
export const storm = async (seats: number, say: (what: string) => void): Promise<Figure[]> => {
  let server = await startServer(0);
  const lines = Array.from({ length: seats }, (_, index) => openSeat(server.url, index));
  try {
    // Signed in over a few seconds, as a shift begins.
    for (const [index, { line }] of lines.entries()) {
      line.start();
      if (index % 25 === 24) await sleep(50);
    }
    await allRegistered(lines, 0);
    say(`${seats} seats are registered; the server is killed`);
    await kill(server.child);
    await sleep(awayMs);
    const port = Number(new URL(server.url).port);
    server = await startServer(port);
    const backMs = nowMs();
    const last = await allRegistered(lines, backMs);
    const missing = lines.filter(({ states }) => !isBackSince(states, backMs)).length;
    // After the server was there again: turned away, or not answered. A refused connection while it was starting is none.
    const failures = lines.flatMap(({ states }) =>
      states.flatMap(({ state, atMs }, at) => {
        const isFailure = state.kind === 'refused' || (state.kind === 'lost' && state.why !== 'socket');
        if (atMs <= backMs || !isFailure) return [];
        const why = state.kind === 'lost' ? state.why : state.status;
        return [`${states[at - 1]?.state.kind ?? 'new'}, then ${why} after ${Math.round(atMs - backMs)} ms`];
      }),
    );
    say(`${seats - missing} of ${seats} are back${failures.map((one) => `; ${one}`).join('')}`);
    return [
      ...figuresOf({ metric: 'storm_seats', unit: 'seats', samples: [seats] }, ['max']),
      ...figuresOf({ metric: 'storm_back_s', unit: 's', samples: last.map((ms) => ms / 1_000) }, ['p50', 'max']),
      ...figuresOf({ metric: 'storm_failures', unit: 'failures', samples: [missing + failures.length] }, ['max']),
    ];
  } finally {
    for (const { line } of lines) line.stop();
    await kill(server.child);
  }
};

const openSeat = (url: string, index: number): Seat => {
  const seatId = SeatId.parse(`0190a0b0-c0d0-7000-8000-${String(index).padStart(12, '0')}`);
  const user = String(10_000 + index);
  const credentials = { server: url, domain: '127.0.0.1', user, password, iceServers: [], expiresAtMs: Infinity };
  const link = createSipLink(
    { credentials, seatId },
    {
      clock: systemClock,
      onWire: () => {},
      onHeard: () => {},
      onSent: () => {},
      openSocket: (address) => {
        const socket = new NodeSocket(address, 'sip');
        // Followed by its close, which is what the transport listens to, as in a browser.
        socket.on('error', () => {});
        return socket as unknown as WebSocket;
      },
    },
    () => {
      throw new Error('a line without media was asked for some');
    },
    () => {},
  );
  const states: Seat['states'] = [];
  const line = createLine({
    link,
    clock: systemClock,
    random: Math.random,
    onState: (state) => void states.push({ state, atMs: nowMs() }),
    onRegistered: () => {},
  });
  return { line, states };
};

const isBackSince = (states: Seat['states'], sinceMs: number): boolean => {
  const last = states.at(-1);
  return last?.state.kind === 'registered' && last.atMs >= sinceMs;
};

/** How long each took, ms; those who were not back by the limit are missing. */
const allRegistered = async (lines: readonly Seat[], sinceMs: number): Promise<number[]> => {
  const endMs = nowMs() + startLimitMs;
  while (nowMs() < endMs && !lines.every(({ states }) => isBackSince(states, sinceMs))) await sleep(50);
  return lines
    .filter(({ states }) => isBackSince(states, sinceMs))
    .map(({ states }) => (states.at(-1)?.atMs ?? 0) - sinceMs);
};

const startServer = async (port: number): Promise<{ readonly child: ChildProcess; readonly url: string }> => {
  const child = fork(program, [String(port)]);
  const [url] = (await once(child, 'message')) as [string];
  return { child, url };
};

const kill = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const over = once(child, 'exit');
  child.kill('SIGKILL');
  await over;
};
