import type { TasksResponse } from '../../../shared/task-api.ts';
import { tiers } from '../../../shared/customer.ts';
import { isStanding } from '../../../shared/task-due.ts';
import { taskKinds, taskModes, type TaskPlan } from '../../../shared/task.ts';
import { useWords } from '../context.tsx';
import { fieldTime, timeOfField } from '../work-owed/due.ts';
import { Field, NumberField, Select } from './task-fields.tsx';
import { DueFields, dueSource, withSource } from './task-due.tsx';
import { HotFields } from './task-hot.tsx';

const weekMs = 7 * 24 * 3_600_000;

/** What most tasks are: a marketing preview task in the hours of the policy, for two weeks. */
export const newPlan = (nowMs: number, choices: TasksResponse | null): TaskPlan => ({
  ...{ title: '', kind: 'marketing', mode: 'preview', source: { kind: 'query', tiers: [], packages: [], areas: [] } },
  ...{ scriptId: choices?.scripts[0]?.id ?? null, treeId: choices?.trees[0]?.id ?? null, offer: '', callerNumber: '' },
  hours: [
    { fromMinute: 9 * 60, toMinute: 12 * 60 },
    { fromMinute: 14 * 60, toMinute: 20 * 60 },
  ],
  ...{ endsAtMs: nowMs + 2 * weekMs, boxSeconds: 30, weight: 1, agents: [] },
  again: {
    noAnswer: { afterMinutes: 240, times: 2 },
    busy: { afterMinutes: 60, times: 3 },
    failed: { afterMinutes: 60, times: 1 },
  },
});

/** R25: a predictive task is a progressive one that central dials. */
const planIn = (before: TaskPlan, mode: string): TaskPlan => {
  const { predictive: _, ...plan } = before;
  return {
    ...plan,
    mode: mode === 'preview' ? 'preview' : 'progressive',
    ...(mode === 'predictive' ? { predictive: { ringSeconds: 25, detectsMachines: false } } : {}),
  };
};

type Props = {
  readonly plan: TaskPlan;
  readonly choices: TasksResponse;
  readonly onEdit: (plan: TaskPlan) => void;
};

export const TaskForm = (props: Props) => {
  const { t, language } = useWords();
  const { plan, choices, onEdit } = props;
  const set = (change: Partial<TaskPlan>): void => onEdit({ ...plan, ...change });
  const word = (text: { readonly zh: string; readonly en: string }): string => (language === 'en' ? text.en : text.zh);
  return (
    <form className="task-form" aria-label={t('tasks.form')} onSubmit={(event) => event.preventDefault()}>
      <Field label={t('tasks.field.title')} wide>
        {(id) => (
          <input id={id} value={plan.title} maxLength={80} onChange={(event) => set({ title: event.target.value })} />
        )}
      </Field>
      <Field label={t('tasks.field.kind')}>
        {(id) => (
          <Select
            id={id}
            value={plan.kind}
            options={taskKinds.map((kind) => [kind, t(`tasks.kind.${kind}`)])}
            onChange={(value) => set({ kind: taskKinds.find((one) => one === value) ?? 'marketing' })}
          />
        )}
      </Field>
      <Field label={t('tasks.field.mode')}>
        {(id) => (
          <Select
            id={id}
            value={plan.predictive === undefined ? plan.mode : 'predictive'}
            options={[...taskModes, 'predictive' as const].map((mode) => [mode, t(`tasks.mode.${mode}`)])}
            onChange={(value) => onEdit(planIn(plan, value))}
          />
        )}
      </Field>
      <SourceFields {...props} />
      <Field label={t('tasks.field.script')}>
        {(id) => (
          <Select
            id={id}
            value={plan.scriptId ?? ''}
            options={[['', '–'], ...choices.scripts.map((one): [string, string] => [one.id, word(one.title)])]}
            onChange={(value) => set({ scriptId: choices.scripts.find((one) => one.id === value)?.id ?? null })}
          />
        )}
      </Field>
      <Field label={t('tasks.field.tree')}>
        {(id) => (
          <Select
            id={id}
            value={plan.treeId ?? ''}
            options={[['', '–'], ...choices.trees.map((one): [string, string] => [one.id, word(one.label)])]}
            onChange={(value) => set({ treeId: value === '' ? null : value })}
          />
        )}
      </Field>
      <Field label={t('tasks.field.offer')} wide>
        {(id) => (
          <input id={id} value={plan.offer} maxLength={200} onChange={(event) => set({ offer: event.target.value })} />
        )}
      </Field>
      <TimeFields plan={plan} onEdit={onEdit} />
    </form>
  );
};

