import { useEffect } from 'react';
import { useWords } from '../context.tsx';
import { keyLabels } from '../keys.ts';
import { Button } from '../parts/button.tsx';

const digits = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '0', '#'];

/** What was copied from a letter or a web page, as keys; undefined when it is something else. At most 32 go out at once. */
export const pastedDigits = (text: string): string | undefined => {
  const digits = text.replaceAll(/[\s().-]/g, '').toUpperCase();
  return /^[0-9*#A-D]{1,32}$/.test(digits) ? digits : undefined;
};

/** Digits into the call (RFC 4733), by click, by typing or by pasting them while this is open. */
export const Keypad = (props: {
  readonly sent: string;
  /** One key, or several pasted together. */
  readonly onDigit: (digits: string) => void;
  readonly onClose: () => void;
}) => {
  const { t } = useWords();
  const { onDigit } = props;
  useEffect(() => {
    const paste = (event: ClipboardEvent): void => {
      // What is pasted into a field belongs to the field.
      if (event.target instanceof Element && event.target.closest('input, textarea, [contenteditable]') !== null)
        return;
      const digits = pastedDigits(event.clipboardData?.getData('text') ?? '');
      if (digits === undefined) return;
      event.preventDefault();
      onDigit(digits);
    };
    document.addEventListener('paste', paste);
    return () => document.removeEventListener('paste', paste);
  }, [onDigit]);
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
