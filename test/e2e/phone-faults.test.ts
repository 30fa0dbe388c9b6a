import { describe, expect, it } from 'vitest';
import type { Call } from '../../shared/call.ts';
import type { PhoneState } from '../../shared/phone.ts';
import { accountOf, agent, startPhone } from '../renderer/phone/lab/browser-lab.ts';
import { newOrder } from '../renderer/phone/phone-lab.ts';
import {
  answer,
  far,
  first,
  isEnded,
  isFlowing,
  isRegistered,
  lab,
  packetsAtCustomer,
  page,
  pause,
  ring,
  sentByPhone,
  talk,
  useLab,
} from './phone-calls.ts';

/** What happens to calls when they are held, when the line is lost and when the sound is, with the real phone in a real browser. */
useLab();

const isHold =
  (kind: string) =>
  (state: PhoneState): boolean => {
    const call = first(state);
    return call?.kind === 'talking' && call.hold.kind === kind;
  };
const hold = (id: Call['id'], isHeld: boolean) =>
  page.evaluate(([it, on]) => window.lab.phone.hold(it, on), [id, isHeld] as const);
const heardByCustomerDb = (ms: number, enoughDb?: number): Promise<number> =>
  far.evaluate(([it, enough]) => window.far.loudestDb(it, enough), [ms, enoughDb] as const);
/** Direction of the last description the phone sent in an INVITE. */
const lastOffered = (): string | undefined =>
  /^a=(sendonly|sendrecv|recvonly|inactive)/m.exec(
    lab.relay.log.findLast(({ from, line }) => from === agent.user && line.startsWith('INVITE'))?.text ?? '',
  )?.[1];

describe('hold', () => {
  it('PHONE-7 the customer hears nothing of the agent while held and does again afterwards', async () => {
    const id = await talk();
    // The fake microphone beeps once a second.
    expect(await heardByCustomerDb(1_500)).toBeGreaterThan(-40);
    await hold(id, true);
    await pause(200);
    expect(await heardByCustomerDb(1_500)).toBeLessThan(-90);
    expect(isHold('held')(await page.evaluate(() => window.lab.phone.state()))).toBe(true);
    expect(lastOffered()).toBe('sendonly');
    await hold(id, false);
    await lab.until(page, 'talking again', isHold('none'));
    expect(lastOffered()).toBe('sendrecv');
    expect(await heardByCustomerDb(1_500, -40)).toBeGreaterThan(-40);
    await lab.until(page, 'sound both ways', isFlowing);
  });

  it('PHONE-7 refused over there: failed is shown, and still nothing of the agent is heard until the agent wants it', async () => {
    const id = await talk();
    lab.relay.options.reinviteStatus = 488;
    await hold(id, true);
    await lab.until(page, 'failed', isHold('holdFailed'));
    await pause(200);
    expect(await heardByCustomerDb(1_500)).toBeLessThan(-90);
    await hold(id, false);
    await lab.until(page, 'as before', isHold('none'));
    expect(await heardByCustomerDb(1_500, -40)).toBeGreaterThan(-40);
  });

  it('RENEW-3 two that collide (491): waits 0–2 s as the one who was called, then it is held', async () => {
    const id = await talk();
    lab.relay.options.reinviteStatus = 491;
    await hold(id, true);
    await expect.poll(() => lab.relay.log.some(({ line }) => line.includes(' 491 '))).toBe(true);
    lab.relay.options.reinviteStatus = undefined;
    expect(isHold('holding')(await page.evaluate(() => window.lab.phone.state()))).toBe(true);
    await lab.until(page, 'held', isHold('held'), 3_000);
  });

  it('RENEW-1 a held call stays held when the line comes back and the call is renewed', async () => {
    const id = await talk();
    await hold(id, true);
    await lab.until(page, 'held', isHold('held'));
    const before = sentByPhone('INVITE');
    const sinceMs = Date.now();
    lab.relay.drop(agent.user);
    await lab.until(page, 'back', ({ line }) => line.kind === 'registered' && line.sinceMs >= sinceMs);
    await expect.poll(() => sentByPhone('INVITE')).toBeGreaterThan(before);
    expect(lastOffered()).toBe('sendonly');
    await pause(300);
    expect(isHold('held')(await page.evaluate(() => window.lab.phone.state()))).toBe(true);
    expect(await heardByCustomerDb(1_200)).toBeLessThan(-90);
    await hold(id, false);
    await lab.until(page, 'talking again', isHold('none'));
    expect(await heardByCustomerDb(1_500, -40)).toBeGreaterThan(-40);
  });

  it('RENEW-2 pressed again and again: ends as the last press says', async () => {
    const id = await talk();
    for (let press = 0; press < 7; press += 1) await hold(id, press % 2 === 0);
    await lab.until(page, 'held', isHold('held'));
    for (let press = 0; press < 7; press += 1) await hold(id, press % 2 === 1);
    await lab.until(page, 'talking again', isHold('none'));
    expect(await heardByCustomerDb(1_500, -40)).toBeGreaterThan(-40);
  });

  it('the customer hangs up while held: said as ever', async () => {
    const id = await talk();
    await hold(id, true);
    await lab.until(page, 'held', isHold('held'));
    await far.evaluate(() => window.far.hangUp());
    expect(first(await lab.until(page, 'over', isEnded))).toMatchObject({ cause: 'customerHungUp' });
  });
});

