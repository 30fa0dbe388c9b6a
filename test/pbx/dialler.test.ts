import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { silent } from '../../central/ambient.ts';
import { openAmi } from '../../central/ami.ts';
import { watchAsteriskCalls } from '../../central/asterisk-calls.ts';
import { dialWithAsterisk } from '../../central/dialler/asterisk-dialler.ts';
import { systemClock } from '../../central/pbx.ts';
import { startPbx } from '../../scripts/pbx-instance.mjs';
import type { RunningPbx } from '../../scripts/pbx-instance.mjs';
import { diallerContract } from '../central/dialler/dialler-contract.ts';
import { whyNotHere } from './here.ts';

/**
 * Where the trunk goes, in the same Asterisk: what is called there takes the call as its number says, and so does an agent's telephone. SIP and
 * RTP between the two sides are real.
 */
const putCarrier = async (pbx: RunningPbx, agent: string): Promise<void> => {
  const { customer, sip } = pbx.descriptor;
  appendFileSync(
    join(pbx.dir, 'etc/pjsip.conf'),
    `
[transport-carrier]
type = transport
protocol = udp
bind = ${customer.host}:${customer.port}

[carrier]
type = endpoint
context = carrier
transport = transport-carrier
disallow = all
allow = alaw
direct_media = no

[carrier]
type = identify
endpoint = carrier
match = ${sip.host}

[${agent}]
type = endpoint
context = from-agents
transport = transport-udp
aors = ${agent}
disallow = all
allow = alaw
direct_media = no

[${agent}]
type = aor
contact = sip:${agent}@${customer.host}:${customer.port}
`,
  );
  appendFileSync(
    join(pbx.dir, 'etc/extensions.conf'),
    `
[carrier]
exten => 101,1,Ringing()
 same => n,Wait(0.4)
 same => n,Answer()
 same => n,Wait(600)
exten => 102,1,Hangup(17)
exten => 103,1,Hangup(21)
exten => 105,1,Hangup(34)
exten => 106,1,Ringing()
 same => n,Wait(600)
exten => ${agent},1,Ringing()
 same => n,Wait(0.3)
 same => n,Answer()
 same => n,Wait(600)
`,
  );
  await pbx.restart();
};

const why = whyNotHere('exchange');
if (why === undefined)
  diallerContract('Asterisk', async () => {
    const agent = '2001';
    const asterisk = await startPbx({ agents: 1 });
    await putCarrier(asterisk, agent);
    const { ami } = asterisk.descriptor;
    const at = { ami, clock: systemClock, random: Math.random, log: silent };
    const dialler = dialWithAsterisk(watchAsteriskCalls(at));
    const hand = await openAmi({ ...ami, deadlineMs: 3_000, clock: systemClock });
    await dialler.calls();
    return {
      dialler,
      numbers: { answers: '101', busy: '102', rejects: '103', unknown: '104', congested: '105', ringsOut: '106' },
      ...{ agent, absentAgent: '2009', another: () => dialWithAsterisk(watchAsteriskCalls(at)) },
      meanwhile: (work) => work,
      hangUp: async (id) => {
        await hand.action('Hangup', { Channel: id, Cause: '16' });
      },
      stop: async () => {
        hand.close();
        await asterisk.stop();
      },
    };
  });
