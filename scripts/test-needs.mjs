/** What the end-to-end suites need from the machine: installed where that is possible, found or reported where not. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Debian packages by suite. Fonts: without them Chinese text in screenshots is boxes. */
const PACKAGES = {
  e2e: ['chromium', 'fonts-noto-cjk'],
  pbx: ['espeak-ng', 'sox', 'sip-tester', 'baresip', 'debootstrap'],
};

const isRoot = process.getuid?.() === 0;
const isDebian = existsSync('/etc/debian_version') && existsSync('/usr/bin/apt-get');

/**
 * Prepares the machine for a suite: `{ kind: 'ready', env }`, `{ kind: 'skip', why }` when this machine cannot, or
 * `{ kind: 'failed', why }` when it should but did not.
 */
export function prepareSuite(suite) {
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
