import type { TaskPlan } from '../../../shared/task.ts';
import { useWords } from '../context.tsx';
import { Field, NumberField } from './task-fields.tsx';

/** R26: the text that goes out first, and how long customers have to call themselves. */
export const HotFields = (props: { readonly plan: TaskPlan; readonly onEdit: (plan: TaskPlan) => void }) => {
  const { t } = useWords();
  const { plan, onEdit } = props;
  const { hot, ...without } = plan;
  return (
    <>
      <label className="task-field">
        <input
          type="checkbox"
          checked={hot !== undefined}
          onChange={(event) => onEdit(event.target.checked ? { ...plan, hot: { text: '', waitHours: 24 } } : without)}
        />
        <span>{t('tasks.field.hot')}</span>
      </label>
      {hot === undefined ? null : (
        <>
          <Field label={t('tasks.field.hotText')} wide>
            {(id) => (
              <textarea
                id={id}
                rows={2}
                value={hot.text}
                maxLength={200}
                onChange={(event) => onEdit({ ...plan, hot: { ...hot, text: event.target.value } })}
              />
            )}
          </Field>
          <NumberField
            label={t('tasks.field.hotWait')}
            value={hot.waitHours}
            from={1}
            to={168}
            onChange={(waitHours) => onEdit({ ...plan, hot: { ...hot, waitHours } })}
          />
        </>
      )}
    </>
  );
};
