/**
 * What every npm script does first: see that node_modules is what package-lock.json says, install it when not.
 * Runs on a bare Node 20 before anything is installed, so it imports only node:*.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

const OLDEST_NODE = 20;

/** The Node that runs the product and its tests: a dependency, so that it is the same on every machine. */
export const node24 = join(root, 'node_modules/node/bin', process.platform === 'win32' ? 'node.exe' : 'node');

/** Environment in which `node` is Node 24 and installed tools are found by name. */
export const toolEnv = () => {
  // On Windows the variable is called Path, whatever its case; two spellings would be two variables.
  const key = Object.keys(process.env).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH';
  return { ...process.env, [key]: [join(root, 'node_modules/.bin'), process.env[key]].join(delimiter) };
};

/** Makes node_modules match the lock file. Says what it does in one line; ends the process with a sentence when it cannot. */
export async function ensureDependencies() {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < OLDEST_NODE) stop(`Node ${process.versions.node} is too old: Zuoxi needs Node ${OLDEST_NODE} or newer.`);
  if (isInstalled()) return;

  const started = Date.now();
  process.stdout.write('dependencies: installing (about a minute, only now) …\n');
  const { code, output } = await runNpm(['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  if (code !== 0) stop(whyNpmFailed(output));
  if (!isInstalled())
    stop(
      'dependencies: npm finished, but node_modules still differs from package-lock.json. Delete node_modules and try again.',
    );
  process.stdout.write(`dependencies: ready after ${Math.round((Date.now() - started) / 1000)} s\n`);
}

/**
 * npm writes node_modules/.package-lock.json last, as the list of what is really there: an interrupted install has
 * none, and a changed lock file shows in the versions. Optional packages of other platforms may be absent.
 */
function isInstalled() {
  const listed = join(root, 'node_modules/.package-lock.json');
  if (!existsSync(listed) || !existsSync(node24)) return false;
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  const present = JSON.parse(readFileSync(listed, 'utf8')).packages;
  return Object.entries(wanted).every(
    ([path, { version, optional, devOptional, peer }]) =>
      path === '' || present[path]?.version === version || (!present[path] && (optional || devOptional || peer)),
  );
}

/** Runs the npm that started us, or the one on the PATH. */
function runNpm(args) {
  const viaNode = process.env.npm_execpath?.endsWith('.js');
  const [command, ...rest] = viaNode ? [process.execPath, process.env.npm_execpath, ...args] : ['npm', ...args];
  return new Promise((done) => {
    const child = spawn(command, rest, { cwd: root, shell: !viaNode && process.platform === 'win32' });
    let output = '';
    child.stdout.on('data', (text) => (output += text));
    child.stderr.on('data', (text) => (output += text));
    child.on('error', (error) => done({ code: 1, output: String(error) }));
    child.on('close', (code) => done({ code, output }));
  });
}

function whyNpmFailed(output) {
  if (/ENOENT.*npm|spawn npm/.test(output))
    return 'dependencies: npm was not found; it comes with Node. Install it and try again.';
  if (/EAI_AGAIN|ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|network/i.test(output))
    return `dependencies: the package registry could not be reached. Connect to the network (or set npm's proxy) and try again.\n${tail(output)}`;
  if (/ENOSPC/.test(output)) return 'dependencies: the disk is full; about 1.5 GB are needed.';
  return `dependencies: npm ci failed.\n${tail(output)}`;
}

const tail = (text) => text.trimEnd().split('\n').slice(-15).join('\n');

function stop(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}
