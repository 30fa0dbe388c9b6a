import type { RefusedOp } from '../../../shared/seat.ts';
import type { SyncState } from '../../../shared/sync.ts';
import { useWords } from '../context.tsx';
import { Remaining } from '../parts/elapsed.tsx';
import type { RepairActions } from './repair-actions.ts';
import { RefusedItem } from './refused-op.tsx';

/** Behind the sync badge: what waits, why, and what central refused (never silently dropped). */
export const SyncPanel = (props: {
  readonly sync: SyncState;
  readonly refusedOps: readonly RefusedOp[];
  readonly actions: RepairActions;
}) => {
  const words = useWords();
  const { t } = words;
  const { sync, refusedOps, actions } = props;
  return (
    <section className="panel" aria-label={t('sync.title')}>
      <h2>{t('sync.title')}</h2>
      <p>{sync.waiting === 0 ? t('sync.allSaved') : t('sync.waitingLong', { count: sync.waiting })}</p>
      {sync.kind === 'loading' ? (
        <p>
          <progress
            max={Math.max(1, sync.total)}
            value={Math.min(sync.rows, sync.total)}
            aria-label={t('sync.loadingTitle')}
          />
          <span className="figure">{t('sync.loadingRows', { rows: sync.rows, total: sync.total })}</span>
          <span>{t('sync.loadingLong')}</span>
        </p>
      ) : null}
      {sync.kind === 'offline' || sync.kind === 'stopped' ? (
        <p className="plain-note" data-tone="attention">
          {sync.why === 'offline' ? t('sync.offlineLong') : words.refusal({ kind: sync.why })}
        </p>
      ) : null}
      {sync.kind === 'offline' ? (
        <p className="quiet pair">
          <span>{t('sync.retry')}</span>
          <Remaining untilMs={sync.retryAtMs} soonMs={0} />
        </p>
      ) : null}
      <h3>{t('sync.refusedTitle')}</h3>
      {refusedOps.length === 0 ? <p className="quiet">{t('sync.refusedNone')}</p> : null}
      <ul className="refused">
        {refusedOps.map((op) => (
          <RefusedItem key={op.opId} op={op} actions={actions} />
        ))}
      </ul>
    </section>
  );
};
