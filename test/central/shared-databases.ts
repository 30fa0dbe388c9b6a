import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { runProgram, serveOnDemand } from '../house/on-demand.ts';
import type { PrivatePostgres } from './postgres.ts';
import { startPostgres } from './postgres.ts';

/**
 * Where test files get their databases (fixture.ts). A PostgreSQL is started when the first file asks for one, and kept for the files that
 * follow in the same worker. Two files at once never share one: a transaction of any database of a cluster holds back the feed of all the
 * others (central/feed.ts). Central's schema is made once in each, and once for embedded databases; what tests get is a copy.
 */
export default async (project: TestProject): Promise<() => Promise<void>> => {
  const clusters = new Map<string, Promise<Cluster>>();
  let image: Promise<string> | undefined;
  const { url, close } = await serveOnDemand(async (what, worker = '') => {
    if (what === 'embedded') return (image ??= embeddedImageFile());
    const cluster = clusters.get(worker) ?? startCluster();
    clusters.set(worker, cluster);
    const { postgres, withSchema } = await cluster;
    return what === 'schema' ? withSchema() : postgres.createDatabase();
  });
  project.provide('databases', url);
  return async () => {
    close();
    for (const cluster of clusters.values()) await cluster.then(({ postgres }) => postgres.stop());
  };
};

type Cluster = { readonly postgres: PrivatePostgres; readonly withSchema: () => Promise<string> };

const startCluster = async (): Promise<Cluster> => {
  const postgres = await startPostgres();
  let schema: Promise<string> | undefined;
  const migrated = async (): Promise<string> => {
    // Not at the top: most runs of a few files need none of it.
    const { openDatabase } = await import('../../central/db.ts');
    const { silent } = await import('../../central/ambient.ts');
    const url = postgres.createDatabase();
    await (await openDatabase({ kind: 'postgres', url }, silent)).close();
    return url;
  };
  return { postgres, withSchema: async () => postgres.createDatabase(await (schema ??= migrated())) };
};

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Kept until anything of central or the embedded database itself changes. */
const embeddedImageFile = async (): Promise<string> => {
  const folder = join(root, '.cache/embedded');
  const hash = createHash('sha256').update(readFileSync(join(root, 'node_modules/@electric-sql/pglite/package.json')));
  const sources = readdirSync(join(root, 'central')).filter((name) => name.endsWith('.ts'));
  for (const name of sources.sort()) hash.update(name).update(readFileSync(join(root, 'central', name)));
  const file = join(folder, `${hash.digest('hex').slice(0, 16)}.tar`);
  if (existsSync(file)) return file;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await runProgram(new URL('make-embedded-image.ts', import.meta.url), file);
  return file;
};

declare module 'vitest' {
  interface ProvidedContext {
    databases: string;
  }
}
