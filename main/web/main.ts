import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { SeatFault } from '../../shared/result.ts';
import { consoleLog } from './console-log.ts';
import { startBrowserSeat } from './seat.ts';

/** `npm run seat`: a seat in the browser of this machine, against a real central. */
const usage = `npm run seat -- --central https://central.example --pbx wss://pbx.example:8089/ws [--port 7300] [--profile DIR] [--memory-only]`;

const arguments_ = ():
  | { central: string; pbx: string; port: number; profile: string; memoryOnly: boolean }
  | undefined => {
  try {
    const { values } = parseArgs({
      options: {
        central: { type: 'string' },
        pbx: { type: 'string' },
        'memory-only': { type: 'boolean', default: false },
        port: { type: 'string', default: '7300' },
        profile: { type: 'string', default: join(homedir(), '.zuoxi', 'seat') },
      },
    });
    const { central, pbx, port, profile, 'memory-only': memoryOnly } = values;
    if (central === undefined || pbx === undefined || !/^\d{1,5}$/.test(port)) return undefined;
    return { central, pbx, port: Number(port), profile, memoryOnly };
  } catch {
    return undefined;
  }
};

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const asked = arguments_();
if (asked === undefined) {
  process.stderr.write(`${usage}\n`);
  process.exit(2);
}
try {
  const seat = await startBrowserSeat({
    centralUrl: asked.central,
    pbxUrl: asked.pbx,
    profileDir: asked.profile,
    rendererDir: fileURLToPath(new URL('../../dist/renderer', import.meta.url)),
    port: asked.port,
    memoryOnly: asked.memoryOnly,
    log: consoleLog('warn'),
    onTokenRefused: (address) => say(`the address was used already; a new one: ${address}`),
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void seat.close().then(() => process.exit(0)));
  say(`seat ready: ${seat.host.address}`);
} catch (fault) {
  process.stderr.write(`${fault instanceof SeatFault ? fault.message : String(fault)}\n`);
  process.exit(1);
}
