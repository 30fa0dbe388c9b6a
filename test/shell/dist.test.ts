import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkBundles, inspectPackage, standInRuntime, startPackedThread } from '../../scripts/dist-check.mjs';
import { findElectron } from '../../scripts/electron.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'zuoxi-dist-test-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const put = (path: string, content: string | Buffer): void => {
  mkdirSync(join(folder, path, '..'), { recursive: true });
  writeFileSync(join(folder, path), content);
};

describe('the package, rehearsed', () => {
  it('electron-builder takes the configuration, collects the files and sets the fuses; both flavours are as agreed', () => {
    for (const flags of [['--rehearse'], ['--rehearse', '--test', '--no-build']]) {
      const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'scripts/dist.mjs'), ...flags], {
        encoding: 'utf8',
        cwd: root,
        timeout: 120_000,
      });
      expect(stderr).toBe('');
      expect(stdout.trim().split('\n').at(-1)).toBe(
        'dist: checked only, stopped before packaging for real — only a rehearsal was asked for.',
      );
      expect(status).toBe(3);
    }
  }, 180_000);
});

const page = '<!doctype html><title>x</title><script type="module" src="./a.js"></script>';
const goodBundles = (): void => {
  for (const name of ['desk', 'phone']) {
    put(`dist/renderer/${name}/index.html`, page);
    put(`dist/preload/${name}.cjs`, 'const e = require("electron");');
  }
  put(
    'dist/main/main.js',
    'import { app } from "electron";\nimport fs from "node:fs";\nimport path from "path";\nimport "./parts/a.js";',
  );
  put('dist/main/engine-process.js', 'import Database from "better-sqlite3";');
  put('dist/main/page-thread.js', 'export {};');
  put('dist/main/parts/a.js', 'export {};');
};

describe('bundles', () => {
  it('as built are well', () => {
    goodBundles();
    expect(checkBundles(join(folder, 'dist'))).toEqual([]);
  });
  it.each([
    ['nothing built', () => rmSync(join(folder, 'dist/main/main.js')), 'main/main.js is missing'],
    [
      'a preload that loads zod',
      () => put('dist/preload/desk.cjs', 'require("electron");require("zod")'),
      'loads electron, zod',
    ],
    [
      'a preload that grew',
      () => put('dist/preload/phone.cjs', `require("electron");${'x'.repeat(4_000)}`),
      'must know names only',
    ],
    ['an inline script', () => put('dist/renderer/desk/index.html', `${page}<script>boot()</script>`), 'inline code'],
    [
      'an inline style',
      () => put('dist/renderer/phone/index.html', `${page}<style>b{}</style>`),
      'inline code or style',
    ],
    [
      'a thread that is looked for where it is not',
      () => put('dist/main/parts/a.js', 'var besides = new URL("./page-thread.js", import.meta.url);'),
      'main/parts/a.js loads main/parts/page-thread.js, which was not built',
    ],
    ['a package left outside', () => put('dist/main/parts/a.js', 'import { z } from "zod";'), 'loads zod'],
  ])('%s is told', (_name, damage, sentence) => {
    goodBundles();
    damage();
    expect(checkBundles(join(folder, 'dist')).join('\n')).toContain(sentence);
  });
});

/** An archive as asar writes it: two pickles of sizes and the tree as JSON, then what is in the files. */
const asar = (files: readonly string[], contents: Readonly<Record<string, string>>): Buffer => {
  type Node = { files?: Record<string, Node>; unpacked?: boolean; size?: number; offset?: string };
  const tree: Node = { files: {} };
  const bodies: Buffer[] = [];
  let offset = 0;
  for (const file of files) {
    let node = tree;
    const steps = file.split('/');
    for (const step of steps.slice(0, -1)) node = (node.files ??= {})[step] ??= { files: {} };
    const body = Buffer.from(contents[file] ?? '');
    const isBeside = file.endsWith('.node');
    (node.files ??= {})[steps.at(-1) ?? ''] = {
      ...{ size: body.length, unpacked: isBeside },
      ...(isBeside ? {} : { offset: String(offset) }),
    };
    bodies.push(body);
    offset += body.length;
  }
  const json = Buffer.from(JSON.stringify(tree));
  const head = Buffer.alloc(16);
  head.writeUInt32LE(8 + json.length, 4);
  head.writeUInt32LE(json.length, 12);
  return Buffer.concat([head, json, ...bodies]);
};

