import { Target } from '../shared/directory.ts';
import type { Database } from './db.ts';
import type { Db } from './db.ts';
import { firstRow, statement, transaction } from './db.ts';
import { publishTargets, withdrawTarget } from './directory.ts';

export type TargetAsked = {
  readonly kind?: string;
  readonly id?: string;
  readonly number?: string;
  readonly name?: string;
  readonly 'name-en': string;
  readonly category: string;
  readonly 'category-en': string;
  readonly place: string;
  readonly 'place-en': string;
  readonly pinyin: string;
  /** Only this tenant's seats have it; without one, all have. */
  readonly tenant?: string | undefined;
};

const commandKinds = ['queue', 'department'] as const;

/**
 * A queue or a department (merchants as well, R37) into the directory, or other words for the one that has this id; colleagues get there
 * with their accounts. Seats have it with their next pull.
 */
export const addTarget = (database: Database, asked: TargetAsked): Promise<void> =>
  tellingFaults(async () => {
    const target = targetOf(asked);
    if (typeof target === 'string') return target;
    const notOurs = await whyNotOurs(database, target.id, asked.tenant);
    if (notOurs !== undefined) return notOurs;
    await transaction(handleOf(database, asked.tenant), (tx) => publishTargets(tx, [target]));
    process.stdout.write(`${target.id} is in the directory: ${target.number}\n`);
    return undefined;
  });

/** Takes it out again: no customer is handed there any more. */
export const removeTarget = (database: Database, asked: Pick<TargetAsked, 'kind' | 'id' | 'tenant'>): Promise<void> =>
  tellingFaults(async () => {
    if (!isKind(asked.kind) || asked.id === undefined)
      return '--kind (queue or department) and --id name what to remove.';
    const id = `${asked.kind}:${asked.id}`;
    const notOurs = await whyNotOurs(database, id, asked.tenant);
    if (notOurs !== undefined) return notOurs;
    const isKnown = await transaction(handleOf(database, asked.tenant), (tx) => withdrawTarget(tx, id));
    if (!isKnown) return `There is no ${id} in the directory.`;
    process.stdout.write(`${id} is no longer in the directory\n`);
    return undefined;
  });

const handleOf = (database: Database, tenant: string | undefined): Db =>
  tenant === undefined ? database.db : database.tenant(tenant);

/** Ids are unique over all tenants: what is everybody's, or another one's, is not changed in this one's name. */
const whyNotOurs = async ({ db }: Database, id: string, tenant: string | undefined): Promise<string | undefined> => {
  if (tenant !== undefined && !/^[a-z0-9-]{1,40}$/.test(tenant))
    return '--tenant is a name of small letters, digits and hyphens.';
  const known = await firstRow(
    db,
    statement<{ tenant: string | null }>`select tenant from feed where entity = 'target' and id = ${id}`,
  );
  if (known === undefined || known.tenant === (tenant ?? null)) return undefined;
  return known.tenant === null
    ? `${id} is every tenant's: leave --tenant out, or give it another --id.`
    : `${id} belongs to the tenant ${known.tenant}: give that one as --tenant, or another --id.`;
};

const isKind = (kind: string | undefined): kind is (typeof commandKinds)[number] =>
  commandKinds.some((known) => known === kind);

/** @returns what is wrong, in a sentence, for who typed it */
const targetOf = (asked: TargetAsked): Target | string => {
  const { kind, number = '', name = '', id = number } = asked;
  if (!isKind(kind)) return '--kind is queue or department; colleagues come with add-agent.';
  if (!/^\+?\d{3,20}$/.test(number)) return '--number is what the exchange is dialled with: 3 to 20 digits.';
  if (!/^[\w-]{1,60}$/.test(id)) return '--id has letters, digits, - and _ only, 60 at most.';
  if (name.trim() === '' || name.length > 80) return '--name is what agents look for, 80 characters at most.';
  const target = Target.safeParse({
    id: `${kind}:${id}`,
    kind,
    name: { zh: name, en: asked['name-en'] },
    number,
    category: { zh: asked.category, en: asked['category-en'] },
    ...(asked.place === '' && asked['place-en'] === '' ? {} : { place: { zh: asked.place, en: asked['place-en'] } }),
    pinyin: asked.pinyin.split(',').filter((one) => one !== ''),
  });
  return target.success ? target.data : '--pinyin takes at most 6 words of 80 characters, with commas between them.';
};

const tellingFaults = async (run: () => Promise<string | undefined>): Promise<void> => {
  const wrong = await run();
  if (wrong === undefined) return;
  process.stderr.write(`${wrong}\n`);
  process.exitCode = 1;
};
