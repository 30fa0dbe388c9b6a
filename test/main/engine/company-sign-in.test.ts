import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Session } from '../../../shared/seat.ts';
import type { FakeCentral } from '../fake-central.ts';
import { startFakeCentral } from '../fake-central.ts';
import type { SeatUnderTest } from '../harness.ts';
import { endSeats, refusalOf, startSeat, value } from '../harness.ts';

let central: FakeCentral;
let seat: SeatUnderTest;
beforeEach(async () => {
  central = await startFakeCentral([]);
  central.signInWith = ['password', 'company'];
  seat = startSeat(central.url, { signInPage: 'desk' });
  await offered();
});
afterEach(async () => {
  await endSeats();
  await central.close();
});

const session = async (): Promise<Session> => (await seat.snapshot()).session;
const company = async () => {
  const now = await session();
  return now.kind === 'signedOut' ? now.company : undefined;
};
const offered = () => vi.waitFor(async () => expect(await company()).toEqual({ kind: 'offered' }));
const refusedWith = (reason: string) =>
  vi.waitFor(async () => expect(await company()).toMatchObject({ kind: 'refused', why: { reason } }));
const begun = async () => {
  const { open } = value(await seat.desk.call('session.company', {}));
  expect(open).toContain('https://id.example/authorize');
  expect((await company())?.kind).toBe('waiting');
  return String(central.begun?.['redirectUri']);
};
/** The provider sends the agent's browser here. */
const comes = (redirectUri: string, query: Record<string, string>) =>
  fetch(`${redirectUri}?${new URLSearchParams(query)}`);
const good = { state: 'state-of-the-attempt', code: 'c' };
const signedIn = () => vi.waitFor(async () => expect((await session()).kind).toBe('signedIn'));

describe('signing in with the company’s account, at the seat', () => {
  it('begins a session as a password does, and its loopback address is gone afterwards', async () => {
    const at = await begun();
    const page = await comes(at, good);
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('请回到坐席窗口') as string]);
    await signedIn();
    expect(value(await seat.desk.call('practice.callers', {})).callers.length).toBe(1);
    await expect(comes(at, good)).rejects.toThrow();
    expect(JSON.stringify(seat.log.lines)).not.toContain('state-of-the-attempt');
  });

  it('another state, path, method or host is answered and changes nothing', async () => {
    const at = await begun();
    for (const answer of [
      await comes(at, { ...good, state: 'another' }),
      await comes(at, { code: 'c' }),
      await comes(at.replace('/callback', '/other'), good),
      await fetch(`${at}?${new URLSearchParams(good)}`, { method: 'POST' }),
      await comes(at.replace('127.0.0.1', 'localhost'), good).catch(() => ({ status: 400 })),
    ])
      expect(answer.status).toBe(400);
    expect((await company())?.kind).toBe('waiting');
    await comes(at, good);
    await signedIn();
  });

  it('cancelled at the provider, refused there, refused by central: a state with the reason, and begun again', async () => {
    await comes(await begun(), { state: good.state, error: 'access_denied' });
    await refusedWith('companySignInCancelled');
    await comes(await begun(), { state: good.state, error: 'server_error' });
    await refusedWith('providerUnavailable');
    central.companySays = { kind: 'forbidden', reason: 'companyAccountUnknown' };
    await comes(await begun(), good);
    await refusedWith('companyAccountUnknown');
    central.companySays = undefined;
    expect((await comes(await begun(), good)).status).toBe(200);
    await signedIn();
  });

  it('nobody comes: over after the attempt’s time; given up: offered again', async () => {
    central.attemptEndsAtMs = seat.clock.nowMs() + 600_000;
    const first = await begun();
    seat.clock.advance(600_001);
    await refusedWith('companySignInTimedOut');
    await expect(comes(first, good)).rejects.toThrow();
    const second = await begun();
    value(await seat.desk.call('session.companyCancel', {}));
    expect(await company()).toEqual({ kind: 'offered' });
    await expect(comes(second, good)).rejects.toThrow();
  });

  it('signed in elsewhere: the same proof again, when the agent wants it', async () => {
    expect(refusalOf(await seat.desk.call('session.companyTakeOver', {})).reason).toBe('companySignInOver');
    central.companySays = { kind: 'conflict', reason: 'signedInElsewhere' };
    await comes(await begun(), good);
    await refusedWith('signedInElsewhere');
    value(await seat.desk.call('session.companyTakeOver', {}));
    expect((await session()).kind).toBe('signedIn');
  });

  it('central is away: said at once, nothing listens', async () => {
    central.fault = 'error500';
    central.faultOn = ['companyBegin'];
    expect(refusalOf(await seat.desk.call('session.company', {})).kind).toBeDefined();
    expect((await company())?.kind).toBe('refused');
  });

  it('is not offered where the host cannot open a page, or central does not have it', async () => {
    const other = startSeat(central.url);
    await vi.waitFor(() => expect(central.asked.filter((name) => name === 'health').length).toBeGreaterThan(1));
    const { session: there } = await other.snapshot();
    expect(there.kind === 'signedOut' && there.company).toBeUndefined();
    expect(refusalOf(await other.desk.call('session.company', {})).reason).toBe('companyNotOffered');
  });
});
