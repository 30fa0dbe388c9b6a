import { useEffect, useState } from 'react';
import { afterPaint } from '../after-paint.ts';

/**
 * False for the first frame of whoever asks, true from the next one on: what the eye does not need first must not hold up what it
 * does. A page nobody sees has no frames: there everything is drawn at once.
 */
export const usePainted = (): boolean => {
  const [isPainted, setPainted] = useState(() => document.hidden);
  useEffect(() => {
    let isGone = false;
    if (!isPainted)
      afterPaint(() => {
        if (!isGone) setPainted(true);
      });
    return () => {
      isGone = true;
    };
  }, [isPainted]);
  return isPainted;
};
