import { z } from 'zod';

/**
 * Watches over the sound of one call: names the leg that is dead within two seconds and says what to do about it, one step after
 * the other, as long as it stays dead.
 *
 *   well ──dead for as long as its leg allows──▶ trouble(leg, first step) ──step's time over──▶ next step … ──▶ last step, stays
 *    ▲                                                │
 *    └────────────── alive again for a second ────────┘   (dead again soon: goes on where it was, so that nothing flaps)
 */
export const Leg = z.enum([
  'microphoneGone', // the device was pulled out or its track ended
  'microphoneMuted', // the system or the headset keeps it silent
  'hold', // asked for, and the far end does not say
  'path', // ICE lost the way
  'receiving', // nothing comes from the customer
  'sending', // nothing of the agent leaves, or none of it arrives
  'microphoneSilent', // an open microphone that gives nothing but zeros
  'microphoneChanged', // another microphone than before took over, and nobody chose it
  'mutedSpeech', // the agent talks into a microphone they muted themselves
]);
export type Leg = z.infer<typeof Leg>;

export const Doing = z.enum([
  'replaceTrack',
  'restartIce',
  'renew',
  'waitLine',
  'checkHeadset',
  'callBack',
  'tryNewMicrophone',
  'unmute',
]);
export type Doing = z.infer<typeof Doing>;

/** What is seen of a talking call at one moment; about four a second. Counts are since the connection began. */
export type Observation = {
  readonly atMs: number;
  readonly microphone: 'live' | 'muted' | 'gone';
  /** Only digital zeros since the last observation. */
  readonly isFlat: boolean;
  readonly packetsSent: number;
  readonly packetsReceived: number;
  /** Of the customer's, lost on the way or too late. */
  readonly packetsMissed: number;
  /** The far end's last report missed every packet of ours. */
  readonly isUnheard: boolean;
  readonly ice: RTCIceConnectionStateWord;
  /** Sound of the customer is agreed on: false while either side holds. */
  readonly expectsSound: boolean;
  /** The agent means to be heard: neither muted by choice nor holding. */
  readonly expectsVoice: boolean;
  readonly isHoldPending: boolean;
  /** Another microphone took over a moment ago, without the agent's choice. */
  readonly isOtherMicrophone: boolean;
  /** The agent muted the microphone and speaks into it. */
  readonly speaksMuted: boolean;
  /** Whether anything can be asked of the far end now. */
  readonly isLineOpen: boolean;
};
type RTCIceConnectionStateWord = 'new' | 'checking' | 'connected' | 'completed' | 'disconnected' | 'failed' | 'closed';

export type CallTrouble = { readonly leg: Leg; readonly doing: Doing };

export type Guard = {
  readonly last: Observation | null;
  /** Since when each leg looks dead. */
  readonly deadSinceMs: Readonly<Partial<Record<Leg, number>>>;
  /** `wellSinceMs`: it looks alive again since then. */
  readonly trouble:
    | (CallTrouble & { readonly step: number; readonly stepSinceMs: number; readonly wellSinceMs: number | null })
    | null;
  /** The last one that went away, and the step it was at. */
  readonly past: { readonly leg: Leg; readonly step: number; readonly endedAtMs: number } | null;
  /** How often a second of zeros and more was followed by sound: headsets that gate the microphone do so between sentences. */
  readonly gaps: number;
  /**
   * How often half a second and more without a packet ended without one missing: a customer's gateway that sends nothing while nobody
   * speaks. Asterisk does not pass its comfort noise (RFC 3389) on to the seat. One that was long enough to be named counts twice: two
   * false alarms are the most a call can have.
   */
  readonly pauses: number;
};

/** Milliseconds. Two seconds from the fault to its name, less one look and the reading of the browser's counts. */
export const guardTimes = {
  nameAfter: {
    microphoneGone: 0,
    microphoneMuted: 300,
    hold: 1_500,
    path: 1_000,
    receiving: 1_150,
    sending: 1_150,
    // Chromium's meter takes most of a second more to come down to zero.
    microphoneSilent: 750,
    microphoneChanged: 0,
    mutedSpeech: 0,
  },
  /** From so many gaps (or pauses) of at least so long on they are a habit, and named only after `nameAfter`. */
  habit: { from: 3, gap: 500, mostMissed: 2, nameAfter: 10_000 },
  wellAfter: 1_000,
  /** Dead again within this time is the same trouble. */
  sameWithin: 15_000,
  step: {
    replaceTrack: 2_000,
    restartIce: 5_000,
    renew: 5_000,
    waitLine: 0,
    checkHeadset: 0,
    callBack: 0,
    tryNewMicrophone: 0,
    unmute: 0,
  },
} as const;

/** The last step stays. */
const ladders: Readonly<Record<Leg, readonly [Doing, ...Doing[]]>> = {
  microphoneGone: ['replaceTrack', 'checkHeadset'],
  microphoneMuted: ['replaceTrack', 'checkHeadset'],
  hold: ['renew'],
  path: ['restartIce', 'renew', 'callBack'],
  receiving: ['restartIce', 'renew', 'callBack'],
  sending: ['replaceTrack', 'restartIce', 'renew', 'callBack'],
  microphoneSilent: ['replaceTrack', 'checkHeadset'],
  microphoneChanged: ['tryNewMicrophone'],
  mutedSpeech: ['unmute'],
};

export const wellGuarded: Guard = { last: null, deadSinceMs: {}, trouble: null, past: null, gaps: 0, pauses: 0 };

