import type { SmsReply } from '../../central/sms.ts';
import type { Pace, Pacemaker } from './bent-clock.ts';
import type { Carrier } from './carrier.ts';
import type { CentralStart, FromCentral, ToCentral } from './central-process.ts';
import type { Program } from './program.ts';
import { runProgram } from './program.ts';

/** One instance of central in a process of its own. */
export type Instance = {
  readonly port: () => number | undefined;
  readonly start: () => Promise<void>;
  readonly kill: () => Promise<void>;
  /** As an update does it: drains, then ends. */
  readonly stop: () => Promise<void>;
  readonly freeze: () => void;
  readonly thaw: () => void;
  readonly jump: (offsetMs: number) => void;
  readonly pace: (pace: Pace) => void;
  /** A customer's message. */
  readonly bring: (reply: SmsReply) => void;
};

export const makeInstance = (
  start: Pick<CentralStart, 'databaseUrl' | 'log' | 'plant'>,
  clock: Pacemaker,
  {
    crashed,
    carrier,
  }: { readonly crashed: (what: string) => void; readonly carrier: Pick<Carrier, 'asked' | 'answered'> },
): Instance => {
  let program: Program<ToCentral> | undefined;
  let port: number | undefined;
  let offset = 0;
  return {
    port: () => port,
    start: async () => {
      const ready = Promise.withResolvers<void>();
      program = runProgram<ToCentral, FromCentral>({
        file: './central-process.ts',
        start: { ...start, ...clock.pace(), offsetMs: offset },
        heard: (message) => {
          if (message.kind === 'text') return carrier.asked(message.text);
          if (message.kind === 'replied') return carrier.answered(message.id, message.isTaken);
          if (message.kind !== 'ready') return;
          port = message.port;
          ready.resolve();
        },
        crashed: (how) => {
          port = undefined;
          crashed(`central ${how}`);
          ready.resolve();
        },
      });
      await ready.promise;
    },
    kill: async () => {
      port = undefined;
      await program?.kill();
    },
    stop: async () => {
      const stopping = program;
      if (stopping === undefined) return;
      stopping.say({ kind: 'close' });
      const late = setTimeout(() => void stopping.kill(), 10_000);
      await stopping.gone;
      clearTimeout(late);
      port = undefined;
    },
    freeze: () => program?.freeze(),
    thaw: () => program?.thaw(),
    jump: (offsetMs) => {
      offset = offsetMs;
      program?.say({ kind: 'clock', offsetMs });
    },
    bring: (reply) => program?.say({ kind: 'reply', reply }),
    pace: (pace) => program?.say({ kind: 'pace', pace }),
  };
};
