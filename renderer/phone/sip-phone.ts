import type { CallId, NewId } from '../../shared/ids.ts';
import type { DevicesView, DeviceUse } from '../../shared/devices.ts';
import type { DeviceState, KeptCall, Levels } from '../../shared/phone.ts';
import { refusal, refused, type Result } from '../../shared/result.ts';
import { type CallGuarding, createCallGuarding } from './call-guarding.ts';
import { type CallMeasures, measureCalls } from './call-measures.ts';
import type { Clock } from './clock.ts';
import { createDevices, type Devices } from './devices.ts';
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
  isLive,
  takeOverOf,
  whyNoMicrophone,
} from './phone.ts';
import { createPhoneStore } from './phone-store.ts';
import { createSwitchboard, type Switchboard } from './sip-switchboard.ts';
import type { WireEvent } from './sip-transport.ts';
import { silenceDb } from './meters.ts';
import { canRoute, type SoundPage } from './sound.ts';

/** What the page gives a phone. `onWire` is told what the guard kept out: names and reasons, no content. */
export type SipPhonePlan = {
  readonly clock: Clock;
  readonly newId: NewId;
  readonly random: () => number;
  readonly devices: MediaDevices | undefined;
  readonly permissions: Permissions | undefined;
  /** Where the choice of devices is kept; without it choices last as long as the page. */
  readonly storage?: Pick<Storage, 'getItem' | 'setItem'>;
  readonly sound: SoundPage;
  readonly onWire?: (event: WireEvent) => void;
  /** How ICE stands, whenever the guardian looks. */
  readonly onPath?: (callId: CallId, ice: RTCIceConnectionState) => void;
};

/** The live meter of the microphone ends by itself: nobody looks at it for ever. */
const microphoneTestMs = 60_000;

/** The real telephone: SIP.js behind a guard, WebRTC media, one line. */
export const createSipPhone = (plan: SipPhonePlan): Phone => new SipPhone(plan);

class SipPhone implements Phone {
  readonly #plan: SipPhonePlan;
  readonly #store = createPhoneStore();
  readonly #levels = new Set<(levels: Levels) => void>();
  readonly #devices: Devices;
  readonly #microphone: Microphone;
  #stopTest = (): void => {};
  #isTesting = false;
  readonly #board: Switchboard;
  readonly #guarding: CallGuarding;
  readonly #measures: CallMeasures;

