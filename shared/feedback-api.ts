import { z } from 'zod';
import { HistoryRow, historyPage } from './history.ts';
import { ScriptId } from './ids.ts';
import { Text } from './text.ts';

/** What customers said of products (R31), and what surveys found (R32), for leads: their team's, managers the tenant's. */
const day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/);
const period = { fromDay: day, toDay: day };
/** `said`: the outcome of the wrap-up that is feedback, with the branch it is on. */
export const feedbackGroups = ['said', 'topic', 'queue', 'agent', 'day'] as const;
export type FeedbackGroup = (typeof feedbackGroups)[number];

export const mostFeedbackRows = 500;
const FeedbackAsk = z.object({ ...period, by: z.enum(feedbackGroups) });
export type FeedbackAsk = z.infer<typeof FeedbackAsk>;
const Feedback = z.object({
  rows: z
    .array(
      z.object({
        /** A path joined by `/`, an id, a day; empty: of none. */
        key: z.string().max(200),
        /** Null: the desk has a word for it. */
        name: Text.nullable(),
        count: z.number().int(),
      }),
    )
    .max(mostFeedbackRows),
  total: z.number().int(),
  /** Contacts wrapped up in that time, with or without a word. */
  contacts: z.number().int(),
  mayExport: z.boolean(),
});
export type Feedback = z.infer<typeof Feedback>;

/** The contacts behind a count, newest first. */
const SaidContact = HistoryRow.extend({ note: z.string().max(4_000) });
const ContactsBehind = z.object({
  total: z.number().int(),
  rows: z.array(SaidContact).max(historyPage),
  cursor: z.string().max(80).nullable(),
});
export type ContactsBehind = z.infer<typeof ContactsBehind>;
const FeedbackListAsk = FeedbackAsk.extend({
  row: z.string().max(200).nullable(),
  cursor: z.string().max(80).optional(),
});
export type FeedbackListAsk = z.infer<typeof FeedbackListAsk>;

/** Every answered call the survey was opened in was asked; it responded when it came to an end of the script. */
export const mostSurveys = 200;
const Surveys = z.object({ surveys: z.array(z.object({ id: ScriptId, title: Text })).max(mostSurveys) });
export type Surveys = z.infer<typeof Surveys>;
const SurveyAsk = z.object({ ...period, scriptId: ScriptId });
export type SurveyAsk = z.infer<typeof SurveyAsk>;
const Survey = z.object({
  asked: z.number().int(),
  finished: z.number().int(),
  /** In the order of the newest version; what older ones asked comes behind. */
  questions: z
    .array(
      z.object({
        stepId: z.string().max(40),
        say: Text,
        /** Null: an answer of a version nobody has any more. */
        answers: z.array(z.object({ id: z.string().max(40), label: Text.nullable(), count: z.number().int() })).max(60),
      }),
    )
    .max(200),
  agents: z
    .array(
      z.object({
        id: z.string().max(64),
        name: z.string().max(40),
        asked: z.number().int(),
        finished: z.number().int(),
      }),
    )
    .max(2_000),
  days: z.array(z.object({ day: z.string().max(10), asked: z.number().int(), finished: z.number().int() })).max(400),
  mayExport: z.boolean(),
});
export type Survey = z.infer<typeof Survey>;
export const SurveyPick = z.discriminatedUnion('kind', [
  z.object({ kind: z.enum(['asked', 'finished']), agentId: z.string().max(64).nullable(), day: day.nullable() }),
  z.object({ kind: z.literal('answer'), stepId: z.string().max(40), answerId: z.string().max(40) }),
]);
export type SurveyPick = z.infer<typeof SurveyPick>;
const SurveyListAsk = SurveyAsk.extend({ pick: SurveyPick, cursor: z.string().max(80).optional() });
export type SurveyListAsk = z.infer<typeof SurveyListAsk>;

/** `heads`: the words above the columns that are not data, in the language of whoever reads the file. */
const file = { language: z.enum(['zh-CN', 'en']), heads: z.array(z.string().max(80)).max(12) };
const FeedbackExportAsk = z.object({ ...period, ...file });
export type FeedbackExportAsk = z.infer<typeof FeedbackExportAsk>;
const SurveyExportAsk = SurveyAsk.extend({ ...file, yes: z.string().max(20), no: z.string().max(20) });
export type SurveyExportAsk = z.infer<typeof SurveyExportAsk>;
const SavedFile = z.object({ name: z.string().max(120), base64: z.string().max(16_000_000) });

const route = <Q, A>(path: string, request: Q, response: A) => ({ method: 'POST' as const, path, request, response });
export const feedbackRoutes = {
  feedback: route('/v1/feedback', FeedbackAsk, Feedback),
  feedbackList: route('/v1/feedback/list', FeedbackListAsk, ContactsBehind),
  feedbackExport: route('/v1/feedback/export', FeedbackExportAsk, SavedFile),
  surveys: { method: 'GET', path: '/v1/surveys', request: z.object({}), response: Surveys },
  survey: route('/v1/surveys', SurveyAsk, Survey),
  surveyList: route('/v1/surveys/list', SurveyListAsk, ContactsBehind),
  surveyExport: route('/v1/surveys/export', SurveyExportAsk, SavedFile),
} as const;

const desk = ['desk'] as const;
const passedOn = <Q, A>({ request, response }: { request: Q; response: A }) => ({ request, response, by: desk });
export const feedbackCalls = {
  'feedback.of': passedOn(feedbackRoutes.feedback),
  'feedback.list': passedOn(feedbackRoutes.feedbackList),
  'feedback.export': passedOn(feedbackRoutes.feedbackExport),
  'surveys.all': passedOn(feedbackRoutes.surveys),
  'surveys.of': passedOn(feedbackRoutes.survey),
  'surveys.list': passedOn(feedbackRoutes.surveyList),
  'surveys.export': passedOn(feedbackRoutes.surveyExport),
} as const;
