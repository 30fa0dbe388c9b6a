import { useEffect, useRef } from 'react';
import { useWords } from '../context.tsx';
import { commands, keyLabels } from '../keys.ts';
import { Button, Key, shortcut } from '../parts/button.tsx';

/** F1: every key of the desk. */
export const KeySheet = ({
  onClose,
  onCopy,
}: {
  readonly onClose: () => void;
  readonly onCopy: () => Promise<void>;
}) => {
  const { t } = useWords();
  const panel = useRef<HTMLElement>(null);
  useEffect(() => panel.current?.focus(), []);
  return (
    <div className="veil">
      <section ref={panel} className="sheet" role="dialog" aria-modal="true" aria-label={t('keys.title')} tabIndex={-1}>
        <h2>{t('keys.title')}</h2>
        <dl className="keys">
          {commands.map((command) => (
            <div key={command}>
              <dt>
                <Key label={keyLabels[command]} />
                <span className="visually-hidden">{shortcut(keyLabels[command])}</span>
              </dt>
              <dd>{t(`keys.${command}`)}</dd>
            </div>
          ))}
          <div>
            <dt>
              <Key label={t('keys.digitsLabel')} />
              <span className="visually-hidden">{t('keys.digitsLabel')}</span>
            </dt>
            <dd>{t('keys.digits')}</dd>
          </div>
        </dl>
        <Button label={t('diagnostics.copy')} hint={keyLabels.diagnostics} tone="quiet" onPress={() => void onCopy()} />
        <Button label={t('close')} hint={keyLabels.escape} onPress={onClose} />
      </section>
    </div>
  );
};
