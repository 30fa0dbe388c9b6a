import { randomUUID } from 'node:crypto';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { iceFor } from '../../central/ice.ts';
import { whyNoAsterisk } from '../../scripts/pbx-install.mjs';
import { networkAddress, type RunningPbx, startPbx } from '../../scripts/pbx-instance.mjs';
import type { RunningTurn } from '../../scripts/turn-instance.mjs';
import { startTurn, whyNoTurn } from '../../scripts/turn-instance.mjs';
import type { Aside } from '../../shared/call.ts';
import type { SipCredentials } from '../../shared/sip-credentials.ts';
import { CallId, ContactId } from '../../shared/ids.ts';
import type { PhoneState, Trouble } from '../../shared/phone.ts';
import type { Result } from '../../shared/result.ts';
import { accountOf, agent, type BrowserLab, openBrowserLab } from '../renderer/phone/lab/browser-lab.ts';
import { whyNoBrowser } from './agent-browser.ts';

// Calls between two browsers by way of a real TURN server, and what is left of them when it goes away.

declare global {
  interface Window {
    ways: RTCPeerConnection[];
    troubles: (Trouble | null)[];
  }
}

const why = whyNoTurn() ?? whyNoBrowser();
if (why !== undefined) console.warn(`NOT RUN with a real TURN server: ${why}`);
let lab: BrowserLab;
let far: Page;
let page: Page;
let turn: RunningTurn;

beforeAll(async () => {
  if (why !== undefined) return;
  turn = await startTurn();
  lab = await openBrowserLab();
  far = await lab.openFar();
});
afterAll(async () => {
  if (why !== undefined) return;
  await lab.close();
  await turn.stop();
});
beforeEach(async ({ skip }) => {
  if (why !== undefined) skip(why);
  await turn.start();
  await far.evaluate(() => window.far.reset());
  lab.relay.log.length = 0;
});
afterEach(async () => {
  if (why !== undefined) return;
  await page.context().close();
  expect(lab.errors).toEqual([]);
});

type Ice = Partial<SipCredentials>;
const through = (server: RunningTurn, lifeSeconds = 600) => ({
  urls: server.url,
  ...server.credentials(agent.user, lifeSeconds),
});
const start = (ice: Ice): Promise<void> => {
  const account = accountOf(lab.relay);
  const credentials = { ...account.credentials, ...ice };
  return page.evaluate((it) => window.lab.phone.start(it), { ...account, credentials });
};
/** A phone with its microphone open, ready for calls. */
const open = async (ice: Ice): Promise<void> => {
  page = await lab.openPhone({ isStarted: false });
  await page.evaluate(() => {
    window.ways = [];
    window.troubles = [];
    window.lab.phone.onTrouble((trouble) => window.troubles.push(trouble));
    globalThis.RTCPeerConnection = class extends RTCPeerConnection {
      constructor(configuration?: RTCConfiguration) {
        super(configuration);
        window.ways.push(this);
      }
    };
  });
  await start(ice);
  await lab.until(page, 'registered', ({ line }) => line.kind === 'registered');
  await page.evaluate(async () => {
    await window.lab.phone.checkDevices();
    window.lab.phone.setAvailable(true);
  });
};
const relayIs = (state: PhoneState['relay'], limitMs = 30_000) =>
  lab.until(page, `relay ${state}`, ({ relay }) => relay === state, limitMs);
const dial = (to = '10000', aside?: Aside): Promise<Result<unknown>> =>
  page.evaluate((order) => window.lab.phone.dial(order), {
    callId: CallId.parse(randomUUID()),
    contactId: ContactId.parse(randomUUID()),
    dial: to,
    ...(aside === undefined ? {} : { aside }),
  });
const isFlowing = ({ calls: [call] }: PhoneState): boolean =>
  call?.state.kind === 'talking' && call.state.media === 'flowing';
