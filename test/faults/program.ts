import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cpuMsOf } from '../bench/measure/processor.ts';
import { scratchFolder } from './scratch.ts';

/** A process that can be frozen, thawed and killed; whoever runs it learns of an end nobody asked for. */
export type Program<To> = {
  readonly say: (message: To) => void;
  readonly isFrozen: () => boolean;
  readonly freeze: () => void;
  readonly thaw: () => void;
  /** kill -9. Resolves when it is gone. */
  readonly kill: () => Promise<void>;
  /** Resolves when it has gone by itself. */
  readonly gone: Promise<void>;
  readonly pid: number;
};

/** Processor's time by the program's file, in ms: of those that were ended, as far as they were seen. */
const endedMs = new Map<string, number>();
const files = new Map<ChildProcess, string>();
const noteEnd = (file: string, child: ChildProcess): void => {
  if (files.delete(child)) endedMs.set(file, (endedMs.get(file) ?? 0) + (cpuMsOf(child.pid) ?? 0));
};
/** All programs of this file have used so long, whether they are still there or not. */
export const spentMs = (file: string): number =>
  [...files].reduce(
    (sum, [child, its]) => sum + (its === file ? (cpuMsOf(child.pid) ?? 0) : 0),
    endedMs.get(file) ?? 0,
  );

const running = new Set<ChildProcess>();
/** Compiled once: a process started anew after a kill would spend most of its start on that. */
const compiled = (): string => join(scratchFolder(), 'compiled');
/** Also when this program ends before it is done: nothing may stay behind. */
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export const runProgram = <To extends object, From>(options: {
  readonly file: string;
  readonly start: object;
  readonly heard: (message: From) => void;
  /** It ended by itself. */
  readonly crashed: (how: string) => void;
}): Program<To> => {
  const path = fileURLToPath(new URL(options.file, import.meta.url));
  const child = fork(path, [JSON.stringify(options.start)], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: ['--disable-warning=ExperimentalWarning'],
    env: { ...process.env, NODE_COMPILE_CACHE: compiled() },
  });
  running.add(child);
  files.set(child, options.file);
  let isFrozen = false;
  let isEnding = false;
  child.on('message', (message) => {
    if ((message as { readonly kind?: unknown }).kind === 'closed') noteEnd(options.file, child);
    options.heard(message as From);
  });
  child.on('error', (fault) => options.crashed(fault.message));
  const gone = new Promise<void>((done) => {
    child.on('exit', (code, signal) => {
      running.delete(child);
      files.delete(child);
      if (!isEnding) options.crashed(`ended with ${signal ?? code}`);
      done();
    });
  });
  return {
    say: (message) => {
      if ('kind' in message && message.kind === 'close') isEnding = true;
      // One that was killed a moment ago takes no more; an end nobody asked for is told by `exit`.
      if (child.connected) child.send(message, () => undefined);
    },
    isFrozen: () => isFrozen,
    freeze: () => {
      isFrozen = true;
      child.kill('SIGSTOP');
    },
    thaw: () => {
      isFrozen = false;
      child.kill('SIGCONT');
    },
    kill: () => {
      isEnding = true;
      noteEnd(options.file, child);
      child.kill('SIGKILL');
      return gone;
    },
    gone,
    pid: child.pid ?? 0,
  };
};
