import type { DialWhat } from '../../shared/phone.ts';
import { type Refusal, refusal, type Result } from '../../shared/result.ts';
import { type Lines, linesOf, isMerged } from './lines.ts';
import type { PhoneLink, PhoneStore, SeatLink, SeatStore } from './seat-store.ts';
import { askFocus, tell, type UiStore } from './ui-store.ts';

type Parts = {
  readonly seat: SeatStore;
  readonly seatLink: SeatLink;
  readonly phone: PhoneStore;
  readonly phoneLink: PhoneLink;
  readonly ui: UiStore;
};

/** What can be done with a second party. Every number goes by the engine (R21); nothing here decides whom one may reach. */
export const lineActions = (parts: Parts) => {
  const { phone, phoneLink, seat, seatLink, ui } = parts;
  const lines = (): Lines =>
    linesOf(phone.getState().state.calls, seat.getState().snapshot?.contact?.contact.id ?? null);
  const told = async (asked: Promise<Result<unknown>>): Promise<Refusal | null> => {
    const answer = await asked;
    if (answer.ok) return null;
    tell(ui, answer.error);
    return answer.error;
  };
  const nothing = Promise.resolve(null);
  /** A refusal belongs beside the list it was chosen from. */
  const reach = async (asked: Promise<Result<unknown>>): Promise<Refusal | null> => {
    const answer = await asked;
    if (!answer.ok) return answer.error;
    ui.setState({ transfer: null });
    return null;
  };
  const loadDirectory = async (): Promise<void> => {
    const listed = await seatLink.call('directory.list', {});
    if (!listed.ok) return;
    ui.setState(({ directory }) => ({ directory: { states: directory?.states ?? [], ...listed.value } }));
    const told = await seatLink.call('directory.states', {});
    // Off line nobody knows what colleagues are doing; what was known a while ago is not shown as now.
    const states = told.ok ? told.value.colleagues : [];
    ui.setState(({ directory }) => (directory === null ? {} : { directory: { ...directory, states } }));
  };
  return {
    loadDirectory,
    /** F6: asks whom; with two calls it hands the customer over. */
    transfer: (to = '') => {
      const { own, other } = lines();
      if (own !== undefined && other?.state.kind === 'talking')
        return told(phoneLink.call('completeTransfer', { callId: own.id, consultId: other.id }));
      if (other !== undefined || own === undefined) return nothing;
      const { kind } = own.state;
      if (kind !== 'talking' && (kind !== 'ringing' || own.direction !== 'inbound')) return nothing;
      const isOpen = ui.getState().transfer !== null;
      ui.setState({ transfer: isOpen ? null : kind === 'ringing' ? 'divert' : 'transfer', transferTo: to });
      if (isOpen) return nothing;
      askFocus(ui, 'transfer');
      void loadDirectory();
      return nothing;
    },
    consult: (to: DialWhat): Promise<Refusal | null> => {
      const { own } = lines();
      return own === undefined ? callOver() : reach(phoneLink.call('consult', { callId: own.id, to }));
    },
    handOver: (to: DialWhat): Promise<Refusal | null> => {
      const { own } = lines();
      return own === undefined ? callOver() : reach(phoneLink.call('transfer', { callId: own.id, to }));
    },
    divert: (to: DialWhat): Promise<Refusal | null> => {
      const { own } = lines();
      return own === undefined ? callOver() : reach(phoneLink.call('divert', { callId: own.id, to }));
    },
    swap: () => (lines().other === undefined ? nothing : told(phoneLink.call('swap', {}))),
    /** The consultation ends, the customer is taken back. */
    cancelConsult: () => {
      const { own, other } = lines();
      if (own === undefined || other === undefined) return nothing;
      return told(phoneLink.call('cancelConsult', { consultId: other.id }));
    },
    /** All three, or apart again. */
    join: () => {
      const { own, other } = lines();
      if (own === undefined || other === undefined) return nothing;
      if (isMerged(other)) return told(phoneLink.call('part', {}));
      return told(phoneLink.call('merge', { callId: own.id, otherId: other.id }));
    },
    /** A colleague who rings is told no; the call in hand goes on. */
    decline: () => {
      const { waiting } = lines();
      return waiting === undefined ? nothing : told(phoneLink.call('reject', { callId: waiting.id }));
    },
    /** The number dialled last, without its being shown. */
    redial: async (): Promise<Refusal | null> => {
      const listed = await seatLink.call('directory.list', {});
      if (!listed.ok) return told(Promise.resolve(listed));
      const last = listed.value.recent.find(({ direction }) => direction === 'outbound');
      if (last !== undefined) return told(phoneLink.call('dial', { what: { contactId: last.contactId } }));
      const why = refusal('notFound', 'nothingDialled');
      tell(ui, why);
      return why;
    },
  };
};

const callOver = (): Promise<Refusal> => Promise.resolve(refusal('conflict', 'callEnded'));
