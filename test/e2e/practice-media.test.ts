import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tone } from '../../practice/customers/g711.ts';
import { chromiumPath, openBrowserPhone, type BrowserPhone, type PhoneFigures } from '../practice/browser-phone.ts';
import { agentPassword, openStage, until, type Stage } from '../practice/stage.ts';

const calls = 10;

describe.runIf(chromiumPath !== undefined)('a browser and the simulated customers', () => {
  let stage: Stage;
  let phone: BrowserPhone;
  beforeAll(async () => {
    stage = await openStage();
    phone = await openBrowserPhone(chromiumPath ?? '');
    await phone.register({ ...stage.exchange, user: 'agent1', password: agentPassword('agent1') });
    await stage.exchange.pbx.addMember({ sipUser: 'agent1', name: 'One', queues: ['service'] });
    await stage.exchange.pbx.setPaused('agent1', false, 'ready');
  });
  afterAll(async () => {
    await phone?.close();
    await stage?.close();
  });

  /** The browser renews its statistics every 50 ms; looks for up to two seconds. */
  const figuresWhen = async (isThere: (figures: PhoneFigures) => boolean): Promise<PhoneFigures> => {
    const endMs = Date.now() + 2_000;
    let figures = await phone.figures();
    while (!isThere(figures) && Date.now() < endMs) figures = await phone.figures();
    return figures;
  };

  it(`have sound both ways in each of ${calls} queue calls, hung up by either side in turn`, async () => {
    for (let i = 0; i < calls; i++) {
      const call = stage.customers.call({ from: { number: '13800138000' }, to: 'service', sound: tone(1_000, 1_000) });
      await until('answer', () => call.state().kind === 'talking');
      // The fake microphone beeps once a second.
      await until('the microphone', () => call.heard.levelDb() > -40);
      const figures = await figuresWhen((f) => f.received > 3 && f.heardDb > -25);
      expect(figures).toMatchObject({ state: 'Established', codec: 'audio/PCMU', headers: { queue: 'service' } });
      expect(figures.received).toBeGreaterThan(3);
      expect(figures.heardDb).toBeGreaterThan(-25);
      expect(Math.abs(figures.heardHz - 1_000)).toBeLessThan(50);
      if (i % 2 === 0) call.hangUp();
      else await phone.hangUp();
      expect(await call.done).toMatchObject({ kind: i % 2 === 0 ? 'customerHungUp' : 'agentHungUp' });
      await until('free again', () => stage.exchange.standing().available === 1);
    }
    const { mediaMs } = await phone.figures();
    expect(mediaMs).toHaveLength(calls);
    // 100 ms here when the machine is idle; a busy one gets slack.
    expect([...mediaMs].sort((a, b) => a - b)[calls >> 1]).toBeLessThan(400);
  });

  it('talk after a dialled call, and the customer says hello', async () => {
    await phone.dial('13912345678');
    const [call] = stage.customers.active();
    await until('the microphone', () => (call?.heard.levelDb() ?? -100) > -40);
    expect((await figuresWhen((f) => f.heardDb > -40)).heardDb).toBeGreaterThan(-40);
    await phone.hangUp();
    expect(await call?.done).toMatchObject({ kind: 'agentHungUp' });
  });
});
