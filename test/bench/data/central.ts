import { join } from 'node:path';
import type { DatabaseAt } from '../../../central/db.ts';
import { hasPostgres, startPostgres } from '../../central/postgres.ts';
import { type CentralProcess, prepareCentral, startCentralProcess } from './central-process.ts';
import { type Figure, figuresOf, seatsCarried } from './figures.ts';
import { lightSeat } from './light-seat.ts';

/** Seats that push at the same time, as many as there are requests under way on a busy day. */
const seats = 24;
const opsPerPush = 5;
const customers = 200;

/** Ops a second that are durable at central when acknowledged, from seats that push one batch after the other. */
export const measureCentral = async (dir: string, seconds: number, say: (what: string) => void): Promise<Figure[]> => {
  const figures: Figure[] = [];
  const measure = async (at: DatabaseAt, instances: number): Promise<void> => {
    await prepareCentral(at, seats, customers);
    const running: CentralProcess[] = [];
    for (let n = 0; n < instances; n += 1) running.push(await startCentralProcess(at));
    const addressOf = (n: number): string => running[n % running.length]?.address ?? '';
    const all = Array.from({ length: seats }, (_, n) => lightSeat(n));
    for (const [n, seat] of all.entries()) await seat.signIn(addressOf(n));
    const startMs = performance.now();
    const endMs = startMs + seconds * 1_000;
    const applied = await Promise.all(
      all.map(async (seat, n) => {
        let count = 0;
        while (performance.now() < endMs) count += await seat.push(addressOf(n), opsPerPush);
        return count;
      }),
    );
    const opsS = applied.reduce((sum, one) => sum + one, 0) / ((performance.now() - startMs) / 1_000);
    for (const seat of all) seat.leave();
    for (const one of running) await one.stop();
    const of = { database: at.kind, instances };
    figures.push(
      ...figuresOf({ metric: 'central_ops_s', unit: 'ops/s', samples: [opsS] }, ['p50'], [], of),
      ...figuresOf({ metric: 'central_seats', unit: 'seats', samples: [seatsCarried(opsS)] }, ['p50'], [], of),
    );
    say(`${at.kind}, ${instances}: ${Math.round(opsS)} ops/s`);
  };
  await measure({ kind: 'pglite', dir: join(dir, 'pglite') }, 1);
  if (!hasPostgres) {
    say('not measured on PostgreSQL: there is none on this machine');
    return figures;
  }
  const server = await startPostgres('on');
  try {
    for (const instances of [1, 2]) await measure({ kind: 'postgres', url: server.createDatabase() }, instances);
  } finally {
    await server.stop();
  }
  return figures;
};
