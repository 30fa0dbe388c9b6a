import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FOLDERS, plantTree, type Finding, type Folder, type PlantedTree } from './planted-tree.ts';

/**
 * Every rule of the house is seen to fail on a planted violation, and to let the allowed case pass. All plants stand
 * in one tree, read once by each checker.
 */

/** Who may import whom: the picture in ARCHITECTURE.md as a table. `test` may import all. */
const MAY_IMPORT: Record<Folder, readonly Folder[]> = {
  shared: [],
  'main/engine': ['shared'],
  'main/web': ['shared', 'main/engine'],
  'main/shell': ['shared', 'main/engine'],
  preload: [],
  'renderer/phone': ['shared'],
  'renderer/desk': ['shared'],
  central: ['shared'],
  practice: ['shared', 'main/engine', 'main/web', 'central', 'scripts'],
  scripts: [],
  test: FOLDERS,
};

const PACKAGES = [
  'zod',
  'node:fs',
  'node:fs/promises',
  'electron',
  'electron/main',
  'electron-store',
  'better-sqlite3',
  'ws',
  'sip.js',
  'sip.js/lib/core',
  'werift',
  'react',
  'react-dom/client',
  'zustand',
  'intl-messageformat',
  'fastify',
  '@fastify/websocket',
  'kysely',
  'jose',
  'pino',
  'pg',
  '@electric-sql/pglite',
  '@xyflow/react',
  'vite',
] as const;

type Package = (typeof PACKAGES)[number];

const NODE = ['node:fs', 'node:fs/promises'] as const;
const ALL_BUT_ELECTRON = PACKAGES.filter((name) => name !== 'electron' && name !== 'electron/main');

/** Packages per place. A place is any file of a folder, or a door: the one file behind which a package is kept. */
const PLACES: Record<string, readonly Package[]> = {
  'shared/any.ts': ['zod'],
  'main/engine/any.ts': ['zod', ...NODE],
  'main/engine/store/db.ts': ['zod', ...NODE, 'better-sqlite3'],
  'main/web/any.ts': ['zod', ...NODE, 'ws'],
  'main/shell/any.ts': ['zod', ...NODE, 'electron', 'electron/main', 'electron-store'],
  'preload/any.ts': ['electron', 'electron/main'],
  'renderer/phone/any.ts': ['zod'],
  'renderer/phone/sip-phone.ts': ['zod', 'sip.js', 'sip.js/lib/core'],
  'renderer/desk/any.tsx': ['zod', 'react', 'react-dom/client', 'zustand', 'intl-messageformat'],
  'renderer/desk/scripts/graph.tsx': ['react', '@xyflow/react'],
  'central/any.ts': ['zod', ...NODE, 'fastify', '@fastify/websocket', 'kysely', 'jose', 'pino', 'ws'],
  'central/db.ts': ['zod', ...NODE, 'kysely', 'pg', '@electric-sql/pglite'],
  'practice/any.ts': ['zod', ...NODE, 'sip.js', 'sip.js/lib/core', 'werift', 'ws'],
  'scripts/any.mjs': [...NODE],
  'scripts/build.mjs': [...NODE, 'vite'],
  'test/any.ts': ALL_BUT_ELECTRON,
};

const IMPURE = [
  'setTimeout(() => 1, 5)',
  'setInterval(() => 1, 5)',
  'setImmediate(() => 1)',
  'queueMicrotask(() => 1)',
  'console.log(1)',
  'window.name',
  'document.title',
  'navigator.language',
  'localStorage.length',
  "fetch('/')",
  'process.env',
  "Buffer.from('x')",
  "require('x')",
  'performance.now()',
  'crypto.randomUUID()',
  'globalThis.Date',
  'Date.now()',
  "Date['now']()",
  'new Date()',
  'Date()',
  'Math.random()',
];

const PURE = ['new Date(5)', 'Date.UTC(2030, 1)', 'Math.max(1, 2)', "Intl.DateTimeFormat('zh-CN').format(5)"];

