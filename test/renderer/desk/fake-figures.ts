import { noCounts } from '../../../shared/figures.ts';
import type { figureCalls, FigureRow, Rates } from '../../../shared/figures-api.ts';
import { ContactId, CustomerId } from '../../../shared/ids.ts';
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

export const fakeFigures = (
  role: () => string,
): Pick<Handlers<SeatContract, { role: string }>, keyof typeof figureCalls> => {
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
        rows: [
          {
            ...{ contactId: ContactId.parse(`01900000-0000-7000-8000-00000000cc0${cursor === undefined ? 1 : 2}`) },
            ...{
              customerId: CustomerId.parse('C1'),
              who: '王*',
              number: '138****8000',
              direction: 'outbound',
              queue: null,
            },
            ...{ startedAtMs: 1_764_000_000_000, talkMs: 61_000, topic: null, agentName: '林小满' },
            disposition: [{ zh: count, en: count }],
          },
        ],
        cursor: cursor === undefined ? '1764000000000.01900000-0000-7000-8000-00000000cc01' : null,
      }),
    'figures.export': ({ format }) =>
      role() === 'manager'
        ? ok({ name: `agent.${format}`, base64: 'eA==' })
        : refused(refusal('forbidden', 'figureExport')),
    'figures.rates': () => ok({ rates, tariffs: [{ id: 'T129', name: '畅享129' }] }),
    'figures.setRate': (rate) => {
      rates.unshift({ ...rate, by: '苏经理', atMs: 1_764_000_000_000 });
      return ok({});
    },
  };
};
