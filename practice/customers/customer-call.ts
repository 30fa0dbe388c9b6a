import { Invitation, Inviter, SessionState, type Session } from 'sip.js';
import type { Clock } from '../clock.ts';
import type { Tape, Tapes } from '../recorder.ts';
import { nextConversation, type Conversation, type Habits } from './conversation.ts';
import { createEar, type Heard } from './ear.ts';
import { frameMs, frameSamples, sampleRate, silentByte } from './g711.ts';
import type { MediaOptions } from './media.ts';
import type { Line, RequestLine, Voice } from './voices.ts';

/** One customer on one call, from either side. */
export type CustomerCall = {
  /** The customer's number as presented or as dialled; empty when withheld. */
  readonly number: string;
  readonly state: () => CustomerCallState;
  readonly heard: Heard;
  /** Epoch ms at which ICE and DTLS were done. */
  readonly connectedMs: () => number | undefined;
  readonly hangUp: () => void;
  readonly done: Promise<Outcome>;
};
export type CustomerCallState =
  | { readonly kind: 'waiting'; readonly sinceMs: number }
  | { readonly kind: 'ringing'; readonly sinceMs: number }
  | { readonly kind: 'talking'; readonly sinceMs: number }
  | { readonly kind: 'ended'; readonly outcome: Outcome };
export type Outcome =
  | { readonly kind: 'agentHungUp'; readonly talkMs: number }
  | { readonly kind: 'customerHungUp'; readonly talkMs: number }
  /** Nothing heard any more: the agent's machine is gone. */
  | { readonly kind: 'lineDead'; readonly talkMs: number }
  /** Ended before an answer: the customer's patience was over, `hangUp`, or the dialling agent's own cancel. */
  | { readonly kind: 'gaveUp' }
  | { readonly kind: 'refused'; readonly status: number };

/** What a customer does when connected: holds a conversation, plays one sound over and over (for measuring), or is the echo test. */
export type Performance =
  | { readonly kind: 'talks'; readonly voice: Voice; readonly request: RequestLine; readonly talkMs: number }
  | { readonly kind: 'plays'; readonly sound: Uint8Array }
  | { readonly kind: 'echoes' };

/** How long the echo keeps a sound: short enough to be a conversation with oneself, long enough to be told from one's own voice. */
const echoFrames = 10;
const deadLineMs = 30_000;
const stepMs = 5 * frameMs;

export class LiveCall implements CustomerCall {
  readonly number: string;
  readonly done: Promise<Outcome>;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #performance: Performance;
  readonly #ice: 'lite' | 'full';
  readonly #tapes: Tapes | undefined;
  #tape: Tape | undefined;
  readonly #ear;
  #state: CustomerCallState;
  #session: Session | undefined;
  /** How many telephones were at the other end; whoever connected last is talked with, the others are dead legs. */
  #legs = 0;
  #leg = 0;
  /** Epoch ms since which sound can be missed: the answer, or another page's taking up. */
  #lineSinceMs = 0;
  #connectedMs: number | undefined;
  #conversation: Conversation;
  #sound: { readonly clip: Uint8Array; at: number } | undefined;
  #ending: Outcome['kind'] = 'agentHungUp';
  #isEnding = false;
  #refusedWith = 0;
  /** The echo's: heard and not yet given back. */
  readonly #kept: Uint8Array[] = [];
  #stopStep = (): void => {};
  #finish: (outcome: Outcome) => void = () => {};

  constructor(options: {
    number: string;
    clock: Clock;
    random: () => number;
    performance: Performance;
    ice?: 'lite' | 'full';
    tape?: Tapes;
  }) {
    this.#ice = options.ice ?? 'lite';
    this.#tapes = options.tape;
    this.number = options.number;
    this.#clock = options.clock;
    this.#random = options.random;
    this.#performance = options.performance;
    this.#ear = createEar(options.clock);
    this.#state = { kind: 'waiting', sinceMs: options.clock.nowMs() };
    this.#conversation = { kind: 'opening', sinceMs: options.clock.nowMs() };
    this.done = new Promise((resolve) => {
      this.#finish = resolve;
    });
  }

  get heard(): Heard {
    return this.#ear.heard;
  }

  state(): CustomerCallState {
    return this.#state;
  }

  connectedMs(): number | undefined {
    return this.#connectedMs;
  }

  hangUp(): void {
    this.#end(this.#state.kind === 'talking' ? 'customerHungUp' : 'gaveUp');
  }

