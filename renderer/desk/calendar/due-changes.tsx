import type { DueChanges } from '../../../shared/calendar-api.ts';
import { useMinute, useWords } from '../context.tsx';
import { dateOnly } from '../format.ts';

/** What would be due on another day (R24), before it is. */
export const DueChangeTable = ({ changes }: { readonly changes: DueChanges }) => {
  const { t, named, language } = useWords();
  const nowMs = useMinute();
  const { total, shown } = changes;
  if (total === 0)
    return (
      <p className="quiet" role="status">
        {t('calendar.noChanges')}
      </p>
    );
  return (
    <>
      <p role="status">{t('calendar.changes', { count: total })}</p>
      <table className="task-table">
        <thead>
          <tr>
            <th scope="col">{t('calendar.matter')}</th>
            <th scope="col">{t('calendar.owedBy')}</th>
            <th scope="col">{t('calendar.before')}</th>
            <th scope="col">{t('calendar.after')}</th>
          </tr>
        </thead>
        <tbody>
          {shown.map(({ workId, record, kind, agentName, fromMs, toMs }) => (
            <tr key={workId}>
              <th scope="row">{named(record === 'case' ? 'case.kind' : 'due.kind', kind, kind)}</th>
              <td>{agentName}</td>
              <td className="figure">{dateOnly(fromMs, nowMs, language)}</td>
              <td className="figure">{fromMs === toMs ? t('calendar.sameDay') : dateOnly(toMs, nowMs, language)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
};
