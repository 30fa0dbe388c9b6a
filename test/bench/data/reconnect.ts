import type { DatabaseAt } from '../../../central/db.ts';
import type { PrivatePostgres } from '../../central/postgres.ts';
import { hasPostgres, startPostgres } from '../../central/postgres.ts';
import { treeCpuMsOf } from '../measure/processor.ts';
import { type CentralProcess, prepareCentral, startCentralProcess } from './central-process.ts';
import { type Figure, figuresOf } from './figures.ts';
import { type LightSeat, lightSeat } from './light-seat.ts';

const signInsAtOnce = 16;
/** What a seat holds it does not load again when it comes back. */
const customers = 20;

/**
 * A shift at work loses central: every instance is killed and started again, and all seats come back at the same moment with the
 * sessions they have: live line, pull, one op acknowledged each. Half of them know one instance, half the other.
 */
export const measureReconnect = async (
  count: number,
  instances: readonly number[],
  say: (what: string) => void,
): Promise<Figure[]> => {
  if (!hasPostgres) {
    say('not measured: there is no PostgreSQL on this machine');
    return [];
  }
  const figures: Figure[] = [];
  const server = await startPostgres('on');
  try {
    for (const many of instances) figures.push(...(await once(server, many, count, say)));
  } finally {
    await server.stop();
  }
  return figures;
};

const once = async (
  server: PrivatePostgres,
  instances: number,
  count: number,
  say: (what: string) => void,
): Promise<Figure[]> => {
  const at: DatabaseAt = { kind: 'postgres', url: server.createDatabase() };
  await prepareCentral(at, count, customers);
  const start = () => Promise.all(Array.from({ length: instances }, () => startCentralProcess(at)));
  let running = await start();
  const addressOf = (n: number): string => running[n % running.length]?.address ?? '';
  const seats = Array.from({ length: count }, (_, n) => lightSeat(n));
  await eachOf(seats, signInsAtOnce, async (seat, n) => {
    await seat.signIn(addressOf(n));
    await seat.load(addressOf(n));
  });
  say(`${count} seats signed in and up to date`);
  const ports = running.map(({ address }) => Number(new URL(address).port));
  for (const one of running) one.kill();
  for (const seat of seats) seat.leave();
  running = await Promise.all(ports.map((port) => startCentralProcess(at, port)));
  const [backS, tries, tookMs, failures]: [number[], number[], number[], string[]] = [[], [], [], []];
  const spent = spending(server, running);
  const startMs = performance.now();
  await Promise.all(
    seats.map(async (seat, n) => {
      try {
        const back = await seat.comeBack(addressOf(n));
        tries.push(back.again);
        tookMs.push(back.tookMs);
        backS.push((performance.now() - startMs) / 1_000);
      } catch (fault) {
        failures.push(fault instanceof Error ? fault.message : 'unknown');
      }
    }),
  );
  const spentS = spent();
  say(`${backS.length} of ${count} back; first failure: ${failures[0] ?? 'none'}`);
  for (const seat of seats) seat.leave();
  await Promise.all(running.map((one) => one.stop()));
  const of = { database: at.kind, instances };
  return [
    ...figuresOf({ metric: `reconnect_${count}_s`, unit: 's', samples: backS }, ['p50', 'p99', 'max'], [], of),
    ...figuresOf({ metric: 'reconnect_failures', unit: '', samples: [failures.length] }, ['max'], [], of),
    ...figuresOf({ metric: 'reconnect_served_ms', unit: 'ms', samples: tookMs }, ['p50', 'p99', 'max'], [], of),
    ...figuresOf({ metric: 'reconnect_tries', unit: '', samples: tries }, ['p50', 'max'], [], of),
    // The seats are two thousand machines in a centre; here they have the same cores as what they come back to.
    ...Object.entries(spentS).flatMap(([who, seconds]) =>
      figuresOf({ metric: `reconnect_${who}_cpu_s`, unit: 's', samples: [seconds] }, ['max'], [], of),
    ),
  ];
};

/** Processor's time from now on, in seconds, by who uses it; central's start, which the seats wait for as well, is in it. */
const spending = (server: PrivatePostgres, running: readonly CentralProcess[]) => {
  const clientsFrom = process.cpuUsage();
  const databaseFrom = treeCpuMsOf(server.pid) ?? 0;
  return () => {
    const { user, system } = process.cpuUsage(clientsFrom);
    return {
      clients: (user + system) / 1e6,
      central: running.reduce((sum, one) => sum + (one.cpuMs() ?? 0), 0) / 1e3,
      database: ((treeCpuMsOf(server.pid) ?? 0) - databaseFrom) / 1e3,
    };
  };
};

/** For all of them, so many at a time. */
const eachOf = async (
  seats: readonly LightSeat[],
  atOnce: number,
  work: (seat: LightSeat, n: number) => Promise<void>,
): Promise<void> => {
  const waiting = seats.entries();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const [n, seat] of waiting) await work(seat, n);
    }),
  );
};
