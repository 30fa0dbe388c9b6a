import { useState } from 'react';
import { obligationKinds, type ObligationKind } from '../../../shared/obligation.ts';
import type { Refusal } from '../../../shared/result.ts';
import { useWords } from '../context.tsx';
import { Button } from '../parts/button.tsx';
import { useFocusWish } from '../parts/use-focus-wish.ts';
import type { OwedRow } from './due.ts';
import { fieldTime, timeOfField } from './due.ts';
import { OwedLine } from './due-list.tsx';
import type { Promised, WorkActions } from './work-actions.ts';

/** Everything this agent owes (R24), and the form for a promise to the customer in hand. */
export const DuePanel = (props: {
  readonly owed: readonly OwedRow[];
  /** The first year the calendar has no holidays for. */
  readonly missingYear: number | null;
  /** When most promises are for: the next working day at ten; the agent says otherwise in one field. */
  readonly usualMs: number;
  /** A customer is in hand: something can be promised to them. */
  readonly mayPromise: boolean;
  readonly mayDial: boolean;
  readonly actions: Pick<WorkActions, 'promise' | 'finishObligation' | 'move'>;
  readonly onDial: (one: OwedRow) => void;
  /** Null: none of this agent's business. */
  readonly onCalendar: (() => void) | null;
  readonly onWeek: () => void;
}) => {
  const { t } = useWords();
  const { owed, missingYear, actions } = props;
  return (
    <section className="panel" aria-label={t('due.title')}>
      <h2>{t('due.title')}</h2>
      {missingYear === null ? null : (
        <p className="plain-note" data-tone="attention">
          {t('due.missingYear', { year: String(missingYear) })}
        </p>
      )}
      {props.onCalendar === null ? null : (
        <Button label={t('calendar.title')} tone="quiet" onPress={props.onCalendar} />
      )}
      {props.mayPromise ? (
        <PromiseForm usualMs={props.usualMs} onPromise={actions.promise} />
      ) : (
        <p className="quiet">{t('due.inCall')}</p>
      )}
      <Button label={t('due.week')} onPress={props.onWeek} />
      {owed.length === 0 ? <p className="quiet">{t('due.none')}</p> : null}
      <ol className="owed">
        {owed.map((one) => (
          <OwedItem key={one.row.id} one={one} {...props} />
        ))}
      </ol>
    </section>
  );
};

/** One thing owed, with all that can be done about it. */
export const OwedItem = (props: {
  readonly one: OwedRow;
  readonly usualMs: number;
  readonly mayDial: boolean;
  readonly actions: Pick<WorkActions, 'finishObligation' | 'move'>;
  readonly onDial: (one: OwedRow) => void;
  /** In a calendar: takes it up, to be put down at another hour. */
  readonly onTake?: (() => void) | undefined;
}) => {
  const { t, refusal } = useWords();
  const [why, setWhy] = useState<Refusal | null>(null);
  const [time, setTime] = useState<string | null>(null);
  const { one, actions } = props;
  const { id } = one.row;
  const move = async (text: string): Promise<void> => {
    const dueAtMs = timeOfField(text);
    if (dueAtMs === undefined) return;
    const said = await actions.move(id, dueAtMs);
    setWhy(said);
    if (said === null) setTime(null);
  };
  const finish = (outcome: 'reached' | 'notNeeded') => async (): Promise<void> =>
    setWhy(await actions.finishObligation(id, outcome));
  return (
    <li className="owed-item">
      <OwedLine {...one} />
      <span className="repair-keys">
        <Button label={t('due.dial')} icon="phone" disabled={!props.mayDial} onPress={() => props.onDial(one)} />
        <Button label={t('due.reached')} onPress={() => void finish('reached')()} />
        <Button
          label={t('due.later')}
          expanded={time !== null}
          onPress={() => setTime(time === null ? fieldTime(props.usualMs) : null)}
        />
        {props.onTake === undefined ? null : <Button label={t('due.week.take')} onPress={props.onTake} />}
        <Button label={t('due.notNeeded')} tone="quiet" onPress={() => void finish('notNeeded')()} />
      </span>
      {time === null ? null : (
        <form
          className="repair-form"
          onSubmit={(event) => {
            event.preventDefault();
            void move(time);
          }}
        >
          <label>
            <span>{t('due.newTime')}</span>
            <input type="datetime-local" value={time} onChange={(event) => setTime(event.target.value)} />
          </label>
          <Button type="submit" label={t('due.move')} onPress={() => {}} />
        </form>
      )}
      {why === null ? null : (
        <span className="outcome" data-tone="danger" role="alert">
          {refusal(why)}
        </span>
      )}
    </li>
  );
};

/** A callback for the next working day at ten stands there already: one note and Enter are enough. */
const PromiseForm = (props: {
  readonly usualMs: number;
  readonly onPromise: (asked: Promised) => Promise<Refusal | null>;
}) => {
  const { usualMs, onPromise } = props;
  const { t, refusal } = useWords();
  const field = useFocusWish<HTMLInputElement>('due');
  const [kind, setKind] = useState<ObligationKind>('callback');
  const [what, setWhat] = useState('');
  const [time, setTime] = useState(() => fieldTime(usualMs));
  const [said, setSaid] = useState<Refusal | 'done' | null>(null);
  const send = async (): Promise<void> => {
    const why = await onPromise({ kind, what, dueAtMs: timeOfField(time) ?? null });
    setSaid(why ?? 'done');
    if (why === null) setWhat('');
  };
  return (
    <form
      className="repair-form"
      aria-label={t('due.promise')}
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <label>
        <span>{t('due.what')}</span>
        <input ref={field} value={what} maxLength={400} onChange={(event) => setWhat(event.target.value)} />
      </label>
      <label>
        <span>{t('due.kind')}</span>
        <select
          value={kind}
          onChange={(event) => {
            const next = obligationKinds.find((one) => one === event.target.value) ?? 'callback';
            setKind(next);
            // A rule's day needs no time; a promise does.
            setTime(next === 'callback' || next === 'trialEnd' ? fieldTime(usualMs) : '');
          }}
        >
          {obligationKinds
            .filter((one) => one !== 'caseResult')
            .map((one) => (
              <option key={one} value={one}>
                {t(`due.kind.${one}`)}
              </option>
            ))}
        </select>
      </label>
      <label>
        <span>{t('due.time')}</span>
        <input type="datetime-local" value={time} onChange={(event) => setTime(event.target.value)} />
      </label>
      <Button type="submit" tone="main" label={t('due.promise')} onPress={() => {}} />
      {said === null ? null : (
        <span className="outcome" data-tone={said === 'done' ? 'plain' : 'danger'} role="status">
          {said === 'done' ? t('due.promised') : refusal(said)}
        </span>
      )}
    </form>
  );
};
