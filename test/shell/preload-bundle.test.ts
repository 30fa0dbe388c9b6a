import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { shell } from '../../vite.config.ts';

describe('the preload bundle (house style 9)', () => {
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'zuoxi-preload-'));
    for (const config of shell.slice(1)) await build({ ...config, build: { ...config.build, outDir: folder } });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('is one small CommonJS file per page that loads electron alone', () => {
    expect(
      readdirSync(folder)
        .filter((name) => !name.endsWith('.map'))
        .sort(),
    ).toEqual(['desk.cjs', 'phone.cjs']);
    for (const name of ['desk.cjs', 'phone.cjs']) {
      const code = readFileSync(join(folder, name), 'utf8');
      expect(code.length).toBeLessThan(3_000);
      expect([...code.matchAll(/require\(["']([^"']+)["']\)/g)].map((match) => match[1])).toEqual(['electron']);
      expect(code).not.toMatch(/^\s*(import|export)\b/m);
    }
  });
});
