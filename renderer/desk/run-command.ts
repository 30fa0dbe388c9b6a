import type { Actions } from './actions.ts';
import type { Finding } from './find/find-store.ts';
import type { Histories } from './history/history-store.ts';
import type { Command } from './keys.ts';
import { type Lines, linesOf } from './lines.ts';
import type { PhoneStore, SeatStore } from './seat-store.ts';
import { isShiftCheckDue, type ShiftCheck } from './shift/shift-check.ts';
import { askFocus, type UiStore } from './ui-store.ts';
import { currentStep, flowOf, objectionsNow, sortedTopics, topicOf, whoIs } from './view.ts';
import type { DraftStore } from './wrap-up/draft.ts';
import { placeOf } from './help/place.ts';
import { type Tour, tourStep } from './tour/tour.ts';
import { chooseNth, goUp } from './wrap-up/path.ts';
import { isBusy } from '../../shared/agent.ts';
import { leftIn } from '../../shared/disclosure.ts';
import { orderFlows } from '../../shared/order.ts';
import type { SeatSnapshot } from '../../shared/seat.ts';
import { orderInHand, stepsNow } from './orders/sale-progress.ts';
import { actionOf } from '../../shared/classes.ts';
import { skipReasons } from '../../shared/task.ts';
import { supervisionModes } from '../../shared/supervision.ts';
import { factorsFor } from '../../shared/verification-tables.ts';

export type CommandParts = {
  readonly seat: SeatStore;
  readonly phone: PhoneStore;
  readonly ui: UiStore;
  readonly draft: DraftStore;
  readonly actions: Actions;
  readonly shift: ShiftCheck;
  readonly finding: Pick<Finding, 'close'>;
  readonly tour: Pick<Tour, 'store' | 'end'>;
  readonly history: Pick<Histories, 'back'>;
  /** True when this key was pressed a moment ago as well: a bounce, not a second choice. */
  readonly isBounce: (key: string) => boolean;
};

/** A key hit twice by accident comes again within this time; nobody reads what has just appeared and means it that fast. */
const bounceMs = 120;

export const bounceGuard = (nowMs: () => number): CommandParts['isBounce'] => {
  let last = { key: '', atMs: Number.NEGATIVE_INFINITY };
  return (key) => {
    const before = last;
    last = { key, atMs: nowMs() };
    return before.key === key && last.atMs - before.atMs < bounceMs;
  };
};