/** When it calls, how long an agent looks, and how often it tries. */
const TimeFields = ({ plan, onEdit }: Pick<Props, 'plan' | 'onEdit'>) => {
  const { t } = useWords();
  const set = (change: Partial<TaskPlan>): void => onEdit({ ...plan, ...change });
  return (
    <>
      <HourFields plan={plan} onEdit={onEdit} />
      {isStanding(plan) ? null : (
        <Field label={t('tasks.field.ends')}>
          {(id) => (
            <input
              id={id}
              type="datetime-local"
              value={fieldTime(plan.endsAtMs)}
              onChange={(event) => set({ endsAtMs: timeOfField(event.target.value) ?? plan.endsAtMs })}
            />
          )}
        </Field>
      )}
      <NumberField
        label={t('tasks.field.box')}
        value={plan.boxSeconds}
        from={3}
        to={300}
        onChange={(boxSeconds) => set({ boxSeconds })}
      />
      <PredictiveFields plan={plan} onEdit={onEdit} />
      <HotFields plan={plan} onEdit={onEdit} />
      <NumberField
        label={t('tasks.field.weight')}
        value={plan.weight}
        from={1}
        to={9}
        onChange={(weight) => set({ weight })}
      />
      <NumberField
        label={t('tasks.field.noAnswerAfter')}
        value={plan.again.noAnswer.afterMinutes}
        from={30}
        to={10_080}
        onChange={(afterMinutes) =>
          set({ again: { ...plan.again, noAnswer: { ...plan.again.noAnswer, afterMinutes } } })
        }
      />
      <NumberField
        label={t('tasks.field.noAnswerTimes')}
        value={plan.again.noAnswer.times}
        from={0}
        to={9}
        onChange={(times) => set({ again: { ...plan.again, noAnswer: { ...plan.again.noAnswer, times } } })}
      />
      <Field label={t('tasks.field.callerNumber')}>
        {(id) => (
          <input
            id={id}
            value={plan.callerNumber}
            maxLength={24}
            inputMode="tel"
            onChange={(event) => set({ callerNumber: event.target.value })}
          />
        )}
      </Field>
    </>
  );
};

const PredictiveFields = ({ plan, onEdit }: Pick<Props, 'plan' | 'onEdit'>) => {
  const { t } = useWords();
  const { predictive } = plan;
  if (predictive === undefined) return null;
  return (
    <>
      <NumberField
        label={t('tasks.field.ring')}
        value={predictive.ringSeconds}
        from={5}
        to={60}
        onChange={(ringSeconds) => onEdit({ ...plan, predictive: { ...predictive, ringSeconds } })}
      />
      <label className="task-field">
        <input
          type="checkbox"
          checked={predictive.detectsMachines}
          onChange={(event) =>
            onEdit({ ...plan, predictive: { ...predictive, detectsMachines: event.target.checked } })
          }
        />
        <span>{t('tasks.field.machines')}</span>
      </label>
    </>
  );
};

