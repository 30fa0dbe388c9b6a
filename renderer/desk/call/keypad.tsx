import { useWords } from '../context.tsx';
import { keyLabels } from '../keys.ts';
import { Button } from '../parts/button.tsx';

const digits = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '0', '#'];

/** Digits into the call (RFC 4733), by click or by typing them while this is open. */
export const Keypad = (props: {
  readonly sent: string;
  readonly onDigit: (digit: string) => void;
  readonly onClose: () => void;
}) => {
  const { t } = useWords();
  return (
    <section className="keypad" aria-label={t('keypad.title')}>
      <output className="keypad-sent figure" aria-label={t('keypad.sent')}>
        {props.sent === '' ? t('keypad.hint') : props.sent}
      </output>
      <div className="keypad-keys">
        {digits.map((digit) => (
          <button key={digit} type="button" className="button plain figure" onClick={() => props.onDigit(digit)}>
            {digit}
          </button>
        ))}
      </div>
      <Button label={t('close')} hint={keyLabels.keypad} tone="quiet" onPress={props.onClose} />
    </section>
  );
};
