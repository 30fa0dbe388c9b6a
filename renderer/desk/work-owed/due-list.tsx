import { useMinute, useWords } from '../context.tsx';
import { dateTime } from '../format.ts';
import type { OwedRow } from './due.ts';
import { standingOf } from './due.ts';

/** One line of what is owed: what, to whom, by when; overdue and today say so in words. */
export const OwedLine = ({ row, customer }: OwedRow) => {
  const { t, language } = useWords();
  const nowMs = useMinute();
  const standing = standingOf(row.dueAtMs, nowMs);
  const tone = standing === 'overdue' ? 'danger' : standing === 'today' ? 'attention' : 'plain';
  return (
    <span className="owed-line">
      <span className="owed-what">
        <span className="badge" data-tone={tone}>
          {t(`due.standing.${standing}`)}
        </span>
        <strong>{t(`due.kind.${row.kind}`)}</strong>
        <span>{customer ?? t('due.nobody')}</span>
        <time className="figure">{dateTime(row.dueAtMs, nowMs, language)}</time>
      </span>
      {row.what === '' ? null : <span className="quiet owed-note">{row.what}</span>}
    </span>
  );
};

const mostShown = 6;

/** On the idle desk: what is owed next. Nothing here takes the focus. */
export const DueList = (props: { readonly owed: readonly OwedRow[]; readonly onOpen: () => void }) => {
  const { t } = useWords();
  return (
    <section className="day" aria-label={t('due.title')}>
      <h2>{t('due.title')}</h2>
      {props.owed.length === 0 ? <p className="quiet">{t('due.none')}</p> : null}
      <ol className="owed">
        {props.owed.slice(0, mostShown).map((one) => (
          <li key={one.row.id}>
            <button type="button" className="owed-open" onClick={props.onOpen}>
              <OwedLine {...one} />
            </button>
          </li>
        ))}
      </ol>
      {props.owed.length > mostShown ? (
        <p className="quiet">{t('due.more', { count: props.owed.length - mostShown })}</p>
      ) : null}
    </section>
  );
};
