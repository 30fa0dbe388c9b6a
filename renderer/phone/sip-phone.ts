import { type Invitation, Inviter, type Session } from 'sip.js';
import type { Call, CallState } from '../../shared/call.ts';
import { CallId, ContactId, type NewId } from '../../shared/ids.ts';
import type { Levels } from '../../shared/phone.ts';
import { printable } from '../../shared/phone-number.ts';
import { refusal, refused, type Result } from '../../shared/result.ts';
import type { Clock } from './clock.ts';
import { startLevels } from './levels.ts';
import { createMicrophone, type Microphone } from './microphone.ts';
import {
  areDigits,
  type DialOrder,
  type Done,
  done,
  isDialable,
  type Phone,
  type PhoneAccount,
  whyNotDial,
} from './phone.ts';
import { createPhoneStore, type PhoneStore } from './phone-store.ts';
import { createSipCall, placeCall, type SipCall } from './sip-call.ts';
import { createLine, type Line } from './sip-line.ts';
import { createSipLink, renewPassword, type SipLink } from './sip-link.ts';
import { type CallMedia, createCallMedia } from './sip-media.ts';
import { sdpFault } from './sip-sdp.ts';
import { contactIdText, headerValue, presentedNumber, queueName } from './sip-text.ts';
import type { WireEvent } from './sip-transport.ts';
import type { SoundPage } from './sound.ts';

/** What the page gives a phone. `onWire` is told what the guard kept out: names and reasons, no content. */
export type SipPhonePlan = {
  readonly clock: Clock;
  readonly newId: NewId;
  readonly random: () => number;
  readonly devices: MediaDevices | undefined;
  readonly permissions: Permissions | undefined;
  readonly sound: SoundPage;
  readonly onWire?: (event: WireEvent) => void;
  readonly openSocket?: (url: string) => WebSocket;
};

/** How long the answer to an unanswered call stays good: a path nobody answers on is given up by ICE after 15 s. */
const preparedForMs = 8_000;
const unregisterMs = 500;

/** The real telephone: SIP.js behind a guard, WebRTC media, one line. */
export const createSipPhone = (plan: SipPhonePlan): Phone => {
  const store = createPhoneStore();
  const levelListeners = new Set<(levels: Levels) => void>();
  const emitLevels = (levels: Levels): void => {
    for (const listener of levelListeners) listener(levels);
  };
  const microphone = createMicrophone({
    devices: plan.devices,
    permissions: plan.permissions,
    clock: plan.clock,
    onState: store.setDevices,
    onTrack: (track) => desk.current()?.useMicrophone(track),
  });
  const desk = createSwitchboard(plan, store, microphone, emitLevels);
  let isChecking = false;

  const talkingCall = (callId: CallId): SipCall | undefined =>
    store.find(callId)?.state.kind === 'talking' ? desk.find(callId) : undefined;
  const checkDevices: Phone['checkDevices'] = async () => {
    plan.sound.sound.unlock();
    if (!isChecking && microphone.track() === undefined) store.setDevices({ kind: 'checking' });
    isChecking = true;
    const state = await microphone.open();
    const track = microphone.track();
    const stop =
      track === undefined || store.live() !== undefined
        ? () => {}
        : startLevels({
            clock: plan.clock,
            callId: null,
            meter: plan.sound.meter,
            microphone: constantly(new MediaStream([track])),
            customer: () => undefined,
            emit: emitLevels,
          });
    // No test tone into a conversation.
    if (state.kind === 'ready' && store.live() === undefined) await plan.sound.sound.testTone();
    stop();
    isChecking = false;
    return state;
  };

  return {
    state: store.state,
    onState: store.onState,
    onLevels: (listener) => {
      levelListeners.add(listener);
      return () => levelListeners.delete(listener);
    },
    start: (account) => {
      desk.start(account);
      void microphone.openIfAllowed();
    },
    stop: async () => {
      await desk.stop();
      microphone.close();
      store.setDevices({ kind: 'unchecked' });
    },
    dial: (order) => desk.dial(order),
    answer: async (callId) => {
      const call = desk.find(callId);
      return call === undefined ? refused(refusal('conflict', 'callEnded')) : call.answer();
    },
    reject: (callId) => {
      const kind = store.find(callId)?.state.kind;
      if (kind !== 'ringing' && kind !== 'ended') return refused(refusal('conflict', 'notRinging'));
      desk.find(callId)?.hangUp();
      return done;
    },
    hangUp: (callId) => {
      if (store.find(callId) === undefined) return refused(refusal('conflict', 'callEnded'));
      desk.find(callId)?.hangUp();
      return done;
    },
    mute: (callId, isMuted) => {
      const call = talkingCall(callId);
      if (call === undefined) return refused(refusal('conflict', 'notTalking'));
      call.mute(isMuted);
      return done;
    },
    sendDigits: (callId, digits) => {
      if (!areDigits(digits)) return refused(refusal('invalid'));
      if (talkingCall(callId) === undefined) return refused(refusal('conflict', 'notTalking'));
      return desk.current()?.sendDtmf(digits) === true ? done : refused(refusal('phone', 'digitsNotTaken'));
    },
    checkDevices,
    reconnect: () => desk.reconnect(),
    setAvailable: (isAvailable) => desk.setAvailable(isAvailable),
    close: async () => {
      await desk.stop();
      microphone.close();
      plan.sound.sound.close();
    },
  };
};

