import type { PastContact } from '../../shared/customer.ts';
import type { ForcedTo, ReasonRooms } from '../../shared/forced-state.ts';
import type { AgentId, ContactId, CustomerId, TopicId } from '../../shared/ids.ts';
import type { DialWhat } from '../../shared/phone.ts';
import { ok, type Refusal, refusal, refused, type Result } from '../../shared/result.ts';
import type { SupervisionMode } from '../../shared/supervision.ts';
import { actionOf } from '../../shared/classes.ts';
import type { Factor } from '../../shared/verification.ts';
import type { OverrideReason } from '../../shared/verification-api.ts';
import type { AccountAction } from '../../shared/verification-tables.ts';
import { calendarActions } from './calendar/calendar-actions.ts';
import { profileActions } from './customer/profile-actions.ts';
import { deviceActions } from './devices/device-actions.ts';
import { figureActions } from './figures/figure-actions.ts';
import { lineActions } from './line-actions.ts';
import { isMerged, linesOf } from './lines.ts';
import { missedActions } from './missed/missed-actions.ts';
import type { PhoneLink, PhoneStore, SeatLink, SeatStore } from './seat-store.ts';
import { repairActions } from './sync/repair-actions.ts';
import { diagnosticsActions } from './diagnostics/diagnostics-actions.ts';
import { orderActions } from './orders/order-actions.ts';
import { taskActions } from './tasks/task-actions.ts';
import { workActions } from './work-owed/work-actions.ts';
import { tell, type UiStore } from './ui-store.ts';
import { currentStep, topicOf } from './view.ts';
import type { DraftKeeper } from './wrap-up/draft.ts';

type Parts = {
  readonly seat: SeatStore;
  readonly seatLink: SeatLink;
  readonly phone: PhoneStore;
  readonly phoneLink: PhoneLink;
  readonly ui: UiStore;
  readonly draft: DraftKeeper;
  readonly copy: (text: string) => Promise<void>;
  readonly openPage: (url: string) => void;
  readonly now: () => number;
};

/**
 * What the agent can do. Each asks engine or phone and tells a refusal as a sentence; those whose refusal belongs beside a field
 * give it back as well.
 */
export type Actions = ReturnType<typeof makeActions>;

export const makeActions = (parts: Parts) => ({
  ...sessionActions(parts),
  ...callActions(parts),
  ...lineActions(parts),
  ...contactActions(parts),
  ...profileActions(parts.seat, parts.seatLink, teller(parts)),
  ...checkActions(parts),
  ...wrapUpActions(parts),
  ...lookUpActions(parts),
  ...deviceActions(parts.phoneLink, teller(parts)),
  ...supervisionActions(parts),
  ...diagnosticsActions(parts),
  ...workActions(parts),
  ...orderActions(parts),
  ...taskActions(parts, teller(parts)),
  ...figureActions(parts.seatLink),
  ...missedActions(parts),
  ...calendarActions(parts.seatLink),
  repair: repairActions(parts.seatLink),
});

const teller =
  ({ ui }: Parts) =>
  async (asked: Promise<Result<unknown>>): Promise<Refusal | null> => {
    const answer = await asked;
    if (answer.ok) return null;
    tell(ui, answer.error);
    return answer.error;
  };

const refusalOf = async (asked: Promise<Result<unknown>>): Promise<Refusal | null> => {
  const answer = await asked;
  return answer.ok ? null : answer.error;
};

type SignInAsked = { readonly agentNumber: string; readonly password: string; readonly takeOver?: boolean };

