import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';

const program = fileURLToPath(new URL('memory-run.ts', import.meta.url));
let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'zuoxi-import-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

it('200,000 rows are checked, their numbers against each other, in a heap of 128 MB', async () => {
  const cap = ['--max-old-space-size=128', '--max-semi-space-size=8'];
  const { stdout } = await promisify(execFile)(process.execPath, [...cap, program, join(dir, 'many.csv'), '200000']);
  expect(JSON.parse(stdout)).toMatchObject({ kind: 'done', counts: { rows: 200_000, bad: 200, written: 199_800 } });
}, 120_000);
