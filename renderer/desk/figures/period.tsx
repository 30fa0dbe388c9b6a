import { useWords } from '../context.tsx';

export type Period = { readonly fromDay: string; readonly toDay: string };

/** Two days, both included; none later than today. */
export const PeriodFields = (props: {
  readonly period: Period;
  readonly today: string;
  readonly onPeriod: (over: Partial<Period>) => void;
}) => {
  const { t } = useWords();
  return (['fromDay', 'toDay'] as const).map((end) => (
    <label key={end}>
      <span>{t(end === 'fromDay' ? 'figures.from' : 'figures.to')}</span>
      <input
        type="date"
        value={props.period[end]}
        max={props.today}
        onChange={({ target }) => (target.value === '' ? undefined : props.onPeriod({ [end]: target.value }))}
      />
    </label>
  ));
};
