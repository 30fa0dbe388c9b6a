import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Log, LogFields } from '../engine/log.ts';

const largestBytes = 1_000_000;

/**
 * JSON lines in `folder/shell.log`; one older file is kept. Debug lines go only to `alsoTo`. A disk that refuses must not stop the
 * seat, so its faults end here.
 */
export const createFileLog = (folder: string, nowMs: () => number, alsoTo?: (line: string) => void): Log => {
  const file = join(folder, 'shell.log');
  let bytes = sizeOf(file);
  const append = (line: string): void => {
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      if (bytes + line.length > largestBytes) {
        renameSync(file, `${file}.1`);
        bytes = 0;
      }
      appendFileSync(file, line, { mode: 0o600 });
      bytes += line.length;
    } catch {
      alsoTo?.('the log file cannot be written\n');
    }
  };
  const at = (level: keyof Log) => (what: string, fields?: LogFields) => {
    const line = `${JSON.stringify({ at: new Date(nowMs()).toISOString(), level, what, ...fields })}\n`;
    alsoTo?.(line);
    if (level !== 'debug') append(line);
  };
  return { error: at('error'), warn: at('warn'), info: at('info'), debug: at('debug') };
};

const sizeOf = (file: string): number => {
  try {
    return statSync(file).size;
  } catch {
    return 0;
  }
};
