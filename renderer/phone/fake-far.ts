import type { RelayState } from '../../shared/ice.ts';
import type { DeviceState } from '../../shared/phone.ts';

/** The far end of a fake telephone, in the hands of a test. */
export type FakeCaller = {
  readonly number?: string;
  readonly display?: string;
  readonly queue?: string;
  readonly contactId?: string;
  readonly colleague?: string;
  readonly supervision?: string;
  readonly dialled?: string;
};

export type FakeFarEnd = {
  /** A customer calls; gives what the caller was answered: 180, 100 while it is not known whether it was announced, or 486 when nobody may be rung, 480 when nobody could be heard. */
  readonly call: (from?: FakeCaller) => 100 | 180 | 403 | 480 | 486;
  /** Where a ringing call was sent on to (SIP 302), or null. */
  readonly divertedTo: () => string | null;
  /** How many calls hear each other: 2 while merged. */
  readonly mixed: () => number;
  /** The caller gives up, or whoever talks hangs up; of two calls the newer. */
  readonly hangUp: () => void;
  /** How the far end takes the next calls of the agent: lets it ring, answers at once, or refuses with a SIP status. */
  readonly policy: (next: 'ring' | 'answer' | number) => void;
  /** Picks up a call that rings there. */
  readonly pickUp: () => void;
  /** How the target of the next transfers takes it: rings on, answers at once, or refuses with a SIP status. */
  readonly target: (next: 'ring' | 'answer' | number) => void;
  /** Whether it takes being held and taken back, or refuses both. */
  readonly takesHold: (isTaking: boolean) => void;
  /** Not a packet of it arrives, or they come again. */
  readonly goSilent: (isSilent: boolean) => void;
  readonly cutLine: () => void;
  readonly restoreLine: () => void;
  readonly microphone: (next: DeviceState) => void;
  /** What is found out about the relay at a seat that needs one. */
  readonly relay: (next: RelayState) => void;
  /** What waits in the agent's mailbox, in the exchange's words. */
  readonly voicemail: (fresh: number, old: number) => void;
  /** Digits the far end heard. */
  readonly digits: () => string;
};
