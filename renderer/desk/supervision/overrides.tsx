import { useEffect, useState } from 'react';
import type { Refusal, Result } from '../../../shared/result.ts';
import type { OverridesResponse } from '../../../shared/verification-api.ts';
import { useMinute, useWords } from '../context.tsx';
import { dateTime } from '../format.ts';
import { Button } from '../parts/button.tsx';

/** Security 61: callers agents ask a lead to vouch for, with the reason. */
export const Overrides = (props: {
  readonly onList: () => Promise<Result<OverridesResponse>>;
  readonly onDecide: (id: string, granted: boolean) => Promise<Refusal | null>;
}) => {
  const { t, named, language } = useWords();
  const nowMs = useMinute();
  const { onList } = props;
  const [list, setList] = useState<OverridesResponse['overrides']>([]);
  useEffect(() => {
    let isHere = true;
    const look = (): void =>
      void onList().then((answer) => {
        if (isHere && answer.ok) setList(answer.value.overrides);
      });
    look();
    const timer = setInterval(look, 5_000);
    return () => {
      isHere = false;
      clearInterval(timer);
    };
  }, [onList]);
  if (list.length === 0) return null;
  const decide = (id: string, granted: boolean) => (): void =>
    void props.onDecide(id, granted).then((why) => {
      if (why === null) setList((before) => before.filter((one) => one.id !== id));
    });
  return (
    <section aria-label={t('override.region')}>
      <h3>{t('override.region')}</h3>
      <ul className="board">
        {list.map((one) => (
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