const sessionActions = (parts: Parts) => {
  const { seatLink, phoneLink, phone, ui } = parts;
  const told = teller(parts);
  /** Kept while the agent decides about the other seat, and no longer. */
  let turnedAway: SignInAsked | null = null;
  const signIn = async (asked: SignInAsked): Promise<void> => {
    if (ui.getState().door.kind === 'asking') return;
    ui.setState({ door: { kind: 'asking' } });
    const why = await refusalOf(seatLink.call('session.signIn', asked));
    turnedAway = why?.reason === 'signedInElsewhere' ? asked : null;
    ui.setState({ door: why === null ? { kind: 'idle' } : { kind: 'refused', why } });
  };
  return {
    signIn: (agentNumber: string, password: string): Promise<void> => signIn({ agentNumber, password }),
    /** Turned away because of another seat: the same sign-in again, which ends that one. */
    leaveOtherSeat: (): Promise<void> =>
      turnedAway === null ? Promise.resolve() : signIn({ ...turnedAway, takeOver: true }),
    /** What comes of it, refusals included, is told by the session. */
    companySignIn: async (): Promise<void> => {
      ui.setState({ door: { kind: 'idle' } });
      const begun = await seatLink.call('session.company', {});
      if (begun.ok && begun.value.open !== null) parts.openPage(begun.value.open);
    },
    companyTakeOver: async (): Promise<void> => void (await seatLink.call('session.companyTakeOver', {})),
    companyCancel: async (): Promise<void> => void (await seatLink.call('session.companyCancel', {})),
    /** From the summary of the shift; one that cannot leave reads why, and is where they were. */
    leave: (): Promise<Refusal | null> => {
      ui.setState({ overlay: null });
      return told(seatLink.call('session.signOut', {}));
    },
    rooms: async (): Promise<ReasonRooms['rooms']> => {
      const answer = await seatLink.call('day.rooms', {});
      return answer.ok ? answer.value.rooms : [];
    },
    forcedSeen: async (): Promise<void> => void (await seatLink.call('forced.seen', {})),
    teamStates: () => seatLink.call('team.states', {}),
    forceState: (agentId: AgentId, to: ForcedTo, why: string) =>
      refusalOf(seatLink.call('team.force', { agentId, to, why })),
    dayAtCentral: () => seatLink.call('day.atCentral', {}),
    /** Only with a microphone that works: a Ready agent without one would greet in silence. */
    ready: async (): Promise<Refusal | null> => {
      if (phone.getState().state.devices.kind === 'ready') return told(seatLink.call('agent.ready', {}));
      const why = refusal('phone', 'devicesFirst');
      tell(ui, why);
      return why;
    },
    notReady: (reason: string) => told(seatLink.call('agent.notReady', { reason })),
    checkDevices: () => told(phoneLink.call('checkDevices', {})),
    reconnectLine: () => told(phoneLink.call('reconnect', {})),
    takeSeat: () => seatLink.retry(),
    retryLinks: () => {
      if (parts.seat.getState().link.kind === 'lost') seatLink.retry();
      if (phone.getState().link.kind === 'lost') phoneLink.retry();
    },
  };
};

const callActions = (parts: Parts) => {
  const { phone, phoneLink, seat, ui } = parts;
  const told = teller(parts);
  const lines = () => linesOf(phone.getState().state.calls, seat.getState().snapshot?.contact?.contact.id ?? null);
  /** Whom the agent is with: the second party while there is one and the customer is held. */
  const inHand = () => lines().ear;
  return {
    answer: () => {
      const call = phone.getState().state.calls.find((other) => other.state.kind === 'ringing');
      return call === undefined ? Promise.resolve(null) : told(phoneLink.call('answer', { callId: call.id }));
    },
    /** Hangs up; a call still ringing is declined. F4 right behind F2 finds it answered meanwhile: then it is hung up. */
    hangUp: async () => {
      // With nothing else in hand the key ends an echo test.
      const call = inHand() ?? phone.getState().state.calls.find((other) => other.aside?.kind === 'check');
      if (call === undefined || call.state.kind === 'ended') return null;
      const { id: callId } = call;
      const declined = call.state.kind === 'ringing' ? await phoneLink.call('reject', { callId }) : undefined;
      if (declined !== undefined && (declined.ok || declined.error.reason !== 'notRinging'))
        return told(Promise.resolve(declined));
      return told(phoneLink.call('hangUp', { callId }));
    },
    /** In a conversation of three the agent's voice goes two ways: muted is muted in both. */
    toggleMute: async () => {
      const { ear, own } = lines();
      if (ear?.state.kind !== 'talking') return null;
      const muted = ear.state.microphone === 'open';
      const why = await told(phoneLink.call('mute', { callId: ear.id, muted }));
      if (why !== null || own === undefined || own.id === ear.id || !isMerged(ear)) return why;
      return told(phoneLink.call('mute', { callId: own.id, muted }));
    },
    /** Back to the customer wherever they do not hear the agent, unless that is under way. */
    toggleHold: () => {
      const call = inHand();
      if (call?.state.kind !== 'talking') return Promise.resolve(null);
      const { kind } = call.state.hold;
      return told(phoneLink.call('hold', { callId: call.id, held: kind === 'none' || kind === 'resuming' }));
    },
    sendDigit: (digit: string) => {
      const call = inHand();
      if (call?.state.kind !== 'talking') return Promise.resolve(null);
      ui.setState(({ dialled }) => ({ dialled: `${dialled}${digit}`.slice(-32) }));
      return told(phoneLink.call('sendDigits', { callId: call.id, digits: digit }));
    },
    dial: (what: DialWhat) => refusalOf(phoneLink.call('dial', { what })),
    /** By click on a customer's number; the refusal is told in the status line. */
    dialCustomer: (customerId: CustomerId, numberIndex: number) =>
      told(phoneLink.call('dial', { what: { customerId, numberIndex } })),
  };
};

