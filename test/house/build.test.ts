import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { build, type InlineConfig } from 'vite';
import { neverRun, renderer, shell, sipGrammar, withGrammarKept } from '../../vite.config.ts';

/** What the pages' content policy and the sandboxed preload rely on, seen on a small seat built with the real settings. */
const house = mkdtempSync(join(tmpdir(), 'build-'));

const FILES: Record<string, string> = {
  'renderer/phone/index.html': '<!doctype html><title>p</title><script type="module" src="./main.ts"></script>',
  'renderer/phone/main.ts':
    "import './phone.css';\nimport { z } from 'zod';\nimport { word } from '../../shared/word.ts';\ndocument.title = z.string().parse(word);",
  'renderer/phone/phone.css': "body { background: url('./dot.svg'); }",
  'renderer/phone/dot.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>',
  'renderer/desk/index.html':
    '<!doctype html><title>d</title><div id="desk"></div><script type="module" src="./main.tsx"></script>',
  'renderer/desk/main.tsx':
    "import { createRoot } from 'react-dom/client';\nimport { word } from '../../shared/word.ts';\nconst Desk = () => <p>{word}</p>;\ncreateRoot(document.body).render(<Desk />);\nvoid import('./late.ts');",
  'renderer/desk/late.ts': "document.title = 'late';",
  'shared/word.ts': "export const word = 'seat';",
  'preload/desk.ts':
    "import { contextBridge } from 'electron';\nimport { name } from './names.ts';\ncontextBridge.exposeInMainWorld(name, {});",
  'preload/phone.ts':
    "import { contextBridge } from 'electron';\nimport { name } from './names.ts';\ncontextBridge.exposeInMainWorld(name, {});",
  'preload/names.ts': "export const name = 'zuoxi';",
  'main/shell/main.ts':
    "import { app } from 'electron';\nimport { z } from 'zod';\nimport { open } from '../engine/db.ts';\nexport { app, open, z };",
  'main/shell/engine-process.ts': "import { open } from '../engine/db.ts';\nopen(':memory:').close();",
  'main/engine/page-thread.ts': 'export {};',
  'main/engine/db.ts': "import Database from 'better-sqlite3';\nexport const open = (file) => new Database(file);",
};

/** The repository's own settings, on the small seat. */
const moved = (config: InlineConfig): InlineConfig => {
  const repository = dirname(dirname(import.meta.dirname));
  const move = (path: string): string => path.replace(repository, house);
  const options = config.build?.rolldownOptions;
  const input = Object.entries(options?.input ?? {}).map(([name, path]) => [name, move(path)]);
  return {
    ...config,
    root: move(config.root ?? ''),
    build: {
      ...config.build,
      outDir: move(config.build?.outDir ?? ''),
      rolldownOptions: { ...options, input: Object.fromEntries(input) },
    },
    resolve: {
      alias: {
        zod: join(repository, 'node_modules/zod'),
        'react-dom': join(repository, 'node_modules/react-dom'),
        react: join(repository, 'node_modules/react'),
      },
    },
  };
};

const built = (path: string): string => readFileSync(join(house, 'dist', path), 'utf8');

beforeAll(async () => {
  for (const [path, text] of Object.entries(FILES)) {
    mkdirSync(dirname(join(house, path)), { recursive: true });
    writeFileSync(join(house, path), text);
  }
  for (const config of [renderer, ...shell]) await build(moved(config));
}, 60_000);

afterAll(() => rmSync(house, { recursive: true, force: true }));

describe('BUILD-1 the pages', () => {
  it.each(['phone', 'desk'])('%s: every script and style is a file of ours, found relative to the page', (page) => {
    const html = built(`renderer/${page}/index.html`);
    expect(html).not.toMatch(/<style|style=|<script(?![^>]*src=)/);
    const addresses = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1] ?? '');
    expect(addresses.length).toBeGreaterThan(0);
    for (const address of addresses) {
      expect(address).toMatch(/^\.\.\/assets\//);
      expect(existsSync(join(house, 'dist/renderer', page, address))).toBe(true);
    }
  });

  it('nothing is inlined as a data: address, however small', () => {
    const assets = readdirSync(join(house, 'dist/renderer/assets'));
    expect(assets).toContainEqual(expect.stringMatching(/^dot-.+\.svg$/));
    for (const name of assets.filter((asset) => asset.endsWith('.css')))
      expect(built(`renderer/assets/${name}`)).not.toContain('data:');
  });
});

