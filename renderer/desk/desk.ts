import type { AgentState } from '../../shared/agent.ts';
import type { DeviceInUse } from '../../shared/devices.ts';
import type { AgentId } from '../../shared/ids.ts';
import { refusal } from '../../shared/result.ts';
import type { SeatSnapshot } from '../../shared/seat.ts';
import { type Actions, makeActions } from './actions.ts';
import { afterPaint } from './after-paint.ts';
import { type Clock, type ClockStore, tickingClock } from './clock.ts';
import { type Finding, keepFinding } from './find/find-store.ts';
import { type Histories, keepHistory } from './history/history-store.ts';
import { keepPlayer, type Player } from './history/player-store.ts';
import type { Speaker } from './history/speaker.ts';
import type { Host } from './hosts.ts';
import { type Command, commandOf, pressOf } from './keys.ts';
import { keptPreferences, type PreferencesStore } from './preferences.ts';
import { bounceGuard, runCommand } from './run-command.ts';
import { type BoardStore, keepBoard } from './supervision/board-store.ts';
import {
  type LevelsStore,
  linkPhone,
  linkSeat,
  type PhoneStore,
  type QualityStore,
  type SeatLink,
  type SeatStore,
} from './seat-store.ts';
import { keepProgressive } from './tasks/progressive.ts';
import { keepScripts, type Scripts } from './scripts/scripts-store.ts';
import { keepShiftCheck, type ShiftCheck } from './shift/shift-check.ts';
import { keepTour, type Tour } from './tour/tour.ts';
import { keepTyping, type Typing } from './typing.ts';
import { askFocus, makeUi, tell, tidyForContact, type UiStore } from './ui-store.ts';
import { isLive } from './view.ts';
import { type DraftStore, keepDraft } from './wrap-up/draft.ts';

/** The desk without its screens: stores, actions and keys, built once. */
export type Desk = {
  readonly seat: SeatStore;
  readonly phone: PhoneStore;
  readonly levels: LevelsStore;
  readonly quality: QualityStore;
  readonly clock: ClockStore;
  readonly ui: UiStore;
  readonly draft: DraftStore;
  readonly preferences: PreferencesStore;
  readonly board: BoardStore;
  readonly finding: Finding;
  readonly scripts: Scripts;
  readonly history: Histories;
  readonly player: Player;
  readonly shift: ShiftCheck;
  readonly tour: Tour;
  readonly actions: Actions;
  readonly run: (command: Command) => boolean;
  /** Told of every key, so that what moves by itself moves beside them. */
  readonly typing: Pick<Typing, 'pressed'>;
  /** Wall clock with sub-millisecond parts, for the trace of the pop. */
  readonly preciseNow: () => number;
  readonly stop: () => void;
};

export type Surroundings = {
  readonly host: Host;
  readonly clock: Clock;
  readonly random: () => number;
  readonly preciseNow: () => number;
  /** Kept over restarts: language, theme, and who has seen the tour. */
  readonly local: Pick<Storage, 'getItem' | 'setItem'>;
  readonly systemLanguage: string;
  /** Into the system's clipboard; rejects when that is not allowed. */
  readonly copy: (text: string) => Promise<void>;
  /** For what was recorded; calls sound in the phone's page. */
  readonly speaker: Speaker;
  /** Another page of the browser, which learns nothing of this one. */
  readonly openPage: (url: string) => void;
};