type Switchboard = {
  readonly start: (account: PhoneAccount) => void;
  readonly stop: () => Promise<void>;
  readonly dial: (order: DialOrder) => Promise<Result<Done>>;
  readonly find: (callId: CallId) => SipCall | undefined;
  /** Media of the live call. */
  readonly current: () => CallMedia | undefined;
  readonly reconnect: () => void;
  readonly setAvailable: (isAvailable: boolean) => void;
};

/** The account's link and line, and the calls that go over it. */
const createSwitchboard = (
  plan: SipPhonePlan,
  store: PhoneStore,
  microphone: Microphone,
  emitLevels: (levels: Levels) => void,
): Switchboard => {
  const { clock, sound } = plan;
  const calls = new Map<CallId, SipCall>();
  const media = new Map<Session, CallMedia>();
  let account: PhoneAccount | undefined;
  let link: SipLink | undefined;
  let line: Line | undefined;
  let isAvailable = false;
  let inviteHeardMs = 0;
  let dialling: { readonly session: Inviter; readonly callId: CallId } | undefined;

  const newMedia = (session: Session): CallMedia => {
    const made = createCallMedia(
      {
        clock,
        iceServers: () => account?.credentials.iceServers.map(iceServerOf) ?? [],
        microphone: microphone.track,
      },
      {
        onRemote: (stream) => {
          if (media.get(session) === made) heard = stream;
          if (store.live()?.state.kind === 'talking') sound.sound.play(stream);
        },
        onBroken: () => {
          if (media.get(session) === made) callOf.get(session)?.mediaBroken();
        },
      },
    );
    media.get(session)?.close();
    media.set(session, made);
    return made;
  };
  let heard: MediaStream | undefined;
  const callOf = new Map<Session, SipCall>();

  const follow = (session: Session, callId: CallId) => (state: CallState) => {
    line?.setInCall(state.kind !== 'ended');
    sound.sound.tone(state.kind === 'ringing' ? 'ring' : state.kind === 'ringingOut' ? 'ringBack' : 'none');
    if (state.kind === 'talking' && heard !== undefined) sound.sound.play(heard);
    if (state.kind !== 'ended') return;
    sound.sound.silence();
    heard = undefined;
    media.delete(session);
    callOf.delete(session);
    if (calls.get(callId)?.isSettled() === true) calls.delete(callId);
  };
  const take = (session: Inviter | Invitation, call: Call): Parameters<typeof createSipCall>[0] => ({
    session,
    call,
    store,
    clock,
    random: plan.random,
    microphone,
    meter: sound.meter,
    emitLevels,
    isLineOpen: () => link?.isOpen() === true,
    media: () => media.get(session),
    onChange: follow(session, call.id),
  });
  const keep = (session: Inviter | Invitation, call: Call): SipCall => {
    store.add(call);
    const sipCall = createSipCall(take(session, call));
    calls.set(call.id, sipCall);
    callOf.set(session, sipCall);
    follow(session, call.id)(call.state);
    return sipCall;
  };

  /** An INVITE: rung, or refused at once (PHONE-3, MEDIA-2). */
  const invited = (invitation: Invitation): void => {
    const offer = invitation.body;
    const turnAway = (statusCode: number): void => void invitation.reject({ statusCode }).catch(() => undefined);
    if (!isAvailable || store.live() !== undefined) return turnAway(486);
    if (offer !== undefined && offer !== '' && sdpFault(offer) !== undefined) return turnAway(488);
    const { request } = invitation;
    const queue = queueName(request.getHeader('X-Queue'));
    const call: Call = {
      id: CallId.parse(plan.newId()),
      direction: 'inbound',
      number: presentedNumber(invitation.remoteIdentity.uri.user),
      display: printable(invitation.remoteIdentity.displayName ?? ''),
      ...(queue === undefined ? {} : { queue }),
      contactId: ContactId.parse(contactIdText(request.getHeader('X-Contact-Id')) ?? plan.newId()),
      state: { kind: 'ringing', sinceMs: inviteHeardMs },
      trace: { inviteMs: inviteHeardMs },
    };
    const sipCall = keep(invitation, call);
    void invitation.progress({ statusCode: 180 }).catch(() => undefined);
    if (offer !== undefined && offer !== '') prepare(invitation, sipCall.id, offer);
  };

  /** Works the answer out while it rings, anew every few seconds, so that answering costs next to nothing. */
  const prepare = (invitation: Invitation, callId: CallId, offer: string): void => {
    if (store.find(callId)?.state.kind !== 'ringing') return;
    if (microphone.track() !== undefined) newMedia(invitation).prepareAnswer(offer);
    clock.after(preparedForMs, () => prepare(invitation, callId, offer));
  };

  const registered = (): void => {
    for (const [id, call] of calls) {
      call.lineBack();
      if (call.isSettled()) calls.delete(id);
    }
  };

  const start = (next: PhoneAccount): void => {
    const isSame =
      account?.credentials.user === next.credentials.user &&
      account.credentials.server === next.credentials.server &&
      account.credentials.domain === next.credentials.domain;
    account = next;
    if (isSame && link !== undefined) {
      renewPassword(link, next.credentials);
      if (store.state().line.kind === 'refused') line?.retryNow();
      return;
    }
    link?.drop();
    line?.stop();
    const made = createSipLink(
      next,
      {
        clock,
        openSocket: plan.openSocket ?? ((url) => new WebSocket(url, 'sip')),
        onWire: plan.onWire ?? (() => {}),
        onHeard: (head, atMs) => {
          if (head.method === 'INVITE' && head.status === undefined) inviteHeardMs = atMs;
        },
        onSent: (head, atMs) => {
          if (dialling === undefined || head.method !== 'INVITE' || head.callId !== dialling.session.request.callId)
            return;
          store.inviteSentAt(dialling.callId, atMs);
          dialling = undefined;
        },
      },
      (session) => media.get(session) ?? newMedia(session),
      invited,
    );
    link = made;
    line = createLine({
      link: made,
      clock,
      random: plan.random,
      onState: (state) => {
        if (link !== made) return;
        store.setLine(state);
        if (state.kind === 'lost') for (const call of calls.values()) call.lineLost();
      },
      onRegistered: registered,
    });
    line.start();
  };

  const dial = async (order: DialOrder): Promise<Result<Done>> => {
    const why = whyNotDial(store.state());
    if (why !== undefined) return refused(why);
    const uri = isDialable(order.dial) ? link?.target(order.dial) : undefined;
    if (uri === undefined || link === undefined) return refused(refusal('invalid', 'number'));
    const atMs = clock.nowMs();
    const call: Call = {
      id: order.callId,
      direction: 'outbound',
      number: order.dial,
      display: '',
      contactId: order.contactId,
      state: { kind: 'dialling', sinceMs: atMs },
      trace: { inviteMs: atMs },
    };
    const session = new Inviter(link.userAgent, uri, {
      extraHeaders: [`X-Contact-Id: ${headerValue(order.contactId)}`],
    });
    const sipCall = keep(session, call);
    if (microphone.track() === undefined && (await microphone.open()).kind !== 'ready') {
      sipCall.end('microphone');
      return done;
    }
    dialling = { session, callId: call.id };
    await placeCall({ ...take(session, call), session }, sipCall);
    return done;
  };

  return {
    start,
    stop: async () => {
      for (const call of calls.values()) call.end('agentHungUp');
      isAvailable = false;
      const [oldLink, oldLine] = [link, line];
      link = undefined;
      line = undefined;
      account = undefined;
      if (oldLink !== undefined && oldLine !== undefined) {
        await Promise.race([oldLink.unregister(), new Promise<void>((resolve) => clock.after(unregisterMs, resolve))]);
        oldLine.stop();
        store.setLine({ kind: 'off' });
        await oldLink.userAgent.stop().catch(() => undefined);
      }
      calls.clear();
    },
    dial,
    find: (callId) => calls.get(callId),
    current: () => [...media.values()].at(-1),
    reconnect: () => line?.retryNow(),
    setAvailable: (next) => {
      isAvailable = next;
    },
  };
};

const constantly =
  <T>(value: T): (() => T) =>
  () =>
    value;

const iceServerOf = (server: PhoneAccount['credentials']['iceServers'][number]): RTCIceServer => ({
  urls: server.urls,
  ...(server.username === undefined ? {} : { username: server.username }),
  ...(server.credential === undefined ? {} : { credential: server.credential }),
});
