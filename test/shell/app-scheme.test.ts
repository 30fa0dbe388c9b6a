import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  contentPolicy,
  isAppUrl,
  listBundle,
  pageOf,
  pageUrl,
  privileges,
  resolveBundlePath,
  serveBundle,
} from '../../main/shell/app-scheme.ts';
import type { Bundle } from '../../main/shell/app-scheme.ts';
import { seeded } from './random.ts';

let folder: string;
let bundle: Bundle;
const root = (): string => join(folder, 'renderer');

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'zuoxi-bundle-'));
  const put = (path: string, text: string): void => {
    const file = join(folder, path);
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, text);
  };
  put('renderer/desk/index.html', '<!doctype html><title>desk</title>');
  put('renderer/phone/index.html', '<!doctype html><title>phone</title>');
  put('renderer/assets/desk-a1b2.js', 'export {};');
  put('renderer/assets/desk-a1b2.js.map', '{}');
  put('renderer/assets/desk.css', 'body{}');
  put('renderer/.built-from', 'hash');
  put('secret.html', 'outside');
  put('store-key.json', '{}');
  symlinkSync(join(folder, 'secret.html'), join(root(), 'linked.html'));
  bundle = listBundle(root());
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the bundle (security 4)', () => {
  it('serves its own files, each by one spelling', () => {
    expect([...bundle.keys()].sort()).toEqual([
      '/assets/desk-a1b2.js',
      '/assets/desk.css',
      '/desk/index.html',
      '/phone/index.html',
    ]);
    expect(resolveBundlePath(bundle, 'app://seat/desk/index.html')).toBe(join(root(), 'desk', 'index.html'));
    expect(resolveBundlePath(bundle, 'app://seat/desk/index.html?x=1#y')).toBe(join(root(), 'desk', 'index.html'));
  });

  it('lets none of 10,000 generated addresses out of the bundle', () => {
    const seed = 20_261_121;
    const random = seeded(seed);
    const steps = [
      '..',
      '.',
      '%2e%2e',
      '%2E.',
      '..%2f',
      '%2e%2e%2f',
      '..%5c',
      '\\..\\',
      '....//',
      '%252e%252e',
      '%c0%ae%c0%ae',
    ];
    const heads = [
      'app://seat/',
      'app://seat//',
      'app://seat/desk/',
      'app://seat/assets/../',
      'app:///',
      'app:',
      'app://seat\\',
      'app://SEAT/',
      'app://other/',
      'app://seat:1/',
      'app://user@seat/',
      'file:///',
      'http://seat/',
    ];
    const drives = [
      'C:',
      'C%3A',
      'c|',
      '\\\\server\\share',
      '//server/share',
      '\\\\?\\C:\\',
      '\\\\.\\pipe\\x',
      '/proc/self/root',
      '~',
      '$HOME',
      'CON',
      'aux.js',
      'NUL.html',
    ];
    const tails = [
      'secret.html',
      'store-key.json',
      'etc/passwd',
      'desk/index.html%00.js',
      'desk/index.html\0',
      'desk/index.html::$DATA',
      'desk/index.html.',
      'desk/index.html ',
      'DESK/INDEX.HTML',
      'assets/desk-a1b2.js.map',
      '.built-from',
      'linked.html',
      'desk',
      'desk/',
      '',
      folder.split(sep).join('/') + '/secret.html',
    ];
    let resolved = 0;
    for (let i = 0; i < 10_000; i += 1) {
      const middle = Array.from({ length: random.int(6) }, () => random.pick([...steps, ...drives])).join(
        random.pick(['/', '\\', '%2f', '']),
      );
      const address = `${random.pick(heads)}${middle}${random.pick(['/', '\\', ''])}${random.pick(tails)}`;
      const file = resolveBundlePath(bundle, address);
      // `/desk/../…/index.html` may well come out at a file of ours; anything else must be nothing.
      if (file !== undefined) resolved += 1;
      expect(
        file === undefined || [...bundle.values()].includes(file),
        `seed ${seed}, ${JSON.stringify(address)}`,
      ).toBe(true);
      expect(file ?? '').not.toContain('secret');
    }
    expect(resolved).toBeLessThan(100);
  });

  it('answers 404 outside, 405 to anything but reading, and never a source map', async () => {
    const serve = serveBundle(bundle, []);
    const status = async (url: string, method = 'GET'): Promise<number> => (await serve({ url, method })).status;
    expect(await status('app://seat/desk/index.html')).toBe(200);
    expect(await status('app://seat/desk/index.html', 'HEAD')).toBe(200);
    expect(await status('app://seat/../store-key.json')).toBe(404);
    expect(await status('app://seat/assets/desk-a1b2.js.map')).toBe(404);
    expect(await status('file:///etc/passwd')).toBe(404);
    expect(await status('app://seat/desk/index.html', 'POST')).toBe(405);
  });

  it('knows its own addresses from lookalikes', () => {
    expect(pageOf(pageUrl('desk'))).toBe('desk');
    expect(pageOf('app://seat/phone/index.html?again')).toBe('phone');
    for (const other of [
      'app://seat/',
      'app://seat/desk/index.html/x',
      'app://seat.evil/desk/index.html',
      'https://seat/desk/index.html',
      'app://x@seat/desk/index.html',
      'about:blank',
      'data:text/html,x',
      '',
    ])
      expect(pageOf(other), other).toBeUndefined();
    expect(isAppUrl('app://seat:8080/')).toBe(false);
  });
});

describe('privileges (security 5)', () => {
  it('are standard and secure, with fetch under CORS, and never above the content policy', () => {
    expect(privileges).toEqual({
      standard: true,
      secure: true,
      supportFetchAPI: true,
      corsEnabled: true,
      codeCache: true,
    });
    expect(Object.isFrozen(privileges)).toBe(true);
  });
});

describe('content policy (security 6)', () => {
  const directives = (policy: string): Record<string, string[]> =>
    Object.fromEntries(policy.split('; ').map((part) => [part.split(' ')[0], part.split(' ').slice(1)]));

  it('starts from nothing and opens exactly what was given', () => {
    const policy = directives(contentPolicy(['https://central.example', 'wss://pbx.example:7443']));
    expect(policy['default-src']).toEqual(["'none'"]);
    expect(policy['script-src']).toEqual(["'self'"]);
    expect(policy['style-src']).toEqual(["'self'"]);
    expect(policy['connect-src']).toEqual(["'self'", 'https://central.example', 'wss://pbx.example:7443']);
    for (const closed of ['base-uri', 'object-src', 'form-action', 'frame-src', 'frame-ancestors'])
      expect(policy[closed], closed).toEqual(["'none'"]);
    expect(policy['require-trusted-types-for']).toEqual(["'script'"]);
    expect(contentPolicy([])).not.toMatch(/unsafe|\*|http:/);
  });

  it('comes with every answer, a refusal included', async () => {
    const serve = serveBundle(bundle, ['wss://pbx.example']);
    for (const url of [pageUrl('desk'), 'app://seat/nothing.js']) {
      const { headers } = await serve({ url, method: 'GET' });
      expect(headers.get('content-security-policy')).toContain('wss://pbx.example');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
    }
    const { headers } = await serve({ url: pageUrl('desk'), method: 'GET' });
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
  });
});
