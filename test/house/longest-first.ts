import { BaseSequencer } from 'vitest/node';

/**
 * The order of files on a machine that never ran them: vitest then begins with the largest, and of the slowest many are small. One that begins
 * last keeps a worker busy for minutes while the other has nothing left to do.
 */
const longest = [
  ...['campaign', 'desk-screens', 'hostile-text', 'faults-central', 'faults-calls'].map((name) => `e2e/${name}`),
  ...['main', 'import/main', 'dialler/dialler', 'audit-verify', 'figures', 'routes', 'tasks'].map(
    (name) => `central/${name}`,
  ),
  ...['main/engine/garbage', 'faults/faults', 'main/engine/supervision'],
];

export class LongestFirst extends BaseSequencer {
  override async sort(files: Parameters<BaseSequencer['sort']>[0]): ReturnType<BaseSequencer['sort']> {
    const rank = ({ moduleId }: { readonly moduleId: string }): number => {
      const at = longest.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`));
      return at < 0 ? longest.length : at;
    };
    return (await super.sort(files)).toSorted((one, other) => rank(one) - rank(other));
  }
}
