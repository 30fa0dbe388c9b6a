import { useEffect, useRef } from 'react';
import type { Levels } from '../../../shared/phone.ts';
import { useDesk } from '../context.tsx';

/** dBFS that fills the bar: speech peaks near -10, a quiet room lies near -55. */
const floorDb = -60;
const topDb = -6;
export const share = (db: number): number => Math.min(1, Math.max(0, (db - floorDb) / (topDb - floorDb)));

/** A level bar. Levels come ten times a second and go to a custom property, past React. */
export const Meter = ({ side, label }: { readonly side: Exclude<keyof Levels, 'callId'>; readonly label: string }) => {
  const { levels } = useDesk();
  const bar = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    const draw = (now: Levels): void => {
      const level = share(now[side]);
      bar.current?.style.setProperty('--level', level.toFixed(2));
      bar.current?.setAttribute('aria-valuenow', String(Math.round(level * 100)));
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
