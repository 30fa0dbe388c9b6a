import { describe, expect, it } from 'vitest';
import type { Page } from '../../main/shell/app-scheme.ts';
import { pageUrl } from '../../main/shell/app-scheme.ts';
import { externalHosts, externalUrl, linkOpener, signInUrl } from '../../main/shell/external-links.ts';
import type { NavigatingContents } from '../../main/shell/navigation.ts';
import { guardNavigation } from '../../main/shell/navigation.ts';
import { mayRequest } from '../../main/shell/requests.ts';

type Navigation = { url: string; isMainFrame?: boolean; preventDefault(): void };

const guarded = (page: Page | undefined) => {
  const listeners = new Map<string, (event: Navigation) => void>();
  const denied: string[] = [];
  const opened: string[] = [];
  let openHandler: ((details: { url: string }) => { action: 'deny' }) | undefined;
  const contents: NavigatingContents = {
    on: (event: string, listener: (event: Navigation) => void) => listeners.set(event, listener),
    setWindowOpenHandler: (handler) => (openHandler = handler),
  };
  guardNavigation(contents, () => page, { openLink: (url) => opened.push(url), onDenied: (how) => denied.push(how) });
  /** True when the guard let it pass. */
  const passes = (event: string, url: string, isMainFrame?: boolean): boolean => {
    let prevented = false;
    listeners.get(event)?.({
      url,
      ...(isMainFrame === undefined ? {} : { isMainFrame }),
      preventDefault: () => (prevented = true),
    });
    return !prevented;
  };
  return { passes, denied, opened, open: (url: string) => openHandler?.({ url }) };
};

const elsewhere = [
  'https://evil.example/',
  'http://127.0.0.1:8080/',
  'file:///etc/passwd',
  'file://server/share/x.html',
  'about:blank',
  'about:srcdoc',
  'data:text/html,<script>1</script>',
  'javascript:alert(1)',
  'blob:app://seat/7c1e',
  'blob:https://evil.example/7c1e',
  'filesystem:app://seat/x',
  'chrome://gpu',
  'devtools://devtools/bundled/inspector.html',
  'view-source:app://seat/desk/index.html',
  'app://seat/',
  'app://seat/desk/',
  'app://seat/desk/index.html/../../x',
  'app://seat/phone/index.html',
  'app://seat.evil.example/desk/index.html',
  'app://evil/desk/index.html',
  'app://user:pw@seat/desk/index.html',
  'app://seat:443/desk/index.html',
  'apps://seat/desk/index.html',
  'zuoxi://show',
  'tel:13800001234',
  'mailto:x@example.com',
  'smb://server/share',
  'ms-settings:privacy',
  'ws://127.0.0.1:1',
  '',
];

describe('navigation (security 7, 8)', () => {
  it.each(elsewhere)('a desk does not go to %j, whichever way', (url) => {
    const desk = guarded('desk');
    for (const event of ['will-navigate', 'will-redirect', 'will-frame-navigate'])
      for (const isMainFrame of [true, false, undefined])
        expect(desk.passes(event, url, isMainFrame), event).toBe(false);
  });

  it('a window may load its own page again, in its main frame', () => {
    for (const page of ['desk', 'phone'] as const) {
      expect(guarded(page).passes('will-navigate', pageUrl(page), true)).toBe(true);
      expect(guarded(page).passes('will-frame-navigate', pageUrl(page), false)).toBe(false);
    }
  });

  it('contents that are no window of ours go nowhere', () => {
    expect(guarded(undefined).passes('will-navigate', pageUrl('desk'), true)).toBe(false);
  });

  it('opens no window and attaches no webview', () => {
    const desk = guarded('desk');
    expect(desk.open('https://www.12321.cn/')).toEqual({ action: 'deny' });
    expect(desk.open(pageUrl('desk'))).toEqual({ action: 'deny' });
    expect(desk.passes('will-attach-webview', '')).toBe(false);
    expect(desk.denied).toEqual(['window', 'window', 'webview']);
  });
});

