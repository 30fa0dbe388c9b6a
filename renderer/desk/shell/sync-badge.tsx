import type { SyncState } from '../../../shared/sync.ts';
import { useWords } from '../context.tsx';
import { timeOfDay } from '../format.ts';
import type { Words } from '../i18n.ts';
import { Icon } from '../parts/icon.tsx';

/** How many changes central has yet to take, or that it has them all; what it refused. */
export const SyncBadge = (props: {
  readonly sync: SyncState;
  readonly refused: number;
  readonly onPress: () => void;
}) => {
  const { t } = useWords();
  const { sync, refused } = props;
  const away = sync.kind === 'offline' || sync.kind === 'stopped';
  const tone = refused > 0 ? 'danger' : away ? 'attention' : 'plain';
  return (
    <button
      type="button"
      className="chip syncbadge"
      data-tone={tone}
      title={syncTitle(sync, t)}
      onClick={props.onPress}
    >
      <Icon name={refused > 0 || away ? 'warn' : sync.waiting > 0 || sync.kind === 'loading' ? 'sync' : 'check'} />
      <span>{syncWords(sync, t)}</span>
      {refused > 0 ? <span>{t('sync.refused', { count: refused })}</span> : null}
    </button>
  );
};

const syncWords = (sync: SyncState, t: Words['t']): string => {
  if (sync.waiting > 0)
    return t(sync.kind === 'offline' ? 'sync.waitingOffline' : 'sync.waiting', { count: sync.waiting });
  if (sync.kind === 'loading')
    return t('sync.loading', {
      percent: sync.total === 0 ? 0 : Math.min(100, Math.round((sync.rows / sync.total) * 100)),
    });
  if (sync.kind === 'offline') return t('sync.offline');
  return sync.kind === 'stopped' ? t('sync.stopped') : t('sync.saved');
};

const syncTitle = (sync: SyncState, t: Words['t']): string =>
  sync.kind === 'idle' ? t('sync.savedAt', { time: timeOfDay(sync.atMs) }) : t('sync.title');
