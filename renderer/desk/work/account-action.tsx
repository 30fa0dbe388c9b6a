import { useState } from 'react';
import type { Refusal, Result } from '../../../shared/result.ts';
import type { Text } from '../../../shared/text.ts';
import { inLanguage } from '../../../shared/text.ts';
import type { AccountAction as Action } from '../../../shared/verification-tables.ts';
import { useWords } from '../context.tsx';
import { Button } from '../parts/button.tsx';
import { Icon } from '../parts/icon.tsx';

type Done = Result<{ readonly how: string; readonly reference: Text | null }>;

/** What the topic does to the account: on line only, once for each check (security 52, 60). */
export const AccountAction = (props: {
  readonly action: Action;
  /** Proven for this very thing. */
  readonly isProven: boolean;
  /** Central is away: nothing is changed then. */
  readonly notNow: Refusal | null;
  readonly onDo: (value: string | undefined) => Promise<Done>;
}) => {
  const words = useWords();
  const { t, language } = words;
  const { action, notNow } = props;
  const [state, setState] = useState<'open' | 'working' | Done>('open');
  const [value, setValue] = useState('');
  const needsValue = action === 'contactChange';
  const isDone = typeof state === 'object' && state.ok;
  const go = (): void => {
    setState('working');
    void props.onDo(needsValue ? value.trim() : undefined).then(setState);
  };
  return (
    <section className="account-action" aria-label={t('account.region')}>
      <h3>{t(`account.${action}`)}</h3>
      {isDone ? (
        <p className="outcome" data-tone="accent" role="status">
          <Icon name="check" />
          <span>
            {t('account.done')} {state.value.reference === null ? '' : inLanguage(state.value.reference, language)}
          </span>
        </p>
      ) : (
        <form
          className="factor-entry"
          onSubmit={(event) => {
            event.preventDefault();
            if (!needsValue || value.trim() !== '') go();
          }}
        >
          {needsValue ? (
            <>
              <label htmlFor="account-value">{t('account.value')}</label>
              <input
                id="account-value"
                inputMode="tel"
                value={value}
                maxLength={20}
                autoComplete="off"
                onChange={(event) => setValue(event.target.value)}
              />
            </>
          ) : null}
          <Button
            label={t(`account.${action}.do`)}
            tone="main"
            type="submit"
            disabled={!props.isProven || notNow !== null || state === 'working'}
            onPress={() => undefined}
          />
        </form>
      )}
      {state === 'working' ? <p role="status">{t(`account.${action}.working`)}</p> : null}
      {!isDone && !props.isProven ? <p className="quiet">{t('account.checkFirst')}</p> : null}
      {notNow === null || isDone ? null : (
        <p className="outcome" data-tone="danger">
          {t('verify.offline')}
        </p>
      )}
      {typeof state === 'object' && !state.ok ? (
        <p className="outcome" data-tone="danger" role="alert">
          {words.refusal(state.error)}
        </p>
      ) : null}
    </section>
  );
};
