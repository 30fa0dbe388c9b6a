import { echoTest } from '../../shared/devices.ts';

/**
 * What happens when a seat dials a number in practice mode. First match counts.
 *
 * | ends in          | outcome                                      |
 * |------------------|----------------------------------------------|
 * | 6099 alone       | the echo test: the caller's own sound back   |
 * | …0000            | 404: no such number                          |
 * | …0001            | 486: busy                                    |
 * | …0002            | rings, nobody answers, 480 after 12 s        |
 * | …0003            | rings, declines (603) after 2 s              |
 * | under 3 digits   | 484: incomplete                              |
 * | anything else    | rings 1–2 s, answers and talks               |
 */
export type NumberRule =
  | { readonly kind: 'answers' | 'echoes'; readonly afterMs: number }
  | {
      readonly kind: 'refuses';
      readonly status: 404 | 480 | 484 | 486 | 603;
      readonly isRinging: boolean;
      readonly afterMs: number;
    };

/** @param random 0 ≤ n < 1 */
export const ruleFor = (number: string, random: () => number): NumberRule => {
  if (number === echoTest.number) return { kind: 'echoes', afterMs: 0 };
  const digits = number.replace(/\D/g, '');
  if (digits.length < 3) return { kind: 'refuses', status: 484, isRinging: false, afterMs: 0 };
  if (digits.endsWith('0000')) return { kind: 'refuses', status: 404, isRinging: false, afterMs: 200 };
  if (digits.endsWith('0001')) return { kind: 'refuses', status: 486, isRinging: false, afterMs: 200 };
  if (digits.endsWith('0002')) return { kind: 'refuses', status: 480, isRinging: true, afterMs: 12_000 };
  if (digits.endsWith('0003')) return { kind: 'refuses', status: 603, isRinging: true, afterMs: 2_000 };
  return { kind: 'answers', afterMs: 1_000 + Math.floor(random() * 1_000) };
};
