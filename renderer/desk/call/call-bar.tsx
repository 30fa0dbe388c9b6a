import type { Call, Hold } from '../../../shared/call.ts';
import type { ShownMute } from '../../../shared/mute.ts';
import type { AgentState } from '../../../shared/agent.ts';
import type { QueryClass } from '../../../shared/customer.ts';
import { printable } from '../../../shared/phone-number.ts';
import { useWords } from '../context.tsx';
import { keyLabels } from '../keys.ts';
import { Button } from '../parts/button.tsx';
import { Elapsed, Remaining } from '../parts/elapsed.tsx';
import { Icon } from '../parts/icon.tsx';
import { Meter } from '../parts/meter.tsx';
import { CallQuality } from './quality.tsx';

export type CallBarProps = {
  readonly call: Call | undefined;
  readonly agent: AgentState;
  readonly direction: 'inbound' | 'outbound';
  /** Masked name, or why nobody is known. */
  readonly who: string;
  readonly number: string;
  readonly queue: string | null;
  readonly level: QueryClass;
  readonly strictUntilMs: number | null;
  readonly keypad: boolean;
  /** The agent is with somebody else: what the keys do is then shown on the other line. */
  readonly isBeside: boolean;
  /** Choosing whom to hand the call to. */
  readonly isChoosing: boolean;
  /** Whose hand keeps the microphone silent. */
  readonly mute: ShownMute;
  readonly onAnswer: () => void;
  readonly onHangUp: () => void;
  readonly onHold: () => void;
  readonly onMute: () => void;
  readonly onKeypad: () => void;
  readonly onTransfer: () => void;
};

/** Who is on the line and what can be done with the call. While it rings this is the card to answer; it never takes the focus. */
export const CallBar = (props: CallBarProps) => {
  const { t } = useWords();
  const { call, direction } = props;
  const kind = call?.state.kind ?? 'ended';
  const hold: Hold = call?.state.kind === 'talking' ? call.state.hold : { kind: 'none' };
  // MUTE-1: what is shown is what the customer hears.
  const muted = call?.state.kind === 'talking' && (call.state.microphone === 'muted' || props.mute.kind === 'muted');
  return (
    <section
      className="callbar"
      data-state={kind}
      data-muted={muted}
      data-hold={hold.kind}
      aria-label={t('call.region')}
    >
      <span className="callbar-direction">
        <Icon name={direction} />
        <span>{t(`call.direction.${direction}`)}</span>
      </span>
      <span className="callbar-who">
        <strong title={props.who}>{props.who}</strong>
        <span className="figure">{props.number}</span>
        {call === undefined || call.display === '' ? null : (
          <span className="quiet" title={t('call.displayNote')}>
            {t('call.display', { name: printable(call.display) })}
          </span>
        )}
      </span>
      {props.queue === null ? null : <span className="chip">{props.queue}</span>}
      <CallStateWords call={call} agent={props.agent} />
      <span className="spacer" />
      {kind === 'talking' ? <LiveParts {...props} muted={muted} isCut={hold.kind !== 'none'} /> : null}
      {kind === 'ringing' ? <RingingParts {...props} /> : null}
      {call !== undefined && kind !== 'ended' && !props.isBeside ? (
        <Button
          label={t(kind === 'ringing' ? 'call.reject' : 'call.hangUp')}
          hint={keyLabels.hangUp}
          tone="danger"
          icon="hangUp"
          onPress={props.onHangUp}
        />
      ) : null}
    </section>
  );
};

const RingingParts = (props: CallBarProps) => {
  const { t } = useWords();
  return (
    <>
      <Button label={t('call.answer')} hint={keyLabels.answer} tone="main" icon="phone" onPress={props.onAnswer} />
      {props.direction === 'inbound' ? (
        <Button
          label={t('transfer.divert')}
          hint={keyLabels.transfer}
          icon="handOver"
          expanded={props.isChoosing}
          onPress={props.onTransfer}
        />
      ) : null}
    </>
  );
};

