import { z } from 'zod';
import type { Refusal, Result } from '../shared/result.ts';
import { ok, refusal, refused } from '../shared/result.ts';
import type { Role } from './agents.ts';
import { roles } from './agents.ts';
import type { Db } from './db.ts';
import { putSetting, settingOf } from './settings.ts';
import { defaultTenant } from './tenancy.ts';

/**
 * Which agent an account of the company is: an administrator's table, kept in the database, so that it counts at all instances from the
 * next sign-in on (`central -- company-map`). A claim is a name, or a path as `realm_access.roles`.
 */
const claim = z
  .string()
  .regex(/^[^\s.]{1,80}(?:\.[^\s.]{1,80}){0,4}$/, 'the name of a claim, as groups or realm_access.roles');
const tenantName = z.string().regex(/^[a-z0-9-]{1,40}$/, 'small letters, digits and hyphens');
export const ClaimsMap = z.strictObject({
  /** Digits; `1001@example.com` gives 1001. */
  agentNumber: z.strictObject({ claim }),
  /** Absent: what central has. */
  name: z.strictObject({ claim }).optional(),
  /** The highest role that one of the claim's values stands for. `otherwise` null: nobody without one gets in. */
  role: z
    .strictObject({ claim, values: z.record(z.string(), z.enum(roles)), otherwise: z.enum(roles).nullable() })
    .optional(),
  tenant: z
    .strictObject({ claim, values: z.record(z.string(), tenantName), otherwise: tenantName.nullable() })
    .optional(),
  queues: z.strictObject({ claim, values: z.record(z.string(), z.array(z.string().max(64)).max(50)) }).optional(),
  /** An agent central does not know is added. Needs `role`. */
  adds: z.boolean().default(false),
});
export type ClaimsMap = z.infer<typeof ClaimsMap>;

/** Agents that central knows, by the name they have at the provider. */
export const defaultClaimsMap: ClaimsMap = { agentNumber: { claim: 'preferred_username' }, adds: false };

const settingKey = 'companyMap';

/** @throws ZodError when somebody has written something else into the database */
export const readClaimsMap = async (db: Db): Promise<ClaimsMap> => {
  const kept = await settingOf(db, settingKey);
  return kept === undefined ? defaultClaimsMap : ClaimsMap.parse(kept);
};

export const writeClaimsMap = (db: Db, map: ClaimsMap): Promise<void> => putSetting(db, settingKey, map);

/** Undefined where the map says nothing: as central has it. */
export type Mapped = {
  readonly agentNumber: string;
  readonly name: string | undefined;
  readonly role: Role | undefined;
  readonly tenant: string | undefined;
  readonly queues: readonly string[] | undefined;
};

export type Claims = Readonly<Record<string, unknown>>;

/** Refused `companyAccountUnknown`: the account has no agent number. `companyNoRole`, `companyNoTenant`: it stands for none here. */
export const mapClaims = (map: ClaimsMap, claims: Claims): Result<Mapped> => {
  const [number] = valuesOf(claims, map.agentNumber.claim);
  const agentNumber = /^(\d{1,20})(?:@.*)?$/.exec(number ?? '')?.[1];
  if (agentNumber === undefined) return refused(refusal('forbidden', 'companyAccountUnknown'));
  const role = map.role && roleOf(map.role, valuesOf(claims, map.role.claim));
  if (role === null) return noPlace('companyNoRole');
  const tenant = map.tenant && firstOf(map.tenant, valuesOf(claims, map.tenant.claim));
  if (tenant === null) return noPlace('companyNoTenant');
  const { queues } = map;
  const [name] = map.name === undefined ? [] : valuesOf(claims, map.name.claim);
  return ok({
    agentNumber,
    name: name?.slice(0, 40),
    role,
    tenant,
    queues: queues && [...new Set(valuesOf(claims, queues.claim).flatMap((value) => own(queues.values, value) ?? []))],
  });
};

const noPlace = (reason: string): { readonly ok: false; readonly error: Refusal } =>
  refused(refusal('forbidden', reason));

/** Who can do more than an agent says so last. */
const byPower: readonly Role[] = ['agent', 'lead', 'manager', 'admin'];
const roleOf = ({ values, otherwise }: NonNullable<ClaimsMap['role']>, claimed: readonly string[]): Role | null => {
  const held = claimed.flatMap((value) => own(values, value) ?? []);
  return byPower.findLast((role) => held.includes(role)) ?? otherwise;
};

const firstOf = ({ values, otherwise }: NonNullable<ClaimsMap['tenant']>, claimed: readonly string[]): string | null =>
  claimed.map((value) => own(values, value)).find((one) => one !== undefined) ?? otherwise;

/** Claims are a stranger's words: `constructor` is no group. */
const own = <T>(values: Readonly<Record<string, T>>, key: string): T | undefined =>
  Object.hasOwn(values, key) ? values[key] : undefined;

const valuesOf = (claims: Claims, path: string): readonly string[] => {
  // A claim with dots in its name ("https://example.com/role") comes before a path.
  let at: unknown = own(claims, path);
  if (at === undefined) {
    at = claims;
    for (const step of path.split('.'))
      at = typeof at === 'object' && at !== null ? own(at as Claims, step) : undefined;
  }
  const list: readonly unknown[] = Array.isArray(at) ? at : [at];
  return list.flatMap((one) =>
    typeof one === 'string' ? one : typeof one === 'number' && Number.isSafeInteger(one) ? String(one) : [],
  );
};

export const tenantOf = (mapped: Mapped, known: string | undefined): string => mapped.tenant ?? known ?? defaultTenant;
