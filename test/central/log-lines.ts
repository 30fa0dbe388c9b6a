import type { Log } from '../../central/ambient.ts';

/** A log that a test can read: "level message" per line. */
export const logInto = (lines: string[]): Log => {
  const write = (level: string) => (_: Readonly<Record<string, unknown>>, message: string) => {
    lines.push(`${level} ${message}`);
  };
  return { error: write('error'), warn: write('warn'), info: write('info'), debug: write('debug') };
};
