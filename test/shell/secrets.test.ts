import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SafeStorage } from '../../main/shell/secrets.ts';
import { keyFile, loadStoreKey, replaceStoreKey } from '../../main/shell/secrets.ts';
import { workingSafeStorage } from './fake-electron.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'zuoxi-key-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const path = (): string => join(folder, 'store-key.json');
const load = (safeStorage: SafeStorage, platform = 'linux') =>
  loadStoreKey({
    safeStorage,
    platform,
    file: keyFile(path(), () => 42),
    random: (bytes) => new Uint8Array(randomBytes(bytes)),
  });

describe("the store's key (security 27)", () => {
  it('is 256 random bits, the same at every start, and nowhere in its file', async () => {
    const first = await load(workingSafeStorage());
    const second = await load(workingSafeStorage());
    expect(first.kept).toBe('keyStore');
    expect(first.key).toHaveLength(32);
    expect(second).toEqual(first);
    const text = readFileSync(path(), 'utf8');
    expect(text).not.toContain(Buffer.from(first.key).toString('hex'));
    expect(text).not.toContain(Buffer.from(first.key).toString('base64'));
    expect(statSync(path()).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['store-key.json']);
  });

  it.each(['basic_text', 'unknown'])('backend %s is no key store: memory only, no file', async (backend) => {
    const key = await load({ ...workingSafeStorage(), getSelectedStorageBackend: () => backend });
    expect(key).toMatchObject({ kept: 'memory', why: 'noKeyStore' });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('no encryption, or a question that fails, is no key store either, on any system', async () => {
    for (const platform of ['win32', 'darwin', 'linux']) {
      for (const isAsyncEncryptionAvailable of [() => Promise.resolve(false), () => Promise.reject(new Error('dbus'))])
        expect(await load({ ...workingSafeStorage(), isAsyncEncryptionAvailable }, platform)).toMatchObject({
          kept: 'memory',
        });
    }
    expect(readdirSync(folder)).toEqual([]);
  });

  it('Windows and macOS have no backend to ask for', async () => {
    const { isAsyncEncryptionAvailable, encryptStringAsync, decryptStringAsync } = workingSafeStorage();
    const plain: SafeStorage = { isAsyncEncryptionAvailable, encryptStringAsync, decryptStringAsync };
    expect(await load(plain, 'win32')).toMatchObject({ kept: 'keyStore' });
  });

  it('a key store that takes but does not give back is not trusted with a store', async () => {
    const key = await load({
      ...workingSafeStorage(),
      decryptStringAsync: () => Promise.resolve({ result: '', shouldReEncrypt: false }),
    });
    expect(key).toMatchObject({ kept: 'memory', why: 'noKeyStore' });
    expect(readdirSync(folder).some((name) => name === 'store-key.json')).toBe(false);
  });

  it('is wrapped anew when the key store has moved on', async () => {
    const first = await load(workingSafeStorage());
    const before = readFileSync(path(), 'utf8');
    const moved: SafeStorage = {
      ...workingSafeStorage(),
      encryptStringAsync: (plain) => Promise.resolve(Buffer.from(`2${plain}`)),
      decryptStringAsync: async (wrapped) => ({
        result: (await workingSafeStorage().decryptStringAsync(wrapped)).result,
        shouldReEncrypt: true,
      }),
    };
    expect(await load(moved)).toEqual(first);
    expect(readFileSync(path(), 'utf8')).not.toBe(before);
  });
});

describe('a key that cannot be opened (security 29)', () => {
  it.each([
    ['the key store refuses', () => undefined, true],
    ['the file is cut short', () => writeFileSync(path(), readFileSync(path(), 'utf8').slice(0, 20)), false],
    ['the file is empty', () => writeFileSync(path(), ''), false],
    ['the file is of another kind', () => writeFileSync(path(), '{"v":2}'), false],
    [
      'the file has another key',
      () => writeFileSync(path(), JSON.stringify({ v: 1, id: '0'.repeat(16), wrapped: 'AAAA' })),
      false,
    ],
  ])('%s: memory for now, and the file stays as it is', async (_name, damage, refuses) => {
    await load(workingSafeStorage());
    damage();
    const before = readFileSync(path(), 'utf8');
    const storage = workingSafeStorage();
    const key = await load(
      refuses ? { ...storage, decryptStringAsync: () => Promise.reject(new Error('locked')) } : storage,
    );
    expect(key).toMatchObject({ kept: 'memory', why: 'unreadable' });
    expect(readFileSync(path(), 'utf8')).toBe(before);
  });

  it('beginning anew puts the old key aside and names another store', async () => {
    const first = await load(workingSafeStorage());
    const old = readFileSync(path(), 'utf8');
    const parts = {
      safeStorage: workingSafeStorage(),
      platform: 'linux',
      file: keyFile(path(), () => 42),
      random: (bytes: number) => new Uint8Array(randomBytes(bytes)),
    };
    const fresh = await replaceStoreKey(parts);
    expect(fresh.kept).toBe('keyStore');
    expect(fresh).not.toMatchObject({ id: first.kept === 'keyStore' ? first.id : '' });
    expect(readFileSync(`${path()}.aside-42`, 'utf8')).toBe(old);
  });
});