export const makeDesk = (around: Surroundings): Desk => {
  const { host, clock, random } = around;
  const typing = keepTyping(clock, afterPaint);
  const { store: seat, link: seatLink } = linkSeat(host, clock, random);
  const { store: phone, levels, quality, link: phoneLink } = linkPhone(host, clock, random, { seat, typing });
  const ui = makeUi();
  const ticking = tickingClock(clock, typing);
  const draft = keepDraft(
    (contactId, note, disposition) => seatLink.call('draft.save', { contactId, note, disposition: [...disposition] }),
    around.clock,
  );
  const board = keepBoard(() => seatLink.call('supervise.calls', {}), ui, around.clock);
  const finding = keepFinding((text, where) => seatLink.call('customer.search', { text, where }), around.clock);
  const scripts = keepScripts(seatLink, () => ownId(seat.getState().snapshot), around.clock);
  const { history, player, leave } = keepPast(around, seatLink, phone, ui);
  const actions = makeActions({
    ...{ seat, seatLink, phone, phoneLink, ui, draft },
    copy: around.copy,
    openPage: around.openPage,
    now: around.clock.now,
  });

  const shift = keepShiftCheck({ seat, seatLink, phone, phoneLink, levels, tell: (refusal) => tell(ui, refusal) });

  const tour = keepTour(seat, around.local);

  seat.subscribe(({ snapshot }, before) => {
    if (snapshot === null || snapshot === before.snapshot) return;
    draft.follow(snapshot.contact);
    if (snapshot.contact?.contact.id !== before.snapshot?.contact?.contact.id) tidyForContact(ui);
    if (began(before.snapshot?.agent, snapshot.agent, 'wrapUp')) {
      ui.setState({ history: false });
      if (!isTyping()) askFocus(ui, 'disposition');
    }
    if (!isIn(snapshot)) {
      finding.type('');
      leave();
    }
    if (!isIn(before.snapshot) && isIn(snapshot)) {
      if (snapshot.session.kind === 'signedIn' && snapshot.session.practice && snapshot.contact === null)
        ui.setState({ side: 'practice' });
    }
  });

  const isBounce = bounceGuard(around.clock.now);
  const progressive = keepProgressive(seat, around.clock, () => actions.dialTask());
  const stops = [...checkOnce(seat, phone, actions), progressive, scripts.stop, ticking.stop, typing.stop, board.stop];

  return {
    seat,
    phone,
    levels,
    quality,
    clock: ticking.store,
    ui,
    draft: draft.store,
    preferences: keptPreferences(around.local, around.systemLanguage),
    board: board.store,
    finding,
    scripts,
    history,
    player,
    shift,
    tour,
    actions,
    typing,
    run: (command) =>
      runCommand({ seat, phone, ui, draft: draft.store, actions, shift, tour, finding, history, isBounce }, command),
    preciseNow: around.preciseNow,
    stop: () => {
      draft.flush();
      for (const stop of stops) stop();
      shift.stop();
      tour.stop();
      leave();
      finding.stop();
      seatLink.stop();
      phoneLink.stop();
    },
  };
};

/** Devices are checked as soon as an agent is there and the phone can be asked: being Ready then needs no extra click. */
const checkOnce = (seat: SeatStore, phone: PhoneStore, actions: Actions): readonly (() => void)[] => {
  let asked = false;
  const check = (): void => {
    const { link, state } = phone.getState();
    const unchecked = link.kind === 'up' && state.devices.kind === 'unchecked';
    if (unchecked && isIn(seat.getState().snapshot) && !asked) {
      asked = true;
      void actions.checkDevices();
    }
    if (!isIn(seat.getState().snapshot)) asked = false;
  };
  return [seat.subscribe(check), phone.subscribe(check)];
};

/** Contacts of before, and what plays them. `leave`: nobody looks at them any more. */
const keepPast = (around: Surroundings, seatLink: SeatLink, phone: PhoneStore, ui: UiStore) => {
  const history = keepHistory(seatLink);
  const player = keepPlayer({
    sound: (asked) => seatLink.call('recording.sound', asked),
    heard: (stretch) => void seatLink.call('recording.played', stretch),
    // A customer would be talked over, or hear another.
    mayPlay: () => (phone.getState().state.calls.some(isLive) ? refusal('conflict', 'playAfterCall') : null),
    speaker: around.speaker,
    sink: () => sinkOf(phone.getState().devices.uses.speaker),
    clock: around.clock,
  });
  phone.subscribe(({ state }) => {
    if (state.calls.some(isLive)) player.pause();
  });
  return {
    history,
    player,
    leave: () => {
      player.show(null);
      history.forget();
      ui.setState({ history: false });
    },
  };
};

/** As the phone's own sound: where the agent hears customers. */
const sinkOf = (speaker: DeviceInUse): string => (speaker.kind === 'chosen' ? speaker.id : '');

/** Keys reach the desk wherever the focus is. The result takes the listener away again. */
export const listenToKeys = (desk: Pick<Desk, 'run' | 'typing'>, page: Window): (() => void) => {
  const listen = (event: KeyboardEvent): void => {
    desk.typing.pressed();
    const press = pressOf(event);
    const command = commandOf(press);
    if (command === undefined) return;
    // A key held down is one press, but must not fall through to the browser (F5 reloads).
    if (press.repeat) return event.preventDefault();
    if (!desk.run(command)) return;
    event.preventDefault();
    if (command.kind === 'escape' && press.typing && event.target instanceof HTMLElement) event.target.blur();
  };
  page.addEventListener('keydown', listen);
  return () => page.removeEventListener('keydown', listen);
};

const isIn = (snapshot: SeatSnapshot | null): boolean => snapshot?.session.kind === 'signedIn';

const ownId = (snapshot: SeatSnapshot | null): AgentId | null =>
  snapshot?.session.kind === 'signedIn' ? snapshot.session.agent.id : null;

const began = (before: AgentState | undefined, now: AgentState, kind: AgentState['kind']): boolean =>
  now.kind === kind && before !== undefined && before.kind !== kind;

const isTyping = (): boolean =>
  typeof document !== 'undefined' && document.activeElement?.matches('input, textarea, select') === true;
