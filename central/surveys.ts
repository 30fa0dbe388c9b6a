import type { z } from 'zod';
import { dayOf } from '../shared/calendar.ts';
import type { Contact } from '../shared/contact.ts';
import type { Survey, SurveyPick, feedbackRoutes } from '../shared/feedback-api.ts';
import { mostSurveys } from '../shared/feedback-api.ts';
import type { AgentId, ContactId, ScriptId } from '../shared/ids.ts';
import type { Result } from '../shared/result.ts';
import { ok, refusal, refused } from '../shared/result.ts';
import type { Script } from '../shared/script.ts';
import { answerTo, isFinished, labelOf, questionsOf } from '../shared/survey.ts';
import type { Text } from '../shared/text.ts';
import { note } from './contacts-behind.ts';
import type { Db } from './db.ts';
import { rows, statement } from './db.ts';
import { contactsBehind } from './feedback.ts';
import type { FigurePorts } from './figure-rates.ts';
import { mayExport, seenBy, whyNotDays } from './figures.ts';
import type { Handlers } from './http.ts';
import type { Session } from './sessions.ts';
import { csvOf } from '../shared/csv-text.ts';

/** R32: surveys are scripts; what they found lies on the contacts they were opened in. */
export const surveyHandlers = (ports: FigurePorts): Partial<Handlers> => ({
  surveys: async (_asked, { db }) => ok({ surveys: [...(await surveysOf(db))] }),
  survey: async (asked, session) => {
    const found = await askedIn(session, asked);
    return found.ok ? ok(summed(found.value, mayExport(ports.policy, session))) : found;
  },
  surveyList: async ({ pick, cursor, ...asked }, session) => {
    const found = await askedIn(session, asked);
    if (!found.ok) return found;
    const ids = found.value.asked.filter((one) => isPicked(one, pick)).map(({ id }) => id);
    const behind = statement`(
      select contact.id, contact.id as contact_id, contact.opened_at_ms as at_ms, null::text as name
      from contact where contact.id = any(${ids}::text[]))`;
    const what = pick.kind === 'answer' ? `${pick.stepId} ${pick.answerId}` : pick.kind;
    const result = `survey ${asked.scriptId} ${what}, ${asked.fromDay} to ${asked.toDay}`;
    return ok(await contactsBehind(ports, session, behind, { cursor, result }));
  },
  surveyExport: async ({ language, heads, yes, no, ...asked }, session) => {
    if (!mayExport(ports.policy, session)) return refused(refusal('forbidden', 'figureExport'));
    const found = await askedIn(session, asked);
    if (!found.ok) return found;
    const name = `survey_${asked.scriptId}_${asked.fromDay}_${asked.toDay}.csv`;
    const lines = surveyLines(found.value, (text) => (language === 'en' ? text.en || text.zh : text.zh || text.en), {
      ...{ heads, yes, no },
    });
    await note(ports, session, { kind: 'export', result: `survey ${name}, ${lines.length - 1} rows` });
    return ok({ name, base64: Buffer.from(csvOf(lines)).toString('base64') });
  },
});

/** Those that are published now, and those that were. */
const surveysOf = async (db: Db): Promise<readonly { readonly id: ScriptId; readonly title: Text }[]> => {
  const found = await rows(
    db,
    statement<{ row: Pick<Script, 'id' | 'title' | 'version'> }>`
      select json_build_object('id', row -> 'id', 'title', row -> 'title', 'version', row -> 'version') as row from feed
      where entity = 'script' and row is not null and row ->> 'kind' = 'survey'`,
  );
  const newest = new Map<string, Pick<Script, 'id' | 'title' | 'version'>>();
  for (const { row } of found) if ((newest.get(row.id)?.version ?? 0) < row.version) newest.set(row.id, row);
  return [...newest.values()].slice(0, mostSurveys).map(({ id, title }) => ({ id, title }));
};

type AskedContact = {
  readonly id: ContactId;
  readonly agentId: AgentId;
  readonly agentName: string;
  readonly openedAtMs: number;
  readonly answers: Contact['answers'];
  readonly version: number;
  readonly script: Script;
  readonly isFinished: boolean;
};
export type SurveyFound = { readonly versions: readonly Script[]; readonly asked: readonly AskedContact[] };