/** Carries out a key. True: it meant something here, and the browser's own use of the key is prevented. */
export const runCommand = (parts: CommandParts, command: Command): boolean => {
  const { actions, ui } = parts;
  // A bounce has no other key between: the next digit after this one is a new choice, however fast.
  if (command.kind !== 'digit' && command.kind !== 'next') parts.isBounce(command.kind);
  switch (command.kind) {
    case 'keys':
      return toggleHelp(parts);
    case 'answer':
      if (isCallBackDue(parts)) void actions.dialCallBack();
      else if (isTaskShown(parts)) void actions.dialTask();
      else void actions.answer();
      return true;
    case 'callBack':
      if (isWithCustomer(parts)) void actions.stopAndCallBack();
      return true;
    case 'missed':
      if (signedIn(parts) && viewOf(parts) === null && linesNow(parts).ear === undefined) void actions.callBackMissed();
      return true;
    case 'hold':
      // Also when there is nothing to hold: the browser's search is never what F3 means here.
      void actions.toggleHold();
      return true;
    case 'decline':
      void actions.decline();
      return true;
    case 'transfer':
      void actions.transfer();
      return true;
    case 'swap':
      void actions.swap();
      return true;
    case 'cancelConsult':
      void actions.cancelConsult();
      return true;
    case 'join':
      void actions.join();
      return true;
    case 'hangUp':
      // The next digit is meant for the disposition, also before the call is seen to have ended.
      if (isWithCustomer(parts)) ui.setState({ drawer: 'open' });
      if (isSupervising(parts)) void actions.stopSupervising();
      else void actions.hangUp();
      return true;
    case 'mute':
      // Also when there is nothing to mute: a reload is never what F5 means here.
      void actions.toggleMute();
      return true;
    case 'keypad':
      if (isTalking(parts)) ui.setState(({ keypad }) => ({ keypad: !keypad }));
      return true;
    case 'state':
      if (signedIn(parts)) ui.setState(({ overlay }) => ({ overlay: overlay === 'state' ? null : 'state' }));
      return true;
    case 'objections':
      return toggleObjections(parts);
    case 'wrapUp':
      return toggleDrawer(parts);
    case 'finish':
      return finish(parts);
    case 'palette':
      if (signedIn(parts)) ui.setState(({ overlay }) => ({ overlay: overlay === 'palette' ? null : 'palette' }));
      return true;
    case 'quality':
      if (isTalking(parts)) ui.setState(({ figures }) => ({ figures: !figures }));
      return true;
    case 'diagnostics':
      void actions.copyDiagnostics();
      return true;
    case 'find':
      if (!signedIn(parts)) return false;
      // A customer opened before would stand where the field is.
      parts.finding.close();
      ui.setState({ side: 'find' });
      askFocus(ui, 'find');
      return true;
    case 'next':
      return next(parts);
    case 'back':
      return back(parts);
    case 'escape':
      return escape(parts);
    case 'digit':
      return digit(parts, command.digit);
  }
};

const snapshotOf = ({ seat }: CommandParts) => seat.getState().snapshot;
const viewOf = (parts: CommandParts) => snapshotOf(parts)?.contact ?? null;
const signedIn = (parts: CommandParts): boolean => snapshotOf(parts)?.session.kind === 'signedIn';
const isWrapUp = (parts: CommandParts): boolean => snapshotOf(parts)?.agent.kind === 'wrapUp';
const drawerOpen = (parts: CommandParts): boolean =>
  viewOf(parts) !== null && (isWrapUp(parts) || parts.ui.getState().drawer === 'open');

/** History stands over the contact in hand: no digit means an answer that cannot be seen. */
const isCovered = ({ ui }: CommandParts): boolean => ui.getState().history;

/** First out of the contact that is open, then back to the desk. */
const leaveHistory = ({ ui, history }: CommandParts): void => {
  if (history.back()) askFocus(ui, 'historyList');
  else ui.setState({ history: false });
};

const linesNow = (parts: CommandParts): Lines =>
  linesOf(parts.phone.getState().state.calls, viewOf(parts)?.contact.id ?? null);
const isTalking = (parts: CommandParts): boolean => linesNow(parts).ear?.state.kind === 'talking';
/** The call that is hung up is the customer's, not a second party's. */
const isWithCustomer = (parts: CommandParts): boolean => {
  const { own, ear } = linesNow(parts);
  return own?.state.kind === 'talking' && ear?.id === own.id;
};

/** F2 with nobody in hand and a customer to call back: dials them. */
const isCallBackDue = (parts: CommandParts): boolean => {
  const snapshot = snapshotOf(parts);
  return snapshot?.contact === null && snapshot.callBack !== null && linesNow(parts).ear === undefined;
};

/** F2 with nobody in hand and a task's customer on view: dials them. A call that rings is answered first (R19). */
const isTaskShown = (parts: CommandParts): boolean => {
  const snapshot = snapshotOf(parts);
  return snapshot?.contact === null && snapshot.task.kind === 'preview' && linesNow(parts).ear === undefined;
};

const stepShown = (parts: CommandParts) => {
  const snapshot = snapshotOf(parts);
  if (snapshot === null) return 'topic';
  const { flow } = parts.ui.getState();
  const isOver = snapshot.contact?.contact.endedAtMs != null;
  return flow === null || (isOver && flow === 'verify') ? flowOf(snapshot) : flow;
};

