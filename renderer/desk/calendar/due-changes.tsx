import type { DueChange, DueChanges, OtherDueChange } from '../../../shared/calendar-api.ts';
import { useMinute, useWords } from '../context.tsx';
import { dateOnly } from '../format.ts';
import type { Words } from '../i18n.ts';

/** What would be due on another day (R24), before it is. */
export const DueChangeTable = ({ changes }: { readonly changes: DueChanges }) => {
  const words = useWords();
  const { t, language } = words;
  const nowMs = useMinute();
  const { total, late = 0 } = changes;
  const all = [...changes.shown, ...(changes.others ?? [])].toSorted((one, other) => one.toMs - other.toMs);
  const stay = late === 0 ? null : <p className="quiet">{t('calendar.late', { count: late })}</p>;
  if (total === 0)
    return (
      <>
        <p className="quiet" role="status">
          {t('calendar.noChanges')}
        </p>
        {stay}
      </>
    );
  return (
    <>
      <p role="status">{t('calendar.changes', { count: total })}</p>
      {stay}
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
          {all.map((change) => (
            <tr key={`${change.record} ${change.workId}`}>
              <th scope="row">{matterOf(change, words)}</th>
              <td>{change.agentName}</td>
              <td className="figure">{dateOnly(change.fromMs, nowMs, language)}</td>
              <td className="figure">
                {change.fromMs === change.toMs ? t('calendar.sameDay') : dateOnly(change.toMs, nowMs, language)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
};

const matterOf = ({ record, kind }: DueChange | OtherDueChange, { t, named }: Words): string => {
  switch (record) {
    case 'case':
      return named('case.kind', kind, kind);
    case 'obligation':
      return named('due.kind', kind, kind);
    case 'order':
      return t('timeline.order', { flow: named('order.flow', kind, kind) });
    case 'escalation':
      return kind === 'handedBack'
        ? t('calendar.handedBack')
        : t('calendar.escalated', { level: named('case.level', kind, kind) });
  }
};
