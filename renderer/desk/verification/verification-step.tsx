import { useState } from 'react';
import type { QueryClass } from '../../../shared/customer.ts';
import type { Policy } from '../../../shared/policy.ts';
import { isSecret, type Recording } from '../../../shared/recording.ts';
import type { Refusal } from '../../../shared/result.ts';
import type { Language } from '../../../shared/text.ts';
import type { Verifying } from '../../../shared/seat.ts';
import type { OverrideReason } from '../../../shared/verification-api.ts';
import { type Factor, factorState, type Verification } from '../../../shared/verification.ts';
import type { AccountAction, AnyFactor, Way } from '../../../shared/verification-tables.ts';
import { factorsFor, isSpoken, waysTo } from '../../../shared/verification-tables.ts';
import { useMinute, useSpokenWords, useWords } from '../context.tsx';
import { dateTime } from '../format.ts';
import { Choice } from '../parts/button.tsx';
import { Icon } from '../parts/icon.tsx';
import type { Ui } from '../ui-store.ts';
import { isLocked, triesLeft } from '../view.ts';
import type { Words } from '../i18n.ts';
import { FactorForm } from './factor-form.tsx';
import { OverrideAsk } from './override-ask.tsx';
import { RedFlags } from './red-flags.tsx';
import { CallBackForm, KeypadForm } from './unheard-form.tsx';

export type VerificationProps = {
  readonly wanted: 2 | 3;
  /** What the topic does to the account: then the action's own check is made. */
  readonly action: AccountAction | undefined;
  readonly verifying: Verifying;
  readonly verification: Verification;
  readonly policy: Policy;
  /** False: nobody is tied to the contact yet, so there is nothing to check against. */
  readonly identified: boolean;
  /** Why asking now will come to nothing; null: it may not. Asking stays possible, in case it is over. */
  readonly notNow: Refusal | null;
  readonly spoken: Language;
  readonly factor: AnyFactor | null;
  readonly checked: Ui['checked'];
  readonly codeExpiresAtMs: number | null;
  readonly recording: Recording;
  /** Null once the recording is silent, or why it is not. */
  readonly onSecret: (factor: Factor) => Promise<Refusal | null>;
  readonly onSecretOver: () => void;
  readonly onFactor: (factor: AnyFactor | null) => void;
  readonly onTry: (factor: Factor, value: string) => Promise<Refusal | null>;
  readonly onSendCode: () => Promise<Refusal | null>;
  readonly onKeypad: () => Promise<Refusal | null>;
  readonly onKeypadCancel: () => void;
  readonly onCallBack: () => Promise<Refusal | null>;
  readonly onAskOverride: (reason: OverrideReason) => Promise<Refusal | null>;
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
        <span>
          {props.action === undefined
            ? t(wanted === 2 ? 'verify.title2' : 'verify.title3')
            : t('verify.titleAction', { action: t(`account.${props.action}`) })}
        </span>
      </h2>
      <Flags {...props} />
      {notNow === null ? null : (
        <p className="plain-note" data-tone="attention">
          {notNow.kind === 'offline' ? t('verify.offline') : words.refusal(notNow)}
        </p>
      )}
      {!identified ? <p className="plain-note">{t('verify.whoFirst')}</p> : null}
      {locked ? <Locked verification={verification} /> : null}
      {identified && !locked ? <Factors {...props} /> : null}
      {identified && !locked && wanted === 3 ? (
        <OverrideAsk override={props.verifying.override} onAsk={props.onAskOverride} />
      ) : null}
      <button type="button" className="button quiet" onClick={props.onSkip}>
        {t('verify.skip')}
      </button>
    </section>
  );
};

