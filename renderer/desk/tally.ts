import { createStore, type StoreApi } from 'zustand/vanilla';
import { inLanguage, type Text } from '../../shared/text.ts';
import type { Language } from '../../shared/text.ts';
import { type DispositionPath, follow } from '../../shared/disposition.ts';
import type { ContactView } from '../../shared/seat.ts';

/** "My day so far" at this window: counts only, no customer and no number (R44). Starts afresh each day and agent. */
export type Tally = {
  readonly of: string;
  readonly contacts: number;
  readonly talkMs: number;
  readonly last: {
    readonly atMs: number;
    readonly talkMs: number;
    readonly topic: Text | null;
    readonly outcome: Text | null;
  } | null;
};
export type TallyStore = StoreApi<Tally>;

const key = 'zuoxi.day';
const fresh = (of: string): Tally => ({ of, contacts: 0, talkMs: 0, last: null });

export const keptTally = (storage: Pick<Storage, 'getItem' | 'setItem'>): TallyStore => {
  const store = createStore<Tally>(() => read(storage.getItem(key)));
  store.subscribe((tally) => storage.setItem(key, JSON.stringify(tally)));
  return store;
};

const read = (kept: string | null): Tally => {
  try {
    const tally = JSON.parse(kept ?? '') as Tally;
    return typeof tally.of === 'string' && typeof tally.contacts === 'number' ? tally : fresh('');
  } catch {
    return fresh('');
  }
};

/** Day (at the seat's place) and agent a tally belongs to. */
export const tallyOwner = (agentId: string, nowMs: number): string => {
  const at = new Date(nowMs);
  return `${agentId}@${at.getFullYear()}-${at.getMonth() + 1}-${at.getDate()}`;
};

export const openTally = (store: TallyStore, owner: string): void => {
  if (store.getState().of !== owner) store.setState(fresh(owner), true);
};

/** Counts a contact that has just been wrapped up. */
export const countContact = (
  store: TallyStore,
  view: ContactView,
  topic: Text | null,
  disposition: DispositionPath,
  atMs: number,
): void => {
  const { answeredAtMs, endedAtMs } = view.contact;
  const talkMs = answeredAtMs === null ? 0 : Math.max(0, (endedAtMs ?? atMs) - answeredAtMs);
  const outcome = follow(view.tree, disposition)?.at(-1)?.label ?? null;
  store.setState((tally) => ({
    contacts: tally.contacts + 1,
    talkMs: tally.talkMs + talkMs,
    last: { atMs, talkMs, topic, outcome },
  }));
};

export const textOr = (text: Text | null, language: Language, otherwise: string): string =>
  text === null ? otherwise : inLanguage(text, language);
