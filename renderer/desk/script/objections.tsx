import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { inLanguage } from '../../../shared/text.ts';
import { useWords } from '../context.tsx';
import { Choice } from '../parts/button.tsx';
import { searchObjections } from '../view.ts';
import type { ScriptProps } from './script-props.ts';
import { Sentence } from './sentence.tsx';

/** What customers object (R18): by digit, or by typing a part of it, its pinyin or initials, and Enter. Those of this step come first. */
export const Objections = (props: ScriptProps) => {
  const { t, language } = useWords();
  const { known, objections: open } = props;
  const [text, setText] = useState('');
  const one = open.kind === 'one' ? known.find((other) => other.id === open.id) : undefined;
  const found = searchObjections(known, text);
  const choose = (id: string): void => {
    setText('');
    props.onObjection(id);
  };
  return (
    <div className="objections">
      {one === undefined ? (
        <>
          <h3>{t('script.objectionsAsk')}</h3>
          <Search
            text={text}
            onText={setText}
            onNth={(nth) => {
              const chosen = found[nth];
              if (chosen !== undefined) choose(chosen.id);
            }}
            onBack={props.onCloseObjections}
          />
        </>
      ) : (
        <>
          <h3>{inLanguage(one.label, language)}</h3>
          <Sentence
            {...props}
            text={one.say}
            variables={props.script.variables}
            isOver={props.spokenMs.until !== null}
          />
        </>
      )}
      <div className="answers" role="group" aria-label={t('script.objections')}>
        {(one === undefined ? found : known).map((other, index) => (
          <Choice
            key={other.id}
            digit={index < 9 ? index + 1 : null}
            label={inLanguage(other.label, language)}
            chosen={other.id === one?.id}
            onPress={() => choose(other.id)}
          >
            {other.category === null ? null : (
              <span className="quiet class-mark">{t(`objectionCategory.${other.category}`)}</span>
            )}
          </Choice>
        ))}
      </div>
      {found.length === 0 ? <p className="quiet">{t('script.noObjection')}</p> : null}
    </div>
  );
};

/** Has the focus while the list is open, so that letters search; digits choose all the same. */
const Search = (props: {
  readonly text: string;
  readonly onText: (text: string) => void;
  readonly onNth: (nth: number) => void;
  readonly onBack: () => void;
}) => {
  const { t } = useWords();
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  const meant = (key: string): (() => void) | undefined => {
    if (/^[1-9]$/.test(key)) return () => props.onNth(Number(key) - 1);
    if (key === 'Enter') return () => (props.text.trim() === '' ? undefined : props.onNth(0));
    return props.text === '' && (key === 'Backspace' || key === 'ArrowLeft') ? props.onBack : undefined;
  };
  const onKey = (event: KeyboardEvent): void => {
    const { nativeEvent, key, ctrlKey, altKey, metaKey } = event;
    const act = nativeEvent.isComposing || ctrlKey || altKey || metaKey ? undefined : meant(key);
    if (act === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  };
  return (
    <input
      ref={field}
      type="search"
      className="objection-search"
      aria-label={t('script.searchObjections')}
      placeholder={t('script.searchObjections')}
      autoComplete="off"
      value={props.text}
      onChange={(event) => props.onText(event.target.value)}
      onKeyDown={onKey}
    />
  );
};
