import { useCallback } from 'react';
import type { FiguresAsk } from '../../../shared/figures-api.ts';
import type { ContactId } from '../../../shared/ids.ts';
import { useWords } from '../context.tsx';
import { ContactsBehind } from './contacts-behind.tsx';
import type { FigureCalls } from './figure-actions.ts';
import type { Behind } from './figure-table.tsx';

/** The contacts a figure was counted from. */
export const FigureList = (props: {
  readonly asked: FiguresAsk;
  readonly behind: Behind;
  readonly onAsk: FigureCalls['list'];
  readonly onContact: (contactId: ContactId) => void;
  readonly onClose: () => void;
}) => {
  const { t } = useWords();
  const { onAsk } = props;
  const { row, count, name } = props.behind;
  const { fromDay, toDay, by } = props.asked;
  const ask = useCallback(
    (cursor?: string) => onAsk({ fromDay, toDay, by, row, count, ...(cursor === undefined ? {} : { cursor }) }),
    [onAsk, fromDay, toDay, by, row, count],
  );
  return (
    <ContactsBehind
      what={t('figures.listOf', { count: t(`figureCount.${count}`), name })}
      onAsk={ask}
      onContact={props.onContact}
      onClose={props.onClose}
    />
  );
};
