import { objectionCategories, type Script } from '../../../shared/script.ts';
import { inLanguage } from '../../../shared/text.ts';
import type { ScriptsResponse } from '../../../shared/script-api.ts';
import { useWords } from '../context.tsx';
import { usersOf } from './around.ts';
import { SelectField, TextPair } from './fields.tsx';
import { withStep } from './script-edits.ts';
import { InsertVariable } from './step-form.tsx';

/** An entry of the objections library: what customers say, of what kind it is, and the answer (R18). */
export const EntryForm = (props: {
  readonly script: Script;
  readonly list: ScriptsResponse | null;
  readonly onEdit: (script: Script) => void;
}) => {
  const { t, language } = useWords();
  const { script, onEdit } = props;
  const step = script.steps.find(({ id }) => id === script.first);
  const users = usersOf(props.list, script.id);
  const names = users.map(({ title }) => inLanguage(title, language)).join(t('listComma'));
  return (
    <>
      <p className="quiet">
        {users.length === 0 ? t('scripts.usedByNone') : t('scripts.usedBy', { count: users.length, names })}
      </p>
      <TextPair
        label={t('scripts.objection')}
        value={script.title}
        onChange={(title) => onEdit({ ...script, title })}
      />
      <SelectField
        label={t('scripts.category')}
        value={script.objection?.category ?? 'other'}
        options={objectionCategories.map((one) => ({ value: one, label: t(`objectionCategory.${one}`) }))}
        onChange={(value) => {
          const category = objectionCategories.find((one) => one === value) ?? 'other';
          onEdit({ ...script, objection: { category } });
        }}
      />
      {step === undefined ? null : (
        <>
          <TextPair
            label={t('scripts.say')}
            long
            value={step.say}
            onChange={(say) => onEdit(withStep(script, step.id, { say }))}
          />
          <InsertVariable step={step} onEdit={(say) => onEdit(withStep(script, step.id, { say }))} />
        </>
      )}
    </>
  );
};
