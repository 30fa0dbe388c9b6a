import { silent } from '../../central/ambient.ts';
import { watchAsteriskCalls } from '../../central/asterisk-calls.ts';
import { connectAsterisk } from '../../central/asterisk-pbx.ts';
import { recordWithAsterisk } from '../../central/asterisk-recorder.ts';
import { superviseAsterisk } from '../../central/asterisk-supervision.ts';
import { systemClock } from '../../central/pbx.ts';
import type { Recorder } from '../../central/recorder-port.ts';
import type { Supervision } from '../../central/supervision-port.ts';
import type { Telephony } from '../../practice/telephony.ts';
import { startPbx } from '../../scripts/pbx-instance.mjs';
import type { RunningPbx } from '../../scripts/pbx-instance.mjs';

export type AsteriskTelephony = Telephony & {
  readonly asterisk: RunningPbx;
  readonly supervision: Supervision;
  readonly recorder: Recorder;
};

/**
 * A private Asterisk where practice mode has its exchange. Nobody is simulated behind it: customers call from telephones of
 * their own (customer.ts), so asking for one throws, and its standing, which only decides when simulated ones call, stays at zero.
 * @throws PbxUnavailable
 */
export const asteriskTelephony = async (): Promise<AsteriskTelephony> => {
  const asterisk = await startPbx();
  const { ami, agents, domain, ws } = asterisk.descriptor;
  const options = { ami, clock: systemClock, random: Math.random, log: silent };
  const pbx = connectAsterisk(options);
  const supervision = superviseAsterisk(watchAsteriskCalls(options));
  const recorder = recordWithAsterisk(watchAsteriskCalls(options));
  return {
    asterisk,
    pbx,
    supervision,
    recorder,
    origin: ws,
    sip: ({ number }, expiresAtMs) => {
      const account = agents.find(({ user }) => user === number);
      if (account === undefined) throw new Error('Asterisk has no account for this agent');
      return { server: ws, domain, ...account, expiresAtMs, iceServers: [] };
    },
    customers: {
      call: () => {
        throw new Error('no simulated customers call through Asterisk');
      },
      active: () => [],
      isOnline: () => false,
      close: async () => {},
    },
    exchange: { standing: () => ({ available: 0, waiting: 0, calls: 0 }), onChange: () => () => {} },
    close: async () => {
      await Promise.all([pbx.close(), supervision.close(), recorder.close()]);
      await asterisk.stop();
    },
  };
};
