import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import type { WorkId } from '../../../shared/ids.ts';
import type { Refusal } from '../../../shared/result.ts';
import { useMinute, useWords } from '../context.tsx';
import { dateOnly, dateTime, hourAndMinute } from '../format.ts';
import { Button } from '../parts/button.tsx';
import type { OwedRow } from './due.ts';
import { standingOf } from './due.ts';
import { OwedItem } from './due-panel.tsx';
import {
  type Cell,
  cellOf,
  dayOfWeekStart,
  hoursOf,
  inCell,
  inWeek,
  movedTo,
  steps,
  weekAfter,
  weekOf,
} from './week.ts';
import type { WorkActions } from './work-actions.ts';

type Props = {
  readonly owed: readonly OwedRow[];
  readonly usualMs: number;
  readonly mayDial: boolean;
  readonly actions: Pick<WorkActions, 'finishObligation' | 'move'>;
  readonly onDial: (one: OwedRow) => void;
  readonly onClose: () => void;
};

const days = [0, 1, 2, 3, 4, 5, 6] as const;

/**
 * R24: callbacks and obligations of a week by day and hour. One tab stop: arrows go through the hours and on into the next week; what is in the hour
 * chosen stands below with all that can be done about it. "Move" takes one up, arrows and Enter put it down elsewhere.
 */
export const DueWeek = (props: Props) => {
  const { t } = useWords();
  const now = useWeek(props);
  const { weekMs, taken, said } = now;
  const earlier = props.owed.filter(({ row }) => row.dueAtMs < weekMs);
  return (
    <section className="due-week" aria-label={t('due.week')}>
      <header className="tasks-head">
        <h1>{t('due.week')}</h1>
        <Button label={t('due.week.before')} onPress={() => now.show(weekAfter(weekMs, -1))} />
        <Button label={t('due.week.this')} onPress={() => now.show(weekOf(now.nowMs))} />
        <Button label={t('due.week.after')} onPress={() => now.show(weekAfter(weekMs, 1))} />
        {earlier.length === 0 ? null : (
          <Button
            label={t('due.week.earlier', { count: earlier.length })}
            tone="quiet"
            onPress={() => now.show(weekOf(Math.min(...earlier.map(({ row }) => row.dueAtMs))))}
          />
        )}
        <span className="spacer" />
        <Button label={t('close')} tone="quiet" onPress={props.onClose} />
      </header>
      <p className="quiet">{taken === null ? t('due.week.keys') : t('due.week.moving', { what: now.nameOf(taken) })}</p>
      <Grid {...props} {...now} />
      {said === null ? null : (
        <p className="outcome" data-tone={said.tone} role={said.tone === 'danger' ? 'alert' : 'status'}>
          {said.text}
        </p>
      )}
      <Chosen {...props} {...now} />
    </section>
  );
};

type Said = { readonly tone: 'plain' | 'danger'; readonly text: string };

/** Which week, which hour of it, and what is being moved. */
const useWeek = ({ owed, actions }: Props) => {
  const { t, refusal, language } = useWords();
  const nowMs = useMinute();
  const [weekMs, setWeek] = useState(() => weekOf(nowMs));
  const hours = hoursOf(owed, weekMs);
  const [wished, setAt] = useState<Cell>(() => cellOf(Math.max(nowMs, owed[0]?.row.dueAtMs ?? nowMs)));
  const hour = Math.min(Math.max(wished.hour, hours[0] ?? 0), hours.at(-1) ?? 23);
  const at: Cell = { day: wished.day, hour };
  const [takenId, setTaken] = useState<WorkId | null>(null);
  const [said, setSaid] = useState<Said | null>(null);
  // Done, or moved at another window, meanwhile.
  const taken = owed.find(({ row }) => row.id === takenId) ?? null;
  const nameOf = ({ row, customer }: OwedRow): string => `${t(`due.kind.${row.kind}`)} ${customer ?? t('due.nobody')}`;
  const show = (next: number): void => {
    setWeek(next);
    setSaid(null);
  };
  const take = (one: OwedRow | null): void => {
    setTaken(one?.row.id ?? null);
    setSaid(null);
  };
  const putDown = async (cell: Cell): Promise<void> => {
    if (taken === null) return;
    const dueAtMs = movedTo(taken.row.dueAtMs, weekMs, cell);
    const why: Refusal | null =
      dueAtMs <= nowMs ? { kind: 'invalid', reason: 'dueInPast' } : await actions.move(taken.row.id, dueAtMs);
    if (why !== null) return setSaid({ tone: 'danger', text: refusal(why) });
    setTaken(null);
    const when = dateTime(dueAtMs, nowMs, language);
    setSaid({ tone: 'plain', text: t('due.week.moved', { what: nameOf(taken), when }) });
  };
  const choose = (cell: Cell): void => {
    setAt(cell);
    if (taken !== null) void putDown(cell);
  };
  return { nowMs, weekMs, hours, at, setAt, taken, take, said, show, choose, nameOf };
};
type Week = ReturnType<typeof useWeek>;

