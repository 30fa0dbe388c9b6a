import { useNow } from '../context.tsx';
import { duration } from '../format.ts';

/** mm:ss since a time; steps by itself, so nothing around it is drawn again. */
export const Elapsed = ({ sinceMs }: { readonly sinceMs: number }) => (
  <time className="figure">{duration(useNow() - sinceMs)}</time>
);

/** mm:ss until a time, 00:00 when it is over. */
export const Remaining = ({ untilMs, soonMs = 15_000 }: { readonly untilMs: number; readonly soonMs?: number }) => {
  const left = untilMs - useNow();
  return (
    <time className="figure" data-soon={left < soonMs}>
      {duration(left)}
    </time>
  );
};
