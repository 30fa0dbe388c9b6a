import { createStore, type StoreApi } from 'zustand/vanilla';
import type { RecordedPart, SoundResponse } from '../../../shared/history.ts';
import { soundRate, soundStretchMs } from '../../../shared/history.ts';
import type { ContactId } from '../../../shared/ids.ts';
import type { Refusal, Result } from '../../../shared/result.ts';
import { decodeUlaw } from '../../../shared/ulaw.ts';
import type { Clock } from '../clock.ts';
import { faster } from './faster.ts';
import type { Playing, Speaker } from './speaker.ts';

export const speeds = [1, 1.25, 1.5, 2] as const;
export type Speed = (typeof speeds)[number];

/** One recording on the desk: where it stands, and why it does not play. Sound is in memory only, as long as it is shown (security 84). */
export type PlayerState = {
  readonly of: { readonly contactId: ContactId; readonly part: RecordedPart } | null;
  readonly kind: 'stopped' | 'loading' | 'playing';
  readonly atMs: number;
  readonly speed: Speed;
  readonly why: Refusal | null;
};
export type Player = {
  readonly store: StoreApi<PlayerState>;
  /** Another recording, or none: what was heard of the one before is told, its sound forgotten. */
  readonly show: (of: PlayerState['of']) => void;
  readonly toggle: () => void;
  readonly pause: () => void;
  readonly seek: (ms: number) => void;
  readonly skip: (ms: number) => void;
  readonly setSpeed: (speed: Speed) => void;
};

export type PlayerNeeds = {
  readonly sound: (asked: { contactId: ContactId; part: number; fromMs: number }) => Promise<Result<SoundResponse>>;
  /** R33: what was heard is kept. */
  readonly heard: (stretch: { contactId: ContactId; part: number; fromMs: number; toMs: number }) => void;
  /** Why nothing may be played now; null: it may. */
  readonly mayPlay: () => Refusal | null;
  readonly speaker: Speaker;
  readonly sink: () => string;
  readonly clock: Clock;
};

const tickMs = 100;
/** Pieces small enough to be made between two frames, and one always ready. */
const pieceMs = 4_000;
const aheadMs = 2_500;
/** Told at least that often, so that a page that dies takes little with it. */
const tellMs = 30_000;

const stopped = { kind: 'stopped', atMs: 0, why: null } as const;

export const keepPlayer = (needs: PlayerNeeds): Player => new Recorded(needs);

class Recorded implements Player {
  readonly store: StoreApi<PlayerState> = createStore(() => ({ of: null, speed: 1, ...stopped }));
  readonly #needs: PlayerNeeds;
  /** Tells a run from the one before it. */
  #round = 0;
  #run: Run | null = null;
  #sounds = new Map<number, Promise<Result<SoundResponse>>>();

  constructor(needs: PlayerNeeds) {
    this.#needs = needs;
  }

  show = (of: PlayerState['of']): void => {
    const before = this.store.getState().of;
    if (of !== null && before?.contactId === of.contactId && before.part.part === of.part.part) return;
    this.pause();
    this.#sounds = new Map();
    this.store.setState({ of, ...stopped });
  };

