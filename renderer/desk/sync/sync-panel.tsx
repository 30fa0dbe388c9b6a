import type { RefusedOp } from '../../../shared/seat.ts';
import type { SyncState } from '../../../shared/sync.ts';
import { useMinute, useWords } from '../context.tsx';
import { dateTime } from '../format.ts';
import { Remaining } from '../parts/elapsed.tsx';

/** Behind the sync badge: what waits, why, and what central refused (never silently dropped). */
export const SyncPanel = (props: { readonly sync: SyncState; readonly refusedOps: readonly RefusedOp[] }) => {
  const words = useWords();
  const { t, named, language } = words;
  const nowMs = useMinute();
  const { sync, refusedOps } = props;
  return (
    <section className="panel" aria-label={t('sync.title')}>
      <h2>{t('sync.title')}</h2>
      <p>{sync.waiting === 0 ? t('sync.allSaved') : t('sync.waitingLong', { count: sync.waiting })}</p>
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
          <li key={op.opId}>
            <strong>{named('op', op.name, op.name)}</strong>
            <span className="quiet figure">{dateTime(op.atMs, nowMs, language)}</span>
            <span>{words.refusal({ kind: op.kind, ...(op.reason === null ? {} : { reason: op.reason }) })}</span>
          </li>
        ))}
      </ul>
    </section>
  );
};
