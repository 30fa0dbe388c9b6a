import type { Codec, NetworkFigures } from '../../shared/quality.ts';

/**
 * What the browser counted of a call's sound so far (W3C webrtc-stats): the few figures of `RTCStatsReport` that a judgement needs.
 * Counts are from the beginning of the connection; times in milliseconds.
 */
export type CallReading = {
  readonly packetsReceived: number;
  readonly packetsSent: number;
  /** Never arrived, or arrived too late to be played. */
  readonly packetsMissed: number;
  readonly jitterMs: number;
  /** Sum over the samples played of how long each waited, and their number. */
  readonly bufferedMs: number;
  readonly played: number;
  /** Share of our packets the far end missed, 0–1, as its last report says; null before the first. */
  readonly missedThere: number | null;
  readonly rttMs: number | null;
  readonly codec: Codec;
  /** What the microphone gave to the encoder: energy (1 is a second of full scale) and for how long; absent without a microphone. */
  readonly spoken?: { readonly energy: number; readonly seconds: number };
};

type Stats = {
  readonly id: string;
  readonly type: string;
  readonly kind?: string;
  readonly packetsReceived?: number;
  readonly packetsSent?: number;
  readonly packetsLost?: number;
  readonly packetsDiscarded?: number;
  readonly jitter?: number;
  readonly jitterBufferDelay?: number;
  readonly jitterBufferEmittedCount?: number;
  readonly fractionLost?: number;
  readonly roundTripTime?: number;
  readonly currentRoundTripTime?: number;
  readonly nominated?: boolean;
  readonly state?: string;
  readonly codecId?: string;
  readonly mimeType?: string;
  readonly sdpFmtpLine?: string;
  readonly totalAudioEnergy?: number;
  readonly totalSamplesDuration?: number;
};

export const readStats = (report: Iterable<object>): CallReading => {
  const all = [...report] as Stats[];
  const heard = all.find(({ type, kind }) => type === 'inbound-rtp' && kind === 'audio');
  const told = all.find(({ type, kind }) => type === 'remote-inbound-rtp' && kind === 'audio');
  const spoken = all.find(({ type, kind }) => type === 'outbound-rtp' && kind === 'audio');
  const path = all.find(
    ({ type, nominated, state }) => type === 'candidate-pair' && nominated && state === 'succeeded',
  );
  const source = all.find(({ type, kind }) => type === 'media-source' && kind === 'audio');
  const codecId = heard?.codecId ?? spoken?.codecId;
  // The far end's own measurement reaches further than the path's, which may end at a relay.
  const rttS = told?.roundTripTime ?? path?.currentRoundTripTime;
  return {
    packetsReceived: heard?.packetsReceived ?? 0,
    packetsSent: spoken?.packetsSent ?? 0,
    // Duplicates make the loss of RFC 3550 negative.
    packetsMissed: Math.max(0, heard?.packetsLost ?? 0) + (heard?.packetsDiscarded ?? 0),
    jitterMs: (heard?.jitter ?? 0) * 1_000,
    bufferedMs: (heard?.jitterBufferDelay ?? 0) * 1_000,
    played: heard?.jitterBufferEmittedCount ?? 0,
    missedThere: told?.fractionLost ?? null,
    rttMs: rttS === undefined ? null : rttS * 1_000,
    codec: codecOf(all.find(({ type, id }) => type === 'codec' && id === codecId)),
    ...(source?.totalAudioEnergy === undefined
      ? {}
      : { spoken: { energy: source.totalAudioEnergy, seconds: source.totalSamplesDuration ?? 0 } }),
  };
};

const codecOf = (stats: Stats | undefined): Codec => {
  switch (stats?.mimeType?.toLowerCase()) {
    case 'audio/pcma':
      return 'pcma';
    case 'audio/pcmu':
      return 'pcmu';
    case 'audio/g722':
      return 'g722';
    case 'audio/opus':
      return /\buseinbandfec=1\b/.test(stats?.sdpFmtpLine ?? '') ? 'opusFec' : 'opus';
    default:
      return 'other';
  }
};

/** Peaks of up to two steps of 16 bits: what a muted headset dithers, and below every room. */
const flatEnergy = 5e-9;

/** Whether the microphone gave nothing but zeros between two readings; undefined when they do not tell (another track, no time). */
export const isFlatBetween = (first: CallReading | undefined, last: CallReading): boolean | undefined => {
  if (first?.spoken === undefined || last.spoken === undefined) return undefined;
  const seconds = last.spoken.seconds - first.spoken.seconds;
  const energy = last.spoken.energy - first.spoken.energy;
  return seconds <= 0 || energy < 0 ? undefined : energy / seconds <= flatEnergy;
};

/**
 * The network between two readings of one call. Loss is that of the worse direction: a customer who hears badly is a bad call too.
 * `isSilent`: sound was expected and none came, which no count of losses shows.
 */
export const figuresBetween = (first: CallReading, last: CallReading, isSilent: boolean): NetworkFigures => {
  const missed = Math.max(0, last.packetsMissed - first.packetsMissed);
  const arrived = Math.max(0, last.packetsReceived - first.packetsReceived);
  const lossHere = isSilent ? 1 : missed + arrived === 0 ? 0 : missed / (missed + arrived);
  const played = last.played - first.played;
  return {
    rttMs: last.rttMs,
    jitterMs: last.jitterMs,
    lossPct: 100 * Math.min(1, Math.max(lossHere, last.missedThere ?? 0)),
    jitterBufferMs: played > 0 ? Math.max(0, (last.bufferedMs - first.bufferedMs) / played) : null,
    codec: last.codec,
  };
};
