import type { Floor, PacingRule } from '../../../central/dialler/pacing.ts';
import { createPacing, defaultPacing } from '../../../central/dialler/pacing.ts';

/** A way to decide how many customers to call this second, and what it learns from. */
export type Method = {
  readonly name: string;
  readonly decide: (floor: Floor, nowMs: number) => number;
  readonly rang: (end: 'answered' | 'over', ringMs: number, atMs: number) => void;
  readonly abandoned: (atMs: number) => void;
  readonly connected: (atMs: number) => void;
  readonly handled: (handleMs: number, wrapUpMs: number, atMs: number) => void;
};
const learnsNothing = {
  rang: () => undefined,
  abandoned: () => undefined,
  connected: () => undefined,
  handled: () => undefined,
};

export const predictive = (rule: PacingRule = defaultPacing): Method => {
  const pacing = createPacing(rule);
  return { name: 'zuoxi', ...pacing, decide: (floor, nowMs) => pacing.decide(floor, nowMs).dial };
};

/** One call per free agent. */
export const progressive = (): Method => ({
  name: 'progressive',
  ...learnsNothing,
  decide: ({ free, ringing }) => Math.max(0, free - ringing.length),
});

/**
 * The fixed ratio of VICIdial (dial method RATIO, auto dial level `level`, all agents counted): lines are kept at the level times the
 * agents who are free or in a call.
 */
export const fixedRatio = (level: number): Method => ({
  name: `ratio ${level.toFixed(2)}`,
  ...learnsNothing,
  decide: ({ free, talking, ringing }) =>
    Math.max(0, Math.round(level * (free + talking.length)) - talking.length - ringing.length),
});
