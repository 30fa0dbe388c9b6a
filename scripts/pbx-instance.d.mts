export type PbxDescriptor = {
  /** Of Asterisk, as "22.10.1". */
  readonly version: string;
  /** SIP over WebSocket, for seats. */
  readonly ws: string;
  /** Right side of the agents' SIP addresses. */
  readonly domain: string;
  readonly ami: { readonly host: string; readonly port: number; readonly user: string; readonly secret: string };
  /** Base address of ARI; same user and secret as AMI. */
  readonly ari: string;
  /** The trunk, SIP over UDP: customers call here, from `customer.host`. */
  readonly sip: { readonly host: string; readonly port: number };
  /** Outbound calls are sent here; a simulated customer listens, and calls in, from this address. */
  readonly customer: { readonly host: string; readonly port: number };
  readonly agents: readonly { readonly user: string; readonly password: string }[];
  /** Queue name → number to dial. */
  readonly queues: { readonly service: string; readonly vip: string; readonly marketing: string };
  /** Number of the echo test. */
  readonly echo: string;
  /** Folder of recordings, `<contact id>_<channel id>.wav`. */
  readonly recordings: string;
};

export type PbxOptions = {
  /** Progress, in sentences. */
  readonly tell?: (line: string) => void;
  /** How many agents, from 1001; 20 by default. */
  readonly agents?: number;
  /** Where the descriptor is written (mode 0600); default: pbx.json in the instance's folder. */
  readonly out?: string;
  /** Where the instance's folder is made; default: the system's temporary folder. */
  readonly parentDir?: string;
  /** Leaves the folder (logs, recordings) when stopped. */
  readonly keepFolder?: boolean;
  /** Text after a file of the reference configuration, by its name, as an operator's own additions would stand there. */
  readonly append?: Readonly<Record<string, string>>;
};

export type RunningPbx = {
  readonly descriptor: PbxDescriptor;
  readonly dir: string;
  /** Resolves when Asterisk ends, for whatever reason. */
  readonly exited: () => Promise<void>;
  /** The last warnings and errors Asterisk logged. */
  readonly messages: () => string;
  /** Ends Asterisk and starts it again with the same ports and secrets; calls, registrations and members are gone. */
  readonly restart: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

export declare const startPbx: (options?: PbxOptions) => Promise<RunningPbx>;

/** An IPv4 address of this machine that is not loopback. Without any, calls of a private instance have no audio. */
export declare const networkAddress: () => string | undefined;
