import { afterEach, describe, expect, it } from 'vitest';
import { createCentralClient } from '../../../main/engine/central-client.ts';
import { systemClock } from '../../../main/engine/clock.ts';
import type { Routes } from '../../../shared/central-api.ts';
import { routes } from '../../../shared/central-api.ts';
import type { Result } from '../../../shared/result.ts';
import { refusalKinds } from '../../../shared/result.ts';
import type { Gate } from '../garbage.ts';
import { garbage, startGate } from '../garbage.ts';
import { memoryLog } from '../harness.ts';

// Security 82: three hundred bodies per route that are none of central's contract. What is not an answer is a refusal, never a fault.

const seed = Date.now() % 1_000_000;
const perRoute = 300;
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const opened = async (): Promise<Gate> => {
  const gate = await startGate();
  closers.push(gate.close);
  return gate;
};

const isObject = (json: unknown): json is object => typeof json === 'object' && json !== null;

describe('garbage for an answer (security 82)', () => {
  it.each(Object.keys(routes) as (keyof Routes)[])('%s: refused unless it fits the contract', async (name) => {
    const gate = await opened();
    const client = createCentralClient(gate.url, systemClock, memoryLog());
    for (let index = 0; index < perRoute; index += 1) {
      const answer = garbage(seed, index);
      gate.now = answer;
      const given: Result<unknown> = await client.call(name, {}, 't');
      const fits = routes[name].response.safeParse(answer.json).success;
      const isAnswer = answer.status === 200 && fits && isObject(answer.json) && !Object.hasOwn(answer.json, 'error');
      expect({ seed, index, ok: given.ok }).toEqual({ seed, index, ok: isAnswer });
      if (!given.ok) expect(refusalKinds).toContain(given.error.kind);
    }
    client.close();
  });
});