const toggleHelp = (parts: CommandParts): boolean => {
  const { ui } = parts;
  const snapshot = snapshotOf(parts);
  const isInSide = typeof document !== 'undefined' && document.activeElement?.closest('.side') != null;
  ui.setState((now) =>
    now.overlay === 'keys'
      ? { overlay: null }
      : { overlay: 'keys', helpAt: snapshot === null ? 'signIn' : placeOf(snapshot, now, isInSide) },
  );
  return true;
};

const toggleObjections = (parts: CommandParts): boolean => {
  const { ui } = parts;
  ui.setState({ history: false });
  const view = viewOf(parts);
  if (view === null || objectionsNow(view).length === 0) return true;
  ui.setState(({ objections }) => ({
    objections: objections.kind === 'closed' ? { kind: 'list' } : { kind: 'closed' },
  }));
  return true;
};

const toggleDrawer = (parts: CommandParts): boolean => {
  const { ui } = parts;
  if (viewOf(parts) === null) return true;
  ui.setState({ history: false });
  if (drawerOpen(parts) && !isWrapUp(parts)) ui.setState({ drawer: 'strip' });
  else {
    ui.setState({ drawer: 'open' });
    askFocus(ui, 'disposition');
  }
  return true;
};

const finish = (parts: CommandParts): boolean => {
  if (viewOf(parts) === null) return false;
  parts.ui.setState({ drawer: 'open', history: false });
  void parts.actions.finish();
  return true;
};

/** The tour waits for a customer to be asked for: Enter, where a button would be fourteen tabs away. */
const isCallOfTour = (parts: CommandParts): boolean => {
  const snapshot = snapshotOf(parts);
  const { isOn, hadCall } = parts.tour.store.getState();
  return isOn && snapshot !== null && parts.ui.getState().overlay === null && tourStep(snapshot, hadCall) === 'call';
};

const next = (parts: CommandParts): boolean => {
  const view = viewOf(parts);
  if (isCovered(parts)) return false;
  if (view === null && snapshotOf(parts)?.task.kind === 'nobody' && parts.ui.getState().overlay === null) {
    if (!parts.isBounce('Enter')) void parts.actions.nextCustomer();
    return true;
  }
  if (isCallOfTour(parts)) {
    if (!parts.isBounce('Enter')) void parts.actions.callMe(null);
    return true;
  }
  if (view === null) return false;
  if (drawerOpen(parts) || parts.ui.getState().overlay !== null || stepShown(parts) !== 'script') return false;
  if (parts.ui.getState().objections.kind !== 'closed') return false;
  const step = currentStep(view);
  const [item] = step === undefined ? [] : leftIn(step, view.contact.told ?? []);
  if (step !== undefined && item !== undefined) {
    if (!parts.isBounce('Enter')) void parts.actions.tellItem(step.id, item.id);
    return true;
  }
  if (step === undefined && sellsHere(parts)) {
    if (!parts.isBounce('Enter')) parts.ui.setState({ flow: 'order' });
    return true;
  }
  if (step === undefined || step.answers.length > 0) return false;
  if (parts.isBounce('Enter')) return true;
  void parts.actions.answerStep(null);
  return true;
};

const back = (parts: CommandParts): boolean => {
  const { ui, actions, draft } = parts;
  if (viewOf(parts) === null || isCovered(parts) || ui.getState().overlay !== null) return false;
  if (drawerOpen(parts)) {
    actions.chooseDisposition(goUp(draft.getState().disposition));
    return true;
  }
  const { objections } = ui.getState();
  if (objections.kind !== 'closed') {
    ui.setState({ objections: objections.kind === 'one' ? { kind: 'list' } : { kind: 'closed' } });
    return true;
  }
  if (stepShown(parts) !== 'script') return false;
  void actions.stepBack();
  return true;
};

