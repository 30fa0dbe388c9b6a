import type { ContactId } from '../../shared/ids.ts';
import type { Hands } from './hands.ts';

/** R41, R42: everything there is to tell, the order, the customer's yes, the text. Only where the call goes by the script of a tariff. */
export const sell = async (hands: Hands, contactId: ContactId): Promise<void> => {
  const { chance } = hands;
  const script = hands.seat.view()?.contact?.script?.script;
  if (script?.tariffId === undefined) return;
  for (const step of script.steps)
    for (const { id: itemId } of step.disclosures ?? []) {
      // One forgotten: central will not have it.
      if (chance.once(40)) continue;
      const told = await hands.desk('script.tell', { contactId, stepId: step.id, itemId });
      if (!told.ok) return;
      hands.promised(
        'contact.disclosed',
        contactId,
        (body) => body.contactId === contactId && body.stepId === step.id && body.itemId === itemId,
      );
    }
  const flow = chance.once(3) ? 'delivered' : 'onSpot';
  const payment = chance.once(2) ? { way: 'online' as const, amountFen: 1_500 } : null;
  const delivery = flow === 'delivered' ? { by: 'courier' as const } : null;
  const name = hands.words();
  const made = await hands.desk('order.open', { contactId, flow, name, payment, delivery, note: hands.words() });
  if (!made.ok) return;
  const { workId } = made.value;
  hands.promised('order.opened', workId, (body) => body.workId === workId && body.flow === flow);
  for (const step of ['consented', 'confirmAsked'] as const) {
    if (chance.once(10)) return;
    const done = await hands.desk('order.step', { workId, step, note: hands.words() });
    if (!done.ok) return;
    hands.promised('order.stepped', workId, (body) => body.workId === workId && body.step === step);
  }
};
