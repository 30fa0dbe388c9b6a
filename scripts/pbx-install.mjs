/**
 * Finds Asterisk, or puts Debian's into a cache folder. Plain JavaScript for Node ≥ 20 and no packages: it runs before
 * anything is installed.
 *
 * Debian's binaries in the cache are started with their own loader and libraries (`ld.so --library-path`), not in a chroot:
 * no root, no mounts and nothing to undo when a private instance ends. Root is needed once, by debootstrap.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const oldestMajor = 20;
const installMs = 15 * 60_000;
/** Of util-linux: lets the kernel end a child when this process dies. */
export const setpriv = '/usr/bin/setpriv';

/** An expected reason why there is no exchange, in a sentence for the person at the terminal. */
export class PbxUnavailable extends Error {
  /** @param {string} sentence */
  constructor(sentence) {
    super(sentence);
    this.name = 'PbxUnavailable';
  }
}

/** The cache folder of Debian's Asterisk. */
export const asteriskCache = () => join(process.env.ZUOXI_CACHE ?? join(homedir(), '.cache', 'zuoxi'), 'asterisk-22');

/**
 * Asterisk of this machine or of the cache, without installing anything.
 * @returns {import('./pbx-install.d.mts').Asterisk | undefined}
 */
export const findAsterisk = () => installedAsterisk() ?? cachedAsterisk(asteriskCache());

/**
 * Why `provideAsterisk` could not succeed here, or undefined when it can be tried.
 * @returns {string | undefined}
 */
export const whyNoAsterisk = () => {
  if (process.platform !== 'linux') return 'A private Asterisk needs Linux.';
  if (findAsterisk() !== undefined) return undefined;
  if (process.getuid?.() !== 0)
    return `There is no Asterisk ${oldestMajor} or newer here, and installing one into ${asteriskCache()} needs root once. Run "sudo -E npm run pbx -- --install", or install Asterisk yourself.`;
  if (!inPath('debootstrap') && !inPath('apt-get'))
    return 'There is no Asterisk here, and neither debootstrap nor apt-get to install it with. Install Asterisk 20 or newer yourself.';
  return undefined;
};

/**
 * Asterisk ≥ 20, installed into the cache when missing (about a minute, once).
 * @param {(line: string) => void} tell progress, in sentences
 * @returns {Promise<import('./pbx-install.d.mts').Asterisk>}
 * @throws {PbxUnavailable}
 */
export const provideAsterisk = async (tell) => {
  const why = whyNoAsterisk();
  if (why !== undefined) throw new PbxUnavailable(why);
  return findAsterisk() ?? (await installIntoCache(asteriskCache(), tell));
};

const installedAsterisk = () => {
  const moduleDir = moduleDirs('').find((dir) => existsSync(join(dir, 'res_pjsip_transport_websocket.so')));
  const dataDir = ['/usr/share/asterisk', '/var/lib/asterisk'].find((dir) => existsSync(dir));
  if (moduleDir === undefined || dataDir === undefined || !inPath('asterisk')) return undefined;
  return checked({ command: ['asterisk'], moduleDir, dataDir, origin: 'machine' });
};

/** @param {string} root */
const cachedAsterisk = (root) => {
  // The stamp is written last: a root without it is a half-made one.
  if (!existsSync(join(root, 'zuoxi-complete'))) return undefined;
  const libraries = readdirSync(join(root, 'usr/lib')).filter((name) => name.includes('-linux-gnu'));
  const loader = ['usr/lib64', 'usr/lib', ...libraries.map((name) => `usr/lib/${name}`)]
    .flatMap((dir) =>
      existsSync(join(root, dir)) ? readdirSync(join(root, dir)).map((name) => join(root, dir, name)) : [],
    )
    .find((file) => /\/ld-linux[^/]*\.so\.\d$/.test(file));
  const moduleDir = moduleDirs(root).find((dir) => existsSync(join(dir, 'res_pjsip_transport_websocket.so')));
  if (loader === undefined || moduleDir === undefined) return undefined;
  const path = libraries.map((name) => join(root, 'usr/lib', name)).join(':');
  const command = [loader, '--library-path', path, join(root, 'usr/sbin/asterisk')];
  return checked({ command, moduleDir, dataDir: join(root, 'usr/share/asterisk'), origin: 'cache' });
};

/** @param {string} root */
const moduleDirs = (root) => {
  const lib = join(root === '' ? '/' : root, 'usr/lib');
  const triplets = existsSync(lib) ? readdirSync(lib).filter((name) => name.includes('-linux-gnu')) : [];
  return [
    ...triplets.map((name) => join(lib, name, 'asterisk/modules')),
    join(lib, 'asterisk/modules'),
    `${lib}64/asterisk/modules`,
  ];
};

/** @param {Omit<import('./pbx-install.d.mts').Asterisk, 'version'>} found */
const checked = (found) => {
  const [file = '', ...args] = found.command;
  const { stdout } = spawnSync(file, [...args, '-V'], { encoding: 'utf8', timeout: 10_000 });
  const version = /Asterisk (\d+\.[\w.]+)/.exec(stdout ?? '')?.[1];
  return version !== undefined && Number.parseInt(version, 10) >= oldestMajor ? { ...found, version } : undefined;
};

