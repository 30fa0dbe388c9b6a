import { z } from 'zod';
import type { Result } from '../../shared/result.ts';
import { ok, refused } from '../../shared/result.ts';

/**
 * Which central and which PBX this seat belongs to. A packaged product reads it from the machine's file, which an administrator
 * puts there; a checkout reads the environment (practice mode sets it). Origins go into the content policy as they are.
 */
export type ShellConfig = {
  readonly centralUrl: string;
  /** Exact origins the pages may talk to: the PBX's WebSockets. */
  readonly sipOrigins: readonly string[];
  /** Where the pages of the company's identity provider are, opened in the system's browser; absent: nobody signs in that way here. */
  readonly signInOrigin?: string;
  /** Nothing is kept on the disk, whatever key store there is: programs of the same user could ask that for the key (security 28). */
  readonly memoryOnly?: boolean;
  /** Another profile folder than the user's own; checkouts only. */
  readonly profileDir: string | undefined;
};
export type ConfigFault = 'notConfigured' | 'badConfig';

const MachineFile = z.strictObject({
  centralUrl: z.string().max(300),
  sipOrigins: z.array(z.string().max(300)).max(8),
  signInOrigin: z.string().max(300).optional(),
  memoryOnly: z.boolean().optional(),
});

export const configFile = (platform: string, env: Readonly<Record<string, string | undefined>>): string => {
  if (platform === 'win32') return `${env['PROGRAMDATA'] ?? 'C:\\ProgramData'}\\Zuoxi\\seat.json`;
  if (platform === 'darwin') return '/Library/Application Support/Zuoxi/seat.json';
  return '/etc/zuoxi/seat.json';
};

export const configFromFile = (text: string | undefined): Result<ShellConfig, ConfigFault> => {
  if (text === undefined) return refused('notConfigured');
  const file = MachineFile.safeParse(parsed(text));
  if (!file.success) return refused('badConfig');
  const { centralUrl, sipOrigins, signInOrigin, memoryOnly = false } = file.data;
  const origins = { centralUrl, sipOrigins, ...optional(signInOrigin) };
  return checked({ ...origins, memoryOnly, profileDir: undefined }, 'secureOnly');
};

const optional = (signInOrigin: string | undefined) => (signInOrigin === undefined ? {} : { signInOrigin });

/** ZUOXI_CENTRAL_URL, ZUOXI_SIP_ORIGINS (separated by commas), ZUOXI_SIGN_IN_ORIGIN, ZUOXI_MEMORY_ONLY (yes), ZUOXI_PROFILE_DIR. */
export const configFromEnv = (env: Readonly<Record<string, string | undefined>>): Result<ShellConfig, ConfigFault> => {
  const centralUrl = env['ZUOXI_CENTRAL_URL'];
  if (centralUrl === undefined || centralUrl === '') return refused('notConfigured');
  const sipOrigins = (env['ZUOXI_SIP_ORIGINS'] ?? '').split(',').filter((origin) => origin !== '');
  const signIn = optional(env['ZUOXI_SIGN_IN_ORIGIN'] || undefined);
  const kept = env['ZUOXI_MEMORY_ONLY'] === 'yes' ? { memoryOnly: true } : {};
  return checked({ centralUrl, sipOrigins, ...signIn, ...kept, profileDir: env['ZUOXI_PROFILE_DIR'] }, 'loopbackToo');
};

export const originsOf = (config: ShellConfig): readonly string[] => [
  new URL(config.centralUrl).origin,
  ...config.sipOrigins,
];

const checked = (config: ShellConfig, trust: 'secureOnly' | 'loopbackToo'): Result<ShellConfig, ConfigFault> => {
  const { signInOrigin } = config;
  const isSound =
    isTrusted(config.centralUrl, 'http', trust) &&
    (signInOrigin === undefined || (isTrusted(signInOrigin, 'http', trust) && isOrigin(signInOrigin))) &&
    config.sipOrigins.every((origin) => isTrusted(origin, 'ws', trust) && isOrigin(origin));
  // A slash at the end is how URLs are often written; in the content policy it would be a path.
  return isSound
    ? ok({
        ...config,
        sipOrigins: config.sipOrigins.map((origin) => new URL(origin).origin),
        ...(signInOrigin === undefined ? {} : { signInOrigin: new URL(signInOrigin).origin }),
      })
    : refused('badConfig');
};

const isOrigin = (address: string): boolean =>
  [new URL(address).origin, `${new URL(address).origin}/`].includes(address);

const isTrusted = (address: string, scheme: 'http' | 'ws', trust: 'secureOnly' | 'loopbackToo'): boolean => {
  if (!URL.canParse(address)) return false;
  const url = new URL(address);
  if (url.username !== '' || url.password !== '' || url.hostname.includes('*')) return false;
  if (url.protocol === `${scheme}s:`) return true;
  return (
    trust === 'loopbackToo' && url.protocol === `${scheme}:` && /^(127\.0\.0\.1|localhost|\[::1\])$/.test(url.hostname)
  );
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
