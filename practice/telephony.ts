import { randomBytes } from 'node:crypto';
import type { Pbx } from '../central/pbx.ts';
import type { Keypad } from '../central/keypad-port.ts';
import type { Recorder } from '../central/recorder-port.ts';
import type { RecordingFiles } from '../central/recording-files.ts';
import type { SipAccounts } from '../central/sign-in.ts';
import type { Supervision } from '../central/supervision-port.ts';
import { createPracticeRecorder } from './recorder.ts';
import type { Dialler } from '../central/dialler/dialler-port.ts';
import type { Clock } from './clock.ts';
import type { Customers } from './customers.ts';
import { createCustomers } from './customers.ts';
import { practiceDialler } from './dialler.ts';
import type { Exchange } from './exchange.ts';
import { createExchange } from './exchange.ts';
import { directory, practiceColleague, queueNumbers, queues, sampleAgents } from './operator/agents.ts';

/** What central and the callers need of a PBX in practice mode, whichever it is. */
export type Telephony = {
  readonly pbx: Pbx;
  readonly sip: SipAccounts;
  /** The built-in exchange has none: leads are told that it takes a real one. */
  readonly supervision?: Supervision;
  readonly recorder?: Recorder;
  /** What was recorded; with `recorder`. */
  readonly recordings?: RecordingFiles;
  /** Without it the simulated customers key in (practice.ts). */
  readonly keypad?: Keypad;
  /** Calls customers for central (R25); without it the seats dial predictive tasks. */
  readonly dialler?: Dialler;
  readonly customers: Customers;
  readonly exchange: Pick<Exchange, 'standing' | 'onChange'>;
  /** Origin of the WebSocket the phone talks to, for the content policy. */
  readonly origin: string;
  readonly close: () => Promise<void>;
};

export type PracticeTelephony = Telephony & {
  readonly exchange: Exchange;
  /** Departments and the practice colleague: whom a customer can be handed to. */
  readonly departments: Customers;
};

/** The built-in exchange with its simulated customers: runs on every machine. */
export const practiceTelephony = async (options: {
  readonly port: number;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: (line: string) => void;
  /** Folder for the recordings; without it nothing is recorded. */
  readonly recordings?: string;
}): Promise<PracticeTelephony> => {
  const { clock, random, log } = options;
  const outside = { user: 'outside', password: randomBytes(18).toString('base64url') };
  // A telephone of their own: a customer who is handed on would else be calling himself.
  const inside = { user: 'inside', password: randomBytes(18).toString('base64url') };
  // Issued at sign-in, in memory only; a new session of the agent has a new password (security 66).
  const accounts = new Map<string, { readonly password: string; readonly expiresAtMs: number }>();
  const recorder =
    options.recordings === undefined ? undefined : createPracticeRecorder({ folder: options.recordings, clock });
  const exchange = await createExchange({
    ...(recorder === undefined ? {} : { onContact: recorder.named }),
    port: options.port,
    clock,
    log,
    trunkUser: outside.user,
    queues: queues.map(({ id, zh, en }) => {
      const number = queueNumbers[id];
      return { id, name: { zh, en }, ...(number === undefined ? {} : { number }) };
    }),
    seats: sampleAgents.map(({ agentNumber }) => agentNumber),
    inside: {
      user: inside.user,
      numbers: [
        practiceColleague.number,
        ...directory.filter(({ kind }) => kind === 'department').map(({ number }) => number),
      ],
    },
    auth: (user) => {
      for (const own of [outside, inside]) if (user === own.user) return own.password;
      const account = accounts.get(user);
      return account !== undefined && clock.nowMs() < account.expiresAtMs ? account.password : undefined;
    },
  });
  const [customers, departments] = await Promise.all(
    // Departments are not recorded: what is said between agents is no contact of a customer's.
    [{ ...outside, ...(recorder === undefined ? {} : { tape: recorder.tape }) }, inside].map((account) =>
      createCustomers({ exchange, ...account, random, clock, log }),
    ),
  );
  if (customers === undefined || departments === undefined) throw new Error('nobody is outside');
  return {
    pbx: exchange.pbx,
    ...(recorder === undefined ? {} : { recorder, recordings: recorder.files }),
    dialler: practiceDialler({ customers, clock, random }),
    exchange,
    customers,
    departments,
    origin: exchange.url,
    sip: (agent, expiresAtMs) => {
      const password = randomBytes(18).toString('base64url');
      accounts.set(agent.number, { password, expiresAtMs });
      return {
        server: exchange.url,
        domain: exchange.domain,
        user: agent.number,
        password,
        expiresAtMs,
        iceServers: [],
      };
    },
    close: async () => {
      await Promise.all([customers.close(), departments.close()]);
      await exchange.close();
    },
  };
};
