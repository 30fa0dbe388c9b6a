import { type DeviceInUse, type DevicesInUse, DeviceUse } from '../../../shared/devices.ts';
import type { DeviceState } from '../../../shared/phone.ts';
import { useWords } from '../context.tsx';
import { Button } from '../parts/button.tsx';
import { Icon } from '../parts/icon.tsx';
import { Meter } from '../parts/meter.tsx';

/** Microphone and speaker in words, what to do when they do not work, and the meter to see oneself speak. */
export const DeviceCheck = (props: {
  readonly devices: DeviceState;
  readonly uses: DevicesInUse;
  readonly onCheck: () => void;
  readonly onChoose: () => void;
}) => {
  const { t } = useWords();
  const { devices } = props;
  const good = devices.kind === 'ready';
  return (
    <section className="devices" aria-label={t('devices.title')} data-state={devices.kind}>
      <h2>{t('devices.title')}</h2>
      <p
        className="outcome"
        role="status"
        data-tone={good ? 'accent' : devices.kind === 'checking' || devices.kind === 'unchecked' ? 'plain' : 'danger'}
      >
        <Icon name={good ? 'check' : 'mic'} />
        <span>{t(`devices.${devices.kind}`)}</span>
      </p>
      {good ? (
        <dl className="device-names">
          <div>
            <dt>{t('devices.microphone')}</dt>
            <dd>{devices.microphone === '' ? t('devices.default') : devices.microphone}</dd>
          </div>
          <div>
            <dt>{t('devices.speaker')}</dt>
            <dd>{devices.speaker === '' ? t('devices.default') : devices.speaker}</dd>
          </div>
        </dl>
      ) : null}
      {DeviceUse.options.map((use) => (
        <Missing key={use} use={use} now={props.uses[use]} />
      ))}
      <div className="device-actions">
        <Meter side="microphoneDb" label={t('call.meter.me')} />
        <Button
          label={t(good ? 'devices.again' : devices.kind === 'unchecked' ? 'devices.check' : 'devices.retry')}
          disabled={devices.kind === 'checking'}
          tone={good ? 'plain' : 'main'}
          onPress={props.onCheck}
        />
        <Button label={t('devices.choose')} tone="quiet" onPress={props.onChoose} />
      </div>
    </section>
  );
};

/** DEVICE-1: what was chosen is not there, and what serves instead. */
const Missing = ({ use, now }: { readonly use: DeviceUse; readonly now: DeviceInUse }) => {
  const { t } = useWords();
  if (now.kind !== 'missing' && now.kind !== 'held') return null;
  const instead = now.label === '' ? t('devices.default') : now.label;
  return (
    <p className="outcome" data-tone="attention" role="status">
      <Icon name="warn" />
      <span>
        {t(now.kind === 'held' ? 'devices.heldFor' : 'devices.missingFor', {
          use: t(`devices.${use}`),
          name: now.chosen,
          instead,
        })}
      </span>
    </p>
  );
};
