import { useEffect, useRef, useState } from 'react';
import { type Case, type CaseStep, stepsFrom } from '../../../shared/case.ts';
import {
  type EscalationBy,
  type EscalationLevel,
  levelsFrom,
  mayHandBack,
  mayTake,
} from '../../../shared/case-escalation.ts';
import type { Refusal } from '../../../shared/result.ts';
import { useMinute, useWords } from '../context.tsx';
import { dateTime } from '../format.ts';
import { Button } from '../parts/button.tsx';
import { CaseLine } from './case-line.tsx';
import type { CaseRow } from './cases.ts';
import type { WorkActions } from './work-actions.ts';

export type CaseActions = Pick<WorkActions, 'stepCase' | 'escalateCase' | 'takeCase' | 'handBackCase'>;

/** One case (R29) with everything that was done about it, the next steps, and whoever is above the agent. One note serves them all. */
export const OpenedCase = (props: {
  readonly one: CaseRow;
  readonly me: EscalationBy;
  readonly onBack: () => void;
  readonly actions: CaseActions;
}) => {
  const { t, refusal } = useWords();
  const [note, setNote] = useState('');
  const [department, setDepartment] = useState('');
  const [why, setWhy] = useState<Refusal | null>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  // Opened by the agent's own key or click: the next thing typed is the note.
  useEffect(() => field.current?.focus(), []);
  const { actions, me } = props;
  const { row } = props.one;
  const run = async (asked: Promise<Refusal | null>): Promise<void> => {
    const said = await asked;
    setWhy(said);
    if (said !== null) return;
    setNote('');
    setDepartment('');
  };
  const take = (step: CaseStep): Promise<void> =>
    run(actions.stepCase(row.id, step, note, step === 'assigned' ? department : null));
  const steps = stepsFrom(row.state);
  return (
    <article className="case" aria-label={row.title}>
      <Button label={t('case.back')} icon="back" tone="quiet" onPress={props.onBack} />
      <CaseLine {...props.one} />
      {row.text === '' ? null : <p className="case-text">{row.text}</p>}
      <h3>{t('case.steps')}</h3>
      <Trail row={row} />
      <div className="repair-form">
        <label>
          <span>{t('case.note')}</span>
          <textarea
            ref={field}
            rows={3}
            maxLength={2_000}
            value={note}
            onChange={(event) => setNote(event.target.value)}
          />
        </label>
        {steps.includes('assigned') ? (
          <label>
            <span>{t('case.handTo')}</span>
            <input
              list="departments"
              maxLength={60}
              value={department}
              onChange={(event) => setDepartment(event.target.value)}
            />
          </label>
        ) : null}
        {why === null ? null : (
          <span className="outcome" data-tone="danger" role="alert">
            {refusal(why)}
          </span>
        )}
        <span className="repair-keys">
          {steps.map((step) => (
            <Button key={step} label={t(`case.do.${step}`)} onPress={() => void take(step)} />
          ))}
        </span>
        <Upwards
          one={props.one}
          me={me}
          onTake={() => void run(actions.takeCase(row.id))}
          onHandBack={() => void run(actions.handBackCase(row.id, note))}
          onEscalate={(level) => void run(actions.escalateCase(row.id, level, note))}
        />
      </div>
    </article>
  );
};

/** Whoever is above the agent: asked, taking it over, or giving it back. */
const Upwards = (props: {
  readonly one: CaseRow;
  readonly me: EscalationBy;
  readonly onTake: () => void;
  readonly onHandBack: () => void;
  readonly onEscalate: (level: EscalationLevel) => void;
}) => {
  const { t } = useWords();
  const { me } = props;
  const { row, escalation } = props.one;
  const levels = levelsFrom(row, escalation);
  if (levels.length === 0 && escalation === null) return null;
  return (
    <div role="group" aria-label={t('case.up.title')}>
      <h3>{t('case.up.title')}</h3>
      <span className="repair-keys">
        {mayTake(escalation, me) ? <Button tone="main" label={t('case.up.take')} onPress={props.onTake} /> : null}
        {mayHandBack(escalation, me) ? <Button label={t('case.up.handBack')} onPress={props.onHandBack} /> : null}
        {levels.map((level) => (
          <Button
            key={level}
            label={t('case.up.to', { level: t(`case.level.${level}`) })}
            onPress={() => props.onEscalate(level)}
          />
        ))}
      </span>
    </div>
  );
};

type Entry = { readonly atMs: number; readonly what: string; readonly who: string | null; readonly note: string };

/** Steps of the case and what went on above it, in the order it happened. */
const Trail = ({ row }: { readonly row: Case }) => {
  const { t, language } = useWords();
  const nowMs = useMinute();
  const entries: readonly Entry[] = [
    ...row.steps.map(({ step, atMs, note, department }) => ({
      ...{ atMs, note, what: t(`case.step.${step}`), who: department },
    })),
    ...(row.trail ?? []).map(({ step, level, atMs, name, note }) => ({
      ...{ atMs, note, what: t(`case.trail.${step}`, { level: t(`case.level.${level}`) }), who: name },
    })),
  ].toSorted((one, other) => one.atMs - other.atMs);
  return (
    <ol className="case-steps">
      {entries.map(({ atMs, what, who, note }, index) => (
        <li key={`${atMs}-${index}`}>
          <span className="owed-what">
            <time className="figure">{dateTime(atMs, nowMs, language)}</time>
            <strong>{what}</strong>
            {who === null ? null : <span>{who}</span>}
          </span>
          {note === '' ? null : <span className="quiet">{note}</span>}
        </li>
      ))}
    </ol>
  );
};
