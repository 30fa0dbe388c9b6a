import { spawn, spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/** A private PostgreSQL on a socket of its own, for tests that a single connection cannot prove. */
export type PrivatePostgres = {
  /** A new database, empty or a copy of one that nobody is connected to (its URL). */
  readonly createDatabase: (copyOf?: string) => string;
  /** Whoever is still connected to it is not any more. */
  readonly dropDatabase: (url: string) => void;
  /** Of the shell in front of the server. */
  readonly pid: number | undefined;
  readonly stop: () => Promise<void>;
};

const binFolders = (): readonly string[] => {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((one, other) => Number(other) - Number(one)) : [];
  return [...versions.map((version) => join(debian, version, 'bin')), ...(process.env['PATH'] ?? '').split(delimiter)];
};

const bin = binFolders().find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')));

/** PostgreSQL refuses to run as root: another user does it. */
const unprivileged = (): { uid: number; gid: number } | undefined => {
  if (process.getuid?.() !== 0) return undefined;
  const users = readFileSync('/etc/passwd', 'utf8').split('\n');
  for (const name of ['postgres', 'nobody']) {
    const [, , uid, gid] = users.find((line) => line.startsWith(`${name}:`))?.split(':') ?? [];
    if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) };
  }
  return undefined;
};

/** Where a program is, the system's own folders included. */
export const inPath = (name: string): string | undefined =>
  [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin']
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path));

export const hasPostgres = bin !== undefined;
if (!hasPostgres)
  process.stderr.write(
    '\n*** NOT TESTED: there is no PostgreSQL (initdb, postgres) on this machine; only the embedded database is. ***\n\n',
  );

/**
 * @param fsync `on` where it is measured; tests need not survive a power cut
 * @param within where its files lie
 */
export const startPostgres = async (
  fsync: 'on' | 'off' = 'off',
  within: string = tmpdir(),
): Promise<PrivatePostgres> => {
  if (bin === undefined) throw new Error('no PostgreSQL here');
  const dir = mkdtempSync(join(within, 'zuoxi-pg-'));
  const user = unprivileged();
  if (user !== undefined) chownSync(dir, user.uid, user.gid);
  const as = { ...user, cwd: dir, env: { PATH: bin, LC_ALL: 'C.UTF-8' }, encoding: 'utf8' } as const;
  const data = join(dir, 'data');
  const initialised = spawnSync(
    join(bin, 'initdb'),
    ['-D', data, '-U', 'zuoxi', '-A', 'trust', '-E', 'UTF8', '--no-locale', '--no-sync'],
    as,
  );
  if (initialised.status !== 0) throw new Error(`initdb failed: ${initialised.stderr}`);
  // No autovacuum: its transactions hold the feed's horizon back for a moment, rightly, and tests count rows at once.
  const args = ['-D', data, '-k', dir, '-c', 'listen_addresses=', '-c', `fsync=${fsync}`, '-c', 'max_connections=60'];
  // The shell between us ends the server when its input closes, so that it does not outlive tests that were killed.
  const server = spawn(
    '/bin/sh',
    [
      '-c',
      '"$@" & server=$!; read -r line; kill -INT "$server"; wait "$server"',
      'sh',
      ...[join(bin, 'postgres'), ...args, '-c', 'autovacuum=off'],
    ],
    { ...user, cwd: dir, env: { ...as.env, PATH: `${bin}:/usr/bin:/bin` }, stdio: ['pipe', 'ignore', 'pipe'] },
  );
  let said = '';
  const ready = new Promise<void>((done, failed) => {
    server.stderr.on('data', (text: Buffer) => {
      said += String(text);
      if (said.includes('ready to accept connections')) done();
    });
    server.on('exit', () => failed(new Error(`postgres ended: ${said.slice(-500)}`)));
  });
  await ready;
  const url = (database: string): string => `postgres://zuoxi@localhost/${database}?host=${encodeURIComponent(dir)}`;
  const tell = (sql: string): void => {
    const args = ['-h', dir, '-U', 'zuoxi', '-d', 'postgres', '-c', sql];
    const own = spawnSync(join(bin, 'psql'), args, as);
    const told = own.error === undefined ? own : spawnSync('psql', args, { ...as, env: process.env });
    if (told.status !== 0) throw new Error(`${sql} failed: ${told.stderr}`);
  };
  let made = 0;
  return {
    createDatabase: (copyOf) => {
      made += 1;
      const name = `t${made}`;
      const template = copyOf === undefined ? '' : ` template ${new URL(copyOf).pathname.slice(1)}`;
      tell(`create database ${name}${template}`);
      return url(name);
    },
    dropDatabase: (copy) => tell(`drop database ${new URL(copy).pathname.slice(1)} with (force)`),
    pid: server.pid,
    stop: async () => {
      server.removeAllListeners('exit');
      const ended = new Promise((done) => void server.once('exit', done));
      server.stdin.end();
      await ended;
      rmSync(dir, { recursive: true, force: true });
    },
  };
};
