import { screen, waitFor } from '@testing-library/react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { SyncState } from '../../../shared/sync.ts';
import zh from '../../../renderer/desk/locales/zh-CN.json' with { type: 'json' };
import { openDesk, page, seen, signedIn, talking } from './open-desk.ts';
import type { Opened } from './open-desk.ts';

afterEach(() => vi.restoreAllMocks());

const away = (attempt: number, why: 'offline' | 'unauthorised' = 'offline'): SyncState => ({
  kind: 'offline',
  waiting: 2,
  why,
  attempt,
  retryAtMs: Date.now() + 60_000,
});
const banners = (): string => screen.getByRole('status', { name: zh['banner.region'] }).textContent ?? '';
const told = (text: string): Promise<void> => waitFor(() => expect(banners()).toContain(text));
const quiet = (): Promise<void> => waitFor(() => expect(banners()).toBe(''));
const lineFails = (desk: Opened): void =>
  desk.desk.phone.setState(({ state }) => ({
    state: { ...state, line: { kind: 'lost', sinceMs: 1, attempt: 1, retryAtMs: Date.now() + 60_000, why: 'socket' } },
  }));

describe('the desk says in one sentence what is down and what still goes', () => {
  it('central: not for one failed round, from the second on, and no longer than it lasts', async () => {
    const desk = await signedIn();
    desk.engine.world.setSync(away(1));
    await waitFor(() => expect(page()).toContain(zh['sync.waitingOffline'].replace('{count}', '2')));
    expect(banners()).toBe('');
    desk.engine.world.setSync(away(2));
    await told(zh['degraded.centralAway']);
    desk.engine.world.setSync({ kind: 'idle', waiting: 0, atMs: Date.now() });
    await quiet();
  });

  it.each([
    [away(1, 'unauthorised'), 'degraded.signInOver'],
    [{ kind: 'stopped', waiting: 2, why: 'tooOld' } as const, 'degraded.tooOld'],
  ] as const)('%j is told as %s', async (sync, key) => {
    const desk = await signedIn();
    desk.engine.world.setSync(sync);
    await told(zh[key]);
    expect(banners()).toBe(zh[key]);
  });

  it('central and line are one sentence, not two', async () => {
    const desk = await signedIn();
    lineFails(desk);
    await told(zh['banner.line']);
    desk.engine.world.setSync(away(3));
    await told(zh['degraded.centralAndLine']);
    expect(banners()).not.toContain(zh['banner.line']);
  });

  it('a machine off the network is told of the network; one that reaches everything is not', async () => {
    vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(false);
    const desk = await signedIn();
    expect(banners()).toBe('');
    desk.engine.world.setSync(away(2));
    await told(zh['degraded.network']);
  });

  it('in English as well', async () => {
    const desk = await signedIn('en');
    desk.engine.world.setSync(away(2));
    expect(await seen('Calls, scripts and wrap-ups go on')).toBe(true);
  });
});

describe('features say it before they are tried', () => {
  it('verification: that nothing can be checked now; trying stays possible', async () => {
    const desk = await talking();
    await desk.user.keyboard('1');
    desk.engine.world.setSync(away(2));
    await waitFor(() =>
      expect(screen.getByRole('region', { name: zh['verify.region'] }).textContent).toContain(zh['verify.offline']),
    );
    desk.engine.world.setSync({ kind: 'idle', waiting: 0, atMs: Date.now() });
    await waitFor(() => expect(page()).not.toContain(zh['verify.offline']));
  });

  it('search: that only the customers kept here were searched', async () => {
    const desk = await signedIn();
    desk.engine.world.setSync(away(2));
    await desk.user.keyboard('{Control>}f{/Control}');
    await desk.user.type(await screen.findByLabelText(zh['find.text']), '13900009999');
    expect(await seen(zh['find.hereOnly'])).toBe(true);
  });

  it('ready: a line the exchange refuses', async () => {
    const desk = openDesk();
    await screen.findByRole('button', { name: /林小满/ });
    await desk.user.keyboard('1');
    await screen.findByRole('navigation', { name: '功能' });
    desk.desk.phone.setState(({ state }) => ({ state: { ...state, line: { kind: 'refused', status: 403 } } }));
    expect(await seen(zh['reason.lineRefused'])).toBe(true);
  });
});
