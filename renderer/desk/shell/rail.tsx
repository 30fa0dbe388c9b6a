import { useWords } from '../context.tsx';
import { keyLabels } from '../keys.ts';
import { Icon, type IconName } from '../parts/icon.tsx';
import type { SidePanel } from '../ui-store.ts';

/** What can be opened beside the work, one key or click each. */
export const Rail = (props: {
  readonly open: SidePanel | null;
  readonly practice: boolean;
  /** Escalated cases nobody has taken over, for those who may (R29). */
  readonly untaken: number;
  /** For those who supervise. */
  readonly board: boolean;
  /** For those who write scripts; null: for nobody here. */
  readonly scripts: boolean | null;
  readonly history: boolean;
  /** For those who lead tasks; null: for nobody here. */
  readonly tasks: boolean | null;
  /** For those who read figures; null: for nobody here. */
  readonly figures: boolean | null;
  readonly onDesk: () => void;
  readonly onFigures: () => void;
  readonly onTasks: () => void;
  readonly onScripts: () => void;
  readonly onHistory: () => void;
  readonly onPanel: (panel: SidePanel) => void;
  readonly onKeys: () => void;
}) => {
  const { t } = useWords();
  const panel = (name: 'find' | 'dial' | 'due' | 'cases' | 'orders' | 'practice' | 'board' | 'devices') => (
    <RailButton
      icon={name === 'devices' ? 'mic' : name}
      label={t(`rail.${name}`)}
      pressed={props.open === name}
      count={name === 'cases' && props.untaken > 0 ? t('rail.untaken', { count: props.untaken }) : undefined}
      onPress={() => props.onPanel(name)}
    />
  );
  return (
    <nav className="rail" aria-label={t('rail.region')}>
      <RailButton
        icon="desk"
        label={t('rail.desk')}
        pressed={props.open === null && !props.scripts && !props.tasks && !props.figures && !props.history}
        onPress={props.onDesk}
      />
      {panel('find')}
      {panel('dial')}
      {panel('due')}
      {panel('cases')}
      <RailButton icon="history" label={t('rail.history')} pressed={props.history} onPress={props.onHistory} />
      {panel('orders')}
      {props.board ? panel('board') : null}
      {props.tasks === null ? null : (
        <RailButton icon="outbound" label={t('rail.tasks')} pressed={props.tasks} onPress={props.onTasks} />
      )}
      {props.figures === null ? null : (
        <RailButton icon="figures" label={t('rail.figures')} pressed={props.figures} onPress={props.onFigures} />
      )}
      {props.scripts === null ? null : (
        <RailButton icon="scripts" label={t('rail.scripts')} pressed={props.scripts} onPress={props.onScripts} />
      )}
      {props.practice ? panel('practice') : null}
      <span className="spacer" />
      {panel('devices')}
      <RailButton icon="keys" label={t('rail.keys')} title={keyLabels.keys} pressed={false} onPress={props.onKeys} />
    </nav>
  );
};

const RailButton = (props: {
  readonly icon: IconName;
  readonly label: string;
  readonly title?: string;
  /** How many wait there, in words; its number is shown. */
  readonly count?: string | undefined;
  readonly pressed: boolean;
  readonly onPress: () => void;
}) => (
  <button
    type="button"
    className="rail-button"
    aria-pressed={props.pressed}
    title={props.title}
    onClick={props.onPress}
  >
    <Icon name={props.icon} />
    <span>{props.label}</span>
    {props.count === undefined ? null : (
      <>
        <span className="rail-count" aria-hidden="true">
          {/\d+/u.exec(props.count)?.[0]}
        </span>
        <span className="visually-hidden">{props.count}</span>
      </>
    )}
  </button>
);
