import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Page } from '../../main/shell/app-scheme.ts';
import { pageUrl } from '../../main/shell/app-scheme.ts';
import { guardPermissions } from '../../main/shell/permissions.ts';
import type { PermissionSession } from '../../main/shell/permissions.ts';

type Handlers = {
  request: Parameters<PermissionSession<string>['setPermissionRequestHandler']>[0];
  check: Parameters<PermissionSession<string>['setPermissionCheckHandler']>[0];
  device: Parameters<PermissionSession<string>['setDevicePermissionHandler']>[0];
  display: Parameters<PermissionSession<string>['setDisplayMediaRequestHandler']>[0];
};

/** Contents are named by strings: 'desk', 'phone', anything else is a stranger. */
const guarded = (systemMicrophone: () => Promise<boolean> = () => Promise.resolve(true)) => {
  const handlers: Partial<Handlers> = {};
  const denied: string[] = [];
  guardPermissions<string>(
    {
      setPermissionRequestHandler: (handler) => (handlers.request = handler),
      setPermissionCheckHandler: (handler) => (handlers.check = handler),
      setDevicePermissionHandler: (handler) => (handlers.device = handler),
      setDisplayMediaRequestHandler: (handler) => (handlers.display = handler),
    },
    {
      pageOf: (contents) => (contents === 'desk' || contents === 'phone' ? contents : undefined),
      systemMicrophone,
      onDenied: (permission) => denied.push(permission),
    },
  );
  const request = (who: string, permission: string, details: object = {}): Promise<boolean> =>
    new Promise((resolve) => {
      const requestingUrl = pageUrl(who === 'phone' ? 'phone' : 'desk');
      handlers.request?.(who, permission, resolve, { isMainFrame: true, requestingUrl, ...details });
    });
  const check = (who: string | null, permission: string, details: object = {}, origin = 'app://seat/'): boolean =>
    handlers.check?.(who, permission, origin, { isMainFrame: true, ...details }) ?? true;
  return { request, check, denied, handlers };
};

/** Every name in the typings of the Electron version in use, so that a new one is covered the day it appears. */
const permissionNames = (): string[] => {
  const typings = readFileSync(new URL('../../node_modules/electron/electron.d.ts', import.meta.url), 'utf8');
  const lines = typings.split('\n').filter((line) => /setPermission(Request|Check)Handler\(handler/.test(line));
  const names = lines.flatMap((line) => [...(/permission: ([^,]+),/.exec(line)?.[1] ?? '').matchAll(/'([^']+)'/g)]);
  return [...new Set(names.map((name) => name[1] ?? ''))];
};

/** The PBX is in the local network: without these Chromium keeps the phone from it. */
const granted: Readonly<Record<Page, readonly string[]>> = {
  desk: ['notifications', 'clipboard-sanitized-write'],
  phone: ['media', 'local-network', 'local-network-access', 'loopback-network', 'hid'],
};

describe('permissions (security 10)', () => {
  const names = permissionNames();

  it('knows what Electron can be asked for', () => {
    expect(names.length).toBeGreaterThan(40);
    expect(names).toContain('media');
    expect(names).toContain('geolocation');
  });

  it.each(permissionNames())('%s: both handlers, every asker', async (name) => {
    const { request, check } = guarded();
    const audio = { mediaTypes: ['audio'], mediaType: 'audio' };
    const wanted = (page: Page): boolean => granted[page].includes(name);
    for (const page of ['desk', 'phone'] as const) {
      expect(await request(page, name, audio)).toBe(wanted(page));
      expect(check(page, name, audio)).toBe(wanted(page));
      expect(await request(page, name, { ...audio, isMainFrame: false })).toBe(false);
      expect(check(page, name, { ...audio, isMainFrame: false })).toBe(false);
      expect(await request(page, name, { ...audio, requestingUrl: 'https://evil.example/' })).toBe(false);
      expect(check(page, name, audio, 'https://evil.example/')).toBe(false);
      expect(check(page, name, { ...audio, securityOrigin: 'https://evil.example/' })).toBe(false);
    }
    expect(await request('stranger', name, audio)).toBe(false);
    expect(check(null, name, audio)).toBe(false);
  });

  it.each([[[]], [['video']], [['audio', 'video']], [undefined]])(
    'media that is not audio alone: %j',
    async (mediaTypes) => {
      const { request, denied } = guarded();
      expect(await request('phone', 'media', { mediaTypes })).toBe(false);
      expect(denied).toEqual(['media']);
    },
  );

  it.each(['video', 'unknown', undefined])('a check for media %s is denied', (mediaType) => {
    expect(guarded().check('phone', 'media', mediaType === undefined ? {} : { mediaType })).toBe(false);
  });

  it("passes the system's refusal of the microphone on, a failing question included (peers 45)", async () => {
    const refusing = guarded(() => Promise.resolve(false));
    expect(await refusing.request('phone', 'media', { mediaTypes: ['audio'] })).toBe(false);
    expect(refusing.denied).toEqual(['media']);
    const failing = guarded(() => Promise.reject(new Error('no answer')));
    expect(await failing.request('phone', 'media', { mediaTypes: ['audio'] })).toBe(false);
  });

  it('gives no device but headsets, and no screen, to anyone', () => {
    const { handlers } = guarded();
    const given = (deviceType: string, device: object, origin = 'app://seat'): boolean | undefined =>
      handlers.device?.({ deviceType, origin, device });
    const headset = { collections: [{ usagePage: 0x0c }, { usagePage: 0x0b }] };
    expect(given('hid', headset)).toBe(true);
    expect(given('hid', headset, 'https://evil.example')).toBe(false);
    expect(given('hid', { collections: [{ usagePage: 0x01 }] })).toBe(false);
    for (const deviceType of ['hid', 'serial', 'usb'])
      for (const device of [{}, { collections: 'all' }, { collections: [null] }])
        expect(given(deviceType, device)).toBe(false);
    for (const deviceType of ['serial', 'usb']) expect(given(deviceType, headset)).toBe(false);
    let streams: unknown = 'not answered';
    handlers.display?.(
      { frame: null, securityOrigin: 'app://seat', videoRequested: true },
      (shown) => (streams = shown),
    );
    expect(streams).toBeNull();
  });
});
