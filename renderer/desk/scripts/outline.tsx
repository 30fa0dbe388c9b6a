import type { KeyboardEvent } from 'react';
import { checkScript } from '../../../shared/script-check.ts';
import type { Script } from '../../../shared/script.ts';
import { inLanguage } from '../../../shared/text.ts';
import { useWords } from '../context.tsx';
import { Button } from '../parts/button.tsx';
import { moveStep } from './script-edits.ts';
import type { OpenScript } from './scripts-store.ts';
import { stepName } from './step-form.tsx';
import { type Chosen, stepHands } from './step-hands.ts';

type OutlineProps = {
  readonly script: Script;
  readonly coverage: OpenScript['coverage'];
  readonly chosen: Chosen;
  readonly mayEdit: boolean;
  readonly onChoose: (chosen: Chosen) => void;
  readonly onEdit: (script: Script) => void;
};

/** The steps in their order. Arrows go up and down, Alt with them moves a step, Insert adds one, Delete takes one away. */
export const Outline = (props: OutlineProps) => {
  const { t } = useWords();
  const { script, chosen, mayEdit } = props;
  const faulty = new Set(checkScript(script).flatMap(({ severity, stepId }) => (severity === 'fault' ? [stepId] : [])));
  const { add, remove } = stepHands(script, props.onEdit, props.onChoose);
  const onStepKey = (event: KeyboardEvent<HTMLElement>, id: string): void => {
    const by = event.key === 'ArrowUp' ? -1 : event.key === 'ArrowDown' ? 1 : undefined;
    if (by !== undefined && event.altKey && mayEdit) props.onEdit(moveStep(script, id, by));
    else if (event.key === 'Insert' && mayEdit) add(id);
    else if (event.key === 'Delete' && mayEdit) remove(id);
    else return walk(event);
    event.preventDefault();
    event.stopPropagation();
  };
  const current = chosen.kind === 'step' ? chosen.id : script.steps.at(-1)?.id;
  return (
    <nav className="outline" aria-label={t('scripts.outline')}>
      <OutlineButton
        label={t('scripts.settings')}
        chosen={chosen.kind === 'script'}
        onPress={() => props.onChoose({ kind: 'script' })}
      />
      <ol>
        {script.steps.map((step) => (
          <li key={step.id}>
            <StepButton
              {...props}
              step={step}
              isFaulty={faulty.has(step.id)}
              onKey={(event) => onStepKey(event, step.id)}
            />
          </li>
        ))}
      </ol>
      <OutlineButton
        label={t('scripts.objectionsCount', { count: script.objections.length })}
        chosen={chosen.kind === 'objections'}
        onPress={() => props.onChoose({ kind: 'objections' })}
      />
      {mayEdit && current !== undefined ? (
        <div className="pair">
          <Button label={t('scripts.addStep')} onPress={() => add(current)} />
          <Button
            label={t('scripts.removeStep')}
            tone="quiet"
            disabled={chosen.kind !== 'step'}
            onPress={() => remove(current)}
          />
        </div>
      ) : null}
      {mayEdit ? <p className="quiet">{t('scripts.outlineKeys')}</p> : null}
    </nav>
  );
};

/** Up and down through whatever the outline holds. */
const walk = (event: KeyboardEvent<HTMLElement>): void => {
  const outline = event.currentTarget.closest('.outline');
  const by = event.key === 'ArrowUp' ? -1 : event.key === 'ArrowDown' ? 1 : undefined;
  if (by === undefined || event.altKey || outline === null) return;
  const buttons = [...outline.querySelectorAll<HTMLButtonElement>('.outline-item')];
  const at = buttons.findIndex((button) => button === document.activeElement);
  const next = buttons[at + by];
  if (at < 0 || next === undefined) return;
  next.focus();
  next.click();
  event.preventDefault();
};

const OutlineButton = (props: { readonly label: string; readonly chosen: boolean; readonly onPress: () => void }) => (
  <button type="button" className="outline-item" aria-current={props.chosen} onClick={props.onPress} onKeyDown={walk}>
    {props.label}
  </button>
);

const StepButton = (
  props: OutlineProps & {
    readonly step: Script['steps'][number];
    readonly isFaulty: boolean;
    readonly onKey: (event: KeyboardEvent<HTMLElement>) => void;
  },
) => {
  const { t, language } = useWords();
  const { step, coverage, chosen } = props;
  const reached = coverage?.steps.find(({ stepId }) => stepId === step.id)?.reached ?? 0;
  return (
    <button
      type="button"
      className="outline-item"
      aria-current={chosen.kind === 'step' && chosen.id === step.id}
      onClick={() => props.onChoose({ kind: 'step', id: step.id })}
      onKeyDown={props.onKey}
    >
      <span>{stepName(step, inLanguage(step.say, language), t(`part.${step.part}`))}</span>
      {props.isFaulty ? <span className="chip">{t('scripts.fault')}</span> : null}
      {coverage === null || coverage.runs === 0 ? null : (
        <span className="quiet figure">{t('scripts.reached', { reached, runs: coverage.runs })}</span>
      )}
    </button>
  );
};
