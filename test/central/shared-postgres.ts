import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestProject } from 'vitest/node';
import type { PrivatePostgres } from './postgres.ts';
import { startPostgres } from './postgres.ts';

/**
 * Starts a PostgreSQL when the first test file asks for one, and keeps it for the files that follow in the same worker. Two files
 * at once never share one: a transaction of any database of a cluster holds back the feed of all the others (central/feed.ts).
 */
export default async (project: TestProject): Promise<() => Promise<void>> => {
  const clusters = new Map<string, Promise<PrivatePostgres>>();
  const server = createServer((request, response) => {
    const worker = request.url ?? '/';
    const cluster = clusters.get(worker) ?? startPostgres();
    clusters.set(worker, cluster);
    cluster.then(
      ({ createDatabase }) => response.end(createDatabase()),
      (fault: unknown) => response.writeHead(500).end(String(fault)),
    );
  });
  await new Promise<void>((listening) => void server.listen(0, '127.0.0.1', listening));
  project.provide('postgres', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  return async () => {
    server.closeAllConnections();
    server.close();
    for (const cluster of clusters.values()) await cluster.then(({ stop }) => stop());
  };
};

declare module 'vitest' {
  interface ProvidedContext {
    postgres: string;
  }
}
