import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasPostgres } from '../central/postgres.ts';
import { planted } from './planted.ts';
import { runSeed } from './run.ts';
import type { World } from './world.ts';
import { makeWorld } from './world.ts';

// The short form of `npm run test:faults`. Without PostgreSQL it cannot be run, which test/central/postgres.ts says aloud.

const keepIn = join(tmpdir(), 'zuoxi-faults');
const seats = 3;

describe.runIf(hasPostgres)(
  'seats, two instances of central, one database and every kind of fault (security 86, 88)',
  { timeout: 450_000 },
  () => {
    let world: World;
    beforeAll(async () => {
      world = await makeWorld();
    });
    afterAll(() => world.close());

    it('nothing is lost, nothing is there twice, all in order, and what was refused is shown', async () => {
      const seed = 1;
      const { violations, faults, ops, kinds } = await runSeed(world, { seed, ops: 400, seats, keepIn });
      expect({ seed, violations }).toEqual({ seed, violations: [] });
      expect(ops).toBeGreaterThanOrEqual(400);
      expect(Object.keys(faults).length).toBeGreaterThan(6);
      // Which of the seldom ones are among so few hangs on who was killed when.
      expect(Object.keys(kinds).length).toBeGreaterThan(11);
    });

    it('an op lost, altered, doubled, out of order and refused in silence is found, each planted once', async () => {
      const { violations } = await runSeed(world, { seed: 2, ops: 500, seats, keepIn, plant: planted });
      const found = new Set(violations.map(({ kind }) => kind));
      expect([...found]).toEqual(expect.arrayContaining(['lost', 'altered', 'doubled', 'order', 'unseenRefusal']));
    });
  },
);
