/**
 * A private coturn for tests: own folder, free ports on loopback, a secret of this run. Plain JavaScript for Node ≥ 20 and no packages.
 *
 * Where the machine has none, Debian's packages are unpacked into the cache and started from there with their own libraries: nothing is
 * installed and no service is set up. That needs apt-get and no root.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHmac, randomBytes, randomInt } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createSocket } from 'node:dgram';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setpriv } from './pbx-install.mjs';

const host = '127.0.0.1';
const realm = 'zuoxi.invalid';
const bootMs = 10_000;
const stopMs = 2_000;
const downloadMs = 180_000;

/** An expected reason why there is no relay, in a sentence. */
class TurnUnavailable extends Error {
  /** @param {string} sentence */
  constructor(sentence) {
    super(sentence);
    this.name = 'TurnUnavailable';
  }
}

const cache = () => join(process.env.ZUOXI_CACHE ?? join(homedir(), '.cache', 'zuoxi'), 'coturn');

/**
 * Why `startTurn` could not succeed here, or undefined when it can be tried.
 * @returns {string | undefined}
 */
export const whyNoTurn = () => {
  if (process.platform !== 'linux') return 'A private coturn needs Linux.';
  if (findTurn() !== undefined || existsSync('/usr/bin/apt-get')) return undefined;
  return 'There is no coturn here, and no apt-get to get it with. Install coturn 4.5 or newer yourself.';
};

/** @returns {import('./turn-instance.d.mts').Coturn | undefined} */
const findTurn = () => {
  const installed = ['/usr/bin/turnserver', '/usr/local/bin/turnserver', '/usr/sbin/turnserver'].find((file) =>
    existsSync(file),
  );
  if (installed !== undefined) return { file: installed, libraries: undefined };
  const root = cache();
  // The stamp is written last: a folder without it is a half-made one.
  if (!existsSync(join(root, 'zuoxi-complete'))) return undefined;
  const lib = join(root, 'usr/lib');
  const folders = readdirSync(lib).filter((name) => name.includes('-linux-gnu'));
  const libraries = folders.flatMap((name) => [join(lib, name), join(root, 'lib', name)]).join(':');
  return { file: join(root, 'usr/bin/turnserver'), libraries };
};

/**
 * coturn of this machine or of the cache, fetched into it when missing (seconds, once).
 * @param {(line: string) => void} tell
 * @returns {import('./turn-instance.d.mts').Coturn}
 * @throws {TurnUnavailable}
 */
