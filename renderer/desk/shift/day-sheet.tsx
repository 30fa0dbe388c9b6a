import { useEffect, useRef, useState } from 'react';
import type { AgentState } from '../../../shared/agent.ts';
import { type DayRecord, type OwnTimeResponse, spanOf, type StateTime } from '../../../shared/day.ts';
import type { Result } from '../../../shared/result.ts';
import type { SyncState } from '../../../shared/sync.ts';
import { useMinute, useNow, useWords } from '../context.tsx';
import { dateTime, duration } from '../format.ts';
import { keyLabels } from '../keys.ts';
import { Button, Choice } from '../parts/button.tsx';
import { Icon } from '../parts/icon.tsx';
import { reasonWords } from '../shell/state-words.ts';
import { textOr } from '../text-or.ts';
import { type OwedRow, standingOf } from '../work-owed/due.ts';

export type DaySheetProps = {
  readonly day: DayRecord;
  readonly agent: AgentState;
  readonly sync: SyncState;
  readonly refused: number;
  readonly owed: readonly OwedRow[];
  /** Somebody was promised a call back to the number on file, and is still waiting for it. */
  readonly callBackOwed: boolean;
  /** A sentence why nobody can sign out now, or null. */
  readonly blocked: string | null;
  readonly onAtCentral: () => Promise<Result<OwnTimeResponse>>;
  readonly onSignOut: () => void;
  readonly onClose: () => void;
};

/** The shift as this seat counted it, beside what central counted; what is still owed and not yet sent is said before signing out. */
export const DaySheet = (props: DaySheetProps) => {
  const { t } = useWords();
  const panel = useRef<HTMLElement>(null);
  useEffect(() => panel.current?.focus(), []);
  return (
    <div className="veil">
      <section
        ref={panel}
        className="sheet day-sheet"
        role="dialog"
        aria-modal="true"
        aria-label={t('day.sheet')}
        tabIndex={-1}
      >
        <h2>{t('day.sheet')}</h2>
        <Began day={props.day} />
        <div className="day-sheet-columns">
          <Figures {...props} />
          <Outcomes day={props.day} />
        </div>
        <Compared {...props} />
        <Owed {...props} />
        <div className="day-sheet-end">
          <Choice digit={1} label={t('day.signOut')} disabled={props.blocked !== null} onPress={props.onSignOut} />
          <Button label={t('day.stay')} hint={keyLabels.escape} tone="quiet" onPress={props.onClose} />
        </div>
        {props.blocked === null ? null : <p className="quiet">{props.blocked}</p>}
      </section>
    </div>
  );
};

const Began = ({ day }: { readonly day: DayRecord }) => {
  const { t, language } = useWords();
  const nowMs = useMinute();
  if (day.beganAtMs === null) return null;
  return (
    <p className="quiet">
      {t('day.began', {
        time: dateTime(day.beganAtMs, nowMs, language),
        length: duration(nowMs < day.beganAtMs ? 0 : nowMs - day.beganAtMs),
      })}
    </p>
  );
};

