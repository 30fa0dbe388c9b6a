import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const runner = fileURLToPath(new URL('../../scripts/test.mjs', import.meta.url));
const npmTest = (...args: readonly string[]) => spawnSync(process.execPath, [runner, ...args], { encoding: 'utf8' });

describe('TEST-1 npm test', () => {
  it('says one line per step and ends with the sum, which is also its exit code', () => {
    const { stdout, status } = npmTest('--only', 'boundaries');
    const lines = stdout.trimEnd().split('\n');
    const isClean = status === 0;
    expect(lines[0]).toMatch(isClean ? /^ok {7}boundaries +\d+\.\d s$/ : /^FAILED {3}boundaries +\d+\.\d s$/);
    expect(lines.at(-1)).toBe(isClean ? '1 passed, 0 failed' : '0 passed, 1 failed');
    // A clean step prints nothing else; a failed one its whole output.
    expect(lines.length > 2).toBe(!isClean);
  });

  it('names its steps when asked for one it does not have', () => {
    const { stderr, stdout, status } = npmTest('--only', 'format,nonsense');
    expect(stderr).toContain('format,lint,types,boundaries,unused,build,unit,e2e,pbx');
    expect(stdout).toBe('');
    expect(status).toBe(1);
  });
});