describe('what libraries name and no page runs', () => {
  it.each(neverRun)('%s is still where it is looked for', (module) => {
    expect(existsSync(join(dirname(dirname(import.meta.dirname)), 'node_modules', module))).toBe(true);
  });

  it('is not in the phone page, which says so when it is used all the same', () => {
    const scripts = readdirSync(join(house, 'dist/renderer/assets')).filter((name) => name.endsWith('.js'));
    const code = scripts.map((name) => built(`renderer/assets/${name}`)).join('\n');
    expect(code).toContain('left out of the pages: zod/v4/core/to-json-schema.js');
    expect(code).not.toContain('json-schema.org');
  });
});

describe('the grammar of SIP.js, kept between two headers', () => {
  type Grammar = { readonly parse: (text: string, options: { startRule: string; data?: unknown }) => unknown };
  const file = join(dirname(dirname(import.meta.dirname)), 'node_modules', sipGrammar);
  const read = ({ parse }: Grammar, text: string, startRule: string): string => {
    const options: Parameters<Grammar['parse']>[1] = { startRule };
    try {
      parse(text, options);
    } catch {
      return 'refused';
    }
    return JSON.stringify(options.data);
  };

  it('reads every header as the original does, also again and after one that it refuses', async () => {
    const address = (path: string): string => JSON.stringify(pathToFileURL(join(dirname(file), path)).href);
    const copy = join(house, 'grammar.mjs');
    writeFileSync(
      copy,
      withGrammarKept(readFileSync(file, 'utf8')).replace(
        /from "(\.[^"]+)"/g,
        (_, path: string) => `from ${address(path)}`,
      ),
    );
    const [ours, theirs] = [(await import(copy)) as Grammar, (await import(file)) as Grammar];
    const headers = [
      ['Request_Response', 'INVITE sip:s0@seat.invalid;transport=ws SIP/2.0'],
      ['Request_Response', 'SIP/2.0 486 Busy Here'],
      ['Via', 'SIP/2.0/WS seat.invalid;branch=z9hG4bKx;received=127.0.0.1'],
      ['From', '"王 女士" <sip:13800000000@seat.invalid>;tag=a'],
      ['From', '<sip:'],
      ['Contact', '<sip:a@seat.invalid;transport=ws>;expires=60, <sip:b@seat.invalid>'],
      ['WWW_Authenticate', 'Digest realm="seat", nonce="n", algorithm=MD5, qop="auth"'],
      ['CSeq', 'INVITE'],
      ['CSeq', '7 INVITE'],
    ] as const;
    for (const [rule, text] of [...headers, ...headers.toReversed()])
      expect(read(ours, text, rule)).toBe(read(theirs, text, rule));
    expect(read(ours, '7 INVITE', 'CSeq')).toContain('INVITE');
    expect(read(ours, '<sip:', 'From')).toBe('refused');
  });

  it('another grammar than the known one is not passed over', () => {
    expect(() => withGrammarKept('export const parse = () => {};')).toThrow('vite.config.ts');
  });
});

describe('BUILD-2 shell and preloads', () => {
  it.each(['desk', 'phone'])('preload %s is one CommonJS file that asks for electron alone', (name) => {
    const code = built(`preload/${name}.cjs`);
    expect([...code.matchAll(/require\("([^"]+)"\)/g)].map((match) => match[1])).toEqual(['electron']);
    expect(code).not.toMatch(/^\s*import /m);
    expect(code).toContain('zuoxi');
  });

  it('only the runtime and the native module stay outside main.js and engine-process.js', () => {
    const files = [
      'main.js',
      'engine-process.js',
      ...readdirSync(join(house, 'dist/main/parts')).map((name) => `parts/${name}`),
    ];
    const outside = files
      .filter((name) => name.endsWith('.js'))
      .flatMap((name) =>
        [...built(`main/${name}`).matchAll(/^import .*?"([^".][^"]*)";$/gm)].map((match) => match[1] ?? ''),
      );
    expect([...new Set(outside)].toSorted()).toEqual(['better-sqlite3', 'electron']);
  });
});
