import { describe, expect, it } from 'vitest';
import { sdpFault } from '../../renderer/phone/sip-sdp.ts';
import { took } from '../renderer/phone/lab/took.ts';
import { chanceOf } from './chance.ts';
import { mutantSdp } from './mutate.ts';
import { badDescriptions, goodDescriptions, shuffledAttributes } from './sdp-corpus.ts';

const hasOneMedium = ([, sdp]: readonly [string, string]): boolean => sdp.match(/^m=/gm)?.length === 1;

describe('descriptions (security 70)', () => {
  it('there are enough of both', () => {
    expect(goodDescriptions.length).toBeGreaterThanOrEqual(20);
    expect(badDescriptions.length).toBeGreaterThanOrEqual(200);
    expect(new Set(badDescriptions.map(({ sdp }) => sdp)).size).toBe(badDescriptions.length);
  });

  it.each(goodDescriptions)('takes %s', (_, sdp) => expect(sdpFault(sdp)).toBeUndefined());

  it.each(badDescriptions)('refuses $name as $why', ({ sdp, why }) => expect(sdpFault(sdp)).toBe(why));

  it('takes a good one in whatever order its attributes stand', () => {
    for (const [name, sdp] of goodDescriptions.filter(hasOneMedium))
      for (let seed = 0; seed < 10; seed += 1) expect(sdpFault(shuffledAttributes(sdp, seed)), name).toBeUndefined();
  });

  it('thirty thousand mutants: none throws, none takes long, none that passes lacks what makes a call private', () => {
    let passed = 0;
    let worstMs = 0;
    for (let index = 0; index < 30_000; index += 1) {
      const chance = chanceOf(70, index);
      let sdp = chance.oneOf(goodDescriptions as [(typeof goodDescriptions)[number]])[1];
      for (let turns = 1 + chance.below(4); turns > 0; turns -= 1) sdp = mutantSdp(sdp, chance);
      const fault = sdpFault(sdp);
      worstMs = Math.max(
        worstMs,
        took(() => sdpFault(sdp)),
      );
      // What stands under a medium that is switched off does no harm.
      if (fault !== undefined || !hasOneMedium(['', sdp])) continue;
      passed += 1;
      expect(sdp).toMatch(/^a=fingerprint:sha-(?:256|384|512) [0-9A-F:]{95,}\s*$/im);
      expect(sdp).not.toMatch(/^(?:a=crypto:|k=)/im);
      expect(sdp).not.toMatch(/^m=\S+ [1-9]\d* (?:RTP|udp)/m);
    }
    expect(passed).toBeGreaterThan(5_000);
    expect(worstMs).toBeLessThan(50);
  });
});
