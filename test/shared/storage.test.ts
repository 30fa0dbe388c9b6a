import { describe, expect, it } from 'vitest';
import type { Storage, StorageEvent } from '../../shared/storage.ts';
import { nextStorage } from '../../shared/storage.ts';

const sound: Storage = { kind: 'sound' };
const refuses: Storage = { kind: 'refuses', why: 'diskFull', sinceMs: 1 };
const cache: Storage & { kind: 'mended' } = { kind: 'mended', part: 'cache', ops: 0, contacts: 0, atMs: 2 };
const work: Storage & { kind: 'mended' } = { kind: 'mended', part: 'work', ops: 3, contacts: 1, atMs: 3 };
const full: StorageEvent = { kind: 'refused', why: 'diskFull', atMs: 9 };
const readOnly: StorageEvent = { kind: 'refused', why: 'diskReadOnly', atMs: 9 };
const wrote: StorageEvent = { kind: 'wrote' };

describe('security 87: what the agent is told of the store', () => {
  it.each<[string, Storage, StorageEvent, Storage]>([
    ['sound × refused', sound, full, { kind: 'refuses', why: 'diskFull', sinceMs: 9 }],
    ['sound × wrote', sound, wrote, sound],
    ['sound × mended', sound, cache, cache],
    ['refuses × the same', refuses, full, refuses],
    ['refuses × another reason', refuses, readOnly, { kind: 'refuses', why: 'diskReadOnly', sinceMs: 1 }],
    ['refuses × wrote', refuses, wrote, sound],
    ['refuses × mended', refuses, work, work],
    ['mended × refused', cache, full, { kind: 'refuses', why: 'diskFull', sinceMs: 9 }],
    ['mended × wrote: it stays to be read', work, wrote, work],
    ['mended cache × mended work', cache, work, work],
    ['mended work × mended cache: the worse news stays', work, cache, work],
  ])('%s', (_, state, event, next) => {
    expect(nextStorage(state, event)).toEqual(next);
  });

  it('what means nothing gives the same object', () => {
    expect(nextStorage(refuses, full)).toBe(refuses);
    expect(nextStorage(sound, wrote)).toBe(sound);
    expect(nextStorage(work, cache)).toBe(work);
  });
});