const flowing = () => lab.until(page, 'flowing', isFlowing, 30_000);
const hangUp = async (): Promise<void> => {
  const id = (await page.evaluate(() => window.lab.phone.state())).calls[0]?.id;
  if (id !== undefined) await page.evaluate((it) => window.lab.phone.hangUp(it), id);
  await far.evaluate(() => window.far.reset());
};
/** Both hear the other's beep, measured. */
const bothHear = async (): Promise<void> => {
  await expect
    .poll(() => far.evaluate(() => window.far.loudestDb(1_500, -40)), { timeout: 30_000 })
    .toBeGreaterThan(-40);
  const loudest = () =>
    page.evaluate(() => Math.max(...window.lab.levels.slice(-20).map(({ customerDb }) => customerDb)));
  await expect.poll(loudest, { timeout: 30_000 }).toBeGreaterThan(-40);
};
/** Port of our end of the way in use, as the far end sees it. */
const portInUse = (): Promise<number | undefined> =>
  page.evaluate(async () => {
    for (const connection of window.ways) {
      if (connection.connectionState !== 'connected') continue;
      const pair = connection.getSenders()[0]?.transport?.iceTransport.getSelectedCandidatePair?.();
      if (pair?.local.type === 'relay') return pair.local.port ?? undefined;
    }
    return undefined;
  });
const candidatesTold = (): string[] =>
  lab.relay.log
    .filter(({ from }) => from === agent.user)
    .flatMap(({ text }) => text.split('\r\n').filter((line) => line.startsWith('a=candidate:')));

describe('a seat that may only be relayed', () => {
  test('MEDIA-5 has calls both ways through the relay, and no address of its own is in any message', async () => {
    // As central hands them out.
    const settings = {
      stun: [turn.stunUrl],
      turn: [turn.url],
      secret: turn.secret,
      ttlSeconds: 600,
      relayOnly: ['agent'],
    };
    await open(iceFor(settings, { number: '1001', role: 'agent', seatId: 'any' }, Date.now()));
    await relayIs('ready');
    expect(await dial()).toEqual({ ok: true, value: {} });
    await flowing();
    await bothHear();
    expect(turn.hasGiven((await portInUse()) ?? 0)).toBe(true);
    await hangUp();
    await far.evaluate((to) => window.far.call(to, [], ''), agent.user);
    const { calls } = await lab.until(page, 'ringing', (state) => state.calls[0]?.state.kind === 'ringing');
    await page.evaluate((id) => window.lab.phone.answer(id), calls[0]?.id ?? CallId.parse(randomUUID()));
    await flowing();
    await bothHear();
    const told = candidatesTold();
    expect(told.length).toBeGreaterThanOrEqual(2);
    for (const candidate of told) expect(candidate).toMatch(/ typ relay raddr 0\.0\.0\.0 rport 0/);
    const own = networkAddress();
    for (const { from, text } of lab.relay.log)
      if (from === agent.user && own !== undefined) expect(text).not.toContain(own);
  });

  test.each([
    ['credentials that have expired', () => through(turn, -60)],
    ['another secret than the relay’s', () => ({ ...through(turn), credential: 'bm90IHRoZSBzZWNyZXQ=' })],
  ])('with %s says so instead of having silent calls, and goes on with fresh ones', async (_, server) => {
    await open({ iceServers: [server()], icePolicy: 'relay' });
    await relayIs('refused');
    expect(await dial()).toMatchObject({ ok: false, error: { kind: 'phone', reason: 'relayRefused' } });
    await far.evaluate((to) => window.far.call(to, [], '').catch(() => undefined), agent.user);
    await expect.poll(() => far.evaluate(() => window.far.lastStatus())).toBe(480);
    expect(candidatesTold()).toEqual([]);
    await start({ iceServers: [through(turn)], icePolicy: 'relay' });
    await relayIs('ready');
    expect(await dial()).toMatchObject({ ok: true });
    await flowing();
    await bothHear();
  });

  test('keeps its call when the credentials expire under it, and restarts ICE with the renewed ones', async () => {
    await open({ iceServers: [through(turn, 4)], icePolicy: 'relay' });
    await relayIs('ready');
    expect(await dial()).toMatchObject({ ok: true });
    await flowing();
    const first = await portInUse();
    await new Promise((resolve) => setTimeout(resolve, 6_000));
    await start({ iceServers: [through(turn)], icePolicy: 'relay' });
    await bothHear();
    expect(await portInUse()).toBe(first);
    // The relay forgets: what comes next is asked of it with credentials it takes now.
    await turn.kill();
    await turn.start();
    const isOther = async () =>
      (await portInUse()) !== first && isFlowing(await page.evaluate(() => window.lab.phone.state()));
    await expect.poll(isOther, { timeout: 60_000 }).toBe(true);
    await bothHear();
  });
});