  /** The same customer, on another call; two that only answer ICE checks (RFC 8445 §2.5) would wait for each other. */
  again(): LiveCall {
    return new LiveCall({
      ice: 'full',
      number: this.number,
      clock: this.#clock,
      random: this.#random,
      performance: this.#performance,
      ...(this.#tapes === undefined ? {} : { tape: this.#tapes }),
    });
  }

  /** Somebody's phone rings. */
  ringing(): void {
    if (this.#state.kind === 'waiting') this.#state = { kind: 'ringing', sinceMs: this.#clock.nowMs() };
  }

  refused(status: number): void {
    this.#refusedWith = status;
  }

  mediaOptions(): MediaOptions {
    const leg = ++this.#legs;
    const isOn = (): boolean => leg === this.#leg;
    return {
      ice: this.#ice,
      nextFrame: () => {
        if (!isOn()) return silence;
        const frame = this.#nextFrame();
        this.#tape?.said(frame);
        return frame;
      },
      onFrame: (payload) => {
        if (!isOn()) return;
        this.#ear.hear(payload);
        this.#tape?.heard(payload);
        if (this.#performance.kind === 'echoes') this.#kept.push(payload);
      },
      onDigit: (digit) => {
        if (isOn()) this.#ear.hearDigit(digit);
      },
      onState: (state) => {
        if (state !== 'connected') return;
        this.#leg = Math.max(this.#leg, leg);
        this.#connectedMs ??= this.#clock.nowMs();
      },
    };
  }

  follow(session: Session): void {
    this.#session = session;
    session.stateChange.addListener((state) => {
      if (state === SessionState.Established) this.#answered(session);
    });
    this.#endsWith(session);
  }

  /**
   * The agent's next page has taken up the call of one that died (Replaces, RFC 3891). As soon as it is there, the customer goes on with
   * it where the other fell silent; until then, and if that fails, nothing changes.
   */
  goOnWith(session: Session): void {
    session.stateChange.addListener((state) => {
      if (state !== SessionState.Established) return;
      // Hung up while the page was on its way.
      if (this.#isEnding || this.#state.kind === 'ended') return void session.bye().catch(() => {});
      this.#session = session;
      this.#lineSinceMs = this.#clock.nowMs();
    });
    this.#endsWith(session);
  }

  #endsWith(session: Session): void {
    session.stateChange.addListener((state) => {
      // The library reports a refusal's status just after the change of state.
      if (state === SessionState.Terminated)
        queueMicrotask(() => {
          if (session === this.#session) this.#over();
        });
    });
  }

  #answered(session: Session): void {
    const nowMs = this.#clock.nowMs();
    // Hung up while the answer was on its way: the call is ended as soon as it exists.
    if (this.#isEnding) return void session.bye().catch(() => this.#over());
    this.#state = { kind: 'talking', sinceMs: nowMs };
    this.#conversation = { kind: 'opening', sinceMs: nowMs };
    if (this.#performance.kind === 'plays') this.#sound = { clip: this.#performance.sound, at: 0 };
    this.#lineSinceMs = nowMs;
    this.#tape = this.#tapes?.(callIdOf(session));
    this.#step(nowMs, nowMs);
  }

  /** Ten times a second: whose turn is it, and is anybody still there? */
  #step(answeredMs: number, lastMs: number): void {
    const nowMs = this.#clock.nowMs();
    if (nowMs - Math.max(this.#lineSinceMs, this.heard.lastMs() ?? 0) > deadLineMs) return this.#end('lineDead');
    if (this.#performance.kind === 'talks') {
      const moment = { nowMs, sinceLastMs: nowMs - lastMs, answeredMs, isVoice: this.heard.isVoice() };
      const next = nextConversation(this.#conversation, moment, this.#habits(this.#performance));
      if (next !== this.#conversation && next.kind === 'speaking')
        this.#sound = { clip: this.#performance.voice[next.line], at: 0 };
      this.#conversation = next;
      if (next.kind === 'left') return this.#end('customerHungUp');
    }
    this.#stopStep = this.#clock.after(stepMs, () => this.#step(answeredMs, nowMs));
  }

  #habits(performance: Performance & { kind: 'talks' }): Habits {
    return {
      request: performance.request,
      talkMs: performance.talkMs,
      durationMs: (line: Line) => (performance.voice[line].length * 1_000) / sampleRate,
      random: this.#random,
    };
  }

  #nextFrame(): Uint8Array {
    if (this.#performance.kind === 'echoes') {
      // Never further behind than it should be: a burst is not echoed for the rest of the call.
      this.#kept.splice(0, this.#kept.length - 2 * echoFrames);
      return (this.#kept.length > echoFrames ? this.#kept.shift() : undefined) ?? silence;
    }
    const sound = this.#sound;
    if (sound === undefined) return silence;
    const frame = sound.clip.subarray(sound.at, sound.at + frameSamples);
    sound.at += frameSamples;
    if (sound.at >= sound.clip.length)
      this.#sound = this.#performance.kind === 'plays' ? { clip: sound.clip, at: 0 } : undefined;
    return frame;
  }

  #end(kind: Outcome['kind']): void {
    if (this.#isEnding || this.#state.kind === 'ended') return;
    this.#isEnding = true;
    this.#ending = kind;
    this.#stopStep();
    if (this.#session !== undefined) void hangUp(this.#session).catch(() => this.#over());
  }

  #over(): void {
    if (this.#state.kind === 'ended') return;
    this.#stopStep();
    this.#tape?.end();
    const outcome = this.#outcome(this.#state);
    this.#state = { kind: 'ended', outcome };
    this.#finish(outcome);
  }

  #outcome(state: CustomerCallState): Outcome {
    if (state.kind !== 'talking')
      return this.#refusedWith === 0 || this.#ending === 'gaveUp'
        ? { kind: 'gaveUp' }
        : { kind: 'refused', status: this.#refusedWith };
    const talkMs = this.#clock.nowMs() - state.sinceMs;
    const kind = this.#ending === 'customerHungUp' || this.#ending === 'lineDead' ? this.#ending : 'agentHungUp';
    return { kind, talkMs };
  }
}

const silence = new Uint8Array(frameSamples).fill(silentByte);

const callIdOf = (session: Session): string =>
  session instanceof Inviter || session instanceof Invitation ? session.request.callId : '';

/** What ends a session in its present state. One that is being answered is left to `#answered`. */
const hangUp = async (session: Session): Promise<void> => {
  if (session.state === SessionState.Established) await session.bye();
  else if (session instanceof Inviter) await session.cancel();
  else if (session instanceof Invitation && session.state === SessionState.Initial)
    await session.reject({ statusCode: 480 });
};
