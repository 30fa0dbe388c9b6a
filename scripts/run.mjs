/** Starting the product's programs from npm scripts, and ending them with everything they started. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { node24, root, toolEnv } from './setup.mjs';

/** How long a program may take to stop by itself after Ctrl-C, in ms. */
const GRACE_MS = 10_000;

const onWindows = process.platform === 'win32';

/**
 * Runs a TypeScript program of the repository under Node 24, hands it our signals, and resolves with its exit code.
 *
 * The program leads a process group of its own: Ctrl-C reaches it once (from us), and whatever it leaves behind can be
 * ended with the group. Through the channel it also notices when we are killed outright (stop-with-parent.mjs).
 */
export function superviseNode(program, args) {
  const child = spawn(node24, ['--import', new URL('stop-with-parent.mjs', import.meta.url).href, program, ...args], {
    cwd: root,
    env: toolEnv(),
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    detached: !onWindows,
  });

  let deadline;
  const forward = (signal) => {
    // A Windows console gives Ctrl-C to every process in it; sending it again would end the child at once.
    if (!onWindows) child.kill(signal);
    deadline ??= setTimeout(() => {
      process.stderr.write(`${program} did not stop within ${GRACE_MS / 1000} s; ending it.\n`);
      endGroup(child);
    }, GRACE_MS);
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, forward);

  return new Promise((done) => {
    child.on('error', (error) => {
      process.stderr.write(`${program} could not be started: ${error.message}\n`);
      done(1);
    });
    child.on('exit', (code, signal) => {
      clearTimeout(deadline);
      for (const name of signals) process.off(name, forward);
      endGroup(child);
      done(code ?? (signal === 'SIGINT' ? 130 : 143));
    });
  });
}

/** Ends what is left of the program's process group; nothing left is the normal case. */
function endGroup(child) {
  if (onWindows) return void child.kill('SIGKILL');
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

/** Builds the pages and the shell around them when their sources changed since the last build; ends this process when that fails. */
export async function buildPages() {
  const code = await superviseNode('scripts/build.mjs', ['--if-changed']);
  if (code !== 0) process.exit(code);
}

/** The script behind a command of an installed package, to be run by Node on any system (`.cmd` shims need a shell). */
export function toolPath(packageName, command) {
  const folder = join(root, 'node_modules', packageName);
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return join(folder, typeof bin === 'string' ? bin : bin[command]);
}

/**
 * Runs Node 24 with these arguments, collecting what it prints, for at most `limitMs`; then it and all it started end.
 * Resolves with `{ code, output }`; a run that was cut short has code 1 and says so.
 */
export function captureNode(args, { limitMs, env = {} }) {
  const child = spawn(node24, args, {
    cwd: root,
    // The output is read later and elsewhere: no colours.
    env: { ...toolEnv(), NO_COLOR: '1', FORCE_COLOR: undefined, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: !onWindows,
  });
  const stopWithUs = () => {
    endGroup(child);
    process.exit(130);
  };
  process.once('SIGINT', stopWithUs).once('SIGTERM', stopWithUs);

  return new Promise((done) => {
    let output = '';
    child.stdout.on('data', (text) => (output += text));
    child.stderr.on('data', (text) => (output += text));
    const deadline = setTimeout(() => {
      output += `\nnot finished after ${limitMs / 1000} s: ended\n`;
      endGroup(child);
    }, limitMs);
    const finish = (code) => {
      clearTimeout(deadline);
      process.off('SIGINT', stopWithUs).off('SIGTERM', stopWithUs);
      done({ code, output });
    };
    child.on('error', (error) => {
      output += error.message;
      finish(1);
    });
    // What a run leaves behind would hold the pipes open for ever: end it, then read to their end.
    child.on('exit', () => endGroup(child));
    child.on('close', (code) => finish(code ?? 1));
  });
}
