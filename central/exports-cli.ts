import { dayOf, momentOf } from '../shared/calendar.ts';
import type { Contact } from '../shared/contact.ts';
import type { AnyDispositionNode, DispositionTree } from '../shared/disposition.ts';
import { follow } from '../shared/disposition.ts';
import type { Script } from '../shared/script.ts';
import type { Db } from './db.ts';
import { rows, statement } from './db.ts';
import { csvOf } from './sheet-file.ts';

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
  const trees = (
    await rows(db, statement<{ row: DispositionTree }>`select row from feed where entity = 'tree' and row is not null`)
  ).map(({ row }) => row);
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

const nodesOf = (trees: readonly DispositionTree[], { queue, disposition }: Contact): readonly AnyDispositionNode[] => {
  const own = trees.filter((tree) => queue !== null && tree.queues.includes(queue));
  const found = [...own, ...trees].map((tree) => follow(tree, [...(disposition ?? [])]));
  return found.find((nodes) => nodes !== undefined) ?? [];
};

/** Every answered call the survey was opened in is one asked; it responded when it came to an end of the script. */
const survey = async (db: Db, id: string): Promise<Exported> => {
  const scripts = (
    await rows(
      db,
      statement<{ row: Script }>`
        select row from feed where entity = 'script' and row is not null and row ->> 'id' = ${id}`,
    )
  )
    .map(({ row }) => row)
    .toSorted((one, other) => other.version - one.version);
  const newest = scripts[0];
  if (newest === undefined) throw new Error(`There is no script ${id}.`);
  if (newest.kind !== 'survey') throw new Error(`The script ${id} is no survey.`);
  const asked = (
    await rows(
      db,
      statement<{
        row: Contact;
      }>`select row from contact where row -> 'script' ->> 'id' = ${id} order by opened_at_ms, id`,
    )
  )
    .map(({ row }) => row)
    .filter(({ answeredAtMs }) => answeredAtMs !== null);
  const questions = newest.steps.filter(({ answers }) => answers.length > 0);
  const versions = new Map(scripts.map((script) => [script.version, script]));
  const lines = asked.map((contact) => {
    const script = versions.get(contact.script?.version ?? 0) ?? newest;
    const isFinished = isAtEnd(script, contact);
    return [
      dayOf(contact.openedAtMs),
      String(contact.script?.version ?? ''),
      isFinished ? 'yes' : 'no',
      ...questions.map(({ id: stepId }) => answerOf(script, contact, stepId)),
    ];
  });
  const finished = lines.filter(([, , isFinished]) => isFinished === 'yes').length;
  const rate = lines.length === 0 ? 0 : (finished / lines.length) * 100;
  return {
    csv: csvOf([
      ['day', 'version', 'finished', ...questions.map(({ say, id: stepId }) => say.zh || say.en || stepId)],
      ...lines,
    ]),
    summary: `${lines.length} asked, ${finished} finished: response rate ${rate.toFixed(1)} %`,
  };
};

const isAtEnd = (script: Script, { answers }: Contact): boolean => {
  const last = answers.at(-1);
  const step = script.steps.find(({ id }) => id === last?.stepId);
  if (last === undefined || step === undefined) return false;
  const given = step.answers.find(({ id }) => id === last.answerId);
  return (given === undefined ? step.next : given.next) === null;
};

const answerOf = (script: Script, { answers }: Contact, stepId: string): string => {
  const answerId = answers.findLast((one) => one.stepId === stepId)?.answerId ?? null;
  const label = script.steps.find(({ id }) => id === stepId)?.answers.find(({ id }) => id === answerId)?.label;
  return label === undefined ? (answerId ?? '') : label.zh || label.en;
};
