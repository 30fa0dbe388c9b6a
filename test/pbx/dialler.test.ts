import { silent } from '../../central/ambient.ts';
import { openAmi } from '../../central/ami.ts';
import { watchAsteriskCalls } from '../../central/asterisk-calls.ts';
import { dialWithAsterisk } from '../../central/dialler/asterisk-dialler.ts';
import { systemClock } from '../../central/pbx.ts';
import { startPbx } from '../../scripts/pbx-instance.mjs';
import { diallerContract } from '../central/dialler/dialler-contract.ts';
import { putDialledSide } from './dialled-side.ts';
import { whyNotHere } from './here.ts';

const carrier = (agent: string): string => `
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
`;

const why = whyNotHere('exchange');
if (why === undefined)
  diallerContract('Asterisk', async () => {
    const agent = '2001';
    const asterisk = await startPbx({ agents: 1 });
    await putDialledSide(asterisk, [agent], carrier(agent));
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
