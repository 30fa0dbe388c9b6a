import type { OwnSupervision, SupervisionMode } from '../../../shared/supervision.ts';
import { supervisionModes } from '../../../shared/supervision.ts';
import { useWords } from '../context.tsx';
import { keyLabels } from '../keys.ts';
import { Button } from '../parts/button.tsx';
import { Elapsed } from '../parts/elapsed.tsx';
import { Icon } from '../parts/icon.tsx';

/** The lead's own session: in whose call, who hears the lead, and the ways to change that (R35). */
export const OwnBar = (props: {
  readonly own: Exclude<OwnSupervision, { kind: 'none' }>;
  /** Taking over was asked for once: the next press does it. */
  readonly isSure: boolean;
  readonly onMode: (mode: SupervisionMode) => void;
  readonly onStop: () => void;
}) => {
  const { t } = useWords();
  const { own } = props;
  const isOn = own.kind === 'on';
  // From a take-over nothing leads back.
  const modes = own.mode === 'takeOver' ? [] : supervisionModes;
  return (
    <section className="callbar" data-supervision={own.mode} aria-label={t('supervision.region')}>
      <Icon name={own.mode === 'listen' ? 'micOff' : 'mic'} />
      <span className="callbar-state" role="status">
        <strong>
          {isOn
            ? t(`supervision.${own.mode}.on`, { name: own.agentName })
            : t('supervision.asking', { name: own.agentName })}
        </strong>
      </span>
      <Elapsed sinceMs={own.sinceMs} />
      <span className="spacer" />
      {isOn
        ? modes.map((mode, index) => (
            <Button
              key={mode}
              label={t(mode === 'takeOver' && props.isSure ? 'supervision.takeOverSure' : `supervision.${mode}`)}
              hint={String(index + 1)}
              tone={mode === 'takeOver' && props.isSure ? 'danger' : 'plain'}
              pressed={own.mode === mode}
              onPress={() => props.onMode(mode)}
            />
          ))
        : null}
      <Button
        label={t('supervision.stop')}
        hint={keyLabels.hangUp}
        tone="danger"
        icon="hangUp"
        onPress={props.onStop}
      />
    </section>
  );
};