/** The failed hand-over that is still told of, by when it was asked for. */
const noteOf = (parts: CommandParts): number | undefined => {
  const state = linesNow(parts).own?.state;
  const failed = state?.kind === 'talking' && state.transfer?.kind === 'failed' ? state.transfer.sinceMs : undefined;
  return failed === parts.ui.getState().transferNoteClosedMs ? undefined : failed;
};

/** Closes the topmost thing; from an objection it leads back to the script (R18). */
const escape = (parts: CommandParts): boolean => {
  const { ui } = parts;
  const now = ui.getState();
  if (now.overlay !== null) ui.setState({ overlay: null });
  else if (now.transfer !== null) ui.setState({ transfer: null });
  else if (now.history) leaveHistory(parts);
  else if (now.objections.kind !== 'closed') ui.setState({ objections: { kind: 'closed' } });
  else if (now.figures) ui.setState({ figures: false });
  else if (noteOf(parts) !== undefined) ui.setState({ transferNoteClosedMs: noteOf(parts) ?? null });
  else if (now.keypad) ui.setState({ keypad: false });
  else if (now.factor !== null) ui.setState({ factor: null });
  else if (now.drawer === 'open' && !isWrapUp(parts)) ui.setState({ drawer: 'strip' });
  else if (now.side !== null && viewOf(parts) !== null) ui.setState({ side: null });
  else if (now.flow !== null) ui.setState({ flow: null });
  // With a customer Esc is the way back from many things: one too many must not end it.
  else if (parts.tour.store.getState().isOn && viewOf(parts) === null) parts.tour.end();
  else if (now.trouble !== null) ui.setState({ trouble: null });
  return true;
};

/** A digit belongs to the topmost thing that numbers its choices. */
const digit = (parts: CommandParts, key: string): boolean => {
  const { ui, actions, draft } = parts;
  const { overlay, keypad, objections, declined } = ui.getState();
  const snapshot = snapshotOf(parts);
  if (snapshot === null) return false;
  const nth = key === '0' ? 9 : Number(key) - 1;
  if (snapshot.session.kind === 'signedOut') return signInAs(parts, nth);
  if (overlay === 'state') return chooseState(parts, nth);
  if (overlay === 'day') return leaveBy(parts, key);
  if (overlay !== null) return false;
  if (keypad && isTalking(parts)) {
    void actions.sendDigit(key);
    return true;
  }
  const view = snapshot.contact;
  const mode = supervisionModes[nth];
  if (view === null && isSupervising(parts) && mode !== undefined) {
    if (!parts.isBounce(key)) void actions.superviseAs(mode);
    return true;
  }
  if (view === null && isShiftCheckDue(snapshot)) return shiftDigit(parts, key);
  if (view === null && !isCovered(parts) && isTaskShown(parts)) return skipDigit(parts, nth, key);
  if (view === null || isCovered(parts) || !/^\d$/.test(key)) return false;
  const isBounce = parts.isBounce(key);
  if (drawerOpen(parts)) {
    const path =
      key === '0' ? goUp(draft.getState().disposition) : chooseNth(view.tree, draft.getState().disposition, nth);
    if (path !== undefined) actions.chooseDisposition(path);
    return true;
  }
  if (objections.kind !== 'closed') {
    const objection = objectionsNow(view)[nth];
    if (objection !== undefined) ui.setState({ objections: { kind: 'one', id: objection.id } });
    return true;
  }
  const who = whoIs(view, declined);
  if (who.kind === 'choose') {
    const customer = who.customers[nth];
    if (key === '0') void actions.identify(null);
    else if (customer !== undefined) void actions.identify(customer.id);
    return true;
  }
  return isBounce || flowDigit(parts, nth);
};

const skipDigit = ({ actions, isBounce }: CommandParts, nth: number, key: string): boolean => {
  const why = skipReasons[nth];
  if (why === undefined) return false;
  if (!isBounce(key)) void actions.skipCustomer(why);
  return true;
};

