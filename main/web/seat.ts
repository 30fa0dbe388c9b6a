import { randomBytes } from 'node:crypto';
import { systemClock } from '../engine/clock.ts';
import type { Engine } from '../engine/engine.ts';
import { createEngine } from '../engine/engine.ts';
import type { Log } from '../engine/log.ts';
import type { WebHost, WebHostOptions } from './host.ts';
import { createWebHost } from './host.ts';
import { profileKey } from './profile-key.ts';

export type BrowserSeat = {
  readonly engine: Engine;
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
  readonly onTokenRefused?: WebHostOptions['onTokenRefused'];
}): Promise<BrowserSeat> => {
  const random = (bytes: number): Uint8Array => randomBytes(bytes);
  const { log, profileDir } = options;
  const engine = createEngine({
    profileDir,
    storeKey: profileKey(profileDir, random),
    centralUrl: options.centralUrl,
    clock: systemClock,
    random,
    log,
    signInPage: 'desk',
  });
  try {
    const host = await createWebHost({
      engine,
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
      engine,
      host,
      close: async () => {
        await host.close();
        await engine.close();
      },
    };
  } catch (fault) {
    await engine.close();
    throw fault;
  }
};
