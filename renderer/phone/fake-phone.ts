import type { CallEvent, EndCause } from '../../shared/call.ts';
import { CallId, ContactId, type NewId } from '../../shared/ids.ts';
import type { DeviceState, Levels, Voicemail } from '../../shared/phone.ts';
import { printable } from '../../shared/phone-number.ts';
import { refusal, refused, type Result } from '../../shared/result.ts';
import { createAnnounced } from './announced.ts';
import { type CallMeasures, measureCalls } from './call-measures.ts';
import type { Clock } from './clock.ts';
import { createFakeDevices, type FakeDevices, fakePhoneDevices } from './fake-devices.ts';
import type { FakeCaller, FakeFarEnd } from './fake-far.ts';
import { clearLine, levelsOf, seenOf } from './fake-sound.ts';
import {
  areDigits,
  asideOf,
  type DialOrder,
  type Done,
  done,
  hasRoomFor,
  isDialable,
  type Phone,
  takeOverOf,
  whyNoMicrophone,
  whyNoRelay,
  whyNotDial,
} from './phone.ts';
import { createPhoneStore } from './phone-store.ts';
import { causeOfStatus } from './sip-causes.ts';
import { outgoingCall } from './sip-outgoing.ts';
import { createTwoLines, type ReferEvents, type TwoLines } from './two-lines.ts';
import { colleagueNumber, contactIdText, dialledName, queueName, supervisionName } from './sip-text.ts';

/**
 * A telephone without wires: keeps every rule of `Phone`, with the far end, the line and the microphone in the hands of whoever
 * holds `far`. For tests and for working on the desk without an exchange.
 */
export type FakePhone = { readonly phone: Phone; readonly far: FakeFarEnd; readonly devices: FakeDevices };

/** How long things take: enough to see every state pass by. */
const takesMs = { register: 20, progress: 30, answer: 60, media: 40, hold: 40, levels: 100, transfer: 60 } as const;
const ready: DeviceState = { kind: 'ready', microphone: 'Fake microphone', speaker: 'Fake speaker' };

export const createFakePhone = ({ clock, newId }: { clock: Clock; newId: NewId }): FakePhone => new Fake(clock, newId);

class Fake implements FakePhone, FakeFarEnd {
  readonly #clock: Clock;
  readonly #newId: NewId;
  readonly #store = createPhoneStore();
  readonly #levels = new Set<(levels: Levels) => void>();
  readonly #measures: CallMeasures;
  #isAvailable = false;
  #isOn = false;
  #hasLine = true;
  #takes: 'ring' | 'answer' | number = 'answer';
  #devices: DeviceState = ready;
  readonly devices: FakeDevices = createFakeDevices();
  #heardDigits = '';
  #takesHold = true;
  #silentFromMs: number | undefined;
  #expected: string | null = null;
  readonly #announced = createAnnounced<FakeCaller>(
    { nowMs: () => this.#clock.nowMs(), after: (ms, run) => this.#clock.after(ms, run) },
    (from) => void this.call(from),
  );
  #target: 'ring' | 'answer' | number = 'answer';
  #divertedTo: string | null = null;
  #mixed = 0;
  #mailbox: Voicemail | undefined;
  readonly #lines: TwoLines;
  /** What waits to happen to a live call; forgotten when it ends. */
  readonly #pending = new Map<CallId, (() => void)[]>();

