import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import {
  type AnyDispositionNode,
  type DispositionPath,
  type DispositionTree,
  follow,
} from '../../../shared/disposition.ts';
import { type Outcome, searchOutcomes } from '../../../shared/disposition-search.ts';
import type { ContactView } from '../../../shared/seat.ts';
import { inLanguage } from '../../../shared/text.ts';
import { useWords } from '../context.tsx';
import { Choice, Key } from '../parts/button.tsx';
import { useFocusWish } from '../parts/use-focus-wish.ts';
import { levelOf } from './path.ts';

type PickerProps = {
  readonly tree: DispositionTree;
  readonly finding: ContactView['finding'];
  readonly path: DispositionPath;
  readonly onChoose: (path: DispositionPath) => void;
};

/**
 * The disposition tree (R28): digits choose, Backspace and 0 go up, arrows move between the choices. A letter or "/" begins a search
 * over the whole tree, whose Enter takes an outcome and comes back here.
 */
export const Picker = (props: PickerProps) => {
  const { t, language } = useWords();
  const area = useFocusWish<HTMLDivElement>('disposition');
  const field = useRef<HTMLInputElement>(null);
  const [text, setText] = useState('');
  const [isOpen, setOpen] = useState(false);
  const [left, setLeft] = useState(0);
  const { before, choices } = levelOf(props.tree, props.path);
  const chosen = follow(props.tree, props.path) ?? [];
  const label = (node: AnyDispositionNode): string => inLanguage(node.label, language);
  // Once the choices are there again.
  useEffect(() => {
    if (left > 0) area.current?.focus();
  }, [area, left]);
  const leave = (): void => {
    setText('');
    setOpen(false);
    setLeft((now) => now + 1);
  };
  return (
    <div className="picker">
      <nav className="crumbs" aria-label={t('wrapUp.path')}>
        <button type="button" onClick={() => props.onChoose([])}>
          {t('wrapUp.disposition')}
        </button>
        {chosen.map((node, index) => (
          <button
            key={node.id}
            type="button"
            aria-current={index === chosen.length - 1}
            onClick={() => props.onChoose(props.path.slice(0, index + 1))}
          >
            {label(node)}
          </button>
        ))}
      </nav>
      <Finder
        {...props}
        field={field}
        text={text}
        isOpen={isOpen}
        onText={setText}
        onOpen={setOpen}
        onPick={(path) => {
          props.onChoose(path);
          leave();
        }}
        onLeave={leave}
      />
      {isOpen && text !== '' ? null : (
        <div
          ref={area}
          className="picker-choices"
          role="toolbar"
          tabIndex={-1}
          aria-label={t('wrapUp.disposition')}
          onKeyDown={(event) => {
            if (beginsSearch(event)) field.current?.focus();
            // The sign itself is not searched for; a letter is, and goes into the field that has the focus now.
            if (event.key === '/') event.preventDefault();
            moveAmong(event.currentTarget, event.key);
          }}
        >
          {choices.map((node, index) => (
            <Choice
              key={node.id}
              digit={index + 1}
              label={label(node)}
              chosen={chosen.some((other) => other.id === node.id)}
              onPress={() => props.onChoose([...before, node.id])}
            >
              {node.children.length > 0 ? <span className="more" aria-hidden="true" /> : null}
            </Choice>
          ))}
        </div>
      )}
    </div>
  );
};

/** A letter, "/", or the first key of an input method. */
const beginsSearch = ({ key, ctrlKey, altKey, metaKey }: KeyboardEvent): boolean =>
  !ctrlKey && !altKey && !metaKey && (/^[\p{L}/]$/u.test(key) || key === 'Process');

/** Arrow keys walk the choices; Enter is the button's own. */
const moveAmong = (area: HTMLElement, key: string): void => {
  const step = key === 'ArrowDown' || key === 'ArrowRight' ? 1 : key === 'ArrowUp' ? -1 : 0;
  if (step === 0) return;
  const buttons = [...area.querySelectorAll('button')];
  const at = buttons.findIndex((button) => button === document.activeElement);
  buttons[at === -1 ? (step > 0 ? 0 : buttons.length - 1) : (at + step + buttons.length) % buttons.length]?.focus();
};

