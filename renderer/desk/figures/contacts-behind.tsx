import { useEffect, useRef, useState } from 'react';
import type { HistoryRow } from '../../../shared/history.ts';
import type { ContactId } from '../../../shared/ids.ts';
import type { Refusal, Result } from '../../../shared/result.ts';
import { inLanguage } from '../../../shared/text.ts';
import { useMinute, useWords } from '../context.tsx';
import { dateTime, duration } from '../format.ts';
import { Button } from '../parts/button.tsx';

/** `order`: what was sold in it; `note`: what was written down of it. */
export type BehindRow = HistoryRow & {
  readonly order?: { readonly id: string; readonly name: string } | undefined;
  readonly note?: string;
};
export type BehindPage = {
  readonly total: number;
  readonly rows: readonly BehindRow[];
  readonly cursor: string | null;
};

/** The contacts a number was counted from, a page at a time; each opens as in history. `onAsk` is another function for another number. */
export const ContactsBehind = (props: {
  readonly what: string;
  readonly onAsk: (cursor?: string) => Promise<Result<BehindPage>>;
  readonly onContact: (contactId: ContactId) => void;
  /** Takes the whole list away as a file; absent where that is not allowed, or there is no such file. */
  readonly onFile?: ((format: 'csv' | 'xlsx') => Promise<Refusal | null>) | undefined;
  readonly onClose: () => void;
}) => {
  const { t, refusal } = useWords();
  const { what, onAsk, onFile } = props;
  const [list, setList] = useState<BehindPage | null>(null);
  const [why, setWhy] = useState<Refusal | null>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    let isHere = true;
    heading.current?.focus();
    void onAsk().then((answer) => {
      if (!isHere) return;
      setList(answer.ok ? answer.value : null);
      setWhy(answer.ok ? null : answer.error);
    });
    return () => {
      isHere = false;
    };
  }, [onAsk]);
  const more = async (cursor: string, before: BehindPage): Promise<void> => {
    const answer = await onAsk(cursor);
    if (answer.ok) setList({ ...answer.value, rows: [...before.rows, ...answer.value.rows] });
    else setWhy(answer.error);
  };
  return (
    <section className="figures-list" aria-label={what}>
      <header className="tasks-head">
        <h2 ref={heading} tabIndex={-1}>
          {what}
          {list === null ? null : <span className="figure"> {list.total.toLocaleString('en-US')}</span>}
        </h2>
        <span className="spacer" />
        {onFile === undefined
          ? null
          : (['csv', 'xlsx'] as const).map((format) => (
              <Button
                key={format}
                label={t(`figures.list.${format}`)}
                onPress={() => void onFile(format).then(setWhy)}
              />
            ))}
        <Button label={t('figures.closeList')} tone="quiet" onPress={props.onClose} />
      </header>
      {why === null ? null : (
        <p className="outcome" data-tone="danger" role="alert">
          {refusal(why)}
        </p>
      )}
      {list === null && why === null ? <p role="status">{t('figures.loading')}</p> : null}
      <ul>
        {list?.rows.map((one) => (
          <li key={one.order?.id ?? one.contactId}>
            <Row one={one} onContact={props.onContact} />
          </li>
        ))}
      </ul>
      {list?.cursor == null ? null : (
        <Button label={t('history.more')} onPress={() => void more(list.cursor ?? '', list)} />
      )}
    </section>
  );
};

const Row = ({ one, onContact }: { readonly one: BehindRow; readonly onContact: (contactId: ContactId) => void }) => {
  const { t, language } = useWords();
  const nowMs = useMinute();
  const note = one.note ?? '';
  return (
    <button type="button" onClick={() => onContact(one.contactId)}>
      <time className="figure">{dateTime(one.startedAtMs, nowMs, language)}</time>
      <span>{t(`call.direction.${one.direction}`)}</span>
      <strong>{one.who ?? t('history.nobody')}</strong>
      <span className="figure">{one.number === '' ? t('history.withheld') : one.number}</span>
      <span className="figure quiet">{duration(one.talkMs)}</span>
      <span>{one.order?.name ?? one.disposition.map((label) => inLanguage(label, language)).join(' › ')}</span>
      <span className="quiet">{one.agentName}</span>
      {note === '' ? null : <span className="quiet figures-note">{note}</span>}
    </button>
  );
};
