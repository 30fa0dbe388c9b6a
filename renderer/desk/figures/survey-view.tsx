import { useCallback, useState } from 'react';
import type { Survey, SurveyPick } from '../../../shared/feedback-api.ts';
import type { ContactId, ScriptId } from '../../../shared/ids.ts';
import type { Refusal } from '../../../shared/result.ts';
import { inLanguage } from '../../../shared/text.ts';
import { useWords } from '../context.tsx';
import { Button } from '../parts/button.tsx';
import { saveFile } from '../save-file.ts';
import { ContactsBehind } from './contacts-behind.tsx';
import { Count } from './feedback-view.tsx';
import type { SurveyCalls } from './figure-actions.ts';
import { percent } from './figure-words.ts';
import { type Period, PeriodFields } from './period.tsx';
import { useCounts } from './use-counts.ts';

type Props = {
  readonly calls: SurveyCalls;
  readonly today: string;
  readonly onContact: (contactId: ContactId) => void;
};
/** What is listed, and what it is called. */
type Picked = { readonly pick: SurveyPick; readonly name: string };

/** R32: how many were asked and came to the end, and what they answered; the contacts behind each number. Surveys are written as scripts. */
export const SurveyView = ({ calls, today, onContact }: Props) => {
  const { t, language } = useWords();
  const { told, why } = useCounts(calls.all);
  const surveys = told?.surveys ?? null;
  const [chosen, setChosen] = useState<ScriptId | null>(null);
  const [period, setPeriod] = useState<Period>({ fromDay: `${today.slice(0, 8)}01`, toDay: today });
  const scriptId = chosen ?? surveys?.[0]?.id ?? null;
  if (surveys !== null && surveys.length === 0) return <p className="quiet">{t('survey.none')}</p>;
  return (
    <>
      <div className="figures-asked">
        <label>
          <span>{t('survey.which')}</span>
          <select
            value={scriptId ?? ''}
            onChange={({ target }) => setChosen(surveys?.find(({ id }) => id === target.value)?.id ?? null)}
          >
            {surveys?.map(({ id, title }) => (
              <option key={id} value={id}>
                {inLanguage(title, language)}
              </option>
            ))}
          </select>
        </label>
        <PeriodFields period={period} today={today} onPeriod={(over) => setPeriod({ ...period, ...over })} />
      </div>
      <Why why={why} />
      {scriptId === null ? null : (
        <OneSurvey key={`${scriptId} ${period.fromDay} ${period.toDay}`} {...{ calls, scriptId, period, onContact }} />
      )}
    </>
  );
};

const OneSurvey = (props: {
  readonly calls: SurveyCalls;
  readonly scriptId: ScriptId;
  readonly period: Period;
  readonly onContact: (contactId: ContactId) => void;
}) => {
  const { t, language } = useWords();
  const { calls, scriptId } = props;
  const { fromDay, toDay } = props.period;
  const { told, why, setWhy } = useCounts(
    useCallback(() => calls.of({ scriptId, fromDay, toDay }), [calls, scriptId, fromDay, toDay]),
  );
  const [picked, setPicked] = useState<Picked | null>(null);
  const pick = picked?.pick;
  const ask = useCallback(
    (cursor?: string) =>
      calls.list({
        ...{ scriptId, fromDay, toDay, pick: pick ?? { kind: 'asked', agentId: null, day: null } },
        ...(cursor === undefined ? {} : { cursor }),
      }),
    [calls, scriptId, fromDay, toDay, pick],
  );
  const save = async (): Promise<void> => {
    const heads = (['day', 'version', 'finished'] as const).map((head) => t(`survey.head.${head}`));
    const words = { language, heads, yes: t('survey.yes'), no: t('survey.no') };
    const answer = await calls.file({ scriptId, fromDay, toDay, ...words });
    setWhy(answer.ok ? null : answer.error);
    if (answer.ok) saveFile(answer.value.name, answer.value.base64);
  };
  if (told === null) return why === null ? <p role="status">{t('figures.loading')}</p> : <Why why={why} />;
  return (
    <>
      <Why why={why} />
      <p role="status">
        {t('survey.rate', { asked: told.asked, finished: told.finished, rate: percent(told.finished, told.asked) })}
        {told.mayExport && told.asked > 0 ? (
          <Button label={t('figures.csv')} tone="quiet" onPress={() => void save()} />
        ) : null}
      </p>
      <Questions told={told} onPick={setPicked} />
      <div className="figures-pair">
        <Reach
          label={t('figures.by.agent')}
          rows={told.agents.map(({ id, name, ...sums }) => ({ key: id, name, agentId: id, day: null, ...sums }))}
          onPick={setPicked}
        />
        <Reach
          label={t('figures.by.day')}
          rows={told.days.map(({ day, ...sums }) => ({ key: day, name: day, agentId: null, day, ...sums }))}
          onPick={setPicked}
        />
      </div>
      {picked === null ? null : (
        <ContactsBehind
          key={JSON.stringify(picked.pick)}
          what={t('feedback.listOf', { name: picked.name })}
          onAsk={ask}
          onContact={props.onContact}
          onClose={() => setPicked(null)}
        />
      )}
    </>
  );
};

