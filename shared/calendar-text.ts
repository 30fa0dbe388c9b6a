import { dayOf, momentOf } from './calendar.ts';

/**
 * Days as people write them into a field: `2027-02-06`, `2027/2/6`, `2-6`, `2月6日`, and stretches with `~`, `至` or `到` between two
 * of them; apart by spaces, commas or lines. What is no day stays as it was written, for `faultIn` to name.
 */
const dayMs = 24 * 3_600_000;
const longestStretch = 60;

export const readDays = (text: string, year: number): readonly string[] =>
  text
    .normalize('NFKC')
    .replaceAll(/\s*(?:~|–|—|至|到|\.\.)\s*/gu, '~')
    .split(/[\s,;、，；。]+/u)
    .filter((word) => word !== '')
    .flatMap((word) => {
      const [from = '', to, ...more] = word.split('~');
      if (to === undefined) return [readDay(from, year) ?? word];
      const [first, last] = [readDay(from, year), readDay(to, year)];
      const days = first === undefined || last === undefined || more.length > 0 ? [] : stretch(first, last);
      return days.length === 0 ? [word] : days;
    });

const readDay = (word: string, year: number): string | undefined => {
  const found = /^(?:(\d{4})[-/.年])?(\d{1,2})[-/.月](\d{1,2})日?$/u.exec(word);
  if (found === null) return undefined;
  const [, of = String(year), month = '', day = ''] = found;
  const name = `${of}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  return momentOf(name, 0) === undefined ? undefined : name;
};

const stretch = (first: string, last: string): readonly string[] => {
  const [from, to] = [momentOf(first, 0) ?? 0, momentOf(last, 0) ?? 0];
  const count = Math.round((to - from) / dayMs) + 1;
  return count < 1 || count > longestStretch ? [] : Array.from({ length: count }, (_, n) => dayOf(from + n * dayMs));
};

/** The same days in order, a stretch a line: as they are shown to be changed. */
export const writeDays = (days: readonly string[]): string => {
  const lines: [string, string][] = [];
  for (const day of [...new Set(days)].toSorted()) {
    const last = lines.at(-1);
    if (last !== undefined && dayOf((momentOf(last[1], 0) ?? 0) + dayMs) === day) last[1] = day;
    else lines.push([day, day]);
  }
  return lines.map(([from, to]) => (from === to ? from : `${from} ~ ${to}`)).join('\n');
};