  toggle = (): void => (this.#run === null ? this.#play() : this.pause());

  pause = (): void => {
    this.#round += 1;
    const run = this.#run;
    if (run === null) return;
    this.#tellHeard(run, this.store.getState().atMs);
    run.playing.stop();
    run.cancel();
    this.#run = null;
    this.store.setState({ kind: 'stopped' });
  };

  seek = (ms: number): void => {
    const { of } = this.store.getState();
    if (of === null) return;
    const isGoing = this.#run !== null;
    this.pause();
    this.store.setState({ atMs: Math.max(0, Math.min(lengthOf(of), ms)), why: null });
    if (isGoing) this.#play();
  };

  skip = (ms: number): void => this.seek(this.store.getState().atMs + ms);

  setSpeed = (speed: Speed): void => {
    const isGoing = this.#run !== null;
    this.pause();
    this.store.setState({ speed });
    if (isGoing) this.#play();
  };

  #play(): void {
    const { of, atMs } = this.store.getState();
    const { mayPlay, speaker, sink, clock } = this.#needs;
    const why = mayPlay();
    if (of === null || why !== null) return this.store.setState({ why });
    const fromMs = atMs >= lengthOf(of) ? 0 : atMs;
    const mine = this.#round;
    const run: Run = {
      ...{ playing: speaker.open(sink()), fromMs, readyMs: fromMs, toldMs: fromMs, isFilling: false, pieces: [] },
      cancel: clock.after(tickMs, () => this.#tick(mine)),
    };
    this.#run = run;
    this.store.setState({ kind: 'loading', atMs: fromMs, why: null });
    void this.#fill(mine);
  }

  #tick(mine: number): void {
    const run = this.#run;
    const { of, speed } = this.store.getState();
    if (mine !== this.#round || run === null || of === null) return;
    const atMs = placeOf(run, run.playing.playedMs());
    this.store.setState({ atMs });
    if (atMs - run.toldMs >= tellMs) this.#tellHeard(run, atMs);
    if (atMs >= lengthOf(of)) return this.pause();
    if (run.readyMs - atMs < aheadMs * speed) void this.#fill(mine);
    run.cancel = this.#needs.clock.after(tickMs, () => this.#tick(mine));
  }

  /** The next piece behind what is ready. */
  async #fill(mine: number): Promise<void> {
    const run = this.#run;
    const { of, speed } = this.store.getState();
    if (run === null || of === null || run.isFilling || run.readyMs >= lengthOf(of)) return;
    run.isFilling = true;
    const fromMs = run.readyMs;
    const answer = await this.#stretchAt(of, fromMs);
    if (mine !== this.#round) return;
    run.isFilling = false;
    if (!answer.ok) {
      this.pause();
      return this.store.setState({ why: answer.error });
    }
    const from = Math.round(((fromMs % soundStretchMs) * soundRate) / 1_000);
    const piece = bytesOf(answer.value.ulaw).subarray(from, from + (pieceMs * soundRate) / 1_000);
    // Shorter than was said: then here is its end.
    if (piece.length === 0) run.readyMs = lengthOf(of);
    else {
      const sound = faster(toFloat(piece), speed);
      run.playing.add(sound);
      run.readyMs = fromMs + msOf(piece);
      run.pieces.push({ ms: msOf(piece), lastsMs: msOf(sound) });
    }
    this.store.setState({ kind: 'playing' });
    if (run.readyMs < lengthOf(of)) void this.#stretchAt(of, run.readyMs);
  }

  #stretchAt({ contactId, part }: NonNullable<PlayerState['of']>, ms: number): Promise<Result<SoundResponse>> {
    const fromMs = Math.floor(ms / soundStretchMs) * soundStretchMs;
    const sounds = this.#sounds;
    const known = sounds.get(fromMs);
    if (known !== undefined) return known;
    const asked = this.#needs.sound({ contactId, part: part.part, fromMs });
    sounds.set(fromMs, asked);
    // A refusal may be over a moment later.
    void asked.then((answer) => answer.ok || sounds.delete(fromMs));
    return asked;
  }

  #tellHeard(run: Run, toMs: number): void {
    const { of } = this.store.getState();
    if (of === null || toMs <= run.toldMs) return;
    const [from, to] = [Math.floor(run.toldMs), Math.floor(toMs)];
    this.#needs.heard({ contactId: of.contactId, part: of.part.part, fromMs: from, toMs: to });
    run.toldMs = toMs;
  }
}

type Run = {
  readonly playing: Playing;
  readonly fromMs: number;
  /** Handed to the speaker up to here. */
  readyMs: number;
  /** Heard, and told of, up to here. */
  toldMs: number;
  isFilling: boolean;
  /** Of the recording, and as it is played. */
  readonly pieces: { readonly ms: number; readonly lastsMs: number }[];
  cancel: () => void;
};

const msOf = ({ length }: { readonly length: number }): number => (length * 1_000) / soundRate;

const placeOf = ({ fromMs, pieces, readyMs }: Run, playedMs: number): number => {
  let [atMs, leftMs] = [fromMs, playedMs];
  for (const { ms, lastsMs } of pieces) {
    // Clocks of sound cards are not exact: a millisecond is no piece.
    if (leftMs < lastsMs - 1) return atMs + ms * (leftMs / lastsMs);
    atMs += ms;
    leftMs -= lastsMs;
  }
  return readyMs;
};

const lengthOf = ({ part }: NonNullable<PlayerState['of']>): number => part.lengthMs ?? 0;

const bytesOf = (base64: string): Uint8Array => Uint8Array.from(atob(base64), (letter) => letter.codePointAt(0) ?? 0);

const toFloat = (ulaw: Uint8Array): Float32Array => Float32Array.from(decodeUlaw(ulaw), (sample) => sample / 32_768);
