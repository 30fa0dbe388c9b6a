import { useId, useState } from 'react';
import { csvOf } from '../../../shared/csv-text.ts';
import { type ListRead, readList } from '../../../shared/list-text.ts';
import { type Refusal, refusal as refusing, type Result } from '../../../shared/result.ts';
import type { ListPasted } from '../../../shared/task-api.ts';
import { useWords } from '../context.tsx';
import { Button } from '../parts/button.tsx';
import { saveText } from '../save-file.ts';
import { textOfFile } from './list-file.ts';
import { type ListTaken, sendList } from './send-list.ts';

/** More lines than anybody edits by hand: kept aside, for a text field takes seconds to lay them out. */
const mostShown = 500;
const mostFaults = 100;

/** Read and waiting to be taken. */
type Held = { readonly name: string | null; readonly read: ListRead };
type Sending =
  | { readonly kind: 'no' }
  | { readonly kind: 'sending'; readonly done: number; readonly total: number }
  | { readonly kind: 'failed'; readonly why: Refusal; readonly done: number }
  | { readonly kind: 'taken'; readonly taken: ListTaken };

type Props = {
  readonly onPaste: (name: string, text: string) => Promise<Result<ListPasted>>;
  readonly onPasted: (listId: string) => void;
};

/** A list from a spreadsheet, a mail or a file: a number a line. What cannot be called is named by its line, before and after. */
export const ListPaste = (props: Props) => {
  const { t } = useWords();
  const [name, setName] = useState('');
  const [text, setText] = useState('');
  const [held, setHeld] = useState<Held | null>(null);
  const [sending, setSending] = useState<Sending>({ kind: 'no' });
  const hold = (next: Held | null): void => {
    setHeld(next);
    setText('');
    setSending({ kind: 'no' });
  };
  const type = (value: string): void => {
    if (value.split('\n', mostShown + 1).length > mostShown) hold({ name: null, read: readList(value) });
    else setText(value);
  };
  const choose = async (file: File | undefined): Promise<void> => {
    if (file === undefined) return;
    const read = textOfFile(new Uint8Array(await file.arrayBuffer()));
    if (!read.ok) return setSending({ kind: 'failed', why: read.error, done: 0 });
    hold({ name: file.name, read: readList(read.value) });
    if (name.trim() === '') setName(file.name.replace(/\.[^.]*$/u, '').slice(0, 80));
  };
  const send = async (): Promise<void> => {
    const read = held?.read ?? readList(text);
    const total = read.entries.length;
    if (total === 0) return setSending({ kind: 'failed', why: refusing('invalid', 'listEmpty'), done: 0 });
    let done = 0;
    const show = (lines: number): void => {
      done = lines;
      setSending({ kind: 'sending', done, total });
    };
    show(0);
    const answer = await sendList(read, (part) => props.onPaste(name.trim(), part), show);
    if (!answer.ok) return setSending({ kind: 'failed', why: answer.error, done });
    hold(null);
    setSending({ kind: 'taken', taken: answer.value });
    props.onPasted(answer.value.listId);
  };
  const isBusy = sending.kind === 'sending';
  return (
    <details className="list-paste">
      <summary>{t('tasks.paste')}</summary>
      <label>
        <span>{t('tasks.listName')}</span>
        <input value={name} maxLength={80} disabled={isBusy} onChange={(event) => setName(event.target.value)} />
      </label>
      {held === null ? (
        <label>
          <span>{t('tasks.listText')}</span>
          <textarea rows={5} value={text} disabled={isBusy} onChange={(event) => type(event.target.value)} />
        </label>
      ) : (
        <HeldList held={held} isBusy={isBusy} onDrop={() => hold(null)} />
      )}
      <FileField isBusy={isBusy} onFile={(file) => void choose(file)} />
      <Button
        label={t('tasks.takeList')}
        disabled={isBusy || name.trim() === '' || (held === null && text.trim() === '')}
        onPress={() => void send()}
      />
      <Said sending={sending} name={name.trim()} />
    </details>
  );
};

const FileField = (props: { readonly isBusy: boolean; readonly onFile: (file: File | undefined) => void }) => {
  const { t } = useWords();
  const id = useId();
  return (
    <label htmlFor={id}>
      <span>{t('tasks.listFile')}</span>
      <input
        id={id}
        type="file"
        accept=".csv,.txt,.tsv,text/csv,text/plain"
        disabled={props.isBusy}
        onChange={({ target }) => {
          props.onFile(target.files?.[0]);
          // The same file, mended, may be chosen again.
          target.value = '';
        }}
      />
    </label>
  );
};

const HeldList = (props: { readonly held: Held; readonly isBusy: boolean; readonly onDrop: () => void }) => {
  const { t } = useWords();
  const { name, read } = props.held;
  return (
    <div className="list-held" role="status">
      <p>
        {t(name === null ? 'tasks.heldText' : 'tasks.heldFile', {
          name: name ?? '',
          lines: read.lines,
          good: read.entries.length,
          bad: read.faults.length,
        })}
      </p>
      <Faults faults={read.faults} name={name ?? ''} />
      <Button label={t('tasks.dropList')} tone="quiet" disabled={props.isBusy} onPress={props.onDrop} />
    </div>
  );
};

const Said = ({ sending, name }: { readonly sending: Sending; readonly name: string }) => {
  const { t, refusal } = useWords();
  switch (sending.kind) {
    case 'no':
      return null;
    case 'sending': {
      const { done, total } = sending;
      return (
        <p className="list-progress">
          <progress aria-label={t('tasks.sendingList')} max={total} value={done} />
          <span className="figure">{t('tasks.sent', { done, total })}</span>
        </p>
      );
    }
    case 'failed':
      return (
        <p className="outcome" data-tone="danger" role="alert">
          {refusal(sending.why)}
          {sending.done === 0 ? null : <span> {t('tasks.sentSoFar', { done: sending.done })}</span>}
        </p>
      );
    case 'taken': {
      const { added, known, before, faults } = sending.taken;
      return (
        <div role="status">
          <p>{t('tasks.pasted', { added, known, faulty: faults.length })}</p>
          {added > known ? <p className="quiet">{t('tasks.prospects', { count: added - known })}</p> : null}
          {before > 0 ? <p className="quiet">{t('tasks.listedBefore', { count: before })}</p> : null}
          <Faults faults={faults} name={name} />
        </div>
      );
    }
  }
};

/** The first hundred; all of them as a file, for whoever mends them. */
const Faults = ({ faults, name }: { readonly faults: ListTaken['faults']; readonly name: string }) => {
  const { t, named } = useWords();
  if (faults.length === 0) return null;
  const why = (reason: string): string => named('reason', reason, reason);
  const save = (): void =>
    saveText(
      `${name === '' ? 'list' : name.replace(/\.[^.]*$/u, '')}.bad-rows.csv`,
      csvOf([
        [t('tasks.bad.line'), t('tasks.bad.why'), t('tasks.bad.text')],
        ...faults.map(({ line, reason, source }) => [line, why(reason), source]),
      ]),
    );
  return (
    <>
      <ul className="list-faults">
        {faults.slice(0, mostFaults).map(({ line, reason }) => (
          <li key={line}>{t('tasks.line', { line, why: why(reason) })}</li>
        ))}
      </ul>
      {faults.length > mostFaults ? (
        <p className="quiet">{t('tasks.moreFaults', { count: faults.length - mostFaults })}</p>
      ) : null}
      <Button label={t('tasks.saveFaults')} tone="quiet" onPress={save} />
    </>
  );
};
