import { type Invitation, Inviter, type Session } from 'sip.js';
import { type Call, type CallState, exchangeName } from '../../shared/call.ts';
import type { RelayState } from '../../shared/ice.ts';
import type { CallId, ContactId, NewId } from '../../shared/ids.ts';
import type { KeptCall, Levels, LineState } from '../../shared/phone.ts';
import { refusal, refused, type Result } from '../../shared/result.ts';
import { type Announced, createAnnounced } from './announced.ts';
import { type CallEars, createCallEars } from './call-ears.ts';
import type { Clock } from './clock.ts';
import { createMediaStock, type MediaStock } from './media-stock.ts';
import type { Microphone } from './microphone.ts';
import {
  type DialOrder,
  type Done,
  done,
  hasRoomFor,
  isDialable,
  isSameAccount,
  type PhoneAccount,
  whyNoRelay,
  whyNotDial,
} from './phone.ts';
import type { PhoneStore } from './phone-store.ts';
import { createSipCall, type SipCall, type SipCallPlan } from './sip-call.ts';
import type { Head } from './sip-guard.ts';
import { incomingCall } from './sip-incoming.ts';
import { createLine, type Line } from './sip-line.ts';
import { createReattachment, type Reattachment, keptCall } from './sip-reattach.ts';
import { replacing } from './sip-replaces.ts';
import { createSipLink, type SipLink } from './sip-link.ts';
import type { CallMedia } from './sip-media.ts';
import { createMessageWaiting, type MessageWaiting } from './sip-mwi.ts';
import { outgoingCall, placeCall } from './sip-outgoing.ts';
import { referWords } from './sip-refer.ts';
import { sdpFault } from './sip-sdp.ts';
import { createSessionTimers, type SessionTimers } from './sip-session-timer.ts';
import { dialledName, headerValue } from './sip-text.ts';
import type { WireEvent } from './sip-transport.ts';
import type { SoundPage } from './sound.ts';
import { createTwoLines, type TwoLines, type Wire } from './two-lines.ts';

/** The account's link and line, and the calls that go over them. */
export type Switchboard = {
  readonly start: (account: PhoneAccount) => void;
  readonly stop: () => Promise<void>;
  readonly dial: (order: DialOrder) => Promise<Result<Done>>;
  readonly divert: (callId: CallId, dial: string) => void;
  readonly find: (callId: CallId) => SipCall | undefined;
  readonly media: (callId: CallId) => CallMedia | undefined;
  readonly lines: TwoLines;
  /** Another microphone for every call. */
  readonly useMicrophone: (track: MediaStreamTrack) => void;
  readonly reconnect: () => void;
  /** Browsers hide the computer's addresses from a page until its microphone was allowed: candidates from before are no good. */
  readonly microphoneOpened: () => void;
  readonly setAvailable: (isAvailable: boolean) => void;
  readonly kept: () => readonly KeptCall[];
  /** PHONE-10 */
  readonly takeUp: (calls: readonly KeptCall[]) => void;
  /** A call that has no session yet. */
  readonly forget: (callId: CallId) => void;
  /** PHONE-9 */
  readonly expect: (supervisionId: string | null) => void;
  readonly expectDialled: (contactId: string | null) => void;
};

export type SwitchboardPlan = {
  readonly clock: Clock;
  readonly newId: NewId;
  readonly random: () => number;
  readonly store: PhoneStore;
  readonly microphone: Microphone;
  readonly sound: SoundPage;
  readonly emitLevels: (levels: Levels) => void;
  readonly onWire: (event: WireEvent) => void;
  readonly openSocket: (url: string) => WebSocket;
};

const unregisterMs = 500;

export const createSwitchboard = (plan: SwitchboardPlan): Switchboard => new Board(plan);

/** What belongs to one account at one server. */
type Connection = {
  account: PhoneAccount;
  readonly link: SipLink;
  readonly line: Line;
  readonly messages: MessageWaiting;
};

