import { parseArgs } from 'node:util';
import type { Result } from '../shared/result.ts';
import { ok, refused } from '../shared/result.ts';

export type Arguments = {
  readonly host: 'electron' | 'browser' | 'any';
  /** Of the browser host; 0: any free one. */
  readonly port: number;
  readonly centralPort: number;
  readonly noOpen: boolean;
  readonly customers: number;
  /** `auto`: customers call by themselves; `ask`: only when asked to. */
  readonly calls: 'auto' | 'ask';
  readonly data: string | undefined;
};

export const usage = `npm start -- [--host electron|browser] [--port N] [--no-open]
             [--calls auto|ask] [--customers N] [--central-port N] [--data DIR]`;

const fewestCustomers = 20_000;

/** Reads the command line of `npm start`, or says in a sentence what does not fit. */
export const parseArguments = (args: readonly string[]): Result<Arguments, string> => {
  const found = read(args);
  if (typeof found === 'string') return refused(found);
  const host = found.host ?? 'any';
  const calls = found.calls ?? 'auto';
  const port = whole(found.port ?? '7300', 0, 65_535);
  const centralPort = whole(found['central-port'] ?? '0', 0, 65_535);
  const customers = whole(found.customers ?? String(fewestCustomers), 1_000, 200_000);
  if (host !== 'any' && host !== 'electron' && host !== 'browser')
    return refused(`--host is electron or browser, not "${host}".`);
  if (calls !== 'auto' && calls !== 'ask') return refused(`--calls is auto or ask, not "${calls}".`);
  if (port === undefined || centralPort === undefined) return refused('A port is a number from 0 to 65535.');
  if (customers === undefined) return refused('--customers is a number from 1000 to 200000.');
  return ok({
    host,
    calls,
    port,
    centralPort,
    customers,
    noOpen: found['no-open'] === true,
    data: found.data,
  });
};

const read = (args: readonly string[]) => {
  try {
    return parseArgs({
      args: [...args],
      options: {
        host: { type: 'string' },
        port: { type: 'string' },
        'central-port': { type: 'string' },
        'no-open': { type: 'boolean' },
        customers: { type: 'string' },
        calls: { type: 'string' },
        data: { type: 'string' },
      },
    }).values;
  } catch (fault) {
    return fault instanceof Error ? fault.message : 'The arguments cannot be read.';
  }
};

const whole = (text: string, least: number, most: number): number | undefined => {
  const number = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
  return number >= least && number <= most ? number : undefined;
};