const SourceFields = ({ plan, choices, onEdit }: Props) => {
  const { t } = useWords();
  const { source } = plan;
  return (
    <>
      <Field label={t('tasks.field.source')}>
        {(id) => (
          <Select
            id={id}
            value={plan.due !== undefined ? dueSource : source.kind === 'list' ? source.listId : ''}
            options={[
              ['', t('tasks.source.query')],
              [dueSource, t('tasks.source.due')],
              ...choices.lists.map((list): [string, string] => [
                list.id,
                t('tasks.source.list', { name: list.name, entries: list.entries }),
              ]),
            ]}
            onChange={(listId) => onEdit(withSource(plan, listId))}
          />
        )}
      </Field>
      <DueFields plan={plan} onEdit={onEdit} />
      {source.kind === 'list' ? null : (
        <QueryFields source={source} choices={choices} onSource={(next) => onEdit({ ...plan, source: next })} />
      )}
    </>
  );
};

type Query = Extract<TaskPlan['source'], { readonly kind: 'query' }>;

const QueryFields = (props: {
  readonly source: Query;
  readonly choices: TasksResponse;
  readonly onSource: (source: Query) => void;
}) => {
  const { t, language } = useWords();
  const { source, choices, onSource } = props;
  const one = (values: readonly string[]): string => values[0] ?? '';
  return (
    <>
      <fieldset className="task-tiers">
        <legend>{t('tasks.field.tiers')}</legend>
        {tiers.map((tier) => (
          <label key={tier}>
            <input
              type="checkbox"
              checked={source.tiers.includes(tier)}
              onChange={(event) =>
                onSource({
                  ...source,
                  tiers: tiers.filter((other) =>
                    other === tier ? event.target.checked : source.tiers.includes(other),
                  ),
                })
              }
            />
            <span>{t(`tier.${tier}`)}</span>
          </label>
        ))}
      </fieldset>
      <Field label={t('tasks.field.package')}>
        {(id) => (
          <Select
            id={id}
            value={one(source.packages)}
            options={[
              ['', t('tasks.any')],
              ...choices.packages.map((pack): [string, string] => [
                pack.id,
                language === 'en' ? pack.name.en : pack.name.zh,
              ]),
            ]}
            onChange={(value) => onSource({ ...source, packages: value === '' ? [] : [value] })}
          />
        )}
      </Field>
      <Field label={t('tasks.field.area')}>
        {(id) => (
          <Select
            id={id}
            value={one(source.areas)}
            options={[
              ['', t('tasks.any')],
              ...choices.areas.map((area): [string, string] => [area.zh, language === 'en' ? area.en : area.zh]),
            ]}
            onChange={(value) => onSource({ ...source, areas: value === '' ? [] : [value] })}
          />
        )}
      </Field>
    </>
  );
};

const clock = (minutes: number): string =>
  `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
const minutesOf = (text: string): number | undefined => {
  const [, hours, minutes] = /^(\d{1,2}):(\d{2})$/.exec(text) ?? [];
  return hours === undefined ? undefined : Number(hours) * 60 + Number(minutes);
};

/** At most two stretches of the day; an empty one is none. */
const HourFields = ({ plan, onEdit }: Pick<Props, 'plan' | 'onEdit'>) => {
  const { t } = useWords();
  const set = (n: number, change: Partial<TaskPlan['hours'][number]>): void =>
    onEdit({ ...plan, hours: plan.hours.map((one, at) => (at === n ? { ...one, ...change } : one)) });
  return (
    <fieldset className="task-hours">
      <legend>{t('tasks.field.hours')}</legend>
      {plan.hours.map(({ fromMinute, toMinute }, n) => (
        <span key={n} className="pair">
          <input
            type="time"
            aria-label={t('tasks.field.from')}
            value={clock(fromMinute)}
            onChange={(event) => set(n, { fromMinute: minutesOf(event.target.value) ?? fromMinute })}
          />
          <span aria-hidden="true">{t('tasks.until')}</span>
          <input
            type="time"
            aria-label={t('tasks.field.to')}
            value={clock(toMinute)}
            onChange={(event) => set(n, { toMinute: minutesOf(event.target.value) ?? toMinute })}
          />
        </span>
      ))}
    </fieldset>
  );
};
