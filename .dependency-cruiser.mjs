/**
 * Which folder may import which (ARCHITECTURE.md). Processes meet only in shared/; practice/ and test/ are
 * composition roots. Packages per folder are in .oxlintrc.json. swc parses: TypeScript 7 has no compiler API.
 */

const FOLDERS = [
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
];

/** What each folder may import besides itself, and what to do instead of importing anything else. */
const MAY_IMPORT = {
  shared: [[], 'shared/ imports only itself and zod: pass values in, or move the code to the folder that runs it.'],
  'main/engine': [['shared'], 'The engine meets other processes only in shared/: put the word both need there.'],
  'main/web': [['shared', 'main/engine'], 'The browser host serves the engine: share words through shared/.'],
  'main/shell': [['shared', 'main/engine'], 'The shell runs the engine: share words through shared/.'],
  preload: [[], 'The preload knows names, not schemas: it needs nothing from other folders.'],
  'renderer/phone': [['shared'], 'The phone page talks to desk and engine by messages: put the message in shared/.'],
  'renderer/desk': [['shared'], 'The desk talks to phone and engine by messages: put the message in shared/.'],
  central: [['shared'], 'Central meets the seat only in shared/: put the word both need there.'],
  practice: [
    ['shared', 'main/engine', 'main/web', 'central', 'scripts'],
    'practice/ composes engine, browser host and central; it starts the shell and the pages as they are built.',
  ],
  scripts: [[], 'scripts/ run on a bare Node before anything is installed: start the other program, do not import it.'],
};

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    ...Object.entries(MAY_IMPORT).map(([folder, [allowed, instead]]) => ({
      name: `folder: ${folder}`,
      comment: instead,
      severity: 'error',
      from: { path: `^${folder}/` },
      to: { path: `^(${FOLDERS.join('|')})/`, pathNot: `^(${allowed.concat(folder).join('|')})/` },
    })),
    {
      name: 'one door to electron',
      comment: 'Only main/shell and preload run inside Electron: take what you need from the shell as an argument.',
      severity: 'error',
      from: { path: `^(${FOLDERS.join('|')})/`, pathNot: '^(main/shell|preload)/' },
      to: { path: '(^|node_modules/)electron($|/)' },
    },
    {
      name: 'no cycles',
      comment: 'Two files that import each other are one file, or a third is missing: move what both need there.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'resolvable',
      comment:
        'The imported file or package is not there: fix the path (with its .ts extension) or declare the package.',
      severity: 'error',
      // Scripts that a test serves to a browser as they are (.js) import addresses, not files.
      from: { path: `^(${FOLDERS.join('|')})/.+[.](ts|tsx|mjs)$` },
      to: { couldNotResolve: true, pathNot: '^electron$' },
    },
  ],
  options: {
    parser: 'swc',
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(node_modules/.+/node_modules|dist|[.]tsbuild|[.]practice|[.]cache)/' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.json', '.css'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
    skipAnalysisNotInRules: true,
  },
};
