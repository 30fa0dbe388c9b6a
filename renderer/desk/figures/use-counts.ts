import { useCallback, useEffect, useState } from 'react';
import type { Refusal, Result } from '../../../shared/result.ts';
import type { Period } from './period.tsx';

type Asked<By> = Period & { readonly by: By };

/** What central counts of a period; an answer to what is no longer asked is dropped. `again`: asks once more. */
export const useCounts = <By, Told>(
  calls: { readonly of: (asked: Asked<By>) => Promise<Result<Told>> },
  { fromDay, toDay, by }: Asked<By>,
) => {
  const [told, setTold] = useState<Told | null>(null);
  const [why, setWhy] = useState<Refusal | null>(null);
  const heard = useCallback((answer: Result<Told>): void => {
    setTold(answer.ok ? answer.value : null);
    setWhy(answer.ok ? null : answer.error);
  }, []);
  useEffect(() => {
    let isHere = true;
    void calls.of({ fromDay, toDay, by }).then((answer) => isHere && heard(answer));
    return () => {
      isHere = false;
    };
  }, [calls, fromDay, toDay, by, heard]);
  return { told, why, setWhy, again: () => void calls.of({ fromDay, toDay, by }).then(heard) };
};