const provideTurn = (tell) => {
  const why = whyNoTurn();
  if (why !== undefined) throw new TurnUnavailable(why);
  const found = findTurn();
  if (found !== undefined) return found;
  const root = cache();
  tell(`fetching coturn into ${root} (once)`);
  mkdirSync(join(root, '..'), { recursive: true });
  // Made beside its place and renamed when whole; who comes second throws its own away.
  const partial = mkdtempSync(`${root}.`);
  try {
    const archives = join(partial, 'archives');
    mkdirSync(join(archives, 'partial'), { recursive: true });
    fetchPackages(archives);
    for (const name of readdirSync(archives).filter((file) => file.endsWith('.deb')))
      done(run('dpkg-deb', ['-x', join(archives, name), partial]), 'Its packages could not be unpacked');
    rmSync(archives, { recursive: true });
    writeFileSync(join(partial, 'zuoxi-complete'), `${new Date().toISOString()}\n`);
    if (!existsSync(join(root, 'zuoxi-complete'))) renameSync(partial, root);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
  const made = findTurn();
  if (made === undefined) throw new TurnUnavailable(`coturn was fetched into ${root} and is not whole. Remove it.`);
  return made;
};

/**
 * coturn and those of its libraries this machine lacks.
 * @param {string} archives
 */
const fetchPackages = (archives) => {
  const fetched = () =>
    run('apt-get', [
      ...['-qq', '-o', 'Debug::NoLocking=1', '-o', `Dir::Cache::archives=${archives}`, '-o', 'Acquire::Retries=3'],
      ...['--yes', '--no-install-recommends', '--download-only', 'install', 'coturn'],
    ]);
  const first = fetched();
  if (first.status === 0) return;
  // The lists may be missing or old.
  if (process.getuid?.() === 0) run('apt-get', ['-qq', 'update']);
  done(fetched(), 'coturn could not be fetched with apt-get');
};

/**
 * @param {string} file
 * @param {readonly string[]} args
 */
const run = (file, args) =>
  spawnSync(file, args, {
    encoding: 'utf8',
    timeout: downloadMs,
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' },
  });

/**
 * @param {ReturnType<typeof run>} ended
 * @param {string} otherwise
 */
const done = ({ status, stderr }, otherwise) => {
  if (status !== 0) throw new TurnUnavailable(`${otherwise}: ${stderr.trim().split('\n').slice(-2).join(' / ')}`);
};

/**
 * Starts a relay that takes credentials made with its secret (TURN REST API); resolved once it answers.
 * @param {import('./turn-instance.d.mts').TurnOptions} [options]
 * @returns {Promise<import('./turn-instance.d.mts').RunningTurn>}
 * @throws {TurnUnavailable}
 */
export const startTurn = async (options = {}) => {
  const coturn = provideTurn(options.tell ?? (() => undefined));
  const secret = randomBytes(18).toString('base64url');
  const dir = mkdtempSync(join(tmpdir(), 'zuoxi-turn-'));
  const port = await freePort();
  write(dir, port, secret);
  let child = launch(coturn, dir);
  const start = async () => {
    if (!isRunning(child)) child = launch(coturn, dir);
    for (const until = Date.now() + bootMs; !(await answers(port));) {
      if (!isRunning(child) || Date.now() > until)
        throw new TurnUnavailable(`coturn did not start: ${log(dir).split('\n').slice(-3).join(' / ')}`);
    }
  };
  const stop = async () => {
    await end(child);
    rmSync(dir, { recursive: true, force: true });
  };
  try {
    await start();
  } catch (fault) {
    await stop();
    throw fault;
  }
  return {
    url: `turn:${host}:${port}?transport=udp`,
    stunUrl: `stun:${host}:${port}`,
    secret,
    credentials: (name, lifeSeconds) => credentials(secret, name, lifeSeconds),
    hasGiven: (relayPort) => new RegExp(`Local relay addr: ${host}:${relayPort}\\b`).test(log(dir)),
    log: () => log(dir),
    kill: () => end(child, 'SIGKILL'),
    start,
    stop,
  };
};

/**
 * @param {string} secret
 * @param {string} name
 * @param {number} lifeSeconds
 */
const credentials = (secret, name, lifeSeconds) => {
  const username = `${Math.floor(Date.now() / 1_000) + lifeSeconds}:${name}`;
  return { username, credential: createHmac('sha1', secret).update(username).digest('base64') };
};

/**
 * @param {string} dir
 * @param {number} port
 * @param {string} secret
 */
const write = (dir, port, secret) => {
  // 500 ports from a random start: two relays seldom look in the same place.
  const first = 42_000 + 500 * randomInt(20);
  const lines = [
    ...[`listening-ip=${host}`, `listening-port=${port}`, `relay-ip=${host}`, `min-port=${first}`],
    ...[`max-port=${first + 499}`, `realm=${realm}`, 'use-auth-secret', `static-auth-secret=${secret}`],
    ...['no-tls', 'no-dtls', 'no-cli', 'no-multicast-peers', 'allow-loopback-peers', 'no-software-attribute'],
    ...[`log-file=${join(dir, 'turn.log')}`, 'simple-log', 'verbose', 'relay-threads=1'],
    ...[`pidfile=${join(dir, 'turn.pid')}`, `userdb=${join(dir, 'turn.db')}`],
  ];
  writeFileSync(join(dir, 'turn.conf'), `${lines.join('\n')}\n`, { mode: 0o600 });
};

/**
 * @param {import('./turn-instance.d.mts').Coturn} coturn
 * @param {string} dir
 */
const launch = (coturn, dir) => {
  const command = [coturn.file, '-c', join(dir, 'turn.conf')];
  // If this process is killed outright the kernel ends coturn too.
  const [file = '', ...args] = existsSync(setpriv) ? [setpriv, '--pdeathsig', 'KILL', ...command] : command;
  const child = spawn(file, args, {
    stdio: 'ignore',
    cwd: dir,
    env: {
      PATH: '/usr/bin:/bin',
      HOME: dir,
      ...(coturn.libraries === undefined ? {} : { LD_LIBRARY_PATH: coturn.libraries }),
    },
  });
  child.on('error', () => undefined); // seen as an early exit
  return child;
};

/** @param {import('node:child_process').ChildProcess} child */
const isRunning = (child) => child.pid !== undefined && child.exitCode === null && child.signalCode === null;

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {NodeJS.Signals} [signal]
 */
const end = async (child, signal = 'SIGTERM') => {
  if (!isRunning(child)) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill(signal);
  const timer = setTimeout(() => child.kill('SIGKILL'), stopMs);
  await gone;
  clearTimeout(timer);
};

/** @param {string} dir */
const log = (dir) => {
  const file = join(dir, 'turn.log');
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
};

/**
 * Asks with a STUN binding request (RFC 8489) until the next tenth of a second.
 * @param {number} port
 * @returns {Promise<boolean>}
 */
const answers = (port) =>
  new Promise((resolve) => {
    const socket = createSocket('udp4');
    const finish = (/** @type {boolean} */ is) => {
      clearTimeout(timer);
      socket.close();
      resolve(is);
    };
    const timer = setTimeout(() => finish(false), 100);
    socket.on('message', () => finish(true));
    socket.on('error', () => undefined); // nobody listens there yet
    const request = Buffer.concat([Buffer.from('000100002112a442', 'hex'), randomBytes(12)]);
    socket.send(request, port, host, () => undefined);
  });

/** @returns {Promise<number>} */
const freePort = () =>
  new Promise((resolve, reject) => {
    const socket = createSocket('udp4');
    socket.on('error', reject);
    socket.bind(0, host, () => {
      const { port } = socket.address();
      socket.close(() => resolve(port));
    });
  });
