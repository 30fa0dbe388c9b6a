import { useState } from 'react';
import type { QueryClass } from '../../../shared/customer.ts';
import type { Policy } from '../../../shared/policy.ts';
import { isSecret, type Recording } from '../../../shared/recording.ts';
import type { Refusal } from '../../../shared/result.ts';
import type { Language } from '../../../shared/text.ts';
import { type Factor, factorState, type Verification } from '../../../shared/verification.ts';
import { factorsFor, isSpoken, presets } from '../../../shared/verification-tables.ts';
import type { Way } from '../../../shared/verification-tables.ts';
import { useMinute, useSpokenWords, useWords } from '../context.tsx';
import { dateTime } from '../format.ts';
import { Choice } from '../parts/button.tsx';
import { Icon } from '../parts/icon.tsx';
import type { Ui } from '../ui-store.ts';
import { isLocked, triesLeft } from '../view.ts';
import { FactorForm } from './factor-form.tsx';

export type VerificationProps = {
  readonly wanted: 2 | 3;
  readonly verification: Verification;
  readonly policy: Policy;
  /** False: nobody is tied to the contact yet, so there is nothing to check against. */
  readonly identified: boolean;
  /** Why asking now will come to nothing; null: it may not. Asking stays possible, in case it is over. */
  readonly notNow: Refusal | null;
  readonly spoken: Language;
  readonly factor: Factor | null;
  readonly checked: Ui['checked'];
  readonly codeExpiresAtMs: number | null;
  readonly recording: Recording;
  /** Null once the recording is silent, or why it is not. */
  readonly onSecret: (factor: Factor) => Promise<Refusal | null>;
  readonly onSecretOver: () => void;
  readonly onFactor: (factor: Factor | null) => void;
  readonly onTry: (factor: Factor, value: string) => Promise<Refusal | null>;
  readonly onSendCode: () => Promise<Refusal | null>;
  readonly onSkip: () => void;
};

/** R9–R12: which factor to ask, how to ask it, what came of it. Never the answer, never which of several items was wrong. */
export const VerificationStep = (props: VerificationProps) => {
  const words = useWords();
  const { t } = words;
  const { wanted, verification, identified, notNow } = props;
  const nowMs = useMinute();
  const locked = wanted === 3 && isLocked(verification, nowMs);
  return (
    <section className="verification" aria-label={t('verify.region')}>
      <h2>
        <Icon name="lock" />
        <span>{t(wanted === 2 ? 'verify.title2' : 'verify.title3')}</span>
      </h2>
      {notNow === null ? null : (
        <p className="plain-note" data-tone="attention">
          {notNow.kind === 'offline' ? t('verify.offline') : words.refusal(notNow)}
        </p>
      )}
      {!identified ? <p className="plain-note">{t('verify.whoFirst')}</p> : null}
      {locked ? <Locked verification={verification} /> : null}
      {identified && !locked ? <Factors {...props} /> : null}
      <button type="button" className="button quiet" onClick={props.onSkip}>
        {t('verify.skip')}
      </button>
    </section>
  );
};

const Locked = ({ verification }: { readonly verification: Verification }) => {
  const { t, language } = useWords();
  const nowMs = useMinute();
  return (
    <p className="plain-note" data-tone="danger" role="alert">
      {t('verify.locked', { time: dateTime(verification.lockedUntilMs ?? nowMs, nowMs, language) })}
    </p>
  );
};

const Factors = (props: VerificationProps) => {
  const { t } = useWords();
  const { wanted, verification, policy, factor } = props;
  const preset = policy.verificationPreset;
  const order = factorsFor(wanted, preset).filter(isSpoken);
  const spoken = useSpokenWords(props.spoken);
  // A refusal belongs to the factor it came from; choosing another one begins afresh.
  const [trouble, setTrouble] = useState<{ readonly of: Factor; readonly refusal: Refusal } | null>(null);
  const kept = (of: Factor) => (refusal: Refusal | null) => setTrouble(refusal === null ? null : { of, refusal });
  return (
    <>
      {waysOf(wanted, preset).map((way) => (
        <div key={way.factors.join()} className="way">
          <h3>{t(way.count === 1 ? 'verify.anyOne' : 'verify.anyTwo')}</h3>
          <div className="factor-list">
            {way.factors.filter(isSpoken).map((one) => (
              <FactorChoice key={one} {...props} one={one} digit={order.indexOf(one) + 1} />
            ))}
          </div>
        </div>
      ))}
      {factor === null ? (
        <Outcome checked={props.checked} />
      ) : (
        <FactorForm
          key={factor}
          factor={factor}
          question={spoken.t(`verify.ask.${factor}`)}
          questionLanguage={props.spoken}
          left={triesLeft(verification, factor, policy)}
          closed={factorState(verification, factor).status === 'closed'}
          failed={props.checked?.factor === factor && !props.checked.matched}
          refusal={trouble?.of === factor ? trouble.refusal : null}
          codeExpiresAtMs={props.codeExpiresAtMs}
          silence={
            isSecret(factor)
              ? {
                  recording: props.recording,
                  policy,
                  onPause: () => props.onSecret(factor),
                  onResume: props.onSecretOver,
                }
              : null
          }
          onTry={(value) => void props.onTry(factor, value).then(kept(factor))}
          onSendCode={() => void props.onSendCode().then(kept(factor))}
        />
      )}
    </>
  );
};

/** Ways of one factor each are one group: any of them will do. */
const waysOf = (wanted: 2 | 3, preset: Policy['verificationPreset']): readonly Pick<Way, 'factors' | 'count'>[] => {
  const ways = presets[preset][wanted];
  const single = ways.filter((way) => way.count === 1).flatMap((way) => way.factors);
  const several = ways.filter((way) => way.count > 1);
  return [...(single.length > 0 ? [{ factors: single, count: 1 }] : []), ...several];
};

const FactorChoice = (props: VerificationProps & { readonly one: Factor; readonly digit: number }) => {
  const { t } = useWords();
  const { status, failures } = factorState(props.verification, props.one);
  const left = triesLeft(props.verification, props.one, props.policy);
  return (
    <Choice
      digit={props.digit}
      label={t(`factor.${props.one}`)}
      chosen={props.factor === props.one}
      disabled={status !== 'open'}
      onPress={() => props.onFactor(props.one)}
    >
      {status === 'passed' ? (
        <span className="mark" data-tone="accent">
          <Icon name="check" />
          <span>{t('verify.passed')}</span>
        </span>
      ) : null}
      {status === 'closed' ? (
        <span className="mark" data-tone="danger">
          {t('verify.closedShort')}
        </span>
      ) : null}
      {status === 'open' && failures > 0 ? (
        <span className="mark quiet">{t('verify.left', { count: left })}</span>
      ) : null}
    </Choice>
  );
};

/** After a match that is not yet enough (one of two), say so. */
const Outcome = ({ checked }: { readonly checked: Ui['checked'] }) => {
  const { t } = useWords();
  if (checked === null) return <p className="quiet">{t('verify.choose')}</p>;
  return (
    <p className="outcome" role="status" data-tone={checked.matched ? 'accent' : 'danger'}>
      {checked.matched ? t('verify.matchedMore') : t('verify.noMatch', { count: checked.triesLeft })}
    </p>
  );
};

export const wantedClass = (topicClass: QueryClass): 2 | 3 => (topicClass === 3 ? 3 : 2);
