import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { PhoneState } from '../../shared/phone.ts';
import { chanceOf } from '../fuzz/chance.ts';
import { escaped } from '../fuzz/fuzz.ts';
import { mutant } from '../fuzz/mutate.ts';
import { agent, type BrowserLab, openBrowserLab } from '../renderer/phone/lab/browser-lab.ts';
import { audioSdp, message, request, response, type Fields } from '../renderer/phone/lab/sip-texts.ts';

/** Security 69: what a hostile peer sends during a call harms neither the call nor its sound. */
const seed = 69;
const count = 600;

let lab: BrowserLab;
let far: Page;
let page: Page;
beforeAll(async () => {
  lab = await openBrowserLab();
  far = await lab.openFar();
  page = await lab.openPhone();
  await page.evaluate(() => window.lab.phone.checkDevices());
  await page.evaluate(() => window.lab.phone.setAvailable(true));
});
afterAll(() => lab.close());

const isFlowing = ({ calls }: PhoneState): boolean => {
  const state = calls[0]?.state;
  return state?.kind === 'talking' && state.media === 'flowing';
};
const headerOf = (text: string, name: string): string =>
  new RegExp(`^${name}: (.*)$`, 'm').exec(text)?.[1]?.trim() ?? '';

/** The names by which the live call goes, as its 200 had them. */
const dialogOf = (): Fields => {
  const accepted = lab.relay.log.find(({ from, text }) => from === agent.user && /^SIP\/2\.0 200 .*INVITE/s.test(text));
  if (accepted === undefined) throw new Error('no call was answered');
  const of = (name: string): string => headerOf(accepted.text, name);
  return { 'Call-ID': of('Call-ID'), From: of('From'), To: of('To') };
};

/** Strangers, liars about the call, and the call's own peer asking for what it may not have. */
const seedsOf = (dialog: Fields): readonly [string, ...string[]] => {
  const ask = (method: string, fields: Fields, body = ''): string =>
    message(
      `${method} sip:s0123456789ab@700080000123456789ab.invalid;transport=ws SIP/2.0`,
      { CSeq: `4000 ${method}`, ...fields },
      body,
    );
  const liar = { ...dialog, To: '<sip:agent1@lab.invalid>;tag=guessed' };
  return [
    request('INVITE', {}, audioSdp()),
    ask('INVITE', {}, audioSdp()),
    ask('INVITE', { Replaces: `${String(dialog['Call-ID'])};to-tag=a;from-tag=b` }, audioSdp()),
    ask('INVITE', liar, audioSdp()),
    ask('BYE', liar),
    ask('CANCEL', liar),
    ask('ACK', liar),
    ask('OPTIONS', dialog),
    ask('REFER', { ...dialog, 'Refer-To': '<sip:premium@evil.invalid>' }),
    ask('INFO', { ...dialog, 'Content-Type': 'application/dtmf-relay' }, 'Signal=5\r\n'),
    ask('UPDATE', dialog, audioSdp()),
    ask('NOTIFY', { ...dialog, Event: 'refer', 'Content-Type': 'message/sipfrag' }, 'SIP/2.0 200 OK'),
    ask('MESSAGE', { ...dialog, 'Content-Type': 'text/plain' }, 'hello'),
    response(200, { Via: 'SIP/2.0/WS 700080000123456789ab.invalid;branch=z9hG4bK1', CSeq: '1 REGISTER' }),
    response(481, { ...dialog, Via: 'SIP/2.0/WS 700080000123456789ab.invalid;branch=z9hG4bK2', CSeq: '1 INVITE' }),
  ];
};

/** The peer may renew, end or take back its own call: a mutant that does exactly that proves nothing. */
const isTheCallsOwn = (text: string, dialog: Fields): boolean =>
  /^(?:INVITE|BYE|CANCEL|ACK) /.test(text) && text.includes(String(dialog['Call-ID'])) && text.includes(tagOf(dialog));
const tagOf = (dialog: Fields): string => /;tag=([^;]+)/.exec(String(dialog['To']))?.[1] ?? '';

it(`seed ${seed}: ${count} mutants during a call change neither its state nor its sound`, async () => {
  await far.evaluate((to) => window.far.call(to, [], ''), agent.user);
  const ringing = await lab.until(page, 'ringing', ({ calls }) => calls[0]?.state.kind === 'ringing');
  const id = ringing.calls[0]?.id;
  if (id === undefined) throw new Error('no call');
  await page.evaluate((it) => window.lab.phone.answer(it), id);
  await lab.until(page, 'sound both ways', isFlowing);
  const dialog = dialogOf();
  const seeds = seedsOf(dialog);
  const statesBefore = await page.evaluate(() => window.lab.states.length);
  const packetsBefore = await far.evaluate(() => window.far.packetsReceived());
  const startMs = Date.now();

  let sent = 0;
  for (let index = 0; sent < count; index += 1) {
    const chance = chanceOf(seed, index);
    const text = new TextDecoder().decode(mutant(chance.oneOf(seeds), chance));
    if (isTheCallsOwn(text, dialog)) continue;
    lab.relay.sendRaw(agent.user, text);
    sent += 1;
    if (sent % 20 > 0) continue;
    const now = await page.evaluate(() => window.lab.phone.state());
    expect(isFlowing(now), `after mutant ${index}, ${escaped(text)}`).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const spentS = (Date.now() - startMs) / 1_000;

  const packets = (await far.evaluate(() => window.far.packetsReceived())) - packetsBefore;
  // 50 packets a second are sent; a second's worth may be on its way.
  expect(packets).toBeGreaterThan(50 * spentS * 0.9 - 50);
  expect(await far.evaluate(() => window.far.loudestDb(1_500, -40))).toBeGreaterThan(-40);
  const told = await page.evaluate((from) => window.lab.states.slice(from), statesBefore);
  expect(told.filter((state) => state.calls[0]?.state.kind !== 'talking' || state.line.kind !== 'registered')).toEqual(
    [],
  );
  const wire = await page.evaluate(() => window.lab.wire);
  expect(wire.filter(({ kind }) => kind === 'parserThrew')).toEqual([]);
  expect(wire.length).toBeGreaterThan(count / 4);
  expect(lab.errors.filter((error) => error.startsWith('phone'))).toEqual([]);

  await far.evaluate(() => window.far.hangUp());
  const over = await lab.until(page, 'over', ({ calls }) => calls[0]?.state.kind === 'ended');
  expect(over.calls[0]?.state).toMatchObject({ cause: 'customerHungUp' });
});
