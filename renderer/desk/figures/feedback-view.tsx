import { useCallback, useState } from 'react';
import { type Feedback, type FeedbackGroup, feedbackGroups } from '../../../shared/feedback-api.ts';
import type { ContactId } from '../../../shared/ids.ts';
import { inLanguage } from '../../../shared/text.ts';
import { useWords } from '../context.tsx';
import type { Words } from '../i18n.ts';
import { Button } from '../parts/button.tsx';
import { saveFile } from '../save-file.ts';
import { ContactsBehind } from './contacts-behind.tsx';
import type { FeedbackCalls } from './figure-actions.ts';
import { percent } from './figure-words.ts';
import { type Period, PeriodFields } from './period.tsx';
import { useCounts } from './use-counts.ts';

type Props = {
  readonly calls: FeedbackCalls;
  readonly today: string;
  readonly onContact: (contactId: ContactId) => void;
};
type Row = Feedback['rows'][number];

/** R31: what customers praise or complain about, counted by what they said, topic, desk, agent and day; the contacts behind each. */
export const FeedbackView = ({ calls, today, onContact }: Props) => {
  const words = useWords();
  const { t, refusal, language } = words;
  const [period, setPeriod] = useState<Period>({ fromDay: `${today.slice(0, 8)}01`, toDay: today });
  const [by, setBy] = useState<FeedbackGroup>('said');
  const [behind, setBehind] = useState<Row | 'all' | null>(null);
  const { fromDay, toDay } = period;
  const { told, why, setWhy } = useCounts(
    useCallback(() => calls.of({ fromDay, toDay, by }), [calls, fromDay, toDay, by]),
  );
  const save = async (): Promise<void> => {
    const heads = (['day', 'queue', 'topic', 'said', 'tag', 'note'] as const).map((head) => t(`feedback.head.${head}`));
    const answer = await calls.file({ fromDay, toDay, language, heads });
    setWhy(answer.ok ? null : answer.error);
    if (answer.ok) saveFile(answer.value.name, answer.value.base64);
  };
  const row = behind === null || behind === 'all' ? null : behind.key;
  const ask = useCallback(
    (cursor?: string) => calls.list({ fromDay, toDay, by, row, ...(cursor === undefined ? {} : { cursor }) }),
    [calls, fromDay, toDay, by, row],
  );
  return (
    <>
      <div className="figures-asked">
        <label>
          <span>{t('figures.group')}</span>
          <select
            value={by}
            onChange={({ target }) => {
              setBy(feedbackGroups.find((one) => one === target.value) ?? by);
              setBehind(null);
            }}
          >
            {feedbackGroups.map((one) => (
              <option key={one} value={one}>
                {t(`feedback.by.${one}`)}
              </option>
            ))}
          </select>
        </label>
        <PeriodFields
          period={period}
          today={today}
          onPeriod={(over) => {
            setPeriod({ ...period, ...over });
            setBehind(null);
          }}
        />
        {told?.mayExport === true ? <Button label={t('figures.csv')} onPress={() => void save()} /> : null}
      </div>
      {why === null ? null : (
        <p className="outcome" data-tone="danger" role="alert">
          {refusal(why)}
        </p>
      )}
      {told === null ? null : told.total === 0 ? (
        <p className="quiet" role="status">
          {t('feedback.none', { contacts: told.contacts })}
        </p>
      ) : (
        <FeedbackTable told={told} by={by} onOpen={setBehind} />
      )}
      {behind === null ? null : (
        <ContactsBehind
          key={`${by} ${row ?? '*'} ${fromDay} ${toDay}`}
          what={t('feedback.listOf', { name: behind === 'all' ? t('figures.total') : nameOf(behind, by, words) })}
          onAsk={ask}
          onContact={onContact}
          onClose={() => setBehind(null)}
        />
      )}
    </>
  );
};

const nameOf = ({ key, name }: Row, by: FeedbackGroup, { t, language }: Words): string => {
  if (name !== null) return inLanguage(name, language);
  if (key !== '') return key;
  return t(by === 'topic' ? 'timeline.noTopic' : 'board.noQueue');
};

const FeedbackTable = (props: {
  readonly told: Feedback;
  readonly by: FeedbackGroup;
  readonly onOpen: (row: Row | 'all') => void;
}) => {
  const words = useWords();
  const { t } = words;
  const { told, by } = props;
  const most = Math.max(...told.rows.map(({ count }) => count));
  return (
    <table className="figures-table figures-counts">
      <thead>
        <tr>
          <th scope="col">{t(`feedback.by.${by}`)}</th>
          <th scope="col">{t('feedback.count')}</th>
          <th scope="col">{t('feedback.share')}</th>
        </tr>
      </thead>
      <tbody>
        {told.rows.map((row) => (
          <tr key={row.key}>
            <th scope="row">
              {nameOf(row, by, words)}
              <meter min={0} max={most} value={row.count} aria-hidden="true" />
            </th>
            <td>
              <Count
                label={t('feedback.opens', { name: nameOf(row, by, words), count: row.count })}
                count={row.count}
                onPress={() => props.onOpen(row)}
              />
            </td>
            <td className="figure">{percent(row.count, told.total)}</td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row">{t('feedback.ofContacts', { contacts: told.contacts })}</th>
          <td>
            <Count
              label={t('feedback.opens', { name: t('figures.total'), count: told.total })}
              count={told.total}
              onPress={() => props.onOpen('all')}
            />
          </td>
          <td className="figure">{percent(told.total, told.contacts)}</td>
        </tr>
      </tfoot>
    </table>
  );
};

/** A number that opens what it was counted from. */
export const Count = (props: { readonly label: string; readonly count: number; readonly onPress: () => void }) =>
  props.count === 0 ? (
    <span className="figure">{props.count}</span>
  ) : (
    <button type="button" className="figures-cell figure" aria-label={props.label} onClick={props.onPress}>
      {props.count.toLocaleString('en-US')}
    </button>
  );
