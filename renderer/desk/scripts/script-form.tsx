import type { Script } from '../../../shared/script.ts';
import { kinds, parts } from '../../../shared/script.ts';
import { useWords } from '../context.tsx';
import { Button } from '../parts/button.tsx';
import { LineField, SelectField, TextPair } from './fields.tsx';
import { PickMany } from './pick-many.tsx';
import type { Around } from './around.ts';
import { dayOf, startOf, wordsIn } from './scope-fields.ts';
import { addObjection } from './script-edits.ts';
import { LibraryForm, UsesForm } from './uses-form.tsx';

type FormProps = { readonly script: Script; readonly around: Around; readonly onEdit: (script: Script) => void };

/** The script itself: title, kind, tariff, parts left out, and whom a variant is for. */
export const ScriptForm = ({ script, around, onEdit }: FormProps) => {
  const { t } = useWords();
  const { tariffId: _, ...without } = script;
  const waived = script.waived ?? [];
  return (
    <>
      <TextPair label={t('scripts.title')} value={script.title} onChange={(title) => onEdit({ ...script, title })} />
      <SelectField
        label={t('scripts.kind')}
        value={script.kind}
        options={kinds.map((kind) => ({ value: kind, label: t(`scriptKind.${kind}`) }))}
        onChange={(kind) => onEdit({ ...script, kind: kind as Script['kind'] })}
      />
      <LineField
        label={t('scripts.tariff')}
        value={script.tariffId ?? ''}
        onChange={(tariffId) => onEdit(tariffId === '' ? without : { ...script, tariffId: tariffId.slice(0, 64) })}
      />
      <fieldset className="script-rows">
        <legend>{t('scripts.waived')}</legend>
        {parts.map((part) => (
          <label key={part} className="tick">
            <input
              type="checkbox"
              checked={waived.includes(part)}
              onChange={(event) =>
                onEdit({
                  ...script,
                  waived: event.target.checked ? [...waived, part] : waived.filter((one) => one !== part),
                })
              }
            />
            <span>{t(`part.${part}`)}</span>
          </label>
        ))}
      </fieldset>
      {script.variant === undefined ? (
        <UsesForm script={script} around={around} onEdit={onEdit} />
      ) : (
        <VariantForm script={script} around={around} onEdit={onEdit} />
      )}
    </>
  );
};

const VariantForm = ({ script, around, onEdit }: FormProps) => {
  const { t } = useWords();
  const { variant } = script;
  if (variant === undefined) return null;
  const set = (edit: Partial<typeof variant>): void => onEdit({ ...script, variant: { ...variant, ...edit } });
  return (
    <fieldset className="script-rows">
      <legend>{t('scripts.variantOf', { script: variant.of })}</legend>
      <LineField
        label={t('scripts.areas')}
        value={variant.areas.join(' ')}
        onChange={(text) => set({ areas: wordsIn(text, 40) })}
      />
      <PickMany
        label={t('scripts.campaigns')}
        none={t('scripts.anyOf')}
        value={variant.campaigns}
        options={[...around.queues, ...around.tasks]}
        onChange={(campaigns) => set({ campaigns })}
      />
      <LineField
        label={t('scripts.from')}
        type="date"
        value={dayOf(variant.fromMs, 0)}
        onChange={(day) => set({ fromMs: startOf(day, 0) })}
      />
      <LineField
        label={t('scripts.until')}
        type="date"
        value={dayOf(variant.untilMs, -1)}
        onChange={(day) => set({ untilMs: startOf(day, 1) })}
      />
    </fieldset>
  );
};

/** Answers to what customers object, on one key from anywhere in the script (R18). */
export const ObjectionsForm = ({ script, around, onEdit }: FormProps) => {
  const { t } = useWords();
  const { objections } = script;
  const put = (index: number, edit: Partial<(typeof objections)[number]>): void =>
    onEdit({ ...script, objections: objections.map((one, at) => (at === index ? { ...one, ...edit } : one)) });
  return (
    <>
      {objections.map((objection, index) => (
        <div
          key={objection.id}
          className="script-row"
          role="group"
          aria-label={t('scripts.objectionNumber', { n: index + 1 })}
        >
          <TextPair
            label={t('scripts.objection')}
            value={objection.label}
            onChange={(label) => put(index, { label })}
          />
          <TextPair label={t('scripts.say')} long value={objection.say} onChange={(say) => put(index, { say })} />
          <Button
            label={t('scripts.remove')}
            tone="quiet"
            onPress={() => onEdit({ ...script, objections: objections.filter((_, at) => at !== index) })}
          />
        </div>
      ))}
      <LibraryForm script={script} around={around} onEdit={onEdit} />
      <Button label={t('scripts.addObjection')} onPress={() => onEdit(addObjection(script))} />
    </>
  );
};
