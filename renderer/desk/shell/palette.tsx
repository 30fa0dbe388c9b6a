import { useEffect, useRef, useState } from 'react';
import { useWords } from '../context.tsx';
import { Key } from '../parts/button.tsx';

export type PaletteEntry = {
  readonly key: string;
  readonly label: string;
  /** Pinyin, initials, the other language: searched, not shown. */
  readonly also: readonly string[];
  readonly hint?: string;
  readonly onPick: () => void;
};

/** Ctrl+K: everything by name or pinyin; Enter takes the first, arrows walk. */
export const Palette = (props: { readonly entries: readonly PaletteEntry[]; readonly onClose: () => void }) => {
  const { t } = useWords();
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  const found = searchEntries(props.entries, text).slice(0, 12);
  const pick = (entry: PaletteEntry | undefined): void => {
    if (entry === undefined) return;
    props.onClose();
    entry.onPick();
  };
  const onKey = (key: string): boolean => {
    if (key === 'ArrowDown') setAt((now) => Math.min(found.length - 1, now + 1));
    else if (key === 'ArrowUp') setAt((now) => Math.max(0, now - 1));
    else if (key === 'Enter') pick(found[at]);
    else return false;
    return true;
  };
  return (
    <div className="veil">
      <section className="sheet palette" role="dialog" aria-modal="true" aria-label={t('palette.title')}>
        <input
          ref={field}
          type="text"
          role="combobox"
          aria-label={t('palette.title')}
          aria-expanded="true"
          aria-controls="palette-list"
          aria-activedescendant={found[at] === undefined ? undefined : `palette-${found[at].key}`}
          placeholder={t('palette.hint')}
          value={text}
          autoComplete="off"
          onChange={(event) => {
            setText(event.target.value);
            setAt(0);
          }}
          onKeyDown={(event) => {
            if (!event.nativeEvent.isComposing && onKey(event.key)) event.preventDefault();
          }}
        />
        <div id="palette-list" role="listbox" aria-label={t('palette.title')}>
          {found.map((entry, index) => (
            <button
              key={entry.key}
              id={`palette-${entry.key}`}
              type="button"
              role="option"
              aria-selected={index === at}
              tabIndex={-1}
              onClick={() => pick(entry)}
            >
              <span>{entry.label}</span>
              {entry.hint === undefined ? null : <Key label={entry.hint} />}
            </button>
          ))}
        </div>
        {found.length === 0 ? <p className="quiet">{t('palette.none')}</p> : null}
      </section>
    </div>
  );
};

const plain = (text: string): string => text.toLowerCase().replaceAll(' ', '');

export const searchEntries = (entries: readonly PaletteEntry[], text: string): readonly PaletteEntry[] => {
  const wanted = plain(text);
  if (wanted === '') return entries;
  return entries.filter((entry) => [entry.label, ...entry.also].some((word) => plain(word).includes(wanted)));
};