/** All versions, the newest first; a version that is gone is read as the newest. */
export const surveyScripts = async (db: Db, id: string): Promise<readonly Script[]> =>
  (
    await rows(
      db,
      statement<{ row: Script }>`
        select row from feed where entity = 'script' and row is not null and row ->> 'id' = ${id}`,
    )
  )
    .map(({ row }) => row)
    .toSorted((one, other) => other.version - one.version);

const mostAsked = 100_000;
type Row = Omit<AskedContact, 'script' | 'isFinished'>;

const askedIn = async (
  session: Session,
  { scriptId, fromDay, toDay }: z.output<typeof feedbackRoutes.survey.request>,
): Promise<Result<SurveyFound>> => {
  const fault = whyNotDays({ fromDay, toDay, by: 'day' });
  if (fault !== undefined) return fault;
  const versions = await surveyScripts(session.db, scriptId);
  if (versions[0]?.kind !== 'survey') return refused(refusal('notFound', 'survey'));
  const found = await rows(
    session.db,
    statement<Row>`
      select contact.id, contact.agent_id as "agentId", agent.name as "agentName", contact.opened_at_ms as "openedAtMs",
        contact.row -> 'answers' as answers, (contact.row -> 'script' ->> 'version')::int as version
      from contact join contact_fact as fact on fact.contact_id = contact.id join agent on agent.id = contact.agent_id
      where contact.row -> 'script' ->> 'id' = ${scriptId} and contact.row ->> 'answeredAtMs' is not null
        and fact.day >= ${fromDay} and fact.day <= ${toDay} and ${seenBy(session)}
      order by contact.opened_at_ms, contact.id limit ${mostAsked}`,
  );
  return ok({ versions, asked: judged(versions, found) });
};

export const judged = (versions: readonly Script[], found: readonly Row[]): readonly AskedContact[] => {
  const [newest] = versions;
  if (newest === undefined) return [];
  const byVersion = new Map(versions.map((script) => [script.version, script]));
  return found.map((row) => {
    const script = byVersion.get(row.version) ?? newest;
    return { ...row, script, isFinished: isFinished({ script, answers: row.answers }) };
  });
};

const summed = ({ versions, asked }: SurveyFound, mayExportIt: boolean): Survey => {
  const sumBy = (keyOf: (one: AskedContact) => string) => {
    const sums = new Map<string, { name: string; asked: number; finished: number }>();
    for (const one of asked) {
      const key = keyOf(one);
      const sum = sums.get(key) ?? { name: one.agentName, asked: 0, finished: 0 };
      sums.set(key, { ...sum, asked: sum.asked + 1, finished: sum.finished + Number(one.isFinished) });
    }
    return [...sums];
  };
  return {
    ...{ asked: asked.length, finished: asked.filter((one) => one.isFinished).length, mayExport: mayExportIt },
    questions: questionsOf(versions, asked).slice(0, 200),
    agents: sumBy(({ agentId }) => agentId)
      .map(([id, sum]) => ({ id, ...sum }))
      .toSorted((one, other) => other.asked - one.asked)
      .slice(0, 2_000),
    days: sumBy(({ openedAtMs }) => dayOf(openedAtMs))
      .map(([day, { asked: of, finished }]) => ({ day, asked: of, finished }))
      .toSorted((one, other) => (one.day < other.day ? -1 : 1)),
  };
};

const isPicked = (one: AskedContact, pick: SurveyPick): boolean => {
  if (pick.kind === 'answer') return answerTo(one, pick.stepId) === pick.answerId;
  return (
    (pick.kind === 'asked' || one.isFinished) &&
    (pick.agentId === null || one.agentId === pick.agentId) &&
    (pick.day === null || dayOf(one.openedAtMs) === pick.day)
  );
};

/** A line for each who was asked; no number and no name: marketing learns what was said, not by whom. */
export const surveyLines = (
  { versions, asked }: SurveyFound,
  say: (text: Text) => string,
  { heads, yes, no }: { readonly heads: readonly string[]; readonly yes: string; readonly no: string },
): readonly (readonly string[])[] => {
  const questions = versions[0]?.steps.filter(({ answers }) => answers.length > 0) ?? [];
  const lines = asked.map((one) => [
    ...[dayOf(one.openedAtMs), String(one.version), one.isFinished ? yes : no],
    ...questions.map(({ id }) => {
      const answerId = answerTo(one, id);
      const label = answerId === null ? null : labelOf(one.script, id, answerId);
      return label === null ? (answerId ?? '') : say(label);
    }),
  ]);
  return [[...heads, ...questions.map((step) => say(step.say) || step.id)], ...lines];
};
