import { memo, useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { isBusy } from '../../shared/agent.ts';
import { whyNotOnLine } from '../../shared/degraded.ts';
import { useDesk, useSnapshot, useUi, useWords } from './context.tsx';
import type { SignedIn } from './view.ts';
import { DeviceRegion } from './devices/device-region.tsx';
import { DialPanel } from './outbound/dial-panel.tsx';
import { FindRegion } from './find/find-region.tsx';
import { OrdersPanel } from './orders/order-regions.tsx';
import { Icon } from './parts/icon.tsx';
import { type Callers, PracticePanel } from './practice/practice-panel.tsx';
import { BoardPanel } from './supervision/board-panel.tsx';
import { SyncPanel } from './sync/sync-panel.tsx';
import type { SidePanel } from './ui-store.ts';
import { isLive, whoIs } from './view.ts';
import { CaseRegion, DueRegion } from './work-owed/work-regions.tsx';

/** The column on the right: stays as it is when a call comes, so that nobody loses what they were typing there. */
export const SideRegion = memo(({ session, panel }: { readonly session: SignedIn; readonly panel: SidePanel }) => {
  const { ui } = useDesk();
  const { t } = useWords();
  return (
    <aside className="side" aria-label={t(`side.${panel}`)}>
      <button type="button" className="side-close" aria-label={t('close')} onClick={() => ui.setState({ side: null })}>
        <Icon name="close" />
      </button>
      <Panel session={session} panel={panel} />
    </aside>
  );
});

const Panel = ({ session, panel }: { readonly session: SignedIn; readonly panel: SidePanel }) => {
  switch (panel) {
    case 'find':
      return <FindSide session={session} />;
    case 'dial':
      return <DialRegion session={session} />;
    case 'due':
      return <DueSide />;
    case 'cases':
      return <CaseRegion />;
    case 'orders':
      return <OrdersPanel />;
    case 'practice':
      return <PracticeRegion />;
    case 'board':
      return <BoardRegion session={session} />;
    case 'devices':
      return <DeviceRegion />;
    case 'sync':
      return <SyncRegion />;
  }
};

/** A sentence why no call can be made now, or null. */
export const useDialBlocked = (): string | null => {
  const desk = useDesk();
  const { t } = useWords();
  const isReachable = useStore(desk.phone, ({ link }) => link.kind === 'up');
  const isInCall = useStore(desk.phone, ({ state }) => state.calls.some(isLive));
  const line = useStore(desk.phone, ({ state }) => state.line);
  const isWrappingUp = useSnapshot(({ agent }) => agent.kind === 'wrapUp');
  if (!isReachable) return t('link.phoneLost');
  if (isInCall || isWrappingUp) return t('reason.finishCallFirst');
  return whyNotOnLine('dial', line) === undefined ? null : t('dial.noLine');
};

const FindSide = ({ session }: { readonly session: SignedIn }) => (
  <FindRegion session={session} blocked={useDialBlocked()} />
);

const DueSide = () => <DueRegion blocked={useDialBlocked()} />;

const DialRegion = ({ session }: { readonly session: SignedIn }) => {
  const { ui, actions } = useDesk();
  const { t } = useWords();
  // Booked for whom: only while the customer is on the line and known.
  const mayBook = useSnapshot(
    ({ contact }) =>
      contact?.contact.customerId != null &&
      contact.contact.answeredAtMs !== null &&
      contact.contact.endedAtMs === null,
  );
  const directory = useUi((now) => now.directory);
  const isIdle = useSnapshot((snapshot) => snapshot.contact === null);
  // When opened, and once a contact is done with: its number is among the recent ones then.
  useEffect(() => {
    if (isIdle || ui.getState().directory === null) void actions.loadDirectory();
  }, [actions, ui, isIdle]);
  return (
    <DialPanel
      policy={session.policy}
      role={session.agent.role}
      targets={directory?.targets ?? []}
      recent={directory?.recent ?? []}
      blocked={useDialBlocked()}
      inCall={
        mayBook
          ? {
              onTransfer: (target) => void actions.transfer(target.name.zh || target.name.en),
              onBook: (target) => {
                const department = (target.name.zh || target.name.en).slice(0, 60);
                const title = t('directory.bookTitle', { name: department }).slice(0, 120);
                return actions.openCase({ kind: 'request', title, text: target.number, department });
              },
            }
          : null
      }
      onDial={async (what) => {
        const why = await actions.dial(what);
        // Done with: a field that kept the focus would swallow the digits meant for script and wrap-up.
        if (why === null) ui.setState(({ side }) => (side === 'dial' ? { side: null } : {}));
        return why;
      }}
    />
  );
};

const PracticeRegion = () => {
  const { actions } = useDesk();
  const { t } = useWords();
  const agent = useSnapshot((snapshot) => snapshot.agent);
  const contact = useSnapshot((snapshot) => snapshot.contact);
  const declined = useUi((now) => now.declined);
  const who = contact === null ? null : whoIs(contact, declined);
  const [callers, setCallers] = useState<Callers | null>(null);
  const isReady = agent.kind === 'ready';
  // Once; when central was away then, as often as the agent is Ready again.
  const isWanted = callers === null || (!callers.ok && isReady);
  useEffect(() => {
    if (isWanted) void actions.practiceCallers().then(setCallers);
  }, [actions, isWanted]);
  return (
    <PracticePanel
      // Once the call is there, or the agent is no longer Ready, what was asked for is history.
      key={isReady ? 'ready' : 'busy'}
      blocked={isReady ? null : t(isBusy(agent) ? 'reason.finishCallFirst' : 'practice.readyFirst')}
      customerId={who?.kind === 'customer' ? who.customer.id : null}
      callers={callers}
      onCallMe={actions.callMe}
      onCue={actions.cue}
    />
  );
};

const BoardRegion = ({ session }: { readonly session: SignedIn }) => {
  const desk = useDesk();
  const { language } = useWords();
  const { calls, why } = useStore(desk.board);
  const isBusy = useSnapshot(({ supervision }) => supervision.kind !== 'none');
  const queueName = (id: string): string => {
    const named = session.agent.queues.find((queue) => queue.id === id);
    return named === undefined ? id : language === 'en' ? named.en : named.zh;
  };
  return (
    <BoardPanel
      overrides={{ onList: desk.actions.overrides, onDecide: desk.actions.decideOverride }}
      necessities={{ onList: desk.actions.necessities, onDecide: desk.actions.decideNecessity }}
      team={{
        reasons: session.policy.notReadyReasons,
        queueName,
        onStates: desk.actions.teamStates,
        onForce: desk.actions.forceState,
      }}
      missed={{
        onMissed: desk.actions.teamMissed,
        onContact: (contactId) => {
          desk.ui.setState({ history: true });
          desk.history.open(contactId);
        },
      }}
      calls={calls}
      why={why}
      isBusy={isBusy}
      queueName={queueName}
      onJoin={(agentId, mode) => void desk.actions.supervise(agentId, mode)}
    />
  );
};

const SyncRegion = () => {
  const sync = useSnapshot((snapshot) => snapshot.sync);
  const refusedOps = useSnapshot((snapshot) => snapshot.refusedOps);
  const { actions } = useDesk();
  return <SyncPanel sync={sync} refusedOps={refusedOps} actions={actions.repair} />;
};
