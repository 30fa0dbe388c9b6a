/** What the bench may ask of a telephone in a page; the same for all of them. Times are epoch ms with a fraction. */
export type Contender = {
  /** Connects and registers. */
  readonly start: (account: ContenderAccount) => void;
  /** Answers what rings. @returns when it was clicked */
  readonly answer: () => number;
  readonly dial: () => number;
  readonly hangUp: () => void;
  /** When the latest call was shown as ringing; 0 when none was yet. */
  readonly rungMs: () => number;
  readonly isIdle: () => boolean;
};

export type ContenderAccount = {
  /** The path names the user. */
  readonly server: string;
  readonly user: string;
  readonly password: string;
  readonly domain: string;
  readonly iceServers: readonly IceServer[];
};

export type IceServer = { readonly urls: string; readonly username?: string; readonly credential?: string };

/** Any number is answered by the far end. */
export const dialled = '13900000000';

/** One SIP message that passed a page's socket. */
export type Passed = { readonly start: string; readonly callId: string; readonly atMs: number };

/** What the probe gathers in every page of the bench. */
export type Probe = {
  readonly sent: Passed[];
  readonly heard: Passed[];
  /** Connections that were made and not closed. */
  readonly open: Set<RTCPeerConnection>;
  made: number;
  /** When the page first asked for a socket with SIP, epoch ms. */
  opened: number;
  /** When the first packet with sound came in on a connection that was not heard before; undefined when none came. */
  readonly firstHeard: (limitMs: number) => Promise<number | undefined>;
};

declare global {
  interface Window {
    contender: Contender;
    probe: Probe;
  }
}
