import { afterAll, describe, expect, it } from 'vitest';
import { makeRig } from './rig.ts';
import { crashes, damaged, interrupted } from './suites.ts';

/** The short form of `npm run test:crash`. Another seed every day, the same for everybody on it. */
const amount = { seed: Math.floor(Date.now() / 86_400_000), cuts: 16, kills: 1, damages: 12, steps: 3, every: 8 };
const rig = makeRig();
afterAll(() => {
  if (typeof rig !== 'string') rig.close();
});

describe(`security 85, 87: crashes and damage of the store (seed ${amount.seed})`, () => {
  if (typeof rig === 'string')
    it(`SKIPPED: ${rig}`, () => {
      process.stderr.write(`SKIPPED  ${rig}\n`);
      expect(rig).not.toBe('');
    });
  else
    it.each([crashes, interrupted, damaged])('$name: nothing acknowledged is lost', { timeout: 240_000 }, (suite) => {
      expect(suite(rig, amount).filter((one) => one.wrong.length > 0)).toEqual([]);
    });
});