describe('a relay that goes away in a call', () => {
  test('another one takes over', async () => {
    const other = await startTurn();
    try {
      await open({ iceServers: [through(turn), through(other)], icePolicy: 'relay' });
      await relayIs('ready');
      expect(await dial()).toMatchObject({ ok: true });
      await flowing();
      const used = (await portInUse()) ?? 0;
      const [dead, alive] = turn.hasGiven(used) ? [turn, other] : [other, turn];
      const diedMs = Date.now();
      await dead.kill();
      const isOver = async () => alive.hasGiven((await portInUse()) ?? 0);
      await expect.poll(isOver, { timeout: 60_000 }).toBe(true);
      console.info(`turn: another relay carries the call after ${Date.now() - diedMs} ms`);
      await flowing();
      await bothHear();
      // Calls still come: one relay is enough.
      expect((await page.evaluate(() => window.lab.phone.state())).relay).toBe('ready');
    } finally {
      await other.stop();
    }
  });

  test('the only one: the dead leg and the lost relay are named, the call is kept, and lives again when it is back', async () => {
    await open({ iceServers: [through(turn)], icePolicy: 'relay' });
    await relayIs('ready');
    expect(await dial()).toMatchObject({ ok: true });
    await flowing();
    const diedMs = Date.now();
    await turn.kill();
    await expect.poll(() => page.evaluate(() => window.troubles.at(-1)?.leg), { timeout: 20_000 }).toBe('receiving');
    console.info(`turn: the dead leg is named after ${Date.now() - diedMs} ms`);
    await relayIs('unreachable', 60_000);
    console.info(`turn: the lost relay is named after ${Date.now() - diedMs} ms`);
    await turn.start();
    const backMs = Date.now();
    await relayIs('ready', 60_000);
    await expect.poll(async () => turn.hasGiven((await portInUse()) ?? 0), { timeout: 60_000 }).toBe(true);
    await flowing();
    console.info(`turn: sound again ${Date.now() - backMs} ms after the relay was back`);
    await bothHear();
    await expect.poll(() => page.evaluate(() => window.troubles.at(-1)), { timeout: 20_000 }).toBeNull();
  });
});

describe('a warm connection', () => {
  const rounds = 3;
  const sentMs = (line: RegExp, notBeforeMs: number): number | undefined =>
    lab.relay.log.find((sent) => sent.from === agent.user && sent.atMs >= notBeforeMs && line.test(sent.line))?.atMs;
  const took = async (line: RegExp, does: () => Promise<unknown>): Promise<number> => {
    const askedMs = Date.now();
    await does();
    await expect.poll(() => sentMs(line, askedMs)).toBeDefined();
    return (sentMs(line, askedMs) ?? Number.NaN) - askedMs;
  };
  const answered = async (header: string[]): Promise<number> => {
    await far.evaluate(([to, headers]) => window.far.call(to, headers, ''), [agent.user, header] as const);
    const ringing = await lab.until(page, 'ringing', ({ calls }) => calls[0]?.state.kind === 'ringing');
    const id = ringing.calls[0]?.id ?? CallId.parse(randomUUID());
    return took(/^SIP\/2\.0 200/, () => page.evaluate((it) => window.lab.phone.answer(it), id));
  };
  const allOver = async (): Promise<void> => {
    await page.evaluate(() => {
      for (const { id } of window.lab.phone.state().calls) window.lab.phone.hangUp(id);
    });
    await far.evaluate(() => window.far.reset());
    await lab.until(page, 'over', ({ calls }) => calls.every(({ state }) => state.kind === 'ended'));
  };

  test.each(['all', 'relay'] as const)('spares a call the gathering (%s)', async (icePolicy) => {
    await open({ iceServers: [through(turn)], icePolicy });
    if (icePolicy === 'relay') await relayIs('ready');
    const ms = { dialWarm: [0], dialCold: [0], acceptWarm: [0], acceptCold: [0] };
    for (let round = 0; round < rounds; round += 1) {
      // Warm again: what was taken by the call before is replaced when it is over.
      await page.waitForTimeout(700);
      ms.dialWarm.push(await took(/^INVITE/, () => dial()));
      await flowing();
      // The second line, at once after the first: its connection is made for it.
      ms.acceptCold.push(await answered(['X-Colleague: 8002']));
      await allOver();
      await page.waitForTimeout(700);
      ms.acceptWarm.push(await answered([]));
      const { calls } = await flowing();
      const aside = { kind: 'consult', of: calls[0]?.id ?? CallId.parse(randomUUID()) } as const;
      ms.dialCold.push(await took(/^INVITE/, () => dial('10000', aside)));
      await flowing();
      await allOver();
    }
    const median = (all: readonly number[]): number => all.slice(1).toSorted((a, b) => a - b)[1] ?? Number.NaN;
    const medians = Object.fromEntries(Object.entries(ms).map(([name, all]) => [name, median(all)]));
    console.info(`turn: ${icePolicy}, median ms: ${JSON.stringify(medians)}`);
    for (const all of Object.values(ms)) expect(median(all)).toBeLessThan(5_000);
    for (const candidate of candidatesTold()) if (icePolicy === 'relay') expect(candidate).toContain(' typ relay ');
  });
});

