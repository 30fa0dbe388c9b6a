import { useEffect, useState } from 'react';
import type { Refusal, Result } from '../../../shared/result.ts';
import type { NecessitiesResponse } from '../../../shared/task-api.ts';
import { useMinute, useWords } from '../context.tsx';
import { dateTime } from '../format.ts';
import { Button } from '../parts/button.tsx';

/** R22: calls that agents hold to be necessary against a customer's word, each with its reason; never one's own. */
export const Necessities = (props: {
  readonly onList: () => Promise<Result<NecessitiesResponse>>;
  readonly onDecide: (id: string, granted: boolean) => Promise<Refusal | null>;
}) => {
  const { t, language } = useWords();
  const nowMs = useMinute();
  const { onList } = props;
  const [wishes, setWishes] = useState<NecessitiesResponse['wishes']>([]);
  useEffect(() => {
    let isHere = true;
    const look = (): void =>
      void onList().then((answer) => {
        if (isHere && answer.ok) setWishes(answer.value.wishes);
      });
    look();
    const timer = setInterval(look, 5_000);
    return () => {
      isHere = false;
      clearInterval(timer);
    };
  }, [onList]);
  if (wishes.length === 0) return null;
  const decide = (id: string, granted: boolean) => (): void =>
    void props.onDecide(id, granted).then((why) => {
      if (why === null) setWishes((before) => before.filter((one) => one.id !== id));
    });
  return (
    <section aria-label={t('necessity.region')}>
      <h3>{t('necessity.region')}</h3>
      <ul className="board">
        {wishes.map((one) => (
          <li key={one.id}>
            <span className="board-who">
              <strong>{t('supervision.of', { agent: one.agentName, number: one.agentNumber })}</strong>
              <span>
                {t('override.line', { customer: one.customer, time: dateTime(one.askedAtMs, nowMs, language) })}
              </span>
              <span>{one.reason}</span>
            </span>
            <span className="pair">
              <Button label={t('necessity.grant')} tone="main" onPress={decide(one.id, true)} />
              <Button label={t('necessity.refuse')} onPress={decide(one.id, false)} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
};