  constructor(clock: Clock, newId: NewId) {
    this.#clock = clock;
    this.#newId = newId;
    this.#lines = createTwoLines({
      clock,
      store: this.#store,
      wire: {
        hold: (id, isHeld) => this.#hold(id, isHeld),
        refer: (_id, _to, on) => this.#refer(on),
        mix: (ids) => {
          this.#mixed = ids.length;
        },
        end: (id, cause) => void this.#end(id, cause),
      },
    });
    this.#measures = measureCalls({
      clock,
      store: this.#store,
      media: () => ({
        reading: async () => ({
          ...clearLine(clock.nowMs()),
          ...(this.#silentFromMs === undefined
            ? {}
            : { packetsReceived: clearLine(this.#silentFromMs).packetsReceived }),
        }),
        expectsSound: () => true,
      }),
      guarding: { see: (callId) => seenOf(this.#store.find(callId)?.state, this.#hasLine), repair: () => {} },
    });
  }

  readonly #equipment = fakePhoneDevices({
    clock: { nowMs: () => this.#clock.nowMs(), after: (delayMs, run) => this.#clock.after(delayMs, run) },
    source: this.devices.source,
    isInCall: () => this.#store.live().length > 0,
    state: () => this.#devices,
    emit: (levels) => {
      for (const listener of this.#levels) listener(levels);
    },
  });

  readonly phone: Phone = {
    state: () => this.#store.state(),
    onState: (listener) => this.#store.onState(listener),
    onLevels: (listener) => {
      this.#levels.add(listener);
      return () => this.#levels.delete(listener);
    },
    onQuality: (listener) => this.#measures.onQuality(listener),
    onMeasured: (listener) => this.#measures.onMeasured(listener),
    onTrouble: (listener) => this.#measures.onTrouble(listener),
    start: () => this.#start(),
    stop: () => this.#stop(),
    dial: async (order) => {
      const why = whyNotDial(this.#store.state(), order.aside);
      if (why !== undefined) return refused(why);
      if (!isDialable(order.dial)) return refused(refusal('invalid', 'number'));
      return this.#dial(order);
    },
    answer: async (callId) => this.#answer(callId),
    reject: (callId) => {
      const kind = this.#store.find(callId)?.state.kind;
      if (kind !== 'ringing' && kind !== 'ended') return refused(refusal('conflict', 'notRinging'));
      return this.#end(callId, 'rejected');
    },
    hangUp: (callId) => {
      const call = this.#store.find(callId);
      if (call === undefined) return refused(refusal('conflict', 'callEnded'));
      return this.#end(callId, call.state.kind === 'ringing' ? 'rejected' : 'agentHungUp');
    },
    mute: (callId, isMuted) => {
      if (!this.#isTalking(callId)) return refused(refusal('conflict', 'notTalking'));
      const to = isMuted ? 'muted' : 'open';
      for (const id of this.#lines.together(callId))
        this.#apply(id, { kind: 'microphone', to, atMs: this.#clock.nowMs() });
      return done;
    },
    hold: (callId, isHeld) => {
      if (!this.#isTalking(callId)) return refused(refusal('conflict', 'notTalking'));
      this.#lines.hold(callId, isHeld);
      return done;
    },
    swap: () => this.#lines.swap(),
    transfer: (callId, dial) => this.#lines.transfer(callId, dial),
    completeTransfer: (callId, consultId) => this.#lines.completeTransfer(callId, consultId),
    merge: (callId, otherId) => this.#lines.merge(callId, otherId),
    part: () => this.#lines.part(),
    divert: (callId, dial) => {
      if (!isDialable(dial)) return refused(refusal('invalid', 'number'));
      if (this.#store.find(callId)?.state.kind !== 'ringing') return refused(refusal('conflict', 'notRinging'));
      this.#divertedTo = dial;
      return this.#end(callId, 'transferred');
    },
    sendDigits: (callId, digits) => {
      if (!areDigits(digits)) return refused(refusal('invalid'));
      if (!this.#isTalking(callId)) return refused(refusal('conflict', 'notTalking'));
      this.#heardDigits += digits;
      return done;
    },
    checkDevices: async () => {
      this.#store.setDevices({ kind: 'checking' });
      this.#store.setDevices(this.#devices);
      return this.#devices;
    },
    ...this.#equipment,
    reconnect: () => {
      if (this.#isOn && this.#hasLine) this.#register();
    },
    kept: () =>
      this.#store.live().flatMap((call) => {
        const tag = call.id.slice(-8);
        if (call.state.kind !== 'talking') return [];
        return [{ call, dialog: { sipCallId: call.id, localTag: tag, remoteTag: tag } }];
      }),
    takeUp: (calls) => {
      for (const { call } of calls.toReversed()) {
        this.#store.add(call);
        this.#establish(call.id);
      }
    },
    expect: (supervisionId) => {
      this.#expected = supervisionId;
    },
    expectDialled: (contactId) => this.#announced.expect(contactId),
    tookOver: (callId, taken) => this.#apply(callId, takeOverOf(taken, this.#clock.nowMs())),
    setAvailable: (isAvailable) => {
      this.#isAvailable = isAvailable;
    },
    close: () => this.#stop(),
  };

  // ── the far end ──
  readonly far: FakeFarEnd = this;

  call: FakeFarEnd['call'] = (from = {}) => {
    if (this.#store.state().line.kind !== 'registered') return 486;
    const supervisionId = supervisionName(from.supervision);
    if (supervisionId !== undefined && supervisionId !== this.#expected) return 403;
    const dialled = dialledName(from.dialled);
    const word = dialled === undefined ? undefined : this.#announced.wordOf(dialled, from);
    if (word === 'waits') return 100;
    if (word === 'unannounced') return 403;
    const aside = asideOf(supervisionId, colleagueNumber(from.colleague));
    if (!hasRoomFor(aside, this.#store.live(), this.#isAvailable)) return 486;
    if (whyNoRelay(this.#store.state()) !== undefined) return 480;
    const atMs = this.#clock.nowMs();
    const queue = queueName(from.queue);
    const exchangeId = contactIdText(from.contactId);
    const id = CallId.parse(this.#newId());
    this.#store.add({
      id,
      direction: 'inbound',
      number: printable(from.number ?? '13800138000'),
      display: printable(from.display ?? ''),
      ...(queue === undefined ? {} : { queue }),
      contactId: ContactId.parse(this.#newId()),
      ...(exchangeId === undefined ? {} : { exchangeId: ContactId.parse(exchangeId) }),
      ...(aside === undefined ? {} : { aside }),
      state: { kind: 'ringing', sinceMs: atMs },
      trace: { inviteMs: atMs },
    });
    if (aside?.kind === 'supervision' || word === 'announced') {
      this.#expected = null;
      this.#answer(id);
    }
    return 180;
  };
  hangUp: FakeFarEnd['hangUp'] = () => {
    const [call] = this.#store.live();
    // A hang-up that nobody can be told of is told when the line is back, as on a real exchange.
    if (call === undefined) return;
    const tell = (): void => void this.#end(call.id, call.state.kind === 'ringing' ? 'missed' : 'customerHungUp');
    if (this.#hasLine) tell();
    else this.#owed.push(tell);
  };
  readonly #owed: (() => void)[] = [];
  policy: FakeFarEnd['policy'] = (next) => {
    this.#takes = next;
  };
  pickUp: FakeFarEnd['pickUp'] = () => {
    const call = this.#store.live().find(({ direction }) => direction === 'outbound');
    if (call !== undefined) this.#establish(call.id);
  };
  target: FakeFarEnd['target'] = (next) => {
    this.#target = next;
  };
  divertedTo: FakeFarEnd['divertedTo'] = () => this.#divertedTo;
  mixed: FakeFarEnd['mixed'] = () => this.#mixed;
  takesHold: FakeFarEnd['takesHold'] = (isTaking) => {
    this.#takesHold = isTaking;
  };
  goSilent: FakeFarEnd['goSilent'] = (isSilent) => {
    this.#silentFromMs = isSilent ? this.#clock.nowMs() : undefined;
  };
  cutLine: FakeFarEnd['cutLine'] = () => {
    this.#hasLine = false;
    if (!this.#isOn) return;
    const atMs = this.#clock.nowMs();
    this.#store.setLine({ kind: 'lost', sinceMs: atMs, attempt: 1, retryAtMs: atMs, why: 'socket' });
    for (const { id, state } of this.#store.live())
      if (['dialling', 'ringingOut'].includes(state.kind)) this.#end(id, 'network');
  };
  restoreLine: FakeFarEnd['restoreLine'] = () => {
    this.#hasLine = true;
    if (this.#isOn) this.#register();
  };
  microphone: FakeFarEnd['microphone'] = (next) => {
    this.#devices = next;
    if (this.#isOn) this.#store.setDevices(next);
  };
  relay: FakeFarEnd['relay'] = (next) => this.#store.setRelay(next);
  voicemail: FakeFarEnd['voicemail'] = (fresh, old) => {
    this.#mailbox = { new: fresh, old };
    if (this.#store.state().line.kind === 'registered') this.#store.setVoicemail(this.#mailbox);
  };
  digits: FakeFarEnd['digits'] = () => this.#heardDigits;

  // ── what both sides use ──
  #start(): void {
    if (this.#isOn) return;
    this.#isOn = true;
    this.#store.setLine({ kind: 'connecting', attempt: 1 });
    this.#store.setDevices(this.#devices);
    void this.#equipment.look();
    if (this.#hasLine) this.#register();
  }

  async #stop(): Promise<void> {
    for (const { id } of this.#store.live()) this.#end(id, 'agentHungUp');
    this.#isOn = false;
    this.#isAvailable = false;
    this.#store.setLine({ kind: 'off' });
    this.#store.setVoicemail(undefined);
    this.#store.setDevices({ kind: 'unchecked' });
  }

  #register(): void {
    this.#clock.after(takesMs.register, () => {
      if (!this.#isOn || !this.#hasLine || this.#store.state().line.kind === 'registered') return;
      this.#store.setLine({ kind: 'registered', sinceMs: this.#clock.nowMs() });
      for (const tell of this.#owed.splice(0)) tell();
      this.#store.setVoicemail(this.#mailbox);
    });
  }

  #dial(order: DialOrder): Result<Done> {
    const id = order.callId;
    this.#lines.holdOthers(id);
    const call = outgoingCall(order, this.#clock.nowMs());
    this.#store.add(call);
    if (this.#devices.kind !== 'ready') return this.#end(id, 'microphone');
    const takes = this.#takes;
    if (typeof takes === 'number') this.#later(id, takesMs.progress, () => void this.#end(id, causeOfStatus(takes)));
    else {
      this.#later(id, takesMs.progress, () => this.#apply(id, { kind: 'progress', atMs: this.#clock.nowMs() }));
      if (takes === 'answer') this.#later(id, takesMs.answer, () => this.#establish(id));
    }
    return done;
  }

  #answer(id: CallId): Result<Done> {
    const kind = this.#store.find(id)?.state.kind;
    if (kind === 'answering' || kind === 'talking') return done;
    if (kind !== 'ringing') return refused(refusal('conflict', 'callEnded'));
    const why = whyNoMicrophone(this.#devices);
    if (why !== undefined) return refused(why);
    this.#lines.holdOthers(id);
    this.#apply(id, { kind: 'answerClicked', atMs: this.#clock.nowMs() });
    this.#later(id, takesMs.media, () => this.#establish(id));
    return done;
  }

  #establish(id: CallId): void {
    this.#apply(id, { kind: 'established', atMs: this.#clock.nowMs() });
    this.#later(id, takesMs.media, () => this.#apply(id, { kind: 'mediaFlowing', atMs: this.#clock.nowMs() }));
    this.#measure(id);
  }

  #hold(id: CallId, isHeld: boolean): void {
    this.#apply(id, { kind: isHeld ? 'holdAsked' : 'resumeAsked', atMs: this.#clock.nowMs() });
    this.#later(id, takesMs.hold, () => {
      // Without a line nobody answers; the question goes out again when it is back.
      const answer = (): void => {
        const atMs = this.#clock.nowMs();
        this.#apply(
          id,
          this.#takesHold ? { kind: 'holdAgreed', to: isHeld ? 'held' : 'open', atMs } : { kind: 'holdRefused', atMs },
        );
      };
      if (this.#hasLine) answer();
      else this.#owed.push(answer);
    });
  }

  #refer(on: ReferEvents): () => void {
    const cancel = this.#clock.after(takesMs.progress, on.trying);
    const takes = this.#target;
    const answer = (): void => (typeof takes === 'number' ? on.failed(takes) : on.done());
    const cancelAnswer = takes === 'ring' ? () => {} : this.#clock.after(takesMs.transfer, answer);
    return () => {
      cancel();
      cancelAnswer();
    };
  }

  #measure(id: CallId): void {
    const state = this.#store.find(id)?.state;
    if (state?.kind !== 'talking') return;
    const levels = levelsOf(id, state, this.#clock.nowMs());
    this.#measures.heard(levels);
    if (this.#store.foreground()?.id === id) for (const listener of this.#levels) listener(levels);
    this.#later(id, takesMs.levels, () => this.#measure(id));
  }

  #end(id: CallId, cause: EndCause): Result<Done> {
    for (const cancel of this.#pending.get(id) ?? []) cancel();
    this.#pending.delete(id);
    this.#apply(id, { kind: 'ended', cause, atMs: this.#clock.nowMs() });
    return done;
  }

  #isTalking(id: CallId): boolean {
    return this.#store.find(id)?.state.kind === 'talking';
  }

  #apply(id: CallId, event: CallEvent): void {
    this.#store.apply(id, event);
  }

  #later(id: CallId, delayMs: number, run: () => void): void {
    const waiting = this.#pending.get(id) ?? [];
    this.#pending.set(id, [...waiting, this.#clock.after(delayMs, run)]);
  }
}
