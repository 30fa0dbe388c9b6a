import { readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig, type InlineConfig, type Plugin } from 'vite';

const root = fileURLToPath(new URL('.', import.meta.url));
const at = (path: string): string => root + path;

/** Chromium of Electron 45; the browser host asks for the same or newer. */
const BROWSER = 'chrome140';

const common = {
  configFile: false,
  logLevel: 'warn',
  clearScreen: false,
  envDir: false,
} as const satisfies InlineConfig;

/** What libraries name and no page of ours runs: our own media and transport take the place of SIP.js's, and JSON Schema is written at central. */
export const neverRun = [
  'sip.js/lib/platform/web/session-description-handler/session-description-handler-factory-default.js',
  'sip.js/lib/platform/web/transport/transport.js',
  'zod/v4/core/json-schema-processors.js',
  'zod/v4/core/to-json-schema.js',
];

/** Leaves them out, an eighth of the phone page's code. They may be named and set up; what comes of that throws when it is used. */
const withoutNeverRun = (): Plugin => ({
  name: 'without-never-run',
  load: (id) => {
    const path = id.replaceAll('\\', '/');
    const named = neverRun.find((module) => path.endsWith(`/node_modules/${module}`));
    if (named === undefined) return null;
    const names = [...readFileSync(id, 'utf8').matchAll(/^export (?:async )?(?:const|let|function|class) (\w+)/gm)].map(
      (found) => found[1],
    );
    const stand = `const used = () => { throw new Error('left out of the pages: ${named}'); };\nconst setUp = () => used;\n`;
    return stand + names.map((name) => `export const ${name} = setUp;\n`).join('');
  },
});

export const sipGrammar = 'sip.js/lib/grammar/pegjs/dist/grammar.js';
const decodeEachTime =
  /function peg\$decode\(s\) \{\s*return (s\.split\(""\)\.map\(\(ch\) => ch\.charCodeAt\(0\) - 32\));\s*\}/;

/** What says in words why a header cannot be read, to nobody: SIP.js keeps no more of it than that. */
const said = /    static buildMessage\(expected, found\) \{[\s\S]*?\n    \}\n(?=    constructor|    format)/;
const formatted = /    format\(sources\) \{[\s\S]*?\n    \}\n(?=\})/;

/**
 * SIP.js's parser takes its whole grammar out of some 230 strings again for each header it reads, nine times in an INVITE: five sixths of
 * the time until the phone page knows that it rings. Here each string is taken apart once.
 * @throws when it is no longer written so: then it is time to look whether this is still needed
 */
export const withGrammarKept = (code: string): string => {
  if (![decodeEachTime, said, formatted].every((known) => known.test(code)))
    throw new Error(`${sipGrammar} is another one than vite.config.ts knows`);
  const kept = code
    .replace(
      decodeEachTime,
      (_, decoded: string) =>
        `function peg$decode(s) { const known = peg$known.get(s) ?? ${decoded}; peg$known.set(s, known); return known; }`,
    )
    .replace(said, '')
    .replace(formatted, '')
    .replace('SyntaxError.buildMessage(expected1, found)', '""');
  return `const peg$known = new Map();\n${kept}`;
};

const keepGrammar = (): Plugin => ({
  name: 'keep-sip-grammar',
  load: (id) =>
    id.replaceAll('\\', '/').endsWith(`/node_modules/${sipGrammar}`) ? withGrammarKept(readFileSync(id, 'utf8')) : null,
});

/**
 * The two pages, in dist/renderer/{phone,desk}/index.html with assets beside them. Served as they are by the
 * browser host (http) and by the shell (app:), hence relative addresses. The content policy is `script-src 'self';
 * style-src 'self'`: nothing inline, no polyfill script, no data: addresses.
 */
export const renderer = {
  ...common,
  root: at('renderer'),
  base: './',
  publicDir: false,
  plugins: [react(), withoutNeverRun(), keepGrammar()],
  build: {
    outDir: at('dist/renderer'),
    emptyOutDir: true,
    target: BROWSER,
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    sourcemap: true,
    chunkSizeWarningLimit: 1_500,
    rolldownOptions: {
      input: { phone: at('renderer/phone/index.html'), desk: at('renderer/desk/index.html') },
      // What a page imports first runs first, also when a chunk is shared: shared/no-eval.ts depends on it.
      output: { strictExecutionOrder: true },
    },
  },
} satisfies InlineConfig;

/** What stays outside the bundles: the runtime, and the one native module. */
const external = ['electron', 'electron/main', 'electron/renderer', 'better-sqlite3', /^node:/, ...builtinModules];

/** The shell and the engine process, ESM, with everything but `external` bundled in. */
const main = {
  ...common,
  root,
  publicDir: false,
  ssr: { noExternal: true },
  build: {
    ssr: true,
    outDir: at('dist/main'),
    emptyOutDir: true,
    target: 'node24',
    minify: false,
    sourcemap: true,
    rolldownOptions: {
      input: {
        main: at('main/shell/main.ts'),
        'engine-process': at('main/shell/engine-process.ts'),
        'page-thread': at('main/engine/page-thread.ts'),
      },
      external,
      output: { format: 'esm', entryFileNames: '[name].js', chunkFileNames: 'parts/[name]-[hash].js' },
    },
  },
} satisfies InlineConfig;

/** A sandboxed preload can load nothing: one CommonJS file each, hence one build each. */
const preload = (name: 'desk' | 'phone'): InlineConfig => ({
  ...common,
  root,
  publicDir: false,
  ssr: { noExternal: true },
  build: {
    ssr: true,
    outDir: at('dist/preload'),
    emptyOutDir: false,
    target: BROWSER,
    minify: false,
    rolldownOptions: {
      input: { [name]: at(`preload/${name}.ts`) },
      external,
      output: { format: 'cjs', entryFileNames: '[name].cjs', codeSplitting: false },
    },
  },
});

export const shell: readonly InlineConfig[] = [main, preload('desk'), preload('phone')];

/** For editors and `vite` itself: the pages. */
export default defineConfig(renderer);