/**
 * @param {string} root
 * @param {(line: string) => void} tell
 */
const installIntoCache = async (root, tell) => {
  const unlock = await lock(`${root}.lock`, tell);
  try {
    const ready = cachedAsterisk(root);
    if (ready !== undefined) return ready;
    if (!inPath('debootstrap')) await installDebootstrap(tell);
    // Made beside its place and renamed when whole, so an interrupted run never leaves something that looks usable.
    const partial = `${root}.partial`;
    for (const leftover of [partial, root]) removeTree(leftover);
    tell(`installing Asterisk 22 into ${root} (about a minute, once)`);
    await debootstrap(partial);
    for (const ballast of ['var/cache/apt', 'var/lib/apt', 'usr/share/doc', 'usr/share/man', 'usr/share/locale'])
      rmSync(join(partial, ballast), { recursive: true, force: true });
    writeFileSync(join(partial, 'zuoxi-complete'), `${new Date().toISOString()}\n`);
    renameSync(partial, root);
    const made = cachedAsterisk(root);
    if (made === undefined)
      throw new PbxUnavailable(
        `Debian was installed into ${root}, but its Asterisk does not start. Remove the folder and try again.`,
      );
    return made;
  } finally {
    unlock();
  }
};

/**
 * Removes a half-made root. debootstrap mounts /proc and /sys in it for a while; killed, it leaves them, and deleting through a
 * mounted /sys is nothing to try.
 * @param {string} dir
 */
const removeTree = (dir) => {
  const mounted = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((path) => path.startsWith(`${dir}/`))
    .reverse();
  for (const path of mounted) {
    const { status, stderr } = spawnSync('umount', [path], { encoding: 'utf8' });
    if (status !== 0)
      throw new PbxUnavailable(
        `${path} is mounted by an earlier installation and cannot be unmounted: ${stderr.trim()}`,
      );
  }
  rmSync(dir, { recursive: true, force: true });
};

/** @param {string} target */
const debootstrap = async (target) => {
  const mirror = process.env.ZUOXI_DEBIAN_MIRROR ?? 'http://deb.debian.org/debian';
  const done = await run('debootstrap', ['--variant=minbase', '--include=asterisk', 'sid', target, mirror]);
  if (done.code === 0) return;
  if (/Failed getting release file|Couldn't download|Unable to connect|resolve/i.test(done.output))
    throw new PbxUnavailable(
      `Debian's packages could not be fetched from ${mirror}. Check the network, or name another mirror in ZUOXI_DEBIAN_MIRROR.`,
    );
  throw new PbxUnavailable(`debootstrap could not make ${target}: ${lastLines(done.output)}`);
};

/** @param {(line: string) => void} tell */
const installDebootstrap = async (tell) => {
  tell('installing debootstrap with apt-get');
  await run('apt-get', ['update', '-q']);
  const done = await run('apt-get', ['install', '-y', '-q', '--no-install-recommends', 'debootstrap']);
  if (done.code !== 0) throw new PbxUnavailable(`debootstrap could not be installed: ${lastLines(done.output)}`);
};

/**
 * One installer at a time. A lock whose owner is gone is taken over.
 * @param {string} path
 * @param {(line: string) => void} tell
 */
const lock = async (path, tell) => {
  mkdirSync(join(path, '..'), { recursive: true });
  for (let waited = 0; ; waited += 500) {
    try {
      writeFileSync(path, String(process.pid), { flag: 'wx' });
      return () => rmSync(path, { force: true });
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
    const owner = Number(existsSync(path) ? readFileSync(path, 'utf8') : '');
    if (owner > 0 && !isAlive(owner)) rmSync(path, { force: true });
    else if (waited === 0) tell('waiting for another installation of Asterisk to end');
    else if (waited > installMs)
      throw new PbxUnavailable(`Another installation of Asterisk does not end; remove ${path} when none is running.`);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
};

/** @param {number} pid */
const isAlive = (pid) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/**
 * @param {string} file
 * @param {readonly string[]} args
 * @returns {Promise<{ code: number; output: string }>}
 */
const run = (file, args) =>
  new Promise((resolve) => {
    // Should this process be killed, the installation ends too: two of them in one folder would spoil it.
    const tied = existsSync(setpriv) ? [setpriv, '--pdeathsig', 'TERM', file, ...args] : [file, ...args];
    const child = spawn(tied[0] ?? file, tied.slice(1), {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' },
    });
    let output = '';
    const keep = (/** @type {Buffer} */ chunk) => {
      output = (output + chunk.toString('utf8')).slice(-20_000);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const timer = setTimeout(() => child.kill('SIGKILL'), installMs);
    child.on('error', (error) => (output += error.message));
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ code: code ?? 1, output });
    });
  });

/** @param {string} output */
const lastLines = (output) => output.trim().split('\n').slice(-3).join(' / ');

/** @param {string} name */
const inPath = (name) =>
  [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin'].some(
    (dir) => dir !== '' && existsSync(join(dir, name)),
  );