type FinderProps = Pick<PickerProps, 'tree' | 'finding'> & {
  readonly field: { readonly current: HTMLInputElement | null };
  readonly text: string;
  readonly isOpen: boolean;
  readonly onText: (text: string) => void;
  readonly onOpen: (isOpen: boolean) => void;
  readonly onPick: (path: DispositionPath) => void;
  readonly onLeave: () => void;
};

/** The field, and under it what was found, each with its whole path; empty, what calls like this one ended with lately. */
const Finder = ({ field, text, isOpen, ...props }: FinderProps) => {
  const { t } = useWords();
  const list = useId();
  const [at, setAt] = useState(0);
  const { spoken, recent } = props.finding;
  const found = isOpen ? searchOutcomes(props.tree, text, spoken, recent) : [];
  const pick = (outcome: Outcome | undefined): void => {
    if (outcome !== undefined) props.onPick(outcome.path);
  };
  const onKey = (key: string): boolean => {
    if (key === 'ArrowDown') setAt((now) => Math.max(0, Math.min(found.length - 1, now + 1)));
    else if (key === 'ArrowUp') setAt((now) => Math.max(0, now - 1));
    else if (key === 'Enter') pick(found[at]);
    else if (key === 'Escape' || (key === 'Backspace' && text === '')) props.onLeave();
    else return false;
    return true;
  };
  return (
    <div className="picker-find">
      <input
        ref={field}
        type="text"
        role="combobox"
        className="picker-field"
        aria-label={t('wrapUp.find')}
        aria-expanded={found.length > 0}
        aria-controls={list}
        aria-activedescendant={found[at] === undefined ? undefined : `${list}-${at}`}
        placeholder={t('wrapUp.findHint')}
        aria-keyshortcuts="/"
        value={text}
        maxLength={60}
        autoComplete="off"
        onFocus={() => {
          setAt(0);
          props.onOpen(true);
        }}
        // What was typed stays; the digits on view count again.
        onBlur={() => props.onOpen(false)}
        onChange={(event) => {
          setAt(0);
          props.onText(event.target.value);
        }}
        onKeyDown={(event) => {
          if (event.nativeEvent.isComposing || event.ctrlKey || !onKey(event.key)) return;
          event.preventDefault();
          // Esc closes this and nothing behind it.
          event.stopPropagation();
        }}
      />
      <Found id={list} found={found} at={at} isSearched={text !== ''} onPick={pick} />
      {isOpen && text !== '' ? (
        <p className={found.length === 0 ? 'quiet picker-wide' : 'visually-hidden'} role="status">
          {found.length === 0 ? t('wrapUp.notFound') : t('wrapUp.found', { count: found.length })}
        </p>
      ) : null}
    </div>
  );
};

const Found = (props: {
  readonly id: string;
  readonly found: readonly Outcome[];
  readonly at: number;
  readonly isSearched: boolean;
  readonly onPick: (outcome: Outcome) => void;
}) => {
  const { t, language } = useWords();
  const { id, found, isSearched } = props;
  return (
    <>
      {!isSearched && found.length > 0 ? <p className="quiet picker-wide">{t('wrapUp.recent')}</p> : null}
      <div
        id={id}
        className="picker-found picker-wide"
        role="listbox"
        aria-label={t('wrapUp.find')}
        hidden={found.length === 0}
      >
        {found.map((outcome, index) => (
          <button
            key={outcome.digits}
            id={`${id}-${index}`}
            type="button"
            role="option"
            aria-selected={index === props.at}
            tabIndex={-1}
            // The field would lose the focus, and the list be gone before the click.
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => props.onPick(outcome)}
          >
            <Key label={outcome.digits} />
            <span>{outcome.nodes.map((node) => inLanguage(node.label, language)).join(' › ')}</span>
            {outcome.isRecent && isSearched ? <span className="quiet">{t('wrapUp.recent')}</span> : null}
          </button>
        ))}
      </div>
    </>
  );
};
