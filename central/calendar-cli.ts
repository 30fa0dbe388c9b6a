import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { CalendarYear, faultOf } from '../shared/calendar.ts';
import type { Db } from './db.ts';
import { calendarOf, putCalendar } from './work.ts';

/**
 * The working calendar (R24) for whoever runs central: what is known, and new years from a file. Seats have it with their next look at their
 * work; days counted already stay as they were promised.
 */
export const calendarCommand = async (db: Db, [word = 'show', path]: readonly string[]): Promise<void> => {
  const wrong = word === 'import' && path !== undefined ? await importYears(db, path) : undefined;
  if (wrong === undefined && (word === 'show' || word === 'import') && (word === 'show' || path !== undefined))
    return void process.stdout.write(await shown(db));
  process.stderr.write(`${wrong ?? 'Usage: npm run central -- calendar [show | import FILE]'}\n`);
  process.exitCode = 1;
};

const shown = async (db: Db): Promise<string> =>
  (await calendarOf(db)).years
    .map(
      ({ year, off, work, source }) => `${year}\t${off.length} free\t${work.length} weekend days worked\t${source}\n`,
    )
    .join('');

/** @returns what is wrong, in a sentence; then nothing was changed */
const importYears = async (db: Db, path: string): Promise<string | undefined> => {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch {
    return `The file cannot be read: ${path}`;
  }
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    return `The file is not JSON: ${path}`;
  }
  const read = z.union([CalendarYear.transform((one) => [one]), z.array(CalendarYear).min(1).max(50)]).safeParse(given);
  if (!read.success)
    return 'A year is {"year": 2027, "source": "who decided it", "off": ["2027-01-01", …], "work": ["2027-02-06", …]}; the file has one, or a list of them.';
  const fault = read.data.map(faultOf).find((one) => one !== undefined);
  if (fault !== undefined) return fault;
  await putCalendar(db, { years: read.data });
  return undefined;
};
