import { pageClock } from '../../../../renderer/phone/clock.ts';
import type { Phone } from '../../../../renderer/phone/phone.ts';
import { createSipPhone } from '../../../../renderer/phone/sip-phone.ts';
import type { WireEvent } from '../../../../renderer/phone/sip-transport.ts';
import { createSound } from '../../../../renderer/phone/sound.ts';
import { uuidv7 } from '../../../../shared/ids.ts';
import type { Levels, PhoneState } from '../../../../shared/phone.ts';

/** The real telephone in a bare page, with its microphone in the hands of the lab. */
type PhoneLabPage = {
  phone: Phone;
  states: PhoneState[];
  levels: Levels[];
  wire: WireEvent[];
  microphone: (next: 'ready' | 'NotAllowedError' | 'NotFoundError' | 'NotReadableError') => void;
  /** Ends every open microphone, as when the headset is pulled out. */
  unplug: () => void;
  /** What the next opening gives: the browser's fake microphone itself, or that through a headset with a mute button of its own. */
  wear: (what: 'microphone' | 'headset') => void;
  /** The headset's own mute: the system and the page see a live track, and zeros. */
  headsetMute: (isMuted: boolean) => void;
};

declare global {
  interface Window {
    lab: PhoneLabPage;
  }
}

let fault: string | undefined;
let isHeadset = false;
let headset: GainNode | undefined;
const throughHeadset = async (stream: MediaStream): Promise<MediaStream> => {
  const context = new AudioContext();
  await context.resume();
  headset = context.createGain();
  const wire = context.createMediaStreamDestination();
  context.createMediaStreamSource(stream).connect(headset).connect(wire);
  return wire.stream;
};
const opened: MediaStreamTrack[] = [];
const real = navigator.mediaDevices;
/** The browser's own devices, unless the lab wants a fault. */
const devices = new Proxy(real, {
  get: (target, name) => {
    if (name === 'getUserMedia')
      return async (constraints: MediaStreamConstraints) => {
        if (fault !== undefined) throw new DOMException('lab', fault);
        const stream = await target.getUserMedia(constraints);
        const given = isHeadset ? await throughHeadset(stream) : stream;
        opened.push(...given.getTracks());
        return given;
      };
    const value: unknown = Reflect.get(target, name);
    return typeof value === 'function' ? (value.bind(target) as unknown) : value;
  },
});
const clock = pageClock();
const wire: WireEvent[] = [];
const states: PhoneState[] = [];
const levels: Levels[] = [];
const phone = createSipPhone({
  clock,
  newId: () => uuidv7(clock.nowMs(), crypto.getRandomValues(new Uint8Array(10))),
  random: () => Math.random(),
  devices,
  permissions: navigator.permissions,
  sound: createSound(document, clock),
  onWire: (event) => wire.push(event),
});
phone.onState((state) => states.push(state));
phone.onLevels((next) => levels.push(next));

window.lab = {
  phone,
  states,
  levels,
  wire,
  microphone: (next) => {
    fault = next === 'ready' ? undefined : next;
  },
  unplug: () => {
    // `stop` fires no event by itself; a device that goes away does.
    for (const track of opened.splice(0)) {
      track.stop();
      track.dispatchEvent(new Event('ended'));
    }
  },
  wear: (what) => {
    isHeadset = what === 'headset';
  },
  headsetMute: (isMuted) => {
    if (headset !== undefined) headset.gain.value = isMuted ? 0 : 1;
  },
};
