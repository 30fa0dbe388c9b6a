import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { receiveAlone } from './check-folder.ts';
import { bytesOf, corpusFolder, storedBytes } from './corpus.ts';
import { slowMs } from './fuzz.ts';
import { tortures } from './torture.ts';

describe('torture messages (security 68; RFC 4475, RFC 5118)', () => {
  it.each(tortures.map((torture) => [`${torture.from} ${torture.situation}`, torture] as const))(
    '%s',
    async (_, torture) => {
      const outcome = await receiveAlone(bytesOf(torture));
      expect(outcome.kind === 'refused' ? `refused: ${outcome.why}` : outcome.kind).toBe(torture.decision);
      expect(outcome.ms).toBeLessThan(slowMs);
    },
  );

  it('the files are these messages, byte for byte (else: node test/fuzz/main.ts corpus)', () => {
    for (const torture of tortures)
      expect(Buffer.compare(storedBytes(torture), bytesOf(torture)), torture.name).toBe(0);
    expect(readdirSync(corpusFolder)).toHaveLength(tortures.length);
  });

  it('every situation of both documents is there', () => {
    expect(tortures.filter(({ from }) => from.startsWith('RFC 4475'))).toHaveLength(49);
    expect(new Set(tortures.filter(({ from }) => from.startsWith('RFC 5118')).map(({ from }) => from)).size).toBe(10);
    expect(new Set(tortures.map(({ name }) => name)).size).toBe(tortures.length);
  });
});
