import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import type { PastContact } from '../../../shared/customer.ts';
import { mayDo } from '../../../shared/degraded.ts';
import { useDesk, useSnapshot } from '../context.tsx';
import { useStanding } from '../standing.ts';
import { askFocus } from '../ui-store.ts';
import type { SignedIn } from '../view.ts';
import { FindPanel } from './find-panel.tsx';
import type { FoundRow } from './find-store.ts';
import { FoundCustomer } from './found-customer.tsx';

export const FindRegion = ({ session, blocked }: { readonly session: SignedIn; readonly blocked: string | null }) => {
  const { finding, actions, ui, history: past } = useDesk();
  const find = useStore(finding.store);
  const contact = useSnapshot((snapshot) => snapshot.contact);
  const hereOnly = mayDo('find', useStanding()).kind === 'here';
  const history = useHistoryOf(find.opened);
  const mayDial = blocked === null;
  const dial = (row: FoundRow, index: number): void => void actions.dialCustomer(row.customer.id, index);
  const { opened } = find;
  if (opened !== null)
    return (
      <FoundCustomer
        row={opened}
        policy={session.policy}
        history={history}
        mayDial={mayDial}
        mayIdentify={contact !== null && contact.contact.customerId !== opened.customer.id}
        onBack={() => {
          finding.close();
          askFocus(ui, 'find');
        }}
        onDial={(index) => dial(opened, index)}
        onMarketing={(index) => actions.dialMarketing(opened.customer.id, index)}
        onNecessity={(reason) => actions.askNecessity(opened.customer.id, reason)}
        onIdentify={() => void actions.identify(opened.customer.id)}
        onPast={(contactId) => {
          past.open(contactId);
          ui.setState({ history: true });
        }}
      />
    );
  return (
    <FindPanel
      find={find}
      policy={session.policy}
      hereOnly={hereOnly}
      mayDial={mayDial}
      onType={finding.type}
      onMove={finding.move}
      onEnter={finding.enter}
      onOpen={finding.open}
      onDial={(row) => dial(row, row.numberIndex ?? 0)}
    />
  );
};

const useHistoryOf = (opened: FoundRow | null): readonly PastContact[] => {
  const { actions } = useDesk();
  const id = opened?.customer.id ?? null;
  const [told, setTold] = useState<{ readonly of: string; readonly contacts: readonly PastContact[] } | null>(null);
  useEffect(() => {
    if (id === null) return;
    let isOver = false;
    void actions.historyOf(id).then((contacts) => {
      if (!isOver) setTold({ of: id, contacts });
    });
    return () => {
      isOver = true;
    };
  }, [actions, id]);
  return told !== null && told.of === id ? told.contacts : [];
};
