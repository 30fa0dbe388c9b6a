/**
 * Finding and starting the Electron runtime. From version 42 on Electron's package installs nothing by itself: its runtime is
 * fetched at first use, from a host that is not the package registry and that many machines may not reach.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { node24, root, toolEnv } from './setup.mjs';

const folder = join(root, 'node_modules/electron');

/** How long one try to fetch the runtime may take before we go on without it, in ms. */
const FETCH_MS = 15_000;

/**
 * A usable Electron runtime: `{ path }`, or `{ why }` with a sentence. Looks where the package keeps it and where
 * ELECTRON_OVERRIDE_DIST_PATH points; with `fetch` tries once to get it. Never takes longer than FETCH_MS.
 */
export async function findElectron({ fetch = mayFetch(), env = process.env, limitMs = FETCH_MS } = {}) {
  const override = env.ELECTRON_OVERRIDE_DIST_PATH;
  if (override) {
    const path = join(override, executable());
    return existsSync(path)
      ? usable(path, env)
      : { why: `ELECTRON_OVERRIDE_DIST_PATH has no ${executable()}: ${override}` };
  }
  if (!existsSync(folder)) return { why: 'the electron package is not installed' };
  const path = installed();
  if (path) return usable(path, env);
  if (!fetch) return { why: "Electron's runtime is not on this machine, and it is not fetched in CI or offline" };
  const failure = await fetchOnce(limitMs, env);
  if (failure) return { why: failure };
  const fetched = installed();
  return fetched ? usable(fetched, env) : { why: "Electron's runtime was fetched, but is not complete" };
}

/** Starts the built seat in Electron. `env` is added to ours: ZUOXI_CENTRAL_URL, ZUOXI_SIP_ORIGINS, ZUOXI_PROFILE_DIR. */
export function startElectronSeat({ electronPath, env, args = [] }) {
  // Chromium's sandbox refuses to run for root; such machines are containers and build hosts, not seats.
  const asRoot = process.platform === 'linux' && process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const { ELECTRON_RUN_AS_NODE: _, NODE_OPTIONS: __, ...own } = process.env;
  return spawn(electronPath, [...asRoot, root, ...args], {
    cwd: root,
    env: { ...own, ...env },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
}

const mayFetch = () => !process.env.CI && process.env.npm_config_offline !== 'true';

const executable = () =>
  ({ darwin: 'Electron.app/Contents/MacOS/Electron', win32: 'electron.exe' })[process.platform] ?? 'electron';

/** Where the package says its runtime is, when it is of the package's own version. */
function installed() {
  try {
    const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const present = readFileSync(join(folder, 'dist/version'), 'utf8').trim().replace(/^v/, '');
    const path = join(folder, 'dist', executable());
    return present === version && existsSync(path) ? path : undefined;
  } catch {
    return undefined;
  }
}

/** A window needs somewhere to appear. */
function usable(path, env) {
  if (process.platform === 'linux' && !env.DISPLAY && !env.WAYLAND_DISPLAY)
    return { why: 'there is no display to open a window on (DISPLAY and WAYLAND_DISPLAY are not set)' };
  return { path };
}

/** Runs the package's own installer, which checks the sum of what it gets; answers a sentence when that fails. */
function fetchOnce(limitMs, env) {
  return new Promise((done) => {
    const child = spawn(node24, [join(folder, 'install.js')], {
      cwd: root,
      env: { ...toolEnv(), ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.on('data', (text) => (said += text));
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      done(`Electron's runtime could not be fetched within ${limitMs / 1000} s`);
    }, limitMs);
    child.on('error', (error) => {
      clearTimeout(timer);
      done(`Electron's runtime could not be fetched: ${error.message}`);
    });
    child.on('exit', (code) => {
      clearTimeout(timer);
      done(code === 0 ? undefined : `Electron's runtime could not be fetched: ${reason(said)}`);
    });
  });
}

/** One line of what the installer said, without addresses. */
function reason(said) {
  const known =
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|CERT_[A-Z_]+|HTTPError: [^(\n]*|fetch failed|Response code \d+/.exec(
      said,
    );
  return known ? known[0].trim() : 'its installer failed';
}
