import { type ReactNode, useEffect } from 'react';
import type { Call } from '../../../shared/call.ts';
import { devicesFor, type DevicesView, type DeviceUse, type HeadsetView } from '../../../shared/devices.ts';
import { useWords } from '../context.tsx';
import { Button } from '../parts/button.tsx';
import { Icon } from '../parts/icon.tsx';
import { Meter } from '../parts/meter.tsx';
import { DeviceChoice } from './device-choice.tsx';
import { EchoTest } from './echo-test.tsx';

export type DevicePanelProps = {
  readonly view: DevicesView;
  readonly headset: HeadsetView;
  /** Tests make sounds of their own: not beside a conversation. */
  readonly isInCall: boolean;
  /** The last echo test's call, if there was one. */
  readonly echo: Call | undefined;
  /** A sentence why there can be no echo test now, or null. */
  readonly echoBlocked: string | null;
  readonly onChoose: (use: DeviceUse, id: string | null) => void;
  readonly onTest: (what: DeviceUse | 'none') => void;
  readonly onConnect: () => void;
  readonly onEcho: () => void;
  readonly onEndEcho: () => void;
};

/** Which microphone, speaker and ring device; each can be tried here. Everything by keyboard: fields and buttons in their order. */
export const DevicePanel = (props: DevicePanelProps) => {
  const { t } = useWords();
  const { view, isInCall, onTest } = props;
  // The meter lives while somebody looks at it.
  useEffect(() => {
    if (isInCall) return undefined;
    onTest('microphone');
    return () => onTest('none');
  }, [isInCall, onTest]);
  const choice = (use: DeviceUse, test: ReactNode) => (
    <fieldset className="device-use">
      <DeviceChoice
        use={use}
        devices={devicesFor(view.list, use)}
        now={view.uses[use]}
        disabled={use !== 'microphone' && !view.canRoute}
        onChoose={props.onChoose}
      />
      <div className="device-test">{test}</div>
    </fieldset>
  );
  return (
    <section className="panel device-panel" aria-label={t('devices.choose')}>
      <h2>{t('devices.choose')}</h2>
      {view.system === 'muted' ? (
        <p className="outcome" data-tone="danger" role="status">
          <Icon name="micOff" />
          <span>{t('devices.systemMuted')}</span>
        </p>
      ) : null}
      {choice('microphone', <Meter side="microphoneDb" label={t('devices.speak')} />)}
      {choice(
        'speaker',
        <Button label={t('devices.testSpeaker')} disabled={isInCall} onPress={() => onTest('speaker')} />,
      )}
      {choice('ring', <Button label={t('devices.testRing')} disabled={isInCall} onPress={() => onTest('ring')} />)}
      {view.canRoute ? null : <p className="quiet">{t('devices.noRoute')}</p>}
      {isInCall ? <p className="quiet">{t('devices.inCall')}</p> : null}
      <HeadsetPart headset={props.headset} onConnect={props.onConnect} />
      <EchoTest call={props.echo} blocked={props.echoBlocked} onStart={props.onEcho} onEnd={props.onEndEcho} />
    </section>
  );
};

const HeadsetPart = ({ headset, onConnect }: { readonly headset: HeadsetView; readonly onConnect: () => void }) => {
  const { t } = useWords();
  return (
    <section className="device-part" aria-label={t('headset.title')}>
      <h3>{t('headset.title')}</h3>
      <p className="outcome" role="status" data-tone={headset.kind === 'connected' ? 'accent' : 'plain'}>
        <Icon name={headset.kind === 'connected' ? 'check' : 'phone'} />
        <span>{headsetWords(headset, t)}</span>
      </p>
      {headset.kind === 'unsupported' ? null : (
        <div>
          <Button label={t(headset.kind === 'connected' ? 'headset.other' : 'headset.connect')} onPress={onConnect} />
        </div>
      )}
    </section>
  );
};

const headsetWords = (headset: HeadsetView, t: ReturnType<typeof useWords>['t']): string => {
  switch (headset.kind) {
    case 'unsupported':
      return t('headset.unsupported');
    case 'none':
      return t('headset.none');
    case 'away':
      return t('headset.away', { name: headset.name });
    case 'connected':
      if (headset.hook && headset.mute) return t('headset.connected', { name: headset.name });
      return t(headset.hook ? 'headset.hookOnly' : 'headset.muteOnly', { name: headset.name });
  }
};
