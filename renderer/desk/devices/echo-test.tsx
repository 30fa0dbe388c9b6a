import type { Call } from '../../../shared/call.ts';
import { echoTest } from '../../../shared/devices.ts';
import { useWords } from '../context.tsx';
import { Button } from '../parts/button.tsx';
import { Remaining } from '../parts/elapsed.tsx';
import { Icon } from '../parts/icon.tsx';

/** The agent's own voice over the exchange and back: the whole way a customer's call takes. */
export const EchoTest = (props: {
  readonly call: Call | undefined;
  readonly blocked: string | null;
  readonly onStart: () => void;
  readonly onEnd: () => void;
}) => {
  const { t } = useWords();
  const state = props.call?.state;
  const isRunning = state !== undefined && state.kind !== 'ended';
  return (
    <section className="device-part" aria-label={t('echo.title')} data-state={state?.kind ?? 'none'}>
      <h3>{t('echo.title')}</h3>
      <p className="outcome" role="status" data-tone={toneOf(state)}>
        <Icon name={state?.kind === 'talking' ? 'mic' : 'phone'} />
        {state?.kind === 'talking' ? (
          <span className="pair">
            <span>{t('echo.talking')}</span>
            <Remaining untilMs={state.sinceMs + echoTest.lastsMs} soonMs={0} />
          </span>
        ) : (
          <span>{outcomeWords(state, t)}</span>
        )}
      </p>
      {props.blocked === null ? null : <p className="quiet">{props.blocked}</p>}
      <div>
        {isRunning ? (
          <Button label={t('echo.end')} icon="hangUp" tone="danger" onPress={props.onEnd} />
        ) : (
          <Button label={t('echo.start')} icon="phone" disabled={props.blocked !== null} onPress={props.onStart} />
        )}
      </div>
    </section>
  );
};

const isGood = (state: Call['state']): boolean =>
  state.kind === 'ended' && (state.cause === 'agentHungUp' || state.cause === 'customerHungUp') && state.talkMs > 0;

const toneOf = (state: Call['state'] | undefined): 'plain' | 'danger' =>
  state?.kind === 'ended' && !isGood(state) ? 'danger' : 'plain';

const outcomeWords = (state: Call['state'] | undefined, t: ReturnType<typeof useWords>['t']): string => {
  if (state === undefined) return t('echo.hint');
  if (state.kind !== 'ended') return t('echo.calling');
  return isGood(state) ? t('echo.over') : t('echo.failed', { why: t(`endCause.${state.cause}`) });
};
