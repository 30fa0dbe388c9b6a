import type { Result } from '../shared/result.ts';

/**
 * The recordings the exchange makes of every call (R33, R43), and silence in them while something secret is said. The exchange starts and
 * ends recordings by itself. Adapters: Asterisk (asterisk-recorder.ts) and fake-recorder.ts; both pass the same contract test.
 */
export type Recorder = {
  /**
   * Silences every running recording of the contact; time in the files goes on, so that offsets stay true. Resolves when the exchange
   * has said of each that it is silent. Idempotent.
   * @throws PbxFault when the exchange did not say so of all: some may be silent then, `resume` is to be called
   */
  pause(contactId: string): Promise<Result<readonly Recording[], 'notRecording'>>;

  /** The opposite; `notRecording` when the call is over. Idempotent. */
  resume(contactId: string): Promise<Result<readonly Recording[], 'notRecording'>>;

  /** Recordings that run now. */
  running(): Promise<readonly Recording[]>;

  /** `synced`: events may have been missed until now, `running()` tells what is. @returns stops listening */
  onEvent(listener: (event: RecorderEvent) => void): () => void;

  close(): Promise<void>;
};

export type Recording = {
  /** Name of the file in the exchange's folder; unique, also the recording's id. */
  readonly file: string;
  readonly contactId: string;
};

/** `began`: the first sound is written at this moment, give or take the way of the message. */
export type RecorderEvent =
  | { readonly kind: 'began'; readonly recording: Recording; readonly atMs: number }
  | { readonly kind: 'ended'; readonly recording: Recording; readonly atMs: number }
  | { readonly kind: 'synced' };
