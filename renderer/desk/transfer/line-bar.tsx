import type { Call } from '../../../shared/call.ts';
import { useWords } from '../context.tsx';
import type { Words } from '../i18n.ts';
import { keyLabels } from '../keys.ts';
import { isHeld, isMerged, type Lines } from '../lines.ts';
import { Button } from '../parts/button.tsx';
import { Elapsed } from '../parts/elapsed.tsx';
import { Icon, type IconName } from '../parts/icon.tsx';

export type LineBarProps = {
  readonly lines: Lines;
  /** Names as the directory and the contact have them. */
  readonly ownName: string;
  readonly otherName: string;
  readonly onTransfer: () => void;
  readonly onSwap: () => void;
  readonly onBack: () => void;
  readonly onJoin: () => void;
  readonly onMute: () => void;
  readonly onHold: () => void;
  readonly onHangUp: () => void;
};

/** Two lines at a glance: who hears the agent, who waits, and what can be done. Each state is a word and a shape before it is a colour. */
export const LineBar = (props: LineBarProps) => {
  const { t } = useWords();
  const { own, other, ear } = props.lines;
  if (other === undefined) return null;
  const merged = isMerged(other);
  return (
    <section className="linebar" aria-label={t('line.region')} data-merged={merged}>
      {own === undefined ? null : (
        <Line
          call={own}
          label={t('line.customer')}
          name={props.ownName}
          hears={merged || ear?.id === own.id}
          isTimed={false}
        />
      )}
      <Line
        call={other}
        label={labelOf(other, t)}
        name={props.otherName}
        hears={merged || ear?.id === other.id}
        isTimed
      />
      {merged ? <strong className="linebar-all">{t('conference.all')}</strong> : null}
      <span className="spacer" />
      {own === undefined ? null : <Together {...props} merged={merged} talking={other.state.kind === 'talking'} />}
      {ear?.id === other.id ? <Voice {...props} other={other} merged={merged} /> : null}
    </section>
  );
};

const labelOf = ({ aside }: Call, t: Words['t']): string =>
  t(aside?.kind === 'voicemail' ? 'line.voicemail' : 'line.colleague');

const Line = (props: {
  readonly call: Call;
  readonly label: string;
  readonly name: string;
  readonly hears: boolean;
  /** The customer's time is in the call bar. */
  readonly isTimed: boolean;
}) => {
  const { t } = useWords();
  const { call, hears } = props;
  const look = lookOf(call);
  return (
    <span className="line" data-hears={hears && look.key === 'line.talking'} data-tone={look.tone}>
      <Icon name={look.icon} />
      <span className="line-who" title={`${props.label} ${props.name}`}>
        <span className="quiet">{props.label}</span> <strong>{props.name}</strong>
      </span>
      <span className="line-state">
        {t(look.key)}
        {props.isTimed ? <Elapsed sinceMs={look.sinceMs} /> : null}
      </span>
    </span>
  );
};

type Look = {
  readonly icon: IconName;
  readonly tone: 'plain' | 'accent' | 'danger';
  readonly sinceMs: number;
  readonly key:
    | 'line.calling'
    | 'line.ringing'
    | 'line.talking'
    | 'line.holding'
    | 'line.held'
    | 'line.resuming'
    | 'line.holdFailed'
    | 'line.resumeFailed'
    | 'line.over';
};

const lookOf = ({ state }: Call): Look => {
  switch (state.kind) {
    case 'dialling':
      return { icon: 'outbound', tone: 'plain', key: 'line.calling', sinceMs: state.sinceMs };
    case 'ringingOut':
    case 'ringing':
    case 'answering':
      return { icon: 'outbound', tone: 'plain', key: 'line.ringing', sinceMs: state.sinceMs };
    case 'ended':
      return { icon: 'close', tone: 'plain', key: 'line.over', sinceMs: state.atMs };
    case 'talking': {
      const { hold } = state;
      if (hold.kind === 'none') return { icon: 'phone', tone: 'accent', key: 'line.talking', sinceMs: state.sinceMs };
      const isFailed = hold.kind === 'holdFailed' || hold.kind === 'resumeFailed';
      return { icon: 'hold', tone: isFailed ? 'danger' : 'plain', key: `line.${hold.kind}`, sinceMs: hold.sinceMs };
    }
  }
};

/** What concerns both. */
const Together = (props: LineBarProps & { readonly merged: boolean; readonly talking: boolean }) => {
  const { t } = useWords();
  const { merged } = props;
  return (
    <>
      {props.talking ? (
        <>
          <Button
            label={t(merged ? 'conference.handOver' : 'consult.complete')}
            hint={keyLabels.transfer}
            tone="main"
            onPress={props.onTransfer}
          />
          <Button
            label={t(merged ? 'conference.part' : 'conference.join')}
            hint={keyLabels.join}
            onPress={props.onJoin}
          />
          {merged ? null : <Button label={t('consult.swap')} hint={keyLabels.swap} onPress={props.onSwap} />}
        </>
      ) : null}
      {merged ? null : (
        <Button
          label={t(isHeld(props.lines.own) ? 'consult.back' : 'consult.end')}
          hint={keyLabels.cancelConsult}
          onPress={props.onBack}
        />
      )}
    </>
  );
};

/** What concerns the one the agent is with; the customer's are in the call bar. */
const Voice = (props: LineBarProps & { readonly other: Call; readonly merged: boolean }) => {
  const { t } = useWords();
  const { state } = props.other;
  const isMuted = state.kind === 'talking' && state.microphone === 'muted';
  return (
    <>
      {state.kind === 'talking' ? (
        <Button
          label={t(isMuted ? 'line.muted' : 'call.mute')}
          hint={keyLabels.mute}
          icon={isMuted ? 'micOff' : 'mic'}
          tone={isMuted ? 'danger' : 'plain'}
          pressed={isMuted}
          onPress={props.onMute}
        />
      ) : null}
      {state.kind === 'talking' && props.lines.own === undefined ? (
        <Button
          label={t(isHeld(props.other) ? 'hold.resume' : 'hold.hold')}
          hint={keyLabels.hold}
          icon={isHeld(props.other) ? 'resume' : 'hold'}
          pressed={isHeld(props.other)}
          onPress={props.onHold}
        />
      ) : null}
      <Button label={t('line.hangUp')} hint={keyLabels.hangUp} tone="danger" icon="hangUp" onPress={props.onHangUp} />
    </>
  );
};
