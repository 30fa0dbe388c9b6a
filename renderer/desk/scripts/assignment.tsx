import { useState } from 'react';
import type { ScriptId } from '../../../shared/ids.ts';
import type { ScriptUsesResponse } from '../../../shared/script-api.ts';
import {
  assignmentProblems,
  type AssignmentProblem,
  chooseScript,
  type ScriptCall,
  type ScriptChoice,
  shelfOf,
} from '../../../shared/script-choice.ts';
import { inLanguage } from '../../../shared/text.ts';
import { useMinute, useWords } from '../context.tsx';
import { Button } from '../parts/button.tsx';
import type { Around } from './around.ts';
import { LineField, type Option, SelectField } from './fields.tsx';
import { startOf, wordsIn } from './scope-fields.ts';

type Uses = ScriptUsesResponse;
type Choice = ScriptChoice<Uses['scripts'][number]>;
type Props = {
  readonly uses: Uses;
  readonly around: Around;
  readonly onOpen: (id: ScriptId, version: number) => void;
};

/** R17: which script which call gets. A made-up call is decided as a seat decides; what overlaps or is missing has a sentence. */
export const Assignment = (props: Props) => (
  <div className="assignment">
    <SampleCall {...props} />
    <Faults {...props} />
    <Table {...props} />
  </div>
);

const noon = 12 * 3_600_000;
const nothing = { topicId: '', taskId: '', queue: '', hint: '', areas: '', day: '' };

const SampleCall = (props: Props) => {
  const { t } = useWords();
  const { uses, around } = props;
  const nowMs = useMinute();
  const [asked, ask] = useState(nothing);
  const task = uses.tasks.find(({ id }) => id === asked.taskId);
  const day = startOf(asked.day, 0);
  const choice = chooseScript(
    {
      topicId: asked.topicId === '' ? null : asked.topicId,
      task: task ?? null,
      queue: asked.queue === '' ? null : asked.queue,
      hints: asked.hint === '' ? [] : [asked.hint],
      areas: wordsIn(asked.areas, 40),
      atMs: day === null ? nowMs : day + noon,
    },
    uses.topics,
    shelfOf(uses.scripts),
  );
  const select = (key: 'topicId' | 'taskId' | 'queue' | 'hint', label: string, options: readonly Option[]) => (
    <SelectField
      label={label}
      value={asked[key]}
      options={[{ value: '', label: t('assignment.none') }, ...options]}
      onChange={(value) => ask((now) => ({ ...now, [key]: value }))}
    />
  );
  return (
    <section className="script-form sample-call" aria-label={t('assignment.sample')}>
      <h3>{t('assignment.sample')}</h3>
      <div className="sample-fields">
        {select('topicId', t('assignment.topic'), around.topics)}
        {select('queue', t('assignment.queue'), around.queues)}
        {select(
          'taskId',
          t('assignment.task'),
          uses.tasks.map(({ id, title }) => ({ value: id, label: title })),
        )}
        {select('hint', t('assignment.hint'), around.hints)}
        <LineField
          label={t('assignment.area')}
          value={asked.areas}
          onChange={(areas) => ask((now) => ({ ...now, areas }))}
        />
        <LineField
          label={t('assignment.day')}
          type="date"
          value={asked.day}
          onChange={(next) => ask((now) => ({ ...now, day: next }))}
        />
      </div>
      <p role="status" className="sample-answer">
        <ChoiceWords choice={choice} />
      </p>
    </section>
  );
};

/** "…gets “Explaining a bill”, because of its topic and queue." */
const ChoiceWords = ({ choice }: { readonly choice: Choice }) => {
  const { t } = useWords();
  const title = useTitles();
  const { script, base, by } = choice;
  const first = base ?? script;
  const grounds = choice.on.map((ground) => t(`ground.${ground}`)).join(t('listComma'));
  const sentences = [
    choice.missing === null ? null : t('assignment.missing', { script: choice.missing }),
    first === undefined
      ? t('assignment.by.none')
      : t(`assignment.by.${by}`, {
          ...{ script: title(first), version: first.version },
          grounds: grounds === '' ? t('ground.any') : grounds,
        }),
    base === undefined || script === undefined
      ? null
      : t('assignment.variant', {
          ...{ script: title(script), version: script.version },
          grounds: choice.variantOn.map((ground) => t(`ground.${ground}`)).join(t('listComma')) || t('ground.any'),
        }),
    choice.rivals.length === 0
      ? null
      : t('assignment.rivals', { names: choice.rivals.map(title).join(t('listComma')) }),
  ];
  return <>{sentences.filter((sentence) => sentence !== null).join(' ')}</>;
};

