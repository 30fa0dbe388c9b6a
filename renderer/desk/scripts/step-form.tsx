import type { Part, Script, ScriptStep } from '../../../shared/script.ts';
import { disclosureKinds, parts, variablePattern } from '../../../shared/script.ts';
import { knownVariables } from '../../../shared/script-variables.ts';
import { inLanguage, type Text } from '../../../shared/text.ts';
import { useWords } from '../context.tsx';
import { Button } from '../parts/button.tsx';
import { type Option, SelectField, TextPair } from './fields.tsx';
import { addAnswer, addDisclosure, withDisclosures, withStep } from './script-edits.ts';
import { endPlace } from './script-ways.ts';

type FormProps = {
  readonly script: Script;
  readonly step: ScriptStep;
  readonly onEdit: (script: Script) => void;
};

/** Everything about one step: what is said, what must be told, and where it leads. */
export const StepForm = (props: FormProps) => {
  const { t } = useWords();
  const { script, step, onEdit } = props;
  const set = (edit: Partial<ScriptStep>): void => onEdit(withStep(script, step.id, edit));
  return (
    <>
      <SelectField
        label={t('scripts.part')}
        value={step.part}
        options={parts.map((part) => ({ value: part, label: t(`part.${part}`) }))}
        onChange={(part) => set({ part: part as Part })}
      />
      <TextPair label={t('scripts.say')} long value={step.say} onChange={(say) => set({ say })} />
      <InsertVariable step={step} onEdit={(say) => set({ say })} />
      <Answers {...props} />
      <Disclosures {...props} />
    </>
  );
};

/** At the end of what is said, in both languages. */
export const InsertVariable = (props: { readonly step: ScriptStep; readonly onEdit: (say: Text) => void }) => {
  const { t, named } = useWords();
  const { say } = props.step;
  const variables = knownVariables.map((name) => ({ value: name, label: named('variable', name, name) }));
  return (
    <SelectField
      label={t('scripts.insert')}
      value=""
      options={[{ value: '', label: t('scripts.choose') }, ...variables]}
      onChange={(name) => {
        if (name !== '') props.onEdit({ zh: `${say.zh}{${name}}`, en: `${say.en}{${name}}` });
      }}
    />
  );
};

/** What ways may lead to, and what some lead to by mistake: a step that is no longer there is shown as that. */
export const useTargets = (script: Script, ...now: readonly (string | null)[]): readonly Option[] => {
  const { t, language } = useWords();
  const known = new Set([...script.steps.map(({ id }) => id), endPlace]);
  const gone = [...new Set(now)].filter((id): id is string => id !== null && !known.has(id));
  return [
    ...gone.map((id) => ({ value: id, label: t('scripts.goneStep', { step: id }) })),
    ...script.steps.map((step) => ({
      value: step.id,
      label: stepName(step, inLanguage(step.say, language), t(`part.${step.part}`)),
    })),
    { value: endPlace, label: t('scripts.end') },
  ];
};
const shownLetters = 24;
/** Whose name a variable will be is not known here: it is left open. */
export const withoutNames = (said: string): string => said.replaceAll(variablePattern, '…');
export const stepName = ({ id }: ScriptStep, said: string, part: string): string =>
  said.trim() === '' ? `${part} · ${id}` : `${part} · ${withoutNames(said).slice(0, shownLetters)}`;

const Answers = ({ script, step, onEdit }: FormProps) => {
  const { t } = useWords();
  const targets = useTargets(script, step.next, ...step.answers.map(({ next }) => next));
  const put = (index: number, edit: Partial<ScriptStep['answers'][number]>): void =>
    onEdit(
      withStep(script, step.id, {
        answers: step.answers.map((answer, at) => (at === index ? { ...answer, ...edit } : answer)),
      }),
    );
  const target = (value: string): string | null => (value === endPlace ? null : value);
  return (
    <fieldset className="script-rows">
      <legend>{t('script.answers')}</legend>
      {step.answers.length > 0 ? null : (
        <SelectField
          label={t('scripts.next')}
          value={step.next ?? endPlace}
          options={targets}
          onChange={(value) => onEdit(withStep(script, step.id, { next: target(value) }))}
        />
      )}
      {step.answers.map((answer, index) => (
        <div
          key={answer.id}
          className="script-row"
          role="group"
          aria-label={t('scripts.answerNumber', { n: index + 1 })}
        >
          <TextPair label={t('scripts.answer')} value={answer.label} onChange={(label) => put(index, { label })} />
          <SelectField
            label={t('scripts.leadsTo')}
            value={answer.next ?? endPlace}
            options={targets}
            onChange={(value) => put(index, { next: target(value) })}
          />
          <Button
            label={t('scripts.remove')}
            tone="quiet"
            onPress={() => onEdit(withStep(script, step.id, { answers: step.answers.filter((_, at) => at !== index) }))}
          />
        </div>
      ))}
      <Button
        label={t('scripts.addAnswer')}
        disabled={step.answers.length >= 9}
        onPress={() => onEdit(addAnswer(script, step))}
      />
    </fieldset>
  );
};

const Disclosures = ({ script, step, onEdit }: FormProps) => {
  const { t } = useWords();
  const items = step.disclosures ?? [];
  const put = (index: number, edit: Partial<(typeof items)[number]>): void =>
    onEdit(
      withDisclosures(
        script,
        step,
        items.map((item, at) => (at === index ? { ...item, ...edit } : item)),
      ),
    );
  return (
    <fieldset className="script-rows">
      <legend>{t('scripts.disclosures')}</legend>
      {items.map((item, index) => (
        <div key={item.id} className="script-row" role="group" aria-label={t('scripts.itemNumber', { n: index + 1 })}>
          <SelectField
            label={t('scripts.item')}
            value={item.kind}
            options={disclosureKinds.map((kind) => ({ value: kind, label: t(`disclosure.${kind}`) }))}
            onChange={(kind) => put(index, { kind: kind as (typeof item)['kind'] })}
          />
          <TextPair label={t('scripts.itemText')} value={item.label} onChange={(label) => put(index, { label })} />
          <Button
            label={t('scripts.remove')}
            tone="quiet"
            onPress={() =>
              onEdit(
                withDisclosures(
                  script,
                  step,
                  items.filter((_, at) => at !== index),
                ),
              )
            }
          />
        </div>
      ))}
      <Button
        label={t('scripts.addItem')}
        disabled={items.length >= 9}
        onPress={() => onEdit(addDisclosure(script, step))}
      />
    </fieldset>
  );
};
