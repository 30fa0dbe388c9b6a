import { useState } from 'react';
import type { ContactId } from '../../../shared/ids.ts';
import type { MissedResponse } from '../../../shared/missed-calls.ts';
import type { Refusal, Result } from '../../../shared/result.ts';
import { useMinute, useWords } from '../context.tsx';
import { dateTime } from '../format.ts';
import { Button } from '../parts/button.tsx';

export type TeamMissedProps = {
  readonly onMissed: () => Promise<Result<MissedResponse>>;
  readonly onContact: (contactId: ContactId) => void;
};

/** For leads (R38): today's calls that were not answered at the seat they rang at. Asked when it is opened: records of customers are read. */
export const TeamMissed = ({ onMissed, onContact }: TeamMissedProps) => {
  const { t, refusal } = useWords();
  const [isOpen, setOpen] = useState(false);
  const [calls, setCalls] = useState<MissedResponse['calls'] | null>(null);
  const [why, setWhy] = useState<Refusal | null>(null);
  const load = async (): Promise<void> => {
    const answer = await onMissed();
    setWhy(answer.ok ? null : answer.error);
    if (answer.ok) setCalls(answer.value.calls);
  };
  const toggle = (): void => {
    setOpen(!isOpen);
    if (!isOpen) void load();
  };
  return (
    <section aria-label={t('missed.team')}>
      <span className="pair">
        <Button label={t('missed.team')} expanded={isOpen} onPress={toggle} />
        {isOpen ? <Button label={t('missed.again')} tone="quiet" onPress={() => void load()} /> : null}
      </span>
      {!isOpen ? null : why !== null ? (
        <p className="outcome" data-tone="danger" role="alert">
          {refusal(why)}
        </p>
      ) : (
        <TeamList calls={calls ?? []} onContact={onContact} />
      )}
    </section>
  );
};

const TeamList = ({
  calls,
  onContact,
}: { readonly calls: MissedResponse['calls'] } & Pick<TeamMissedProps, 'onContact'>) => {
  const { t, language } = useWords();
  const nowMs = useMinute();
  const open = calls.filter(({ settled }) => settled === null).length;
  return (
    <>
      <p className="quiet" role="status">
        {calls.length === 0 ? t('missed.teamNone') : t('missed.teamCount', { count: calls.length, open })}
      </p>
      <ul className="board">
        {calls.map(({ contactId, agentName, agentNumber, who, number, how, atMs, settled }) => (
          <li key={contactId}>
            <span className="board-who">
              <strong>{t('supervision.of', { agent: agentName, number: agentNumber })}</strong>
              <time className="figure">{dateTime(atMs, nowMs, language)}</time>
            </span>
            <span className="board-state">
              <span className="chip">{t(`missed.how.${how}`)}</span>
              <Button
                label={`${who ?? ''} ${number === '' ? t('missed.withheld') : number}`.trim()}
                tone="quiet"
                onPress={() => onContact(contactId)}
              />
              <span className="quiet">
                {settled === null
                  ? t('missed.open')
                  : t('missed.byColleague', { time: dateTime(settled.atMs, nowMs, language), name: settled.agentName })}
              </span>
            </span>
          </li>
        ))}
      </ul>
    </>
  );
};