const useTitles = () => {
  const { t, language } = useWords();
  return ({ title }: Uses['scripts'][number]): string => inLanguage(title, language) || t('scripts.untitled');
};

const Faults = ({ uses, around }: Props) => {
  const { t } = useWords();
  const nowMs = useMinute();
  const title = useTitles();
  const queues = uses.queues.map(({ id }) => id);
  const all = assignmentProblems({ ...uses, queues, nowMs });
  // One sentence for all of them: that a topic is answered without a script may be meant.
  const gaps = all.filter(({ kind }) => kind === 'gap');
  const problems = all.flatMap(({ kind, ...rest }) => (kind === 'gap' ? [] : [{ kind, ...rest }]));
  const nameOf = (id: string | undefined): string => {
    const found = uses.scripts.find((script) => script.id === id);
    return found === undefined ? (id ?? '') : title(found);
  };
  const about = ({ about: id }: Pick<AssignmentProblem, 'about'>): string =>
    [...around.topics, ...around.queues, ...uses.tasks.map((task) => ({ value: task.id, label: task.title }))].find(
      ({ value }) => value === id,
    )?.label ?? nameOf(id ?? '');
  return (
    <section className="script-form" aria-label={t('assignment.problems')}>
      <h3>{t('assignment.problems')}</h3>
      {all.length === 0 ? <p>{t('assignment.noProblems')}</p> : null}
      <ul className="script-problems">
        {problems.map((problem, index) => (
          <li key={`${index}:${problem.kind}`} data-severity="fault">
            <strong>{t('scripts.fault')}</strong>
            <span>
              {t(`assignmentProblem.${problem.kind}`, {
                ...{ first: nameOf(problem.scripts[0]), second: nameOf(problem.scripts[1]), about: about(problem) },
              })}
            </span>
          </li>
        ))}
        {gaps.length === 0 ? null : (
          <li data-severity="warning">
            <strong>{t('scripts.warning')}</strong>
            <span>{t('assignment.gaps', { names: gaps.map(about).join(t('listComma')) })}</span>
          </li>
        )}
      </ul>
    </section>
  );
};

const Table = ({ uses, around, onOpen }: Props) => {
  const { t } = useWords();
  const title = useTitles();
  const nowMs = useMinute();
  const shelf = shelfOf(uses.scripts);
  const plain: ScriptCall = { topicId: null, task: null, queue: null, hints: [], areas: [], atMs: nowMs };
  const calls: readonly {
    readonly key: string;
    readonly what: string;
    readonly name: string;
    readonly call: ScriptCall;
  }[] = [
    ...around.topics.map(({ value, label }) => ({
      ...{ key: `t:${value}`, what: t('assignment.topic'), name: label, call: { ...plain, topicId: value } },
    })),
    ...around.queues.map(({ value, label }) => ({
      ...{ key: `q:${value}`, what: t('assignment.queue'), name: label, call: { ...plain, queue: value } },
    })),
    ...uses.tasks.map((task) => ({
      ...{ key: `k:${task.id}`, what: t('assignment.task'), name: task.title, call: { ...plain, task } },
    })),
  ];
  return (
    <section className="script-form" aria-label={t('assignment.table')}>
      <h3>{t('assignment.table')}</h3>
      <table className="assignment-table">
        <thead>
          <tr>
            <th scope="col">{t('assignment.call')}</th>
            <th scope="col">{t('assignment.script')}</th>
            <th scope="col">{t('assignment.why')}</th>
          </tr>
        </thead>
        <tbody>
          {calls.map(({ key, what, name, call }) => {
            const choice = chooseScript(call, uses.topics, shelf);
            const { script } = choice;
            return (
              <tr key={key}>
                <th scope="row">
                  <span className="quiet">{what}</span> {name}
                </th>
                <td>
                  {script === undefined ? (
                    <span className="quiet">{t('assignment.noScript')}</span>
                  ) : (
                    <Button label={title(script)} tone="quiet" onPress={() => onOpen(script.id, script.version)} />
                  )}
                </td>
                <td>
                  <ChoiceWords choice={choice} />
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
};
