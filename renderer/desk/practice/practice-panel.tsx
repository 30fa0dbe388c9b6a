import { useEffect, useState } from 'react';
import type { PracticeCaller } from '../../../shared/central-api.ts';
import type { CustomerId } from '../../../shared/ids.ts';
import type { Refusal, Result } from '../../../shared/result.ts';
import { inLanguage } from '../../../shared/text.ts';
import { type Factor } from '../../../shared/verification.ts';
import { factors } from '../../../shared/verification-tables.ts';
import { afterPaint } from '../after-paint.ts';
import { useWords } from '../context.tsx';
import { Button } from '../parts/button.tsx';

export type Callers = Result<{ readonly callers: readonly PracticeCaller[] }>;
type Cue = Result<{ readonly answers: Readonly<Partial<Record<Factor, string>>> }>;

/** Practice mode: ask for a call, choose who calls, and what the simulated customer would answer when asked. */
export const PracticePanel = (props: {
  /** A sentence why no call can come now, or null. */
  readonly blocked: string | null;
  readonly customerId: CustomerId | null;
  /** Null: they are not known yet. */
  readonly callers: Callers | null;
  readonly onCallMe: (callerId: string | null) => Promise<Refusal | null>;
  readonly onCue: (customerId: CustomerId) => Promise<Cue>;
}) => {
  const words = useWords();
  const { t, language } = words;
  const { callers } = props;
  const [asked, setAsked] = useState<string | null>(null);
  const callMe = (callerId: string | null, label: string): void =>
    void props.onCallMe(callerId).then((why) => setAsked(why === null ? label : null));
  return (
    <section className="panel" aria-label={t('practice.title')}>
      <h2>{t('practice.title')}</h2>
      {props.customerId === null ? (
        <>
          <p className="quiet">{props.blocked ?? t('practice.hint')}</p>
          <Button
            label={t('practice.any')}
            tone="main"
            icon="phone"
            disabled={props.blocked !== null}
            onPress={() => callMe(null, t('practice.someone'))}
          />
          <p className="outcome" role="status">
            {asked === null ? null : t('practice.asked', { name: asked })}
          </p>
          {callers === null || callers.ok ? null : (
            <p className="outcome" data-tone="danger">
              {words.refusal(callers.error)}
            </p>
          )}
          <ul className="callers">
            {(callers?.ok === true ? callers.value.callers : []).map((caller) => (
              <li key={caller.id}>
                <button
                  type="button"
                  className="choice"
                  disabled={props.blocked !== null}
                  onClick={() => callMe(caller.id, inLanguage(caller.label, language))}
                >
                  <span className="choice-label">{inLanguage(caller.label, language)}</span>
                </button>
              </li>
            ))}
          </ul>
        </>
      ) : (
        <CueSheet key={props.customerId} customerId={props.customerId} onCue={props.onCue} />
      )}
    </section>
  );
};

const CueSheet = (props: {
  readonly customerId: CustomerId;
  readonly onCue: (customerId: CustomerId) => Promise<Cue>;
}) => {
  const words = useWords();
  const { t } = words;
  const { customerId, onCue } = props;
  const [cue, setCue] = useState<Cue | null>(null);
  // Beside a pop that is just being drawn: who calls comes first.
  useEffect(() => afterPaint(() => void onCue(customerId).then(setCue)), [onCue, customerId]);
  return (
    <>
      <p className="quiet">{t('practice.cue')}</p>
      {cue?.ok === false ? (
        // Customers somebody imported have no simulated answers: nothing went wrong.
        <p className="outcome" data-tone={cue.error.kind === 'notFound' ? 'quiet' : 'danger'}>
          {cue.error.kind === 'notFound' ? t('practice.noCue') : words.refusal(cue.error)}
        </p>
      ) : null}
      <dl className="cue">
        {factors.map((factor) => {
          const answer = cue?.ok === true ? cue.value.answers[factor] : undefined;
          return answer === undefined || answer === '' ? null : (
            <div key={factor}>
              <dt>{t(`factor.${factor}`)}</dt>
              <dd className="figure">{answer}</dd>
            </div>
          );
        })}
      </dl>
    </>
  );
};
