import { silent } from '../../central/ambient.ts';
import { recordWithAsterisk } from '../../central/asterisk-recorder.ts';
import { watchAsteriskCalls } from '../../central/asterisk-calls.ts';
import { connectAsterisk } from '../../central/asterisk-pbx.ts';
import { superviseAsterisk } from '../../central/asterisk-supervision.ts';
import type { Pbx } from '../../central/pbx.ts';
import { systemClock } from '../../central/pbx.ts';
import type { Recorder } from '../../central/recorder-port.ts';
import type { Supervision } from '../../central/supervision-port.ts';
import { startPbx } from '../../scripts/pbx-instance.mjs';
import type { RunningPbx } from '../../scripts/pbx-instance.mjs';
import { openAgentBrowser } from './agent-browser.ts';
import type { AgentBrowser } from './agent-browser.ts';
import { startCustomer } from './customer.ts';
import type { Customer } from './customer.ts';
import { readWav, toneIntoFile } from './speech.ts';
import { toneDb } from './tones.ts';

/** What each party sends, Hz: no product of two of them is a third one. */
export const hz = { customer: 900, agent: 700, lead: 1_330 } as const;
type Party = keyof typeof hz;
/** dBFS of each party's tone at one of them. */
export type Heard = Readonly<Record<Party, number>>;

/** A private Asterisk with an agent (1001), a lead (1003) and customers, each of whom sends a tone of their own. */
export type ThreeLegs = {
  readonly exchange: RunningPbx;
  readonly pbx: Pbx;
  readonly supervision: Supervision;
  readonly recorder: Recorder;
  readonly agent: AgentBrowser;
  readonly lead: AgentBrowser;
  /** A customer calls the service queue and the agent answers. */
  readonly callRuns: () => Promise<{ readonly customer: Customer; readonly contactId: string }>;
  /** The agent calls a customer, who answers. */
  readonly agentCalls: () => Promise<{ readonly customer: Customer }>;
  /** The lead's telephone answers the next call it is offered within this time. */
  readonly leadAnswers: (withinMs?: number) => Promise<void>;
  readonly atAgent: () => Promise<Heard>;
  readonly atLead: () => Promise<Heard>;
  readonly atCustomer: (customer: Customer) => Promise<Heard>;
  /** Everybody hangs up. */
  readonly quiet: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

const seconds = 1.5;

export const startThreeLegs = async (): Promise<ThreeLegs> => {
  const exchange = await startPbx();
  const { ami, agents, ws, domain } = exchange.descriptor;
  const options = { ami, clock: systemClock, random: Math.random, log: silent };
  const pbx = connectAsterisk(options);
  const supervision = superviseAsterisk(watchAsteriskCalls(options));
  const recorder = recordWithAsterisk(watchAsteriskCalls(options));
  const says = await toneIntoFile(exchange.dir, hz.customer, 300);
  const customers: Customer[] = [];
  const telephone = async (party: 'agent' | 'lead', user: string): Promise<AgentBrowser> => {
    const browser = await openAgentBrowser(await toneIntoFile(exchange.dir, hz[party], 30, 48_000));
    const password = agents.find((account) => account.user === user)?.password ?? '';
    await browser.page.evaluate((to) => window.agent.register(to), { ws, domain, user, password });
    return browser;
  };
  const agent = await telephone('agent', '1001');
  const lead = await telephone('lead', '1003');
  await pbx.addMember({ sipUser: '1001', name: 'Agent', queues: ['service'] });
  await pbx.setPaused('1001', false, 'ready');
  const idle = (browser: AgentBrowser) =>
    browser.page.waitForFunction(() => window.agent.state() !== 'Established', undefined, { timeout: 5_000 });
  const quiet = async () => {
    await Promise.all(customers.splice(0).map((customer) => customer.stop()));
    for (const browser of [agent, lead]) {
      await browser.page.evaluate(() => window.agent.hangUp());
      await idle(browser);
    }
  };
  const at = async (browser: AgentBrowser): Promise<Heard> =>
    named(
      await browser.page.evaluate(([time, tones]) => window.agent.tones(time, tones), [
        seconds,
        Object.values(hz),
      ] as const),
    );
  return {
    exchange,
    pbx,
    supervision,
    recorder,
    agent,
    lead,
    callRuns: async () => {
      const customer = await startCustomer({ pbx: exchange.descriptor, number: '13800138000', says });
      customers.push(customer);
      await customer.dial(exchange.descriptor.queues.service);
      const offered = await agent.page.evaluate(() => window.agent.offered(10_000));
      if (offered === undefined) throw new Error('the call did not reach the agent');
      await agent.page.evaluate(() => window.agent.answer());
      await customer.established();
      return { customer, contactId: offered.contactId };
    },
    agentCalls: async () => {
      const number = '13900139000';
      const customer = await startCustomer({ pbx: exchange.descriptor, number, says, answers: true });
      customers.push(customer);
      await agent.page.evaluate((to) => window.agent.dial(to), number);
      await customer.established();
      return { customer };
    },
    leadAnswers: async (withinMs = 10_000) => {
      const offered = await lead.page.evaluate((ms) => window.agent.offered(ms), withinMs);
      if (offered !== undefined) await lead.page.evaluate(() => window.agent.answer());
    },
    atAgent: () => at(agent),
    atLead: () => at(lead),
    atCustomer: async (customer) => {
      await new Promise((resolve) => setTimeout(resolve, 1_000 * seconds + 500));
      const { samples, rate } = await readWav(await customer.heard());
      const last = samples.subarray(-Math.round(seconds * rate));
      return named(Object.values(hz).map((tone) => toneDb(last, rate, tone)));
    },
    quiet,
    stop: async () => {
      await quiet();
      await Promise.all([agent.stop(), lead.stop()]);
      await Promise.all([pbx.close(), supervision.close(), recorder.close()]);
      await exchange.stop();
    },
  };
};

/** Each party's tone in a recording. */
export const levelsIn = async (file: string): Promise<Heard> => {
  const { samples, rate } = await readWav(file);
  return named(Object.values(hz).map((tone) => toneDb(samples, rate, tone)));
};

const named = ([customer = -120, agent = -120, lead = -120]: readonly number[]): Heard => ({
  customer: Math.round(customer),
  agent: Math.round(agent),
  lead: Math.round(lead),
});
