import { z } from 'zod';

/**
 * The voice environment of a call (R40), from the levels of both sides: who talks, who listens, silence, talk-over, how noisy it is
 * on either side, and when the agent should be told. Every moment belongs to exactly one of talk, listen, talk-over and silence.
 */
export const VoicePrompt = z.enum(['talkingOver', 'customerNoisy', 'agentNoisy', 'longSilence']);
export type VoicePrompt = z.infer<typeof VoicePrompt>;

/** Levels in dBFS as the meters give them (-100 is silence); about ten a second. */
export type LevelSample = { readonly atMs: number; readonly microphoneDb: number; readonly customerDb: number };

export const VoiceSummary = z.object({
  talkMs: z.number().int().min(0),
  listenMs: z.number().int().min(0),
  talkOverMs: z.number().int().min(0),
  silenceMs: z.number().int().min(0),
  /** What is left when nobody speaks, whole dBFS. */
  agentNoiseDb: z.number().int().min(-100).max(0),
  customerNoiseDb: z.number().int().min(-100).max(0),
});
export type VoiceSummary = z.infer<typeof VoiceSummary>;

/** One side. The newest levels are kept, oldest first: the quietest tenth of them is the noise. */
type Side = { readonly recentDb: readonly number[]; readonly noiseDb: number; readonly voiceUntilMs: number };

export type VoiceFigures = {
  readonly atMs: number | null;
  readonly agent: Side;
  readonly customer: Side;
  readonly talkMs: number;
  readonly listenMs: number;
  readonly talkOverMs: number;
  readonly silenceMs: number;
  /** Share of the last seconds in which both spoke, 0–1. */
  readonly overlap: number;
  readonly silentForMs: number;
  /** How long what would switch a prompt (on or off) has been so. */
  readonly switchingMs: Readonly<Record<VoicePrompt, number>>;
  readonly raised: Readonly<Record<VoicePrompt, boolean>>;
};

export const voiceLimits = {
  /** Speech is at least this loud, and this far above the noise of its side. */
  speechDb: -45,
  aboveNoiseDb: 8,
  /** Pauses within words and between them are speech. */
  hangoverMs: 300,
  /** Levels that say what the noise is: 4 s; speech leaves gaps in that. */
  windowSize: 40,
  /** A longer gap between two samples (a hold, a sleeping page) belongs to nobody. */
  longestGapMs: 500,
  /** Noise is told from its upper border on and until below its lower one. */
  noisyDb: { on: -42, off: -47 },
  /** Both at once, as a share of the last seconds. */
  overlap: { on: 0.35, off: 0.1, overMs: 5_000 },
  silence: { onMs: 15_000 },
  /** How long it must be so before it is told, and be over before it is taken back. */
  tell: {
    talkingOver: { onMs: 1_000, offMs: 2_000 },
    customerNoisy: { onMs: 4_000, offMs: 4_000 },
    agentNoisy: { onMs: 4_000, offMs: 4_000 },
    longSilence: { onMs: 0, offMs: 300 },
  },
} as const;

const quietSide: Side = { recentDb: [], noiseDb: -100, voiceUntilMs: Number.NEGATIVE_INFINITY };
export const noFigures: VoiceFigures = {
  atMs: null,
  agent: quietSide,
  customer: quietSide,
  talkMs: 0,
  listenMs: 0,
  talkOverMs: 0,
  silenceMs: 0,
  overlap: 0,
  silentForMs: 0,
  switchingMs: { talkingOver: 0, customerNoisy: 0, agentNoisy: 0, longSilence: 0 },
  raised: { talkingOver: false, customerNoisy: false, agentNoisy: false, longSilence: false },
};

