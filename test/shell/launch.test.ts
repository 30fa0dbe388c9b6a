import { describe, expect, it } from 'vitest';
import { configFromEnv, configFromFile } from '../../main/shell/config.ts';
import { linkInArgs, parseDeepLink } from '../../main/shell/deep-link.ts';
import { childEnvironment, judgeLaunch } from '../../main/shell/launch.ts';
import { seeded } from './random.ts';

const judge = (args: readonly string[], env: Record<string, string> = {}, strict = true, debuggerUrl?: string) =>
  judgeLaunch({ args, env, strict, debuggerUrl });

describe('hostile starts (security 15)', () => {
  const switches = [
    '--inspect',
    '--inspect=0.0.0.0:9229',
    '--inspect-brk',
    '--inspect-port=1',
    '--remote-debugging-port=9222',
    '--remote-debugging-pipe',
    '--remote-debugging-address=0.0.0.0',
    '--remote-allow-origins=*',
    '--no-sandbox',
    '--disable-setuid-sandbox',
    '--ignore-certificate-errors',
    '--ignore-certificate-errors-spki-list=x',
    '--host-rules=MAP * 127.0.0.1',
    '--host-resolver-rules=MAP * 127.0.0.1',
    '--proxy-server=http://127.0.0.1:8888',
    '--proxy-pac-url=x',
    '--js-flags=--allow-natives-syntax',
    '--load-extension=/tmp/x',
    '--user-data-dir=/tmp/x',
    '--disable-web-security',
    '--allow-file-access',
    '--gpu-launcher=cmd.exe',
    '--renderer-cmd-prefix=sh',
    '--utility-cmd-prefix=sh',
    '--no-zygote',
    '--ssl-key-log-file=/tmp/k',
    '--log-net-log=/tmp/n',
    '--enable-logging',
    '--use-fake-ui-for-media-stream',
    '--auto-select-desktop-capture-source=x',
    '--unsafely-treat-insecure-origin-as-secure=http://x',
    '--require=/tmp/x.js',
    '-r',
    '--app=/tmp/x.asar',
    '--crash-dumps-dir=/tmp',
    '--enable-blink-features=X',
    '--test-type',
    '--disable-features=X',
  ];
  it.each(switches)('%s is refused in every spelling', (name) => {
    for (const spelling of [
      name,
      name.toUpperCase(),
      name.replace('--', '-'),
      name.replace('--', '/'),
      ` ${name}`,
      `\t${name}`,
    ])
      expect(judge([spelling]), spelling).toMatchObject({ kind: 'refused', what: 'switch' });
    expect(judge(['zuoxi://show', '--', name])).toMatchObject({ kind: 'refused' });
  });

  it.each(['ELECTRON_RUN_AS_NODE', 'NODE_OPTIONS', 'node_options'])('variable %s is refused, empty too', (name) => {
    expect(judge([], { [name]: '1' })).toEqual({ kind: 'refused', what: 'variable', name });
    expect(judge([], { [name]: '' })).toMatchObject({ kind: 'refused' });
  });

  it('a debugger that listens already is refused', () => {
    expect(judge([], {}, true, 'ws://127.0.0.1:9229/x')).toMatchObject({ what: 'debugger' });
  });

  it('variables that change whom TLS trusts are taken out', () => {
    expect(judge([], { NODE_EXTRA_CA_CERTS: 'x', SSLKEYLOGFILE: 'y', HOME: '/' })).toEqual({
      kind: 'go',
      dropVariables: ['NODE_EXTRA_CA_CERTS', 'SSLKEYLOGFILE'],
    });
  });

  it('plain starts go: nothing, a link, a login item, graphics trouble', () => {
    for (const args of [
      [],
      ['zuoxi://show'],
      ['--hidden'],
      ['--disable-gpu', '--lang=zh-CN'],
      ['-psn_0_12345'],
      ['--', 'zuoxi://show'],
      ['-'],
    ])
      expect(judge(args), args.join(' ')).toMatchObject({ kind: 'go' });
  });

  it('a checkout may be debugged', () => {
    expect(judge(['--inspect'], { NODE_OPTIONS: 'x' }, false)).toEqual({ kind: 'go', dropVariables: ['NODE_OPTIONS'] });
  });

  it('children get what the system needs and nothing that steers Node or Chromium', () => {
    const env = {
      PATH: '/bin',
      HOME: '/h',
      NODE_OPTIONS: 'x',
      NODE_EXTRA_CA_CERTS: 'x',
      ELECTRON_RUN_AS_NODE: '1',
      LD_PRELOAD: 'x',
      SSLKEYLOGFILE: 'x',
      SECRET: 'x',
      LC_ALL: 'C',
      gone: undefined,
    };
    expect(childEnvironment(env)).toEqual({ PATH: '/bin', HOME: '/h', LC_ALL: 'C' });
  });
});

