import { z } from 'zod';
import { dayOf, minuteOf, momentOf } from '../shared/calendar.ts';
import { Notice } from '../shared/customer.ts';
import type { Db } from './db.ts';
import { rows, statement, transaction } from './db.ts';
import { publishReference } from './feed.ts';

/**
 * Known outages and changes (R6) for whoever runs the centre: what agents are shown before the caller asks. A file adds or replaces by id; seats
 * have it with their next poke, in seconds.
 */
const Time = z.string().regex(/^\d{4}-\d{2}-\d{2} (?:[01]\d|2[0-3]):[0-5]\d$/);
const Given = z.object({
  id: z.string().min(1).max(64),
  kind: z.enum(['outage', 'change']),
  area: z.string().min(1).max(40).nullable().default(null),
  package: z.string().min(1).max(40).nullable().default(null),
  zh: z.string().min(1).max(400),
  en: z.string().max(400).default(''),
  from: Time,
  to: Time,
});
type Given = z.infer<typeof Given>;

const usage = 'Usage: npm run central -- outages [show | import FILE | end ID]\n';
import { readJsonFile, type Wrong } from './json-file.ts';

export const outagesCommand = async (
  db: Db,
  [word = 'show', what]: readonly string[],
  nowMs: number,
): Promise<void> => {
  const answer =
    word === 'show'
      ? await shown(db, nowMs)
      : word === 'import' && what !== undefined
        ? await imported(db, what)
        : word === 'end' && what !== undefined
          ? await ended(db, what, nowMs)
          : { wrong: usage };
  if (typeof answer === 'string') return void process.stdout.write(answer);
  process.stderr.write(`${answer.wrong.trimEnd()}\n`);
  process.exitCode = 1;
};

const noticesOf = async (db: Db): Promise<readonly Notice[]> =>
  (
    await rows(
      db,
      statement<{ row: Notice }>`select row from feed where entity = 'notice' and row is not null order by id`,
    )
  ).map(({ row }) => row);

const timeOf = (atMs: number): string => {
  const minute = minuteOf(atMs);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${dayOf(atMs)} ${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
};

const shown = async (db: Db, nowMs: number): Promise<string> => {
  const known = (await noticesOf(db)).filter(({ toMs }) => toMs > nowMs);
  if (known.length === 0) return 'No outage or change is told of.\n';
  return known
    .map(
      ({ id, severity, area, packageId, text, fromMs, toMs }) =>
        `${id}\t${severity}\t${area ?? packageId ?? 'everybody'}\t${timeOf(fromMs)}–${timeOf(toMs)}\t${text.zh}\n`,
    )
    .join('');
};

const momentAt = (text: string): number | undefined => {
  const [day = '', time = ''] = text.split(' ');
  return momentOf(day, Number(time.slice(0, 2)) * 60 + Number(time.slice(3)));
};

/** Nothing is told when a line is wrong: it is named. */
const imported = async (db: Db, path: string): Promise<string | Wrong> => {
  const file = await readJsonFile(path);
  if ('wrong' in file) return file;
  const read = z.union([Given.transform((one) => [one]), z.array(Given).min(1).max(1_000)]).safeParse(file.given);
  if (!read.success)
    return {
      wrong:
        'An outage is {"id": "east-lake-1", "kind": "outage", "area": "东湖区", "zh": "…", "en": "…", "from": "2026-11-28 10:00", "to": "2026-11-28 18:00"}; kind is outage or change, "package" may stand for "area", neither tells everybody; the file has one, or a list of them.',
    };
  const made = read.data.map(noticeOf);
  const fault = made.find((one) => typeof one === 'string');
  if (fault !== undefined) return { wrong: fault };
  const notices = made.filter((one) => typeof one !== 'string');
  await transaction(db, (tx) =>
    publishReference(
      tx,
      'notice',
      notices.map((row) => ({ id: row.id, row })),
    ),
  );
  return `${notices.length} told of\n`;
};

const noticeOf = ({ id, kind, area, package: packageId, zh, en, from, to }: Given): Notice | string => {
  const [fromMs, toMs] = [momentAt(from), momentAt(to)];
  if (fromMs === undefined || toMs === undefined) return `${id}: ${fromMs === undefined ? from : to} is no day.`;
  if (toMs <= fromMs) return `${id}: it ends before it begins.`;
  if (area !== null && packageId !== null) return `${id}: it is about an area or a package, not both.`;
  return { id, area, packageId, severity: kind, text: { zh, en: en || zh }, fromMs, toMs };
};

/** Mended early: nobody is told of it any more. */
const ended = async (db: Db, id: string, nowMs: number): Promise<string | Wrong> => {
  const known = (await noticesOf(db)).find((one) => one.id === id && one.toMs > nowMs);
  if (known === undefined) return { wrong: `There is no outage ${id} that still goes on.` };
  await transaction(db, (tx) => publishReference(tx, 'notice', [{ id, row: null }]));
  return `${id} is over\n`;
};
