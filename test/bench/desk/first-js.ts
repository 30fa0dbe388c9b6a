import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const built = fileURLToPath(new URL('../../../dist/renderer/', import.meta.url));

/** The JavaScript a page loads before it shows anything, as it travels: its module scripts and what they import at once, kB gzip. */
export const firstJsKb = (page: 'desk' | 'phone'): number => {
  const html = join(built, page, 'index.html');
  const first = [...readFileSync(html, 'utf8').matchAll(/(?:src|href)="([^"]+\.js)"/g)].map((found) =>
    join(dirname(html), found[1] ?? ''),
  );
  const all = new Set<string>();
  const take = (file: string): void => {
    if (all.has(file)) return;
    all.add(file);
    const code = readFileSync(file, 'utf8');
    for (const found of code.matchAll(/(?:from|import)\s*["'](\.{1,2}\/[^"']+\.js)["']/g))
      take(join(dirname(file), found[1] ?? ''));
  };
  for (const file of first) take(file);
  if (all.size === 0) throw new Error(`${html} loads no script`);
  return [...all].reduce((sum, file) => sum + gzipSync(readFileSync(file)).length, 0) / 1_000;
};