const Why = ({ why }: { readonly why: Refusal | null }) => {
  const { refusal } = useWords();
  return why === null ? null : (
    <p className="outcome" data-tone="danger" role="alert">
      {refusal(why)}
    </p>
  );
};

type OnPick = (picked: Picked) => void;

const Questions = ({ told, onPick }: { readonly told: Survey; readonly onPick: OnPick }) => {
  const { t, language } = useWords();
  return told.questions.map(({ stepId, say, answers }) => {
    const all = answers.reduce((sum, { count }) => sum + count, 0);
    const question = inLanguage(say, language);
    return (
      <table key={stepId} className="figures-table figures-counts">
        <caption>{question}</caption>
        <thead>
          <tr>
            <th scope="col">{t('survey.answer')}</th>
            <th scope="col">{t('feedback.count')}</th>
            <th scope="col">{t('feedback.share')}</th>
          </tr>
        </thead>
        <tbody>
          {answers.map(({ id, label, count }) => {
            const name = label === null ? id : inLanguage(label, language);
            return (
              <tr key={id}>
                <th scope="row">
                  {name}
                  <meter min={0} max={Math.max(1, all)} value={count} aria-hidden="true" />
                </th>
                <td>
                  <Count
                    label={t('feedback.opens', { name, count })}
                    count={count}
                    onPress={() =>
                      onPick({ pick: { kind: 'answer', stepId, answerId: id }, name: `${question} › ${name}` })
                    }
                  />
                </td>
                <td className="figure">{percent(count, all)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    );
  });
};

type ReachRow = {
  readonly key: string;
  readonly name: string;
  readonly agentId: string | null;
  readonly day: string | null;
  readonly asked: number;
  readonly finished: number;
};

const Reach = (props: { readonly label: string; readonly rows: readonly ReachRow[]; readonly onPick: OnPick }) => {
  const { t } = useWords();
  if (props.rows.length === 0) return null;
  return (
    <table className="figures-table">
      <thead>
        <tr>
          <th scope="col">{props.label}</th>
          <th scope="col">{t('survey.asked')}</th>
          <th scope="col">{t('survey.finished')}</th>
          <th scope="col">{t('survey.responseRate')}</th>
        </tr>
      </thead>
      <tbody>
        {props.rows.map(({ key, name, agentId, day, asked, finished }) => (
          <tr key={key}>
            <th scope="row">{name}</th>
            {(['asked', 'finished'] as const).map((kind) => (
              <td key={kind}>
                <Count
                  label={t('feedback.opens', {
                    name: `${name} ${t(`survey.${kind}`)}`,
                    count: kind === 'asked' ? asked : finished,
                  })}
                  count={kind === 'asked' ? asked : finished}
                  onPress={() => props.onPick({ pick: { kind, agentId, day }, name: `${name} ${t(`survey.${kind}`)}` })}
                />
              </td>
            ))}
            <td className="figure">{percent(finished, asked)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
};
