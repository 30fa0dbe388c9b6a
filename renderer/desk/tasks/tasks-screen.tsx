import { useEffect, useState } from 'react';
import type { PacingView } from '../../../shared/dialler.ts';
import { type Refusal, refusal } from '../../../shared/result.ts';
import type { Task, TaskEstimate, TasksResponse } from '../../../shared/task-api.ts';
import { isStanding } from '../../../shared/task-due.ts';
import { reachWanted, type TaskPlan, taskMoves } from '../../../shared/task.ts';
import { useDesk, useMinute, useWords } from '../context.tsx';
import { dateTime } from '../format.ts';
import { Button } from '../parts/button.tsx';
import { ListPaste } from './list-paste.tsx';
import type { LeadTasks } from './task-actions.ts';
import { DueReport, dueSource, Uncovered, withSource } from './task-due.tsx';
import { newPlan, TaskForm } from './task-form.tsx';

/** R20, R27: a lead's tasks at a glance, and the one that is being written. */
export const TasksScreen = () => {
  const { actions } = useDesk();
  return <Tasks calls={actions.tasks} />;
};

const againMs = 5_000;
type Open = { readonly id: Task['id'] | null; readonly revision: number; readonly plan: TaskPlan };

/** What central has, asked again every few seconds while the screen is open, and what a lead does to it. */
const useTasks = (calls: LeadTasks) => {
  const [all, setAll] = useState<TasksResponse | null>(null);
  const [why, setWhy] = useState<Refusal | null>(null);
  const [open, setOpen] = useState<Open | null>(null);
  const [estimate, setEstimate] = useState<TaskEstimate | 'asking' | null>(null);
  const heard = (answer: Awaited<ReturnType<LeadTasks['list']>>): void => {
    if (answer.ok) setAll(answer.value);
    else setWhy(answer.error);
  };
  const look = async (): Promise<void> => heard(await calls.list());
  useEffect(() => {
    let isHere = true;
    const ask = (): void =>
      void calls.list().then((answer) => {
        if (!isHere) return;
        if (answer.ok) setAll(answer.value);
        else setWhy(answer.error);
      });
    ask();
    const timer = setInterval(ask, againMs);
    return () => {
      isHere = false;
      clearInterval(timer);
    };
  }, [calls]);
  const show = (next: Open | null): void => {
    setOpen(next);
    setEstimate(null);
  };
  const save = async (): Promise<Open | null> => {
    if (open === null) return null;
    if (open.plan.title.trim() === '') {
      setWhy(refusal('mandatory', 'taskTitle'));
      return null;
    }
    const saved = await calls.save({ taskId: open.id, revision: open.revision, plan: open.plan });
    setWhy(saved.ok ? null : saved.error);
    if (!saved.ok) return null;
    const now = { ...open, id: saved.value.taskId, revision: saved.value.revision };
    setOpen(now);
    await look();
    return now;
  };
  const reckon = async (): Promise<void> => {
    if (open === null) return;
    setEstimate('asking');
    // Whom it would call does not depend on what it is called.
    const answer = await calls.estimate({ ...open.plan, title: open.plan.title.trim() || '–' });
    setEstimate(answer.ok ? answer.value : null);
    setWhy(answer.ok ? null : answer.error);
  };
  const move = async (id: Task['id'], revision: number, wanted: (typeof taskMoves)[number]): Promise<void> => {
    const moved = await calls.move({ taskId: id, revision, move: wanted });
    setWhy(moved.ok ? null : moved.error);
    if (moved.ok) setOpen(null);
    await look();
  };
  const start = async (): Promise<void> => {
    const saved = await save();
    if (saved !== null && saved.id !== null) await move(saved.id, saved.revision, 'start');
  };
  return { all, why, open, estimate, look, show, save, reckon, move, start };
};

