import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const repository = fileURLToPath(new URL('../..', import.meta.url));

const RULES = ['.oxlintrc.json', '.dependency-cruiser.mjs', 'scripts/lint/house.mjs', 'tsconfig.base.json'];

export const FOLDERS = [
  'shared',
  'main/engine',
  'main/web',
  'main/shell',
  'preload',
  'renderer/phone',
  'renderer/desk',
  'central',
  'practice',
  'scripts',
  'test',
] as const;

export type Folder = (typeof FOLDERS)[number];

/** One finding: the file, the rule by its name, and the sentence that says what to do instead. */
export interface Finding {
  readonly file: string;
  readonly rule: string;
  readonly says: string;
}

/** A copy of the house without its furniture: the rules as they are, and only the files planted here. */
export interface PlantedTree {
  plant(file: string, code: string): void;
  /** Findings of oxlint with the repository's configuration. */
  lint(): readonly Finding[];
  /** Findings of dependency-cruiser with the repository's configuration. */
  cruise(): readonly Finding[];
  remove(): void;
}

export function plantTree(): PlantedTree {
  const tree = mkdtempSync(join(tmpdir(), 'house-'));
  const tsconfigs = FOLDERS.filter((folder) => folder !== 'scripts').map((folder) => `${folder}/tsconfig.json`);
  for (const file of [...RULES, ...tsconfigs]) cpSync(join(repository, file), join(tree, file), { recursive: true });
  symlinkSync(join(repository, 'node_modules'), join(tree, 'node_modules'), 'junction');

  /** A tool's own entry script, run by this very Node; its findings make it exit with 1, which is expected here. */
  const run = (script: string, ...args: string[]): string =>
    spawnSync(process.execPath, [join(repository, 'node_modules', script), ...args], {
      cwd: tree,
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    }).stdout;

  return {
    plant(file, code) {
      mkdirSync(dirname(join(tree, file)), { recursive: true });
      writeFileSync(join(tree, file), `${code}\n`);
    },
    lint: () =>
      oxlintReport
        .parse(JSON.parse(run(scriptOf('oxlint', 'oxlint'), '-f', 'json')))
        .diagnostics.map(({ filename, code, message, help }) => ({
          file: filename.replaceAll('\\', '/'),
          rule: code,
          says: `${message} ${help}`,
        })),
    cruise: () => {
      const args = [
        '--config',
        '.dependency-cruiser.mjs',
        '-T',
        'json',
        ...new Set(FOLDERS.map((path) => path.split('/')[0] ?? '')),
      ];
      const report = cruiseReport.parse(JSON.parse(run(scriptOf('dependency-cruiser', 'depcruise'), ...args)));
      const comments = new Map(report.summary.ruleSetUsed.forbidden.map(({ name, comment }) => [name, comment]));
      return report.summary.violations.map(({ from, rule }) => ({
        file: from,
        rule: rule.name,
        says: comments.get(rule.name) ?? '',
      }));
    },
    remove: () => rmSync(tree, { recursive: true, force: true }),
  };
}

const oxlintReport = z.object({
  diagnostics: z.array(
    z.object({
      filename: z.string(),
      code: z.string().default('parse'),
      message: z.string(),
      help: z.string().default(''),
    }),
  ),
});

const cruiseReport = z.object({
  summary: z.object({
    violations: z.array(z.object({ from: z.string(), rule: z.object({ name: z.string() }) })),
    ruleSetUsed: z.object({ forbidden: z.array(z.object({ name: z.string(), comment: z.string() })) }),
  }),
});

const packageManifest = z.object({ bin: z.union([z.string(), z.record(z.string(), z.string())]) });

function scriptOf(packageName: string, command: string): string {
  const text = readFileSync(join(repository, 'node_modules', packageName, 'package.json'), 'utf8');
  const { bin } = packageManifest.parse(JSON.parse(text));
  const script = typeof bin === 'string' ? bin : bin[command];
  if (script === undefined) throw new Error(`${packageName} has no command ${command}`);
  return join(packageName, script);
}
