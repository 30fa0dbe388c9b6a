/**
 * Builds parts of the product: `build.mjs [renderer] [shell] [--if-changed]`, all parts by default, into dist/.
 * Runs under Node 24 (it imports vite.config.ts).
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { build } from 'vite';
import { renderer, shell } from '../vite.config.ts';
import { root } from './setup.mjs';

const PARTS = {
  renderer: { builds: [renderer], folders: ['dist/renderer'], sources: ['renderer', 'shared'] },
  shell: { builds: shell, folders: ['dist/main', 'dist/preload'], sources: ['main', 'preload', 'shared'] },
};

const args = process.argv.slice(2);
const ifChanged = args.includes('--if-changed');
const named = args.filter((arg) => !arg.startsWith('--'));
const unknown = named.filter((name) => !(name in PARTS));
if (unknown.length > 0) {
  process.stderr.write(`build: no part called ${unknown.join(', ')}; there are ${Object.keys(PARTS).join(' and ')}.\n`);
  process.exit(1);
}

for (const name of named.length > 0 ? named : Object.keys(PARTS)) await buildPart(name, PARTS[name]);

async function buildPart(name, { builds, folders, sources }) {
  const stamp = join(root, folders[0], '.built-from');
  const hash = hashOf([...sources, 'package-lock.json', 'vite.config.ts', 'tsconfig.base.json']);
  const isThere = existsSync(stamp) && folders.every((folder) => existsSync(join(root, folder)));
  if (ifChanged && isThere && readFileSync(stamp, 'utf8') === hash) return;

  const started = Date.now();
  // No stamp while the folder is half written: an interrupted build is not mistaken for a finished one.
  rmSync(stamp, { force: true });
  for (const config of builds) await build(config);
  writeFileSync(stamp, hash);
  process.stdout.write(`build: ${name} in ${((Date.now() - started) / 1000).toFixed(1)} s\n`);
}

/** One hash over names and contents of the files below these paths. */
function hashOf(paths) {
  const hash = createHash('sha256');
  for (const path of paths.flatMap(filesBelow))
    hash
      .update(path)
      .update('\0')
      .update(readFileSync(join(root, path)))
      .update('\0');
  return hash.digest('hex');
}

function filesBelow(path) {
  if (statSync(join(root, path)).isFile()) return [path];
  return readdirSync(join(root, path), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes('.tsbuild'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .toSorted();
}
