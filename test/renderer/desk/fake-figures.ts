import { noCounts } from '../../../shared/figures.ts';
import type { figureCalls, FigureRow, Rates } from '../../../shared/figures-api.ts';
import type { feedbackCalls } from '../../../shared/feedback-api.ts';
import type { HistoryRow } from '../../../shared/history.ts';
import { ContactId, CustomerId, ScriptId } from '../../../shared/ids.ts';
import { ok, refusal, refused } from '../../../shared/result.ts';
import type { Handlers } from '../../../shared/rpc.ts';
import type { SeatContract } from '../../../shared/seat.ts';

/** What central would say of a small team's week. */
const row = (key: string, name: string | null, over: Partial<FigureRow['counts']>): FigureRow => ({
  ...{ key, name: name === null ? null : { zh: name, en: name }, counts: { ...noCounts, ...over }, handledMs: 60_000 },
  ...{ revenueFen: 1_290_000, costFen: 430_000, reach: null },
});
const sampleRows = [
  row('A1', '林小满', { dialled: 120, reached: 54, succeeded: 9, offered: 40, answered: 38, inTime: 35, orders: 6 }),
  row('A2', '=1+1', { dialled: 80, reached: 20, succeeded: 2, offered: 10, answered: 10, inTime: 4, orders: 1 }),
];

const contactIds = ['1', '2'].map((n) => ContactId.parse(`01900000-0000-7000-8000-00000000cc0${n}`)) as [
  ContactId,
  ContactId,
];
const behind = (label: string): HistoryRow => ({
  ...{ contactId: contactIds[0], customerId: CustomerId.parse('C1'), who: '王*', number: '138****8000' },
  ...{ direction: 'outbound', queue: null, startedAtMs: 1_764_000_000_000, talkMs: 61_000, topic: null },
  ...{ agentName: '林小满', disposition: [{ zh: label, en: label }] },
});

export const fakeFigures = (
  role: () => string,
): Pick<Handlers<SeatContract, { role: string }>, keyof typeof figureCalls | keyof typeof feedbackCalls> => {
  const rates: Rates['rates'] = [];
  return {
    'figures.of': ({ by }) => {
      const rows =
        by === 'task'
          ? [
              { ...(sampleRows[0] ?? row('', null, {})), reach: { reached: 75, total: 100 } },
              row('', null, { offered: 3 }),
            ]
          : sampleRows;
      const total = row('', null, {
        dialled: 200,
        reached: 74,
        succeeded: 11,
        offered: 50,
        answered: 48,
        inTime: 39,
        orders: 7,
      });
      const isManager = role() === 'manager';
      return ok({ rows, total, unpriced: 1, mayExport: isManager, maySetRates: isManager });
    },
    'figures.list': ({ count, cursor }) =>
      ok({
        total: 2,
        rows: [{ ...behind(count), contactId: contactIds[cursor === undefined ? 0 : 1] }],
        cursor: cursor === undefined ? '1764000000000.01900000-0000-7000-8000-00000000cc01' : null,
      }),
    'figures.export': ({ format }) =>
      role() === 'manager'
        ? ok({ name: `agent.${format}`, base64: 'eA==' })
        : refused(refusal('forbidden', 'figureExport')),
    'figures.exportList': ({ count, format }) =>
      role() === 'manager'
        ? ok({ name: `${count}.${format}`, base64: 'eA==' })
        : refused(refusal('forbidden', 'figureExport')),
    'feedback.of': ({ by }) => {
      const said = { zh: '不办理 › 嫌贵', en: 'Declined › Too dear' };
      const rows =
        by === 'said' ? [{ key: 'declined/price', name: said, count: 3 }] : [{ key: '', name: null, count: 3 }];
      return ok({ rows, total: 3, contacts: 12, mayExport: role() === 'manager' });
    },
    'feedback.list': () => ok({ total: 3, rows: [{ ...behind('price'), note: '嫌套餐贵' }], cursor: null }),
    'feedback.export': () => ok({ name: 'feedback.csv', base64: 'eA==' }),
    'surveys.all': () => ok({ surveys: [{ id: ScriptId.parse('care'), title: { zh: '满意度', en: 'Care' } }] }),
    'surveys.of': () =>
      ok({
        ...{ asked: 8, finished: 6, mayExport: role() === 'manager' },
        questions: [
          {
            ...{ stepId: 'q1', say: { zh: '您满意吗？', en: 'Are you satisfied?' } },
            answers: [
              { id: 'good', label: { zh: '满意', en: 'Yes' }, count: 5 },
              { id: 'gone', label: null, count: 1 },
            ],
          },
        ],
        agents: [{ id: 'A1', name: '林小满', asked: 8, finished: 6 }],
        days: [{ day: '2026-11-28', asked: 8, finished: 6 }],
      }),
    'surveys.list': () => ok({ total: 5, rows: [{ ...behind('good'), note: '' }], cursor: null }),
    'surveys.export': () => ok({ name: 'survey.csv', base64: 'eA==' }),
    'figures.rates': () => ok({ rates, tariffs: [{ id: 'T129', name: '畅享129' }] }),
    'figures.setRate': (rate) => {
      rates.unshift({ ...rate, by: '苏经理', atMs: 1_764_000_000_000 });
      return ok({});
    },
  };
};
