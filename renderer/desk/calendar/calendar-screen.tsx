import { useEffect, useState } from 'react';
import { dayOf, faultIn } from '../../../shared/calendar.ts';
import type { CalendarDraft, CalendarResponse, DueChanges } from '../../../shared/calendar-api.ts';
import { readDays, writeDays } from '../../../shared/calendar-text.ts';
import { type Refusal, refusal } from '../../../shared/result.ts';
import { useDesk, useMinute, useWords } from '../context.tsx';
import { Button } from '../parts/button.tsx';
import type { CalendarCalls } from './calendar-actions.ts';
import { DueChangeTable } from './due-changes.tsx';
import './calendar.css';

/** R24: public holidays and the weekends worked for them, year by year; what is due on another day is shown before anything is written. */
export const CalendarScreen = () => {
  const { actions } = useDesk();
  return <CalendarPage calls={actions.calendar} />;
};

const useCalendar = (calls: CalendarCalls) => {
  const [told, setTold] = useState<CalendarResponse | null>(null);
  const [why, setWhy] = useState<Refusal | null>(null);
  useEffect(() => {
    let isHere = true;
    void calls.read().then((answer) => {
      if (!isHere) return;
      if (answer.ok) setTold(answer.value);
      setWhy(answer.ok ? null : answer.error);
    });
    return () => {
      isHere = false;
    };
  }, [calls]);
  const again = async (): Promise<void> => {
    const answer = await calls.read();
    if (answer.ok) setTold(answer.value);
    setWhy(answer.ok ? null : answer.error);
  };
  return { told, why, again };
};

const CalendarPage = ({ calls }: { readonly calls: CalendarCalls }) => {
  const { t, refusal: say } = useWords();
  const { told, why, again } = useCalendar(calls);
  const thisYear = Number(dayOf(useMinute()).slice(0, 4));
  const [chosen, setChosen] = useState<number | null>(null);
  const year = chosen ?? thisYear;
  const known = told?.years.map((one) => one.year) ?? [];
  const years = [...new Set([...known, thisYear, thisYear + 1])].toSorted((one, other) => one - other);
  const missing = told === null ? [] : [thisYear, thisYear + 1].filter((one) => !known.includes(one));
  return (
    <section className="calendar lead-page" aria-label={t('calendar.title')}>
      <header className="tasks-head">
        <h1>{t('calendar.title')}</h1>
        <span className="pair" role="group" aria-label={t('calendar.years')}>
          {years.map((one) => (
            <Button key={one} label={String(one)} pressed={one === year} onPress={() => setChosen(one)} />
          ))}
        </span>
      </header>
      <p className="quiet">{t('calendar.what')}</p>
      {missing.length === 0 ? null : (
        <p className="plain-note" data-tone="attention">
          {t('calendar.missing', { years: missing.join(t('listComma')) })}
        </p>
      )}
      {why === null ? null : (
        <p className="outcome" data-tone="danger" role="alert">
          {say(why)}
        </p>
      )}
      {told === null ? (
        why === null ? (
          <p role="status">{t('calendar.loading')}</p>
        ) : null
      ) : (
        <YearForm key={`${year} ${told.mark}`} year={year} told={told} calls={calls} onAgain={again} />
      )}
    </section>
  );
};

type YearProps = {
  readonly year: number;
  readonly told: CalendarResponse;
  readonly calls: CalendarCalls;
  readonly onAgain: () => Promise<void>;
};

/** `looked`: of which draft central said what would change; another word typed, and it has to be asked again. */
const useYear = ({ year, told, calls, onAgain }: YearProps) => {
  const before = told.years.find((one) => one.year === year);
  const [source, setSource] = useState(before?.source ?? '');
  const [off, setOff] = useState(writeDays(before?.off ?? []));
  const [work, setWork] = useState(writeDays(before?.work ?? []));
  const [looked, setLooked] = useState<{ readonly of: string; readonly changes: DueChanges } | null>(null);
  const [why, setWhy] = useState<Refusal | null>(null);
  const draft: CalendarDraft = { year, source, off: [...readDays(off, year)], work: [...readDays(work, year)] };
  const fault = faultIn(draft);
  const key = JSON.stringify(draft);
  const isWhole = fault === undefined && source.trim() !== '' && draft.off.length > 0;
  const look = async (): Promise<void> => {
    const answer = await calls.look(draft);
    setWhy(answer.ok ? null : answer.error);
    setLooked(answer.ok ? { of: key, changes: answer.value } : null);
  };
  const write = async (): Promise<void> => {
    const answer = await calls.write(draft, told.mark);
    setWhy(answer.ok ? null : answer.error);
    if (answer.ok) await onAgain();
  };
  return {
    ...{ source, setSource, off, setOff, work, setWork, draft, fault, isWhole, why, look, write },
    changes: looked?.of === key ? looked.changes : null,
    isSame: before !== undefined && key === JSON.stringify({ ...before, source: before.source }),
  };
};

const YearForm = (props: YearProps) => {
  const { t, refusal: say } = useWords();
  const form = useYear(props);
  const { draft, fault, changes, why } = form;
  const { mayEdit } = props.told;
  const faultWords =
    fault === undefined
      ? null
      : say(refusal('invalid', `calendar.${fault.kind}`, { day: fault.day, year: String(fault.year) }));
  return (
    <form
      className="calendar-year"
      aria-label={t('calendar.year', { year: String(props.year) })}
      onSubmit={(event) => {
        event.preventDefault();
        if (form.isWhole) void (changes === null ? form.look() : form.write());
      }}
    >
      <label className="calendar-source">
        <span>{t('calendar.source')}</span>
        <input
          value={form.source}
          maxLength={200}
          readOnly={!mayEdit}
          onChange={(event) => form.setSource(event.target.value)}
        />
      </label>
      <DaysField
        label={t('calendar.off', { count: draft.off.length })}
        value={form.off}
        readOnly={!mayEdit}
        onChange={form.setOff}
      />
      <DaysField
        label={t('calendar.work', { count: draft.work.length })}
        value={form.work}
        readOnly={!mayEdit}
        onChange={form.setWork}
      />
      <p className="quiet calendar-wide">{t('calendar.howToWrite')}</p>
      {faultWords === null ? null : (
        <p className="outcome calendar-wide" data-tone="danger" role="alert">
          {faultWords}
        </p>
      )}
      {why === null ? null : (
        <p className="outcome calendar-wide" data-tone="danger" role="alert">
          {say(why)}
        </p>
      )}
      {changes === null ? null : (
        <div className="calendar-wide">
          <DueChangeTable changes={changes} />
        </div>
      )}
      {mayEdit ? (
        <span className="calendar-wide pair">
          <Button
            type="submit"
            tone="main"
            label={t(changes === null ? 'calendar.look' : 'calendar.write')}
            disabled={!form.isWhole || form.isSame}
            onPress={() => {}}
          />
          {form.isSame ? <span className="quiet">{t('calendar.same')}</span> : null}
        </span>
      ) : (
        <p className="quiet calendar-wide">{t('calendar.readOnly')}</p>
      )}
    </form>
  );
};

const DaysField = (props: {
  readonly label: string;
  readonly value: string;
  readonly readOnly: boolean;
  readonly onChange: (value: string) => void;
}) => (
  <label className="calendar-days">
    <span>{props.label}</span>
    <textarea
      rows={12}
      maxLength={8_000}
      value={props.value}
      readOnly={props.readOnly}
      onChange={(event) => props.onChange(event.target.value)}
    />
  </label>
);
