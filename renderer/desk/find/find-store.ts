import { createStore, type StoreApi } from 'zustand/vanilla';
import type { CustomerId } from '../../../shared/ids.ts';
import type { Refusal, Result } from '../../../shared/result.ts';
import type { FoundCustomer, SearchAnswer } from '../../../shared/search.ts';
import type { Clock } from '../clock.ts';

/** One row of the list: whom, and where it was found. Rows of central come behind the others, so that nothing moves under the hand. */
export type FoundRow = FoundCustomer & { readonly source: 'seat' | 'central' };

/** What central says of the text: not asked yet, asked, answered, or why it has not. */
export type FromCentral =
  | { readonly kind: 'idle' | 'asking' }
  | { readonly kind: 'answered'; readonly answer: SearchAnswer }
  | { readonly kind: 'refused'; readonly why: Refusal };

export type Find = {
  readonly text: string;
  /** Of this seat, for the text last answered; it stays until the next answer, so that nothing flickers. */
  readonly here: SearchAnswer | null;
  readonly central: FromCentral;
  readonly rows: readonly FoundRow[];
  /** The row the arrow keys are at. */
  readonly at: number;
  readonly opened: FoundRow | null;
};
export type FindStore = StoreApi<Find>;
export type Finding = {
  readonly store: FindStore;
  readonly type: (text: string) => void;
  readonly move: (by: 1 | -1) => void;
  /** The row the keys are at; while the answer is still on its way, its first row. */
  readonly enter: () => void;
  readonly open: (id: CustomerId) => void;
  readonly close: () => void;
  readonly stop: () => void;
};

/** Central is asked when the hand rests: every search there is counted and kept (security 46). */
const restMs = 350;
/** As the engine takes it; what is longer is told of and not sent. */
const longestText = 300;

const empty: Omit<Find, 'text'> = { here: null, central: { kind: 'idle' }, rows: [], at: 0, opened: null };

export const keepFinding = (
  search: (text: string, where: 'seat' | 'central') => Promise<Result<SearchAnswer>>,
  clock: Clock,
): Finding => {
  const store: FindStore = createStore<Find>(() => ({ text: '', ...empty }));
  /** Tells the answer to a text that has been typed over. */
  let round = 0;
  let answered = 0;
  let isEntered = false;
  let cancel = (): void => {};

  const here = async (text: string, mine: number): Promise<void> => {
    const answer = await search(text, 'seat');
    if (mine !== round) return;
    const told: SearchAnswer | null = answer.ok ? answer.value : null;
    answered = mine;
    const rows = rowsOf(told, 'seat');
    store.setState({ here: told, rows, at: 0, opened: isEntered ? (rows[0] ?? null) : null });
    isEntered = false;
    if (!answer.ok) store.setState({ central: { kind: 'refused', why: answer.error } });
    else if (answer.value.kind !== 'unclear') cancel = clock.after(restMs, () => void atCentral(text, mine));
  };
  const atCentral = async (text: string, mine: number): Promise<void> => {
    store.setState({ central: { kind: 'asking' } });
    const answer = await search(text, 'central');
    if (mine !== round) return;
    if (!answer.ok) return store.setState({ central: { kind: 'refused', why: answer.error } });
    store.setState(({ rows }) => {
      const known = new Set<string>(rows.map((row) => row.customer.id));
      const more = rowsOf(answer.value, 'central').filter((row) => !known.has(row.customer.id));
      return { central: { kind: 'answered', answer: answer.value }, rows: [...rows, ...more] };
    });
  };

  return {
    store,
    type: (text) => {
      round += 1;
      isEntered = false;
      cancel();
      if (text.trim() === '') return store.setState({ text, ...empty });
      store.setState({ text, central: { kind: 'idle' }, opened: null });
      if (text.length > longestText) store.setState({ ...empty, here: { kind: 'unclear', why: 'tooLong' } });
      else void here(text, round);
    },
    move: (by) => store.setState(({ at, rows }) => ({ at: Math.max(0, Math.min(rows.length - 1, at + by)) })),
    enter: () => {
      isEntered = answered !== round;
      if (!isEntered) store.setState(({ rows, at }) => ({ opened: rows[at] ?? null }));
    },
    open: (id) =>
      store.setState(({ rows }) => {
        const index = rows.findIndex((row) => row.customer.id === id);
        const row = rows[index];
        return row === undefined ? {} : { opened: row, at: index };
      }),
    close: () => store.setState({ opened: null }),
    stop: () => {
      round += 1;
      cancel();
    },
  };
};

const rowsOf = (answer: SearchAnswer | null, source: FoundRow['source']): readonly FoundRow[] =>
  answer?.kind === 'found' ? answer.rows.map((row) => ({ ...row, source })) : [];
