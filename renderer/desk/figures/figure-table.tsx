import type { CountKey, FigureKey, Sums } from '../../../shared/figures.ts';
import { figureKeys, figures } from '../../../shared/figures.ts';
import { reachWanted } from '../../../shared/task.ts';
import type { FigureGroup, Figures } from '../../../shared/figures-api.ts';
import { useWords } from '../context.tsx';
import { rowName, shownFigure } from './figure-words.ts';

export type Behind = { readonly row: string | null; readonly count: CountKey; readonly name: string };

/** A row each, all figures of it; whichever has a list behind it opens that. */
export const FigureTable = (props: {
  readonly told: Figures;
  readonly by: FigureGroup;
  readonly onOpen: (behind: Behind) => void;
}) => {
  const words = useWords();
  const { t } = words;
  const { told, by } = props;
  const shown = figureKeys.filter((key) => key !== 'reach' || by === 'task');
  const all = told.total.counts.orders;
  const cells = (row: string | null, name: string, sums: Sums) =>
    shown.map((key) => (
      <td key={key} className="figure" data-good={isGood(key, sums)}>
        <Cell
          figure={key}
          name={name}
          text={shownFigure(key, sums, all)}
          onOpen={(count) => props.onOpen({ row, count, name })}
        />
      </td>
    ));
  return (
    <div className="figures-scroll" role="region" aria-label={t('figures.table')}>
      <table className="figures-table">
        <thead>
          <tr>
            <th scope="col">{t(`figures.by.${by}`)}</th>
            {shown.map((key) => (
              <th key={key} scope="col" title={t(`figureMeans.${key}`)}>
                {t(`figure.${key}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {told.rows.map((row) => {
            const name = rowName(row, by, words);
            return (
              <tr key={row.key}>
                <th scope="row">{name}</th>
                {cells(row.key, name, row)}
              </tr>
            );
          })}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">{t('figures.total')}</th>
            {cells(null, t('figures.total'), told.total)}
          </tr>
        </tfoot>
      </table>
    </div>
  );
};

/** R27 */
const isGood = (key: FigureKey, { reach }: Sums): boolean =>
  key === 'reach' && reach !== null && reach.total > 0 && reach.reached / reach.total >= reachWanted;

const Cell = (props: {
  readonly figure: FigureKey;
  readonly name: string;
  readonly text: string;
  readonly onOpen: (count: CountKey) => void;
}) => {
  const { t } = useWords();
  const { list } = figures[props.figure];
  if (list === null || props.text === '–' || props.text === '0') return <span>{props.text}</span>;
  const what = { figure: t(`figure.${props.figure}`), name: props.name, value: props.text };
  return (
    <button
      type="button"
      className="figures-cell"
      aria-label={t('figures.opens', what)}
      onClick={() => props.onOpen(list)}
    >
      {props.text}
    </button>
  );
};