export const nextGuard = (guard: Guard, now: Observation): Guard => {
  if (guard.last !== null && now.atMs <= guard.last.atMs) return guard;
  const deadSinceMs: Partial<Record<Leg, number>> = {};
  for (const leg of Leg.options)
    if (isDead(leg, now, guard.last)) deadSinceMs[leg] = guard.deadSinceMs[leg] ?? now.atMs;
  const gaps = guard.gaps + Number(isGap(guard, now));
  const wasNamed = guard.trouble?.leg === 'receiving';
  const pauses = guard.pauses + Number(isPause(guard, now)) * (wasNamed ? 2 : 1);
  const named = Leg.options.find((leg) => {
    const sinceMs = deadSinceMs[leg];
    return sinceMs !== undefined && now.atMs - sinceMs >= nameAfterMs(leg, { gaps, pauses });
  });
  return walked({ ...guard, last: now, deadSinceMs, gaps, pauses }, named, now);
};

const nameAfterMs = (leg: Leg, { gaps, pauses }: Pick<Guard, 'gaps' | 'pauses'>): number => {
  const times = leg === 'microphoneSilent' ? gaps : leg === 'receiving' ? pauses : 0;
  return times >= guardTimes.habit.from ? guardTimes.habit.nameAfter : guardTimes.nameAfter[leg];
};

/** Zeros that just ended in sound of the same microphone. */
const isGap = ({ deadSinceMs: { microphoneSilent: sinceMs } }: Guard, now: Observation): boolean =>
  sinceMs !== undefined &&
  now.expectsVoice &&
  now.microphone === 'live' &&
  !now.isFlat &&
  now.atMs - sinceMs >= guardTimes.habit.gap;

/** Packets that come again after a pause, with nothing missing. */
const isPause = ({ deadSinceMs: { receiving: sinceMs }, last }: Guard, now: Observation): boolean =>
  sinceMs !== undefined &&
  last !== null &&
  now.expectsSound &&
  now.packetsReceived > last.packetsReceived &&
  now.packetsMissed - last.packetsMissed <= guardTimes.habit.mostMissed &&
  now.atMs - sinceMs >= guardTimes.habit.gap;

const isDead = (leg: Leg, now: Observation, last: Observation | null): boolean => {
  switch (leg) {
    case 'microphoneGone':
      return now.expectsVoice && now.microphone === 'gone';
    case 'microphoneMuted':
      return now.expectsVoice && now.microphone === 'muted';
    case 'microphoneSilent':
      return now.expectsVoice && now.microphone === 'live' && now.isFlat;
    case 'microphoneChanged':
      return now.expectsVoice && now.isOtherMicrophone;
    case 'mutedSpeech':
      return now.speaksMuted;
    case 'hold':
      return now.isHoldPending;
    case 'path':
      return now.ice === 'disconnected' || now.ice === 'failed';
    case 'receiving':
      return last !== null && now.expectsSound && last.expectsSound && now.packetsReceived <= last.packetsReceived;
    case 'sending':
      return last !== null && now.expectsVoice && (now.isUnheard || now.packetsSent <= last.packetsSent);
  }
};

const walked = (guard: Guard, named: Leg | undefined, now: Observation): Guard => {
  const { trouble } = guard;
  if (trouble === null) return named === undefined ? guard : { ...guard, trouble: begun(guard, named, now) };
  // A weightier cause shows: it is named instead, its ladder begins where the other was if it knows that step.
  if (named !== undefined && Leg.options.indexOf(named) < Leg.options.indexOf(trouble.leg)) {
    const step = Math.max(0, ladders[named].indexOf(trouble.doing));
    return { ...guard, trouble: at(named, step, now, step > 0 ? trouble.stepSinceMs : now.atMs) };
  }
  if (guard.deadSinceMs[trouble.leg] === undefined) {
    const wellSinceMs = trouble.wellSinceMs ?? now.atMs;
    if (now.atMs - wellSinceMs < guardTimes.wellAfter) return { ...guard, trouble: { ...trouble, wellSinceMs } };
    const past = { leg: trouble.leg, step: trouble.step, endedAtMs: now.atMs };
    const next = { ...guard, trouble: null, past };
    return named === undefined ? next : { ...next, trouble: begun(next, named, now) };
  }
  return { ...guard, trouble: climbed(trouble, now) };
};

type Trouble = NonNullable<Guard['trouble']>;

const begun = ({ past }: Guard, leg: Leg, now: Observation): Trouble => {
  const isSame = past?.leg === leg && now.atMs - past.endedAtMs <= guardTimes.sameWithin;
  return at(leg, isSame ? past.step + 1 : 0, now, now.atMs);
};

const climbed = (trouble: Trouble, now: Observation): Trouble => {
  const alive: Trouble = { ...trouble, wellSinceMs: null };
  // What could not be asked did not fail: its time begins when the line is back.
  if (trouble.doing === 'waitLine') return now.isLineOpen ? at(trouble.leg, trouble.step, now, now.atMs) : alive;
  const isLast = trouble.step >= ladders[trouble.leg].length - 1;
  if (isLast || now.atMs - trouble.stepSinceMs < guardTimes.step[trouble.doing]) return alive;
  return at(trouble.leg, trouble.step + 1, now, now.atMs);
};

const at = (leg: Leg, wanted: number, now: Observation, stepSinceMs: number): Trouble => {
  const ladder = ladders[leg];
  const step = Math.min(wanted, ladder.length - 1);
  const doing = ladder[step] ?? ladder[0];
  const needsLine = doing === 'restartIce' || doing === 'renew';
  return { leg, doing: needsLine && !now.isLineOpen ? 'waitLine' : doing, step, stepSinceMs, wellSinceMs: null };
};
