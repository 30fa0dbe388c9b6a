/** What must be true of the bundles and of a package. Each check answers its faults as sentences; none means all is well. */
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';

/** Electron's fuse wire: this text in the program, then version, count, and a character per fuse (@electron/fuses). */
const SENTINEL = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';
const FUSES = [
  'runAsNode',
  'enableCookieEncryption',
  'enableNodeOptionsEnvironmentVariable',
  'enableNodeCliInspectArguments',
  'enableEmbeddedAsarIntegrityValidation',
  'onlyLoadAppFromAsar',
  'loadBrowserProcessSpecificV8Snapshot',
  'grantFileProtocolExtraPrivileges',
  'wasmTrapHandlers',
];
/** Security 14, in that order; `-` is left as Electron ships it. */
const WIRE = { release: '01001100-', test: '01011100-' };

const MAX_PRELOAD_BYTES = 4_000;

/** The built folders: everything there, and the preloads small, CommonJS, and loading electron alone. */
export function checkBundles(dist) {
  const faults = [];
  const needed = [
    'main/main.js',
    'main/engine-process.js',
    'main/page-thread.js',
    'preload/desk.cjs',
    'preload/phone.cjs',
    'renderer/desk/index.html',
    'renderer/phone/index.html',
  ];
  for (const file of needed) if (!existsSync(join(dist, file))) faults.push(`${file} is missing: run the build`);
  if (faults.length > 0) return faults;

  for (const name of ['desk.cjs', 'phone.cjs']) {
    const code = readFileSync(join(dist, 'preload', name), 'utf8');
    const loads = [...code.matchAll(/require\(\s*["'`]([^"'`]+)["'`]\s*\)/g)].map((match) => match[1]);
    if (loads.some((what) => what !== 'electron')) faults.push(`preload/${name} loads ${loads.join(', ')}`);
    if (code.length > MAX_PRELOAD_BYTES)
      faults.push(`preload/${name} has ${code.length} bytes: it must know names only`);
  }
  for (const page of ['desk', 'phone']) {
    const html = readFileSync(join(dist, 'renderer', page, 'index.html'), 'utf8');
    if (/<script(?![^>]*\bsrc=)[^>]*>[^<]*\S|\son[a-z]+=|<style|\sstyle=/i.test(html))
      faults.push(`renderer/${page}/index.html has inline code or style, which its content policy stops`);
  }
  for (const file of ['main/main.js', 'main/engine-process.js', 'main/page-thread.js'])
    faults.push(...foreignImports(dist, file));
  return faults;
}

/** Of a main bundle and its parts: what is loaded from outside must be Node's, electron, or the one native module. */
function foreignImports(dist, file) {
  const folder = join(dist, 'main');
  const parts = existsSync(join(folder, 'parts'))
    ? readdirSync(join(folder, 'parts')).filter((name) => name.endsWith('.js'))
    : [];
  const faults = [];
  for (const path of [join(dist, file), ...parts.map((name) => join(folder, 'parts', name))]) {
    const code = readFileSync(path, 'utf8');
    for (const besides of loadedBeside(relative(dist, path), code))
      if (!existsSync(join(dist, besides)))
        faults.push(`${relative(dist, path)} loads ${besides}, which was not built`);
    for (const [, what] of code.matchAll(
      /^(?:import|export)\b[^;]*?\bfrom\s*["']([^"']+)["']|^import\s*["']([^"']+)["']/gm,
    ))
      if (what && !/^(\.|node:|electron$|better-sqlite3$)/.test(what) && !isNodes(what))
        faults.push(`${relative(dist, path)} loads ${what}, which is not packaged`);
  }
  return faults;
}

const isNodes = (name) => process.getBuiltinModule?.(name) !== undefined;

/** A packaged folder (Windows and Linux layout): the archive's files, what lies beside it, and the fuses. */
export function inspectPackage(folder, flavour) {
  const archive = join(folder, 'resources/app.asar');
  if (!existsSync(archive)) return [`there is no ${archive}`];
  const { packed, unpacked, read } = filesOf(archive);
  const all = [...packed, ...unpacked];
  const faults = [];

  for (const file of [
    'package.json',
    'dist/main/main.js',
    'dist/main/engine-process.js',
    'dist/main/page-thread.js',
    'dist/preload/desk.cjs',
    'dist/preload/phone.cjs',
    'dist/renderer/desk/index.html',
    'dist/renderer/phone/index.html',
  ])
    if (!packed.includes(file)) faults.push(`the package lacks ${file}`);
  const strays = all.filter(
    (file) =>
      !/^(package\.json|dist\/(main|preload|renderer)\/|node_modules\/better-sqlite3\/(lib|prebuilds|package\.json|LICENSE))/.test(
        file,
      ) || /\.(map|ts|tsx|md)$|\.built-from$|(^|\/)\.env/.test(file),
  );
  if (strays.length > 0) faults.push(`the package holds what it should not: ${strays.slice(0, 10).join(', ')}`);

  for (const file of packed.filter((name) => /^dist\/main\/.*\.js$/.test(name)))
    for (const besides of loadedBeside(file, read(file)))
      if (!packed.includes(besides)) faults.push(`${file} loads ${besides}, which is not in the package`);

  const binaries = all.filter((file) => file.endsWith('.node'));
  if (binaries.length !== 1)
    faults.push(`one native binary is expected, these are there: ${binaries.join(', ') || 'none'}`);
  if (packed.some((file) => file.endsWith('.node')))
    faults.push('a native binary lies inside the archive, where it cannot be loaded');
  for (const file of unpacked)
    if (!existsSync(join(`${archive}.unpacked`, file))) faults.push(`${file} should lie beside the archive`);

  const wire = fuseWire(folder);
  const wanted = WIRE[flavour];
  if (wire === undefined) faults.push('no program with fuses was found');
  else
    for (const [index, name] of FUSES.entries())
      if (wanted[index] !== '-' && wire[index] !== wanted[index])
        faults.push(`fuse ${name} is ${wire[index]}, not ${wanted[index]}`);
  return faults;
}

/** Files a bundle loads by their place beside it: its parts, and the program of a thread. */
function loadedBeside(file, code) {
  return code
    .split('\n')
    .filter((line) => /\bimport\b|\bfrom\b/.test(line))
    .flatMap((line) => [...line.matchAll(/["'](\.{1,2}\/[\w./-]+\.js)["']/g)])
    .map(([, besides]) => join(dirname(file), besides).split(sep).join('/'));
}

/** An asar archive begins with two pickles: sizes, then the tree of files as JSON. Behind it lie the files, where the tree says. */
function filesOf(archive) {
  const bytes = readFileSync(archive);
  const tree = JSON.parse(bytes.toString('utf8', 16, 16 + bytes.readUInt32LE(12)));
  const begin = 8 + bytes.readUInt32LE(4);
  const packed = [];
  const unpacked = [];
  const places = new Map();
  const walk = (node, path) => {
    for (const [name, entry] of Object.entries(node.files)) {
      const here = path === '' ? name : `${path}/${name}`;
      if (entry.files) walk(entry, here);
      else (entry.unpacked ? unpacked : packed).push(here);
      if (entry.offset !== undefined) places.set(here, [begin + Number(entry.offset), entry.size]);
    }
  };
  walk(tree, '');
  const read = (file) => {
    const [from, size] = places.get(file) ?? [0, 0];
    return bytes.toString('utf8', from, from + size);
  };
  return { packed, unpacked, read };
}

/**
 * Starts the thread that reads pages from what is in the package and nothing else: it says that it is ready when all it loads is there. Run by
 * Node, from a copy: that Electron's threads read archives as its processes do is Electron's word (since 19).
 */
export async function startPackedThread(folder, scratch) {
  const { packed, read } = filesOf(join(folder, 'resources/app.asar'));
  for (const file of packed.filter((name) => /^(package\.json$|dist\/main\/.*\.js$)/.test(name))) {
    mkdirSync(dirname(join(scratch, file)), { recursive: true });
    writeFileSync(join(scratch, file), read(file));
  }
  const worker = new Worker(pathToFileURL(join(scratch, 'dist/main/page-thread.js')), { execArgv: [] });
  try {
    const said = await new Promise((done, failed) => {
      worker.once('message', done);
      worker.once('error', failed);
      worker.once('exit', () => failed(new Error('it ended')));
    });
    return said === 'ready' ? [] : [`the packed thread that reads pages says ${JSON.stringify(said)}`];
  } catch (fault) {
    return [`the packed thread that reads pages does not start: ${fault.message}`];
  } finally {
    worker.postMessage('end');
    worker.removeAllListeners();
  }
}

function fuseWire(folder) {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (!statSync(path).isFile()) continue;
    const bytes = readFileSync(path);
    const at = bytes.indexOf(SENTINEL);
    if (at < 0) continue;
    const start = at + SENTINEL.length;
    return bytes.toString('latin1', start + 2, start + 2 + bytes[start + 1]);
  }
  return undefined;
}

/** A folder that looks to electron-builder like Electron's for Linux: enough files to be moved about, and a fuse wire to set. */
export function standInRuntime(folder) {
  const put = (path, content) => {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), content);
  };
  put('electron', Buffer.concat([Buffer.from(SENTINEL), Buffer.from([1, FUSES.length]), Buffer.from('101100001')]));
  chmodSync(join(folder, 'electron'), 0o755);
  put('version', 'stand-in');
  put('LICENSE', '');
  put('LICENSES.chromium.html', '');
  put('chrome-sandbox', '');
  put('chrome_crashpad_handler', '');
  put(`locales${sep}en-US.pak`, '');
  put(`locales${sep}zh-CN.pak`, '');
  return folder;
}
