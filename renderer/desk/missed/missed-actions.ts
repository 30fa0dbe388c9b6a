import type { ContactId } from '../../../shared/ids.ts';
import { type Refusal, refusal } from '../../../shared/result.ts';
import type { PhoneLink, SeatLink } from '../seat-store.ts';
import { tell, type UiStore } from '../ui-store.ts';

type Parts = { readonly seatLink: SeatLink; readonly phoneLink: PhoneLink; readonly ui: UiStore };

/** R38: calls that were not answered here, and calling back: by the contact, so that no number is named, and by the one dial policy (R21). */
export const missedActions = ({ seatLink, phoneLink, ui }: Parts) => {
  const load = async (): Promise<void> => {
    const here = await seatLink.call('missed.list', { where: 'seat' });
    if (!here.ok) return;
    ui.setState({ missed: here.value });
    // Whether a colleague has talked with them meanwhile is central's to know; off line the seat's own word stands.
    if (here.value.calls.every(({ state }) => state.kind !== 'open')) return;
    const whole = await seatLink.call('missed.list', { where: 'central' });
    if (whole.ok) ui.setState({ missed: whole.value });
  };
  let loadedAfter = '';
  return {
    /** Once after each thing that may have changed it. */
    loadMissed: async (after: string): Promise<void> => {
      if (after === loadedAfter) return;
      loadedAfter = after;
      await load();
    },
    /** Without a contact: the newest that is still open. */
    callBackMissed: async (contactId?: ContactId): Promise<Refusal | null> => {
      if (contactId === undefined) await load();
      const open = ui.getState().missed?.calls.find(({ state, shown }) => state.kind === 'open' && shown !== '');
      const wanted = contactId ?? open?.contactId;
      const answer = wanted === undefined ? undefined : await phoneLink.call('dial', { what: { contactId: wanted } });
      if (answer?.ok === true) return null;
      const why = answer?.error ?? refusal('notFound', 'nothingMissed');
      tell(ui, why);
      return why;
    },
    dialColleague: async (number: string): Promise<void> => {
      const answer = await phoneLink.call('dial', { what: { text: number } });
      if (!answer.ok) tell(ui, answer.error);
    },
    teamMissed: () => seatLink.call('missed.team', {}),
  };
};
