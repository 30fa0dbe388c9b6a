import { describe, expect, it } from 'vitest';
import { madeDurable } from '../../../main/engine/store/logs.ts';

/** A log on a disk that answers as it is told, and what it was asked for. */
const failing = (answers: { flush: string[]; move: string[] }) => {
  const asked: string[] = [];
  const next = (what: 'flush' | 'move'): boolean => {
    asked.push(what);
    const answer = answers[what].shift() ?? 'done';
    if (answer === 'fails') throw new Error('EIO');
    return answer === 'done';
  };
  const logs = { move: () => next('move') };
  const log = { flush: () => void next('flush'), flushAside: async () => {}, makeRoom: () => {}, close: () => {} };
  return { asked, durable: madeDurable(logs, log) };
};

describe('security 85: a commit is on the disk before it is said to be done', () => {
  it('one flush a commit, and nothing before the next', () => {
    const { asked, durable } = failing({ flush: [], move: [] });
    durable.make();
    durable.mustBe();
    durable.make();
    expect(asked).toEqual(['flush', 'flush']);
  });

  it('a flush that fails: all of the log goes into the file instead, and the log begins anew on the disk', () => {
    const { asked, durable } = failing({ flush: ['fails'], move: [] });
    durable.make();
    expect(asked).toEqual(['flush', 'move', 'flush']);
    durable.mustBe();
    expect(asked).toHaveLength(3);
  });

  it.each([
    ['cannot be moved', { flush: ['fails'], move: ['fails', 'fails'] }],
    ['is moved in part', { flush: ['fails'], move: ['busy', 'busy'] }],
    ['does not begin anew', { flush: ['fails', 'fails', 'fails'], move: [] }],
  ])('that %s either: it is not said to be done, and nothing is written before the log is whole', (_, answers) => {
    const { durable } = failing(answers);
    const broken = expect.objectContaining({ refusal: expect.objectContaining({ reason: 'diskFails' }) });
    expect(() => durable.make()).toThrow(broken);
    expect(() => durable.mustBe()).toThrow(broken);
    durable.mustBe();
    durable.make();
  });
});
