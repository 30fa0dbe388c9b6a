import type { Script, ScriptUse } from '../../../shared/script.ts';
import { useWords } from '../context.tsx';
import { Button } from '../parts/button.tsx';
import type { Around } from './around.ts';
import { LineField, SelectField } from './fields.tsx';
import { PickMany } from './pick-many.tsx';
import { dayOf, startOf, wordsIn } from './scope-fields.ts';
import { stepName } from './step-form.tsx';
import { inLanguage } from '../../../shared/text.ts';

type FormProps = { readonly script: Script; readonly around: Around; readonly onEdit: (script: Script) => void };

const anyCall: ScriptUse = { topics: [], hints: [], queues: [], areas: [], fromMs: null, untilMs: null };

/** Which calls the script is shown for by itself (R17). It takes effect with the version, and goes with it. */
export const UsesForm = ({ script, around, onEdit }: FormProps) => {
  const { t } = useWords();
  const uses = script.shownFor ?? [];
  const { shownFor: _, ...without } = script;
  const put = (next: readonly ScriptUse[]): void =>
    onEdit(next.length === 0 ? without : { ...script, shownFor: [...next] });
  const set = (index: number, edit: Partial<ScriptUse>): void =>
    put(uses.map((use, at) => (at === index ? { ...use, ...edit } : use)));
  const any = t('scripts.anyOf');
  return (
    <fieldset className="script-rows">
      <legend>{t('scripts.shownFor')}</legend>
      {uses.length === 0 ? <p className="quiet">{t('scripts.shownForNone')}</p> : null}
      {uses.map((use, index) => (
        <div
          // They have no names of their own, and none of them moves.
          key={`use-${index}`}
          className="script-row"
          role="group"
          aria-label={t('scripts.useNumber', { n: index + 1 })}
        >
          <PickMany
            label={t('scripts.useTopics')}
            none={any}
            value={use.topics}
            options={around.topics}
            onChange={(topics) => set(index, { topics: topics as ScriptUse['topics'] })}
          />
          <PickMany
            label={t('scripts.useQueues')}
            none={any}
            value={use.queues}
            options={around.queues}
            onChange={(queues) => set(index, { queues })}
          />
          <PickMany
            label={t('scripts.useHints')}
            none={any}
            value={use.hints}
            options={around.hints}
            onChange={(hints) => set(index, { hints })}
          />
          <LineField
            label={t('scripts.areas')}
            value={use.areas.join(' ')}
            onChange={(text) => set(index, { areas: wordsIn(text, 40) })}
          />
          <div className="text-pair">
            <LineField
              label={t('scripts.from')}
              type="date"
              value={dayOf(use.fromMs, 0)}
              onChange={(day) => set(index, { fromMs: startOf(day, 0) })}
            />
            <LineField
              label={t('scripts.until')}
              type="date"
              value={dayOf(use.untilMs, -1)}
              onChange={(day) => set(index, { untilMs: startOf(day, 1) })}
            />
          </div>
          <Button
            label={t('scripts.remove')}
            tone="quiet"
            onPress={() => put(uses.filter((_use, at) => at !== index))}
          />
        </div>
      ))}
      <Button label={t('scripts.addUse')} disabled={uses.length >= 20} onPress={() => put([...uses, anyCall])} />
    </fieldset>
  );
};

/** Entries of the library the script refers to, and at which steps they come first (R18). */
export const LibraryForm = ({ script, around, onEdit }: FormProps) => {
  const { t, language } = useWords();
  const refers = script.library ?? [];
  const { library: _, ...without } = script;
  const put = (next: NonNullable<Script['library']>): void =>
    onEdit(next.length === 0 ? without : { ...script, library: next });
  const steps = script.steps.map((step) => ({
    value: step.id,
    label: stepName(step, inLanguage(step.say, language), t(`part.${step.part}`)),
  }));
  const nameOf = (id: string): string =>
    around.entries.find(({ value }) => value === id)?.label ?? t('scripts.goneName', { name: id });
  const left = around.entries.filter(
    ({ value }) => around.published.has(value) && !refers.some(({ id }) => id === value),
  );
  return (
    <fieldset className="script-rows">
      <legend>{t('scripts.fromLibrary')}</legend>
      {refers.map((one) => (
        <div key={one.id} className="script-row" role="group" aria-label={nameOf(one.id)}>
          <strong>{nameOf(one.id)}</strong>
          {around.published.has(one.id) ? null : (
            <p className="plain-note" data-tone="attention">
              {t('scripts.entryNotShown')}
            </p>
          )}
          <PickMany
            label={t('scripts.entrySteps')}
            none={t('scripts.anyStep')}
            value={one.steps}
            options={steps}
            onChange={(chosen) =>
              put(refers.map((other) => (other.id === one.id ? { ...other, steps: chosen } : other)))
            }
          />
          <Button
            label={t('scripts.remove')}
            tone="quiet"
            onPress={() => put(refers.filter((other) => other.id !== one.id))}
          />
        </div>
      ))}
      <SelectField
        label={t('scripts.addEntry')}
        value=""
        options={[{ value: '', label: t(left.length === 0 ? 'scripts.noEntries' : 'scripts.choose') }, ...left]}
        onChange={(id) => {
          const entry = left.find(({ value }) => value === id);
          if (entry !== undefined && refers.length < 40) put([...refers, { id: entry.value as never, steps: [] }]);
        }}
      />
    </fieldset>
  );
};
