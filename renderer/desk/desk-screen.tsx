import { lazy, memo, Suspense } from 'react';
import { useStore } from 'zustand';
import { CallRegion } from './call-region.tsx';
import { ContactRegion } from './contact-region.tsx';
import { useDesk, useMinute, useSnapshot, useUi, useWords } from './context.tsx';
import { Idle } from './idle/idle.tsx';
import { MissedRegion } from './missed/missed-region.tsx';
import { useReadyWhy } from './ready-why.ts';
import { AgentBar } from './shell/agent-bar.tsx';
import { BannerRegion } from './shell/banner-region.tsx';
import { AccountMenu, StateMenu } from './shell/menus.tsx';
import { PaletteRegion } from './shell/palette-region.tsx';
import { Rail } from './shell/rail.tsx';
import { DayRegion } from './shift/day-region.tsx';
import { ShiftRegion } from './shift/shift-region.tsx';
import { StatusLine } from './shell/status-line.tsx';
import { SyncBadge } from './shell/sync-badge.tsx';
import { SideRegion, useDialBlocked } from './side-region.tsx';
import { TaskRegion } from './tasks/task-region.tsx';
import { TourStrip } from './tour/tour-strip.tsx';
import { askFocus, noScreen, toggleSide } from './ui-store.ts';
import type { SignedIn } from './view.ts';
import { untakenOf } from './work-owed/cases.ts';
import { owedOf } from './work-owed/due.ts';
import { WeekRegion } from './work-owed/work-regions.tsx';
import { maySupervise } from '../../shared/supervision.ts';

/** The desk of a signed-in agent: regions as desk.md, each fed from the stores here and nowhere below. */
export const DeskScreen = ({ session }: { readonly session: SignedIn }) => {
  const { ui, run } = useDesk();
  const side = useUi((now) => now.side);
  const contact = useSnapshot((snapshot) => snapshot.contact !== null);
  const trouble = useUi((now) => now.trouble);
  const overlay = useUi((now) => now.overlay);
  const scripts = useUi((now) => now.scripts);
  const history = useUi((now) => now.history);
  const tasks = useUi((now) => now.tasks);
  const figures = useUi((now) => now.figuresScreen);
  const calendar = useUi((now) => now.calendarScreen);
  const week = useUi((now) => now.week);
  const mayWrite = maySupervise(session.agent.role);
  const nowMs = useMinute();
  const untaken = useSnapshot((snapshot) => (mayWrite ? untakenOf(snapshot.work, nowMs) : 0));
  return (
    <div className="desk">
      <Rail
        open={side}
        practice={session.practice}
        board={mayWrite}
        untaken={untaken}
        scripts={mayWrite ? scripts && !history : null}
        tasks={mayWrite ? tasks && !history : null}
        figures={mayWrite ? figures && !history : null}
        history={history}
        onDesk={() => ui.setState(noScreen)}
        onScripts={() => ui.setState({ ...noScreen, scripts: true })}
        onTasks={() => ui.setState({ ...noScreen, tasks: true })}
        onFigures={() => ui.setState({ ...noScreen, figuresScreen: true })}
        onHistory={() => ui.setState({ history: true, side: null })}
        onPanel={(panel) => {
          toggleSide(ui, panel);
          if (panel === 'due' && ui.getState().side === panel) askFocus(ui, 'due');
          if (panel === 'cases' && ui.getState().side === panel) askFocus(ui, 'case');
          if ((panel === 'find' || panel === 'dial' || panel === 'devices') && ui.getState().side === panel)
            askFocus(ui, panel);
        }}
        onKeys={() => void run({ kind: 'keys' })}
      />
      <div className="column">
        <BarRegion session={session} />
        <BannerRegion />
        <TourStrip />
        <CallRegion session={session} />
        <div className="stage" data-side={side !== null}>
          <main className="main">
            {history ? (
              <HistoryPlace session={session} />
            ) : contact ? (
              <ContactRegion session={session} />
            ) : (
              <Between
                session={session}
                screen={week ? 'week' : !mayWrite ? 'day' : screenOf({ tasks, scripts, figures, calendar })}
              />
            )}
          </main>
          {side === null ? null : <SideRegion session={session} panel={side} />}
        </div>
        <StatusLine trouble={trouble} onClose={() => ui.setState({ trouble: null })} />
      </div>
      {overlay === 'palette' ? <PaletteRegion session={session} /> : null}
      {overlay === 'day' ? <DayRegion /> : null}
    </div>
  );
};

