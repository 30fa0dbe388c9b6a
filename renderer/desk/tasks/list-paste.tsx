import { useState } from 'react';
import type { Refusal, Result } from '../../../shared/result.ts';
import type { ListPasted } from '../../../shared/task-api.ts';
import { useWords } from '../context.tsx';
import { Button } from '../parts/button.tsx';

/** A list from a spreadsheet or a mail: a number a line. What cannot be called is named by its line. */
export const ListPaste = (props: {
  readonly onPaste: (name: string, text: string) => Promise<Result<ListPasted>>;
  readonly onPasted: (listId: string) => void;
}) => {
  const { t, named, refusal } = useWords();
  const [name, setName] = useState('');
  const [text, setText] = useState('');
  const [said, setSaid] = useState<ListPasted | Refusal | null>(null);
  const send = async (): Promise<void> => {
    const answer = await props.onPaste(name.trim(), text);
    setSaid(answer.ok ? answer.value : answer.error);
    if (!answer.ok) return;
    setText('');
    props.onPasted(answer.value.listId);
  };
  return (
    <details className="list-paste">
      <summary>{t('tasks.paste')}</summary>
      <label>
        <span>{t('tasks.listName')}</span>
        <input value={name} maxLength={80} onChange={(event) => setName(event.target.value)} />
      </label>
      <label>
        <span>{t('tasks.listText')}</span>
        <textarea rows={5} value={text} onChange={(event) => setText(event.target.value)} />
      </label>
      <Button
        label={t('tasks.takeList')}
        disabled={name.trim() === '' || text.trim() === ''}
        onPress={() => void send()}
      />
      {said === null ? null : 'kind' in said ? (
        <p className="outcome" data-tone="danger" role="alert">
          {refusal(said)}
        </p>
      ) : (
        <div role="status">
          <p>{t('tasks.pasted', { added: said.added, known: said.known, faulty: said.faulty })}</p>
          <ul>
            {said.faults.map(({ line, reason }) => (
              <li key={line}>{t('tasks.line', { line, why: named('reason', reason, reason) })}</li>
            ))}
          </ul>
        </div>
      )}
    </details>
  );
};