const LiveParts = (props: CallBarProps & { readonly muted: boolean; readonly isCut: boolean }) => {
  const { t } = useWords();
  if (props.isBeside) return <LevelChip level={props.level} strictUntilMs={props.strictUntilMs} />;
  return (
    <>
      <span className="meters">
        <Meter side="customerDb" label={t('call.meter.customer')} />
        <Meter side="microphoneDb" label={t('call.meter.me')} />
      </span>
      {props.call === undefined ? null : <CallQuality callId={props.call.id} />}
      <LevelChip level={props.level} strictUntilMs={props.strictUntilMs} />
      <Button
        label={t(muteWords(props.muted, props.mute))}
        hint={keyLabels.mute}
        icon={props.muted ? 'micOff' : 'mic'}
        tone={props.muted ? 'danger' : 'plain'}
        pressed={props.muted}
        onPress={props.onMute}
      />
      <Button
        label={t(props.isCut ? 'hold.resume' : 'hold.hold')}
        hint={keyLabels.hold}
        icon={props.isCut ? 'resume' : 'hold'}
        tone={props.isCut ? 'main' : 'plain'}
        pressed={props.isCut}
        onPress={props.onHold}
      />
      <Button
        label={t('call.keypad')}
        hint={keyLabels.keypad}
        icon="dial"
        expanded={props.keypad}
        onPress={props.onKeypad}
      />
      <Button
        label={t('transfer.transfer')}
        hint={keyLabels.transfer}
        icon="handOver"
        expanded={props.isChoosing}
        onPress={props.onTransfer}
      />
    </>
  );
};

const muteWords = (isMuted: boolean, mute: ShownMute) => {
  if (!isMuted) return 'call.mute';
  return mute.kind === 'open' || mute.by === 'agent' ? 'call.muted' : (`call.mutedBy.${mute.by}` as const);
};

const LevelChip = ({ level, strictUntilMs }: { readonly level: QueryClass; readonly strictUntilMs: number | null }) => {
  const { t } = useWords();
  return (
    <span className="chip" data-tone={level === 1 ? 'plain' : 'accent'} title={t(`level.${level}`)}>
      <Icon name={level === 1 ? 'lock' : 'unlock'} />
      <span className="level-word">{t(`level.${level}`)}</span>
      {level === 3 && strictUntilMs !== null ? <Remaining untilMs={strictUntilMs} soonMs={60_000} /> : null}
    </span>
  );
};

const CallStateWords = ({ call, agent }: { readonly call: Call | undefined; readonly agent: AgentState }) => {
  const { t } = useWords();
  if (call === undefined || call.state.kind === 'ended') {
    return (
      <span className="callbar-state">
        <span>{call?.state.kind === 'ended' ? t(`endCause.${call.state.cause}`) : t('call.over')}</span>
        {agent.kind === 'wrapUp' ? (
          <span className="callbar-wrap">
            <span>{t('wrapUp.left')}</span>
            <Remaining untilMs={agent.deadlineMs} soonMs={20_000} />
          </span>
        ) : null}
      </span>
    );
  }
  const { state } = call;
  const media = state.kind === 'talking' && state.media !== 'flowing' ? t(`call.media.${state.media}`) : null;
  const words = (
    <span className="callbar-state">
      <span>{t(`call.state.${state.kind}`)}</span>
      <Elapsed sinceMs={state.sinceMs} />
      {media === null ? null : (
        <span data-tone={state.kind === 'talking' && state.media === 'lost' ? 'danger' : 'plain'}>{media}</span>
      )}
    </span>
  );
  if (state.kind !== 'talking' || state.hold.kind === 'none') return words;
  // One above the other: a hold takes no room from who it is and from the buttons.
  return (
    <span className="callbar-held">
      <HoldWords hold={state.hold} />
      {words}
    </span>
  );
};

/** Who hears whom, and how long the customer has been waiting. */
const HoldWords = ({ hold }: { readonly hold: Exclude<Hold, { kind: 'none' }> }) => {
  const { t } = useWords();
  const isFailed = hold.kind === 'holdFailed' || hold.kind === 'resumeFailed';
  return (
    <span className="callbar-hold" data-tone={isFailed ? 'danger' : 'plain'}>
      <strong>{t(`hold.${hold.kind}`)}</strong>
      <Elapsed sinceMs={hold.sinceMs} />
    </span>
  );
};
