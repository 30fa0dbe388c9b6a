import type { OrderFlow, OrderStep } from '../../../shared/order.ts';
import type { WorkId } from '../../../shared/ids.ts';
import { refusal, type Refusal } from '../../../shared/result.ts';
import type { SeatLink, SeatStore } from '../seat-store.ts';
import { noOrderForm, type OrderForm, type UiStore } from '../ui-store.ts';

type Parts = { readonly seat: SeatStore; readonly seatLink: SeatLink; readonly ui: UiStore };

/** Orders (R30) and the agent's steps of a sale (R41). What is refused stands where it was asked for. */
export const orderActions = ({ seat, seatLink, ui }: Parts) => {
  const edit = (change: Partial<OrderForm>): void => ui.setState(({ order }) => ({ order: { ...order, ...change } }));
  const said = (why: Refusal | null): Refusal | null => {
    edit(why === null ? noOrderForm : { why });
    return why;
  };
  return {
    editOrder: edit,
    /** R42: read to the customer. */
    tellItem: async (stepId: string, itemId: string): Promise<Refusal | null> => {
      const contactId = seat.getState().snapshot?.contact?.contact.id;
      if (contactId === undefined) return null;
      const answer = await seatLink.call('script.tell', { contactId, stepId, itemId });
      return answer.ok ? null : answer.error;
    },
    openOrder: async (flow: OrderFlow): Promise<Refusal | null> => {
      const view = seat.getState().snapshot?.contact ?? null;
      if (view === null) return null;
      const { name, way, amount, by, note } = ui.getState().order;
      const fen = amountFen(amount);
      if (flow !== 'lead' && way !== '' && fen === undefined) return said(refusal('invalid', 'orderAmount'));
      const answer = await seatLink.call('order.open', {
        ...{ contactId: view.contact.id, flow, note },
        name: name ?? view.script?.script.title.zh ?? '',
        payment: flow === 'lead' || way === '' ? null : { way, amountFen: fen ?? 0 },
        delivery: flow === 'delivered' ? { by } : null,
      });
      return said(answer.ok ? null : answer.error);
    },
    stepOrder: async (workId: WorkId, step: OrderStep, note: string): Promise<Refusal | null> => {
      const answer = await seatLink.call('order.step', { workId, step, note });
      return said(answer.ok ? null : answer.error);
    },
  };
};

/** "15", "15.5", "15.50" yuan. */
export const amountFen = (text: string): number | undefined => {
  const plain = text.normalize('NFKC').trim().replace(/^¥/u, '');
  return /^\d{1,6}(\.\d{1,2})?$/u.test(plain) ? Math.round(Number(plain) * 100) : undefined;
};
