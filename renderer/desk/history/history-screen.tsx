import { useEffect } from 'react';
import { useStore } from 'zustand';
import { mayDo } from '../../../shared/degraded.ts';
import { recordingMonthsKept } from '../../../shared/history.ts';
import type { CustomerId } from '../../../shared/ids.ts';
import { useDesk, useMinute, useWords } from '../context.tsx';
import { dateOnly } from '../format.ts';
import { useStanding } from '../standing.ts';
import { askFocus } from '../ui-store.ts';
import type { SignedIn } from '../view.ts';
import { HistoryContact } from './history-contact.tsx';
import { HistoryList } from './history-list.tsx';
import type { HistoryState } from './history-store.ts';
import { SearchForm } from './search-form.tsx';
import './history.css';

/** Contacts of before (R34) and what they sounded like (R33). Loaded when it is first opened. */
export const HistoryScreen = ({ session }: { readonly session: SignedIn }) => {
  const { history, finding, ui } = useDesk();
  const { t } = useWords();
  const now = useStore(history.store);
  const isAway = mayDo('find', useStanding()).kind === 'here';
  const { central } = now;
  const hereOnly = isAway || (central?.kind === 'refused' && central.why.kind === 'offline');
  useEffect(() => {
    history.enter();
    // Opened from elsewhere with a contact: that one has the focus.
    if (history.store.getState().opened === null) askFocus(ui, 'history');
  }, [history, ui]);
  const showCustomer = (customerId: CustomerId): void => {
    finding.type(customerId);
    finding.enter();
    ui.setState({ side: 'find' });
  };
  return (
    <section className="history" aria-label={t('history.region')}>
      <SearchForm
        asked={now.asked}
        trees={now.trees}
        queues={session.agent.queues}
        onAsk={history.ask}
        onSearch={history.search}
        onToList={() => askFocus(ui, 'historyList')}
      />
      <Said now={now} hereOnly={hereOnly} />
      <div className="history-columns" data-open={now.opened !== null}>
        <HistoryList
          rows={now.rows}
          queues={session.agent.queues}
          at={now.at}
          hasMore={now.hasMore}
          isAsking={now.isAsking}
          onMove={history.move}
          onOpen={history.open}
          onMore={history.more}
        />
        {now.opened === null ? null : (
          <HistoryContact
            key={now.opened.kind === 'open' ? now.opened.detail.row.contactId : now.opened.contactId}
            opened={now.opened}
            policy={session.policy}
            onBack={() => {
              history.back();
              askFocus(ui, 'historyList');
            }}
            onCustomer={showCustomer}
          />
        )}
      </div>
      <Kept session={session} sinceMs={now.sinceMs} />
    </section>
  );
};

/** What was found, where, and what that leaves out. */
const Said = ({ now, hereOnly }: { readonly now: HistoryState; readonly hereOnly: boolean }) => {
  const words = useWords();
  const { t } = words;
  const { here, central, rows, isAsking, hasMore } = now;
  const unclear = [here, central].find((told) => told?.kind === 'unclear');
  const isBroad = here?.kind === 'tooBroad' || central?.kind === 'tooBroad';
  const said =
    unclear?.kind === 'unclear'
      ? t(`find.unclear.${unclear.why}`)
      : here === null
        ? t('history.searching')
        : isBroad && rows.length === 0
          ? t('find.tooBroad')
          : t(hasMore ? 'history.countMore' : 'history.count', { count: rows.length });
  return (
    <>
      <p className="quiet history-said" role="status">
        {said}
        {isAsking && here !== null && !hereOnly ? ` ${t('find.asking')}` : ''}
      </p>
      {hereOnly ? (
        <p className="plain-note" data-tone="attention">
          {t('history.hereOnly')}
        </p>
      ) : central?.kind === 'refused' ? (
        <p className="plain-note" data-tone="attention">
          {words.refusal(central.why)}
        </p>
      ) : null}
    </>
  );
};

/** R33: how long contacts and recordings are kept, and how far back this seat goes by itself. */
const Kept = ({ session, sinceMs }: { readonly session: SignedIn; readonly sinceMs: number | null }) => {
  const { t, language } = useWords();
  const nowMs = useMinute();
  return (
    <p className="quiet history-kept">
      <span>{t('history.kept', { months: recordingMonthsKept(session.policy) })}</span>
      <span>
        {sinceMs === null ? t('history.nothingHere') : t('history.since', { day: dateOnly(sinceMs, nowMs, language) })}
      </span>
    </p>
  );
};
