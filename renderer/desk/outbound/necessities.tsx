import type { Refusal, Result } from '../../../shared/result.ts';
import type { NecessitiesResponse } from '../../../shared/task-api.ts';
import { useMinute, useWords } from '../context.tsx';
import { dateTime } from '../format.ts';
import { Button } from '../parts/button.tsx';
import { useWishes } from '../supervision/use-wishes.ts';

/** R22: calls that agents hold to be necessary against a customer's word, each with its reason; never one's own. */
export const Necessities = (props: {
  readonly onList: () => Promise<Result<readonly NecessitiesResponse['wishes'][number][]>>;
  readonly onDecide: (id: string, granted: boolean) => Promise<Refusal | null>;
}) => {
  const { t, language } = useWords();
  const nowMs = useMinute();
  const { wishes, decide } = useWishes(props.onList, props.onDecide);
  if (wishes.length === 0) return null;
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
