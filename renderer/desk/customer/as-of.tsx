import { staleAfterMs } from '../../../shared/sync.ts';
import { useMinute, useWords } from '../context.tsx';
import { dateTime } from '../format.ts';
import type { Words } from '../i18n.ts';
import { Icon } from '../parts/icon.tsx';

/** What the seat shows may be over by now: since when nobody has told it anything, in words. */
export const AsOf = ({ atMs }: { readonly atMs: number | null }) => {
  const { t, language } = useWords();
  const nowMs = useMinute();
  if (atMs === null || nowMs - atMs < staleAfterMs) return null;
  return (
    <p className="as-of" role="note">
      <Icon name="warn" />
      <span>{t('asOf', { time: dateTime(atMs, nowMs, language), age: ageWords(nowMs - atMs, t) })}</span>
    </p>
  );
};

/** "12 minutes", "3 hours", "2 days": as rough as an age may be. */
const ageWords = (ms: number, t: Words['t']): string => {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 120) return t('age.minutes', { count: minutes });
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? t('age.hours', { count: hours }) : t('age.days', { count: Math.floor(hours / 24) });
};