const native = 'node_modules/better-sqlite3/prebuilds/linux-x64.node';
const goodFiles = [
  'package.json',
  'dist/main/main.js',
  'dist/main/engine-process.js',
  'dist/main/page-thread.js',
  'dist/main/parts/lines-1.js',
  'dist/preload/desk.cjs',
  'dist/preload/phone.cjs',
  'dist/renderer/desk/index.html',
  'dist/renderer/phone/index.html',
  'node_modules/better-sqlite3/package.json',
  'node_modules/better-sqlite3/lib/index.js',
  native,
];
const goodContents = {
  'package.json': '{"type":"module"}',
  'dist/main/engine-process.js': 'new Worker(new URL("./page-thread.js", import.meta.url));',
  'dist/main/page-thread.js':
    'import { parentPort } from "node:worker_threads";\nimport { word } from "./parts/lines-1.js";\nparentPort.on("message", () => parentPort.close()).postMessage(word);',
  'dist/main/parts/lines-1.js': 'export const word = "ready";',
};
const packed = (files: readonly string[], wire: string): readonly string[] => {
  put('app/resources/app.asar', asar(files, goodContents));
  for (const file of files) if (file.endsWith('.node')) put(`app/resources/app.asar.unpacked/${file}`, '');
  put(
    'app/zuoxi',
    Buffer.concat([Buffer.from('…dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX'), Buffer.from([1, wire.length]), Buffer.from(wire)]),
  );
  return inspectPackage(join(folder, 'app'), 'release');
};

describe('a package (security 14)', () => {
  it('as agreed is well', () => expect(packed(goodFiles, '010011001')).toEqual([]));
  it.each([
    ['a source map', [...goodFiles, 'dist/main/main.js.map'], '010011001', 'main.js.map'],
    ['sources', [...goodFiles, 'main/shell/main.ts'], '010011001', 'main/shell/main.ts'],
    ['a stray module', [...goodFiles, 'node_modules/zod/index.js'], '010011001', 'node_modules/zod'],
    ['settings of a developer', [...goodFiles, 'dist/main/.env'], '010011001', '.env'],
    ["another platform's binary", [...goodFiles, native.replace('linux', 'win32')], '010011001', 'one native binary'],
    ['no binary', goodFiles.slice(0, -1), '010011001', 'one native binary'],
    [
      'no thread that reads pages',
      goodFiles.filter((file) => !file.includes('page-thread')),
      '010011001',
      'engine-process.js loads dist/main/page-thread.js, which is not in the package',
    ],
    [
      'a part of a thread missing',
      goodFiles.filter((file) => !file.includes('lines-1')),
      '010011001',
      'page-thread.js loads dist/main/parts/lines-1.js, which is not in the package',
    ],
    ['no preload', goodFiles.filter((file) => !file.includes('desk.cjs')), '010011001', 'lacks dist/preload/desk.cjs'],
    ['run as Node', goodFiles, '110011001', 'runAsNode is 1'],
    ['a debugger', goodFiles, '010111001', 'enableNodeCliInspectArguments is 1'],
    ['no integrity check', goodFiles, '010001001', 'enableEmbeddedAsarIntegrityValidation is 0'],
    ['file:// privileges', goodFiles, '010011011', 'grantFileProtocolExtraPrivileges is 1'],
  ])('with %s is told', (_name, files, wire, sentence) => {
    expect(packed(files, wire).join('\n')).toContain(sentence);
  });
  it('has a thread that reads pages which starts from what is packed alone', async () => {
    packed(goodFiles, '010011001');
    expect(await startPackedThread(join(folder, 'app'), join(folder, 'whole'))).toEqual([]);
    packed(
      goodFiles.filter((file) => !file.includes('lines-1')),
      '010011001',
    );
    const faults = await startPackedThread(join(folder, 'app'), join(folder, 'lacking'));
    expect(faults.join()).toMatch(/does not start: .*lines-1\.js/);
  });
  it('that is not there is told', () => expect(inspectPackage(folder, 'release').join()).toContain('app.asar'));
});

describe('finding the runtime', () => {
  const display = { DISPLAY: ':0' };
  it('where it is pointed to', async () => {
    const runtime = standInRuntime(join(folder, 'runtime'));
    const name =
      { win32: 'electron.exe', darwin: 'Electron.app/Contents/MacOS/Electron' }[process.platform as string] ??
      'electron';
    put(`runtime/${name}`, '');
    chmodSync(join(runtime, name), 0o755);
    expect(await findElectron({ env: { ...display, ELECTRON_OVERRIDE_DIST_PATH: runtime } })).toEqual({
      path: join(runtime, name),
    });
  });
  it('nowhere: a sentence, and never a wait', async () => {
    const missing = await findElectron({ env: { ...display, ELECTRON_OVERRIDE_DIST_PATH: join(folder, 'none') } });
    expect(missing.why).toContain('ELECTRON_OVERRIDE_DIST_PATH');
    const started = Date.now();
    const limited = await findElectron({ fetch: true, limitMs: 1, env: display });
    expect(limited.path ?? limited.why).toMatch(/electron/i);
    expect(Date.now() - started).toBeLessThan(5_000);
  });
  it.runIf(process.platform === 'linux')('a runtime without a display is of no use', async () => {
    const runtime = standInRuntime(join(folder, 'runtime'));
    expect((await findElectron({ env: { ELECTRON_OVERRIDE_DIST_PATH: runtime } })).why).toContain('display');
  });
});
