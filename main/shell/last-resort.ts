import type { Log } from '../engine/log.ts';
import { faultFields } from '../engine/log.ts';

type Process = {
  on(event: 'uncaughtException', listener: (fault: unknown) => void): unknown;
  on(event: 'unhandledRejection', listener: (fault: unknown) => void): unknown;
};

/**
 * Security 89: an error nobody handled must not end a call. It is written down and the process lives on; Electron's own dialog,
 * with a stack in it, stays away. What must be restarted has its own guard (engine-host, crash-guard).
 */
export const installLastResort = (process: Process, log: Log): void => {
  process.on('uncaughtException', (fault) => log.error('uncaught exception', faultFields(fault)));
  process.on('unhandledRejection', (fault) => log.error('unhandled rejection', faultFields(fault)));
};