const Tasks = ({ calls }: { readonly calls: LeadTasks }) => {
  const { t, refusal: say } = useWords();
  const nowMs = useMinute();
  const now = useTasks(calls);
  const { all, why, open, show } = now;
  return (
    <section className="tasks lead-page" aria-label={t('tasks.region')}>
      <header className="tasks-head">
        <h1>{t('tasks.title')}</h1>
        <span className="spacer" />
        <Button
          label={t('tasks.new')}
          tone="main"
          onPress={() => show({ id: null, revision: 0, plan: newPlan(nowMs, all) })}
        />
      </header>
      {why === null ? null : (
        <p className="outcome" data-tone="danger" role="alert">
          {say(why)}
        </p>
      )}
      {open === null ? (
        <Uncovered
          uncovered={all?.uncovered}
          onSetUp={(kinds) => {
            const plan = withSource(newPlan(nowMs, all), dueSource);
            const due = { kinds: [...kinds], standing: true as const };
            show({ id: null, revision: 0, plan: { ...plan, title: t('tasks.standingTitle'), due } });
          }}
        />
      ) : null}
      {open === null || all === null ? null : (
        <div className="task-edit boxed">
          <TaskForm plan={open.plan} choices={all} onEdit={(plan) => show({ ...open, plan })} />
          <aside className="task-beside" aria-label={t('tasks.estimate')}>
            <Estimate estimate={now.estimate} />
            <div className="pair">
              <Button label={t('tasks.estimate')} onPress={() => void now.reckon()} />
              <Button label={t('tasks.save')} onPress={() => void now.save()} />
              <Button label={t('tasks.start')} tone="main" onPress={() => void now.start()} />
              <Button label={t('tasks.close')} tone="quiet" onPress={() => show(null)} />
            </div>
            <ListPaste
              onPaste={calls.pasteList}
              onPasted={(listId) => {
                show({ ...open, plan: { ...open.plan, source: { kind: 'list', listId } } });
                void now.look();
              }}
            />
          </aside>
        </div>
      )}
      <TaskTable
        all={all}
        onOpen={({ id, revision, plan }) => show({ id, revision, plan })}
        onMove={(task, wanted) => void now.move(task.id, task.revision, wanted)}
      />
    </section>
  );
};

const Estimate = ({ estimate }: { readonly estimate: TaskEstimate | 'asking' | null }) => {
  const { t, named } = useWords();
  if (estimate === null) return <p className="quiet">{t('tasks.estimateFirst')}</p>;
  if (estimate === 'asking') return <p role="status">{t('tasks.estimating')}</p>;
  const { byTier } = estimate;
  return (
    <div role="status" className="task-estimate">
      <p className="task-callable">
        <strong className="figure">
          {t('tasks.callable', { callable: estimate.callable, targeted: estimate.targeted })}
        </strong>
      </p>
      <p className="quiet figure">
        {t('tasks.byTier', {
          high: byTier.high,
          mid: byTier.mid,
          standard: byTier.standard,
          prospect: byTier.prospect,
        })}
      </p>
      {estimate.notYet === 0 ? null : <p className="quiet">{t('tasks.notYet', { count: estimate.notYet })}</p>}
      {estimate.isMany ? (
        <p className="plain-note" data-tone="attention">
          {t('tasks.isMany')}
        </p>
      ) : null}
      <ul>
        {estimate.excluded.map(({ reason, count }) => (
          <li key={reason}>
            <span className="figure">{count}</span> {named('reason', reason, reason, excludedParams)}
          </li>
        ))}
      </ul>
      {estimate.faults.map((fault) => (
        <p key={fault} className="outcome" data-tone="danger">
          {named('reason', fault, fault)}
        </p>
      ))}
    </div>
  );
};
/** Sentences for one customer, said of many: their numbers differ. */
const excludedParams = { days: 92, minutes: 30, count: 3, year: '' };

const percent = (part: number, of: number): string => (of === 0 ? '–' : `${Math.round((100 * part) / of)} %`);