/** Rules that hold everywhere: file → code that breaks the rule named. */
const EVERYWHERE: readonly { rule: string; file: string; code: string }[] = [
  { rule: 'typescript(no-explicit-any)', file: 'central/rule-any.ts', code: 'export const x: any = 1;' },
  {
    rule: 'typescript(ban-ts-comment)',
    file: 'central/rule-ignore.ts',
    code: '// @ts-ignore\nexport const x: string = 1;',
  },
  {
    rule: 'typescript(no-floating-promises)',
    file: 'central/rule-floating.ts',
    code: 'const save = async (): Promise<number> => 1;\nexport const go = (): void => {\n  save();\n};',
  },
  {
    rule: 'typescript(switch-exhaustiveness-check)',
    file: 'shared/rule-switch.ts',
    code: "export const f = (x: 'a' | 'b'): number => {\n  switch (x) {\n    case 'a':\n      return 1;\n  }\n  return 2;\n};",
  },
  {
    rule: 'eslint(max-lines)',
    file: 'central/rule-long-file.ts',
    code: 'export const x = [\n' + '  1,\n'.repeat(400) + '];',
  },
  {
    rule: 'eslint(max-lines-per-function)',
    file: 'central/rule-long-function.ts',
    code: 'export function f(x: number): number {\n' + '  x += 1;\n'.repeat(80) + '  return x;\n}',
  },
  { rule: 'oxc(no-barrel-file)', file: 'shared/rule-barrel.ts', code: "export * from './target.ts';" },
  { rule: 'eslint(no-restricted-globals)', file: 'main/engine/rule-console.ts', code: 'console.log(1);' },
  { rule: 'eslint(no-restricted-globals)', file: 'renderer/phone/rule-console.ts', code: 'console.log(1);' },
  {
    rule: 'jsx-a11y(alt-text)',
    file: 'renderer/desk/rule-alt.tsx',
    code: 'export const X = () => <img src="x.png" />;',
  },
  {
    rule: 'react(jsx-no-literals)',
    file: 'renderer/desk/rule-text.tsx',
    code: 'export const X = () => <p>Good morning</p>;',
  },
  {
    rule: 'vitest(no-disabled-tests)',
    file: 'test/rule-skip.test.ts',
    code: "import { expect, it } from 'vitest';\nit.skip('x', () => expect(1).toBe(1));",
  },
  {
    rule: 'vitest(no-focused-tests)',
    file: 'test/rule-only.test.ts',
    code: "import { expect, it } from 'vitest';\nit.only('x', () => expect(1).toBe(1));",
  },
  { rule: 'vitest(warn-todo)', file: 'test/rule-todo.test.ts', code: "import { it } from 'vitest';\nit.todo('x');" },
  {
    rule: 'vitest(expect-expect)',
    file: 'test/rule-nothing.test.ts',
    code: "import { it } from 'vitest';\nit('x', () => {\n  JSON.parse('1');\n});",
  },
];

/** A line that imports `from`, in each way a module can be imported. */
const WAYS: Record<string, (from: string) => string> = {
  import: (from) => `import '${from}';`,
  type: (from) => `import type { X } from '${from}';\nexport type Y = X;`,
  dynamic: (from) => `export const x = await import('${from}');`,
  reexport: (from) => `export { X } from '${from}';`,
};

/** A path for a plant in the place of `door`: the door itself can hold one file only, so its plants share it. */
const plantOf = (place: string, packageName: string, index: number): string =>
  place.includes('any.') ? place.replace('any.', `package-${index}-${packageName.replaceAll(/\W/g, '-')}.`) : place;

const up = (folder: string): string => '../'.repeat(folder.split('/').length);
const extensionOf = (folder: Folder): string => (folder === 'scripts' ? 'mjs' : 'ts');

let tree: PlantedTree;
let lint: readonly Finding[];
let cruise: readonly Finding[];

