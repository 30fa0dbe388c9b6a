import { appendFileSync } from 'node:fs';
import type { Log } from '../../central/ambient.ts';
import { systemRandom } from '../../central/ambient.ts';
import { watchAsteriskCalls } from '../../central/asterisk-calls.ts';
import { connectAsterisk } from '../../central/asterisk-pbx.ts';
import { createCentral } from '../../central/central.ts';
import { openDatabase } from '../../central/db.ts';
import { dialWithAsterisk } from '../../central/dialler/asterisk-dialler.ts';
import { makeSimulatedPhones } from '../../central/sms.ts';
import type { PbxDescriptor } from '../../scripts/pbx-instance.mjs';
import type { Policy } from '../../shared/policy.ts';
import { defaultPolicy } from '../../shared/policy.ts';
import type { ClockStart } from '../faults/bent-clock.ts';
import { bentClock } from '../faults/bent-clock.ts';

/** One instance of central with the real exchange; its clock shows an hour in which one may call. */
export type CentralStart = ClockStart & {
  readonly databaseUrl: string;
  readonly log: string;
  readonly ami: PbxDescriptor['ami'];
  /** R19, where a run is not to last as long as the usual patience. */
  readonly blending?: Policy['blending'];
};
export type ToCentral = { readonly kind: 'close' };
export type FromCentral = { readonly kind: 'ready'; readonly url: string };

const start = JSON.parse(process.argv[2] ?? '') as CentralStart;
const clock = bentClock(start);
const line =
  (level: string) =>
  (fields: Readonly<Record<string, unknown>>, message: string): void =>
    appendFileSync(start.log, `${clock.nowMs()} ${level} ${message} ${JSON.stringify(fields)}\n`);
const quiet = (): void => {};
const log: Log = { error: line('error'), warn: line('warn'), info: quiet, debug: quiet };

const at = { ami: start.ami, clock, random: Math.random, log };
const database = await openDatabase({ kind: 'postgres', url: start.databaseUrl }, log);
const pbx = connectAsterisk(at);
const dialler = dialWithAsterisk(watchAsteriskCalls(at));
const central = await createCentral({
  ...{ db: database, clock, random: systemRandom, log, pbx, dialler },
  sip: ({ number }, expiresAtMs) => ({
    ...{ server: 'wss://exchange.invalid/ws', domain: 'exchange.invalid', user: number, password: 'sip' },
    ...{ expiresAtMs, iceServers: [] },
  }),
  workingSet: 'queues',
  policy: { ...defaultPolicy, blending: start.blending },
  sms: makeSimulatedPhones(),
});
process.on('message', (message: ToCentral) => {
  if (message.kind !== 'close') return;
  void (async () => {
    await central.close();
    await Promise.all([dialler.close(), pbx.close()]);
    await database.close();
    process.exit();
  })();
});
process.on('disconnect', () => process.exit());
process.send?.({ kind: 'ready', url: await central.listen({ port: 0 }) } satisfies FromCentral);