/** Everything up to now, the state that is going on included. */
const Figures = ({ day, agent }: DaySheetProps) => {
  const { t } = useWords();
  const nowMs = useNow();
  const sums = withRunning(day.states, agent, nowMs);
  return (
    <table className="day-table">
      <caption>{t('day.times')}</caption>
      <thead>
        <tr>
          <th scope="col">{t('day.state')}</th>
          <th scope="col">{t('day.timesColumn')}</th>
          <th scope="col">{t('day.lengthColumn')}</th>
        </tr>
      </thead>
      <tbody>
        {sums.map(({ kind, reason, ms, times }) => (
          <tr key={`${kind}:${reason ?? ''}`}>
            <th scope="row">
              {reason === null ? t(`agent.${kind}`) : t('agent.notReadyBecause', { reason: reasonWords(reason, t) })}
            </th>
            <td className="figure">{times}</td>
            <td className="figure">{duration(ms)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
};

const withRunning = (states: readonly StateTime[], agent: AgentState, nowMs: number): readonly StateTime[] => {
  const now = spanOf(agent, nowMs);
  if (now === undefined) return states;
  const isNow = (one: StateTime): boolean => one.kind === now.kind && one.reason === now.reason;
  const before = states.find(isNow) ?? { kind: now.kind, reason: now.reason, ms: 0, times: 0 };
  const sum = { ...before, ms: before.ms + now.toMs - now.fromMs, times: before.times + 1 };
  return [...states.filter((one) => !isNow(one)), sum].toSorted((one, other) => other.ms - one.ms);
};

const Outcomes = ({ day }: { readonly day: DayRecord }) => {
  const { t, language } = useWords();
  const { contacts, talkMs, unfinished } = day;
  return (
    <div className="day-outcomes">
      <dl className="day-figures">
        <div>
          <dt>{t('day.contacts')}</dt>
          <dd className="figure">{contacts}</dd>
        </div>
        <div>
          <dt>{t('day.talk')}</dt>
          <dd className="figure">{duration(talkMs)}</dd>
        </div>
        <div>
          <dt>{t('day.average')}</dt>
          <dd className="figure">{duration(contacts === 0 ? 0 : talkMs / contacts)}</dd>
        </div>
      </dl>
      {unfinished === 0 ? null : (
        <p className="outcome" data-tone="attention">
          <Icon name="warn" />
          <span>{t('day.unfinished', { count: unfinished })}</span>
        </p>
      )}
      <h3>{t('day.outcomes')}</h3>
      {day.outcomes.length === 0 ? (
        <p className="quiet">{t('day.none')}</p>
      ) : (
        <ul className="day-counts">
          {day.outcomes.slice(0, 8).map(({ outcome, count }) => (
            <li key={`${outcome?.zh ?? ''}|${outcome?.en ?? ''}`}>
              <span>{textOr(outcome, language, t('day.noOutcome'))}</span> <span className="figure">{count}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
};

/** Seconds by which the two may differ: each rounds on its own. */
const sameMs = 5_000;

const Compared = ({ day, sync, onAtCentral }: DaySheetProps) => {
  const { t } = useWords();
  const [answer, setAnswer] = useState<Result<OwnTimeResponse> | null>(null);
  const asked = useRef(false);
  useEffect(() => {
    // Once: the sheet is looked at for a moment.
    if (asked.current) return;
    asked.current = true;
    void onAtCentral().then(setAnswer);
  }, [onAtCentral]);
  if (answer === null) return <p role="status">{t('day.central.asking')}</p>;
  if (!answer.ok) return <p role="status">{t('day.central.away')}</p>;
  const differs = differencesOf(day, answer.value);
  const isWaiting = sync.waiting > 0;
  const words =
    differs === null
      ? t('day.central.same', { contacts: answer.value.contacts, talk: duration(answer.value.talkMs) })
      : t(isWaiting ? 'day.central.behind' : 'day.central.differs', {
          ...{ contacts: answer.value.contacts, talk: duration(answer.value.talkMs) },
        });
  return (
    <p className="outcome" role="status" data-tone={differs === null ? 'good' : 'attention'}>
      <Icon name={differs === null ? 'check' : isWaiting ? 'sync' : 'warn'} />
      <span>{words}</span>
    </p>
  );
};

const differencesOf = (day: DayRecord, central: OwnTimeResponse): true | null => {
  const near = (one: number, other: number): boolean => Math.abs(one - other) <= sameMs;
  const timeAt = ({ kind, reason }: StateTime): number =>
    central.states.find((one) => one.kind === kind && one.reason === reason)?.ms ?? 0;
  return day.contacts === central.contacts &&
    near(day.talkMs, central.talkMs) &&
    day.states.every((one) => near(one.ms, timeAt(one)))
    ? null
    : true;
};

const Owed = ({ owed, sync, refused, callBackOwed }: DaySheetProps) => {
  const { t } = useWords();
  const nowMs = useMinute();
  const late = owed.filter(({ row }) => standingOf(row.dueAtMs, nowMs) === 'overdue').length;
  const today = owed.filter(({ row }) => standingOf(row.dueAtMs, nowMs) === 'today').length;
  const notes = [
    ...(sync.waiting > 0 ? [t('day.owed.waiting', { count: sync.waiting })] : []),
    ...(refused > 0 ? [t('day.owed.refused', { count: refused })] : []),
    ...(callBackOwed ? [t('day.owed.callBack')] : []),
    ...(late > 0 ? [t('day.owed.overdue', { count: late })] : []),
    ...(today > 0 ? [t('day.owed.today', { count: today })] : []),
  ];
  const later = owed.length - late - today;
  return (
    <section aria-label={t('day.owed')}>
      <h3>{t('day.owed')}</h3>
      {notes.length === 0 ? <p>{t('day.owed.nothing')}</p> : null}
      <ul className="day-owed">
        {notes.map((note) => (
          <li key={note}>
            <Icon name="warn" />
            <span>{note}</span>
          </li>
        ))}
      </ul>
      {later > 0 ? <p className="quiet">{t('day.owed.later', { count: later })}</p> : null}
    </section>
  );
};
