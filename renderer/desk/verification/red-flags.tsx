import type { Refusal } from '../../../shared/result.ts';
import type { Verifying } from '../../../shared/seat.ts';
import type { Language } from '../../../shared/text.ts';
import type { RiskFlag } from '../../../shared/verification-tables.ts';
import { isVoid } from '../../../shared/verification-tables.ts';
import { useSpokenWords, useWords } from '../context.tsx';
import { keyLabels } from '../keys.ts';
import { Button } from '../parts/button.tsx';
import { Remaining } from '../parts/elapsed.tsx';
import { Icon } from '../parts/icon.tsx';

/** Security 65: what speaks against the caller, what to do about it in words, and the way out that costs an honest customer a minute. */
export const RedFlags = (props: {
  readonly flags: readonly RiskFlag[];
  readonly callBack: Verifying['callBack'];
  readonly refusal: Refusal | null;
  readonly spoken: Language;
  readonly onCallBack: () => void;
}) => {
  const words = useWords();
  const { t } = words;
  const spoken = useSpokenWords(props.spoken);
  const { flags, callBack } = props;
  if (callBack !== null)
    return (
      <div className="red-flags" data-tone="accent" role="status">
        <p className="say" lang={props.spoken}>
          {spoken.t('verify.callBack.say')}
        </p>
        <p>
          {t('verify.callBack.owed', { number: callBack.masked })} <Remaining untilMs={callBack.untilMs} />
        </p>
      </div>
    );
  if (flags.length === 0) return null;
  const isUnsafe = isVoid('callBack', flags);
  return (
    <div className="red-flags" data-tone="danger" role="note" aria-label={t('verify.flags')}>
      <ul>
        {flags.map((flag) => (
          <li key={flag}>
            <Icon name="warn" />
            <span>{t(`verify.flag.${flag}`)}</span>
          </li>
        ))}
      </ul>
      <p className="quiet">{t('verify.flags.ask')}</p>
      {isUnsafe ? null : (
        <Button
          label={t('verify.callBack.do')}
          icon="phone"
          tone="danger"
          hint={keyLabels.callBack}
          onPress={props.onCallBack}
        />
      )}
      {props.refusal === null ? null : (
        <p className="outcome" data-tone="danger" role="alert">
          {words.refusal(props.refusal)}
        </p>
      )}
    </div>
  );
};
