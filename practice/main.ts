import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SeatFault } from '../shared/result.ts';
import { consoleLog } from '../main/web/console-log.ts';
import { tryPort } from '../main/web/host.ts';
import { startBrowserSeat } from '../main/web/seat.ts';
import { findElectron, startElectronSeat } from '../scripts/electron.mjs';
import type { Arguments } from './arguments.ts';
import { parseArguments, usage } from './arguments.ts';
import { holdFolder } from './hold-folder.ts';
import { openInBrowser } from './open-in-browser.ts';
import type { OperatorSide } from './operator-side.ts';
import { startOperatorThread } from './operator-side.ts';

/**
 * `npm start`: practice mode. Brings up the operator's side on a thread of its own and opens the seat; everything it started ends with it.
 * Folders: `.practice/` in the checkout, or `--data DIR`.
 */
const root = fileURLToPath(new URL('..', import.meta.url));
const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** What was opened so far, also while it is still starting: Ctrl-C then closes that much. */
const ends: (() => void | Promise<void>)[] = [];
const close = async (): Promise<void> => {
  for (const end of ends.splice(0).toReversed()) await end();
};

const run = async (asked: Arguments): Promise<void> => {
  const dir = asked.data ?? join(root, '.practice');
  mkdirSync(dir, { recursive: true });
  ends.push(holdFolder(dir));
  try {
    // A taken port is told at once, not after the sample operator was made.
    await tryPort(asked.port, '--port');
    await tryPort(asked.centralPort, '--central-port');
    const electron = asked.host === 'browser' ? undefined : findElectron({ fetch: asked.host === 'electron' });
    say('starting practice mode (the first start makes the sample operator: up to a minute)');
    const operator = startOperatorThread({
      dataDir: dir,
      customers: asked.customers,
      centralPort: asked.centralPort,
      isAutomatic: asked.calls === 'auto',
    });
    ends.push(operator.close);
    // A seat works on without a central; practice mode without an operator is over.
    void operator.broke.then((fault) => {
      process.stderr.write(`${fault.message}\n`);
      stop(1);
    });
    ends.push(await openSeat(asked, await operator.ready, dir, await electron));
  } catch (fault) {
    await close();
    throw fault;
  }
};

type Electron = Awaited<ReturnType<typeof findElectron>> | undefined;

const openSeat = async (
  asked: Arguments,
  { centralUrl, sipOrigin, operatorKey }: OperatorSide,
  dir: string,
  electron: Electron,
): Promise<() => void | Promise<void>> => {
  const profileDir = join(dir, `seat-${operatorKey}`);
  if (electron?.path !== undefined && !asked.noOpen) {
    say('host: Electron, its runtime is here');
    const app = startElectronSeat({
      electronPath: electron.path,
      env: {
        ZUOXI_CENTRAL_URL: centralUrl,
        ZUOXI_SIP_ORIGINS: sipOrigin,
        ZUOXI_PROFILE_DIR: profileDir,
      },
    });
    app.once('exit', () => process.kill(process.pid, 'SIGTERM'));
    say(`seat ready: Electron window (process ${app.pid ?? 0})`);
    return () => void app.kill();
  }
  if (asked.host === 'electron' && electron?.path === undefined)
    throw new SeatFault(`Electron cannot be used: ${electron?.why ?? 'not looked for'}.`, { kind: 'notFound' });
  say(`host: browser, ${asked.host === 'browser' ? 'as asked' : whyBrowser(electron, asked)}`);
  const seat = await startBrowserSeat({
    centralUrl,
    pbxUrl: sipOrigin,
    profileDir,
    rendererDir: join(root, 'dist/renderer'),
    port: asked.port,
    log: consoleLog('error'),
    onTokenRefused: (address) => say(`that address was used already; a new one: ${address}`),
  });
  say(`seat ready: ${seat.host.address}`);
  if (!asked.noOpen) openInBrowser(seat.host.address, say);
  return seat.close;
};

const whyBrowser = (electron: Electron, asked: Arguments): string =>
  asked.noOpen && electron?.path !== undefined ? 'for --no-open leaves the opening to you' : (electron?.why ?? '');

const asked = parseArguments(process.argv.slice(2));
if (!asked.ok) {
  process.stderr.write(`${asked.error}\n${usage}\n`);
  process.exit(2);
}
let isStopping = false;
const stop = (code: number): void => {
  if (isStopping) return;
  isStopping = true;
  say('stopping');
  void close().then(
    () => process.exit(code),
    () => process.exit(1),
  );
};
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop(0));
try {
  await run(asked.value);
} catch (fault) {
  process.stderr.write(`${fault instanceof Error ? fault.message : String(fault)}\n`);
  process.exit(1);
}
