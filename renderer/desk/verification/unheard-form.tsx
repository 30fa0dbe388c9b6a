import type { Refusal } from '../../../shared/result.ts';
import type { Language } from '../../../shared/text.ts';
import { useWords } from '../context.tsx';
import { keyLabels } from '../keys.ts';
import { Button, Key } from '../parts/button.tsx';
import { Icon } from '../parts/icon.tsx';
import { useFocusWish } from '../parts/use-focus-wish.ts';

type Common = {
  readonly question: string;
  readonly questionLanguage: Language;
  readonly refusal: Refusal | null;
};

/** R46: the customer keys the password in; agent and recording hear music. Nothing is typed here. */
export const KeypadForm = (
  props: Common & {
    /** The exchange can take a customer aside. */
    readonly isThere: boolean;
    readonly isAside: boolean;
    readonly left: number;
    readonly closed: boolean;
    readonly failed: boolean;
    readonly onStart: () => void;
    readonly onCancel: () => void;
  },
) => {
  const { t } = useWords();
  const start = useFocusWish<HTMLButtonElement>('factor');
  return (
    <div className="factor-form">
      <Say {...props} />
      {props.closed ? (
        <p className="outcome" data-tone="danger" role="status">
          {t('verify.closed')}
        </p>
      ) : props.isAside ? (
        <p className="outcome" data-tone="accent" role="status">
          <Icon name="hold" />
          <span>{t('verify.keypad.aside')}</span>
          <Button label={t('verify.keypad.cancel')} onPress={props.onCancel} />
        </p>
      ) : (
        <button ref={start} type="button" className="button main" disabled={!props.isThere} onClick={props.onStart}>
          {t('verify.keypad.start')}
        </button>
      )}
      {props.isThere ? null : <p className="quiet">{t('reason.noKeypad')}</p>}
      <Trouble {...props} />
    </div>
  );
};

const Trouble = (props: {
  readonly refusal: Refusal | null;
  readonly failed: boolean;
  readonly closed: boolean;
  readonly left: number;
}) => {
  const words = useWords();
  if (props.refusal !== null)
    return (
      <p className="outcome" data-tone="danger" role="alert">
        {words.refusal(props.refusal)}
      </p>
    );
  if (props.closed) return null;
  return (
    <p className="outcome" data-tone={props.failed ? 'danger' : 'plain'} role="status">
      {words.t(props.failed ? 'verify.keypad.noMatch' : 'verify.left', { count: props.left })}
    </p>
  );
};

/** Security 59: hang up, and call the number on file. Whoever answers there is the customer. */
export const CallBackForm = (props: Common & { readonly onCallBack: () => void }) => {
  const words = useWords();
  const { t } = words;
  const start = useFocusWish<HTMLButtonElement>('factor');
  return (
    <div className="factor-form">
      <Say {...props} />
      <p className="quiet">{t('verify.callBack.how')}</p>
      <button ref={start} type="button" className="button main" onClick={props.onCallBack}>
        <span>{t('verify.callBack.do')}</span>
        <Key label={keyLabels.callBack} />
      </button>
      {props.refusal === null ? null : (
        <p className="outcome" data-tone="danger" role="alert">
          {words.refusal(props.refusal)}
        </p>
      )}
    </div>
  );
};

const Say = ({ question, questionLanguage }: Common) => {
  const { t } = useWords();
  return (
    <>
      <span className="overline">{t('verify.say')}</span>
      <p className="say" lang={questionLanguage}>
        {question}
      </p>
    </>
  );
};
