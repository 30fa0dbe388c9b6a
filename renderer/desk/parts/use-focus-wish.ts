import { type RefObject, useEffect, useRef } from 'react';
import { useUi } from '../context.tsx';
import type { FocusTarget } from '../ui-store.ts';

/** Takes the focus when a key of the agent asked for this field; never by itself. */
export const useFocusWish = <T extends HTMLElement>(target: FocusTarget): RefObject<T | null> => {
  const element = useRef<T>(null);
  const wish = useUi(({ focus }) => (focus?.target === target ? focus.n : 0));
  useEffect(() => {
    if (wish > 0) element.current?.focus();
  }, [wish]);
  return element;
};
