import { useEffect, useRef } from 'react';
import { useWords } from '../context.tsx';
import { keyLabels } from '../keys.ts';
import { Button } from '../parts/button.tsx';

/** The text that was copied; selected, so that it can be copied by hand where the browser would not. */
export const DiagnosticsSheet = (props: {
  readonly text: string;
  readonly isCopied: boolean;
  readonly onClose: () => void;
}) => {
  const { t } = useWords();
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    field.current?.focus();
    field.current?.select();
  }, []);
  return (
    <div className="veil">
      <section className="sheet diagnostics" role="dialog" aria-modal="true" aria-label={t('diagnostics.title')}>
        <h2>{t('diagnostics.title')}</h2>
        <p role="status">{t(props.isCopied ? 'diagnostics.copied' : 'diagnostics.byHand')}</p>
        <textarea ref={field} readOnly rows={16} value={props.text} aria-label={t('diagnostics.text')} />
        <Button label={t('close')} hint={keyLabels.escape} onPress={props.onClose} />
      </section>
    </div>
  );
};
