import { memo } from 'react';
import type { Notice } from '../../../shared/customer.ts';
import { inLanguage } from '../../../shared/text.ts';
import { useMinute, useWords } from '../context.tsx';
import { dateTime } from '../format.ts';
import { Icon } from '../parts/icon.tsx';

/**
 * R6: known outages and changes of this customer's area or package, above everything else. What is broken is there in full; a change is a line that
 * opens, so that the first sentence to say is not pushed down by what every caller of the day has.
 */
export const Notices = memo(({ notices }: { readonly notices: readonly Notice[] }) => {
  const { t, language } = useWords();
  const nowMs = useMinute();
  if (notices.length === 0) return null;
  return (
    <ul className="notices" aria-label={t('notice.region')}>
      {notices.map((notice) => {
        const until = t('notice.until', { time: dateTime(notice.toMs, nowMs, language) });
        const text = inLanguage(notice.text, language);
        const word = <strong>{t(`notice.${notice.severity}`)}</strong>;
        return (
          <li key={notice.id} data-severity={notice.severity}>
            <Icon name="warn" />
            {notice.severity === 'outage' ? (
              <span>
                {word}
                <span>{text}</span>
                <span className="quiet figure">{until}</span>
              </span>
            ) : (
              <details>
                <summary title={`${text} ${until}`}>
                  {word}
                  {text}
                </summary>
                <span className="quiet figure">{until}</span>
              </details>
            )}
          </li>
        );
      })}
    </ul>
  );
});
