import type { Refusal, Result } from '../../../shared/result.ts';
import type { OverridesResponse } from '../../../shared/verification-api.ts';
import { useMinute, useWords } from '../context.tsx';
import { dateTime } from '../format.ts';
import { Button } from '../parts/button.tsx';
import { useWishes } from './use-wishes.ts';

/** Security 61: callers agents ask a lead to vouch for, with the reason. */
export const Overrides = (props: {
  readonly onList: () => Promise<Result<readonly OverridesResponse['overrides'][number][]>>;
  readonly onDecide: (id: string, granted: boolean) => Promise<Refusal | null>;
}) => {
  const { t, named, language } = useWords();
  const nowMs = useMinute();
  const { wishes, decide } = useWishes(props.onList, props.onDecide);
  if (wishes.length === 0) return null;
  return (
    <section aria-label={t('override.region')}>
      <h3>{t('override.region')}</h3>
      <ul className="board">
        {wishes.map((one) => (
          <li key={one.id}>
            <span className="board-who">
              <strong>{t('supervision.of', { agent: one.agentName, number: one.agentNumber })}</strong>
              <span>
                {t('override.line', { customer: one.customer, time: dateTime(one.askedAtMs, nowMs, language) })}
              </span>
              <span>
                {named('verify.override.reason', one.reason, one.reason)}
                {one.action === null ? null : ` · ${named('account', one.action, one.action)}`}
              </span>
            </span>
            <span className="pair">
              <Button label={t('override.grant')} tone="main" onPress={decide(one.id, true)} />
              <Button label={t('override.refuse')} onPress={decide(one.id, false)} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
};
