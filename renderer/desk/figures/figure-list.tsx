import { useCallback } from 'react';
import type { FiguresAsk } from '../../../shared/figures-api.ts';
import type { ContactId } from '../../../shared/ids.ts';
import type { Refusal } from '../../../shared/result.ts';
import { useWords } from '../context.tsx';
import { saveFile } from '../save-file.ts';
import { ContactsBehind } from './contacts-behind.tsx';
import type { FigureCalls } from './figure-actions.ts';
import type { Behind } from './figure-table.tsx';

const listColumns = ['time', 'direction', 'who', 'number', 'talk', 'outcome', 'agent'] as const;

/** The contacts a figure was counted from. */
export const FigureList = (props: {
  readonly asked: FiguresAsk;
  readonly behind: Behind;
  readonly mayExport: boolean;
  readonly onAsk: FigureCalls['list'];
  readonly onFile: FigureCalls['listFile'];
  readonly onContact: (contactId: ContactId) => void;
  readonly onClose: () => void;
}) => {
  const { t, language } = useWords();
  const { onAsk } = props;
  const { row, count, name } = props.behind;
  const { fromDay, toDay, by } = props.asked;
  const ask = useCallback(
    (cursor?: string) => onAsk({ fromDay, toDay, by, row, count, ...(cursor === undefined ? {} : { cursor }) }),
    [onAsk, fromDay, toDay, by, row, count],
  );
  const save = async (format: 'csv' | 'xlsx'): Promise<Refusal | null> => {
    const answer = await props.onFile({
      ...{ fromDay, toDay, by, row, count, format, language },
      heads: listColumns.map((column) => t(`figures.list.${column}`)),
      words: {
        ...{ inbound: t('call.direction.inbound'), outbound: t('call.direction.outbound') },
        ...{ nobody: t('history.nobody'), withheld: t('history.withheld') },
      },
    });
    if (answer.ok) saveFile(answer.value.name, answer.value.base64);
    return answer.ok ? null : answer.error;
  };
  return (
    <ContactsBehind
      what={t('figures.listOf', { count: t(`figureCount.${count}`), name })}
      onAsk={ask}
      onContact={props.onContact}
      onFile={props.mayExport ? save : undefined}
      onClose={props.onClose}
    />
  );
};
