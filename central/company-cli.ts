import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { Log } from './ambient.ts';
import { systemRandom } from './ambient.ts';
import { ClaimsMap, readClaimsMap, writeClaimsMap } from './claims-map.ts';
import type { Database, Db } from './db.ts';
import type { CompanySettings } from './door.ts';
import { accountsOfAgents } from './identity-accounts.ts';
import { startIdentityProvider } from './identity-provider.ts';
import { systemClock } from './pbx.ts';
import { providerFault } from './provider.ts';

/** Central's command line as far as it is about the company's accounts. */
export const companyOptions = {
  'oidc-issuer': { type: 'string', default: '' },
  'oidc-client-id': { type: 'string', default: '' },
  'oidc-client-secret-file': { type: 'string', default: '' },
  'oidc-scopes': { type: 'string', default: 'openid,profile,offline_access' },
  'oidc-prompt': { type: 'string', default: 'login' },
  'oidc-recheck-seconds': { type: 'string', default: '300' },
  'oidc-embedded-port': { type: 'string', default: '' },
  passwords: { type: 'string', default: 'on' },
} as const;

type Values = { readonly [K in keyof typeof companyOptions]: string } & { readonly host: string };

const embeddedClient = 'zuoxi-central';

/** @returns what is wrong, in a sentence */
export const companyFault = (values: Values): string | undefined => {
  const issuer = values['oidc-issuer'];
  const embedded = values['oidc-embedded-port'];
  if (values.passwords !== 'on' && values.passwords !== 'off') return '--passwords is on or off.';
  if (!/^\d{1,5}$/.test(values['oidc-recheck-seconds']) || Number(values['oidc-recheck-seconds']) < 10)
    return '--oidc-recheck-seconds is a number from 10 to 99999.';
  if (!/^[a-z_]{1,40}$/.test(values['oidc-prompt'])) return '--oidc-prompt is login, select_account or none.';
  if (embedded !== '')
    return /^\d{1,5}$/.test(embedded) && Number(embedded) < 65_536
      ? issuer === ''
        ? undefined
        : providerFault({ issuer, clientId: embeddedClient })
      : '--oidc-embedded-port is a number from 0 to 65535.';
  if (issuer === '') {
    if (values['oidc-client-id'] !== '') return '--oidc-client-id needs --oidc-issuer.';
    return values.passwords === 'on' ? undefined : '--passwords off needs --oidc-issuer: nobody could sign in.';
  }
  const file = values['oidc-client-secret-file'];
  if (file !== '' && !existsSync(file)) return `The file of --oidc-client-secret-file cannot be read: ${file}`;
  if (!values['oidc-scopes'].split(',').includes('openid')) return '--oidc-scopes has openid among them.';
  return providerFault({ issuer, clientId: values['oidc-client-id'] });
};

export type OpenedCompany = { readonly settings: CompanySettings; readonly close: () => Promise<void> };

/** @throws when the port is in use or the secret's file cannot be read */
export const openCompany = async (values: Values, db: Db, log: Log): Promise<OpenedCompany | undefined> => {
  const issuer = values['oidc-issuer'];
  const common = {
    scopes: values['oidc-scopes'].split(',').filter((one) => one !== ''),
    prompt: values['oidc-prompt'] === 'none' ? undefined : values['oidc-prompt'],
    recheckMs: Number(values['oidc-recheck-seconds']) * 1_000,
    passwordsToo: values.passwords === 'on',
  };
  if (values['oidc-embedded-port'] !== '') {
    const provider = await startIdentityProvider({
      ...{ port: Number(values['oidc-embedded-port']), host: values.host, clientId: embeddedClient },
      ...(issuer === '' ? {} : { issuer }),
      ...{ accounts: accountsOfAgents(db, systemClock), random: systemRandom, log },
    });
    return { settings: { ...common, issuer: provider.issuer, clientId: embeddedClient }, close: provider.close };
  }
  if (issuer === '') return undefined;
  const file = values['oidc-client-secret-file'];
  const clientSecret = file === '' ? undefined : (await readFile(file, 'utf8')).trim();
  return {
    settings: {
      ...{ ...common, issuer, clientId: values['oidc-client-id'] },
      ...(clientSecret === undefined ? {} : { clientSecret }),
    },
    close: async () => {},
  };
};

/** Shows the map, or takes another one from a file; it counts from the next sign-in on, at all instances. */
export const companyMap = async ({ db }: Database, file: string | undefined): Promise<void> => {
  if (file === undefined) {
    process.stdout.write(`${JSON.stringify(await readClaimsMap(db), undefined, 2)}\n`);
    return;
  }
  const wrong = await takeMap(db, file);
  if (wrong === undefined) {
    process.stdout.write('the map counts from the next sign-in on\n');
    return;
  }
  process.stderr.write(`${wrong}\n`);
  process.exitCode = 1;
};

const takeMap = async (db: Db, file: string): Promise<string | undefined> => {
  let json: unknown;
  try {
    json = JSON.parse((await readFile(file, 'utf8')).replace(/^\ufeff/u, ''));
  } catch {
    return `The file of --file cannot be read, or is not JSON: ${file}`;
  }
  const map = ClaimsMap.safeParse(json);
  if (!map.success) return `The file of --file is not a map of claims:\n${z.prettifyError(map.error)}`;
  if (map.data.adds && map.data.role === undefined)
    return '"adds" needs "role": whom central does not know has no role yet.';
  await writeClaimsMap(db, map.data);
  return undefined;
};
