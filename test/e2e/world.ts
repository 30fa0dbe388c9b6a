import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inject } from 'vitest';
import { silent, systemRandom } from '../../central/ambient.ts';
import { consoleLog } from '../../main/web/console-log.ts';
import type { BrowserSeat } from '../../main/web/seat.ts';
import { startBrowserSeat } from '../../main/web/seat.ts';
import { systemClock } from '../../practice/clock.ts';
import type { Policy } from '../../shared/policy.ts';
import type { Practice } from '../../practice/practice.ts';
import { startPractice } from '../../practice/practice.ts';
import type { PracticeTelephony, Telephony } from '../../practice/telephony.ts';
import { practiceTelephony } from '../../practice/telephony.ts';
import { askFor } from '../house/on-demand.ts';

/** Everything `npm start` brings up, on free ports and in a folder of its own, with fewer customers. */
export type World<T extends Telephony = PracticeTelephony> = {
  readonly practice: Practice<T>;
  readonly seat: BrowserSeat;
  readonly close: () => Promise<void>;
};

export type WorldOptions = {
  readonly customers?: number;
  readonly isAutomatic?: boolean;
  readonly hasCompany?: boolean;
  /** As usual without it. */
  readonly policy?: Policy;
  /** Given central's address, the address the seat is told: something may stand between them. */
  readonly wire?: (centralUrl: string) => Promise<string>;
};

export const startWorld = (options: WorldOptions = {}): Promise<World> =>
  startWorldWith(practiceTelephony({ port: 0, clock: systemClock, random: Math.random, log: () => {} }), options);

/** The same with another PBX. */
export const startWorldWith = async <T extends Telephony>(
  telephony: Promise<T>,
  options: WorldOptions = {},
): Promise<World<T>> => {
  const dir = mkdtempSync(join(tmpdir(), 'zuoxi-e2e-'));
  const dataDir = join(dir, 'practice');
  const customers = options.customers ?? 1_000;
  // Waited for inside startPractice; until then a failure must not count as unhandled.
  telephony.catch(() => {});
  cpSync(await askFor(inject('madeOnce'), 'operator', String(customers)), dataDir, { recursive: true });
  const practice = await startPractice({
    dataDir,
    seed: 1,
    customers,
    port: 0,
    clock: systemClock,
    random: systemRandom,
    log: silent,
    telephony,
    isAutomatic: options.isAutomatic ?? false,
    hasCompany: options.hasCompany ?? false,
    ...(options.policy === undefined ? {} : { policy: options.policy }),
  });
  const centralUrl = (await options.wire?.(practice.centralUrl)) ?? practice.centralUrl;
  const seat = await startBrowserSeat(seatAt(centralUrl, practice.telephony.origin, join(dir, 'seat')));
  return {
    practice,
    seat,
    close: async () => {
      await seat.close();
      await practice.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
};

/** Another machine at the same centre. */
export const startSecondSeat = async ({ practice }: World): Promise<Pick<World, 'seat' | 'close'>> => {
  const dir = mkdtempSync(join(tmpdir(), 'zuoxi-e2e-second-'));
  const seat = await startBrowserSeat(seatAt(practice.centralUrl, practice.telephony.origin, join(dir, 'seat')));
  return {
    seat,
    close: async () => {
      await seat.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
};

const seatAt = (centralUrl: string, pbxUrl: string, profileDir: string): Parameters<typeof startBrowserSeat>[0] => ({
  centralUrl,
  pbxUrl,
  profileDir,
  rendererDir: fileURLToPath(new URL('../../dist/renderer', import.meta.url)),
  port: 0,
  log: consoleLog('error'),
});
