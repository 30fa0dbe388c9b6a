import { useCallback, useEffect, useState } from 'react';
import type { Refusal, Result } from '../../../shared/result.ts';

/**
 * What central counts, asked for when `ask` is another; an answer to what is no longer asked is dropped. `ask` keeps its identity while it asks for the
 * same. `again`: asks once more.
 */
export const useCounts = <Told>(ask: () => Promise<Result<Told>>) => {
  const [told, setTold] = useState<Told | null>(null);
  const [why, setWhy] = useState<Refusal | null>(null);
  const heard = useCallback((answer: Result<Told>): void => {
    setTold(answer.ok ? answer.value : null);
    setWhy(answer.ok ? null : answer.error);
  }, []);
  useEffect(() => {
    let isHere = true;
    void ask().then((answer) => isHere && heard(answer));
    return () => {
      isHere = false;
    };
  }, [ask, heard]);
  return { told, why, setWhy, again: () => void ask().then(heard) };
};
