import { createContext, type ReactNode, useContext } from 'react';
import { useStore } from 'zustand';
import type { Language } from '../../shared/text.ts';
import type { SeatSnapshot } from '../../shared/seat.ts';
import type { Desk } from './desk.ts';
import { type Words, wordsIn } from './i18n.ts';
import type { Seat } from './seat-store.ts';
import type { Ui } from './ui-store.ts';

const DeskContext = createContext<Desk | null>(null);
export const DeskProvider = DeskContext.Provider;

/** For the screens that gather values for components; the components themselves take values and callbacks. */
export const useDesk = (): Desk => {
  const desk = useContext(DeskContext);
  if (desk === null) throw new Error('no desk around this component');
  return desk;
};

export const useSeat = <T,>(select: (seat: Seat) => T): T => useStore(useDesk().seat, select);
export const useUi = <T,>(select: (ui: Ui) => T): T => useStore(useDesk().ui, select);

/** The part of the snapshot a screen shows; screens are only there once a snapshot is. */
export const useSnapshot = <T,>(select: (snapshot: SeatSnapshot) => T): T =>
  useSeat(({ snapshot }) => {
    if (snapshot === null) throw new Error('no snapshot yet');
    return select(snapshot);
  });

/** Steps once a second; only for the smallest component that shows the time. */
export const useNow = (): number => useStore(useDesk().clock, (clock) => clock.nowMs);

/** Steps once a minute: due dates and offers do not need the second. */
export const useMinute = (): number => useStore(useDesk().clock, (clock) => Math.floor(clock.nowMs / 60_000) * 60_000);

/** The desk's own language, from the preferences: one subscription for all the components that say something. */
const WordsContext = createContext<Words>(wordsIn('zh-CN'));
export const WordsProvider = ({ children }: { readonly children: ReactNode }) => {
  const language = useStore(useDesk().preferences, (kept) => kept.language);
  return <WordsContext value={wordsIn(language)}>{children}</WordsContext>;
};
export const useWords = (): Words => useContext(WordsContext);

/** Words in the customer's language, whatever the desk's own is. */
export const useSpokenWords = (language: Language): Words => wordsIn(language);
