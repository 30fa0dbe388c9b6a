import { useState } from 'react';
import { missingOf } from '../../../shared/disclosure.ts';
import { isOrderOpen } from '../../../shared/order.ts';
import type { SeatSnapshot } from '../../../shared/seat.ts';
import type { WorkId } from '../../../shared/ids.ts';
import { inLanguage } from '../../../shared/text.ts';
import { useDesk, useSnapshot, useUi, useWords } from '../context.tsx';
import { Button } from '../parts/button.tsx';
import { NewOrder } from './new-order.tsx';
import { OrderCard, OrderLine } from './order-card.tsx';
import { orderInHand, type OrderRow, ordersOf, stepsNow } from './sale-progress.ts';
import '../styles/orders.css';

const isOffline = ({ sync }: SeatSnapshot): boolean => sync.kind === 'offline' || sync.kind === 'stopped';

/** The order of the call in hand, as a step of its flow. */
export const OrderRegion = () => {
  const { actions } = useDesk();
  const { language } = useWords();
  const snapshot = useSnapshot((now) => now);
  const form = useUi((now) => now.order);
  const view = snapshot.contact;
  const one = orderInHand(snapshot);
  if (one !== undefined)
    return (
      <OrderCard
        one={one}
        steps={stepsNow(snapshot, one.row)}
        hasDigits
        isOffline={isOffline(snapshot)}
        note={form.note}
        why={form.why}
        onNote={(note) => actions.editOrder({ note })}
        onStep={(step) => void actions.stepOrder(one.row.id, step, form.note)}
      />
    );
  const script = view?.script?.script;
  const isTariffs = script?.tariffId !== undefined;
  return (
    <NewOrder
      form={form}
      usual={script === undefined ? '' : inLanguage(script.title, language)}
      missing={isTariffs ? missingOf(script, view?.contact.told ?? []).length : null}
      onEdit={actions.editOrder}
      onOpen={(flow) => void actions.openOrder(flow)}
    />
  );
};

/** All orders this agent has to do with, those that need something in front; one of them with what can be done. */
export const OrdersPanel = () => {
  const { actions } = useDesk();
  const { t } = useWords();
  const snapshot = useSnapshot((now) => now);
  const [openedId, setOpened] = useState<WorkId | null>(null);
  const [note, setNote] = useState('');
  const why = useUi((now) => now.order.why);
  const orders = ordersOf(snapshot);
  const opened = orders.find(({ row }) => row.id === openedId);
  const isOpen = ({ row }: OrderRow): number => (isOrderOpen(row) ? 0 : 1);
  return (
    <section className="panel" aria-label={t('side.orders')}>
      <h2>{t('side.orders')}</h2>
      {opened === undefined ? (
        <>
          {orders.length === 0 ? <p className="quiet">{t('order.none')}</p> : null}
          <ol className="owed">
            {orders
              .toSorted((one, other) => isOpen(one) - isOpen(other) || other.row.openedAtMs - one.row.openedAtMs)
              .map((one) => (
                <li key={one.row.id}>
                  <button type="button" className="owed-open" onClick={() => setOpened(one.row.id)}>
                    <OrderLine {...one} />
                  </button>
                </li>
              ))}
          </ol>
        </>
      ) : (
        <>
          <Button label={t('order.back')} icon="back" tone="quiet" onPress={() => setOpened(null)} />
          <OrderCard
            one={opened}
            steps={stepsNow(snapshot, opened.row)}
            hasDigits={false}
            isOffline={isOffline(snapshot)}
            note={note}
            why={why}
            onNote={setNote}
            onStep={(step) => {
              void actions.stepOrder(opened.row.id, step, note).then((no) => (no === null ? setNote('') : undefined));
            }}
          />
        </>
      )}
    </section>
  );
};
