import type { Call } from '../../shared/call.ts';
import type { CallId } from '../../shared/ids.ts';
import { type Conference, createConference } from './conference.ts';
import type { PhoneStore } from './phone-store.ts';
import type { CallMedia } from './sip-media.ts';
import type { SoundPage, Tone } from './sound.ts';

/**
 * What the agent hears, and who hears whom.
 *
 * - EARS-1 The agent hears the call in front; held ones play their music to nobody.
 * - EARS-2 While it rings there, the network's own announcement is heard instead of our ring-back (RFC 3960).
 * - EARS-3 Merged calls hear each other (PHONE-12); a change of any of the sounds mixes them anew.
 */
export type CallEars = {
  /** Calls or their sounds are others now. */
  readonly follow: () => void;
  /** These hear each other from now on; none: nobody does. */
  readonly mix: (callIds: readonly CallId[]) => void;
};

type Plan = {
  readonly store: PhoneStore;
  readonly sound: SoundPage;
  readonly media: (callId: CallId) => CallMedia | undefined;
};

type Mixed = {
  readonly conference: Conference;
  readonly sounds: readonly MediaStreamTrack[];
  readonly undo: () => void;
};

export const createCallEars = ({ store, sound, media }: Plan): CallEars => {
  let mixedIds: readonly CallId[] = [];
  let mixed: Mixed | undefined;

  const unmix = (): void => {
    mixed?.undo();
    mixed = undefined;
  };
  const mixAnew = (): void => {
    const parties = mixedIds.flatMap((id) => {
      const of = media(id);
      const [heard, microphone] = [of?.received(), of?.sent()];
      // While a call is held its voice is taken out of its stream; it comes back with the sound.
      const sounds = [...(heard?.getAudioTracks() ?? []), ...(microphone?.getAudioTracks() ?? [])];
      return of === undefined || heard === undefined || microphone === undefined || sounds.length < 2
        ? []
        : [{ of, heard, microphone, sounds }];
    });
    const sounds = parties.flatMap((party) => party.sounds);
    const isSame = mixed?.sounds.length === sounds.length && sounds.every((one, at) => mixed?.sounds[at] === one);
    if (isSame) return;
    unmix();
    if (parties.length < 2) return;
    sound.sound.unlock();
    const conference = createConference(sound.context, parties);
    for (const [at, { of }] of parties.entries()) of.sendInstead(conference.sent[at]);
    const undo = (): void => {
      for (const { of } of parties) of.sendInstead(undefined);
      conference.stop();
    };
    mixed = { conference, sounds, undo };
  };
  const heard = (): MediaStream | undefined => {
    if (mixed !== undefined) return mixed.conference.heard;
    const front = store.foreground();
    const voice = front !== undefined && isHeard(front) ? media(front.id)?.received() : undefined;
    // Just taken back: the voice comes in a moment, and is told of.
    return voice !== undefined && voice.getAudioTracks().length > 0 ? voice : undefined;
  };
  const follow = (): void => {
    mixAnew();
    sound.sound.tone(toneFor(store.live()));
    const now = heard();
    if (now === undefined) sound.sound.silence();
    else sound.sound.play(now);
    if (store.live().length === 0) sound.sound.rest();
  };

  return {
    follow,
    mix: (callIds) => {
      mixedIds = callIds;
      follow();
    },
  };
};

/** EARS-1, EARS-2 */
const isHeard = ({ state }: Call): boolean =>
  state.kind === 'talking' || (state.kind === 'ringingOut' && state.earlyMedia === true);

/** Somebody who waits while the agent talks is told softly, not rung over the customer's voice. */
const toneFor = (live: readonly Call[]): Tone => {
  const isTalking = live.some(({ state }) => state.kind === 'talking');
  if (live.some(({ state }) => state.kind === 'ringing')) return isTalking ? 'waiting' : 'ring';
  // EARS-2
  return live.some((call) => call.state.kind === 'ringingOut' && !isHeard(call)) ? 'ringBack' : 'none';
};