  constructor(plan: SipPhonePlan) {
    this.#plan = plan;
    const { clock, newId, random, devices, permissions, storage, sound } = plan;
    this.#devices = createDevices({ devices, storage, clock, canRoute: canRoute() });
    this.#devices.onView(({ uses }) => {
      sound.sound.route('speaker', uses.speaker.kind === 'chosen' ? uses.speaker.id : '');
      sound.sound.route('ring', uses.ring.kind === 'chosen' ? uses.ring.id : '');
    });
    this.onDevices = this.#devices.onView;
    this.#microphone = createMicrophone({
      media: devices,
      devices: this.#devices,
      permissions,
      onState: (devices) => {
        const isNew = devices.kind === 'ready' && this.#store.state().devices.kind !== 'ready';
        this.#store.setDevices(devices);
        if (isNew) this.#board.microphoneOpened();
      },
      onTrack: (track) => {
        this.#guarding.took(track);
        this.#board.useMicrophone(track);
      },
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
    this.#guarding = createCallGuarding({
      clock,
      store: this.#store,
      board: () => this.#board,
      microphone: this.#microphone,
      meter: sound.meter,
      onPath: plan.onPath ?? (() => {}),
    });
    this.#measures = measureCalls({
      clock,
      store: this.#store,
      media: (callId) => this.#board.media(callId),
      guarding: this.#guarding,
    });
    this.onQuality = this.#measures.onQuality;
    this.onMeasured = this.#measures.onMeasured;
    this.onTrouble = this.#measures.onTrouble;
  }

  readonly onQuality: Phone['onQuality'];
  readonly onMeasured: Phone['onMeasured'];
  readonly onTrouble: Phone['onTrouble'];
  readonly onDevices: Phone['onDevices'];
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
    for (const id of this.#board.lines.together(callId)) this.#board.find(id)?.mute(isMuted);
    return done;
  };

  hold = (callId: CallId, isHeld: boolean): Result<Done> => {
    if (!this.#isTalking(callId)) return refused(refusal('conflict', 'notTalking'));
    this.#board.lines.hold(callId, isHeld);
    return done;
  };

  swap = (): Result<Done> => this.#board.lines.swap();
  transfer = (callId: CallId, dial: string): Result<Done> => this.#board.lines.transfer(callId, dial);
  completeTransfer = (callId: CallId, consultId: CallId): Result<Done> =>
    this.#board.lines.completeTransfer(callId, consultId);
  merge = (callId: CallId, otherId: CallId): Result<Done> => this.#board.lines.merge(callId, otherId);
  part = (): Result<Done> => this.#board.lines.part();
  divert = (callId: CallId, dial: string): Result<Done> => {
    if (!isDialable(dial)) return refused(refusal('invalid', 'number'));
    if (this.#store.find(callId)?.state.kind !== 'ringing') return refused(refusal('conflict', 'notRinging'));
    this.#board.divert(callId, dial);
    return done;
  };

  sendDigits = (callId: CallId, digits: string): Result<Done> => {
    if (!areDigits(digits)) return refused(refusal('invalid'));
    if (!this.#isTalking(callId)) return refused(refusal('conflict', 'notTalking'));
    const taken = this.#board.lines.together(callId).map((id) => this.#board.media(id)?.sendDtmf(digits) === true);
    return taken.includes(true) ? done : refused(refusal('phone', 'digitsNotTaken'));
  };

  checkDevices = async (): Promise<DeviceState> => {
    const { sound } = this.#plan.sound;
    sound.unlock();
    if (this.#microphone.track() === undefined) this.#store.setDevices({ kind: 'checking' });
    const state = await this.#microphone.open();
    const track = this.#microphone.track();
    // No test tone into a conversation, and its meters run already.
    if (track === undefined || this.#store.live().length > 0) return state;
    // A meter that somebody looks at goes on by itself.
    const stopLevels = this.#isTesting ? () => {} : this.#meterMicrophone();
    await sound.testTone();
    stopLevels();
    this.#rest();
    return state;
  };

  devices = (): DevicesView => this.#devices.view();

  chooseDevice = (use: DeviceUse, id: string | null): Result<Done> => {
    this.#guarding.chosen();
    return this.#devices.choose(use, id) ? done : refused(refusal('notFound', 'device'));
  };

  testDevice = async (what: DeviceUse | 'none'): Promise<Result<Done>> => {
    const { sound } = this.#plan.sound;
    if (what === 'none') {
      this.#stopTest();
      return done;
    }
    // A tone would be heard over the customer, and the meters of a call run already.
    if (this.#store.live().length > 0) return refused(refusal('conflict', 'callInProgress'));
    sound.unlock();
    if (what === 'speaker') await sound.testTone();
    else if (what === 'ring') await sound.testRing();
    else return this.#testMicrophone();
    this.#rest();
    return done;
  };

  /** Nobody listens and nothing is metered. */
  #rest(): void {
    if (!this.#isTesting && this.#store.live().length === 0) this.#plan.sound.sound.rest();
  }

  async #testMicrophone(): Promise<Result<Done>> {
    const state = await this.#microphone.open();
    const why = whyNoMicrophone(state);
    if (why !== undefined) return refused(why);
    this.#stopTest();
    const stopLevels = this.#meterMicrophone();
    const stopLimit = this.#plan.clock.after(microphoneTestMs, () => this.#stopTest());
    // A call has meters of its own.
    const stopCalls = this.#store.onState(({ calls }) => {
      if (calls.some(isLive)) this.#stopTest();
    });
    this.#isTesting = true;
    this.#stopTest = () => {
      this.#stopTest = () => {};
      this.#isTesting = false;
      stopCalls();
      stopLimit();
      stopLevels();
      // What is no longer measured must not stay on view.
      this.#emitLevels({ callId: null, microphoneDb: silenceDb, customerDb: silenceDb });
      this.#rest();
    };
    return done;
  }

  #meterMicrophone(): () => void {
    let heard: MediaStream | undefined;
    return startLevels({
      clock: this.#plan.clock,
      callId: null,
      meter: this.#plan.sound.meter,
      // A device chosen meanwhile is another track.
      microphone: () => {
        const track = this.#microphone.track();
        if (heard?.getAudioTracks()[0] !== track) heard = track === undefined ? undefined : new MediaStream([track]);
        return heard;
      },
      customer: () => undefined,
      emit: this.#emitLevels,
    });
  }

  reconnect = (): void => this.#board.reconnect();
  kept = (): readonly KeptCall[] => this.#board.kept();
  takeUp = (calls: readonly KeptCall[]): void => this.#board.takeUp(calls);
  expect = (supervisionId: string | null): void => this.#board.expect(supervisionId);
  expectDialled = (contactId: string | null): void => this.#board.expectDialled(contactId);
  tookOver: Phone['tookOver'] = (callId, taken) =>
    void this.#store.apply(callId, takeOverOf(taken, this.#plan.clock.nowMs()));
  setAvailable = (isAvailable: boolean): void => this.#board.setAvailable(isAvailable);

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
