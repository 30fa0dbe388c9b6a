import { Target } from '../shared/directory.ts';
import type { Database } from './db.ts';
import { transaction } from './db.ts';
import { publishTargets, withdrawTarget } from './directory.ts';

export type TargetAsked = {
  readonly kind?: string;
  readonly id?: string;
  readonly number?: string;
  readonly name?: string;
  readonly 'name-en': string;
  readonly category: string;
  readonly 'category-en': string;
  readonly pinyin: string;
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
    await transaction(database.db, (tx) => publishTargets(tx, [target]));
    process.stdout.write(`${target.id} is in the directory: ${target.number}\n`);
    return undefined;
  });

/** Takes it out again: no customer is handed there any more. */
export const removeTarget = (database: Database, asked: Pick<TargetAsked, 'kind' | 'id'>): Promise<void> =>
  tellingFaults(async () => {
    if (!isKind(asked.kind) || asked.id === undefined)
      return '--kind (queue or department) and --id name what to remove.';
    const id = `${asked.kind}:${asked.id}`;
    const isKnown = await transaction(database.db, (tx) => withdrawTarget(tx, id));
    if (!isKnown) return `There is no ${id} in the directory.`;
    process.stdout.write(`${id} is no longer in the directory\n`);
    return undefined;
  });

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
