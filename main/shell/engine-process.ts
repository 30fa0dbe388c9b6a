import { randomBytes } from 'node:crypto';
import { systemClock } from '../engine/clock.ts';
import type { Log } from '../engine/log.ts';
import { openSeatEngine } from '../engine/wiping.ts';
import type { ParentPort } from './engine-side.ts';
import { runEngineSide } from './engine-side.ts';
import { signInUrl } from './external-links.ts';
import type { FromEngine } from './engine-messages.ts';
import { destroyKeyFiles, isOfStores } from './secrets.ts';
import { installLastResort } from './last-resort.ts';

/** Composition root of the engine's process (Electron's utilityProcess): no window, no network of Chromium's, plain Node. */
const { parentPort } = process as unknown as { readonly parentPort: ParentPort };

const lineTo =
  (level: Extract<FromEngine, { kind: 'log' }>['level']): Log['info'] =>
  (what, fields) => {
    const line = fields === undefined ? what : `${what} ${JSON.stringify(fields)}`;
    parentPort.postMessage({ kind: 'log', level, what: line.slice(0, 500) });
  };
const log: Log = { error: lineTo('error'), warn: lineTo('warn'), info: lineTo('info'), debug: lineTo('debug') };

installLastResort(process, log);
runEngineSide({
  parent: parentPort,
  open: ({ profileDir, stateDir, storeKey, centralUrl, signInOrigin }) =>
    openSeatEngine({
      profileDir,
      centralUrl,
      signInPage:
        signInOrigin === null
          ? undefined
          : (page) => {
              const url = signInUrl(page, signInOrigin);
              if (url !== undefined) parentPort.postMessage({ kind: 'signInPage', url });
              return url !== undefined;
            },
      clock: systemClock,
      random: (bytes) => new Uint8Array(randomBytes(bytes)),
      log,
      host: {
        stateDir,
        dooms: isOfStores,
        storeKey: () => storeKey,
        destroyKey: () => destroyKeyFiles(stateDir),
        wiping: () => {},
        wiped: () => parentPort.postMessage({ kind: 'wiped' }),
      },
    }),
  exit: (code) => process.exit(code),
});
