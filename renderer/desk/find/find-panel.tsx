import type { CustomerId } from '../../../shared/ids.ts';
import type { Policy } from '../../../shared/policy.ts';
import { tierOf } from '../../../shared/tier.ts';
import { inLanguage } from '../../../shared/text.ts';
import { useWords } from '../context.tsx';
import { maskedNumber } from '../format.ts';
import { keyLabels } from '../keys.ts';
import { Key } from '../parts/button.tsx';
import { useFocusWish } from '../parts/use-focus-wish.ts';
import type { Find, FoundRow } from './find-store.ts';

const listId = 'found-list';
const walkKeys = '↑↓';
const rowId = (row: FoundRow): string => `found-${row.customer.id}`;

/** Ctrl+F: customers by whatever the agent knows of them, while it is being typed; at most ten masked rows (security 46). */
export const FindPanel = (props: {
  readonly find: Find;
  readonly policy: Policy;
  /** Central cannot be asked: what is found is what this seat holds. */
  readonly hereOnly: boolean;
  readonly mayDial: boolean;
  readonly onType: (text: string) => void;
  readonly onMove: (by: 1 | -1) => void;
  readonly onEnter: () => void;
  readonly onOpen: (customerId: CustomerId) => void;
  readonly onDial: (row: FoundRow) => void;
}) => {
  const { t } = useWords();
  const { find } = props;
  const field = useFocusWish<HTMLInputElement>('find');
  const current = find.rows[find.at];
  const onKey = (key: string): boolean => {
    if (key === 'ArrowDown') props.onMove(1);
    else if (key === 'ArrowUp') props.onMove(-1);
    else if (key === keyLabels.next) props.onEnter();
    else if (key === keyLabels.answer && current !== undefined && props.mayDial) props.onDial(current);
    else return false;
    return true;
  };
  return (
    <section className="panel" aria-label={t('find.title')} role="search">
      <h2>{t('find.title')}</h2>
      <div className="find-form">
        <label htmlFor="find-text">{t('find.text')}</label>
        <input
          id="find-text"
          ref={field}
          type="text"
          role="combobox"
          aria-expanded={find.rows.length > 0}
          aria-controls={listId}
          aria-autocomplete="list"
          aria-activedescendant={current === undefined ? undefined : rowId(current)}
          value={find.text}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => props.onType(event.target.value)}
          onKeyDown={(event) => {
            if (event.nativeEvent.isComposing || !onKey(event.key)) return;
            event.preventDefault();
            // F2 is this row's while nobody rings: the desk must not hear it as "answer".
            event.stopPropagation();
          }}
        />
      </div>
      <FindStatus find={find} hereOnly={props.hereOnly} />
      <FoundList {...props} />
      {current === undefined ? null : (
        <p className="quiet find-keys">
          <KeyHint keyLabel={walkKeys} does={t('find.keys.walk')} />
          <KeyHint keyLabel={keyLabels.next} does={t('find.keys.open')} />
          {props.mayDial ? <KeyHint keyLabel={keyLabels.answer} does={t('find.keys.dial')} /> : null}
        </p>
      )}
    </section>
  );
};

const KeyHint = ({ keyLabel, does }: { readonly keyLabel: string; readonly does: string }) => (
  <span>
    <Key label={keyLabel} />
    <span>{does}</span>
  </span>
);

/** In words, always at the same place: what was found, why nothing, and what else to type. */
const FindStatus = ({ find, hereOnly }: { readonly find: Find; readonly hereOnly: boolean }) => {
  const words = useWords();
  const { t } = words;
  const { here, central, rows } = find;
  const isCounting = here?.kind === 'found' || rows.length > 0;
  const said =
    here === null
      ? t('find.hint')
      : here.kind === 'unclear'
        ? t(`find.unclear.${here.why}`)
        : here.kind === 'tooBroad' && rows.length === 0
          ? t('find.tooBroad')
          : t('find.count', { count: rows.length });
  const isAsking = central.kind === 'asking' && !hereOnly;
  return (
    <>
      <p className="quiet find-said" role="status">
        {said}
        {isAsking ? ` ${t('find.asking')}` : ''}
      </p>
      {isCounting && hereOnly ? (
        <p className="plain-note" data-tone="attention">
          {t('find.hereOnly')}
        </p>
      ) : null}
      {central.kind === 'refused' && !hereOnly ? (
        <p className="plain-note" data-tone="attention">
          {words.refusal(central.why)}
        </p>
      ) : null}
      {central.kind === 'answered' && central.answer.kind === 'tooBroad' && rows.length > 0 ? (
        <p className="plain-note" data-tone="attention">
          {t('find.tooBroadAtCentral')}
        </p>
      ) : null}
    </>
  );
};

const FoundList = (props: {
  readonly find: Find;
  readonly policy: Policy;
  readonly onOpen: (customerId: CustomerId) => void;
}) => {
  const { t } = useWords();
  const { rows, at } = props.find;
  return (
    <div id={listId} role="listbox" className="found" aria-label={t('find.found')}>
      {rows.map((row, index) => (
        <button
          key={row.customer.id}
          id={rowId(row)}
          type="button"
          role="option"
          tabIndex={-1}
          aria-selected={index === at}
          className="found-row"
          onClick={() => props.onOpen(row.customer.id)}
        >
          <FoundWho row={row} policy={props.policy} />
          <Why row={row} />
        </button>
      ))}
    </div>
  );
};

export const FoundWho = ({ row, policy }: { readonly row: FoundRow; readonly policy: Policy }) => {
  const { t, language } = useWords();
  const { customer } = row;
  const number = customer.numbers[row.numberIndex ?? 0];
  return (
    <>
      <span className="found-who">
        <strong>{customer.nameMasked}</strong>
        <span className="badge" data-tone="plain">
          {t(`tier.${tierOf(customer.usage, policy.tier).tier}`)}
        </span>
        {customer.list === 'normal' ? null : (
          <span className="badge" data-tone={customer.list === 'red' ? 'danger' : 'solid'}>
            {t(`list.${customer.list}`)}
          </span>
        )}
        {row.source === 'central' ? (
          <span className="badge" data-tone="plain">
            {t('find.fromCentral')}
          </span>
        ) : null}
      </span>
      <span className="found-number">
        {number === undefined ? null : <span className="figure">{maskedNumber(number.key)}</span>}
        <span className="quiet">{inLanguage(customer.area, language)}</span>
      </span>
    </>
  );
};

/** Why this row is here. */
const Why = ({ row }: { readonly row: FoundRow }) => {
  const { t } = useWords();
  return <span className="quiet found-why">{t(`find.by.${row.by}`)}</span>;
};
