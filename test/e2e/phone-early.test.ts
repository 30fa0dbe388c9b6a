import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Call } from '../../shared/call.ts';
import type { PhoneState } from '../../shared/phone.ts';
import { type BrowserLab, openBrowserLab } from '../renderer/phone/lab/browser-lab.ts';
import { audioSdp, message } from '../renderer/phone/lab/sip-texts.ts';
import { endedBy, isFlowing, latest, newOrder } from '../renderer/phone/phone-lab.ts';

/** What is said before a call is answered, and transfers that exchanges answer in their own ways: the real phone in a real browser. */
let lab: BrowserLab;
let far: Page;
let page: Page;

beforeAll(async () => {
  lab = await openBrowserLab();
  far = await lab.openFar();
});
afterAll(() => lab.close());
beforeEach(async () => {
  lab.relay.options.target = 'answer';
  lab.relay.log.length = 0;
  await far.evaluate(() => window.far.reset());
  page = await lab.openPhone();
  await page.evaluate(() => window.lab.phone.checkDevices());
});
afterEach(async () => {
  await page.context().close();
  expect(lab.errors).toEqual([]);
});

const stateOf = (state: PhoneState): Call['state'] | undefined => latest(state)?.state;
const isEarly = (state: PhoneState): boolean => {
  const call = stateOf(state);
  return call?.kind === 'ringingOut' && call.earlyMedia === true;
};
const dial = async (): Promise<Call['id']> => {
  const order = newOrder();
  expect(await page.evaluate((it) => window.lab.phone.dial(it), order)).toMatchObject({ ok: true });
  return order.callId;
};

describe('early media (RFC 3960)', () => {
  beforeEach(() => far.evaluate(() => window.far.policy('early')));

  it('the announcement is heard, the agent is not before the answer, and the call goes on without a break', async () => {
    await dial();
    await lab.until(page, 'announcement', isEarly);
    // The network is connected, and nothing of the agent's voice is in what it gets.
    await expect.poll(() => far.evaluate(() => window.far.packetsReceived())).toBeGreaterThan(10);
    expect(await far.evaluate(() => window.far.loudestDb(1_500))).toBeLessThan(-80);
    await far.evaluate(() => window.far.say(180));
    expect(isEarly(await page.evaluate(() => window.lab.phone.state()))).toBe(true);
    await far.evaluate(() => window.far.pickUp());
    await lab.until(page, 'sound both ways', isFlowing);
    await expect.poll(() => far.evaluate(() => window.far.loudestDb(1_000)), { timeout: 15_000 }).toBeGreaterThan(-60);
  });

  it('a refusal after an announcement ends the call for its reason', async () => {
    await dial();
    await lab.until(page, 'announcement', isEarly);
    await far.evaluate(() => window.far.say(486));
    expect(stateOf(await lab.until(page, 'busy', endedBy('busy')))).toMatchObject({ talkMs: 0 });
  });

  it('hanging up during an announcement cancels', async () => {
    const id = await dial();
    await lab.until(page, 'announcement', isEarly);
    await page.evaluate((it) => window.lab.phone.hangUp(it), id);
    await lab.until(page, 'over', endedBy('agentHungUp'));
    await expect.poll(() => lab.relay.log.some(({ line }) => line.startsWith('CANCEL '))).toBe(true);
  });

  it('another fork than the one that was heard may answer', async () => {
    await far.evaluate(() => window.far.policy('ring'));
    await dial();
    await expect.poll(() => far.evaluate(() => window.far.state())).toBe('Initial');
    const invite = lab.relay.log.find(({ from, line }) => from === 'agent1' && line.startsWith('INVITE '))?.text ?? '';
    const field = (name: string): string => new RegExp(`^${name}: (.*)$`, 'm').exec(invite)?.[1]?.trim() ?? '';
    const names = { Via: field('Via'), From: field('From'), 'Call-ID': field('Call-ID'), CSeq: field('CSeq') };
    const early = audioSdp({
      'a=setup': 'a=setup:active',
      'm=audio': 'm=audio 9 UDP/TLS/RTP/SAVPF 111',
      'a=rtpmap:0': undefined,
      'a=rtpmap:101': undefined,
    });
    lab.relay.sendRaw(
      'agent1',
      message('SIP/2.0 183 Session Progress', { ...names, To: `${field('To')};tag=fork-a` }, early),
    );
    await lab.until(page, 'announcement of the first fork', isEarly);
    await far.evaluate(() => window.far.pickUp());
    await lab.until(page, 'sound both ways', isFlowing);
  });

  it('a description nobody can take is no announcement: it rings on', async () => {
    await far.evaluate(() => window.far.policy('ring'));
    await dial();
    await expect.poll(() => far.evaluate(() => window.far.state())).toBe('Initial');
    const invite = lab.relay.log.find(({ from, line }) => from === 'agent1' && line.startsWith('INVITE '))?.text ?? '';
    const field = (name: string): string => new RegExp(`^${name}: (.*)$`, 'm').exec(invite)?.[1]?.trim() ?? '';
    const names = { Via: field('Via'), From: field('From'), 'Call-ID': field('Call-ID'), CSeq: field('CSeq') };
    const plain = audioSdp({ 'm=audio': 'm=audio 9 RTP/AVP 0', 'a=fingerprint': undefined });
    lab.relay.sendRaw(
      'agent1',
      message('SIP/2.0 183 Session Progress', { ...names, To: `${field('To')};tag=fork-b` }, plain),
    );
    await lab.until(page, 'rings', (state) => stateOf(state)?.kind === 'ringingOut');
    await far.evaluate(() => window.far.pickUp());
    await lab.until(page, 'sound both ways', isFlowing);
    expect((await page.evaluate(() => window.lab.states)).some(isEarly)).toBe(false);
  });
});

