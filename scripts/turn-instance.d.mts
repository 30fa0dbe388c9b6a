export type Coturn = {
  readonly file: string;
  /** Where its libraries are when they are not the machine's. */
  readonly libraries: string | undefined;
};
export declare const whyNoTurn: () => string | undefined;

export type TurnOptions = {
  /** Progress, in sentences. */
  readonly tell?: (line: string) => void;
};

export type RunningTurn = {
  /** Over UDP, on loopback. */
  readonly url: string;
  readonly stunUrl: string;
  /** What central would be given with --turn-secret-file. */
  readonly secret: string;
  /** Credentials as central makes them; a negative life has expired already. */
  readonly credentials: (
    name: string,
    lifeSeconds: number,
  ) => { readonly username: string; readonly credential: string };
  /** Whether this relay's address with that port was one of its. */
  readonly hasGiven: (relayPort: number) => boolean;
  readonly log: () => string;
  /** As when its machine dies. */
  readonly kill: () => Promise<void>;
  /** Again, on the same port and with the same secret. */
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<void>;
};
export declare const startTurn: (options?: TurnOptions) => Promise<RunningTurn>;