/** What the topic does to the account, for which the check is made. */
const actionNow = ({ seat }: Parts): { readonly action?: AccountAction } => {
  const { snapshot } = seat.getState();
  const of = snapshot === null ? undefined : actionOf(topicOf(snapshot));
  return of === undefined ? {} : { action: of };
};

/** Beyond what the customer says and the agent types: unheard entry, call back, a lead's word, and what a check opens. */
const checkActions = (parts: Parts) => {
  const { seat, seatLink, ui } = parts;
  const told = teller(parts);
  const action = () => actionNow(parts);
  const view = () => seat.getState().snapshot?.contact ?? null;
  const inCall = async (run: (contactId: ContactId) => Promise<Result<unknown>>): Promise<Refusal | null> => {
    const contactId = view()?.contact.id;
    return contactId === undefined ? null : refusalOf(run(contactId));
  };
  return {
    /** The customer keys the password in; what came of it is told like any other try. */
    keypad: async (): Promise<Refusal | null> => {
      const contactId = view()?.contact.id;
      if (contactId === undefined) return null;
      const answer = await seatLink.call('verification.keypad', { contactId, ...action() });
      if (!answer.ok) return answer.error;
      const { outcome, triesLeft } = answer.value;
      if (outcome === 'nothing' || outcome === 'cancelled') return refusal('conflict', 'nothingKeyed');
      const matched = outcome === 'matched';
      ui.setState({
        checked: { factor: 'keypadPassword', matched, triesLeft },
        ...(matched ? { factor: null } : {}),
      });
      return null;
    },
    keypadCancel: () => inCall((contactId) => seatLink.call('verification.keypadCancel', { contactId })),
    /** Security 65: a pass first; hanging up is the agent's, after the sentence. */
    stopAndCallBack: () => inCall((contactId) => seatLink.call('verification.callBack', { contactId })),
    dialCallBack: (): Promise<Refusal | null> => {
      const owed = seat.getState().snapshot?.callBack ?? null;
      if (owed === null) return Promise.resolve(null);
      const { customerId, numberIndex } = owed;
      return told(parts.phoneLink.call('dial', { what: { customerId, numberIndex } }));
    },
    askOverride: (reason: OverrideReason) =>
      inCall((contactId) => seatLink.call('verification.askOverride', { contactId, reason, ...action() })),
    showField: (key: string) => {
      const contactId = view()?.contact.id;
      return contactId === undefined ? Promise.resolve(null) : told(seatLink.call('field.reveal', { contactId, key }));
    },
    changeAccount: async (of: AccountAction, value: string | undefined) => {
      const contactId = view()?.contact.id;
      if (contactId === undefined) return refused(refusal('conflict', 'contactNotInHand'));
      const done = await seatLink.call('account.change', {
        ...{ contactId, action: of },
        ...(value === undefined ? {} : { value }),
      });
      // The step-up is used up; the conversation goes on with the script.
      if (done.ok) ui.setState({ flow: 'script', factor: null });
      return done;
    },
  };
};

