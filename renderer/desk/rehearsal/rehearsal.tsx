import { flushSync } from 'react-dom';
import { createRoot } from 'react-dom/client';
import { createStore } from 'zustand/vanilla';
import type { Call } from '../../../shared/call.ts';
import type { SeatSnapshot } from '../../../shared/seat.ts';
import { CallRegion } from '../call-region.tsx';
import { ContactRegion } from '../contact-region.tsx';
import { DeskProvider, WordsProvider } from '../context.tsx';
import type { Desk } from '../desk.ts';
import type { PhoneView, Seat } from '../seat-store.ts';
import { makeUi } from '../ui-store.ts';
import { isLive, type SignedIn } from '../view.ts';
import type { Draft } from '../wrap-up/draft.ts';
import { madeUp, type MadeUp } from './made-up.ts';

/**
 * A pop nobody sees, once after the sign-in while the page has nothing to do: the first customer of a shift would else wait for what a
 * browser does when it runs code for the first time, takes sentences apart and lays such a page out. It is drawn by the desk's own screens
 * from stores of its own, beside the desk, invisible and out of reach; a real call ends it at once.
 */
export const rehearse = async (desk: Desk, page: Document, idle: () => Promise<void>): Promise<void> => {
  await idle();
  const scene = makeUp(desk);
  if (scene === undefined || isWanted(desk)) return;
  const host = page.createElement('div');
  host.className = 'rehearsal';
  host.setAttribute('inert', '');
  host.setAttribute('aria-hidden', 'true');
  page.body.append(host);
  const root = createRoot(host);
  try {
    for (const act of scene.acts) {
      if (isWanted(desk)) return;
      act();
      flushSync(() => root.render(scene.screens));
      // Laid out as well: the fonts and their sizes are part of it.
      host.getBoundingClientRect();
      await idle();
    }
  } finally {
    root.unmount();
    host.remove();
  }
};

/** Somebody is on the line, or the agent has left: the page has something to do. */
const isWanted = ({ seat, phone }: Desk): boolean => {
  const { snapshot } = seat.getState();
  const isHere = snapshot?.session.kind === 'signedIn' && snapshot.contact === null;
  return !isHere || phone.getState().state.calls.some(isLive);
};

const makeUp = (desk: Desk) => {
  const { snapshot } = desk.seat.getState();
  const caller = madeUp(desk.clock.getState().nowMs);
  if (snapshot?.session.kind !== 'signedIn' || caller === undefined) return undefined;
  const { session } = snapshot;
  const seat = createStore<Seat>(() => ({ link: { kind: 'up' }, snapshot: ringing(snapshot, caller) }));
  const phone = createStore<PhoneView>(() => withCall(desk.phone.getState(), caller.ringing));
  const ui = makeUi();
  const { id: contactId } = caller.view.contact;
  const draft = createStore<Draft>(() => ({ contactId, note: '', disposition: [], saving: { kind: 'same' } }));
  // Nothing of it is measured, and nothing asks the engine for anything.
  const actions: Desk['actions'] = { ...desk.actions, painted: () => {} };
  const stand: Desk = { ...desk, seat, phone, ui, draft, actions };
  return {
    screens: <Screens desk={stand} session={session} />,
    acts: [
      () => {},
      // What a pop draws with its second frame is there by now.
      () => ui.setState({ flow: 'topic' }),
      () => {
        phone.setState(withCall(phone.getState(), caller.talking));
        seat.setState({ snapshot: talking(snapshot, caller) });
        ui.setState({ flow: 'script' });
      },
      () => ui.setState({ drawer: 'open' }),
    ],
  };
};

const Screens = ({ desk, session }: { readonly desk: Desk; readonly session: SignedIn }) => (
  <DeskProvider value={desk}>
    <WordsProvider>
      <div className="column">
        <CallRegion session={session} />
        <div className="stage" data-side={false}>
          <div className="main">
            <ContactRegion session={session} />
          </div>
        </div>
      </div>
    </WordsProvider>
  </DeskProvider>
);

const withCall = (view: PhoneView, call: Call): PhoneView => ({ ...view, state: { ...view.state, calls: [call] } });

const ringing = (snapshot: SeatSnapshot, { view, ringing: call }: MadeUp): SeatSnapshot => ({
  ...snapshot,
  agent: {
    kind: 'reserved',
    callId: call.id,
    contactId: call.contactId,
    then: { kind: 'ready' },
    sinceMs: view.readyAtMs,
  },
  contact: view,
});

const talking = (snapshot: SeatSnapshot, { view, talking: call }: MadeUp): SeatSnapshot => ({
  ...snapshot,
  agent: {
    kind: 'onCall',
    callId: call.id,
    contactId: call.contactId,
    then: { kind: 'ready' },
    sinceMs: view.readyAtMs,
  },
  contact: { ...view, contact: { ...view.contact, answeredAtMs: view.readyAtMs } },
});
