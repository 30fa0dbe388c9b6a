import { randomBytes } from 'node:crypto';
import type { PbxClock } from './pbx.ts';

/** What central takes from its surroundings instead of reaching for it: time, chance and a place to log to. */
export type Clock = PbxClock;

/** That many random bytes. */
export type Random = (bytes: number) => Uint8Array;

export const systemRandom: Random = (bytes) => randomBytes(bytes);

type Write = (fields: Readonly<Record<string, unknown>>, message: string) => void;

/** pino's shape. Ids only: no numbers, names or answers (house style 14). */
export type Log = { readonly error: Write; readonly warn: Write; readonly info: Write; readonly debug: Write };

export const silent: Log = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };

/** What may be logged of a fault: its class and code, and where in central it was met. Its message may quote data. */
export const faultFields = (fault: unknown): Readonly<Record<string, unknown>> => {
  if (!(fault instanceof Error)) return { fault: typeof fault };
  const code = 'code' in fault && typeof fault.code === 'string' ? { code: fault.code } : {};
  const kind = 'kind' in fault && typeof fault.kind === 'string' ? { kind: fault.kind } : {};
  const at = placesOf(fault.stack ?? '');
  return { fault: fault.name, ...code, ...kind, ...(at === '' ? {} : { at }) };
};

const mostPlaces = 4;

/** `central/orders.ts:39 central/sms-replies.ts:64`, the innermost first. The stack's first lines are the message. */
const placesOf = (stack: string): string =>
  Array.from(
    stack.matchAll(/^ {4}at .*\b((?:central|shared)\/(?!.*node_modules)[\w./-]+\.[jt]s:\d+):\d+\)?$/gmu),
    ([, place]) => place,
  )
    .slice(0, mostPlaces)
    .join(' ');
