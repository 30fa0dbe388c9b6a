import { pino } from 'pino';
import type { Log } from './ambient.ts';

/** JSON lines, to standard output or appended to a file. Written at once: the last line before a crash is the one that matters. */
export const openLog = (file?: string): Log =>
  pino({ base: null }, pino.destination({ dest: file ?? 1, sync: true, mkdir: true }));
