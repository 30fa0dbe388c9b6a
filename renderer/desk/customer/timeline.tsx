import type { PastContact } from '../../../shared/customer.ts';
import { inLanguage } from '../../../shared/text.ts';
import { useMinute, useWords } from '../context.tsx';
import { dateTime, duration } from '../format.ts';
import { Icon } from '../parts/icon.tsx';

/** Last contacts, newest first (R34). Notes are what other agents typed: inert text. */
export const Timeline = ({ history }: { readonly history: readonly PastContact[] }) => {
  const { t, language } = useWords();
  const nowMs = useMinute();
  const newest = history.toSorted((one, other) => other.startedAtMs - one.startedAtMs);
  return (
    <section className="block" aria-label={t('timeline.region')}>
      <h3>{t('timeline.region')}</h3>
      {newest.length === 0 ? <p className="quiet">{t('timeline.empty')}</p> : null}
      <ol className="timeline">
        {newest.map((past) => (
          <li key={past.contactId}>
            <span className="timeline-when">
              <Icon name={past.direction} />
              <span className="visually-hidden">{t(`call.direction.${past.direction}`)}</span>
              <time className="figure">{dateTime(past.startedAtMs, nowMs, language)}</time>
              <span className="figure quiet">{duration(past.talkMs)}</span>
              <span className="quiet timeline-agent">{past.agentName}</span>
            </span>
            <span className="timeline-what">
              <strong>{past.topic === null ? t('timeline.noTopic') : inLanguage(past.topic, language)}</strong>
              <span>{past.disposition.map((label) => inLanguage(label, language)).join(' › ')}</span>
            </span>
            {past.note === '' ? null : (
              <span className="timeline-note quiet" title={past.note}>
                {past.note}
              </span>
            )}
          </li>
        ))}
      </ol>
    </section>
  );
};
