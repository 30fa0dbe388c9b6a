import { useState } from 'react';
import type { Refusal } from '../../../shared/result.ts';
import type { Language } from '../../../shared/text.ts';
import type { Factor } from '../../../shared/verification.ts';
import { useWords } from '../context.tsx';
import { Button } from '../parts/button.tsx';
import { Remaining } from '../parts/elapsed.tsx';
import { useFocusWish } from '../parts/use-focus-wish.ts';
import { SilenceNote } from '../recording/silence-note.tsx';
import { type Silence, useSilence } from '../recording/use-silence.ts';

export type FactorFormProps = {
  readonly factor: Factor;
  /** The question to read out, in the customer's language. */
  readonly question: string;
  readonly questionLanguage: Language;
  readonly left: number;
  readonly closed: boolean;
  readonly failed: boolean;
  readonly refusal: Refusal | null;
  readonly codeExpiresAtMs: number | null;
  /** Null: the answer may be recorded. */
  readonly silence: Silence | null;
  readonly onTry: (value: string) => void;
  readonly onSendCode: () => void;
};

/** One factor: the sentence to ask, a field for what the caller says, and what came of it. The field is emptied at once (R13). */
export const FactorForm = (props: FactorFormProps) => {
  const { t } = useWords();
  return (
    <div className="factor-form">
      <span className="overline">{t('verify.say')}</span>
      <p className="say" lang={props.questionLanguage}>
        {props.question}
      </p>
      {props.factor === 'smsCode' ? <SendCode expiresAtMs={props.codeExpiresAtMs} onSend={props.onSendCode} /> : null}
      {props.closed ? (
        <p className="outcome" data-tone="danger" role="status">
          {t('verify.closed')}
        </p>
      ) : (
        <ValueForm {...props} />
      )}
      <Trouble {...props} />
    </div>
  );
};

const ValueForm = ({ factor, silence, onTry }: FactorFormProps) => {
  const { t } = useWords();
  const [value, setValue] = useState('');
  const field = useFocusWish<HTMLInputElement>('factor');
  const { gate, isLocked, enter, leave } = useSilence(silence);
  return (
    <form
      className="factor-entry"
      onSubmit={(event) => {
        event.preventDefault();
        if (value.trim() === '') return;
        onTry(value.trim());
        setValue('');
      }}
    >
      <label htmlFor="factor-value">{t('verify.typed', { factor: t(`factor.${factor}`) })}</label>
      <input
        id="factor-value"
        ref={field}
        type={factor === 'servicePassword' ? 'password' : 'text'}
        value={value}
        readOnly={isLocked}
        aria-describedby={gate.kind === 'open' ? undefined : 'factor-silence'}
        onFocus={enter}
        onBlur={leave}
        maxLength={200}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => setValue(event.target.value)}
      />
      <Button label={t('verify.check')} hint="Enter" tone="main" type="submit" onPress={() => undefined} />
      <SilenceNote
        id="factor-silence"
        gate={gate}
        onAgain={() => {
          // The focus does the asking, unless it is there already.
          if (document.activeElement === field.current) enter();
          else field.current?.focus();
        }}
      />
    </form>
  );
};

const Trouble = ({ refusal, failed, closed, left }: FactorFormProps) => {
  const words = useWords();
  if (refusal !== null)
    return (
      <p className="outcome" data-tone="danger" role="alert">
        {isCentralAway(refusal) ? words.t('verify.offline') : words.refusal(refusal)}
      </p>
    );
  if (closed) return null;
  return (
    <p className="outcome" data-tone={failed ? 'danger' : 'plain'} role="status">
      {words.t(failed ? 'verify.noMatch' : 'verify.left', { count: left })}
    </p>
  );
};

/** Not the same as text messages that cannot be sent: then other factors still work. */
const isCentralAway = ({ kind, reason }: Refusal): boolean =>
  kind === 'offline' && (reason === undefined || reason === 'verificationNeedsCentral');

const SendCode = (props: { readonly expiresAtMs: number | null; readonly onSend: () => void }) => {
  const { t } = useWords();
  return (
    <p className="send-code">
      <Button label={t(props.expiresAtMs === null ? 'verify.sendCode' : 'verify.sendAgain')} onPress={props.onSend} />
      {props.expiresAtMs === null ? null : (
        <span>
          <span>{t('verify.codeSent')}</span>
          <Remaining untilMs={props.expiresAtMs} soonMs={30_000} />
        </span>
      )}
    </p>
  );
};
