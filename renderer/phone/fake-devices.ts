import type { DeviceState, Levels } from '../../shared/phone.ts';
import { refusal, refused } from '../../shared/result.ts';
import type { Clock } from './clock.ts';
import { createDevices, type DeviceInfo, type DeviceSource, type PhoneDevices } from './devices.ts';
import { done, whyNoMicrophone } from './phone.ts';

/** Microphones and speakers that are plugged in and out by whoever holds this. */
export type FakeDevices = {
  readonly source: DeviceSource;
  /** From now on these are there; told as browsers do, `times` times in a row. */
  readonly plug: (next: readonly DeviceInfo[], times?: number) => void;
};

/** Two headsets, each a microphone and a speaker, and the loudspeaker of the computer. */
export const twoHeadsets: readonly DeviceInfo[] = [
  { kind: 'audioinput', deviceId: 'default', groupId: 'a', label: 'Default - Headset A' },
  { kind: 'audioinput', deviceId: 'mic-a', groupId: 'a', label: 'Headset A' },
  { kind: 'audioinput', deviceId: 'mic-b', groupId: 'b', label: 'Headset B' },
  { kind: 'audiooutput', deviceId: 'default', groupId: 'a', label: 'Default - Headset A' },
  { kind: 'audiooutput', deviceId: 'out-a', groupId: 'a', label: 'Headset A' },
  { kind: 'audiooutput', deviceId: 'out-b', groupId: 'b', label: 'Headset B' },
  { kind: 'audiooutput', deviceId: 'out-c', groupId: 'c', label: 'Loudspeaker' },
];

export const createFakeDevices = (first: readonly DeviceInfo[] = twoHeadsets): FakeDevices => {
  let now = first;
  const ears = new Set<() => void>();
  return {
    source: {
      enumerateDevices: async () => now,
      addEventListener: (_type, listener) => void ears.add(listener),
    },
    plug: (next, times = 2) => {
      now = next;
      for (let time = 0; time < times; time += 1) for (const ear of ears) ear();
    },
  };
};

type FakePhoneDevicesPlan = {
  readonly clock: Clock;
  readonly source: DeviceSource;
  readonly isInCall: () => boolean;
  readonly state: () => DeviceState;
  readonly emit: (levels: Levels) => void;
};

const levelsEveryMs = 100;

/** The devices of a telephone without wires: the real choice, tests that end at once, a meter that swings without chance. */
export const fakePhoneDevices = (
  plan: FakePhoneDevicesPlan,
): PhoneDevices & { readonly look: () => Promise<unknown> } => {
  const { clock, source, isInCall, state, emit } = plan;
  const choices = createDevices({ devices: source, storage: undefined, clock, canRoute: true });
  let stopTest = (): void => {};
  const tick = (): void => {
    emit({ callId: null, microphoneDb: -30 + 10 * Math.sin(clock.nowMs() / 400), customerDb: -100 });
    stopTest = clock.after(levelsEveryMs, tick);
  };
  return {
    look: choices.look,
    devices: choices.view,
    onDevices: choices.onView,
    chooseDevice: (use, id) => (choices.choose(use, id) ? done : refused(refusal('notFound', 'device'))),
    testDevice: async (what) => {
      if (what === 'none') {
        stopTest();
        return done;
      }
      if (isInCall()) return refused(refusal('conflict', 'callInProgress'));
      if (what !== 'microphone') return done;
      const why = whyNoMicrophone(state());
      if (why !== undefined) return refused(why);
      stopTest();
      tick();
      return done;
    },
  };
};
