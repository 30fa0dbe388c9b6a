import { useState } from 'react';
import { type ColleagueStates, findTargets, type Target, targetName } from '../../../shared/directory.ts';
import { typedNumber } from '../../../shared/dial-policy.ts';
import type { DialWhat } from '../../../shared/phone.ts';
import type { Refusal } from '../../../shared/result.ts';
import { inLanguage } from '../../../shared/text.ts';
import { useWords } from '../context.tsx';
import { keyLabels } from '../keys.ts';
import { Button } from '../parts/button.tsx';
import { Icon } from '../parts/icon.tsx';
import { useFocusWish } from '../parts/use-focus-wish.ts';

type States = ColleagueStates['colleagues'];

export type TransferPanelProps = {
  /** `divert`: the call still rings, it is passed on. */
  readonly mode: 'transfer' | 'divert';
  /** Looked for at once; '' for everybody. */
  readonly to: string;
  readonly targets: readonly Target[];
  readonly states: States;
  readonly onConsult: (to: DialWhat) => Promise<Refusal | null>;
  readonly onHandOver: (to: DialWhat) => Promise<Refusal | null>;
  readonly onDivert: (to: DialWhat) => Promise<Refusal | null>;
  readonly onClose: () => void;
};

/** As many as can be seen at once: who is not among them is found by typing on. */
const most = 8;

/** F6: to whom. Typing and arrows choose; Enter asks there first, Ctrl+Enter hands over at once. The hands stay on the keyboard. */
export const TransferPanel = (props: TransferPanelProps) => {
  const words = useWords();
  const { t } = words;
  const [text, setText] = useState(props.to);
  const [at, setAt] = useState(0);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const field = useFocusWish<HTMLInputElement>('transfer');
  const found = findTargets(props.targets, text).slice(0, most);
  const isDivert = props.mode === 'divert';
  const go = (isBlind: boolean, target = found[at]): void => {
    const number = target?.number ?? typedNumber(text);
    if (number === undefined) return;
    const run = isDivert ? props.onDivert : isBlind ? props.onHandOver : props.onConsult;
    void run({ text: number }).then(setRefusal);
  };
  const onKey = (key: string, isCtrl: boolean): boolean => {
    if (key === 'ArrowDown') setAt(Math.min(found.length - 1, at + 1));
    else if (key === 'ArrowUp') setAt(Math.max(0, at - 1));
    else if (key === 'Enter') go(isCtrl);
    else return false;
    return true;
  };
  const title = t(isDivert ? 'transfer.divertTitle' : 'transfer.title');
  return (
    <section className="transfer" role="dialog" aria-label={title}>
      <header>
        <h2>{title}</h2>
        <Button label={t('close')} hint={keyLabels.escape} tone="quiet" onPress={props.onClose} />
      </header>
      <input
        ref={field}
        type="text"
        role="combobox"
        aria-label={t('transfer.search')}
        aria-expanded="true"
        aria-controls="transfer-list"
        aria-activedescendant={found[at] === undefined ? undefined : `transfer-${found[at].id}`}
        aria-describedby="transfer-outcome"
        placeholder={t('transfer.search')}
        value={text}
        maxLength={40}
        autoComplete="off"
        onChange={(event) => {
          setText(event.target.value);
          setAt(0);
          setRefusal(null);
        }}
        onKeyDown={(event) => {
          if (event.nativeEvent.isComposing || !onKey(event.key, event.ctrlKey || event.metaKey)) return;
          event.preventDefault();
          // Ctrl+Enter means "finish" elsewhere, Enter the next step of the script.
          event.stopPropagation();
        }}
      />
      <div id="transfer-list" role="listbox" aria-label={t('transfer.list')} className="transfer-list">
        {found.map((target, index) => (
          <Row
            key={target.id}
            target={target}
            states={props.states}
            isChosen={index === at}
            onPick={() => {
              setAt(index);
              field.current?.focus();
            }}
          />
        ))}
      </div>
      {found.length === 0 ? <p className="quiet">{t('transfer.none')}</p> : null}
      <p id="transfer-outcome" className="outcome" role="status" data-tone={refusal === null ? 'plain' : 'danger'}>
        {refusal === null ? '' : words.refusal(refusal)}
      </p>
      <Ways isDivert={isDivert} onGo={go} />
    </section>
  );
};

const Ways = ({ isDivert, onGo }: { readonly isDivert: boolean; readonly onGo: (isBlind: boolean) => void }) => {
  const { t } = useWords();
  if (isDivert)
    return (
      <footer>
        <Button label={t('transfer.divert')} hint="Enter" tone="main" onPress={() => onGo(false)} />
      </footer>
    );
  return (
    <footer>
      <Button label={t('transfer.consult')} hint="Enter" tone="main" onPress={() => onGo(false)} />
      <Button label={t('transfer.blind')} hint="Ctrl+Enter" onPress={() => onGo(true)} />
    </footer>
  );
};

const Row = (props: {
  readonly target: Target;
  readonly states: States;
  readonly isChosen: boolean;
  readonly onPick: () => void;
}) => {
  const { t, language } = useWords();
  const { target } = props;
  const category = inLanguage(target.category, language);
  const kind = category === '' ? t(`directory.kind.${target.kind}`) : category;
  return (
    <button
      id={`transfer-${target.id}`}
      type="button"
      role="option"
      aria-selected={props.isChosen}
      tabIndex={-1}
      onClick={props.onPick}
    >
      <span className="transfer-name" title={targetName(target, language)}>
        {targetName(target, language)}
      </span>
      <span className="quiet" title={kind}>
        {kind}
      </span>
      <span className="figure">{target.number}</span>
      <TargetState target={target} states={props.states} />
    </button>
  );
};

/** What a colleague is doing: by shape, word and colour. Nothing when it is not known. */
const TargetState = ({ target, states }: { readonly target: Target; readonly states: States }) => {
  const { t } = useWords();
  const state = target.kind === 'colleague' ? states.find(({ number }) => number === target.number)?.state : undefined;
  if (state === undefined) return <span />;
  const icon = state === 'ready' ? 'check' : state === 'busy' ? 'phone' : state === 'notReady' ? 'hold' : 'close';
  return (
    <span className="transfer-state" data-state={state}>
      <Icon name={icon} />
      {t(`directory.state.${state}`)}
    </span>
  );
};
