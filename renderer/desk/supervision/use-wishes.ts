import { useEffect, useState } from 'react';
import type { Refusal, Result } from '../../../shared/result.ts';

const everyMs = 5_000;

/** What agents wait for a lead's word on, asked again now and then; a wish decided leaves the list at once. @param onList the same function each time */
export const useWishes = <T extends { readonly id: string }>(
  onList: () => Promise<Result<readonly T[]>>,
  onDecide: (id: string, granted: boolean) => Promise<Refusal | null>,
) => {
  const [wishes, setWishes] = useState<readonly T[]>([]);
  useEffect(() => {
    let isHere = true;
    const look = (): void =>
      void onList().then((answer) => {
        if (isHere && answer.ok) setWishes(answer.value);
      });
    look();
    const timer = setInterval(look, everyMs);
    return () => {
      isHere = false;
      clearInterval(timer);
    };
  }, [onList]);
  const decide = (id: string, granted: boolean) => (): void =>
    void onDecide(id, granted).then((why) => {
      if (why === null) setWishes((before) => before.filter((one) => one.id !== id));
    });
  return { wishes, decide };
};
