import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { inPath } from './postgres.ts';

/** Debian's nats-server, where there is one. */
const program = inPath('nats-server');
export const hasNats = program !== undefined;
if (!hasNats)
  process.stderr.write(
    '\n*** NOT TESTED: there is no nats-server on this machine; central through NATS is not. ***\n\n',
  );

export const freePort = (): Promise<number> =>
  new Promise((done) => {
    const probe = createServer();
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => done(port));
    });
  });

export type NatsServer = { readonly url: string; readonly stop: () => Promise<void> };

export const startNats = async (port: number): Promise<NatsServer> => {
  const child: ChildProcess = spawn(program ?? '', ['-a', '127.0.0.1', '-p', String(port)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = new Promise((done) => void child.once('exit', done));
  await new Promise<void>((ready) =>
    child.stderr?.on('data', (text: Buffer) => void (String(text).includes('Server is ready') && ready())),
  );
  return {
    url: `nats://127.0.0.1:${port}`,
    stop: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
};