const Flags = (props: VerificationProps) => {
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  return (
    <RedFlags
      flags={props.wanted === 3 ? props.verification.flags : []}
      callBack={props.verifying.callBack}
      refusal={refusal}
      spoken={props.spoken}
      onCallBack={() => void props.onCallBack().then(setRefusal)}
    />
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
  const { verification, policy, factor } = props;
  const wanted = props.action ?? props.wanted;
  const order = factorsFor(wanted, policy.verificationPreset, verification.flags);
  // A refusal belongs to the factor it came from; choosing another one begins afresh.
  const [trouble, setTrouble] = useState<{ readonly of: AnyFactor; readonly refusal: Refusal } | null>(null);
  const kept = (of: AnyFactor) => (refusal: Refusal | null) => setTrouble(refusal === null ? null : { of, refusal });
  return (
    <>
      {waysOf(wanted, policy.verificationPreset, verification.flags).map((way) => (
        <div key={way.factors.join()} className="way">
          <h3>{wayTitle(way, t)}</h3>
          <div className="factor-list">
            {way.factors.map((one) => (
              <FactorChoice key={one} {...props} one={one} digit={order.indexOf(one) + 1} />
            ))}
          </div>
        </div>
      ))}
      {factor === null || !isAskable(factor) ? (
        <Outcome checked={props.checked} />
      ) : (
        <OneFactor
          {...props}
          of={factor}
          trouble={trouble?.of === factor ? trouble.refusal : null}
          kept={kept(factor)}
        />
      )}
    </>
  );
};

const OneFactor = (
  props: VerificationProps & {
    readonly of: Askable;
    readonly trouble: Refusal | null;
    readonly kept: (refusal: Refusal | null) => void;
  },
) => {
  const { of, verification, policy, trouble, kept } = props;
  const spoken = useSpokenWords(props.spoken);
  const common = {
    question: spoken.t(`verify.ask.${of}`),
    questionLanguage: props.spoken,
    refusal: trouble,
    left: triesLeft(verification, of, policy),
    closed: factorState(verification, of).status === 'closed',
    failed: props.checked?.factor === of && !props.checked.matched,
  };
  if (of === 'callBack') return <CallBackForm {...common} onCallBack={() => void props.onCallBack().then(kept)} />;
  if (!isSpoken(of))
    return (
      <KeypadForm
        {...common}
        isThere={props.verifying.keypad}
        isAside={props.verifying.isAside}
        onStart={() => void props.onKeypad().then(kept)}
        onCancel={props.onKeypadCancel}
      />
    );
  const silence = {
    recording: props.recording,
    policy,
    onPause: () => props.onSecret(of),
    onResume: props.onSecretOver,
  };
  return (
    <FactorForm
      key={of}
      {...common}
      factor={of}
      codeExpiresAtMs={props.codeExpiresAtMs}
      silence={isSecret(of) ? silence : null}
      onTry={(value) => void props.onTry(of, value).then(kept)}
      onSendCode={() => void props.onSendCode().then(kept)}
    />
  );
};

type Askable = Exclude<AnyFactor, 'override'>;
type Shown = { readonly factors: readonly Askable[]; readonly count: Way['count'] };

/** Ways of one factor each are one group: any of them will do. An override is asked of a lead. */
const waysOf = (
  wanted: 2 | 3 | AccountAction,
  preset: Policy['verificationPreset'],
  flags: Verification['flags'],
): readonly Shown[] => {
  const ways = waysTo(wanted, preset, flags);
  const asked = ways.map(({ factors, count }) => ({ factors: factors.filter(isAskable), count }));
  const single = asked.filter((way) => way.count === 1).flatMap((way) => way.factors);
  return [...(single.length > 0 ? [{ factors: single, count: 1 }] : []), ...asked.filter((way) => way.count > 1)];
};

const isAskable = (factor: AnyFactor): factor is Askable => factor !== 'override';

const wayTitle = ({ factors, count }: Shown, t: Words['t']): string => {
  if (count === 1) return t('verify.anyOne');
  return factors.length === count ? t('verify.allOf', { count }) : t('verify.anyTwo');
};

const FactorChoice = (props: VerificationProps & { readonly one: Askable; readonly digit: number }) => {
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