const shiftDigit = ({ shift, isBounce }: CommandParts, key: string): boolean => {
  if (isBounce(key)) return true;
  if (key === '1') shift.toneHeard();
  else if (key === '2') shift.toneAgain();
  else if (key === '3') shift.confirmMicrophone();
  else return false;
  return true;
};

const flowDigit = (parts: CommandParts, nth: number): boolean => {
  const { ui, actions } = parts;
  const snapshot = snapshotOf(parts);
  const view = snapshot?.contact ?? null;
  if (snapshot === null || view === null || snapshot.session.kind !== 'signedIn') return false;
  switch (stepShown(parts)) {
    case 'topic': {
      const topic = sortedTopics(snapshot.reference.topics, view.contact.queue)[nth];
      if (topic !== undefined) void actions.chooseTopic(topic.id);
      return true;
    }
    case 'verify': {
      const topic = topicOf(snapshot);
      const { verificationPreset } = snapshot.session.policy;
      const wanted = actionOf(topic) ?? topic?.class ?? 1;
      const factor = factorsFor(wanted, verificationPreset, view.verification.flags)[nth];
      if (factor === undefined) return true;
      ui.setState({ factor, checked: null });
      askFocus(ui, 'factor');
      return true;
    }
    case 'script': {
      const step = currentStep(view);
      // First what must be told, then what the customer says to it: a digit is never both.
      if (step !== undefined && leftIn(step, view.contact.told ?? []).length > 0) {
        const item = step.disclosures?.[nth];
        if (item !== undefined) void actions.tellItem(step.id, item.id);
        return true;
      }
      const answer = step?.answers[nth];
      if (answer !== undefined) void actions.answerStep(answer.id);
      return true;
    }
    case 'order': {
      orderDigit(parts, snapshot, nth);
      return true;
    }
  }
};

/** The script of a tariff is over: the order is what comes next (R41). */
const sellsHere = (parts: CommandParts): boolean => viewOf(parts)?.script?.script.tariffId !== undefined;

/** A new order by its flow, or the next step of the one there is. */
const orderDigit = ({ actions, ui }: CommandParts, snapshot: SeatSnapshot, nth: number): void => {
  const order = orderInHand(snapshot)?.row;
  const flow = orderFlows[nth];
  if (order === undefined && flow !== undefined) void actions.openOrder(flow);
  const step = order === undefined ? undefined : stepsNow(snapshot, order)[nth];
  if (order !== undefined && step !== undefined) void actions.stepOrder(order.id, step, ui.getState().order.note);
};

const isSupervising = ({ seat }: CommandParts): boolean => {
  const own = seat.getState().snapshot?.supervision;
  return own !== undefined && own.kind !== 'none';
};

const signInAs = ({ seat, actions }: CommandParts, nth: number): boolean => {
  const session = seat.getState().snapshot?.session;
  const sample = session?.kind === 'signedOut' ? session.samples[nth] : undefined;
  if (sample !== undefined) void actions.signIn(sample.agentNumber, sample.password);
  return true;
};

/** The one choice of the shift's summary: to sign out. */
const leaveBy = ({ seat, actions, isBounce }: CommandParts, key: string): boolean => {
  const agent = seat.getState().snapshot?.agent;
  if (key === '1' && agent !== undefined && !isBusy(agent) && !isBounce(key)) void actions.leave();
  return true;
};

/** 1 is Ready, the reasons of the policy follow. */
const chooseState = ({ seat, ui, actions }: CommandParts, nth: number): boolean => {
  const session = seat.getState().snapshot?.session;
  const reason = session?.kind === 'signedIn' ? session.policy.notReadyReasons[nth - 1] : undefined;
  if (nth !== 0 && reason === undefined) return true;
  ui.setState({ overlay: null });
  void (reason === undefined ? actions.ready() : actions.notReady(reason));
  return true;
};
