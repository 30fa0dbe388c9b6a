import type { Log, LogFields } from '../engine/log.ts';

const levels = ['debug', 'info', 'warn', 'error'] as const;
type Level = (typeof levels)[number];

/** One JSON line per entry on standard error, from this level up. */
export const consoleLog = (least: Level): Log => {
  const write =
    (level: Level) =>
    (what: string, fields: LogFields = {}): void => {
      if (levels.indexOf(level) < levels.indexOf(least)) return;
      process.stderr.write(`${JSON.stringify({ time: new Date().toISOString(), level, what, ...fields })}\n`);
    };
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
};
