import type { Line, RequestLine } from './voices.ts';

/**
 * How a customer takes turns. Pure: told the time and whether the agent's voice is heard, it says what to say next.
 *
 *   opening ──a breath──▶ speaking(hello) ──▶ listening ──agent paused──▶ speaking(request) ──▶ listening ⇄ speaking(yes | no)
 *                                                │ talk time over, agent paused
 *                                                └──▶ speaking(bye) ──▶ left
 */
export type Conversation =
  | { readonly kind: 'opening'; readonly sinceMs: number }
  | { readonly kind: 'speaking'; readonly line: Line; readonly untilMs: number; readonly isRequested: boolean }
  | {
      readonly kind: 'listening';
      readonly sinceMs: number;
      /** How long the agent has spoken in this turn, and since when there is silence. */
      readonly voicedMs: number;
      readonly quietSinceMs: number;
      readonly isRequested: boolean;
    }
  | { readonly kind: 'left' };

export type Habits = {
  readonly request: RequestLine;
  /** From the answer; after it, the next pause is used to say good-bye. */
  readonly talkMs: number;
  /** Duration of each line, ms. */
  readonly durationMs: (line: Line) => number;
  /** 0 ≤ n < 1; decides between yes and no. */
  readonly random: () => number;
};

/**
 * A breath before hello; a pause that ends the agent's turn, if it held that much voice; silence after which one speaks
 * anyway, or asks whether somebody is there; how long one lets the agent speak without a pause.
 */
export const pace = {
  breathMs: 500,
  pauseMs: 800,
  leastVoicedMs: 240,
  wonderMs: 6_000,
  askAgainMs: 20_000,
  interruptMs: 12_000,
} as const;

export type Moment = {
  readonly nowMs: number;
  readonly sinceLastMs: number;
  readonly answeredMs: number;
  readonly isVoice: boolean;
};

/** Returns the same object when nothing changes. A new `speaking` state means: start this line now. */
export const nextConversation = (state: Conversation, at: Moment, habits: Habits): Conversation => {
  switch (state.kind) {
    case 'opening':
      return at.nowMs - state.sinceMs < pace.breathMs ? state : speak('hello', false, at, habits);
    case 'speaking':
      if (at.nowMs < state.untilMs) return state;
      if (state.line === 'bye') return { kind: 'left' };
      return {
        kind: 'listening',
        sinceMs: at.nowMs,
        voicedMs: 0,
        quietSinceMs: at.nowMs,
        isRequested: state.isRequested,
      };
    case 'listening':
      return listening(state, at, habits);
    case 'left':
      return state;
  }
};

const listening = (state: Conversation & { kind: 'listening' }, at: Moment, habits: Habits): Conversation => {
  const now = at.isVoice ? { ...state, voicedMs: state.voicedMs + at.sinceLastMs, quietSinceMs: at.nowMs } : state;
  const quietMs = at.nowMs - now.quietSinceMs;
  const isSpoken = now.voicedMs >= pace.leastVoicedMs;
  const isPause = quietMs >= pace.pauseMs;
  // Nobody listens for ever: to a speech without end, or to a noisy room, a customer says something in between.
  const isTurn = isSpoken && (isPause || at.nowMs - state.sinceMs >= pace.interruptMs);
  const isTimeOver = at.nowMs - at.answeredMs >= habits.talkMs;
  if (isTimeOver && (isPause || isTurn)) return speak('bye', true, at, habits);
  if (!state.isRequested) return isTurn || quietMs >= pace.wonderMs ? speak(habits.request, true, at, habits) : now;
  if (isTurn) return speak(habits.random() < 0.8 ? 'yes' : 'no', true, at, habits);
  return quietMs >= pace.askAgainMs ? speak('hello', true, at, habits) : now;
};

const speak = (line: Line, isRequested: boolean, at: Moment, habits: Habits): Conversation => ({
  kind: 'speaking',
  line,
  untilMs: at.nowMs + habits.durationMs(line),
  isRequested,
});
