import { appendFileSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import type { Log } from '../../central/ambient.ts';
import { systemRandom } from '../../central/ambient.ts';
import { createCentral } from '../../central/central.ts';
import { openDatabase } from '../../central/db.ts';
import { makeFakePbx } from '../../central/fake-pbx.ts';
import type { Sms, SmsReply } from '../../central/sms.ts';
import { defaultPolicy } from '../../shared/policy.ts';
import type { ClockStart, Pace } from './bent-clock.ts';
import { bentClock } from './bent-clock.ts';
import type { SentText } from './carrier.ts';
import type { Planted } from './planted.ts';
import { plantIn } from './planted.ts';

/** One instance of central on the common database; exchange and text messages are in memory. */
export type CentralStart = ClockStart & {
  readonly databaseUrl: string;
  readonly log: string;
  readonly plant: readonly Planted[];
};
export type ToCentral =
  | { readonly kind: 'clock'; readonly offsetMs: number }
  | { readonly kind: 'pace'; readonly pace: Pace }
  | { readonly kind: 'reply'; readonly reply: SmsReply }
  | { readonly kind: 'close' };
export type FromCentral =
  | { readonly kind: 'ready'; readonly port: number }
  | { readonly kind: 'text'; readonly text: SentText }
  /** What became of a reply that was brought. */
  | { readonly kind: 'replied'; readonly id: string; readonly isTaken: boolean }
  | { readonly kind: 'closed' };

const start = JSON.parse(process.argv[2] ?? '') as CentralStart;
const clock = bentClock(start);
const say = (message: FromCentral): void => void process.send?.(message);
const line =
  (level: string) =>
  (fields: Readonly<Record<string, unknown>>, message: string): void =>
    appendFileSync(start.log, `${level} ${message} ${JSON.stringify(fields)}\n`);
const quiet = (): void => {};
const log: Log = { error: line('error'), warn: line('warn'), info: quiet, debug: quiet };

let texts = 0;
let take: ((reply: SmsReply) => Promise<void>) | undefined;
/** The carrier is outside; now and then it takes nothing, or takes it and central never hears so. */
const sms: Sms = {
  send: async ({ number, text, about }) => {
    texts += 1;
    if (texts % 13 === 0) throw new Error('the carrier takes nothing');
    if (about === 'sale') say({ kind: 'text', text: { number, text } });
    if (texts % 9 === 0) throw new Error('the carrier’s answer was lost');
  },
  onReply: (listener) => {
    take = listener;
    return () => {
      take = undefined;
    };
  },
};
const bring = async (reply: SmsReply): Promise<void> => {
  if (take === undefined) throw new Error('not listening');
  await take(reply);
};

const database = await openDatabase({ kind: 'postgres', url: start.databaseUrl }, log);
const pbx = makeFakePbx(['service', 'vip', 'marketing'], clock);
const central = await createCentral({
  db: database,
  clock,
  random: systemRandom,
  log,
  pbx,
  sip: ({ number }, expiresAtMs) => ({
    server: 'wss://exchange.invalid/ws',
    domain: 'exchange.invalid',
    user: number,
    password: 'sip',
    expiresAtMs,
    iceServers: [],
  }),
  sms,
  // The shortest there is, so that the timer forces some.
  policy: { ...defaultPolicy, wrapUpSeconds: 15, dialsPerMinute: 60 },
  workingSet: 'queues',
});
plantIn(central.app, start.plant);
process.on('message', (message: ToCentral) => {
  if (message.kind === 'clock') clock.jump(message.offsetMs);
  else if (message.kind === 'pace') clock.pace(message.pace);
  else if (message.kind === 'reply') {
    const { id } = message.reply;
    const replied = (isTaken: boolean) => (): void => say({ kind: 'replied', id, isTaken });
    void bring(message.reply).then(replied(true), replied(false));
  } else
    void (async () => {
      await central.drain(0);
      await central.close();
      await database.close();
      say({ kind: 'closed' });
      process.disconnect();
    })();
});
process.on('disconnect', () => process.exit());
const address = await central.listen({ port: 0 });
// Now: a killed process writes nothing.
flushCompileCache();
say({ kind: 'ready', port: Number(new URL(address).port) });