const CalendarScreen = lazy(async () => ({ default: (await import('./calendar/calendar-screen.tsx')).CalendarScreen }));

type Screen = 'day' | 'week' | 'tasks' | 'scripts' | 'figures' | 'calendar';
const screenOf = (open: Readonly<Record<Exclude<Screen, 'day' | 'week'>, boolean>>): Screen =>
  (['tasks', 'scripts', 'figures', 'calendar'] as const).find((one) => open[one]) ?? 'day';

/** A screen of its own size, for the few who write: loaded when it is first opened. */
const ScriptsScreen = lazy(async () => ({ default: (await import('./scripts/scripts-screen.tsx')).ScriptsScreen }));

const HistoryScreen = lazy(async () => ({ default: (await import('./history/history-screen.tsx')).HistoryScreen }));

const HistoryPlace = ({ session }: { readonly session: SignedIn }) => {
  const { t } = useWords();
  return (
    <Suspense fallback={<p role="status">{t('scripts.loading')}</p>}>
      <HistoryScreen session={session} />
    </Suspense>
  );
};

const TasksScreen = lazy(async () => ({ default: (await import('./tasks/tasks-screen.tsx')).TasksScreen }));

const FiguresScreen = lazy(async () => ({ default: (await import('./figures/figures-screen.tsx')).FiguresScreen }));

/** Without a customer: the day, or the scripts, tasks or figures. A call comes first, and finds what was being written as it was. */
const Between = (props: { readonly session: SignedIn; readonly screen: Screen }) => {
  const { t } = useWords();
  const { session } = props;
  const blocked = useDialBlocked();
  if (props.screen === 'week') return <WeekRegion blocked={blocked} />;
  if (props.screen === 'tasks')
    return (
      <Suspense fallback={<p role="status">{t('tasks.loading')}</p>}>
        <TasksScreen />
      </Suspense>
    );
  if (props.screen === 'figures')
    return (
      <Suspense fallback={<p role="status">{t('figures.loading')}</p>}>
        <FiguresScreen />
      </Suspense>
    );
  if (props.screen === 'calendar')
    return (
      <Suspense fallback={<p role="status">{t('calendar.loading')}</p>}>
        <CalendarScreen />
      </Suspense>
    );
  if (props.screen === 'scripts')
    return (
      <Suspense fallback={<p role="status">{t('scripts.loading')}</p>}>
        <ScriptsScreen session={session} />
      </Suspense>
    );
  return (
    <div className="between">
      <ShiftRegion />
      <TaskRegion session={session} blocked={blocked} />
      <IdleRegion session={session} />
    </div>
  );
};

