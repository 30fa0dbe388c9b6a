import { join } from 'node:path';
import type { DatabaseAt } from '../../../central/db.ts';
import type { PrivatePostgres } from '../../central/postgres.ts';
import { hasPostgres, startPostgres } from '../../central/postgres.ts';
import { treeCpuMsOf } from '../measure/processor.ts';
import { type CentralProcess, prepareCentral, startCentralProcess } from './central-process.ts';
import { type Figure, figuresOf, seatsCarried } from './figures.ts';
import { lightSeat } from './light-seat.ts';
import { measureProofs } from './proofs.ts';

/** Seats that push at the same time, as many as there are requests under way on a busy day. */
const seats = 24;
const opsPerPush = 5;
const customers = 200;

/** Ops a second that are durable at central when acknowledged, from seats that push one batch after the other. */
export const measureCentral = async (
  dir: string,
  { seconds, instances: counts }: { readonly seconds: number; readonly instances: readonly number[] },
  say: (what: string) => void,
): Promise<Figure[]> => {
  const figures = measureProofs();
  const measure = async (at: DatabaseAt, instances: number, server?: PrivatePostgres): Promise<void> => {
    await prepareCentral(at, seats, customers);
    const running: CentralProcess[] = [];
    for (let n = 0; n < instances; n += 1) running.push(await startCentralProcess(at));
    const addressOf = (n: number): string => running[n % running.length]?.address ?? '';
    const all = Array.from({ length: seats }, (_, n) => lightSeat(n));
    for (const [n, seat] of all.entries()) await seat.signIn(addressOf(n));
    const usedMs = () => running.reduce((sum, one) => sum + (one.cpuMs() ?? Number.NaN), 0);
    const usedBeforeMs = usedMs();
    const others = { clients: process.cpuUsage(), database: treeCpuMsOf(server?.pid) ?? 0 };
    const startMs = performance.now();
    const endMs = startMs + seconds * 1_000;
    const applied = await Promise.all(
      all.map(async (seat, n) => {
        let count = 0;
        while (performance.now() < endMs) count += await seat.push(addressOf(n), opsPerPush);
        return count;
      }),
    );
    const ops = applied.reduce((sum, one) => sum + one, 0);
    const opsS = ops / ((performance.now() - startMs) / 1_000);
    const cpuMs = (usedMs() - usedBeforeMs) / ops;
    const clients = process.cpuUsage(others.clients);
    const clientsMs = (clients.user + clients.system) / 1_000 / ops;
    const databaseMs = ((treeCpuMsOf(server?.pid) ?? Number.NaN) - others.database) / ops;
    for (const seat of all) seat.leave();
    for (const one of running) await one.stop();
    const of = { database: at.kind, instances };
    figures.push(
      ...figuresOf({ metric: 'central_ops_s', unit: 'ops/s', samples: [opsS] }, ['p50'], [], of),
      // On a machine that others use too: what one op costs an instance, whatever it had to wait for.
      ...Object.entries({ cpu: cpuMs, clients_cpu: clientsMs, database_cpu: databaseMs }).flatMap(([what, ms]) =>
        Number.isNaN(ms)
          ? []
          : figuresOf({ metric: `central_op_${what}_ms`, unit: 'ms', samples: [ms] }, ['p50'], [], of),
      ),
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
    for (const instances of counts)
      await measure({ kind: 'postgres', url: server.createDatabase() }, instances, server);
  } finally {
    await server.stop();
  }
  return figures;
};
