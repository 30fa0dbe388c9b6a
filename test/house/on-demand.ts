import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';

/** What takes long to make is made in vitest's own process when the first test file asks for it, and handed to all of them. */
export const serveOnDemand = async (
  answerTo: (...path: readonly string[]) => Promise<string>,
): Promise<{ readonly url: string; readonly close: () => void }> => {
  const server = createServer((request, response) => {
    const [, ...path] = (request.url ?? '').split('/');
    answerTo(...path).then(
      (text) => response.end(text),
      (fault: unknown) => response.writeHead(500).end(String(fault)),
    );
  });
  await new Promise<void>((listening) => void server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
};

export const askFor = async (url: string, ...path: readonly string[]): Promise<string> => {
  const answer = await fetch([url, ...path].join('/'));
  const text = await answer.text();
  if (!answer.ok) throw new Error(text);
  return text;
};

/** Runs a program to its end: what keeps a thread busy for seconds would hold up the process that serves all tests. */
export const runProgram = async (program: URL, ...args: readonly string[]): Promise<void> => {
  const child = spawn(process.execPath, [fileURLToPath(program), ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (text: Buffer) => (said += String(text)));
  const code = await new Promise((done) => void child.once('exit', done));
  if (code !== 0) throw new Error(`${program.pathname} failed: ${said.slice(-500)}`);
};
