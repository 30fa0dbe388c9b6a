/** npm run bench -- NAME: runs test/bench/NAME.ts on freshly built pages; it prints one metric per line as JSON. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { buildPages, superviseNode } from './run.mjs';
import { ensureDependencies, root } from './setup.mjs';

const [name, ...args] = process.argv.slice(2);
const folder = join(root, 'test/bench');
const names = existsSync(folder)
  ? readdirSync(folder)
      .filter((file) => file.endsWith('.ts'))
      .map((file) => file.slice(0, -'.ts'.length))
  : [];

if (names.includes(name)) {
  await ensureDependencies();
  await buildPages();
  process.exitCode = await superviseNode(`test/bench/${name}.ts`, args);
} else {
  process.stderr.write(`npm run bench -- NAME, where NAME is one of: ${names.join(', ') || '(none yet)'}\n`);
  process.exitCode = 1;
}
