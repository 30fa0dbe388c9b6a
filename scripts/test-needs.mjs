/** What the suites need from the machine: installed where that is possible, found or reported where not. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Debian packages by suite. Fonts: without them Chinese text in screenshots is boxes. */
const PACKAGES = {
  // Central on real servers; each test starts its own, nothing of these runs as a service.
  unit: ['postgresql-15', 'nats-server', 'nginx-light'],
  e2e: ['chromium', 'fonts-noto-cjk'],
  // An Asterisk whose customers are its own.
  dialler: ['debootstrap', 'espeak-ng', 'sox'],
  pbx: ['espeak-ng', 'sox', 'sip-tester', 'baresip', 'debootstrap'],
};

const isRoot = process.getuid?.() === 0;
const isDebian = existsSync('/etc/debian_version') && existsSync('/usr/bin/apt-get');

/**
 * Prepares the machine for a suite: `{ kind: 'ready', env }`, `{ kind: 'skip', why }` when this machine cannot, or
 * `{ kind: 'failed', why }` when it should but did not.
 */
export function prepareSuite(suite) {
  if (suite === 'unit') return prepareUnit();
  if (suite === 'dialler') return prepareDialler();
  const cannot = suite === 'pbx' ? whyNoPbx() : undefined;
  if (cannot) return { kind: 'skip', why: cannot };
  const failed =
    isRoot && isDebian
      ? installPackages(suite === 'pbx' ? [...PACKAGES.e2e, ...PACKAGES.pbx] : PACKAGES.e2e)
      : undefined;
  if (failed) return { kind: 'failed', why: failed };
  const browser = findBrowser();
  if (!browser)
    return { kind: 'skip', why: 'no Chrome, Chromium or Edge found; install one, or name it in ZUOXI_BROWSER' };
  return { kind: 'ready', env: { ZUOXI_BROWSER: browser } };
}

/** What is missing here is not tested and said so; the rest is. */
function prepareUnit() {
  const servers = [
    { name: 'PostgreSQL', isHere: () => hasPostgres() },
    { name: 'nats-server', isHere: () => inPath('nats-server') },
    { name: 'nginx', isHere: () => inPath('nginx') },
  ];
  const missing = () => servers.filter(({ isHere }) => !isHere()).map(({ name }) => name);
  let why = 'install it';
  if (missing().length > 0 && isRoot && isDebian) why = withoutServices(() => installPackages(PACKAGES.unit)) ?? why;
  if (missing().length > 0)
    process.stdout.write(
      `\n*** NOT TESTED: central on ${missing().join(', ')}, which this machine lacks: ${why}. ***\n\n`,
    );
  return { kind: 'ready', env: {} };
}

function hasPostgres() {
  const debian = '/usr/lib/postgresql';
  const installed =
    existsSync(debian) && readdirSync(debian).some((version) => existsSync(join(debian, version, 'bin/initdb')));
  return installed || inPath('initdb');
}

function inPath(name) {
  return [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin'].some((folder) => existsSync(join(folder, name)));
}

/** Debian starts what it installs unless this file says no (policy-rc.d, Debian policy 9.3.3). */
function withoutServices(work) {
  const policy = '/usr/sbin/policy-rc.d';
  if (existsSync(policy)) return work();
  writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    return work();
  } finally {
    rmSync(policy, { force: true });
  }
}

/** Without a browser. */
function prepareDialler() {
  const cannot = whyNoPbx();
  if (cannot) return { kind: 'skip', why: cannot };
  const failed = isDebian ? installPackages(PACKAGES.dialler) : undefined;
  return failed ? { kind: 'failed', why: failed } : { kind: 'ready', env: {} };
}

function whyNoPbx() {
  if (process.platform !== 'linux') return 'a private Asterisk needs Linux';
  if (!isRoot) return 'a private Asterisk needs root (chroot)';
  if (!isDebian && !existsSync('/usr/sbin/debootstrap'))
    return 'a private Asterisk needs debootstrap, which this system lacks';
  return undefined;
}

/** Installs what is missing; returns a sentence when that fails. */
function installPackages(names) {
  const missing = names.filter((name) => {
    const { stdout } = spawnSync('dpkg-query', ['-W', '-f=${Status}', name], { encoding: 'utf8' });
    return !stdout.includes('install ok installed');
  });
  if (missing.length === 0) return undefined;
  process.stdout.write(`system packages: installing ${missing.join(', ')} …\n`);
  const aptGet = (...args) =>
    spawnSync('apt-get', ['-qq', '-o', 'Acquire::Retries=3', ...args], {
      encoding: 'utf8',
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
  aptGet('update');
  const { status, stderr } = aptGet('install', '--yes', '--no-install-recommends', ...missing);
  return status === 0 ? undefined : `could not install ${missing.join(', ')}\n${stderr}`;
}

function findBrowser() {
  return browserCandidates().find((path) => path && existsSync(path));
}

function browserCandidates() {
  const named = process.env.ZUOXI_BROWSER;
  if (process.platform === 'darwin')
    return [
      named,
      '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
      '/Applications/Chromium.app/Contents/MacOS/Chromium',
      '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
    ];
  if (process.platform === 'win32')
    return [
      named,
      ...['ProgramFiles', 'ProgramFiles(x86)', 'LocalAppData'].flatMap((variable) =>
        ['Google/Chrome/Application/chrome.exe', 'Microsoft/Edge/Application/msedge.exe'].map(
          (path) => process.env[variable] && join(process.env[variable], path),
        ),
      ),
    ];
  return [
    named,
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
    '/usr/bin/google-chrome-stable',
    '/usr/bin/microsoft-edge',
  ];
}