export const nextFigures = (before: VoiceFigures, sample: LevelSample): VoiceFigures => {
  const { atMs } = sample;
  if (before.atMs !== null && atMs <= before.atMs) return before;
  const gapMs = before.atMs === null ? 0 : atMs - before.atMs;
  const stepMs = gapMs > voiceLimits.longestGapMs ? 0 : gapMs;
  const agent = heard(before.agent, sample.microphoneDb, atMs);
  const customer = heard(before.customer, sample.customerDb, atMs);
  const isAgent = atMs < agent.voiceUntilMs;
  const isCustomer = atMs < customer.voiceUntilMs;
  const both = isAgent && isCustomer;
  const counted: VoiceFigures = {
    ...before,
    atMs,
    agent,
    customer,
    talkMs: before.talkMs + (isAgent && !isCustomer ? stepMs : 0),
    listenMs: before.listenMs + (isCustomer && !isAgent ? stepMs : 0),
    talkOverMs: before.talkOverMs + (both ? stepMs : 0),
    silenceMs: before.silenceMs + (isAgent || isCustomer ? 0 : stepMs),
    overlap: before.overlap + (Number(both) - before.overlap) * Math.min(1, stepMs / voiceLimits.overlap.overMs),
    silentForMs: isAgent || isCustomer ? 0 : before.silentForMs + stepMs,
  };
  return prompted(counted, stepMs);
};

const heard = (side: Side, db: number, atMs: number): Side => {
  const recentDb = [...side.recentDb, db].slice(-voiceLimits.windowSize);
  const noiseDb = recentDb.toSorted((a, b) => a - b)[Math.floor(recentDb.length / 10)] ?? -100;
  const isVoice = db >= voiceLimits.speechDb && db >= noiseDb + voiceLimits.aboveNoiseDb;
  return { recentDb, noiseDb, voiceUntilMs: isVoice ? atMs + voiceLimits.hangoverMs : side.voiceUntilMs };
};

/** Hysteresis: another border to go back over, and time on either way. */
const prompted = (figures: VoiceFigures, stepMs: number): VoiceFigures => {
  const switchingMs = { ...figures.switchingMs };
  const raised = { ...figures.raised };
  for (const prompt of VoicePrompt.options) {
    const isUp = raised[prompt];
    if (isDue(figures, prompt, isUp) === isUp) {
      switchingMs[prompt] = 0;
      continue;
    }
    switchingMs[prompt] += stepMs;
    const { onMs, offMs } = voiceLimits.tell[prompt];
    if (switchingMs[prompt] < (isUp ? offMs : onMs)) continue;
    raised[prompt] = !isUp;
    switchingMs[prompt] = 0;
  }
  return { ...figures, switchingMs, raised };
};

const isDue = (figures: VoiceFigures, prompt: VoicePrompt, isUp: boolean): boolean => {
  const border = isUp ? 'off' : 'on';
  switch (prompt) {
    case 'talkingOver':
      return figures.overlap > voiceLimits.overlap[border];
    case 'customerNoisy':
      return isNoisy(figures.customer, border);
    case 'agentNoisy':
      return isNoisy(figures.agent, border);
    case 'longSilence':
      return figures.silentForMs >= (isUp ? 1 : voiceLimits.silence.onMs);
  }
};

const isNoisy = ({ recentDb, noiseDb }: Side, border: 'on' | 'off'): boolean =>
  // A window that is not full yet may hold nothing but a first word.
  recentDb.length === voiceLimits.windowSize && noiseDb > voiceLimits.noisyDb[border];

/** The one thing worth telling now: the members of `VoicePrompt` in order of weight. */
export const promptOf = ({ raised }: VoiceFigures): VoicePrompt | null =>
  VoicePrompt.options.find((prompt) => raised[prompt]) ?? null;

/** Talking to listening, or null before the customer said anything. */
export const talkToListen = ({ talkMs, listenMs }: Pick<VoiceSummary, 'talkMs' | 'listenMs'>): number | null =>
  listenMs === 0 ? null : talkMs / listenMs;

export const summaryOf = (figures: VoiceFigures): VoiceSummary => ({
  talkMs: Math.round(figures.talkMs),
  listenMs: Math.round(figures.listenMs),
  talkOverMs: Math.round(figures.talkOverMs),
  silenceMs: Math.round(figures.silenceMs),
  agentNoiseDb: wholeDb(figures.agent.noiseDb),
  customerNoiseDb: wholeDb(figures.customer.noiseDb),
});

const wholeDb = (db: number): number => Math.min(0, Math.max(-100, Math.round(db)));
