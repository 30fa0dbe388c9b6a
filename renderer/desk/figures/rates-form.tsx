import { useEffect, useState } from 'react';
import type { RateItem } from '../../../shared/figures.ts';
import { rateItems } from '../../../shared/figures.ts';
import type { RateSet, Rates } from '../../../shared/figures-api.ts';
import type { Refusal } from '../../../shared/result.ts';
import { useWords } from '../context.tsx';
import { money } from '../format.ts';
import { Button } from '../parts/button.tsx';
import type { FigureCalls } from './figure-actions.ts';

/** R36: what the centre costs in a month, what tariffs cost, for how long they are kept; each from a day on. */
export const RatesForm = (props: {
  readonly today: string;
  readonly calls: Pick<FigureCalls, 'rates' | 'setRate'>;
  readonly onSet: () => void;
}) => {
  const { t, refusal } = useWords();
  const { calls } = props;
  const [all, setAll] = useState<Rates>({ rates: [], tariffs: [] });
  const [why, setWhy] = useState<Refusal | null>(null);
  useEffect(() => {
    let isHere = true;
    void calls.rates().then((answer) => {
      if (!isHere) return;
      if (answer.ok) setAll(answer.value);
      else setWhy(answer.error);
    });
    return () => {
      isHere = false;
    };
  }, [calls]);
  const set = async (rate: RateSet): Promise<boolean> => {
    const answer = await calls.setRate(rate);
    setWhy(answer.ok ? null : answer.error);
    if (!answer.ok) return false;
    const again = await calls.rates();
    if (again.ok) setAll(again.value);
    props.onSet();
    return true;
  };
  return (
    <section className="figures-rates boxed" aria-label={t('figures.rates')}>
      <RateForm today={props.today} tariffs={all.tariffs} onSet={set} />
      {why === null ? null : (
        <p className="outcome" data-tone="danger" role="alert">
          {refusal(why)}
        </p>
      )}
      <RateTable all={all} />
    </section>
  );
};

const RateForm = (props: {
  readonly today: string;
  readonly tariffs: Rates['tariffs'];
  readonly onSet: (rate: RateSet) => Promise<boolean>;
}) => {
  const { t } = useWords();
  const [item, setItem] = useState<RateItem>('pay');
  const [tariff, setTariff] = useState('');
  const [fromDay, setFromDay] = useState(`${props.today.slice(0, 8)}01`);
  const [value, setValue] = useState('');
  const amount = Number(value.replaceAll(/[,，\s¥]/gu, ''));
  const isFit = value.trim() !== '' && Number.isFinite(amount) && amount >= 0 && (item !== 'price' || tariff !== '');
  const set = async (): Promise<void> => {
    const rate = { item, tariff: item === 'price' ? tariff : '', fromDay, value: Math.round(amount * scaleOf(item)) };
    if (await props.onSet(rate)) setValue('');
  };
  return (
    <form
      className="figures-rate"
      aria-label={t('figures.setRate')}
      onSubmit={(event) => {
        event.preventDefault();
        if (isFit) void set();
      }}
    >
      <label>
        <span>{t('figures.item')}</span>
        <select value={item} onChange={(event) => setItem(rateItems.find((one) => one === event.target.value) ?? item)}>
          {rateItems.map((one) => (
            <option key={one} value={one}>
              {t(`figureItem.${one}`)}
            </option>
          ))}
        </select>
      </label>
      {item === 'price' ? (
        <label>
          <span>{t('figures.tariff')}</span>
          <input
            list="figure-tariffs"
            value={tariff}
            maxLength={64}
            onChange={(event) => setTariff(event.target.value)}
          />
          <datalist id="figure-tariffs">
            {props.tariffs.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </datalist>
        </label>
      ) : null}
      <label>
        <span>{t('figures.fromDay')}</span>
        <input type="date" value={fromDay} required onChange={(event) => setFromDay(event.target.value)} />
      </label>
      <label>
        <span>{t(item === 'lifeMonths' ? 'figures.months' : 'figures.amount')}</span>
        <input inputMode="decimal" value={value} maxLength={16} onChange={(event) => setValue(event.target.value)} />
      </label>
      <Button type="submit" label={t('figures.setRate')} disabled={!isFit} onPress={() => {}} />
    </form>
  );
};

const RateTable = ({ all }: { readonly all: Rates }) => {
  const { t } = useWords();
  if (all.rates.length === 0) return <p className="quiet">{t('figures.noRates')}</p>;
  return (
    <table className="task-table">
      <thead>
        <tr>
          <th scope="col">{t('figures.item')}</th>
          <th scope="col">{t('figures.fromDay')}</th>
          <th scope="col">{t('figures.amount')}</th>
          <th scope="col">{t('figures.by.agent')}</th>
        </tr>
      </thead>
      <tbody>
        {all.rates.map((rate) => (
          <tr key={`${rate.item} ${rate.tariff} ${rate.fromDay}`}>
            <th scope="row">
              {t(`figureItem.${rate.item}`)}
              {rate.tariff === '' ? '' : ` · ${all.tariffs.find(({ id }) => id === rate.tariff)?.name ?? rate.tariff}`}
            </th>
            <td className="figure">{rate.fromDay}</td>
            <td className="figure">{rate.item === 'lifeMonths' ? rate.value : money(rate.value / 100)}</td>
            <td>{rate.by}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
};

/** Amounts are kept in fen, months as they are. */
const scaleOf = (item: RateItem): number => (item === 'lifeMonths' ? 1 : 100);