const contactActions = (parts: Parts) => {
  const { seat, seatLink, ui } = parts;
  const told = teller(parts);
  const view = () => seat.getState().snapshot?.contact ?? null;
  let paintedId: ContactId | undefined;
  const onContact = (run: (contactId: ContactId) => Promise<Result<unknown>>): Promise<Refusal | null> => {
    const contactId = view()?.contact.id;
    return contactId === undefined ? Promise.resolve(null) : told(run(contactId));
  };
  const action = () => actionNow(parts);
  return {
    identify: (customerId: CustomerId | null) => {
      ui.setState({
        declined: customerId === null ? (view()?.contact.id ?? null) : null,
        flow: null,
        factor: null,
        checked: null,
      });
      return onContact((contactId) => seatLink.call('contact.identify', { contactId, customerId }));
    },
    chooseTopic: (topicId: TopicId) => {
      ui.setState({ flow: null, factor: null, checked: null, objections: { kind: 'closed' } });
      return onContact((contactId) => seatLink.call('contact.chooseTopic', { contactId, topicId }));
    },
    /** `answerId` null: the step has no answers, go on. */
    answerStep: (answerId: string | null) => {
      const contact = view();
      const step = contact === null ? undefined : currentStep(contact);
      if (step === undefined) return Promise.resolve(null);
      return onContact((contactId) => seatLink.call('script.answer', { contactId, stepId: step.id, answerId }));
    },
    stepBack: () => onContact((contactId) => seatLink.call('script.back', { contactId })),
    /** The typed value goes to the engine and nowhere else. */
    tryFactor: async (factor: Factor, value: string): Promise<Refusal | null> => {
      const contactId = view()?.contact.id;
      if (contactId === undefined) return null;
      const answer = await seatLink.call('verification.try', { contactId, factor, value, ...action() });
      if (!answer.ok) return answer.error;
      const { matched, triesLeft } = answer.value;
      ui.setState({ checked: { factor, matched, triesLeft }, ...(matched ? { factor: null } : {}) });
      return null;
    },
    sendCode: async (): Promise<Refusal | null> => {
      const contactId = view()?.contact.id;
      if (contactId === undefined) return null;
      const answer = await seatLink.call('verification.sendCode', { contactId, ...action() });
      if (!answer.ok) {
        if (answer.error.reason === 'smsUnavailable') ui.setState({ smsFailedAtMs: parts.now() });
        return answer.error;
      }
      ui.setState({ codeExpiresAtMs: answer.value.expiresAtMs, smsFailedAtMs: null });
      return null;
    },
    /** Around a secret (security 84); null once the recorder is silent. The reason is the factor's name. */
    pauseRecording: async (reason: Factor): Promise<Refusal | null> => {
      const contactId = view()?.contact.id;
      return contactId === undefined ? null : refusalOf(seatLink.call('recording.pause', { contactId, reason }));
    },
    resumeRecording: (): void => {
      const contactId = view()?.contact.id;
      if (contactId !== undefined) void seatLink.call('recording.resume', { contactId });
    },
    /** Once per contact, however often its pop is drawn. */
    painted: (contactId: ContactId, atMs: number): void => {
      if (contactId === paintedId) return;
      paintedId = contactId;
      void seatLink.call('trace.popPainted', { contactId, atMs });
    },
  };
};

const wrapUpActions = ({ seatLink, draft, ui }: Parts) => ({
  editNote: (note: string) => draft.edit({ note }),
  chooseDisposition: (disposition: readonly string[]) => {
    ui.setState({ unfinished: null });
    draft.edit({ disposition: [...disposition] });
  },
  finish: async (): Promise<void> => {
    const { contactId, note, disposition } = draft.store.getState();
    if (contactId === null) return;
    const unfinished = await refusalOf(seatLink.call('contact.wrapUp', { contactId, note, disposition }));
    // A contact that is done takes its refusals with it (`tidyForContact`).
    if (unfinished !== null) ui.setState({ unfinished });
  },
});

/** R35. What central and the exchange refuse is told in the status line. */
const supervisionActions = (parts: Parts) => {
  const { seat, seatLink, ui } = parts;
  const told = teller(parts);
  return {
    supervise: (agentId: AgentId, mode: SupervisionMode) => {
      ui.setState({ takeOverAsked: false });
      return told(seatLink.call('supervise.start', { agentId, mode }));
    },
    /** Taking over leaves the agent without the call: it takes a second press. */
    superviseAs: (mode: SupervisionMode) => {
      const isSure = ui.getState().takeOverAsked;
      const own = seat.getState().snapshot?.supervision;
      if (own?.kind !== 'on' || own.mode === 'takeOver') return Promise.resolve(null);
      ui.setState({ takeOverAsked: mode === 'takeOver' && !isSure });
      if (mode === 'takeOver' && !isSure) return Promise.resolve(null);
      return told(seatLink.call('supervise.switch', { mode }));
    },
    stopSupervising: () => {
      ui.setState({ takeOverAsked: false });
      return told(seatLink.call('supervise.stop', {}));
    },
    overrides: async () => {
      const answer = await seatLink.call('override.list', {});
      return answer.ok ? ok(answer.value.overrides) : answer;
    },
    decideOverride: (id: string, granted: boolean) => told(seatLink.call('override.decide', { id, granted })),
  };
};

const lookUpActions = (parts: Parts) => {
  const { seatLink } = parts;
  const told = teller(parts);
  return {
    /** What this seat holds of a customer's timeline; of one found at central, what central told. */
    historyOf: async (customerId: CustomerId): Promise<readonly PastContact[]> => {
      // R13: that the record was opened is written down with the seat's other work, off line too.
      void seatLink.call('customer.opened', { customerId });
      const answer = await seatLink.call('history.of', { customerId });
      return answer.ok ? answer.value.contacts : [];
    },
    practiceCallers: () => seatLink.call('practice.callers', {}),
    callMe: (callerId: string | null) => told(seatLink.call('practice.callMe', { callerId })),
    cue: (customerId: CustomerId) => seatLink.call('practice.cue', { customerId }),
  };
};
