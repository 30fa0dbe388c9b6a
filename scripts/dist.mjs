/**
 * `npm run dist:dir [-- --test]`: builds everything, checks it, and packages it for this platform into release/, unpacked.
 *
 * Where Electron's runtime cannot be had, the same packaging is rehearsed with a stand-in for the runtime: electron-builder reads
 * and checks the configuration, collects the files, writes the archive and sets the fuses, and the result is inspected and thrown
 * away. Exit codes: 0 packaged; 1 something is wrong; 3 checked only, nothing packaged.
 *
 * `--test`: the flavour for test/electron, which lets a debugger in. Never to be given to anyone.
 * `--rehearse`: only checks, also where the runtime is at hand.
 * `--no-build`: dist/ is taken as it is.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { checkBundles, inspectPackage, standInRuntime, startPackedThread } from './dist-check.mjs';
import { findElectron } from './electron.mjs';
import { captureNode, superviseNode, toolPath } from './run.mjs';
import { ensureDependencies, root } from './setup.mjs';

const CHECKED_ONLY = 3;
const flavour = process.argv.includes('--test') ? 'test' : 'release';

await ensureDependencies();
if (!process.argv.includes('--no-build')) {
  const built = await superviseNode('scripts/build.mjs', ['--if-changed']);
  if (built !== 0) process.exit(built);
}
stopIf('bundles', checkBundles(join(root, 'dist')));

const runtime = process.argv.includes('--rehearse')
  ? { why: 'only a rehearsal was asked for' }
  : await findElectron({ env: { DISPLAY: 'not needed to package', ...process.env } });
process.exitCode = runtime.path ? await pack(runtime.path) : await rehearse(runtime.why);

async function pack(electronPath) {
  const output = join(root, 'release');
  await build(output, distFolder(electronPath), []);
  const folder = { win32: 'win-unpacked', linux: 'linux-unpacked' }[process.platform];
  if (folder) stopIf('package', inspectPackage(join(output, folder), flavour));
  process.stdout.write(`dist: packaged (${flavour}) in ${join(output, folder ?? '')}\n`);
  return 0;
}

async function rehearse(why) {
  const output = mkdtempSync(join(tmpdir(), 'zuoxi-dist-'));
  try {
    // Linux's layout is plain folders, so the rehearsal runs on every system.
    const unpacked = join(output, 'linux-unpacked');
    await build(output, standInRuntime(join(output, 'runtime')), ['--linux', 'dir', '--x64']);
    stopIf('rehearsed package', inspectPackage(unpacked, flavour));
    stopIf('rehearsed package', await startPackedThread(unpacked, join(output, 'thread')));
  } finally {
    rmSync(output, { recursive: true, force: true });
  }
  process.stdout.write(`dist: checked only, stopped before packaging for real — ${why}.\n`);
  return CHECKED_ONLY;
}

async function build(output, electronDist, target) {
  const settings = {
    'directories.output': output,
    electronDist,
    ...(flavour === 'test'
      ? { 'electronFuses.enableNodeCliInspectArguments': 'true', 'extraMetadata.flavour': 'test' }
      : {}),
  };
  const args = [toolPath('electron-builder', 'electron-builder'), '--dir', '--publish', 'never', ...target];
  for (const [name, value] of Object.entries(settings)) args.push(`-c.${name}=${value}`);
  const { code, output: said } = await captureNode(args, { limitMs: 180_000 });
  if (code !== 0) stopIf('electron-builder', [said.trimEnd().split('\n').slice(-15).join('\n')]);
}

/** electron-builder wants the folder of the runtime; on macOS the program lies three below it. */
function distFolder(path) {
  return process.platform === 'darwin' ? join(dirname(path), '../../..') : dirname(path);
}

function stopIf(step, faults) {
  if (faults.length === 0) return;
  process.stderr.write(`dist: ${step}: ${faults.join('\n')}\n`);
  process.exit(1);
}
