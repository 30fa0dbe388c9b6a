import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Language } from '../../shared/text.ts';
import { privileges, SCHEME } from './app-scheme.ts';
import type { ShellConfig } from './config.ts';
import { configFile, configFromEnv, configFromFile } from './config.ts';
import type { DeepLink } from './deep-link.ts';
import { linkInArgs } from './deep-link.ts';
import type { ElectronParts } from './electron-parts.ts';
import { installLastResort } from './last-resort.ts';
import { judgeLaunch } from './launch.ts';
import type { Log } from '../engine/log.ts';
import { createFileLog } from './log.ts';
import { faultFields } from '../engine/log.ts';
import { openSeat } from './seat.ts';
import { createSettings } from './settings.ts';
import { claimInstance } from './single-instance.ts';
import { languageOf, say } from './texts.ts';
import type { Clock } from '../engine/clock.ts';

/** The process around the shell. */
export type ShellProcess = {
  readonly args: readonly string[];
  readonly env: Record<string, string | undefined>;
  readonly platform: string;
  /** BCP 47, the system's. */
  readonly locale: string;
  readonly debuggerUrl: string | undefined;
  readonly on: Parameters<typeof installLastResort>[0]['on'];
  readonly print: (line: string) => void;
  readonly random: (bytes: number) => Uint8Array;
};

/** Exit codes: 0 also for a second start, which has done its work by showing the first. */
const refusedStart = 64;
const notConfigured = 78;

export const schemes = [{ scheme: SCHEME, privileges }];

/**
 * Everything before the first window, in an order that matters: a hostile start is refused before anything is read, the profile is
 * chosen before its lock is taken, and the scheme is registered before Electron is ready (security 4, 15, 20).
 */
export const runShell = <P, Image, Menu, Contents>(
  electron: ElectronParts<P, Image, Menu, Contents>,
  process: ShellProcess,
  clock: Clock,
): void => {
  const { app } = electron;
  const systemLanguage = languageOf(undefined, process.locale);
  const strict = app.isPackaged && flavourOf(app.getAppPath()) !== 'test';
  const launch = judgeLaunch({ args: process.args, env: process.env, strict, debuggerUrl: process.debuggerUrl });
  if (launch.kind === 'refused') {
    electron.dialog.showErrorBox(
      say('product', systemLanguage),
      say('refusedStart', systemLanguage, { name: launch.name }),
    );
    return app.exit(refusedStart);
  }
  for (const name of launch.dropVariables) delete process.env[name];

  // Chromium has no sandbox for root: a checkout in a container may go without, and a product never starts so.
  if (!process.args.includes('--no-sandbox')) app.enableSandbox();
  electron.registerScheme();
  app.setAppUserModelId('com.zuoxi.seat');
  const read = strict ? configFromFile(textOf(configFile(process.platform, process.env))) : configFromEnv(process.env);
  const profile = read.ok ? read.value.profileDir : undefined;
  if (profile !== undefined) app.setPath('userData', profile);

  // Links and second starts may come before there is a window to show.
  let onShow = (_link: DeepLink): void => undefined;
  if (!claimInstance(app, (link) => onShow(link))) return app.exit(0);

  const log = createFileLog(
    join(app.getPath('userData'), 'logs'),
    () => clock.nowMs(),
    app.isPackaged ? undefined : process.print,
  );
  installLastResort(process, log);
  if (!read.ok) {
    const file = strict ? configFile(process.platform, process.env) : 'ZUOXI_CENTRAL_URL, ZUOXI_SIP_ORIGINS';
    electron.dialog.showErrorBox(say('product', systemLanguage), say(read.error, systemLanguage, { file }));
    return app.exit(notConfigured);
  }
  if (strict) app.setAsDefaultProtocolClient('zuoxi');
  const config = read.value;
  app
    .whenReady()
    .then(async () => {
      onShow = await startSeat(electron, process, clock, log, config);
    })
    .catch((fault: unknown) => {
      log.error('the shell did not start', faultFields(fault));
      app.exit(1);
    });
};

const startSeat = async <P, Image, Menu, Contents>(
  electron: ElectronParts<P, Image, Menu, Contents>,
  process: ShellProcess,
  clock: Clock,
  log: Log,
  config: ShellConfig,
): Promise<(link: DeepLink) => void> => {
  const settings = createSettings(electron.newSettings(electron.app.getPath('userData')));
  const kept = settings.get().language;
  const seat = await openSeat(electron, {
    config,
    settings,
    language: Language.catch('zh-CN').parse(languageOf(kept, process.locale)),
    log,
    clock,
    env: process.env,
    platform: process.platform,
    random: process.random,
    startHidden: process.args.includes('--hidden'),
  });
  const link = linkInArgs(process.args);
  if (link !== undefined) seat.show(link);
  return seat.show;
};

/** The packaged product carries its flavour in its own package.json, inside the archive whose hash the binary checks. */
const flavourOf = (appPath: string): unknown => {
  try {
    return (JSON.parse(readFileSync(join(appPath, 'package.json'), 'utf8')) as { flavour?: unknown }).flavour;
  } catch {
    return undefined;
  }
};

const textOf = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
};
