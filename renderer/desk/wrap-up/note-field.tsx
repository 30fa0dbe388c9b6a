import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { useDesk, useWords } from '../context.tsx';
import { timeOfDay } from '../format.ts';
import { useFocusWish } from '../parts/use-focus-wish.ts';
import type { Saving } from './draft.ts';

/**
 * The note, from the first second of the call. What is typed is drawn by the browser alone: a key puts it into the draft and draws nothing of
 * the desk. React gives the field its first text and is told nothing of the next ones; what the draft gets from elsewhere is written
 * into the field.
 */
export const NoteField = ({ rows }: { readonly rows: number }) => {
  const { draft, actions } = useDesk();
  const { t } = useWords();
  const field = useFocusWish<HTMLTextAreaElement>('note');
  const [first] = useState(() => draft.getState().note);
  useEffect(() => {
    const write = ({ note }: { readonly note: string }): void => {
      if (field.current !== null && field.current.value !== note) field.current.value = note;
    };
    write(draft.getState());
    return draft.subscribe(write);
  }, [draft, field]);
  return (
    <div className="wrapup-note">
      <div className="wrapup-note-head">
        <label htmlFor="note">{t('wrapUp.note')}</label>
        <SavedMark saving={useStore(draft, ({ saving }) => saving)} />
      </div>
      <textarea
        id="note"
        ref={field}
        defaultValue={first}
        maxLength={4_000}
        rows={rows}
        placeholder={t('wrapUp.notePlaceholder')}
        onChange={(event) => actions.editNote(event.target.value)}
      />
    </div>
  );
};

const SavedMark = ({ saving }: { readonly saving: Saving }) => {
  const words = useWords();
  const { t } = words;
  switch (saving.kind) {
    case 'same':
      return <span className="quiet" />;
    case 'changed':
    case 'saving':
      return <span className="quiet">{t('draft.saving')}</span>;
    case 'saved':
      return <span className="quiet figure">{t('draft.saved', { time: timeOfDay(saving.atMs) })}</span>;
    case 'failed':
      return (
        <span className="outcome" data-tone="danger" role="alert">
          {t('draft.failed', { why: words.refusal(saving.refusal) })}
        </span>
      );
  }
};
