import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const runner = fileURLToPath(new URL('../../scripts/test.mjs', import.meta.url));
const npmTest = (...args: readonly string[]) => spawnSync(process.execPath, [runner, ...args], { encoding: 'utf8' });

describe('TEST-1 npm test', () => {
  it('says one line per step and ends with the sum', () => {
    const { stdout, status } = npmTest('--only', 'boundaries');
    expect(stdout.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^ok {7}boundaries +\d+\.\d s$/),
      '1 passed, 0 failed',
    ]);
    expect(status).toBe(0);
  });

  it('names its steps when asked for one it does not have', () => {
    const { stderr, stdout, status } = npmTest('--only', 'format,nonsense');
    expect(stderr).toContain('format,lint,types,boundaries,unused,build,unit,e2e,pbx');
    expect(stdout).toBe('');
    expect(status).toBe(1);
  });
});
