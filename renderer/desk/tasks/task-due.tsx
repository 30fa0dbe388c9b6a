import { type DueDay, dueKinds, isStanding } from '../../../shared/task-due.ts';
import type { TasksResponse } from '../../../shared/task-api.ts';
import type { TaskPlan } from '../../../shared/task.ts';
import { useWords } from '../context.tsx';
import { Button } from '../parts/button.tsx';

/** What the list of sources calls it; no list has this id. */
export const dueSource = 'due';

/** R24: what is due is care, whatever the task was before. */
export const withSource = (before: TaskPlan, chosen: string): TaskPlan => {
  const { due: _, ...plan } = before;
  if (chosen === '') return { ...plan, source: { kind: 'query', tiers: [], packages: [], areas: [] } };
  const source = { kind: 'list', listId: chosen } as const;
  return chosen === dueSource
    ? { ...plan, source, kind: 'care', due: { kinds: [...dueKinds], standing: true } }
    : { ...plan, source };
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
      <label>
        <input
          type="checkbox"
          checked={isStanding(plan)}
          onChange={(event) =>
            onEdit({ ...plan, due: { kinds: due.kinds, ...(event.target.checked ? { standing: true as const } : {}) } })
          }
        />
        <span>{t('tasks.field.standing')}</span>
      </label>
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
                onEdit({ ...plan, due: { ...due, kinds } });
              }}
            />
            <span>{t(`tasks.due.${kind}`)}</span>
          </label>
        );
      })}
    </fieldset>
  );
};

/** What is owed and no task takes up: one press prepares the standing task that does. */
export const Uncovered = (props: {
  readonly uncovered: TasksResponse['uncovered'];
  readonly onSetUp: (kinds: readonly (typeof dueKinds)[number][]) => void;
}) => {
  const { t } = useWords();
  const { uncovered = [] } = props;
  if (uncovered.length === 0) return null;
  return (
    <div className="plain-note task-uncovered" data-tone="attention" role="status">
      <p>
        <strong>{t('tasks.uncovered')}</strong>
        {uncovered.map(({ kind, count }) => `${t(`tasks.due.${kind}`)} ${count}`).join(t('tasks.uncoveredBetween'))}
      </p>
      <Button label={t('tasks.setUpStanding')} onPress={() => props.onSetUp(uncovered.map(({ kind }) => kind))} />
    </div>
  );
};

/** R24: day by day what it took up, and what became of that. */
export const DueReport = ({ days }: { readonly days: readonly DueDay[] }) => {
  const { t } = useWords();
  const [today, ...before] = days;
  if (today === undefined) return <p className="quiet">{t('tasks.dueNothing')}</p>;
  return (
    <div className="task-days">
      <DayLine one={today} />
      {before.length === 0 ? null : (
        <details>
          <summary>{t('tasks.dueBefore', { count: before.length })}</summary>
          {before.map((one) => (
            <DayLine key={one.day} one={one} />
          ))}
        </details>
      )}
    </div>
  );
};

const DayLine = ({ one }: { readonly one: DueDay }) => {
  const { t } = useWords();
  const { day, kinds, reached, elsewhere, open, overdue } = one;
  const drawn = kinds.reduce((sum, { count }) => sum + count, 0);
  return (
    <p>
      <span className="figure">{t('tasks.dueDay', { day: day.slice(5), drawn, reached, elsewhere, open })}</span>
      {overdue === 0 ? null : (
        <strong className="figure" data-tone="danger">
          {t('tasks.dueOverdue', { count: overdue })}
        </strong>
      )}
      <span className="quiet">{kinds.map(({ kind, count }) => `${t(`tasks.due.${kind}`)} ${count}`).join(' · ')}</span>
    </p>
  );
};
