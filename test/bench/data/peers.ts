import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Not of this package: what looks for imports must not find them. */
const packages = { pouchdb: 'pouchdb', dexie: 'dexie/package.json' } as const;
const folder = fileURLToPath(new URL('../peers/', import.meta.url));

/** The part of PouchDB's interface that is used here. */
export type Pouch = {
  readonly bulkDocs: (docs: readonly object[]) => Promise<unknown>;
  readonly get: (id: string) => Promise<unknown>;
  readonly allDocs: (asked: object) => Promise<{ rows: readonly { readonly doc?: unknown }[] }>;
  readonly close: () => Promise<void>;
};
export type PouchDb = {
  new (name: string): Pouch;
  replicate: (from: Pouch, to: Pouch, options: object) => Promise<{ docs_written: number }>;
};

export type Peers = {
  readonly pouchDb: () => Promise<PouchDb>;
  /** Dexie as one script for a page. */
  readonly dexieScript: () => Promise<string>;
};

/** Other programs' stores, in a package of their own: installed when a bench first needs one. */
export const openPeers = (say: (what: string) => void): Peers => {
  let installing: Promise<void> | undefined;
  const installed = (): Promise<void> => (installing ??= install(say));
  const load = createRequire(join(folder, 'package.json'));
  return {
    pouchDb: async () => {
      await installed();
      return load(packages.pouchdb) as PouchDb;
    },
    dexieScript: async () => {
      await installed();
      return join(dirname(load.resolve(packages.dexie)), 'dist', 'dexie.min.js');
    },
  };
};

const install = async (say: (what: string) => void): Promise<void> => {
  if (existsSync(join(folder, 'node_modules/.package-lock.json'))) return;
  say('installing Dexie and PouchDB for the comparison');
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const child = spawn(npm, ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  });
  const code = await new Promise((done) => {
    child.on('error', () => done(1));
    child.on('exit', done);
  });
  if (code !== 0) throw new Error(`npm ci failed in ${folder}`);
};