beforeAll(() => {
  tree = plantTree();
  for (const folder of FOLDERS) {
    tree.plant(
      `${folder}/target.${extensionOf(folder)}`,
      folder === 'scripts' ? 'export const X = 1;' : 'export type X = 1;',
    );
    for (const other of FOLDERS) {
      const from = `${up(folder)}${other}/target.${extensionOf(other)}`;
      for (const [way, line] of Object.entries(WAYS))
        tree.plant(`${folder}/${way}-${other.replace('/', '-')}.${extensionOf(folder)}`, line(from));
    }
  }
  for (const place of Object.keys(PLACES)) {
    if (place.includes('any.'))
      PACKAGES.forEach((name, index) => tree.plant(plantOf(place, name, index), `import '${name}';`));
    else tree.plant(place, PACKAGES.map((name) => `import '${name}';`).join('\n'));
  }
  IMPURE.forEach((code, index) => tree.plant(`shared/impure-${index}.ts`, `export const x = () => ${code};`));
  PURE.forEach((code, index) => tree.plant(`shared/pure-${index}.ts`, `export const x = () => ${code};`));
  for (const { file, code } of EVERYWHERE) tree.plant(file, code);
  tree.plant('shared/cycle-a.ts', "import { b } from './cycle-b.ts';\nexport const a = (): unknown => b;");
  tree.plant('shared/cycle-b.ts', "import { a } from './cycle-a.ts';\nexport const b = (): unknown => a;");
  tree.plant('practice/electron-door.ts', "import 'electron';");
  tree.plant('central/nowhere.ts', "import './not-there.ts';");
  lint = tree.lint();
  cruise = tree.cruise();
}, 60_000);

afterAll(() => tree.remove());

const rulesAt = (findings: readonly Finding[], file: string): string[] =>
  findings.filter((finding) => finding.file === file).map((finding) => finding.rule);

describe('HOUSE-1 folders meet only in shared/', () => {
  it.each(FOLDERS)('%s imports what it may and nothing else, in every way of importing', (folder) => {
    const plants = FOLDERS.flatMap((other) =>
      Object.keys(WAYS).map((way) => ({
        other,
        file: `${folder}/${way}-${other.replace('/', '-')}.${extensionOf(folder)}`,
      })),
    );
    const refused = plants
      .filter(({ file }) => rulesAt(cruise, file).includes(`folder: ${folder}`))
      .map(({ file }) => file);
    const expected = plants
      .filter(({ other }) => other !== folder && !MAY_IMPORT[folder].includes(other))
      .map(({ file }) => file);
    expect(refused).toEqual(expected);
  });
});

describe('HOUSE-2 packages per folder, one door per outside thing', () => {
  it.each(Object.keys(PLACES))('%s', (place) => {
    const refused = PACKAGES.filter((name, index) =>
      lint.some(
        ({ file, rule, says }) =>
          file === plantOf(place, name, index) &&
          rule === 'eslint(no-restricted-imports)' &&
          says.startsWith(`'${name}'`),
      ),
    );
    expect(PACKAGES.filter((name) => !refused.includes(name))).toEqual(
      PACKAGES.filter((name) => PLACES[place]?.includes(name)),
    );
  });

  it('electron is imported by main/shell and preload only', () => {
    expect(rulesAt(cruise, 'practice/electron-door.ts')).toContain('one door to electron');
    expect(
      cruise.filter(({ rule, file }) => rule === 'one door to electron' && /^(main\/shell|preload)\//.test(file)),
    ).toEqual([]);
  });
});

describe('HOUSE-3 shared/ is pure', () => {
  it.each(IMPURE.map((code, index) => [code, `shared/impure-${index}.ts`]))('%s is refused', (_code, file) => {
    expect(rulesAt(lint, file).filter((rule) => /house|restricted-globals/.test(rule))).not.toEqual([]);
  });

  it.each(PURE.map((code, index) => [code, `shared/pure-${index}.ts`]))('%s is fine', (_code, file) => {
    expect(rulesAt(lint, file)).toEqual([]);
  });
});

describe('HOUSE-4 no cycles, nothing that cannot be found', () => {
  it('both files of a cycle are named', () => {
    expect(rulesAt(cruise, 'shared/cycle-a.ts')).toContain('no cycles');
    expect(rulesAt(lint, 'shared/cycle-b.ts')).toContain('import(no-cycle)');
  });

  it('an import of a file that is not there is named', () => {
    expect(rulesAt(cruise, 'central/nowhere.ts')).toEqual(['resolvable']);
  });
});

describe('HOUSE-5 rules that hold everywhere', () => {
  it.each(EVERYWHERE.map(({ rule, file }) => [rule, file]))('%s fails on %s', (rule, file) => {
    expect(rulesAt(lint, file)).toContain(rule);
  });
});

describe('HOUSE-6 a refusal says what to do instead', () => {
  it('every import and purity rule carries a sentence', () => {
    const bare = [...lint, ...cruise].filter(
      ({ rule, says }) => /restricted|house\(|^folder: |^no cycles|^one door/.test(rule) && !/[:;.] .+|: /.test(says),
    );
    expect(bare).toEqual([]);
  });
});
