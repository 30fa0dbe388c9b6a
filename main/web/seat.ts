import { randomBytes } from 'node:crypto';
import { systemClock } from '../engine/clock.ts';
import { refusal, SeatFault } from '../../shared/result.ts';
import type { Engine } from '../engine/engine.ts';
import type { Log } from '../engine/log.ts';
import { openSeatEngine } from '../engine/wiping.ts';
import type { WebHost, WebHostOptions } from './host.ts';
import { createWebHost } from './host.ts';
import { destroyProfileKey, profileKey } from './profile-key.ts';

export type BrowserSeat = {
  /** Another one after a wipe. */
  readonly engine: () => Engine;
  readonly host: WebHost;
  readonly close: () => Promise<void>;
};

/**
 * A whole seat in the browser host: engine on its profile folder, pages on loopback.
 * @throws SeatFault when the profile is in use, the port is taken or the pages were not built
 */
export const startBrowserSeat = async (options: {
  readonly centralUrl: string;
  readonly pbxUrl: string | undefined;
  readonly profileDir: string;
  readonly rendererDir: string;
  readonly port: number;
  readonly log: Log;
  /** Nothing of customers, and no unsent work, is written to the disk (security 27). */
  readonly memoryOnly?: boolean;
  readonly onTokenRefused?: WebHostOptions['onTokenRefused'];
}): Promise<BrowserSeat> => {
  const random = (bytes: number): Uint8Array => randomBytes(bytes);
  const { log, profileDir } = options;
  const begin = (): Engine => {
    const opened = openSeatEngine({
      ...{ profileDir, centralUrl: options.centralUrl, clock: systemClock, random, log, signInPage: 'desk' },
      host: {
        stateDir: profileDir,
        // The folder is the seat's alone.
        dooms: () => true,
        storeKey: () =>
          options.memoryOnly === true ? { key: random(32), kept: 'memory' } : profileKey(profileDir, random),
        destroyKey: () => destroyProfileKey(profileDir),
        wiping: () => {
          engine = undefined;
        },
        wiped: () => {
          if (!isClosed) engine = begin();
        },
      },
    });
    const now = opened ?? engine;
    if (now === undefined) throw new SeatFault('the seat could not begin anew after its wipe', refusal('internal'));
    return now;
  };
  let isClosed = false;
  let engine: Engine | undefined;
  engine = begin();
  try {
    const host = await createWebHost({
      // Pages that lost the one engine find the next.
      engine: {
        connect: (port, role, how) => (engine === undefined ? port.close() : engine.connect(port, role, how)),
      },
      rendererDir: options.rendererDir,
      port: options.port,
      host: '127.0.0.1',
      clock: systemClock,
      random,
      log,
      pbxUrl: options.pbxUrl,
      onTokenRefused: options.onTokenRefused,
    });
    return {
      engine: () => engine ?? begin(),
      host,
      close: async () => {
        isClosed = true;
        await host.close();
        await engine?.close();
      },
    };
  } catch (fault) {
    await engine.close();
    throw fault;
  }
};
