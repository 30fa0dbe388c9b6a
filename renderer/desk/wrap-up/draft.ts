import { createStore, type StoreApi } from 'zustand/vanilla';
import type { DispositionPath } from '../../../shared/disposition.ts';
import type { ContactId } from '../../../shared/ids.ts';
import type { Refusal, Result } from '../../../shared/result.ts';
import type { ContactView } from '../../../shared/seat.ts';
import type { Clock } from '../clock.ts';

/**
 * Note and disposition of the contact in hand, stored by the engine within a second of typing. "Saved" is only said after the
 * engine answered.
 *
 *   same ──edit──▶ changed ──pause──▶ saving ──answered──▶ saved
 *                     ▲                 │ edit while saving: changed again
 *                     └────refused──────┘ (failed, tried again)
 */
export type Saving =
  | { readonly kind: 'same' }
  | { readonly kind: 'changed' }
  | { readonly kind: 'saving' }
  | { readonly kind: 'saved'; readonly atMs: number }
  | { readonly kind: 'failed'; readonly refusal: Refusal };

export type Draft = {
  readonly contactId: ContactId | null;
  readonly note: string;
  readonly disposition: DispositionPath;
  readonly saving: Saving;
};
export type DraftStore = StoreApi<Draft>;

export type DraftKeeper = {
  readonly store: DraftStore;
  readonly edit: (change: { readonly note?: string; readonly disposition?: DispositionPath }) => void;
  /** Follows the engine's contact: another one brings its own draft, the same one does not disturb what is being typed. */
  readonly follow: (view: ContactView | null) => void;
  readonly flush: () => void;
};

type Save = (
  contactId: ContactId,
  note: string,
  disposition: DispositionPath,
) => Promise<Result<{ readonly savedAtMs: number }>>;

/** After the last key; and at the latest this long after the first unsaved one. */
const pauseMs = 300;
const latestMs = 800;
const againMs = 2_000;

/** One object: whoever shows how it stands is told once, not at each key. */
const changed: Saving = { kind: 'changed' };
const empty: Draft = { contactId: null, note: '', disposition: [], saving: { kind: 'same' } };

export const keepDraft = (save: Save, clock: Clock): DraftKeeper => {
  const store: DraftStore = createStore<Draft>(() => empty);
  let cancel = (): void => {};
  let firstUnsavedMs: number | undefined;

  const plan = (waitMs: number): void => {
    cancel();
    cancel = clock.after(waitMs, () => void push());
  };

  const push = async (): Promise<void> => {
    cancel();
    const { contactId, note, disposition, saving } = store.getState();
    if (contactId === null || (saving.kind !== 'changed' && saving.kind !== 'failed')) return;
    firstUnsavedMs = undefined;
    store.setState({ saving: { kind: 'saving' } });
    const answer = await save(contactId, note, disposition);
    // Typed on meanwhile, or another contact: what was answered is no longer what stands here.
    if (store.getState().contactId !== contactId || store.getState().saving.kind !== 'saving') return;
    if (answer.ok) return store.setState({ saving: { kind: 'saved', atMs: answer.value.savedAtMs } });
    store.setState({ saving: { kind: 'failed', refusal: answer.error } });
    plan(againMs);
  };

  return {
    store,
    edit: (change) => {
      const now = clock.now();
      firstUnsavedMs ??= now;
      store.setState({ ...change, saving: changed });
      plan(Math.max(0, Math.min(pauseMs, firstUnsavedMs + latestMs - now)));
    },
    follow: (view) => {
      if (view?.contact.id === (store.getState().contactId ?? undefined)) return;
      void push();
      cancel();
      firstUnsavedMs = undefined;
      store.setState(
        view === null
          ? empty
          : {
              contactId: view.contact.id,
              note: view.draft.note,
              disposition: view.draft.disposition,
              saving: empty.saving,
            },
      );
    },
    flush: () => void push(),
  };
};
