import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findAsterisk } from '../../../scripts/pbx-install.mjs';
import type { Seat } from './seat.ts';
import type { World } from './world.ts';

/** Read before anything is cleared away: what each end, the wire and the exchange know of the calls of a scenario that failed. */
export const evidenceOf = async (world: World, why: string): Promise<string> => {
  const { sip, customer } = world.exchange.descriptor;
  const parts = [
    why,
    ...(await Promise.all([world.agent, world.colleague].map(ofSeat))),
    `trunk ${sip.host}:${sip.port} ${customer.host}:${customer.port}`,
    ...world.trunk.tape.sinceMark().map(({ from, text }) => `--- from ${from}\n${text}`),
    ...(await Promise.all(
      [
        'core show channels verbose',
        'bridge show all',
        'pjsip show channelstats',
        ...(await world.channels()).map((name) => `core show channel ${name}`),
      ].map((command) => cli(world.exchange.dir, command)),
    )),
    world.exchange.messages(),
  ];
  return parts.join('\n\n');
};

/** @returns the file it was written to */
export const keepEvidence = async (folder: string, name: string, text: string): Promise<string> => {
  await mkdir(folder, { recursive: true });
  const file = join(folder, `${name.replaceAll(/[^\p{L}\p{N}]+/gu, '-')}-${Date.now()}.txt`);
  await writeFile(file, text, { mode: 0o600 });
  return file;
};

const ofSeat = async (seat: Seat): Promise<string> => {
  const once = await seat.page.evaluate(() => window.seat.stats());
  await new Promise((resolve) => setTimeout(resolve, 300));
  const again = await seat.page.evaluate(() => window.seat.stats());
  return [
    `=== ${seat.name}: ${JSON.stringify(seat.state())}`,
    `stats ${once}`,
    `300 ms later ${again}`,
    ...seat.line.tape.sinceMark().map(({ from, text }) => `--- from ${from}\n${text}`),
  ].join('\n');
};

const cli = (dir: string, command: string): Promise<string> => {
  const [file = '', ...args] = findAsterisk()?.command ?? [];
  return new Promise((resolve) =>
    execFile(file, [...args, '-C', join(dir, 'etc/asterisk.conf'), '-rx', command], (error, stdout) =>
      resolve(`# ${command}\n${error === null ? stdout : error.message}`),
    ),
  );
};
