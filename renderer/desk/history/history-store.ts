import { createStore, type StoreApi } from 'zustand/vanilla';
import type { DispositionTree } from '../../../shared/disposition.ts';
import type { HistoryAnswer, HistoryDetail, HistoryFilter, HistoryRow } from '../../../shared/history.ts';
import { byTime, isBehind, readPlace } from '../../../shared/history.ts';
import type { ContactId } from '../../../shared/ids.ts';
import type { Refusal, Result } from '../../../shared/result.ts';
import type { SeatLink } from '../seat-store.ts';

/** The form as it is filled in; empty: whatever it is. Days are the seat's, yyyy-mm-dd. */
export type Asked = {
  readonly who: string;
  readonly agent: string;
  readonly queue: string;
  /** Ids from the root, joined by `/`. */
  readonly outcome: string;
  readonly direction: '' | 'inbound' | 'outbound';
  readonly from: string;
  readonly to: string;
};
export const nothingAsked: Asked = { who: '', agent: '', queue: '', outcome: '', direction: '', from: '', to: '' };

export type ListedRow = HistoryRow & { readonly source: 'seat' | 'central' };
export type Told = HistoryAnswer | { readonly kind: 'refused'; readonly why: Refusal };
export type OpenedContact =
  | { readonly kind: 'opening'; readonly contactId: ContactId }
  | { readonly kind: 'open'; readonly detail: HistoryDetail; readonly from: 'seat' | 'central' }
  | { readonly kind: 'refused'; readonly contactId: ContactId; readonly why: Refusal };

export type HistoryState = {
  readonly asked: Asked;
  readonly trees: readonly DispositionTree[];
  /** Since when this seat holds contacts; null: none, or not known yet. */
  readonly sinceMs: number | null;
  /** null: not answered yet. */
  readonly here: Told | null;
  readonly central: Told | null;
  readonly isAsking: boolean;
  readonly rows: readonly ListedRow[];
  readonly hasMore: boolean;
  /** The row the arrow keys are at. */
  readonly at: ContactId | null;
  readonly opened: OpenedContact | null;
};
export type Histories = {
  readonly store: StoreApi<HistoryState>;
  /** The screen is there: what there is to choose from, and the newest contacts unless something was looked for already. */
  readonly enter: () => void;
  readonly ask: (asked: Asked) => void;
  readonly search: () => void;
  readonly more: () => void;
  readonly move: (by: number) => void;
  readonly open: (contactId: ContactId) => void;
  /** @returns false: no contact was open */
  readonly back: () => boolean;
  /** Another agent, or none. */
  readonly forget: () => void;
};

const empty = {
  ...{ asked: nothingAsked, trees: [], sinceMs: null, here: null, central: null, isAsking: false },
  ...{ rows: [], hasMore: false, at: null, opened: null },
} as const;

