import { z } from 'zod';
import { countKeys, rateItems } from './figures.ts';
import { HistoryRow, historyPage } from './history.ts';
import { Text } from './text.ts';

/** Figures on both wires (R36, R27): leads see their team's, managers the tenant's. */
const day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/);
export const figureGroups = ['agent', 'team', 'task', 'tier', 'day'] as const;
export type FigureGroup = (typeof figureGroups)[number];

const asked = { fromDay: day, toDay: day, by: z.enum(figureGroups) };
export const FiguresAsk = z.object(asked);
export type FiguresAsk = z.infer<typeof FiguresAsk>;

const sums = {
  counts: z.record(z.enum(countKeys), z.number().int()),
  handledMs: z.number(),
  revenueFen: z.number().int(),
  costFen: z.number().int(),
  /** R27, by task: people, over the whole life of the task. */
  reach: z.object({ reached: z.number().int(), total: z.number().int() }).nullable(),
};
export const FigureRow = z.object({
  /** Of the agent, the desk, the task; `0` to `2` of a tier; the day. Empty: of none. */
  key: z.string().max(64),
  /** Null: the desk has a word for it. */
  name: Text.nullable(),
  ...sums,
});
export type FigureRow = z.infer<typeof FigureRow>;
export const mostFigureRows = 2_000;
export const Figures = z.object({
  rows: z.array(FigureRow).max(mostFigureRows),
  total: z.object(sums),
  /** Orders of tariffs without a price: their revenue is not counted. */
  unpriced: z.number().int(),
  mayExport: z.boolean(),
  maySetRates: z.boolean(),
});
export type Figures = z.infer<typeof Figures>;

/** `row: null`: of all. What is listed is what was counted. */
export const FigureListAsk = z.object({
  ...asked,
  row: z.string().max(64).nullable(),
  count: z.enum(countKeys),
  cursor: z.string().max(80).optional(),
});
export type FigureListAsk = z.infer<typeof FigureListAsk>;
export const FigureList = z.object({
  total: z.number().int(),
  rows: z
    .array(HistoryRow.extend({ order: z.object({ id: z.string().max(64), name: z.string().max(120) }).optional() }))
    .max(historyPage),
  cursor: z.string().max(80).nullable(),
});
export type FigureList = z.infer<typeof FigureList>;

const rate = {
  item: z.enum(rateItems),
  tariff: z.string().max(64),
  fromDay: day,
  value: z.number().int().min(0).max(100_000_000_000),
};
export const RateSet = z.object(rate);
export type RateSet = z.infer<typeof RateSet>;
export const Rates = z.object({
  rates: z.array(z.object({ ...rate, by: z.string().max(40), atMs: z.number() })).max(5_000),
  /** What there is to give a price. */
  tariffs: z.array(z.object({ id: z.string().max(64), name: z.string().max(120) })).max(500),
});
export type Rates = z.infer<typeof Rates>;

/** `heads`: the words above the columns, in the language of whoever reads the file; the first is that of the rows. */
export const FigureExportAsk = z.object({
  ...asked,
  format: z.enum(['csv', 'xlsx']),
  language: z.enum(['zh-CN', 'en']),
  heads: z.array(z.string().max(80)).max(40),
  names: z.record(z.string().max(64), z.string().max(80)),
});
export type FigureExportAsk = z.infer<typeof FigureExportAsk>;
/** The list behind a figure, as it is on the page: names and numbers masked. `words`: for what has no text of its own. */
export const FigureListExportAsk = z.object({
  ...asked,
  row: z.string().max(64).nullable(),
  count: z.enum(countKeys),
  format: z.enum(['csv', 'xlsx']),
  language: z.enum(['zh-CN', 'en']),
  heads: z.array(z.string().max(80)).length(7),
  words: z.object({
    inbound: z.string().max(40),
    outbound: z.string().max(40),
    nobody: z.string().max(40),
    withheld: z.string().max(40),
  }),
});
export type FigureListExportAsk = z.infer<typeof FigureListExportAsk>;
/** So many contacts in one file at most. */
export const mostListed = 10_000;
export const FigureExport = z.object({ name: z.string().max(80), base64: z.string().max(8_000_000) });

const done = z.object({});
export const figureRoutes = {
  figures: { method: 'POST', path: '/v1/figures', request: FiguresAsk, response: Figures },
  figureList: { method: 'POST', path: '/v1/figures/list', request: FigureListAsk, response: FigureList },
  figureExport: { method: 'POST', path: '/v1/figures/export', request: FigureExportAsk, response: FigureExport },
  figureListExport: {
    method: 'POST',
    path: '/v1/figures/list/export',
    request: FigureListExportAsk,
    response: FigureExport,
  },
  rates: { method: 'GET', path: '/v1/figures/rates', request: done, response: Rates },
  rateSet: { method: 'POST', path: '/v1/figures/rates', request: RateSet, response: done },
} as const;

const desk = ['desk'] as const;
const passedOn = <Q, A>({ request, response }: { request: Q; response: A }) => ({ request, response, by: desk });
export const figureCalls = {
  'figures.of': passedOn(figureRoutes.figures),
  'figures.list': passedOn(figureRoutes.figureList),
  'figures.export': passedOn(figureRoutes.figureExport),
  'figures.exportList': passedOn(figureRoutes.figureListExport),
  'figures.rates': passedOn(figureRoutes.rates),
  'figures.setRate': passedOn(figureRoutes.rateSet),
} as const;
