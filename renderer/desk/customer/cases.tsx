import { memo } from 'react';
import type { CaseSummary } from '../../../shared/customer.ts';
import { inLanguage } from '../../../shared/text.ts';
import { useMinute, useWords } from '../context.tsx';
import { dateTime } from '../format.ts';

/** Open cases: often why the customer calls. Overdue says so in words. */
export const Cases = memo(({ cases }: { readonly cases: readonly CaseSummary[] }) => {
  const { t, language } = useWords();
  const nowMs = useMinute();
  const open = cases
    .filter((one) => one.status !== 'closed')
    .toSorted((one, other) => one.deadlineMs - other.deadlineMs);
  if (open.length === 0) return null;
  return (
    <section className="block" aria-label={t('case.region')}>
      <h3>{t('case.region')}</h3>
      <ul className="cases">
        {open.map((one) => {
          const overdue = one.status !== 'resolved' && one.deadlineMs < nowMs;
          return (
            <li key={one.id} data-tone={overdue ? 'danger' : 'plain'}>
              <span>
                <span className="badge" data-tone="plain">
                  {t(`case.kind.${one.kind}`)}
                </span>
                <strong>{inLanguage(one.title, language)}</strong>
              </span>
              <span className="quiet">
                {t('case.line', {
                  status: t(`case.status.${one.status}`),
                  department: inLanguage(one.department, language),
                  due: t(overdue ? 'case.overdue' : 'case.due', { time: dateTime(one.deadlineMs, nowMs, language) }),
                })}
              </span>
            </li>
          );
        })}
      </ul>
    </section>
  );
});