describe('through a real Asterisk', () => {
  const whyNoCalls = whyNoAsterisk() ?? (networkAddress() === undefined ? 'Asterisk gathers nothing here' : undefined);
  if (whyNoCalls !== undefined) console.warn(`NOT RUN on a real Asterisk: ${whyNoCalls}`);
  let asterisk: RunningPbx;
  beforeAll(async () => {
    if (why === undefined && whyNoCalls === undefined) asterisk = await startPbx({ agents: 1 });
  });
  afterAll(async () => {
    if (why === undefined && whyNoCalls === undefined) await asterisk.stop();
  });

  test('MEDIA-5 the echo test sounds by way of the relay, and again after the relay forgot everything', async ({
    skip,
  }) => {
    if (whyNoCalls !== undefined) skip(whyNoCalls);
    const { ws, domain, agents, echo } = asterisk.descriptor;
    const [account] = agents;
    if (account === undefined) throw new Error('no agent');
    await open({ server: ws, domain, ...account, iceServers: [through(turn)], icePolicy: 'relay' });
    await relayIs('ready');
    const echoes = async (): Promise<void> => {
      await flowing();
      const loudest = () =>
        page.evaluate(() => Math.max(...window.lab.levels.slice(-20).map(({ customerDb }) => customerDb)));
      await expect.poll(loudest, { timeout: 30_000 }).toBeGreaterThan(-40);
    };
    expect(await dial(echo)).toMatchObject({ ok: true });
    await echoes();
    const first = await portInUse();
    expect(turn.hasGiven(first ?? 0)).toBe(true);
    await turn.kill();
    await turn.start();
    const isOther = async () =>
      (await portInUse()) !== first && isFlowing(await page.evaluate(() => window.lab.phone.state()));
    await expect.poll(isOther, { timeout: 60_000 }).toBe(true);
    await echoes();
    expect(turn.hasGiven((await portInUse()) ?? 0)).toBe(true);
  });
});

describe('dead STUN servers', () => {
  /** 500 of them are the long form. */
  const count = Number(process.env['ZUOXI_STUN_CALLS'] ?? 12);
  const states = {
    none: [],
    dead: [{ urls: 'stun:127.0.0.1:9' }],
    nameless: [{ urls: 'stun:stun.invalid:3478' }],
    'dead relay': [{ urls: 'turn:127.0.0.1:9', username: '1:x', credential: 'x' }],
  } as const;

  test('MEDIA-1 cost nothing to speak of, and no call is silent', { timeout: 60_000 + count * 6_000 }, async () => {
    const tookMs = new Map<string, number[]>();
    let silent = 0;
    for (const [name, iceServers] of Object.entries(states)) {
      await open({ iceServers: [...iceServers] });
      const took: number[] = [];
      for (let n = 0; n < Math.ceil(count / 4); n += 1) {
        const askedMs = Date.now();
        expect(await dial()).toMatchObject({ ok: true });
        const invite = lab.relay.log.findLast(({ line, from }) => from === agent.user && line.startsWith('INVITE'));
        took.push((invite?.atMs ?? Number.POSITIVE_INFINITY) - askedMs);
        const isHeard = await flowing().then(
          () => true,
          () => false,
        );
        if (!isHeard) silent += 1;
        await hangUp();
        await lab.until(page, 'ended', ({ calls: [call] }) => call?.state.kind === 'ended');
      }
      tookMs.set(name, took);
      await page.context().close();
    }
    await open({});
    const median = (name: string): number =>
      (tookMs.get(name) ?? []).toSorted((a, b) => a - b).at(Math.floor(count / 8)) ?? Number.NaN;
    console.info(
      `turn: dial to INVITE, median ms: ${JSON.stringify(Object.fromEntries([...tookMs.keys()].map((name) => [name, median(name)])))}`,
    );
    expect(silent).toBe(0);
    // Nobody waited for a server; exact figures are the bench's, on a quiet machine.
    for (const name of tookMs.keys()) expect(median(name)).toBeLessThan(1_000);
  });
});