describe('the line is lost', () => {
  it('CALL-2 during a call: back in a moment, sound unbroken, the hang-up over there arrives', async () => {
    await talk();
    const before = await packetsAtCustomer();
    const droppedMs = Date.now();
    lab.relay.drop(agent.user);
    const lost = await lab.until(
      page,
      'lost or back',
      (state) => state.line.kind !== 'registered' || state.line.sinceMs > droppedMs,
    );
    expect(first(lost)?.kind).toBe('talking');
    const back = await lab.until(
      page,
      'back',
      (state) => isRegistered(state) && state.line.kind === 'registered' && state.line.sinceMs >= droppedMs,
    );
    expect(back.line.kind === 'registered' ? back.line.sinceMs - droppedMs : -1).toBeLessThan(500);
    await expect.poll(() => sentByPhone('INVITE')).toBeGreaterThan(0);
    await pause(1_000);
    // 50 packets a second: none of the second was lost.
    expect((await packetsAtCustomer()) - before).toBeGreaterThan(40);
    await far.evaluate(() => window.far.hangUp());
    expect(first(await lab.until(page, 'over', isEnded))).toMatchObject({ cause: 'customerHungUp' });
  });

  it('again and again in one call', async () => {
    await talk();
    for (let turn = 0; turn < 5; turn += 1) {
      const sinceMs = Date.now();
      lab.relay.drop(agent.user);
      await lab.until(page, 'back', ({ line }) => line.kind === 'registered' && line.sinceMs >= sinceMs);
    }
    await pause(300);
    await far.evaluate(() => window.far.hangUp());
    expect(first(await lab.until(page, 'over', isEnded))).toMatchObject({ cause: 'customerHungUp' });
  });

  it('LINE-2 a link that goes silent during a call is noticed in 3 s and replaced', async () => {
    await talk();
    const frozenMs = Date.now();
    lab.relay.freeze(agent.user);
    const back = await lab.until(page, 'back', ({ line }) => line.kind === 'registered' && line.sinceMs >= frozenMs);
    expect(back.line.kind === 'registered' ? back.line.sinceMs - frozenMs : -1).toBeLessThan(3_500);
    expect(first(back)).toMatchObject({ kind: 'talking' });
    await pause(300);
    await far.evaluate(() => window.far.hangUp());
    expect(first(await lab.until(page, 'over', isEnded))).toMatchObject({ cause: 'customerHungUp' });
  });

  it('CALL-2 a far end that hung up while the line was away: the re-INVITE finds out', async () => {
    await talk();
    lab.relay.refuse(true);
    lab.relay.drop(agent.user);
    await lab.until(page, 'lost', ({ line }) => line.kind === 'lost');
    await far.evaluate(() => window.far.hangUp());
    await pause(200);
    expect(first(await page.evaluate(() => window.lab.phone.state()))?.kind).toBe('talking');
    lab.relay.refuse(false);
    expect(first(await lab.until(page, 'over', isEnded))).toMatchObject({ cause: 'customerHungUp' });
  });

  it('CALL-3 hung up while the line is away: ended here at once, said over there after its return', async () => {
    const id = await talk();
    lab.relay.refuse(true);
    lab.relay.drop(agent.user);
    await lab.until(page, 'lost', ({ line }) => line.kind === 'lost');
    await page.evaluate((it) => window.lab.phone.hangUp(it), id);
    await lab.until(page, 'over', isEnded);
    expect(await far.evaluate(() => window.far.state())).toBe('Established');
    lab.relay.refuse(false);
    await expect.poll(() => far.evaluate(() => window.far.state()), { timeout: 5_000 }).toBe('Terminated');
  });

  it('CALL-3 a BYE into a silent link is said again', async () => {
    const id = await talk();
    lab.relay.freeze(agent.user);
    await page.evaluate((it) => window.lab.phone.hangUp(it), id);
    await expect.poll(() => far.evaluate(() => window.far.state()), { timeout: 10_000 }).toBe('Terminated');
  });

  it('while it rings: it goes on ringing and can be answered after the return', async () => {
    const id = await ring();
    lab.relay.refuse(true);
    lab.relay.drop(agent.user);
    await lab.until(page, 'lost', ({ line }) => line.kind === 'lost');
    expect(first(await page.evaluate(() => window.lab.phone.state()))?.kind).toBe('ringing');
    lab.relay.refuse(false);
    await lab.until(page, 'back', isRegistered);
    await answer(id);
    await lab.until(page, 'sound both ways', isFlowing);
  });

  it('answered while the line is away: connected once it is back', async () => {
    const id = await ring();
    lab.relay.refuse(true);
    lab.relay.drop(agent.user);
    await lab.until(page, 'lost', ({ line }) => line.kind === 'lost');
    expect(await answer(id)).toMatchObject({ ok: true });
    await pause(300);
    lab.relay.refuse(false);
    await lab.until(page, 'sound both ways', isFlowing);
  });

  it('while dialling: the call ends as network and is cancelled over there', async () => {
    await far.evaluate(() => window.far.policy('ring'));
    await page.evaluate((order) => window.lab.phone.dial(order), newOrder());
    await lab.until(page, 'rings there', (state) => first(state)?.kind === 'dialling');
    await expect.poll(() => far.evaluate(() => window.far.state())).toBe('Initial');
    lab.relay.drop(agent.user);
    expect(first(await lab.until(page, 'over', isEnded))).toMatchObject({ cause: 'network' });
    await expect.poll(() => far.evaluate(() => window.far.state()), { timeout: 5_000 }).toBe('Terminated');
  });

  it('before and after calls: the next call works', async () => {
    lab.relay.drop(agent.user);
    await lab.until(page, 'lost', ({ line }) => line.kind !== 'registered').catch(() => undefined);
    await lab.until(page, 'back', isRegistered);
    await expect.poll(() => lab.relay.registered(agent.user)).toBe(true);
    const id = await talk();
    await page.evaluate((it) => window.lab.phone.hangUp(it), id);
    await lab.until(page, 'over', isEnded);
    const sinceMs = Date.now();
    lab.relay.drop(agent.user);
    await lab.until(page, 'back', ({ line }) => line.kind === 'registered' && line.sinceMs >= sinceMs);
    await talk();
  });

  it('a wrong password is refused and said; a renewed one is used at once', async () => {
    const other = await lab.openPhone({ isStarted: false });
    await other.evaluate(startPhone, accountOf(lab.relay, 'wrong'));
    expect((await lab.until(other, 'refused', ({ line }) => line.kind === 'refused')).line).toMatchObject({
      status: 403,
    });
    await other.evaluate(startPhone, accountOf(lab.relay));
    await lab.until(other, 'registered', isRegistered);
    await other.context().close();
  });

  it('nobody there at all: tried on and on', async () => {
    const other = await lab.openPhone({ isStarted: false });
    await other.evaluate(startPhone, {
      ...accountOf(lab.relay),
      credentials: { ...accountOf(lab.relay).credentials, server: 'ws://127.0.0.1:9' },
    });
    const { line } = await lab.until(
      other,
      'many attempts',
      (state) => state.line.kind === 'lost' && state.line.attempt > 4,
    );
    expect(line).toMatchObject({ why: 'socket' });
    await other.context().close();
  });
});

