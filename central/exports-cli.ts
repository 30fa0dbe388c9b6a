import { momentOf } from '../shared/calendar.ts';
import type { Contact } from '../shared/contact.ts';
import type { Db } from './db.ts';
import { rows, statement } from './db.ts';
import { nodesOf, treesOf } from './feedback.ts';
import { csvOf } from '../shared/csv-text.ts';
import { judged, surveyLines, surveyScripts } from './surveys.ts';

/**
 * What customers said of products (R31), daily to marketing, and the answers of a survey (R32), as CSV for a spreadsheet. No number and no
 * name: marketing learns what was said, not by whom.
 */
export type ExportAsked = {
  readonly what: string | undefined;
  readonly day: string;
  readonly script: string | undefined;
};
export type Exported = { readonly csv: string; readonly summary: string };

const dayMs = 24 * 3_600_000;

/** @throws Error with a sentence for who typed it */
export const exported = async (db: Db, { what, day, script }: ExportAsked): Promise<Exported> => {
  if (what === 'survey') {
    if (script === undefined) throw new Error('--id names the script of the survey.');
    return survey(db, script);
  }
  if (what !== 'feedback') throw new Error('"export" takes feedback or survey.');
  const fromMs = momentOf(day, 0);
  if (fromMs === undefined) throw new Error('--day is a day as 2026-11-28.');
  return feedback(db, day, fromMs);
};

/** Contacts wrapped up that day, at the customers' place, with an outcome of feedback. */
const feedback = async (db: Db, day: string, fromMs: number): Promise<Exported> => {
  const found = await rows(
    db,
    statement<{ row: Contact }>`
      select row from contact where wrapped_up_at_ms >= ${fromMs} and wrapped_up_at_ms < ${fromMs + dayMs}
      order by wrapped_up_at_ms, id`,
  );
  const trees = await treesOf(db);
  const lines = found.flatMap(({ row }) => {
    const nodes = nodesOf(trees, row);
    if (nodes.at(-1)?.outcome !== 'feedback') return [];
    const tags = nodes.map(({ label }) => label.zh || label.en);
    return [[day, row.queue ?? '', row.topicId ?? '', tags.join(' › '), (row.disposition ?? []).join('/'), row.note]];
  });
  return {
    csv: csvOf([['day', 'queue', 'topic', 'said', 'tag', 'note'], ...lines]),
    summary: `${day}: ${lines.length} of ${found.length} contacts brought feedback`,
  };
};

/** Every answered call the survey was opened in is one asked; it responded when it came to an end of the script. */
const survey = async (db: Db, id: string): Promise<Exported> => {
  const scripts = await surveyScripts(db, id);
  const newest = scripts[0];
  if (newest === undefined) throw new Error(`There is no script ${id}.`);
  if (newest.kind !== 'survey') throw new Error(`The script ${id} is no survey.`);
  const found = await rows(
    db,
    statement<Parameters<typeof judged>[1][number]>`
      select contact.id, contact.agent_id as "agentId", '' as "agentName", contact.opened_at_ms as "openedAtMs",
        contact.row -> 'answers' as answers, (contact.row -> 'script' ->> 'version')::int as version
      from contact where contact.row -> 'script' ->> 'id' = ${id} and contact.row ->> 'answeredAtMs' is not null
      order by contact.opened_at_ms, contact.id`,
  );
  const asked = judged(scripts, found);
  const finished = asked.filter((one) => one.isFinished).length;
  const rate = asked.length === 0 ? 0 : (finished / asked.length) * 100;
  const words = { heads: ['day', 'version', 'finished'], yes: 'yes', no: 'no' };
  return {
    csv: csvOf(surveyLines({ versions: scripts, asked }, (text) => text.zh || text.en, words)),
    summary: `${asked.length} asked, ${finished} finished: response rate ${rate.toFixed(1)} %`,
  };
};
