import { useEffect } from 'react';
import { useStore } from 'zustand';
import { useDesk, useSnapshot, useUi, useWords } from '../context.tsx';
import { useDialBlocked } from '../side-region.tsx';
import type { SignedIn } from '../view.ts';
import { MissedList } from './missed-list.tsx';

/** Looked at between calls only: a ring waits for none of it. */
export const MissedRegion = ({ session }: { readonly session: SignedIn }) => {
  const desk = useDesk();
  const { actions } = desk;
  const { language } = useWords();
  const missed = useUi((now) => now.missed);
  const isBlocked = useDialBlocked() !== null;
  const agent = useSnapshot((snapshot) => snapshot.agent);
  const asOfMs = useSnapshot((snapshot) => snapshot.asOfMs);
  const calls = useStore(desk.phone, ({ state }) => state.calls.length);
  // A call has come or gone, or central's rows have: what became of those before may be known now.
  const after = `${agent.kind} ${agent.sinceMs} ${asOfMs} ${calls}`;
  useEffect(() => void actions.loadMissed(after), [actions, after]);
  if (missed === null) return null;
  const queueName = (id: string): string => {
    const named = session.agent.queues.find((queue) => queue.id === id);
    return named === undefined ? id : language === 'en' ? named.en : named.zh;
  };
  return (
    <MissedList
      missed={missed}
      isBlocked={isBlocked}
      queueName={queueName}
      onCallBack={(contactId) => void actions.callBackMissed(contactId)}
      onColleague={(number) => void actions.dialColleague(number)}
    />
  );
};