const host = externalHosts[0] ?? '';
const hostile: readonly unknown[] = [
  'file:///etc/passwd',
  'file://server/share',
  'FILE:///C:/Windows/System32/calc.exe',
  '\\\\server\\share\\x.exe',
  '//server/share',
  'smb://server/share',
  'search-ms:query=x',
  'search:x',
  'ms-msdt:/id',
  'ms-officecmd:{}',
  'ms-settings:',
  'ms-word:ofe|u|https://x',
  'vscode://x',
  'javascript:alert(1)',
  'JaVaScRiPt:alert(1)',
  'data:text/html,x',
  'vbscript:x',
  'about:blank',
  'chrome://settings',
  'devtools://x',
  'app://seat/desk/index.html',
  'zuoxi://show',
  'tel:110',
  'sip:x@y',
  'mailto:x@y',
  'ftp://x',
  'ssh://x',
  'telnet://x',
  'steam://run',
  'ws://x',
  'wss://x',
  'view-source:https://x',
  `http://${host}/`,
  `HTTPS://${host}/`,
  `https:/${host}/`,
  `https:${host}`,
  `https:\\\\${host}/`,
  `https:///${host}/`,
  ` https://${host}/`,
  `https://${host}/ `,
  `https://${host}\t/`,
  `https://${host}\n/`,
  `https://${host}/\0`,
  `https://${host}%00/`,
  `https://${host}:443/`,
  `https://${host}:8443/`,
  `https://user@${host}/`,
  `https://user:pw@${host}/`,
  `https://${host}@evil.example/`,
  `https://${host}.evil.example/`,
  `https://evil-${host}/`,
  `https://evil.example/${host}`,
  `https://evil.example#${host}`,
  `https://evil.example?${host}`,
  `https://evil.example\\@${host}/`,
  `https://${host}./`,
  `https://${host.toUpperCase()}/`,
  `https://sub.${host}/`,
  `https://${host.replace('w', 'ԝ')}/`,
  `https://${host.replace('.', '。')}/`,
  `https://xn--${host}/`,
  'https://[::1]/',
  'https://127.0.0.1/',
  'https://2130706433/',
  `https://${host}/?q=13800001234`,
  `https://${host}/#secret`,
  `https://${host}/../x`,
  `https://${host}/%2e%2e/`,
  `https://${host}/a b`,
  `https://${host}/a;b`,
  `https://${host}/a&calc`,
  `https://${host}/"x`,
  `https://${host}/$(x)`,
  'https://' + 'a'.repeat(300),
  `https://${host}//evil.example`,
  '',
  undefined,
  null,
  42,
  {},
  [`https://${host}/`],
  { toString: () => `https://${host}/` },
];

describe('links to outside (security 9)', () => {
  it(`refuses ${hostile.length} hostile addresses`, () => {
    expect(hostile.length).toBeGreaterThanOrEqual(60);
    const opened: string[] = [];
    const open = linkOpener(
      (url) => Promise.resolve(void opened.push(url)),
      () => undefined,
    );
    for (const address of hostile) {
      expect(externalUrl(address), String(address)).toBeUndefined();
      open(address as string);
    }
    expect(opened).toEqual([]);
  });

  it('opens the compiled-in hosts, by path only', () => {
    for (const known of externalHosts) {
      expect(externalUrl(`https://${known}`)).toBe(`https://${known}/`);
      expect(externalUrl(`https://${known}/help/index.html`)).toBe(`https://${known}/help/index.html`);
    }
  });
});

describe('requests (security 23)', () => {
  const origins = ['https://central.example', 'wss://pbx.example:7443'];
  it('reach our bundle and the given origins, and nobody else', () => {
    for (const url of [
      pageUrl('desk'),
      'https://central.example/v1/x',
      'wss://pbx.example:7443/ws',
      'data:image/png;base64,AA',
      'blob:app://seat/1',
    ])
      expect(mayRequest(url, origins), url).toBe(true);
    for (const url of [
      'https://central.example.evil/',
      'http://central.example/',
      'wss://pbx.example/',
      'https://redirector.gvt1.com/edgedl/chrome/dict/',
      'file:///etc/passwd',
      'blob:https://evil.example/1',
      'app://other/',
      'nonsense',
      'https://central.example@evil.example/',
    ])
      expect(mayRequest(url, origins), url).toBe(false);
  });
});

describe('the page of the company’s identity provider', () => {
  it('is opened at the one origin an administrator wrote down, spelt as it is read', () => {
    const page = 'https://id.example/authorize?client_id=seat&state=x';
    expect(signInUrl(page, 'https://id.example')).toBe(page);
    for (const other of [
      'https://id.example.evil/authorize',
      'https://id.example:8443/authorize',
      'http://id.example/authorize',
      'https://u:p@id.example/authorize',
      'https://id.example\\@evil.example/',
      'https://ID.example/authorize',
      'https://id.example/a b',
      'https://id.example/"&calc',
      'file:///etc/passwd',
      'javascript:alert(1)',
      `https://id.example/${'x'.repeat(4_000)}`,
      7,
    ])
      expect(signInUrl(other, 'https://id.example'), String(other)).toBeUndefined();
  });
});
