import { type ReactNode, useCallback, useState } from 'react';
import { dayOf } from '../../../shared/calendar.ts';
import { figureKeys } from '../../../shared/figures.ts';
import { type FigureGroup, figureGroups, type Figures, type FiguresAsk } from '../../../shared/figures-api.ts';
import type { ContactId } from '../../../shared/ids.ts';
import { useDesk, useMinute, useWords } from '../context.tsx';
import { Button } from '../parts/button.tsx';
import { saveFile } from '../save-file.ts';
import type { FigureCalls } from './figure-actions.ts';
import { FigureChart } from './figure-chart.tsx';
import { FeedbackView } from './feedback-view.tsx';
import { FigureList } from './figure-list.tsx';
import { type Behind, FigureTable } from './figure-table.tsx';
import { rowName } from './figure-words.ts';
import { PeriodFields } from './period.tsx';
import { RatesForm } from './rates-form.tsx';
import { SurveyView } from './survey-view.tsx';
import { useCounts } from './use-counts.ts';
import './figures.css';

/** R36, R27: what came of the work, per agent, team, task, tier and day; each figure opens the list behind it. */
export const FiguresScreen = () => {
  const { ui, actions, history } = useDesk();
  const { t } = useWords();
  const open = (contactId: ContactId): void => {
    ui.setState({ history: true, side: null });
    history.open(contactId);
  };
  const today = dayOf(useMinute());
  const [view, setView] = useState<View>('figures');
  const choice = <Views view={view} onView={setView} />;
  if (view === 'figures') return <FiguresPage calls={actions.figures} onContact={open} choice={choice} />;
  return (
    <section className="figures lead-page" aria-label={t(`figures.view.${view}`)}>
      <header className="tasks-head">
        <h1>{t(`figures.view.${view}`)}</h1>
        {choice}
      </header>
      {view === 'feedback' ? (
        <FeedbackView calls={actions.feedback} today={today} onContact={open} />
      ) : (
        <SurveyView calls={actions.surveys} today={today} onContact={open} />
      )}
    </section>
  );
};

const views = ['figures', 'feedback', 'surveys'] as const;
type View = (typeof views)[number];

/** Figures (R36), what customers said (R31), what surveys found (R32). */
const Views = ({ view, onView }: { readonly view: View; readonly onView: (view: View) => void }) => {
  const { t } = useWords();
  return (
    <span className="pair" role="group" aria-label={t('figures.views')}>
      {views.map((one) => (
        <Button key={one} label={t(`figures.view.${one}`)} pressed={one === view} onPress={() => onView(one)} />
      ))}
    </span>
  );
};

const FiguresPage = (props: {
  readonly calls: FigureCalls;
  readonly onContact: (contactId: ContactId) => void;
  readonly choice: ReactNode;
}) => {
  const words = useWords();
  const { t, refusal, language } = words;
  const { calls } = props;
  const today = dayOf(useMinute());
  const [asked, setAsked] = useState<FiguresAsk>({ fromDay: `${today.slice(0, 8)}01`, toDay: today, by: 'agent' });
  const [behind, setBehind] = useState<Behind | null>(null);
  const [isPricing, setPricing] = useState(false);
  const { told, why, setWhy, again } = useCounts(useCallback(() => calls.of(asked), [calls, asked]));
  const { by } = asked;
  const ask = (over: Partial<FiguresAsk>): void => {
    setAsked({ ...asked, ...over });
    setBehind(null);
  };
  const save = async (format: 'csv' | 'xlsx'): Promise<void> => {
    if (told === null) return;
    const names = Object.fromEntries(
      told.rows.filter(({ name }) => name === null).map((row) => [row.key, rowName(row, by, words)]),
    );
    const heads = [t(`figures.by.${by}`), ...figureKeys.map((key) => t(`figure.${key}`))];
    const answer = await calls.file({
      ...asked,
      format,
      language,
      heads,
      names: { ...names, '*': t('figures.total') },
    });
    setWhy(answer.ok ? null : answer.error);
    if (answer.ok) saveFile(answer.value.name, answer.value.base64);
  };
  return (
    <section className="figures lead-page" aria-label={t('figures.region')}>
      <header className="tasks-head">
        <h1>{t('figures.title')}</h1>
        {props.choice}
        <Asking asked={asked} today={today} onAsk={ask} />
        <span className="spacer" />
        {told?.mayExport === true ? (
          <>
            <Button label={t('figures.csv')} onPress={() => void save('csv')} />
            <Button label={t('figures.xlsx')} onPress={() => void save('xlsx')} />
          </>
        ) : null}
        {told?.maySetRates === true ? (
          <Button label={t('figures.rates')} pressed={isPricing} onPress={() => setPricing(!isPricing)} />
        ) : null}
      </header>
      {why === null ? null : (
        <p className="outcome" data-tone="danger" role="alert">
          {refusal(why)}
        </p>
      )}
      {isPricing ? <RatesForm today={today} calls={calls} onSet={again} /> : null}
      {told === null ? why === null ? <p role="status">{t('figures.loading')}</p> : null : null}
      {told === null ? null : <Told told={told} by={by} onOpen={setBehind} />}
      {behind === null ? null : (
        <FigureList
          key={`${behind.row ?? '*'} ${behind.count} ${asked.fromDay} ${asked.toDay}`}
          asked={asked}
          behind={behind}
          mayExport={told?.mayExport === true}
          onAsk={calls.list}
          onFile={calls.listFile}
          onContact={props.onContact}
          onClose={() => setBehind(null)}
        />
      )}
      <Definitions />
    </section>
  );
};

/** The chart, and the table that says the same. */
const Told = (props: {
  readonly told: Figures;
  readonly by: FigureGroup;
  readonly onOpen: (behind: Behind) => void;
}) => {
  const { t } = useWords();
  const { told, by } = props;
  if (told.rows.length === 0) return <p className="quiet">{t('figures.none')}</p>;
  return (
    <>
      <FigureChart told={told} by={by} />
      <FigureTable told={told} by={by} onOpen={props.onOpen} />
      {told.unpriced === 0 ? null : (
        <p className="plain-note" data-tone="attention">
          {t('figures.unpriced', { count: told.unpriced })}
        </p>
      )}
    </>
  );
};

const Asking = (props: {
  readonly asked: FiguresAsk;
  readonly today: string;
  readonly onAsk: (over: Partial<FiguresAsk>) => void;
}) => {
  const { t } = useWords();
  const { asked } = props;
  const isGroup = (value: string): value is FigureGroup => figureGroups.some((one) => one === value);
  return (
    <div className="figures-asked">
      <label>
        <span>{t('figures.group')}</span>
        <select
          value={asked.by}
          onChange={({ target }) => (isGroup(target.value) ? props.onAsk({ by: target.value }) : undefined)}
        >
          {figureGroups.map((one) => (
            <option key={one} value={one}>
              {t(`figures.by.${one}`)}
            </option>
          ))}
        </select>
      </label>
      <PeriodFields period={asked} today={props.today} onPeriod={props.onAsk} />
    </div>
  );
};

/** What each figure means, where it is read. */
const Definitions = () => {
  const { t } = useWords();
  return (
    <details className="figures-means">
      <summary>{t('figures.means')}</summary>
      <dl>
        {figureKeys.map((key) => (
          <div key={key}>
            <dt>{t(`figure.${key}`)}</dt>
            <dd>{t(`figureMeans.${key}`)}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
};
