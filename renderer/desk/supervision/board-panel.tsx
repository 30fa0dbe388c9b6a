import type { ComponentProps } from 'react';
import type { Refusal } from '../../../shared/result.ts';
import { Necessities } from '../outbound/necessities.tsx';
import { Overrides } from './overrides.tsx';
import type { AgentId } from '../../../shared/ids.ts';
import type { SupervisionMode, TeamCall } from '../../../shared/supervision.ts';
import { useWords } from '../context.tsx';
import { Button } from '../parts/button.tsx';
import { TeamMissed, type TeamMissedProps } from '../missed/team-missed.tsx';
import { TeamStates } from './team-states.tsx';
import { Elapsed } from '../parts/elapsed.tsx';

/** For leads: who of the team has a call, and the ways into it (R35). */
export const BoardPanel = (props: {
  readonly overrides: ComponentProps<typeof Overrides>;
  readonly necessities: ComponentProps<typeof Necessities>;
  readonly team: ComponentProps<typeof TeamStates>;
  readonly missed: TeamMissedProps;
  readonly calls: readonly TeamCall[];
  readonly why: Refusal | null;
  /** A session of the lead's own goes on: one at a time. */
  readonly isBusy: boolean;
  readonly queueName: (id: string) => string;
  readonly onJoin: (agentId: AgentId, mode: SupervisionMode) => void;
}) => {
  const words = useWords();
  const { t } = words;
  return (
    <section className="panel" aria-label={t('board.title')}>
      <h2>{t('board.title')}</h2>
      {props.why === null ? null : (
        <p className="plain-note" data-tone="attention" role="status">
          {t('board.failed', { why: words.refusal(props.why) })}
        </p>
      )}
      {props.calls.length === 0 && props.why === null ? <p className="quiet">{t('board.none')}</p> : null}
      <Overrides {...props.overrides} />
      <Necessities {...props.necessities} />
      <ul className="board">
        {props.calls.map((call) => (
          <Row key={call.agentId} call={call} {...props} />
        ))}
      </ul>
      <TeamStates {...props.team} />
      <TeamMissed {...props.missed} />
    </section>
  );
};

/** Listening comes first; taking over only from within the call, where one knows what is taken over. */
const joinModes = ['listen', 'whisper', 'barge'] as const;

const Row = (props: {
  readonly call: TeamCall;
  readonly isBusy: boolean;
  readonly queueName: (id: string) => string;
  readonly onJoin: (agentId: AgentId, mode: SupervisionMode) => void;
}) => {
  const { t } = useWords();
  const { call } = props;
  return (
    <li data-state={call.state}>
      <span className="board-who">
        <strong>{t('supervision.of', { agent: call.agentName, number: call.agentNumber })}</strong>
        <span>{call.queue === null ? t('board.noQueue') : props.queueName(call.queue)}</span>
      </span>
      <span className="board-state">
        <span className="chip">{t(`board.state.${call.state}`)}</span>
        <Elapsed sinceMs={call.sinceMs} />
        {call.supervisedBy === null ? null : (
          <span className="quiet">{t('board.by', { name: call.supervisedBy })}</span>
        )}
      </span>
      {call.state === 'talking' ? (
        <span className="pair">
          {joinModes.map((mode) => (
            <Button
              key={mode}
              label={t(`supervision.${mode}`)}
              tone={mode === 'listen' ? 'main' : 'plain'}
              disabled={props.isBusy}
              onPress={() => props.onJoin(call.agentId, mode)}
            />
          ))}
        </span>
      ) : null}
    </li>
  );
};