/** What belongs to one call while it is live. */
type Live = { readonly call: SipCall; media: CallMedia | undefined };

class Board implements Switchboard {
  readonly #plan: SwitchboardPlan;
  /** Calls that still have something to say, ended ones included. */
  readonly #calls = new Map<CallId, SipCall>();
  readonly #sessions = new Map<Session, Live>();
  #connection: Connection | undefined;
  #isAvailable = false;
  #inviteHeardMs = 0;
  #dialling: { readonly sipCallId: string; readonly callId: CallId } | undefined;
  #expected: string | null = null;
  readonly #announced: Announced<Invitation>;
  readonly #stock: MediaStock;

  readonly lines: TwoLines;
  readonly #reattachment: Reattachment;

  readonly #ears: CallEars;
  readonly #timers: SessionTimers;

  constructor(plan: SwitchboardPlan) {
    this.#plan = plan;
    this.#timers = createSessionTimers({
      clock: plan.clock,
      onRefresh: (sipCallId) => this.#callNamed(sipCallId)?.repair('renew'),
      onExpired: (sipCallId) => {
        // PHONE-2: without a line nobody could have been heard; the renewal after its return decides.
        if (this.#connection?.link.isOpen() === true) this.#callNamed(sipCallId)?.end('network');
      },
    });
    this.#announced = createAnnounced(plan.clock, (invitation) => this.#invited(invitation));
    this.#ears = createCallEars({ ...plan, media: this.media });
    this.#stock = createMediaStock({
      clock: plan.clock,
      random: plan.random,
      microphone: plan.microphone.track,
      isInCall: () => this.#sessions.size > 0,
      onRelay: (state) => this.#relayIs(state),
    });
    this.#reattachment = createReattachment({ ...plan, adopt: (session, call) => this.#adopt(session, call) });
    this.lines = createTwoLines({
      store: plan.store,
      clock: plan.clock,
      wire: {
        hold: (callId, isHeld) => this.#calls.get(callId)?.hold(isHeld),
        refer: this.#refer,
        mix: (callIds) => this.#ears.mix(callIds),
        end: (callId, cause) => this.#calls.get(callId)?.end(cause),
      },
    });
  }

  readonly #refer: Wire['refer'] = (callId, to, on) => {
    const { link } = this.#connection ?? {};
    const words = link && referWords(link, to, (id) => [this.#plan.store.find(id), this.#sessionOf(id)]);
    const call = this.#calls.get(callId);
    if (words === undefined || call === undefined) return this.#plan.clock.after(0, () => on.failed(481));
    return call.refer(words, on);
  };

  find = (callId: CallId): SipCall | undefined => this.#calls.get(callId);
  media = (callId: CallId): CallMedia | undefined => this.#liveOf(callId)?.media;
  useMicrophone = (track: MediaStreamTrack): void => {
    for (const { media } of this.#sessions.values()) media?.useMicrophone(track);
    this.#ears.follow();
  };
  expect = (supervisionId: string | null): void => {
    this.#expected = supervisionId;
  };
  expectDialled = (contactId: string | null): void => this.#announced.expect(contactId);
  microphoneOpened = (): void => {
    this.#stock.renew();
    this.#reattachment.goOn(this.#connection?.link, 'microphone');
  };
  kept = (): readonly KeptCall[] => [
    ...this.#reattachment.waiting(),
    ...[...this.#sessions].flatMap(([session, { call }]) => keptCall(session, this.#plan.store.find(call.id))),
  ];
  takeUp = (calls: readonly KeptCall[]): void => {
    this.#reattachment.takeUp(calls);
    if (this.#plan.store.state().line.kind === 'registered')
      this.#reattachment.goOn(this.#connection?.link, 'registered');
  };
  forget = (callId: CallId): void => this.#reattachment.forget(callId);
  /** Who doubts the line (after sleep, in another network) doubts the sound's way as well: the calls look for a new one with it. */
  reconnect = (): void => {
    for (const { media } of this.#sessions.values()) media?.restartIce();
    this.#connection?.line.retryNow();
  };
  setAvailable = (isAvailable: boolean): void => {
    this.#isAvailable = isAvailable;
    this.#needLine();
  };

  start = (account: PhoneAccount): void => {
    const old = this.#connection;
    if (old !== undefined && isSameAccount(old.account, account)) {
      old.account = account;
      old.link.renew(account.credentials);
      this.#stock.setIce(account.credentials);
      if (this.#plan.store.state().line.kind === 'refused') old.line.retryNow();
      return;
    }
    old?.line.stop();
    const { clock, random, onWire, openSocket } = this.#plan;
    const link = createSipLink(
      account,
      {
        clock,
        onWire,
        openSocket,
        onHeard: this.#wasHeard,
        onSent: this.#wasSent,
        isReferring: this.#isReferring,
        isSubscribed: (sipCallId) => messages.isOurs(sipCallId),
        timers: this.#timers,
      },
      (session) => this.#sessions.get(session)?.media ?? this.#takeMedia(session),
      (invitation) => this.#invited(invitation),
    );
    const messages = createMessageWaiting({
      userAgent: link.userAgent,
      clock,
      random,
      onCount: this.#plan.store.setVoicemail,
    });
    const line = createLine({
      link,
      clock,
      random,
      onState: (state) => this.#lineIs(state, link),
      onRegistered: () => {
        link.acknowledgeLost();
        this.#stock.renew();
        for (const call of this.#calls.values()) call.lineBack();
        this.#reattachment.goOn(link, 'registered');
        messages.subscribe();
      },
    });
    this.#connection = { account, link, line, messages };
    this.#stock.setIce(account.credentials);
    this.#needLine();
    line.start();
  };

  stop = async (): Promise<void> => {
    for (const call of this.#calls.values()) call.end('agentHungUp');
    this.#isAvailable = false;
    const old = this.#connection;
    this.#connection = undefined;
    this.#stock.stop();
    if (old === undefined) return;
    old.messages.unsubscribe();
    const over = new Promise<void>((resolve) => this.#plan.clock.after(unregisterMs, resolve));
    await Promise.race([old.link.unregister(), over]);
    old.messages.forget();
    old.line.stop();
    await old.link.userAgent.stop().catch(() => undefined);
    this.#calls.clear();
  };

  divert = (callId: CallId, dial: string): void => {
    const link = this.#connection?.link;
    if (link !== undefined && isDialable(dial)) this.#calls.get(callId)?.divert(link.target(dial).toString());
  };

  dial = async (order: DialOrder): Promise<Result<Done>> => {
    const { store, clock, microphone } = this.#plan;
    const why = whyNotDial(store.state(), order.aside);
    if (why !== undefined) return refused(why);
    const link = this.#connection?.link;
    if (link === undefined || !isDialable(order.dial)) return refused(refusal('invalid', 'number'));
    const call = outgoingCall(order, clock.nowMs());
    this.lines.holdOthers(call.id);
    store.add(call);
    await placeCall(microphone, () => {
      const session = new Inviter(link.userAgent, link.target(order.dial), {
        extraHeaders: [`X-Contact-Id: ${headerValue(this.#nameAtExchange(order))}`],
      });
      this.#dialling = { sipCallId: session.request.callId, callId: call.id };
      return { ...this.#callPlan(session, call), session, sipCall: this.#adopt(session, call) };
    });
    return done;
  };

  readonly #wasHeard = (head: Head, atMs: number): void => {
    if (head.method === 'INVITE' && head.status === undefined) this.#inviteHeardMs = atMs;
  };

  readonly #wasSent = (head: Head, atMs: number): void => {
    const dialling = this.#dialling;
    if (dialling === undefined || head.method !== 'INVITE' || head.callId !== dialling.sipCallId) return;
    this.#dialling = undefined;
    this.#plan.store.inviteSentAt(dialling.callId, atMs);
  };

  #lineIs(state: LineState, link: SipLink): void {
    if (this.#connection !== undefined && this.#connection.link !== link) return;
    if (state.kind !== 'registered') this.#connection?.messages.forget();
    if (state.kind === 'off' || state.kind === 'refused') this.#plan.store.setVoicemail(undefined);
    this.#plan.store.setLine(state);
    if (state.kind === 'lost') for (const call of this.#calls.values()) call.lineLost();
  }

  /** A call that lost its way may have lost the relay: there is one again. */
  #relayIs(state: RelayState): void {
    this.#plan.store.setRelay(state);
    if (state !== 'ready') return;
    for (const { call, media } of this.#sessions.values())
      if (media !== undefined && hasNoWay(media)) call.repair('restartIce');
  }

  /** An INVITE: rung, or turned away at once (PHONE-3, MEDIA-2). */
  #invited(invitation: Invitation): void {
    const { store, newId } = this.#plan;
    const offer = invitation.body ?? '';
    const turnAway = (statusCode: number): void => void invitation.reject({ statusCode }).catch(() => undefined);
    const call = incomingCall(invitation, newId, this.#inviteHeardMs);
    const { aside } = call;
    const instead = replacing(invitation.request, this.#sessions.keys());
    if (instead.kind === 'refused') return turnAway(instead.status);
    if (instead.kind === 'session') {
      if (offer !== '' && sdpFault(offer) !== undefined) return turnAway(488);
      return this.#replace(invitation, instead.session, call);
    }
    const back = this.lines.handedBack(call);
    if (back !== undefined) return this.#takeBack(invitation, back);
    // PHONE-9
    if (aside?.kind === 'supervision' && aside.id !== this.#expected) return turnAway(403);
    const dialled = dialledName(invitation.request.getHeader('X-Dialled'));
    const word = dialled === undefined ? undefined : this.#announced.wordOf(dialled, invitation);
    // Not announced yet: it is looked at again when it is, or turned away.
    if (word === 'waits') return;
    if (word === 'unannounced') return turnAway(403);
    if (!hasRoomFor(aside, store.live(), this.#isAvailable)) return turnAway(486);
    if (offer !== '' && sdpFault(offer) !== undefined) return turnAway(488);
    // MEDIA-5: nobody could be heard at this seat; the exchange asks the next one.
    if (whyNoRelay(store.state()) !== undefined) return turnAway(480);
    const sipCall = this.#keep(invitation, call);
    void invitation.progress({ statusCode: 180 }).catch(() => undefined);
    if (aside?.kind === 'supervision' || word === 'announced') void this.#answerItself(sipCall);
  }

  /** LINES-5. The same call goes on with another session. */
  #takeBack(invitation: Invitation, id: CallId): void {
    this.#calls.get(id)?.abandon();
    const call = this.lines.takenBack(id);
    if (call === undefined) return;
    const sipCall = this.#adopt(invitation, call);
    void invitation.accept().catch(() => sipCall.end('media'));
  }

  /** Whoever called us is replaced: the same call goes on with who is there now, who needs no ring. */
  #replace(invitation: Invitation, old: Session, { number, display, exchangeId, queue, aside }: Call): void {
    const { clock, store } = this.#plan;
    const id = this.#sessions.get(old)?.call.id;
    if (id === undefined) return;
    this.#calls.get(id)?.abandon();
    const who = { number, display, ...(exchangeId && { exchangeId }), ...(queue === undefined ? {} : { queue }) };
    // A colleague's next page is the colleague still.
    if (aside === undefined) store.apply(id, { kind: 'identified', ...who, atMs: clock.nowMs() });
    const call = store.find(id);
    if (call === undefined) return;
    const sipCall = this.#adopt(invitation, call);
    void invitation.accept().catch(() => sipCall.end('media'));
  }

  /** PHONE-9. The tone comes first: nobody is put through without knowing it. */
  async #answerItself(sipCall: SipCall): Promise<void> {
    this.#expected = null;
    await this.#plan.sound.sound.testTone();
    await sipCall.answer();
  }

  readonly #isReferring = (sipCallId: string): boolean =>
    [...this.#calls.values()].some((call) => call.referringAs() === sipCallId);

  #callNamed(sipCallId: string): SipCall | undefined {
    return [...this.#sessions].find(([session]) => session.dialog?.callId === sipCallId)?.[1].call;
  }

  #sessionOf(callId: CallId): Session | undefined {
    return [...this.#sessions].find(([, { call }]) => call.id === callId)?.[0];
  }

  #liveOf(callId: CallId): Live | undefined {
    return [...this.#sessions.values()].find(({ call }) => call.id === callId);
  }

  #keep(session: Inviter | Invitation, call: Call): SipCall {
    this.#plan.store.add(call);
    return this.#adopt(session, call);
  }

  /** What is said about a customer goes with that customer's call, its recording included. */
  #nameAtExchange({ contactId, aside }: DialOrder): ContactId {
    const about = aside?.kind === 'consult' ? this.#plan.store.find(aside.of) : undefined;
    return about === undefined ? contactId : exchangeName(about);
  }

  /** From now on this session is the one of that call. */
  #adopt(session: Inviter | Invitation, call: Call): SipCall {
    for (const [old, live] of this.#sessions) if (live.call.id === call.id) this.#sessions.delete(old);
    const sipCall = createSipCall(this.#callPlan(session, call));
    this.#calls.set(call.id, sipCall);
    this.#sessions.set(session, { call: sipCall, media: undefined });
    this.#follow(session, call.state);
    return sipCall;
  }

  #callPlan(session: Inviter | Invitation, call: Call): SipCallPlan {
    const { store, clock, random, microphone, sound, emitLevels } = this.#plan;
    return {
      session,
      call,
      store,
      clock,
      random,
      microphone,
      meter: sound.meter,
      emitLevels,
      holdOthers: () => this.lines.holdOthers(call.id),
      farHangUp: () => this.lines.farHangUp(call.id),
      isLineOpen: () => this.#connection?.link.isOpen() === true,
      media: () => this.#sessions.get(session)?.media,
      onChange: (state) => this.#follow(session, state),
      onSettled: () => this.#calls.delete(call.id),
    };
  }

  /** The warm connection becomes this call's. */
  #takeMedia(session: Session): CallMedia {
    const entry = this.#sessions.get(session);
    const media = this.#stock.take();
    media.belongTo({
      onRemote: () => this.#ears.follow(),
      onBroken: () => entry?.call.mediaBroken(),
      onLate: () => entry?.call.repair('restartIce'),
      onRelayDoubted: this.#stock.askRelay,
    });
    if (entry === undefined) return media;
    entry.media = media;
    // A call that was taken over is as it was: muted, or held.
    const state = this.#plan.store.find(entry.call.id)?.state;
    if (state?.kind === 'talking') {
      media.setMuted(state.microphone === 'muted');
      media.setHold(state.hold);
    }
    return media;
  }

  /** Tones, voices and the keep-alive follow the calls. */
  #follow(session: Session, state: CallState): void {
    if (state.kind === 'ended') this.#sessions.delete(session);
    this.#needLine();
    this.#ears.follow();
    if (state.kind === 'ended') this.#stock.renew();
  }

  /** LINE-2 */
  #needLine = (): void => this.#connection?.line.setNeeded(this.#isAvailable || this.#plan.store.live().length > 0);
}

const hasNoWay = (media: CallMedia): boolean => ['disconnected', 'failed'].includes(media.health().ice);