describe('transfers that exchanges answer in their own ways', () => {
  const talk = async (): Promise<Call['id']> => {
    const id = await dial();
    await lab.until(page, 'sound both ways', isFlowing);
    return id;
  };
  const transferOf = (state: PhoneState): unknown => {
    const call = stateOf(state);
    return call?.kind === 'talking' ? call.transfer : undefined;
  };

  it.each([405, 501, 603])('a REFER refused with %i: the customer is back, the status is told', async (status) => {
    lab.relay.options.target = { refer: status };
    const id = await talk();
    await page.evaluate((it) => window.lab.phone.transfer(it, '1002'), id);
    await lab.until(page, 'failed', (state) => (transferOf(state) as { kind?: string } | undefined)?.kind === 'failed');
    expect(transferOf(await page.evaluate(() => window.lab.phone.state()))).toMatchObject({ kind: 'failed', status });
    await lab.until(page, 'back', (state) => {
      const call = stateOf(state);
      return call?.kind === 'talking' && call.hold.kind === 'none';
    });
  });

  it('the REFER says what we built and nothing else; our BYE comes after the last NOTIFY (RFC 5589)', async () => {
    const id = await talk();
    await page.evaluate((it) => window.lab.phone.transfer(it, '1002'), id);
    await lab.until(page, 'gone', endedBy('transferred'));
    const sent = lab.relay.log.filter(({ from }) => from === 'agent1');
    const refer = sent.find(({ line }) => line.startsWith('REFER '))?.text ?? '';
    expect(refer.match(/^Refer-To: .*$/m)?.[0].trim()).toBe('Refer-To: <sip:1002@lab.invalid>');
    expect(refer.match(/^Referred-By: .*$/m)?.[0].trim()).toBe('Referred-By: <sip:agent1@lab.invalid>');
    const at = (who: string, start: string): number =>
      lab.relay.log.findLastIndex(({ from, line }) => from === who && line.startsWith(start));
    await expect.poll(() => at('agent1', 'BYE ')).toBeGreaterThan(at('relay', 'NOTIFY '));
    expect(at('relay', 'NOTIFY ')).toBeGreaterThan(0);
    expect(
      lab.relay.log.filter(({ from, text }) => from === 'agent1' && / 200 OK/.test(text) && /NOTIFY/.test(text)),
    ).toHaveLength(2);
  });

  it('news of a transfer nobody asked for is refused (405)', async () => {
    await talk();
    const notify = message(
      'NOTIFY sip:agent1@lab.invalid SIP/2.0',
      {
        CSeq: '5 NOTIFY',
        To: '<sip:agent1@lab.invalid>;tag=x',
        Event: 'refer',
        'Subscription-State': 'terminated',
        'Content-Type': 'message/sipfrag',
      },
      'SIP/2.0 200 OK',
    );
    lab.relay.sendRaw('agent1', notify);
    await expect
      .poll(() => lab.relay.log.some(({ from, line }) => from === 'agent1' && line.includes(' 405 ')))
      .toBe(true);
    expect(isFlowing(await page.evaluate(() => window.lab.phone.state()))).toBe(true);
  });
});
