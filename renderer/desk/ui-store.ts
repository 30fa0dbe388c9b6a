import { createStore, type StoreApi } from 'zustand/vanilla';
import type { ColleagueStates, RecentNumber, Target } from '../../shared/directory.ts';
import type { ContactId } from '../../shared/ids.ts';
import type { MissedCalls } from '../../shared/missed-calls.ts';
import type { couriers, paymentWays } from '../../shared/order.ts';
import type { Refusal } from '../../shared/result.ts';
import type { AnyFactor } from '../../shared/verification-tables.ts';

export const sidePanels = ['find', 'dial', 'due', 'cases', 'orders', 'practice', 'board', 'devices', 'sync'] as const;
export type SidePanel = (typeof sidePanels)[number];
export type Overlay = 'keys' | 'state' | 'palette' | 'account' | 'diagnostics' | 'day';
export type FlowStep = 'topic' | 'verify' | 'script' | 'order';
/** Where an agent stands who asks for help: the panel they type in, else what the desk is about now. */
export type Place = SidePanel | FlowStep | 'signIn' | 'scripts' | 'shift' | 'idle' | 'ringing' | 'who' | 'wrapUp';

/** Fields a key can bring the focus to. */
export type FocusTarget =
  | 'note'
  | 'disposition'
  | 'find'
  | 'dial'
  | 'factor'
  | 'search'
  | 'transfer'
  | 'devices'
  | 'due'
  | 'case'
  | 'profile'
  | 'history'
  | 'historyList';

/** At the door: nothing asked, asking, or turned away and why. */
export type Door = { readonly kind: 'idle' | 'asking' } | { readonly kind: 'refused'; readonly why: Refusal };

/** A new order as it is being filled in, and the note of the next step. `name: null`: what the script is about. `way: ''`: on the bill. */
export type OrderForm = {
  readonly name: string | null;
  readonly way: (typeof paymentWays)[number] | '';
  readonly amount: string;
  readonly by: (typeof couriers)[number];
  readonly note: string;
  readonly why: Refusal | null;
};
export const noOrderForm: OrderForm = { name: null, way: '', amount: '', by: 'courier', note: '', why: null };

/** What is open on the desk. Nothing here is worth keeping over a reload: everything that is lives in the engine. */
export type Ui = {
  readonly side: SidePanel | null;
  /** A lead writes scripts, where the agent without a call would see the day. */
  readonly scripts: boolean;
  /** Contacts of before, in place of the day or of the contact in hand; a new contact and its wrap-up come first. */
  readonly history: boolean;
  /** R24: what is owed by day and hour, between calls. */
  readonly week: boolean;
  /** A lead's tasks, in the same place. */
  readonly tasks: boolean;
  /** What came of the work, in the same place. */
  readonly figuresScreen: boolean;
  /** The working calendar, in the same place. */
  readonly calendarScreen: boolean;
  readonly overlay: Overlay | null;
  /** Where the agent stood when they asked for help. */
  readonly helpAt: Place;
  readonly door: Door;
  readonly drawer: 'strip' | 'open';
  readonly keypad: boolean;
  /** The figures behind the call's quality. */
  readonly figures: boolean;
  /** What was copied for support last; on view while the overlay is. */
  readonly diagnostics: { readonly text: string; readonly isCopied: boolean } | null;
  /** Choosing whom to hand the call to; `divert` while it rings. */
  readonly transfer: 'transfer' | 'divert' | null;
  /** Whom the list is opened with. */
  readonly transferTo: string;
  /** The failed hand-over (by when it was asked for) whose note was closed. */
  readonly transferNoteClosedMs: number | null;
  /** Digits sent in this call, shown on the keypad. */
  readonly dialled: string;
  readonly objections:
    | { readonly kind: 'closed' }
    | { readonly kind: 'list' }
    | { readonly kind: 'one'; readonly id: string };
  /** A step the agent went to by hand; null: the one the contact is at. */
  readonly flow: FlowStep | null;
  readonly order: OrderForm;
  readonly factor: AnyFactor | null;
  /** Outcome of the last check of this factor in this contact. */
  readonly checked: { readonly factor: AnyFactor; readonly matched: boolean; readonly triesLeft: number } | null;
  readonly codeExpiresAtMs: number | null;
  /** When the carrier last took no text message, and has taken none since; of any contact. */
  readonly smsFailedAtMs: number | null;
  /** The contact for which the agent said "none of these". */
  readonly declined: ContactId | null;
  /** A lead asked once to take the call over; asking again does it. */
  readonly takeOverAsked: boolean;
  /** Why the wrap-up could not be finished; shown beside its button. */
  readonly unfinished: Refusal | null;
  /** Last refusal to tell the agent; `n` makes the same sentence heard again. */
  readonly trouble: { readonly refusal: Refusal; readonly n: number } | null;
  /** As last asked for; null: not yet. */
  readonly directory: {
    readonly targets: readonly Target[];
    readonly recent: readonly RecentNumber[];
    readonly states: ColleagueStates['colleagues'];
  } | null;
  /** R38, as last asked for; null: not yet. */
  readonly missed: MissedCalls | null;
  /** `n` makes a repeated wish for the same field a new one. */
  readonly focus: { readonly target: FocusTarget; readonly n: number } | null;
};
export type UiStore = StoreApi<Ui>;

const contactPart = {
  drawer: 'strip',
  keypad: false,
  figures: false,
  transfer: null,
  transferTo: '',
  transferNoteClosedMs: null,
  dialled: '',
  objections: { kind: 'closed' },
  flow: null,
  order: noOrderForm,
  factor: null,
  checked: null,
  codeExpiresAtMs: null,
  declined: null,
  unfinished: null,
} as const satisfies Partial<Ui>;

export const makeUi = (): UiStore =>
  createStore<Ui>(() => ({
    ...contactPart,
    takeOverAsked: false,
    smsFailedAtMs: null,
    side: null,
    scripts: false,
    history: false,
    week: false,
    tasks: false,
    figuresScreen: false,
    calendarScreen: false,
    overlay: null,
    helpAt: 'idle',
    diagnostics: null,
    door: { kind: 'idle' },
    trouble: null,
    directory: null,
    missed: null,
    focus: null,
  }));

/** The desk itself: no screen of a lead's over it. */
export const noScreen = {
  ...{ side: null, scripts: false, tasks: false, figuresScreen: false, calendarScreen: false, history: false },
  week: false,
} as const satisfies Partial<Ui>;

/** A new contact begins with a tidy work area; side panels stay, somebody may be typing there. */
export const tidyForContact = (ui: UiStore): void => ui.setState({ ...contactPart, history: false });

export const askFocus = (ui: UiStore, target: FocusTarget): void =>
  ui.setState(({ focus }) => ({ focus: { target, n: (focus?.n ?? 0) + 1 } }));

export const tell = (ui: UiStore, refusal: Refusal): void =>
  ui.setState(({ trouble }) => ({ trouble: { refusal, n: (trouble?.n ?? 0) + 1 } }));

export const toggleSide = (ui: UiStore, panel: SidePanel): void =>
  ui.setState(({ side }) => ({ side: side === panel ? null : panel }));
