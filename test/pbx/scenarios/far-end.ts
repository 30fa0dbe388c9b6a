import { createSocket } from 'node:dgram';
import type { Tone } from './ear.ts';

/** Whoever hears something. */
export type Ear = {
  readonly name: string;
  /** Listens for this long from now on, then tells how each frequency stood in what was heard. */
  readonly hear: (hzs: readonly number[], ms: number) => Promise<readonly Tone[]>;
};

/**
 * A party to the agent's calls that the product has no part in (SIPp, baresip) or that is a seat of its own. One call at a time;
 * what it says is its tone of `hz`, all the time.
 */
export type FarEnd = Ear & {
  readonly hz: number;
  /** Calls this number of the exchange; resolves once the call is on its way. */
  readonly call: (number: string) => Promise<void>;
  /** Takes the exchange's call, if that does not happen by itself, and resolves when it is established. */
  readonly answer: () => Promise<void>;
  readonly hangUp: () => Promise<void>;
  /** Resolves when its call is over, whoever ended it. */
  readonly ended: () => Promise<void>;
  /** Number to dial for it from a seat. */
  readonly number: string;
};

/** What every measurement and ending needs of one. */
export type Party = Pick<FarEnd, 'name' | 'hz' | 'hear' | 'hangUp' | 'ended'>;

/** No product of two of them is a third, and none is a tone of the telephone network (450 Hz). */
export const hz = {
  agent: 700,
  colleague: 1_330,
  sipp: 900,
  second: 1_600,
  baresip: 1_100,
  opus: 1_200,
  g722: 1_470,
} as const;

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export const freeUdpPort = (host: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const socket = createSocket('udp4');
    socket.on('error', reject);
    socket.bind(0, host, () => {
      const { port } = socket.address();
      socket.close(() => resolve(port));
    });
  });
