import { useState } from 'react';
import { type Case, caseKinds, type CaseStep, isOverdue, stepsFrom } from '../../../shared/case.ts';
import type { Refusal } from '../../../shared/result.ts';
import type { WorkView } from '../../../shared/work.ts';
import { useMinute, useWords } from '../context.tsx';
import { dateTime } from '../format.ts';
import { Button } from '../parts/button.tsx';
import { useFocusWish } from '../parts/use-focus-wish.ts';
import type { Complaint, WorkActions } from './work-actions.ts';

type CaseRow = { readonly row: Case; readonly customer: string | null };
const casesOf = ({ rows }: WorkView): readonly CaseRow[] =>
  rows.flatMap(({ row, customer }) => (row.record === 'case' ? [{ row, customer }] : []));

/** Cases (R29): a new one for the customer in hand, those under way by deadline, and one of them with every step. */
export const CasePanel = (props: {
  readonly work: WorkView;
  /** What the call already says of a new case; null: no customer is in hand. */
  readonly fresh: Complaint | null;
  readonly departments: readonly string[];
  readonly actions: Pick<WorkActions, 'openCase' | 'stepCase'>;
}) => {
  const { t } = useWords();
  const [openedId, setOpened] = useState<string | null>(null);
  const cases = casesOf(props.work);
  const opened = cases.find(({ row }) => row.id === openedId);
  return (
    <section className="panel" aria-label={t('case.title')}>
      <h2>{t('case.title')}</h2>
      <datalist id="departments">
        {props.departments.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </datalist>
      {opened === undefined ? (
        <>
          {props.fresh === null ? (
            <p className="quiet">{t('case.inCall')}</p>
          ) : (
            <NewCase fresh={props.fresh} onOpen={props.actions.openCase} />
          )}
          {cases.length === 0 ? <p className="quiet">{t('case.none')}</p> : null}
          <ol className="owed">
            {cases.map((one) => (
              <li key={one.row.id}>
                <button type="button" className="owed-open" onClick={() => setOpened(one.row.id)}>
                  <CaseLine {...one} />
                </button>
              </li>
            ))}
          </ol>
        </>
      ) : (
        <OpenedCase key={opened.row.id} one={opened} onBack={() => setOpened(null)} onStep={props.actions.stepCase} />
      )}
    </section>
  );
};

const CaseLine = ({ row, customer }: CaseRow) => {
  const { t, language } = useWords();
  const nowMs = useMinute();
  const overdue = isOverdue(row, nowMs);
  return (
    <span className="owed-line">
      <span className="owed-what">
        <span className="badge" data-tone={overdue ? 'danger' : 'plain'}>
          {t(`case.kind.${row.kind}`)}
        </span>
        <strong>{row.title}</strong>
        <span>{customer ?? t('due.nobody')}</span>
      </span>
      <span className="quiet">
        {t('case.line', {
          status: t(`case.status.${row.state}`),
          department: row.department,
          due:
            row.state === 'closed'
              ? t('case.over')
              : t(overdue ? 'case.overdue' : 'case.due', { time: dateTime(row.dueAtMs, nowMs, language) }),
        })}
      </span>
    </span>
  );
};

const OpenedCase = (props: {
  readonly one: CaseRow;
  readonly onBack: () => void;
  readonly onStep: WorkActions['stepCase'];
}) => {
  const { t, language, refusal } = useWords();
  const nowMs = useMinute();
  const [note, setNote] = useState('');
  const [department, setDepartment] = useState('');
  const [why, setWhy] = useState<Refusal | null>(null);
  const { row } = props.one;
  const take = async (step: CaseStep): Promise<void> => {
    const said = await props.onStep(row.id, step, note, step === 'assigned' ? department : null);
    setWhy(said);
    if (said !== null) return;
    setNote('');
    setDepartment('');
  };
  const steps = stepsFrom(row.state);
  return (
    <article className="case" aria-label={row.title}>
      <Button label={t('case.back')} icon="back" tone="quiet" onPress={props.onBack} />
      <CaseLine {...props.one} />
      {row.text === '' ? null : <p className="case-text">{row.text}</p>}
      <h3>{t('case.steps')}</h3>
      <ol className="case-steps">
        {row.steps.map((taken, index) => (
          <li key={`${taken.atMs}-${index}`}>
            <span className="owed-what">
              <time className="figure">{dateTime(taken.atMs, nowMs, language)}</time>
              <strong>{t(`case.step.${taken.step}`)}</strong>
              {taken.department === null ? null : <span>{taken.department}</span>}
            </span>
            {taken.note === '' ? null : <span className="quiet">{taken.note}</span>}
          </li>
        ))}
      </ol>
      <div className="repair-form">
        <label>
          <span>{t('case.note')}</span>
          <textarea rows={3} maxLength={2_000} value={note} onChange={(event) => setNote(event.target.value)} />
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
      </div>
    </article>
  );
};

/** Filled from the call: what it was about, and what the agent noted. */
const NewCase = ({ fresh, onOpen }: { readonly fresh: Complaint; readonly onOpen: WorkActions['openCase'] }) => {
  const { t, refusal } = useWords();
  const field = useFocusWish<HTMLInputElement>('case');
  // Only what the agent changed by hand; the rest follows the call.
  const [changed, setChanged] = useState<Partial<Complaint>>({});
  const [said, setSaid] = useState<Refusal | 'done' | null>(null);
  const now: Complaint = { ...fresh, ...changed };
  const edit = (change: Partial<Complaint>): void => setChanged({ ...changed, ...change });
  const send = async (): Promise<void> => {
    const why = await onOpen(now);
    setSaid(why ?? 'done');
    if (why === null) setChanged({});
  };
  return (
    <form
      className="repair-form"
      aria-label={t('case.new')}
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <label>
        <span>{t('case.titleField')}</span>
        <input
          ref={field}
          value={now.title}
          maxLength={120}
          onChange={(event) => edit({ title: event.target.value })}
        />
      </label>
      <label>
        <span>{t('case.kindField')}</span>
        <select
          value={now.kind}
          onChange={(event) => edit({ kind: caseKinds.find((one) => one === event.target.value) ?? 'request' })}
        >
          {caseKinds.map((kind) => (
            <option key={kind} value={kind}>
              {t(`case.kind.${kind}`)}
            </option>
          ))}
        </select>
      </label>
      <label>
        <span>{t('case.departmentField')}</span>
        <input
          list="departments"
          value={now.department}
          maxLength={60}
          onChange={(event) => edit({ department: event.target.value })}
        />
      </label>
      <label>
        <span>{t('case.textField')}</span>
        <textarea
          rows={3}
          value={now.text}
          maxLength={2_000}
          onChange={(event) => edit({ text: event.target.value })}
        />
      </label>
      <Button type="submit" tone="main" label={t('case.new')} onPress={() => {}} />
      {said === null ? null : (
        <span className="outcome" data-tone={said === 'done' ? 'plain' : 'danger'} role="status">
          {said === 'done' ? t('case.opened') : refusal(said)}
        </span>
      )}
    </form>
  );
};