describe('microphone and sound', () => {
  it('mute silences the customer, unmute brings the voice back', async () => {
    const id = await talk();
    await pause(500);
    // The browser's fake microphone beeps once a second.
    expect(await heardByCustomerDb(1_500)).toBeGreaterThan(-40);
    await page.evaluate((it) => window.lab.phone.mute(it, true), id);
    await pause(500);
    expect(await heardByCustomerDb(1_500)).toBeLessThan(-60);
    await page.evaluate((it) => window.lab.phone.mute(it, false), id);
    await pause(200);
    expect(await heardByCustomerDb(1_500, -40)).toBeGreaterThan(-40);
  });

  it('MIC-2 a headset pulled out in a call is replaced, muted if it was; the call goes on', async () => {
    const id = await talk();
    await page.evaluate((it) => window.lab.phone.mute(it, true), id);
    await page.evaluate(() => window.lab.unplug());
    await pause(800);
    await page.evaluate((it) => window.lab.phone.mute(it, false), id);
    const before = await packetsAtCustomer();
    await pause(1_000);
    expect((await packetsAtCustomer()) - before).toBeGreaterThan(30);
    expect(await heardByCustomerDb(1_500, -40)).toBeGreaterThan(-40);
    expect((await page.evaluate(() => window.lab.phone.state())).devices.kind).toBe('ready');
  });

  it('a customer whose sound stops is noticed, and when it comes back', async () => {
    await talk();
    await far.evaluate(() => window.far.stopSending(true));
    await lab.until(page, 'lost', (state) => {
      const call = first(state);
      return call?.kind === 'talking' && call.media === 'lost';
    });
    await far.evaluate(() => window.far.stopSending(false));
    expect(isFlowing(await lab.until(page, 'flowing again', isFlowing))).toBe(true);
  });

  it('a page that was never clicked rings, answers and plays', async () => {
    await talk();
    expect(await page.evaluate(() => document.querySelectorAll('audio').length)).toBe(0);
    await expect
      .poll(() => page.evaluate(() => window.lab.levels.some((level) => level.customerDb > -60)), { timeout: 5_000 })
      .toBe(true);
  });
});
