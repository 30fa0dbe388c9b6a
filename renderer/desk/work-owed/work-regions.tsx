import { useEffect } from 'react';
import { useStore } from 'zustand';
import { targetName } from '../../../shared/directory.ts';
import { maySupervise } from '../../../shared/supervision.ts';
import { inLanguage } from '../../../shared/text.ts';
import { useDesk, useSnapshot, useUi, useWords } from '../context.tsx';
import { noScreen } from '../ui-store.ts';
import { topicOf } from '../view.ts';
import { CasePanel } from './case-panel.tsx';
import { owedOf } from './due.ts';
import { DuePanel } from './due-panel.tsx';
import { DueWeek } from './due-week.tsx';

/** @param blocked a sentence why no call can be made now, or null */
export const DueRegion = ({ blocked }: { readonly blocked: string | null }) => {
  const { actions, ui } = useDesk();
  const mayRead = useSnapshot(({ session }) => session.kind === 'signedIn' && maySupervise(session.agent.role));
  const work = useSnapshot((snapshot) => snapshot.work);
  const contact = useSnapshot((snapshot) => snapshot.contact?.contact ?? null);
  return (
    <DuePanel
      key={contact?.id}
      owed={owedOf(work)}
      missingYear={work.missingYear}
      usualMs={work.nextCallMs}
      mayPromise={contact !== null && contact.customerId !== null}
      mayDial={blocked === null}
      actions={actions}
      onCalendar={mayRead ? () => ui.setState({ ...noScreen, calendarScreen: true }) : null}
      onDial={({ row }) => void actions.dialCustomer(row.customerId, 0)}
      onWeek={() => ui.setState({ ...noScreen, week: true })}
    />
  );
};

/** The same by day and hour, in the middle of the desk. */
export const WeekRegion = ({ blocked }: { readonly blocked: string | null }) => {
  const { actions, ui } = useDesk();
  const work = useSnapshot((snapshot) => snapshot.work);
  return (
    <DueWeek
      owed={owedOf(work)}
      usualMs={work.nextCallMs}
      mayDial={blocked === null}
      actions={actions}
      onDial={({ row }) => void actions.dialCustomer(row.customerId, 0)}
      onClose={() => ui.setState({ week: false })}
    />
  );
};

export const CaseRegion = () => {
  const { ui, actions, draft } = useDesk();
  const { language } = useWords();
  const work = useSnapshot((snapshot) => snapshot.work);
  const contact = useSnapshot((snapshot) => snapshot.contact?.contact ?? null);
  const session = useSnapshot((snapshot) => snapshot.session);
  const topic = useSnapshot((snapshot) => topicOf(snapshot)?.name ?? null);
  const note = useStore(draft, (now) => now.note);
  const disposition = useStore(draft, (now) => now.disposition);
  const directory = useUi((now) => now.directory);
  useEffect(() => {
    if (ui.getState().directory === null) void actions.loadDirectory();
  }, [actions, ui]);
  const departments = (directory?.targets ?? [])
    .filter(({ kind }) => kind === 'department')
    .map((target) => targetName(target, language));
  if (session.kind === 'signedOut') return null;
  const { id, role, name } = session.agent;
  const me = { agentId: id, role, name };
  const isComplaint = disposition[0] === 'complaint';
  return (
    <CasePanel
      key={contact?.id}
      work={work}
      departments={departments}
      me={me}
      fresh={
        contact === null || contact.customerId === null
          ? null
          : {
              kind: isComplaint ? 'complaint' : 'request',
              title: topic === null ? '' : inLanguage(topic, language),
              text: note.slice(0, 2_000),
              department: departments[0] ?? '',
            }
      }
      actions={actions}
    />
  );
};
