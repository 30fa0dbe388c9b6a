import type { AnyDispositionNode, DispositionTree } from '../../../shared/disposition.ts';
import { inLanguage, type Language } from '../../../shared/text.ts';
import { useWords } from '../context.tsx';
import type { ReactNode } from 'react';
import { Button } from '../parts/button.tsx';
import { useFocusWish } from '../parts/use-focus-wish.ts';
import { type Asked, nothingAsked } from './history-store.ts';

type Queue = { readonly id: string; readonly zh: string; readonly en: string };

/** Each field narrows; Enter searches from any of them, ↓ leads to the list. */
export const SearchForm = (props: {
  readonly asked: Asked;
  readonly trees: readonly DispositionTree[];
  readonly queues: readonly Queue[];
  readonly onAsk: (asked: Asked) => void;
  readonly onSearch: () => void;
  readonly onToList: () => void;
}) => {
  const { t, language } = useWords();
  const { asked, onAsk, onSearch } = props;
  const first = useFocusWish<HTMLInputElement>('history');
  const set = (part: Partial<Asked>): void => onAsk({ ...asked, ...part });
  const choose = (part: Partial<Asked>): void => {
    set(part);
    onSearch();
  };
  return (
    <form
      className="history-form"
      role="search"
      aria-label={t('history.search')}
      onSubmit={(event) => {
        event.preventDefault();
        onSearch();
      }}
    >
      <label>
        <span>{t('history.who')}</span>
        <input
          ref={first}
          type="text"
          autoComplete="off"
          spellCheck={false}
          value={asked.who}
          onChange={(event) => set({ who: event.target.value })}
          onKeyDown={(event) => {
            if (event.key !== 'ArrowDown' || event.nativeEvent.isComposing) return;
            event.preventDefault();
            props.onToList();
          }}
        />
      </label>
      <Field label={t('history.agent')} value={asked.agent} onType={(agent) => set({ agent })} />
      <Select label={t('history.queue')} value={asked.queue} onChoose={(queue) => choose({ queue })}>
        {props.queues.map((queue) => (
          <option key={queue.id} value={queue.id}>
            {language === 'en' ? queue.en : queue.zh}
          </option>
        ))}
      </Select>
      <Select label={t('history.outcome')} value={asked.outcome} onChoose={(outcome) => choose({ outcome })}>
        {outcomesOf(props.trees, language).map(({ path, label }) => (
          <option key={path} value={path}>
            {label}
          </option>
        ))}
      </Select>
      <Select
        label={t('history.direction')}
        value={asked.direction}
        onChoose={(to) => choose({ direction: to === 'inbound' || to === 'outbound' ? to : '' })}
      >
        <option value="inbound">{t('call.direction.inbound')}</option>
        <option value="outbound">{t('call.direction.outbound')}</option>
      </Select>
      <Field label={t('history.from')} type="date" value={asked.from} onType={(from) => set({ from })} />
      <Field label={t('history.to')} type="date" value={asked.to} onType={(to) => set({ to })} />
      <Buttons
        onClear={() => {
          onAsk(nothingAsked);
          onSearch();
        }}
      />
    </form>
  );
};

const Buttons = ({ onClear }: { readonly onClear: () => void }) => {
  const { t } = useWords();
  return (
    <span className="history-buttons">
      <Button label={t('history.go')} tone="main" type="submit" onPress={() => {}} />
      <Button label={t('history.clear')} tone="quiet" onPress={onClear} />
    </span>
  );
};

const Field = (props: {
  readonly label: string;
  readonly type?: 'text' | 'date';
  readonly value: string;
  readonly onType: (value: string) => void;
}) => (
  <label>
    <span>{props.label}</span>
    <input
      type={props.type ?? 'text'}
      autoComplete="off"
      spellCheck={false}
      value={props.value}
      onChange={(event) => props.onType(event.target.value)}
    />
  </label>
);

const Select = (props: {
  readonly label: string;
  readonly value: string;
  readonly onChoose: (value: string) => void;
  readonly children: ReactNode;
}) => {
  const { t } = useWords();
  return (
    <label>
      <span>{props.label}</span>
      <select value={props.value} onChange={(event) => props.onChoose(event.target.value)}>
        <option value="">{t('history.any')}</option>
        {props.children}
      </select>
    </label>
  );
};

/** Every node of every tree once, with the way to it: what lies below it is found with it. */
const outcomesOf = (trees: readonly DispositionTree[], language: Language) => {
  const found = new Map<string, string>();
  const walk = (nodes: readonly AnyDispositionNode[], above: string, aboveLabel: string): void => {
    for (const node of nodes) {
      const path = above === '' ? node.id : `${above}/${node.id}`;
      const label = `${aboveLabel}${inLanguage(node.label, language)}`;
      if (!found.has(path)) found.set(path, label);
      walk(node.children, path, `${label} › `);
    }
  };
  for (const tree of trees) walk(tree.roots, '', '');
  return [...found].map(([path, label]) => ({ path, label }));
};
