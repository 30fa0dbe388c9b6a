import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const program = fileURLToPath(new URL('../../../central/import/main.ts', import.meta.url));
let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'zuoxi-import-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** Runs the command line to its end, or kills it outright that many ms after it has said how it reads the file. */
const run = (args: readonly string[], killAfterMs?: number) =>
  new Promise<{ code: number | null; out: string; err: string }>((done) => {
    const child = spawn(process.execPath, [program, ...args], { cwd: dir });
    let out = '';
    let err = '';
    child.stdout.on('data', (text: Buffer) => {
      if (killAfterMs !== undefined && out === '') setTimeout(() => child.kill('SIGKILL'), killAfterMs);
      out += String(text);
    });
    child.stderr.on('data', (text: Buffer) => {
      err += String(text);
    });
    child.on('close', (code) => done({ code, out, err }));
  });

describe('npm run import', () => {
  it.each([
    [[], 'Say what to import'],
    [['people'], 'Say what to import'],
    [['customers'], '--file FILE is missing'],
    [['customers', '--fil', 'x'], 'Unknown option'],
    [['customers', '--file', 'x', '--encoding', 'latin1'], '--encoding is one of'],
    [['customers', '--file', 'x', '--report', './x'], 'would overwrite the file itself'],
    [['customers', '--file', 'x', '--dry-run', '--resume'], 'writes nothing that --resume'],
    [['customers', '--file', 'x', '--map', 'missing.json'], 'cannot be read: missing.json'],
    [['customers', '--file', 'x', '--map', 'text.json'], 'is not JSON'],
    [['customers', '--file', 'x', '--map', 'odd.json'], 'is not a mapping'],
    [['customers', '--file', 'x', '--database-url', 'mysql://x'], 'begins with postgres://'],
    [['customers', '--file', 'x', '--database-url', 'postgres://z:hidden@127.0.0.1:1/x'], 'nothing answers there'],
  ])('%s ends with a sentence', async (args, sentence) => {
    writeFileSync(join(dir, 'text.json'), 'x');
    writeFileSync(join(dir, 'odd.json'), '{"column": {}}');
    const { code, err } = await run(args);
    expect(code).toBe(1);
    expect(err).toContain(sentence);
    expect(err).not.toContain('hidden');
    expect(err).not.toMatch(/^\s+at /mu);
  });

  it('killed outright, it has written whole batches only, and goes on where it was', async () => {
    const file = join(dir, 'many.csv');
    const rows = Array.from({ length: 5_000 }, (_, n) => `K${n},欧阳试${n},1380${String(n).padStart(7, '0')}`);
    writeFileSync(file, ['客户编号,姓名,手机号', ...rows, 'K9999,赵,1'].join('\n'));
    const at = ['customers', '--file', file, '--data', join(dir, 'data')];
    await run(at, 1_000);
    const resumed = await run([...at, '--resume']);
    expect(resumed.code).toBe(0);
    // On a slow machine how far it is; nothing else.
    expect(resumed.err).toMatch(/^(?:writing .*\n)*$/u);
    const [, written = '', same = ''] =
      /5001 rows, (\d+) new or changed, (\d+) as before, 1 bad/u.exec(resumed.out) ?? [];
    expect(Number(written) + Number(same), resumed.out).toBe(5_000);
    expect(Number(same) % 1_000).toBe(0);
    const again = await run(at);
    expect(again.out).toContain('5001 rows, 0 new or changed, 5000 as before, 1 bad');
    const report = `${file}.bad-rows.csv`;
    expect(readFileSync(report, 'utf8')).toContain('K9999');
    if (process.platform !== 'win32') expect(statSync(report).mode & 0o777).toBe(0o600);
  }, 120_000);
});
