import { memo } from 'react';
import type { Notice } from '../../../shared/customer.ts';
import { inLanguage } from '../../../shared/text.ts';
import { useMinute, useWords } from '../context.tsx';
import { dateTime } from '../format.ts';
import { Icon } from '../parts/icon.tsx';

/** R6: known outages and changes of this customer's area or package, above everything else. */
export const Notices = memo(({ notices }: { readonly notices: readonly Notice[] }) => {
  const { t, language } = useWords();
  const nowMs = useMinute();
  if (notices.length === 0) return null;
  return (
    <ul className="notices" aria-label={t('notice.region')}>
      {notices.map((notice) => (
        <li key={notice.id} data-severity={notice.severity}>
          <Icon name="warn" />
          <span>
            <strong>{t(`notice.${notice.severity}`)}</strong>
            <span>{inLanguage(notice.text, language)}</span>
            <span className="quiet figure">{t('notice.until', { time: dateTime(notice.toMs, nowMs, language) })}</span>
          </span>
        </li>
      ))}
    </ul>
  );
});
