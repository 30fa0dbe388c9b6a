import { silent } from '../../../central/ambient.ts';
import { type AmiSession, openAmi } from '../../../central/ami.ts';
import { connectAsterisk } from '../../../central/asterisk-pbx.ts';
import { type Pbx, systemClock } from '../../../central/pbx.ts';
import { type RunningPbx, startPbx } from '../../../scripts/pbx-instance.mjs';
import { type Baresip, startBaresip } from './baresip.ts';
import { hz, sleep } from './far-end.ts';
import { openSeats, type Seat } from './seat.ts';
import { type Sipp, startSipp } from './sipp.ts';
import { openTrunk, type Trunk } from './trunk.ts';

/** What all scenarios share: one Asterisk, one Chromium, far ends that live as long as the suite. Idle between two scenarios. */
export type World = {
  readonly exchange: RunningPbx;
  readonly trunk: Trunk;
  /** Seat 1001, Ready in the queues `service` and `vip`. */
  readonly agent: Seat;
  /** Seat 1002, in no queue. */
  readonly colleague: Seat;
  /** Reached at 138…. */
  readonly sipp: Sipp;
  /** Another customer, reached at 137…. */
  readonly second: Sipp;
  /** Reached at 139…; G.711. */
  readonly baresip: Baresip;
  /** Reached at 136…: speaks Opus only. */
  readonly opus: Baresip;
  /** Reached at 135…: speaks G.722 only. */
  readonly g722: Baresip;
  /** Channels of the exchange now. */
  readonly channels: () => Promise<readonly string[]>;
  /** The exchange ends every channel that begins so, as an operator would at its console. */
  readonly kill: (beginning: string) => Promise<void>;
  readonly reload: (module: string) => Promise<void>;
  /** After the exchange was restarted: its console is opened anew. */
  readonly reopen: () => Promise<void>;
  /** A scenario begins: what passed before is not looked at. */
  readonly begin: () => Promise<void>;
  /** Nothing is left of a scenario: seats idle, no channel in the exchange. Throws what is. */
  readonly expectIdle: () => Promise<void>;
  /** Whatever is left ends. */
  readonly clear: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

/** Direct dial-in to agents, and codecs of better networks: an operator's own additions to the reference configuration. */
const append = {
  'extensions.conf': `
[from-customers](+)
exten => _10XX,1,Goto(dial-in,\${EXTEN},1)
; Rings X seconds: 9X1001.
exten => _9X10XX,1,Set(RINGS=\${EXTEN:1:1})
 same => n,Goto(dial-in,\${EXTEN:2},1)

[dial-in]
exten => _10XX,1,Gosub(contact-id,s,1)
 same => n,Gosub(record,s,1)
 same => n,Dial(PJSIP/\${EXTEN},\${IF($["\${RINGS}" = ""]?30:\${RINGS})},b(agent-leg^s^1))
 same => n,Hangup(\${IF($["\${DIALSTATUS}" = "NOANSWER"]?19:\${HANGUPCAUSE})})
`,
  'pjsip.conf': `
[customers](+type=endpoint)
allow = g722,opus

[1002](+type=endpoint)
timers = always
timers_min_se = 90
timers_sess_expires = 90
`,
} as const;

export const startWorld = async (): Promise<World> => {
  const exchange = await startPbx({ append });
  const { descriptor, dir } = exchange;
  const openConsole = (): Promise<AmiSession> =>
    openAmi({ ...descriptor.ami, deadlineMs: 5_000, clock: systemClock, events: 'off' });
  let ami = await openConsole();
  const central: Pbx = connectAsterisk({ ami: descriptor.ami, clock: systemClock, random: Math.random, log: silent });
  const trunk = await openTrunk(descriptor);
  const seats = await openSeats();
  const seat = (user: string, tone: number): Promise<Seat> => {
    const password = descriptor.agents.find((account) => account.user === user)?.password ?? '';
    return seats.open({ ws: descriptor.ws, domain: descriptor.domain, user, password }, tone);
  };
  const [agent, colleague] = await Promise.all([seat('1001', hz.agent), seat('1002', hz.colleague)]);
  const sipp = await startSipp({ trunk, dir, hz: hz.sipp, number: '138' });
  const second = await startSipp({ trunk, dir, hz: hz.second, number: '137' });
  const shared = { pbx: descriptor, trunk, dir };
  const [baresip, opus, g722] = await Promise.all([
    startBaresip({ ...shared, hz: hz.baresip, number: '139' }),
    startBaresip({ ...shared, hz: hz.opus, number: '136', codecs: ['opus/48000/2'] }),
    startBaresip({ ...shared, hz: hz.g722, number: '135', codecs: ['G722/16000'] }),
  ]);
  await central.addMember({ sipUser: '1001', name: 'Agent', queues: ['service', 'vip'] });
  await central.setPaused('1001', false, 'ready');

  const channels = async (): Promise<readonly string[]> =>
    (await ami.list('CoreShowChannels')).map((item) => item.get('channel') ?? '').filter((name) => name !== '');
  const kill = async (beginning: string): Promise<void> => {
    const found = (await channels()).filter((name) => name.startsWith(beginning));
    for (const name of found) await ami.action('Hangup', { Channel: name, Cause: '16' });
  };
  const idle = async (): Promise<void> => {
    for (const one of [agent, colleague]) await one.ended();
    const until = Date.now() + 10_000;
    for (let left = await channels(); left.length > 0; left = await channels()) {
      if (Date.now() > until) throw new Error(`channels left in the exchange: ${left.join(', ')}`);
      await sleep(20);
    }
  };
  return {
    exchange,
    trunk,
    agent,
    colleague,
    sipp,
    second,
    baresip,
    opus,
    g722,
    channels,
    kill,
    reload: async (module) => {
      const answer = await ami.action('Reload', { Module: module });
      if (answer.get('response') !== 'Success') throw new Error(`not reloaded: ${answer.get('message') ?? ''}`);
    },
    reopen: async () => {
      ami.close();
      ami = await openConsole();
    },
    begin: async () => {
      for (const tape of [trunk.tape, agent.line.tape, colleague.line.tape]) tape.mark();
      for (const one of [agent, colleague]) {
        one.line.refuse(false);
        await one.registered();
        await one.setAvailable(true);
      }
    },
    expectIdle: async () => {
      await idle();
      for (const one of [agent, colleague])
        if (one.errors.length > 0) throw new Error(`uncaught in ${one.name}: ${one.errors.splice(0).join('; ')}`);
    },
    clear: async () => {
      for (const one of [agent, colleague]) {
        one.line.refuse(false);
        await one.page.evaluate(() => {
          for (const call of window.seat.phone.state().calls) window.seat.phone.hangUp(call.id);
        });
      }
      await kill('');
      await idle();
    },
    stop: async () => {
      await Promise.all([sipp.stop(), second.stop(), baresip.stop(), opus.stop(), g722.stop()]);
      await seats.close();
      await central.close();
      ami.close();
      trunk.close();
      await exchange.stop();
    },
  };
};
