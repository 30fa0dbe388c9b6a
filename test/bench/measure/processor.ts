import { readdirSync, readFileSync } from 'node:fs';

type Process = { readonly parent: number; readonly ownMs: number; readonly reapedMs: number };

/** Of `/proc/<pid>/stat`, the fields after the name in brackets; times are in hundredths of a second (proc(5), USER_HZ). */
const processOf = (pid: number | string): Process | undefined => {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const ms = (user: number, system: number): number => (Number(fields[user]) + Number(fields[system])) * 10;
    return { parent: Number(fields[1]), ownMs: ms(11, 12), reapedMs: ms(13, 14) };
  } catch {
    return undefined;
  }
};

/** Processor's time this process has used so far, all threads; undefined where the system does not tell (Linux does). */
export const cpuMsOf = (pid: number | undefined): number | undefined =>
  pid === undefined ? undefined : processOf(pid)?.ownMs;

/** With everything it started, and what of that has ended. */
export const treeCpuMsOf = (root: number | undefined): number | undefined => {
  if (root === undefined || processOf(root) === undefined) return undefined;
  const children = new Map<number, number[]>();
  const found = new Map<number, Process>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const one = processOf(name);
    if (one === undefined) continue;
    found.set(Number(name), one);
    children.set(one.parent, [...(children.get(one.parent) ?? []), Number(name)]);
  }
  const spent = (pid: number): number => {
    const one = found.get(pid);
    if (one === undefined) return 0;
    return (children.get(pid) ?? []).reduce((sum, child) => sum + spent(child), one.ownMs + one.reapedMs);
  };
  return spent(root);
};
