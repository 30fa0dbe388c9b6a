import { dueKinds } from '../../../shared/task-due.ts';
import type { TaskPlan } from '../../../shared/task.ts';
import { useWords } from '../context.tsx';

/** What the list of sources calls it; no list has this id. */
export const dueSource = 'due';

/** R24: what is due is care, whatever the task was before. */
export const withSource = (before: TaskPlan, chosen: string): TaskPlan => {
  const { due: _, ...plan } = before;
  if (chosen === '') return { ...plan, source: { kind: 'query', tiers: [], packages: [], areas: [] } };
  const source = { kind: 'list', listId: chosen } as const;
  return chosen === dueSource ? { ...plan, source, kind: 'care', due: { kinds: [...dueKinds] } } : { ...plan, source };
};

/** Which things that are due the task takes up by itself; one at least. */
export const DueFields = (props: { readonly plan: TaskPlan; readonly onEdit: (plan: TaskPlan) => void }) => {
  const { t } = useWords();
  const { plan, onEdit } = props;
  const { due } = plan;
  if (due === undefined) return null;
  return (
    <fieldset className="task-tiers">
      <legend>{t('tasks.field.due')}</legend>
      {dueKinds.map((kind) => {
        const isOnly = due.kinds.length === 1 && due.kinds[0] === kind;
        return (
          <label key={kind}>
            <input
              type="checkbox"
              checked={due.kinds.includes(kind)}
              disabled={isOnly}
              onChange={(event) => {
                const kinds = dueKinds.filter((one) => (one === kind ? event.target.checked : due.kinds.includes(one)));
                onEdit({ ...plan, due: { kinds } });
              }}
            />
            <span>{t(`tasks.due.${kind}`)}</span>
          </label>
        );
      })}
    </fieldset>
  );
};
