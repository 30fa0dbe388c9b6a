import type { RecentNumber } from '../../../shared/directory.ts';
import { useMinute, useWords } from '../context.tsx';
import { dateTime } from '../format.ts';
import { Icon } from '../parts/icon.tsx';

/** The last numbers of this seat; a customer's stays masked and is dialled all the same (R44). */
export const RecentNumbers = (props: {
  readonly recent: readonly RecentNumber[];
  readonly disabled: boolean;
  readonly onDial: (contactId: RecentNumber['contactId']) => void;
}) => {
  const { t, language } = useWords();
  const nowMs = useMinute();
  if (props.recent.length === 0) return null;
  return (
    <>
      <h3>{t('directory.recent')}</h3>
      <ul className="recent">
        {props.recent.map(({ contactId, direction, shown, name, atMs, wasAnswered }) => (
          <li key={contactId}>
            <span title={t(`directory.${direction}`)}>
              <Icon name={direction} />
              <span className="visually-hidden">{t(`directory.${direction}`)}</span>
            </span>
            <span className="recent-who">
              <span className="figure">{shown}</span>
              {name === null ? null : <span className="quiet">{name}</span>}
              {wasAnswered ? null : <span className="quiet">{t('directory.missed')}</span>}
            </span>
            <time className="quiet figure">{dateTime(atMs, nowMs, language).slice(-5)}</time>
            <button
              type="button"
              className="button quiet"
              disabled={props.disabled}
              aria-label={t('directory.dialAgain', { number: shown })}
              onClick={() => props.onDial(contactId)}
            >
              <Icon name="phone" />
            </button>
          </li>
        ))}
      </ul>
    </>
  );
};