const BarRegion = memo(({ session }: { readonly session: SignedIn }) => {
  const desk = useDesk();
  const { ui, actions, preferences } = desk;
  const { language } = useWords();
  const agent = useSnapshot((snapshot) => snapshot.agent);
  const store = useSnapshot((snapshot) => snapshot.store);
  const work = useSnapshot((snapshot) => snapshot.work);
  const breaks = useSnapshot((snapshot) => snapshot.day.breaks);
  // Not the calls: a ring draws no bar anew that shows nothing of it.
  const line = useStore(desk.phone, (phone) => phone.state.line);
  const voicemail = useStore(desk.phone, (phone) => phone.state.voicemail);
  const isReachable = useStore(desk.phone, (phone) => phone.link.kind === 'up');
  const overlay = useUi((now) => now.overlay);
  const theme = useStore(preferences, (kept) => kept.theme);
  const why = useReadyWhy();
  const toggle = (name: 'state' | 'account') => () => ui.setState({ overlay: overlay === name ? null : name });
  const closing = (run: () => unknown) => (): void => {
    ui.setState({ overlay: null });
    void run();
  };
  return (
    <div className="bars">
      <AgentBar
        agent={agent}
        breaks={breaks}
        caps={session.policy.reasonCaps}
        agentName={session.agent.name}
        agentNumber={session.agent.number}
        queues={session.agent.queues.map((queue) => (language === 'en' ? queue.en : queue.zh))}
        due={owedOf(work)[0] ?? null}
        onDue={() => toggleSide(ui, 'due')}
        sync={<SyncRegion />}
        line={line}
        lineReachable={isReachable}
        voicemail={isReachable ? voicemail : undefined}
        store={store}
        stateOpen={overlay === 'state'}
        onState={toggle('state')}
        onAccount={toggle('account')}
        accountOpen={overlay === 'account'}
      />
      {overlay === 'state' || overlay === 'account' ? (
        <button
          type="button"
          className="menu-veil"
          tabIndex={-1}
          aria-hidden="true"
          onClick={() => ui.setState({ overlay: null })}
        />
      ) : null}
      {overlay === 'state' ? (
        <StateMenu
          agent={agent}
          reasons={session.policy.notReadyReasons}
          notReadyWhy={why}
          breaks={breaks}
          onRooms={actions.rooms}
          onReady={closing(actions.ready)}
          onReason={(reason) => closing(() => actions.notReady(reason))()}
        />
      ) : null}
      {overlay === 'account' ? (
        <AccountMenu
          theme={theme}
          onLanguage={(next) => preferences.setState({ language: next })}
          onTheme={(next) => preferences.setState({ theme: next })}
          onSignOut={() => ui.setState({ overlay: 'day' })}
        />
      ) : null}
    </div>
  );
});

/** By itself: each change of an agent's is on its way to central, and there, within a blink, and the bar around it need not be drawn for that. */
const SyncRegion = memo(() => {
  const { ui } = useDesk();
  const sync = useSnapshot((snapshot) => snapshot.sync);
  const refused = useSnapshot((snapshot) => snapshot.refusedOps.length);
  return <SyncBadge sync={sync} refused={refused} onPress={() => toggleSide(ui, 'sync')} />;
});

const IdleRegion = memo(({ session }: { readonly session: SignedIn }) => {
  const desk = useDesk();
  const { ui, actions } = desk;
  const { language } = useWords();
  const agent = useSnapshot((snapshot) => snapshot.agent);
  const devices = useStore(desk.phone, (phone) => phone.state.devices);
  const uses = useStore(desk.phone, (phone) => phone.devices.uses);
  const callBack = useSnapshot((snapshot) => snapshot.callBack);
  const day = useSnapshot((snapshot) => snapshot.day);
  const work = useSnapshot((snapshot) => snapshot.work);
  const why = useReadyWhy();
  const open = (panel: 'find' | 'dial' | 'devices') => (): void => {
    ui.setState({ side: panel });
    askFocus(ui, panel);
  };
  return (
    <Idle
      agent={agent}
      devices={devices}
      uses={uses}
      queues={session.agent.queues.map((queue) => (language === 'en' ? queue.en : queue.zh))}
      day={day}
      onDay={() => ui.setState({ overlay: 'day' })}
      owed={owedOf(work)}
      onDue={() => ui.setState({ side: 'due' })}
      readyWhy={why}
      callBack={callBack}
      onCallBack={() => void actions.dialCallBack()}
      onReady={() => void actions.ready()}
      onCheck={() => void actions.checkDevices()}
      onDevices={open('devices')}
      onFind={open('find')}
      onDial={open('dial')}
      missed={<MissedRegion session={session} />}
    />
  );
});
