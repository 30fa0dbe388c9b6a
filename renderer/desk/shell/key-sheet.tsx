import { useEffect, useRef } from 'react';
import { useWords } from '../context.tsx';
import { keysAt } from '../help/place.ts';
import { type CommandName, commands, keyLabels } from '../keys.ts';
import { Button, Key, shortcut } from '../parts/button.tsx';
import type { Place } from '../ui-store.ts';

/** F1: where one stands first, in a few sentences and with the keys that matter there; then every key of the desk. */
export const KeySheet = (props: {
  readonly place: Place;
  readonly onClose: () => void;
  readonly onCopy: () => Promise<void>;
  /** Begins the tour; null where there is none to begin. */
  readonly onTour: (() => void) | null;
}) => {
  const { t, named } = useWords();
  const panel = useRef<HTMLElement>(null);
  useEffect(() => panel.current?.focus(), []);
  const here = keysAt(props.place);
  return (
    <div className="veil">
      <section ref={panel} className="sheet" role="dialog" aria-modal="true" aria-label={t('keys.title')} tabIndex={-1}>
        <section className="help-here" aria-label={t('help.here')}>
          <h2>{named('help.title', props.place, t('help.here'))}</h2>
          <p>{named('help', props.place, t('help.other'))}</p>
          <dl className="keys">
            {here.map((command) => (
              <KeyLine key={command} command={command} />
            ))}
          </dl>
        </section>
        <h2>{t('keys.title')}</h2>
        <dl className="keys">
          {commands.map((command) => (
            <KeyLine key={command} command={command} />
          ))}
          <div>
            <dt>
              <Key label={t('keys.digitsLabel')} />
              <span className="visually-hidden">{t('keys.digitsLabel')}</span>
            </dt>
            <dd>{t('keys.digits')}</dd>
          </div>
        </dl>
        <div className="sheet-end">
          {props.onTour === null ? null : <Button label={t('tour.start')} onPress={props.onTour} />}
          <Button
            label={t('diagnostics.copy')}
            hint={keyLabels.diagnostics}
            tone="quiet"
            onPress={() => void props.onCopy()}
          />
          <Button label={t('close')} hint={keyLabels.escape} onPress={props.onClose} />
        </div>
      </section>
    </div>
  );
};

const KeyLine = ({ command }: { readonly command: CommandName }) => {
  const { t } = useWords();
  return (
    <div>
      <dt>
        <Key label={keyLabels[command]} />
        <span className="visually-hidden">{shortcut(keyLabels[command])}</span>
      </dt>
      <dd>{t(`keys.${command}`)}</dd>
    </div>
  );
};
