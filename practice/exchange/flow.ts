import type { SipMessage } from './sip-message.ts';

/** One WebSocket as the router sees it (a "flow" of RFC 5626). `send` on a closed flow does nothing. */
export type Flow = {
  readonly id: number;
  /** Who proved to be at the other end; undefined until a digest was accepted. */
  user: string | undefined;
  readonly isOpen: () => boolean;
  readonly send: (message: SipMessage) => void;
  readonly drop: () => void;
};

/** One end of a call: who, where the far end may be reached, and its dialog tag once known. */
export type Party = {
  readonly user: string;
  flow: Flow;
  tag: string | undefined;
  /** Contact URI, the remote target of this end's dialog. */
  contact: string | undefined;
};
