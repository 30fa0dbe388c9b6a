import type { ChildProcess } from 'node:child_process';

export function findElectron(options?: {
  readonly fetch?: boolean;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly limitMs?: number;
}): Promise<{ readonly path: string; readonly why?: undefined } | { readonly path?: undefined; readonly why: string }>;

export function startElectronSeat(options: {
  readonly electronPath: string;
  readonly env: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
}): ChildProcess;
