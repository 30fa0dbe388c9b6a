import type { Device, DeviceInUse, DeviceUse } from '../../../shared/devices.ts';
import { useWords } from '../context.tsx';
import type { Words } from '../i18n.ts';
import { useFocusWish } from '../parts/use-focus-wish.ts';
import { Icon } from '../parts/icon.tsx';

/** Stands for a remembered device that is not there; it cannot be chosen, only left. */
const missingValue = 'missing';
const standardValue = '';

/** One device to choose, in the system's own list: arrows, first letters and Enter work as everywhere. */
export const DeviceChoice = (props: {
  readonly use: DeviceUse;
  readonly devices: readonly Device[];
  readonly now: DeviceInUse;
  readonly disabled?: boolean;
  readonly onChoose: (use: DeviceUse, id: string | null) => void;
}) => {
  const { t } = useWords();
  const { use, devices, now } = props;
  const id = `device-${use}`;
  // The panel is opened to change something: the first field has the focus then.
  const field = useFocusWish<HTMLSelectElement>('devices');
  return (
    <div className="device-choice">
      <label htmlFor={id}>{t(`devices.${use}`)}</label>
      <select
        id={id}
        ref={use === 'microphone' ? field : undefined}
        disabled={props.disabled}
        value={valueOf(now)}
        aria-describedby={now.kind === 'missing' || now.kind === 'held' ? `${id}-missing` : undefined}
        onChange={({ target }) => props.onChoose(use, target.value === standardValue ? null : target.value)}
      >
        <option value={standardValue}>{standardWords(now, t)}</option>
        {now.kind === 'missing' ? (
          <option value={missingValue} disabled>
            {t('devices.away', { name: now.chosen })}
          </option>
        ) : null}
        {devices.map((device, index) => (
          <option key={device.id} value={device.id}>
            {nameOf(device, devices, index, t)}
          </option>
        ))}
      </select>
      {now.kind === 'missing' || now.kind === 'held' ? (
        <p id={`${id}-missing`} className="outcome" data-tone="attention" role="status">
          <Icon name="warn" />
          <span>
            {t(now.kind === 'held' ? 'devices.held' : 'devices.missing', {
              name: now.chosen,
              instead: now.label === '' ? t('devices.default') : now.label,
            })}
          </span>
        </p>
      ) : null}
    </div>
  );
};

const valueOf = (now: DeviceInUse): string => {
  switch (now.kind) {
    case 'standard':
      return standardValue;
    case 'chosen':
    case 'held':
      return now.id;
    case 'missing':
      return missingValue;
  }
};

const standardWords = (now: DeviceInUse, t: Words['t']): string =>
  now.kind === 'chosen' || now.kind === 'held' || now.label === ''
    ? t('devices.default')
    : t('devices.defaultNamed', { name: now.label });

/** Two headsets of one make have one name: they are told apart by number. */
const nameOf = (device: Device, all: readonly Device[], index: number, t: Words['t']): string => {
  if (device.label === '') return t('devices.unnamed', { number: index + 1 });
  const alike = all.filter(({ label }) => label === device.label);
  return alike.length === 1
    ? device.label
    : t('devices.oneOf', { name: device.label, number: alike.indexOf(device) + 1 });
};
