import { useState } from 'react';
import { caseKinds } from '../../../shared/case.ts';
import type { EscalationBy } from '../../../shared/case-escalation.ts';
import type { Refusal } from '../../../shared/result.ts';
import type { WorkView } from '../../../shared/work.ts';
import { useMinute, useWords } from '../context.tsx';
import { Button } from '../parts/button.tsx';
import { useFocusWish } from '../parts/use-focus-wish.ts';
import { CaseLine } from './case-line.tsx';
import { type CaseActions, OpenedCase } from './case-opened.tsx';
import { type CaseRow, casesOf, sortedCases } from './cases.ts';
import type { Complaint, WorkActions } from './work-actions.ts';

/** Cases (R29): a new one for the customer in hand, those under way by deadline, and one of them with every step. */
export const CasePanel = (props: {
  readonly work: WorkView;
  /** What the call already says of a new case; null: no customer is in hand. */
  readonly fresh: Complaint | null;
  readonly departments: readonly string[];
  readonly me: EscalationBy;
  readonly actions: CaseActions & Pick<WorkActions, 'openCase'>;
}) => {
  const { t } = useWords();
  const [openedId, setOpened] = useState<string | null>(null);
  const cases = casesOf(props.work, useMinute());
  const { escalated, others } = sortedCases(cases);
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
          {escalated.length === 0 ? null : (
            <>
              <h3>{t('case.up.waiting', { count: escalated.length })}</h3>
              <CaseList cases={escalated} onOpen={setOpened} />
              <h3>{t('case.up.others')}</h3>
            </>
          )}
          <CaseList cases={others} onOpen={setOpened} />
        </>
      ) : (
        <OpenedCase
          key={opened.row.id}
          one={opened}
          me={props.me}
          onBack={() => setOpened(null)}
          actions={props.actions}
        />
      )}
    </section>
  );
};

const CaseList = (props: { readonly cases: readonly CaseRow[]; readonly onOpen: (id: string) => void }) => (
  <ol className="owed">
    {props.cases.map((one) => (
      <li key={one.row.id}>
        <button type="button" className="owed-open" onClick={() => props.onOpen(one.row.id)}>
          <CaseLine {...one} />
        </button>
      </li>
    ))}
  </ol>
);

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