/** R34. This seat answers at once and off line, central adds what the seat does not hold; the list has no gaps between the two. */
export const keepHistory = (link: Pick<SeatLink, 'call'>): Histories => {
  const store = createStore<HistoryState>(() => empty);
  const { getState, setState } = store;
  /** Tells the answer to a search that has been changed since. */
  let round = 0;
  let filter: HistoryFilter = {};

  const ask = async (where: 'seat' | 'central', cursor: string | null): Promise<Told> => {
    const asked = cursor === null ? filter : { ...filter, cursor };
    const answer: Result<HistoryAnswer> = await link.call('history.search', { filter: asked, where });
    return answer.ok ? answer.value : { kind: 'refused', why: answer.error };
  };
  const take = (part: Partial<Pick<HistoryState, 'here' | 'central' | 'isAsking'>>): void =>
    setState((now) => ({ ...part, ...listed({ ...now, ...part }) }));

  const search = async (): Promise<void> => {
    round += 1;
    const mine = round;
    filter = filterOf(getState().asked);
    setState({ isAsking: true });
    const here = await ask('seat', null);
    if (mine !== round) return;
    setState({ at: null });
    take({ here, central: null });
    const central = await ask('central', null);
    if (mine === round) take({ central, isAsking: false });
  };

  const more = async (): Promise<void> => {
    const { here, central, isAsking } = getState();
    if (isAsking) return;
    const mine = round;
    setState({ isAsking: true });
    // The one that says least far back holds the others up.
    const until = [here, central].flatMap(placeOf).sort(byTime)[0]?.contactId;
    const next = async (told: Told | null, where: 'seat' | 'central'): Promise<Told | null> => {
      if (until === undefined || told?.kind !== 'found' || told.cursor === null) return told;
      if (placeOf(told)[0]?.contactId !== until) return told;
      const page = await ask(where, told.cursor);
      // What could not be told stays to be asked for again.
      return page.kind === 'found' ? { ...page, rows: [...told.rows, ...page.rows] } : told;
    };
    const [seat, further] = await Promise.all([next(here, 'seat'), next(central, 'central')]);
    if (mine === round) take({ here: seat, central: further, isAsking: false });
  };

  return {
    store,
    enter: () => {
      void link.call('history.choices', {}).then((answer) => {
        if (answer.ok) setState(answer.value);
      });
      if (getState().here === null && !getState().isAsking) void search();
    },
    ask: (asked) => setState({ asked }),
    search: () => {
      setState({ opened: null });
      void search();
    },
    more: () => void more(),
    move: (by) =>
      setState(({ rows, at }) => {
        const index = rows.findIndex((row) => row.contactId === at);
        const next = Math.max(0, Math.min(rows.length - 1, index + by));
        return { at: rows[index === -1 ? 0 : next]?.contactId ?? null };
      }),
    ...opening(link, store),
    forget: () => {
      round += 1;
      filter = {};
      setState(empty);
    },
  };
};

const opening = (
  link: Pick<SeatLink, 'call'>,
  { getState, setState }: StoreApi<HistoryState>,
): Pick<Histories, 'open' | 'back'> => ({
  open: (contactId) => {
    setState({ at: contactId, opened: { kind: 'opening', contactId } });
    void link.call('history.open', { contactId }).then((answer) => {
      const { opened } = getState();
      if (opened?.kind !== 'opening' || opened.contactId !== contactId) return;
      setState({
        opened: answer.ok ? { kind: 'open', ...answer.value } : { kind: 'refused', contactId, why: answer.error },
      });
    });
  },
  back: () => {
    const isOpen = getState().opened !== null;
    if (isOpen) setState({ opened: null });
    return isOpen;
  },
});

const placeOf = (told: Told | null) => {
  const place = told?.kind === 'found' && told.cursor !== null ? readPlace(told.cursor) : undefined;
  return place === undefined ? [] : [place];
};

/** Of both, each contact once, central's word for it; nothing older than what both have told of. */
const listed = ({ here, central }: Pick<HistoryState, 'here' | 'central'>): Pick<HistoryState, 'rows' | 'hasMore'> => {
  const rows = new Map<string, ListedRow>();
  if (here?.kind === 'found') for (const row of here.rows) rows.set(row.contactId, { ...row, source: 'seat' });
  if (central?.kind === 'found') for (const row of central.rows) rows.set(row.contactId, { ...row, source: 'central' });
  const places = [here, central].flatMap(placeOf);
  const shown = [...rows.values()].filter((row) => places.every((place) => !isBehind(row, place)));
  return { rows: shown.sort(byTime), hasMore: places.length > 0 };
};

export const filterOf = (asked: Asked): HistoryFilter => {
  const { direction, outcome } = asked;
  const fromMs = dayStart(asked.from, 0);
  const toMs = dayStart(asked.to, 1);
  return {
    ...(asked.who.trim() === '' ? {} : { who: asked.who.trim() }),
    ...(asked.agent.trim() === '' ? {} : { agent: asked.agent.trim() }),
    ...(asked.queue === '' ? {} : { queue: asked.queue }),
    ...(outcome === '' ? {} : { disposition: outcome.split('/') }),
    ...(direction === '' ? {} : { direction }),
    ...(fromMs === null ? {} : { fromMs }),
    ...(toMs === null ? {} : { toMs }),
  };
};

/** Midnight of the seat's place; `later` days after. */
const dayStart = (day: string, later: number): number | null => {
  const told = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day);
  if (told === null) return null;
  return new Date(Number(told[1]), Number(told[2]) - 1, Number(told[3]) + later).getTime();
};
