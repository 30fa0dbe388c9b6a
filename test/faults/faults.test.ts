import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hasPostgres } from '../central/postgres.ts';
import { runSeed } from './run.ts';
import { makeWorld } from './world.ts';

// The short form of `npm run test:faults`. Without PostgreSQL it cannot be run, which test/central/postgres.ts says aloud.

const keepIn = join(tmpdir(), 'zuoxi-faults');

describe.runIf(hasPostgres)(
  'seats, two instances of central, one database and every kind of fault (security 86, 88)',
  () => {
    it(
      'nothing is lost, nothing is there twice, all in order, and what was refused is shown',
      { timeout: 900_000 },
      async () => {
        const seed = 1;
        const world = await makeWorld(Date.now());
        try {
          const { violations, faults, ops } = await runSeed(world, { seed, ops: 200, seats: 3, keepIn });
          expect({ seed, violations }).toEqual({ seed, violations: [] });
          expect(ops).toBeGreaterThanOrEqual(200);
          expect(Object.keys(faults).length).toBeGreaterThan(6);
        } finally {
          await world.close();
        }
      },
    );
  },
);
