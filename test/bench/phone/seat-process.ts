import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../../main/engine/clock.ts';
import { consoleLog } from '../../../main/web/console-log.ts';
import { createWebHost } from '../../../main/web/host.ts';
import { SeatId } from '../../../shared/ids.ts';
import { ok } from '../../../shared/result.ts';
import { createFakeEngine, signedIn } from '../../renderer/phone/lab/fake-engine.ts';
import { type ContenderAccount, dialled } from './contender.ts';

/**
 * The browser host of one seat in a process of its own, as it is in life: what it serves must not keep the far end waiting.
 * `seat-process.ts ACCOUNT` (JSON); tells an address that opens the seat, and another one each time it is asked.
 */
const { server, user, password, domain, iceServers } = JSON.parse(process.argv[2] ?? '{}') as ContenderAccount;
const contactId = '0190a0b0-c0d0-7000-8000-00000000c0de';
const seatId = SeatId.parse(`0190a0b0-c0d0-7000-8000-${Buffer.from(user.padEnd(6, '.')).toString('hex').slice(0, 12)}`);
const engines = { phone: createFakeEngine(), desk: createFakeEngine() };
for (const engine of Object.values(engines)) {
  const expiresAtMs = Date.now() + 3_600_000;
  engine.credentials = { server, user, password, domain, iceServers: [...iceServers], expiresAtMs };
  engine.authorises = ok({ contactId, dial: dialled, warnings: [] });
  const session = signedIn();
  // In the middle of a shift: before its check the desk would listen to the microphone after every call.
  if (session.kind === 'signedIn') engine.setSession({ ...session, seatId, shiftCheckedAtMs: Date.now() });
  engine.setAgent({ kind: 'ready', sinceMs: Date.now() });
}
const host = await createWebHost({
  engine: { connect: (port, role) => engines[role].connect(port) },
  rendererDir: fileURLToPath(new URL('../../../dist/renderer/', import.meta.url)),
  port: 0,
  host: '127.0.0.1',
  clock: systemClock,
  random: (bytes) => randomBytes(bytes),
  log: consoleLog('error'),
  pbxUrl: new URL(server).origin,
});
const tell = (): void => void process.send?.(host.freshAddress());
process.on('message', tell);
process.on('disconnect', () => process.exit(0));
tell();