describe('links (security 19)', () => {
  it('has two verbs', () => {
    expect(parseDeepLink('zuoxi://show')).toEqual({ kind: 'show' });
    expect(parseDeepLink('zuoxi://show/')).toEqual({ kind: 'show' });
    expect(parseDeepLink('zuoxi://dial/+8613800001234')).toEqual({ kind: 'offerNumber', digits: '+8613800001234' });
    expect(linkInArgs(['--hidden', 'zuoxi://dial/10086'])).toEqual({ kind: 'offerNumber', digits: '10086' });
  });

  it('200 hostile ones, cold and warm, mean nothing', () => {
    const random = seeded(19);
    const verbs = [
      'dial',
      'call',
      'show',
      'login',
      'quit',
      'eval',
      'open',
      'answer',
      'navigate',
      '..',
      '',
      'DIAL',
      'dial//10086',
      'show/../dial/10086',
    ];
    const tails = [
      '?number=10086',
      '#10086',
      '/10086?auto=1',
      '/10086;phone-context=x',
      '/10086@evil.example',
      '/10086%0d%0aX: y',
      '/１００８６',
      '/10086 --inspect',
      '/"10086"',
      '/*100#',
      '/12',
      `/${'9'.repeat(40)}`,
      '/javascript:1',
      '\\10086',
      '/10086/x',
      '\n',
      '\0',
      '/%31%30%30%38%36',
      '/sip:x@y',
      '/tel:10086',
    ];
    const heads = [
      'zuoxi://',
      'ZUOXI://',
      'zuoxi:',
      'zuoxi:/',
      'zuoxi:///',
      ' zuoxi://',
      'zuoxi://user@',
      'zuoxi://host:1/',
      'https://zuoxi/',
      '--zuoxi://',
    ];
    const seen = new Set<string>();
    while (seen.size < 200) seen.add(random.pick(heads) + random.pick(verbs) + random.pick(tails));
    for (const link of seen) {
      expect(parseDeepLink(link), link).toBeUndefined();
      expect(linkInArgs([link]), link).toBeUndefined();
    }
    for (const other of [undefined, null, 7, {}, ['zuoxi://show']]) expect(parseDeepLink(other)).toBeUndefined();
    expect(linkInArgs(['zuoxi://show', 'zuoxi://dial/10086'])).toBeUndefined();
  });
});

describe('configuration', () => {
  const file = (central: unknown, sip: unknown) =>
    configFromFile(JSON.stringify({ centralUrl: central, sipOrigins: sip }));
  it('of a product is secure addresses only, exact origins, nothing unknown', () => {
    expect(file('https://central.example', ['wss://pbx.example:7443'])).toMatchObject({ ok: true });
    for (const [central, sip] of [
      ['http://central.example', []],
      ['http://127.0.0.1:1', []],
      ['https://central.example', ['ws://pbx.example']],
      ['https://central.example', ['wss://pbx.example/path']],
      ['https://central.example', ["wss://pbx.example; script-src 'unsafe-inline'"]],
      ['https://central.example', ['wss://*.example']],
      ['https://central.example', ['*']],
      ['https://u:p@central.example', []],
      ['file:///x', []],
      [7, []],
      ['https://central.example', 'wss://pbx.example'],
    ])
      expect(file(central, sip), JSON.stringify([central, sip])).toEqual({ ok: false, error: 'badConfig' });
    expect(configFromFile('{"centralUrl":"https://x","sipOrigins":[],"masking":"off"}')).toMatchObject({
      error: 'badConfig',
    });
    const signIn = (signInOrigin: unknown) =>
      configFromFile(JSON.stringify({ centralUrl: 'https://central.example', sipOrigins: [], signInOrigin }));
    expect(signIn('https://id.example/')).toMatchObject({ ok: true, value: { signInOrigin: 'https://id.example' } });
    const kept = configFromFile('{"centralUrl":"https://x.example","sipOrigins":[],"memoryOnly":true}');
    expect(kept).toMatchObject({ ok: true, value: { memoryOnly: true } });
    for (const origin of ['http://id.example', 'https://id.example/path', 'https://*.example', 'file:///x', 7])
      expect(signIn(origin), String(origin)).toEqual({ ok: false, error: 'badConfig' });
    expect(configFromFile('<html>')).toMatchObject({ error: 'badConfig' });
    expect(configFromFile(undefined)).toMatchObject({ error: 'notConfigured' });
  });

  it('of a checkout may be plain on loopback, and only there', () => {
    expect(
      configFromEnv({
        ZUOXI_CENTRAL_URL: 'http://127.0.0.1:8080',
        ZUOXI_SIP_ORIGINS: 'ws://127.0.0.1:5/,ws://[::1]:6',
      }),
    ).toEqual({
      ok: true,
      value: {
        centralUrl: 'http://127.0.0.1:8080',
        sipOrigins: ['ws://127.0.0.1:5', 'ws://[::1]:6'],
        profileDir: undefined,
      },
    });
    expect(configFromEnv({ ZUOXI_CENTRAL_URL: 'http://central.example' })).toMatchObject({ error: 'badConfig' });
    expect(configFromEnv({})).toMatchObject({ error: 'notConfigured' });
  });
});