const TaskTable = (props: {
  readonly all: TasksResponse | null;
  readonly onOpen: (task: Task) => void;
  readonly onMove: (task: Task, move: (typeof taskMoves)[number]) => void;
}) => {
  const { t, language } = useWords();
  const nowMs = useMinute();
  const { all } = props;
  if (all === null) return <p role="status">{t('tasks.loading')}</p>;
  if (all.tasks.length === 0) return <p className="quiet">{t('tasks.none')}</p>;
  return (
    <table className="task-table">
      <thead>
        <tr>
          {(['title', 'state', 'progress', 'reached', 'contact', 'success', 'out', 'ends', 'do'] as const).map(
            (name) => (
              <th key={name} scope="col">
                {t(`tasks.column.${name}`)}
              </th>
            ),
          )}
        </tr>
      </thead>
      <tbody>
        {all.tasks.map((task) => {
          const { figures } = task;
          const isReached = figures.total > 0 && figures.reached / figures.total >= reachWanted;
          return (
            <tr key={task.id} data-state={task.state.kind}>
              <th scope="row">
                {task.plan.title}
                <span className="quiet task-mode">
                  {t(`tasks.mode.${task.plan.predictive === undefined ? task.plan.mode : 'predictive'}`)}
                </span>
              </th>
              <td>
                {stateOf(task, t)}
                {task.pacing === undefined ? null : <Pacing pacing={task.pacing} />}
                {task.plan.due === undefined || task.state.kind === 'draft' ? null : (
                  <DueReport days={task.dueDays ?? []} />
                )}
              </td>
              <td className="figure">
                {t('tasks.of', { done: figures.total - figures.waiting, total: figures.total })}
              </td>
              <td className="figure" data-good={isReached}>
                {percent(figures.reached, figures.total)}
              </td>
              <td className="figure">{percent(figures.reached, figures.tried)}</td>
              <td className="figure">{percent(figures.succeeded, figures.reached)}</td>
              <td className="figure">{figures.out}</td>
              <td className="figure">
                {isStanding(task.plan) ? t('tasks.standing') : dateTime(task.plan.endsAtMs, nowMs, language)}
              </td>
              <td>
                <span className="pair">
                  {task.state.kind === 'draft' ? (
                    <Button label={t('tasks.open')} onPress={() => props.onOpen(task)} />
                  ) : null}
                  {movesOf(task).map((wanted) => (
                    <Button key={wanted} label={t(`tasks.${wanted}`)} onPress={() => props.onMove(task, wanted)} />
                  ))}
                </span>
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
};

/** R25: how central dials this task now, why, and what the half hour has cost. */
const Pacing = ({ pacing }: { readonly pacing: PacingView }) => {
  const { t } = useWords();
  const { mode, why, free, talking, ringing, waiting, answered, abandoned } = pacing;
  const share = answered === 0 ? '0' : ((100 * abandoned) / answered).toFixed(1);
  return (
    <div className="task-pacing" data-mode={mode}>
      <p>{t(`tasks.mode.${mode}`)}</p>
      <p>{t(`tasks.pacing.${why}`)}</p>
      <p className="figure quiet">{t('tasks.pacing.now', { free, talking, ringing, waiting })}</p>
      <p className="figure" data-tone={abandoned > 0.025 * answered && abandoned > 1 ? 'attention' : undefined}>
        {t('tasks.pacing.lost', { share, abandoned, answered })}
      </p>
    </div>
  );
};

const stateOf = ({ state }: Task, t: ReturnType<typeof useWords>['t']): string => {
  const word = t(`tasks.state.${state.kind}`);
  if (state.kind === 'paused' && state.why === 'scriptWithdrawn') return `${word} · ${t('tasks.why.scriptWithdrawn')}`;
  return state.kind === 'ended' && state.why !== 'lead' ? `${word} · ${t(`tasks.why.${state.why}`)}` : word;
};

const movesOf = ({ state }: Task): readonly (typeof taskMoves)[number][] => {
  switch (state.kind) {
    case 'running':
      return ['pause', 'end'];
    case 'paused':
      return ['resume', 'end'];
    case 'draft':
      return ['start'];
    case 'ended':
      return [];
  }
};