const Grid = ({ owed, ...now }: Props & Week) => {
  const { t, language } = useWords();
  const { weekMs, hours, at, taken, nowMs } = now;
  const grid = useRef<HTMLTableElement>(null);
  const focus = ({ day, hour }: Cell): void =>
    grid.current?.querySelector<HTMLElement>(`[data-cell="${day}-${hour}"]`)?.focus();
  // Taken up below: the arrows are in the grid.
  const takenId = taken?.row.id;
  useEffect(() => {
    if (takenId !== undefined) grid.current?.querySelector<HTMLElement>('[tabindex="0"]')?.focus();
  }, [takenId, grid]);
  const press = (event: KeyboardEvent): void => {
    // Enter is the desk's as well: here it is the hour's.
    if (event.key === 'Enter') event.stopPropagation();
    if (event.key === 'Escape' && taken !== null) {
      event.stopPropagation();
      return now.take(null);
    }
    const step = steps[event.key];
    if (step === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    const { weeks, ...cell } = step(at, hours);
    if (weeks !== 0) now.show(weekAfter(weekMs, weeks));
    now.setAt(cell);
    focus(cell);
  };
  const label = (cell: Cell, found: readonly OwedRow[]): string => {
    const day = dateOnly(dayOfWeekStart(weekMs, cell.day), nowMs, language);
    const what = found.map((one) => `${t(`due.standing.${standingOf(one.row.dueAtMs, nowMs)}`)} ${now.nameOf(one)}`);
    return t('due.week.cell', { day, hour: cell.hour, count: found.length, what: what.join('; ') });
  };
  return (
    <table ref={grid} role="grid" aria-label={t('due.week')} className="week-grid" onKeyDown={press}>
      <thead>
        <tr>
          <th scope="col">{t('due.week.hour')}</th>
          {days.map((day) => {
            const dayMs = dayOfWeekStart(weekMs, day);
            const isToday = new Date(dayMs).toDateString() === new Date(nowMs).toDateString();
            return (
              <th key={day} scope="col" aria-current={isToday ? 'date' : undefined}>
                {dateOnly(dayMs, nowMs, language)}
              </th>
            );
          })}
        </tr>
      </thead>
      <tbody>
        {hours.map((hour) => (
          <tr key={hour}>
            <th scope="row" className="figure">
              {hourAndMinute(movedTo(weekMs, weekMs, { day: 0, hour }))}
            </th>
            {days.map((day) => {
              const cell = { day, hour };
              const found = inCell(owed, weekMs, cell);
              const isAt = at.day === day && at.hour === hour;
              return (
                <td key={day} aria-selected={isAt}>
                  <button
                    type="button"
                    data-cell={`${day}-${hour}`}
                    tabIndex={isAt ? 0 : -1}
                    aria-label={label(cell, found)}
                    onClick={() => now.choose(cell)}
                  >
                    <Entries found={found} {...now} />
                  </button>
                </td>
              );
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
};

/** Two fit into an hour; how many more there are is said. */
const mostShown = 2;
const Entries = ({ found, nowMs, taken, nameOf }: Week & { readonly found: readonly OwedRow[] }) => {
  const { t } = useWords();
  return (
    <>
      {found.slice(0, mostShown).map((one) => {
        const standing = standingOf(one.row.dueAtMs, nowMs);
        const isTaken = taken?.row.id === one.row.id;
        return (
          <span key={one.row.id} className="week-entry" data-standing={standing} data-taken={isTaken}>
            {standing === 'overdue' ? `${t('due.standing.overdue')} · ` : null}
            {nameOf(one)}
          </span>
        );
      })}
      {found.length > mostShown ? (
        <span className="quiet">{t('due.more', { count: found.length - mostShown })}</span>
      ) : null}
    </>
  );
};

/** What is in the hour chosen. */
const Chosen = (props: Props & Week) => {
  const { t, language } = useWords();
  const { owed, weekMs, at, nowMs, taken } = props;
  const found = inCell(owed, weekMs, at);
  const day = dateOnly(dayOfWeekStart(weekMs, at.day), nowMs, language);
  const name = t('due.week.cell', { day, hour: at.hour, count: found.length, what: '' });
  return (
    <section className="week-chosen" aria-label={t('due.week.chosen')}>
      <h2>{name}</h2>
      {inWeek(owed, weekMs).length === 0 ? <p className="quiet">{t('due.week.none')}</p> : null}
      <ol className="owed">
        {found.map((one) => (
          <OwedItem key={one.row.id} one={one} {...props} onTake={taken === null ? () => props.take(one) : undefined} />
        ))}
      </ol>
    </section>
  );
};
