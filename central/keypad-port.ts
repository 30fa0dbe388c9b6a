import type { Result } from '../shared/result.ts';

/**
 * Takes a customer out of the conversation for a moment, to key in something that neither the agent nor the recording may hear. The
 * exchange puts them together again by itself, also when nobody asks it to. Adapters: Asterisk (asterisk-keypad.ts) and
 * fake-keypad.ts; both pass the same contract test.
 */
export type Keypad = {
  /**
   * Resolves when the customer has keyed in so many digits (or fewer and #), and talks to the agent again.
   * @throws PbxFault when the exchange did not do it
   */
  collect(asked: KeypadAsked): Promise<Result<string, KeypadEnd>>;
  /** Ends a collection of this contact; does nothing without one. */
  cancel(contactId: string): void;
  close(): Promise<void>;
};

export type KeypadAsked = {
  /** As the exchange names the call. */
  readonly contactId: string;
  readonly digits: number;
  /** From being taken aside; milliseconds. */
  readonly withinMs: number;
  /** What is keyed in: told apart by tones. */
  readonly what: 'password' | 'newPassword';
};

/** `noCall`: there is no such call, or it is not between two. */
export type KeypadEnd = 'noCall' | 'tooLate' | 'cancelled' | 'hungUp';
