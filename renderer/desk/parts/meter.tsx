import { useEffect, useRef } from 'react';
import type { Levels } from '../../../shared/phone.ts';
import { useDesk } from '../context.tsx';

/** dBFS that fills the bar: speech peaks near -10, a quiet room lies near -55. */
const floorDb = -60;
const topDb = -6;
export const share = (db: number): number => Math.min(1, Math.max(0, (db - floorDb) / (topDb - floorDb)));

/**
 * A level bar. Levels come ten times a second and go to a custom property, past React. They step: a bar that glides between two levels
 * has the browser draw every frame of a call, and what the agent types waits for the next one.
 */
export const Meter = ({ side, label }: { readonly side: Exclude<keyof Levels, 'callId'>; readonly label: string }) => {
  const { levels } = useDesk();
  const bar = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    let drawn = -1;
    const draw = (now: Levels): void => {
      const percent = Math.round(share(now[side]) * 100);
      if (percent === drawn) return;
      drawn = percent;
      bar.current?.style.setProperty('--level', (percent / 100).toFixed(2));
      bar.current?.setAttribute('aria-valuenow', String(percent));
    };
    draw(levels.getState());
    return levels.subscribe(draw);
  }, [levels, side]);
  return (
    <span className="meter">
      <span className="meter-label">{label}</span>
      <span
        ref={bar}
        className="meter-bar"
        role="meter"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={0}
      />
    </span>
  );
};
