import type { CallId, NewId } from '../../shared/ids.ts';
import type { DeviceState, Levels } from '../../shared/phone.ts';
import { refusal, refused, type Result } from '../../shared/result.ts';
import { type CallMeasures, type Guarding, measureCalls } from './call-measures.ts';
import type { Clock } from './clock.ts';
import { startLevels } from './levels.ts';
import { createMicrophone, type Microphone } from './microphone.ts';
import { areDigits, type DialOrder, type Done, done, type Phone, type PhoneAccount } from './phone.ts';
import { createPhoneStore } from './phone-store.ts';
import { createSwitchboard, type Switchboard } from './sip-switchboard.ts';
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
};

/** The real telephone: SIP.js behind a guard, WebRTC media, one line. */
export const createSipPhone = (plan: SipPhonePlan): Phone => new SipPhone(plan);

class SipPhone implements Phone {
  readonly #plan: SipPhonePlan;
  readonly #store = createPhoneStore();
  readonly #levels = new Set<(levels: Levels) => void>();
  readonly #microphone: Microphone;
  readonly #board: Switchboard;
  readonly #measures: CallMeasures;

  constructor(plan: SipPhonePlan) {
    this.#plan = plan;
    const { clock, newId, random, devices, permissions, sound } = plan;
    this.#microphone = createMicrophone({
      devices,
      permissions,
      clock,
      onState: (devices) => {
        const isNew = devices.kind === 'ready' && this.#store.state().devices.kind !== 'ready';
        this.#store.setDevices(devices);
        if (isNew) this.#board.microphoneOpened();
      },
      onTrack: (track) => this.#board.useMicrophone(track),
    });
    this.#board = createSwitchboard({
      clock,
      newId,
      random,
      store: this.#store,
      microphone: this.#microphone,
      sound,
      emitLevels: this.#emitLevels,
      onWire: plan.onWire ?? (() => {}),
      openSocket: (url) => new WebSocket(url, 'sip'),
    });
    this.#measures = measureCalls({
      clock,
      store: this.#store,
      media: (callId) => this.#board.media(callId),
      guarding: this.#guarding(),
    });
    this.onQuality = this.#measures.onQuality;
    this.onMeasured = this.#measures.onMeasured;
    this.onTrouble = this.#measures.onTrouble;
  }

  readonly onQuality: Phone['onQuality'];
  readonly onMeasured: Phone['onMeasured'];
  readonly onTrouble: Phone['onTrouble'];
  state = this.#store.state;
  onState = this.#store.onState;
  onLevels = (listener: (levels: Levels) => void): (() => void) => {
    this.#levels.add(listener);
    return () => this.#levels.delete(listener);
  };

  start = (account: PhoneAccount): void => {
    this.#board.start(account);
    void this.#microphone.openIfAllowed();
  };

  stop = async (): Promise<void> => {
    this.#microphone.close();
    this.#store.setDevices({ kind: 'unchecked' });
    await this.#board.stop();
  };

  close = async (): Promise<void> => {
    await this.stop();
    this.#plan.sound.sound.close();
  };

  dial = (order: DialOrder): Promise<Result<Done>> => this.#board.dial(order);

  answer = async (callId: CallId): Promise<Result<Done>> =>
    this.#board.find(callId)?.answer() ?? refused(refusal('conflict', 'callEnded'));

  reject = (callId: CallId): Result<Done> => {
    const kind = this.#store.find(callId)?.state.kind;
    if (kind !== 'ringing' && kind !== 'ended') return refused(refusal('conflict', 'notRinging'));
    this.#board.find(callId)?.hangUp();
    return done;
  };

  hangUp = (callId: CallId): Result<Done> => {
    if (this.#store.find(callId) === undefined) return refused(refusal('conflict', 'callEnded'));
    const sipCall = this.#board.find(callId);
    if (sipCall === undefined) this.#board.forget(callId);
    else sipCall.hangUp();
    return done;
  };

  mute = (callId: CallId, isMuted: boolean): Result<Done> => {
    if (!this.#isTalking(callId)) return refused(refusal('conflict', 'notTalking'));
    this.#board.find(callId)?.mute(isMuted);
    return done;
  };

  hold = (callId: CallId, isHeld: boolean): Result<Done> => {
    if (!this.#isTalking(callId)) return refused(refusal('conflict', 'notTalking'));
    this.#board.lines.hold(callId, isHeld);
    return done;
  };

  sendDigits = (callId: CallId, digits: string): Result<Done> => {
    if (!areDigits(digits)) return refused(refusal('invalid'));
    if (!this.#isTalking(callId)) return refused(refusal('conflict', 'notTalking'));
    return this.#board.media(callId)?.sendDtmf(digits) === true ? done : refused(refusal('phone', 'digitsNotTaken'));
  };

  checkDevices = async (): Promise<DeviceState> => {
    const { sound } = this.#plan.sound;
    sound.unlock();
    if (this.#microphone.track() === undefined) this.#store.setDevices({ kind: 'checking' });
    const state = await this.#microphone.open();
    const track = this.#microphone.track();
    // No test tone into a conversation, and its meters run already.
    if (track === undefined || this.#store.live().length > 0) return state;
    const stream = new MediaStream([track]);
    const stopLevels = startLevels({
      clock: this.#plan.clock,
      callId: null,
      meter: this.#plan.sound.meter,
      microphone: () => stream,
      customer: () => undefined,
      emit: this.#emitLevels,
    });
    await sound.testTone();
    stopLevels();
    return state;
  };

  reconnect = (): void => this.#board.reconnect();
  expect = (supervisionId: string | null): void => this.#board.expect(supervisionId);
  setAvailable = (isAvailable: boolean): void => this.#board.setAvailable(isAvailable);

  #guarding(): Guarding {
    return {
      see: (callId) => {
        const state = this.#store.find(callId)?.state;
        const media = this.#board.media(callId);
        if (state?.kind !== 'talking' || media === undefined) return undefined;
        return {
          ...media.health(),
          expectsSound: media.expectsSound(),
          expectsVoice: state.microphone === 'open' && state.hold.kind === 'none',
          isHoldPending: state.hold.kind === 'holding' || state.hold.kind === 'resuming',
          isLineOpen: this.#store.state().line.kind === 'registered',
        };
      },
      repair: (callId, doing) => {
        if (doing === 'replaceTrack') void this.#freshTrack();
        if (doing === 'restartIce' || doing === 'renew') this.#board.find(callId)?.repair(doing);
      },
    };
  }

  /** Another copy of the microphone, opened again when it is gone. */
  async #freshTrack(): Promise<void> {
    await this.#microphone.open();
    const track = this.#microphone.track();
    if (track !== undefined) this.#board.useMicrophone(track);
  }

  readonly #emitLevels = (levels: Levels): void => {
    this.#measures.heard(levels);
    // The meters show the call in front.
    if (levels.callId !== null && this.#store.foreground()?.id !== levels.callId) return;
    for (const listener of this.#levels) listener(levels);
  };

  #isTalking(callId: CallId): boolean {
    return this.#store.find(callId)?.state.kind === 'talking';
  }
}
