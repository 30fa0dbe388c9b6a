import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { lastSeq } from '../../../main/engine/store/op-places.ts';
import { openStore } from '../../../main/engine/store/open-store.ts';
import { waitingOps } from '../../../main/engine/store/outbox.ts';
import { memoryLog } from '../harness.ts';
import { manualClock } from '../manual-clock.ts';

const writer = fileURLToPath(new URL('doomed-writer.ts', import.meta.url));

/** Resolves with the last number the writer said before it was killed, at a moment of its own choosing. */
const killedAfter = (folder: string, key: Uint8Array, ms: number): Promise<number> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [writer, folder, Buffer.from(key).toString('hex')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    child.on('error', reject);
    child.stdout.on('data', (text: Buffer) => {
      if (said === '') setTimeout(() => child.kill('SIGKILL'), ms);
      said += text.toString('utf8');
    });
    child.on('close', () => {
      const whole = said.slice(0, said.lastIndexOf('\n'));
      resolve(Number(whole.slice(whole.lastIndexOf('\n') + 1)));
    });
  });

it.each([1, 40, 150])(
  'security 85: killed %i ms after its first commit, a seat has lost nothing it acknowledged',
  async (ms) => {
    const folder = mkdtempSync(join(tmpdir(), 'zuoxi-kill-'));
    const key = randomBytes(32);
    const acknowledged = await killedAfter(folder, key, ms);
    expect(acknowledged).toBeGreaterThan(0);
    const log = memoryLog();
    const db = openStore(folder, { key, kept: 'keyFile' }, manualClock(), log);
    expect(log.lines.filter((line) => line.level === 'error')).toEqual([]);
    const seqs = waitingOps(db.read, 1_000_000).map((op) => op.seq);
    expect(seqs.length).toBeGreaterThanOrEqual(acknowledged);
    // Rows and counter belong to one transaction: both or neither.
    expect(seqs).toEqual(seqs.map((_, index) => index + 1));
    expect(lastSeq(db.read)).toBe(seqs.length);
    db.close();
    rmSync(folder, { recursive: true, force: true });
  },
);
