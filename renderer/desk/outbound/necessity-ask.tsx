import { useId, useState } from 'react';
import type { Refusal } from '../../../shared/result.ts';
import { useWords } from '../context.tsx';
import { Button } from '../parts/button.tsx';

/** What a documented necessity lifts (R22): the customer's word and the counters, never hours, holidays or the red list. */
const lifted: readonly (string | undefined)[] = ['refusedMarketing', 'quietTime', 'attemptsToday', 'attemptGap'];
export const isLifted = ({ reason }: Refusal): boolean => lifted.includes(reason);

const leastLetters = 5;

/** R22: one call in spite of a refusal; the reason is written down, and somebody else has to agree. */
export const NecessityAsk = (props: { readonly onAsk: (reason: string) => Promise<Refusal | null> }) => {
  const { t, refusal } = useWords();
  const [reason, setReason] = useState('');
  const [isAsked, setAsked] = useState(false);
  const [why, setWhy] = useState<Refusal | null>(null);
  const id = useId();
  if (isAsked)
    return (
      <p className="outcome" data-tone="accent" role="status">
        {t('necessity.asked')}
      </p>
    );
  const isWhole = reason.trim().length >= leastLetters;
  const ask = async (): Promise<void> => {
    const refused = await props.onAsk(reason.trim());
    setWhy(refused);
    setAsked(refused === null);
  };
  return (
    <form
      className="necessity"
      onSubmit={(event) => {
        event.preventDefault();
        if (isWhole) void ask();
      }}
    >
      <label htmlFor={id}>{t('necessity.reason')}</label>
      <textarea id={id} rows={2} maxLength={400} value={reason} onChange={(event) => setReason(event.target.value)} />
      <Button type="submit" label={t('necessity.ask')} disabled={!isWhole} onPress={() => undefined} />
      {why === null ? null : (
        <p className="outcome" data-tone="danger" role="alert">
          {refusal(why)}
        </p>
      )}
    </form>
  );
};
