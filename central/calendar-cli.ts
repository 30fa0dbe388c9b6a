import { z } from 'zod';
import { CalendarYear, faultOf } from '../shared/calendar.ts';
import type { DueChanges } from '../shared/calendar-api.ts';
import { type CalendarPorts, importCalendar, tryCalendar } from './calendar.ts';
import type { Db } from './db.ts';
import { readJsonFile, type Wrong } from './json-file.ts';
import { calendarOf } from './work.ts';

/**
 * The working calendar (R24) for whoever runs central: what is known, and new years from a file, of which `try` says what they would change. What is
 * open and not late is counted again; seats have both with their next look at their work.
 */
export const calendarCommand = async (
  ports: CalendarPorts,
  [word = 'show', path]: readonly string[],
): Promise<void> => {
  const { db } = ports.database;
  const usage = 'Usage: npm run central -- calendar [show | try FILE | import FILE]';
  const answer =
    word === 'show'
      ? await shown(db)
      : (word === 'import' || word === 'try') && path !== undefined
        ? await withYears(ports, word, path)
        : { wrong: usage };
  if (typeof answer === 'string') return void process.stdout.write(answer);
  process.stderr.write(`${answer.wrong}\n`);
  process.exitCode = 1;
};

const withYears = async (ports: CalendarPorts, word: 'import' | 'try', path: string): Promise<string | Wrong> => {
  const years = await readYears(path);
  if ('wrong' in years) return years;
  if (word === 'try') return told(await tryCalendar(ports, years), 'would be');
  const changes = await importCalendar(ports, years);
  return `${await shown(ports.database.db)}${told(changes, 'are')}`;
};

/** What is open, never about whom. */
const told = ({ total, late = 0 }: DueChanges, are: string): string =>
  `${total} open due days ${are} counted again; ${late} that are late already stay as they are\n`;

const shown = async (db: Db): Promise<string> =>
  (await calendarOf(db)).years
    .map(
      ({ year, off, work, source }) => `${year}\t${off.length} free\t${work.length} weekend days worked\t${source}\n`,
    )
    .join('');

const readYears = async (path: string): Promise<readonly CalendarYear[] | Wrong> => {
  const file = await readJsonFile(path);
  if ('wrong' in file) return file;
  const read = z
    .union([CalendarYear.transform((one) => [one]), z.array(CalendarYear).min(1).max(50)])
    .safeParse(file.given);
  if (!read.success)
    return {
      wrong:
        'A year is {"year": 2027, "source": "who decided it", "off": ["2027-01-01", …], "work": ["2027-02-06", …]}; the file has one, or a list of them.',
    };
  const fault = read.data.map(faultOf).find((one) => one !== undefined);
  return fault === undefined ? read.data : { wrong: fault };
};
