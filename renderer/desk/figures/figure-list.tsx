import { useEffect, useRef, useState } from 'react';
import type { FigureList as Listed, FiguresAsk } from '../../../shared/figures-api.ts';
import type { ContactId } from '../../../shared/ids.ts';
import type { Refusal } from '../../../shared/result.ts';
import { inLanguage } from '../../../shared/text.ts';
import { useMinute, useWords } from '../context.tsx';
import { dateTime, duration } from '../format.ts';
import { Button } from '../parts/button.tsx';
import type { FigureCalls } from './figure-actions.ts';
import type { Behind } from './figure-table.tsx';

/** The contacts a figure was counted from, a page at a time; each opens as in history. */
export const FigureList = (props: {
  readonly asked: FiguresAsk;
  readonly behind: Behind;
  readonly onAsk: FigureCalls['list'];
  readonly onContact: (contactId: ContactId) => void;
  readonly onClose: () => void;
}) => {
  const { t, language, refusal } = useWords();
  const nowMs = useMinute();
  const { asked, behind, onAsk } = props;
  const [list, setList] = useState<Listed | null>(null);
  const [why, setWhy] = useState<Refusal | null>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const { row, count } = behind;
  const { fromDay, toDay, by } = asked;
  useEffect(() => {
    let isHere = true;
    heading.current?.focus();
    void onAsk({ fromDay, toDay, by, row, count }).then((answer) => {
      if (!isHere) return;
      setList(answer.ok ? answer.value : null);
      setWhy(answer.ok ? null : answer.error);
    });
    return () => {
      isHere = false;
    };
  }, [onAsk, fromDay, toDay, by, row, count]);
  const more = async (cursor: string, before: Listed): Promise<void> => {
    const answer = await onAsk({ fromDay, toDay, by, row, count, cursor });
    if (answer.ok) setList({ ...answer.value, rows: [...before.rows, ...answer.value.rows] });
    else setWhy(answer.error);
  };
  const what = t('figures.listOf', { count: t(`figureCount.${count}`), name: behind.name });
  return (
    <section className="figures-list" aria-label={what}>
      <header className="tasks-head">
        <h2 ref={heading} tabIndex={-1}>
          {what}
          {list === null ? null : <span className="figure"> {list.total.toLocaleString('en-US')}</span>}
        </h2>
        <span className="spacer" />
        <Button label={t('figures.closeList')} tone="quiet" onPress={props.onClose} />
      </header>
      {why === null ? null : (
        <p className="outcome" data-tone="danger" role="alert">
          {refusal(why)}
        </p>
      )}
      {list === null && why === null ? <p role="status">{t('figures.loading')}</p> : null}
      <ul>
        {list?.rows.map((one) => (
          <li key={one.order?.id ?? one.contactId}>
            <button type="button" onClick={() => props.onContact(one.contactId)}>
              <time className="figure">{dateTime(one.startedAtMs, nowMs, language)}</time>
              <span>{t(`call.direction.${one.direction}`)}</span>
              <strong>{one.who ?? t('history.nobody')}</strong>
              <span className="figure">{one.number === '' ? t('history.withheld') : one.number}</span>
              <span className="figure quiet">{duration(one.talkMs)}</span>
              <span>{one.order?.name ?? one.disposition.map((label) => inLanguage(label, language)).join(' › ')}</span>
              <span className="quiet">{one.agentName}</span>
            </button>
          </li>
        ))}
      </ul>
      {list?.cursor == null ? null : (
        <Button label={t('history.more')} onPress={() => void more(list.cursor ?? '', list)} />
      )}
    </section>
  );
};
