import type { KeyboardEvent } from 'react';
import type { Script } from '../../../shared/script.ts';
import { inLanguage } from '../../../shared/text.ts';
import { useWords } from '../context.tsx';
import { Button } from '../parts/button.tsx';
import { SelectField } from './fields.tsx';
import type { Way } from './script-ways.ts';
import { stepName, useTargets } from './step-form.tsx';

/** The chosen way: where it leads, for whoever does not drag it there. Esc goes back to its step. */
export const WayBar = (props: {
  readonly script: Script;
  readonly way: Way;
  readonly mayEdit: boolean;
  readonly onMove: (to: string) => void;
  readonly onRemove: () => void;
  readonly onDone: () => void;
}) => {
  const { t, language } = useWords();
  const { script, way } = props;
  const targets = useTargets(script, way.to);
  const step = script.steps.find(({ id }) => id === way.from);
  const from = step === undefined ? way.from : stepName(step, inLanguage(step.say, language), t(`part.${step.part}`));
  const answer = way.label === null ? t('script.next') : inLanguage(way.label, language) || t('scripts.untitled');
  const onKey = (event: KeyboardEvent<HTMLElement>): void => {
    if (event.key !== 'Escape') return;
    event.preventDefault();
    event.stopPropagation();
    props.onDone();
  };
  return (
    <div
      className="graph-bar"
      role="toolbar"
      aria-label={t('scripts.wayNamed', { from, answer })}
      tabIndex={-1}
      onKeyDown={onKey}
    >
      <strong>{t('scripts.wayNamed', { from, answer })}</strong>
      <fieldset disabled={!props.mayEdit}>
        <SelectField label={t('scripts.leadsTo')} value={way.to} options={targets} onChange={props.onMove} />
        {props.mayEdit ? <Button label={t('scripts.removeWay')} tone="quiet" onPress={props.onRemove} /> : null}
      </fieldset>
      <Button label={t('scripts.backToStep')} tone="quiet" hint="Esc" onPress={props.onDone} />
    </div>
  );
};
