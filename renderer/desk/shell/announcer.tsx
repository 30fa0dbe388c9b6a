import type { AgentState } from '../../../shared/agent.ts';
import type { Call } from '../../../shared/call.ts';
import { useWords } from '../context.tsx';
import { stateWords } from './state-words.ts';

/** Says changes of state and call to those who do not look; polite, one sentence, nothing that ticks. */
export const Announcer = (props: {
  readonly agent: AgentState;
  readonly call: Call | undefined;
  readonly who: string | null;
}) => {
  const { t } = useWords();
  const { call, who } = props;
  const callWords =
    call === undefined
      ? ''
      : call.state.kind === 'ringing'
        ? t('say.ringing', { who: who ?? t('nobody.unknown.title') })
        : call.state.kind === 'talking' && call.state.hold.kind !== 'none'
          ? t(`hold.${call.state.hold.kind}`)
          : call.state.kind === 'talking' && call.state.microphone === 'muted'
            ? t('say.muted')
            : call.state.kind === 'ended'
              ? t(`endCause.${call.state.cause}`)
              : t(`call.state.${call.state.kind}`);
  return (
    <p className="visually-hidden" role="status" aria-live="polite">
      {t('say.state', { state: stateWords(props.agent, t), call: callWords })}
    </p>
  );
};
