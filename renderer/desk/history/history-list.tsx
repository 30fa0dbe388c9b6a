import type { ContactId } from '../../../shared/ids.ts';
import { inLanguage } from '../../../shared/text.ts';
import { useMinute, useWords } from '../context.tsx';
import { dateTime, duration } from '../format.ts';
import { Button } from '../parts/button.tsx';
import { Icon } from '../parts/icon.tsx';
import { useFocusWish } from '../parts/use-focus-wish.ts';
import type { ListedRow } from './history-store.ts';

type Queue = { readonly id: string; readonly zh: string; readonly en: string };

const rowId = (contactId: string): string => `history-${contactId}`;
const pageRows = 10;
const steps: Readonly<Record<string, number>> = {
  ...{ ArrowDown: 1, ArrowUp: -1, PageDown: pageRows, PageUp: -pageRows },
  ...{ Home: Number.NEGATIVE_INFINITY, End: Number.POSITIVE_INFINITY },
};

/** Newest first. One stop for Tab; arrows walk, Enter opens. */
export const HistoryList = (props: {
  readonly rows: readonly ListedRow[];
  readonly queues: readonly Queue[];
  readonly at: ContactId | null;
  readonly hasMore: boolean;
  readonly isAsking: boolean;
  readonly onMove: (by: number) => void;
  readonly onOpen: (contactId: ContactId) => void;
  readonly onMore: () => void;
}) => {
  const { t } = useWords();
  const { rows, at } = props;
  const list = useFocusWish<HTMLDivElement>('historyList');
  const current = rows.find((row) => row.contactId === at);
  return (
    <div className="history-results">
      <div
        ref={list}
        role="listbox"
        tabIndex={0}
        className="history-list"
        aria-label={t('history.results')}
        aria-activedescendant={current === undefined ? undefined : rowId(current.contactId)}
        onFocus={() => {
          if (current === undefined) props.onMove(0);
        }}
        onKeyDown={(event) => {
          const by = steps[event.key];
          if (by !== undefined) props.onMove(by);
          else if (event.key === 'Enter' && current !== undefined) props.onOpen(current.contactId);
          else return;
          event.preventDefault();
          event.stopPropagation();
        }}
      >
        {rows.map((row) => (
          <Row key={row.contactId} row={row} queues={props.queues} isAt={row === current} onOpen={props.onOpen} />
        ))}
      </div>
      {props.hasMore ? <Button label={t('history.more')} disabled={props.isAsking} onPress={props.onMore} /> : null}
    </div>
  );
};

const Row = (props: {
  readonly row: ListedRow;
  readonly queues: readonly Queue[];
  readonly isAt: boolean;
  readonly onOpen: (contactId: ContactId) => void;
}) => {
  const { t, language } = useWords();
  const nowMs = useMinute();
  const { row, isAt } = props;
  const queue = props.queues.find(({ id }) => id === row.queue);
  const outcome = row.disposition.map((label) => inLanguage(label, language)).join(' › ');
  return (
    <button
      // Walked out of view: comes into it.
      ref={(element) => {
        if (isAt) element?.scrollIntoView?.({ block: 'nearest' });
      }}
      id={rowId(row.contactId)}
      type="button"
      role="option"
      tabIndex={-1}
      aria-selected={isAt}
      className="history-row"
      onClick={() => props.onOpen(row.contactId)}
    >
      <span className="history-when">
        <Icon name={row.direction} />
        <span className="visually-hidden">{t(`call.direction.${row.direction}`)}</span>
        <time className="figure">{dateTime(row.startedAtMs, nowMs, language)}</time>
        <span className="figure quiet">{duration(row.talkMs)}</span>
      </span>
      <span className="history-who">
        <strong>{row.who ?? t('history.nobody')}</strong>
        <span className="figure">{row.number === '' ? t('history.withheld') : row.number}</span>
      </span>
      <span className="history-what">
        {row.topic === null ? null : <span>{inLanguage(row.topic, language)}</span>}
        <span className="quiet">{outcome === '' ? t('history.noOutcome') : outcome}</span>
      </span>
      <span className="history-agent quiet">
        <span>{row.agentName}</span>
        <span>{queue === undefined ? (row.queue ?? '') : language === 'en' ? queue.en : queue.zh}</span>
      </span>
      <span className="badge" data-tone={row.source === 'seat' ? 'accent' : 'plain'}>
        {t(`history.source.${row.source}`)}
      </span>
    </button>
  );
};
