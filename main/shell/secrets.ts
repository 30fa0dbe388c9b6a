import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';

/**
 * The store's key: 256 random bits, wrapped by the system's key store, in a small file of the profile (security 27, 29). It leaves
 * this process only in the first message to the engine. Each key has an id that names its store's folder: a seat that must begin
 * anew never touches what an older key still opens.
 */
export type StoreKey =
  | { readonly kept: 'keyStore'; readonly id: string; readonly key: Uint8Array }
  /** Nothing is written to disk. `unreadable`: a wrapped key is there, but the key store does not open it (now). `wanted`: by an administrator. */
  | { readonly kept: 'memory'; readonly why: 'noKeyStore' | 'unreadable' | 'wanted'; readonly key: Uint8Array };

/** The part of Electron's safeStorage used here. The synchronous calls are deprecated and stay unused. */
export type SafeStorage = {
  readonly isAsyncEncryptionAvailable: () => Promise<boolean>;
  readonly encryptStringAsync: (plain: string) => Promise<Buffer>;
  readonly decryptStringAsync: (
    wrapped: Buffer,
  ) => Promise<{ readonly result: string; readonly shouldReEncrypt: boolean }>;
  /** Linux only. */
  readonly getSelectedStorageBackend?: () => string;
};

/** One small file, replaced as a whole. `putAside` renames it, so that nothing is lost. */
export type KeyFile = { read(): string | undefined; write(text: string): void; putAside(): void };

export type SecretParts = {
  readonly safeStorage: SafeStorage;
  readonly platform: string;
  readonly file: KeyFile;
  readonly random: (bytes: number) => Uint8Array;
};

const Wrapped = z.object({ v: z.literal(1), id: z.string().regex(/^[0-9a-f]{16}$/), wrapped: z.base64() });
const keyHex = /^[0-9a-f]{64}$/;

export const loadStoreKey = async (parts: SecretParts): Promise<StoreKey> => {
  if (!(await isProtected(parts))) return { kept: 'memory', why: 'noKeyStore', key: parts.random(32) };
  const text = parts.file.read();
  return text === undefined ? makeKey(parts) : openKey(parts, text);
};

/** The agent chose to begin anew: the old key is put aside with its store, not deleted. */
export const replaceStoreKey = async (parts: SecretParts): Promise<StoreKey> => {
  if (!(await isProtected(parts))) return { kept: 'memory', why: 'noKeyStore', key: parts.random(32) };
  parts.file.putAside();
  return makeKey(parts);
};

/** `basic_text` wraps with a password anyone can read in Chromium's source; `unknown` means asked too early. Neither protects. */
const isProtected = async ({ safeStorage, platform }: SecretParts): Promise<boolean> => {
  if (!(await safeStorage.isAsyncEncryptionAvailable().catch(() => false))) return false;
  if (platform !== 'linux') return true;
  return !['basic_text', 'unknown', undefined].includes(safeStorage.getSelectedStorageBackend?.());
};

const makeKey = async (parts: SecretParts): Promise<StoreKey> => {
  const key = parts.random(32);
  const id = hex(parts.random(8));
  try {
    await wrap(parts, id, hex(key));
    // Opened again before anything is encrypted with it: a key store that takes but does not give back must not eat a store.
    const { result } = await parts.safeStorage.decryptStringAsync(
      unwrapFile(parts.file.read())?.bytes ?? Buffer.alloc(0),
    );
    if (result === hex(key)) return { kept: 'keyStore', id, key };
  } catch {
    // Falls through: the same as having no key store.
  }
  parts.file.putAside();
  return { kept: 'memory', why: 'noKeyStore', key };
};

const openKey = async (parts: SecretParts, text: string): Promise<StoreKey> => {
  const unreadable: StoreKey = { kept: 'memory', why: 'unreadable', key: parts.random(32) };
  const file = unwrapFile(text);
  if (file === undefined) return unreadable;
  try {
    let opened = await parts.safeStorage.decryptStringAsync(file.bytes);
    // "Re-encrypt" means the key store has moved on; the answer is asked for again, as its documentation says, then stored anew.
    if (opened.shouldReEncrypt) {
      opened = await parts.safeStorage.decryptStringAsync(file.bytes);
      if (keyHex.test(opened.result)) await wrap(parts, file.id, opened.result);
    }
    return keyHex.test(opened.result)
      ? { kept: 'keyStore', id: file.id, key: new Uint8Array(Buffer.from(opened.result, 'hex')) }
      : unreadable;
  } catch {
    return unreadable;
  }
};

const wrap = async ({ safeStorage, file }: SecretParts, id: string, secret: string): Promise<void> => {
  const wrapped = await safeStorage.encryptStringAsync(secret);
  file.write(JSON.stringify({ v: 1, id, wrapped: wrapped.toString('base64') }));
};

const unwrapFile = (text: string | undefined): { id: string; bytes: Buffer } | undefined => {
  try {
    const file = Wrapped.safeParse(JSON.parse(text ?? ''));
    return file.success ? { id: file.data.id, bytes: Buffer.from(file.data.wrapped, 'base64') } : undefined;
  } catch {
    return undefined;
  }
};

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** The real file: readable by its user alone, on disk before the name changes, so that a power cut leaves the old or the new one. */
export const keyFile = (path: string, now: () => number): KeyFile => ({
  read: () => {
    try {
      return readFileSync(path, 'utf8');
    } catch (fault) {
      if ((fault as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      // There but not readable: not the same as absent, or a new key would replace it.
      return '';
    }
  },
  write: (text) => {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const fresh = `${path}.new`;
    const handle = openSync(fresh, 'w', 0o600);
    try {
      writeSync(handle, text);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(fresh, path);
  },
  putAside: () => {
    try {
      renameSync(path, `${path}.aside-${now()}`);
    } catch (fault) {
      if ((fault as NodeJS.ErrnoException).code !== 'ENOENT') throw fault;
    }
  },
});

export const keyFileName = 'store-key.json';
/** Of the profile's folder: the stores, whichever key opens them, and the wrapped keys, those put aside as well. */
export const isOfStores = (name: string): boolean => name.startsWith('store-');
export const storeFolder = (key: StoreKey): string => (key.kept === 'keyStore' ? `store-${key.id}` : 'store-memory');

/** What was encrypted with them is noise from then on, whatever a disk keeps of deleted files. May be called again. */
export const destroyKeyFiles = (stateDir: string): void => {
  for (const name of readdirSync(stateDir)) if (name.startsWith(keyFileName)) rmSync(join(stateDir, name));
};
