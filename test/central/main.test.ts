import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const program = fileURLToPath(new URL('../../central/main.ts', import.meta.url));
let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'zuoxi-central-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** Runs central's command line to its end, or until it said something. */
const central = (args: readonly string[], options: { readonly stopAt?: RegExp; readonly input?: string } = {}) =>
  new Promise<{ code: number | null; out: string; err: string }>((done) => {
    const child = spawn(process.execPath, [program, ...args], { cwd: dir });
    let out = '';
    let err = '';
    // Once: a second signal ends it without finishing anything.
    let isStopped = false;
    child.stdout.on('data', (text: Buffer) => {
      out += String(text);
      if (isStopped || options.stopAt?.test(out) !== true) return;
      isStopped = child.kill('SIGTERM');
    });
    child.stderr.on('data', (text: Buffer) => {
      err += String(text);
    });
    child.stdin.end(options.input ?? '');
    child.on('exit', (code) => done({ code, out, err }));
  });

describe('central alone', () => {
  it.each([
    [['--prot', '1'], 'Unknown option'],
    [['nonsense'], 'There is no "nonsense"'],
    [['--port', '99999'], '--port is a number'],
    [['--database-url', 'mysql://x'], 'begins with postgres://'],
    [['--pbx', 'pigeon'], '--pbx is asterisk'],
    [['--pbx', 'asterisk'], 'needs --pbx-descriptor'],
    [['--pbx', 'asterisk', '--pbx-descriptor', 'missing.json'], 'cannot be read'],
    [['--pbx', 'asterisk', '--pbx-descriptor', 'bad.json'], 'is not what "npm run pbx" writes'],
    [['--secret-file', 'bad.json'], 'shorter than 32 bytes'],
    [['--stun', 'stun.example'], '--stun takes addresses'],
    [['--turn', 'turn:turn.example:3478'], '--turn needs --turn-secret-file'],
    [['--turn', 'turn:turn.example:3478', '--turn-secret-file', 'missing'], 'cannot be read'],
    [['--turn-ttl', '7200'], '--turn-ttl is a number'],
    [['--relay-only', 'all'], '--relay-only needs --turn'],
    [['--drain-seconds', 'long'], '--drain-seconds is a number'],
    [['--metrics-token-file', 'bad.json'], 'shorter than 16 characters'],
    [['--lowest-protocol', '9'], '--lowest-protocol is a number from 1 to 2'],
    [['--pool-size', '1'], '--pool-size is a number'],
    [['--trust-proxy', 'nginx'], '--trust-proxy takes addresses'],
    [['--nats', 'nats.example:4222'], '--nats is an address'],
    [['--oidc-issuer', 'http://id.example'], '--oidc-issuer is the provider’s address'],
    [['--oidc-issuer', 'https://id.example'], '--oidc-client-id is missing'],
    [['--oidc-client-id', 'x'], 'needs --oidc-issuer'],
    [['--oidc-embedded-port', 'x'], '--oidc-embedded-port is a number'],
    [['--oidc-recheck-seconds', '1'], '--oidc-recheck-seconds is a number'],
    [['--passwords', 'off'], 'nobody could sign in'],
    [['--working-set', 'some'], '--working-set is queues or all'],
    [['--database-url', 'postgres://zuoxi:hidden@127.0.0.1:1/x'], 'nothing answers there'],
  ])('%s ends with a sentence', async (args, sentence) => {
    writeFileSync(join(dir, 'bad.json'), '{}');
    const { code, err } = await central(args);
    expect(code).toBe(1);
    expect(err).toContain(sentence);
    expect(err).not.toContain('hidden');
    expect(err).not.toMatch(/^\s+at /m);
  });

  it('says that a port is in use, takes an agent in, serves and stops', async () => {
    const taken = createServer();
    await new Promise<void>((done) => void taken.listen(0, '127.0.0.1', done));
    const { port } = taken.address() as AddressInfo;
    const refused = await central(['--port', String(port)]);
    expect(refused).toMatchObject({ code: 1 });
    expect(refused.err).toContain('The port is in use');
    taken.close();
    const short = await central(['add-agent', '--number', '7'], { input: 'short\n' });
    expect(short).toMatchObject({ code: 1 });
    const added = await central(['add-agent', '--number', '7', '--name', 'N', '--queues', 'service'], {
      input: 'long enough\n',
    });
    expect(added).toMatchObject({ code: 0, err: '' });
    const department = ['--kind', 'department', '--number', '6100', '--name', '维修部'];
    const put = await central(['add-target', ...department]);
    expect(put).toMatchObject({ code: 0, err: '', out: expect.stringContaining('department:6100') as string });
    const served = await central(['--port', '0'], { stopAt: /central ready: http:\/\/127\.0\.0\.1:\d+/ });
    expect(served).toMatchObject({ code: 0, err: '' });
    expect(served.out).toContain('not a power cut');
  }, 120_000);
});
