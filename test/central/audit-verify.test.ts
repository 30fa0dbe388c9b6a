import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { silent } from '../../central/ambient.ts';
import { audit } from '../../central/audit.ts';
import type { AuditEvent, AuditHead, AuditRow } from '../../central/audit-chain.ts';
import { link, verifyChain } from '../../central/audit-chain.ts';
import { openDatabase, run, statement, transaction } from '../../central/db.ts';
import type { DatabaseAt } from '../../central/db.ts';
import { auditKeyOf, openSecrets } from '../../central/secrets.ts';
import { bytes, databaseKinds } from './fixture.ts';
import { startPostgres } from './postgres.ts';

const secret = bytes(32);
const key = auditKeyOf(secret);

const event = (n: number): AuditEvent => ({
  ...{ atMs: 1_000 + n, agentId: 'A1001', seatId: 'seat', contactId: null, customerId: `C${n}` },
  ...{ kind: 'check', factor: 'fullName', result: `r${n}` },
});
const chainOf = (count: number, using = key, from: readonly AuditRow[] = []): AuditRow[] => {
  const entries = [...from];
  for (let seq = entries.length + 1; seq <= count; seq += 1) {
    const hash = link(using, entries.at(-1)?.hash ?? '', seq, event(seq));
    entries.push({ ...event(seq), seq, hash });
  }
  return entries;
};
const headOf = (entries: readonly AuditRow[]): AuditHead => ({
  seq: entries.length,
  hash: entries.at(-1)?.hash ?? '',
});
const whole = chainOf(9);
const at = (seq: number): AuditHead => ({ seq, hash: whole[seq - 1]?.hash ?? '' });
/** Entries 5 and after written anew over a changed entry 4, numbers and hashes all fitting. */
const rewrittenWith = (using: Uint8Array): AuditRow[] => {
  const kept = whole.slice(0, 3);
  const forged = { ...event(4), result: 'forged', seq: 4 };
  return chainOf(9, using, [...kept, { ...forged, hash: link(using, kept.at(-1)?.hash ?? '', 4, forged) }]);
};
const swapped = (one: number, other: number): AuditRow[] =>
  whole.map((entry) => (entry.seq === one ? whole[other - 1] : entry.seq === other ? whole[one - 1] : entry) ?? entry);

describe('R13 what the chain tells', () => {
  it('a whole one, an empty one', async () => {
    expect(await verifyChain(key, whole, () => headOf(whole))).toEqual({ kind: 'intact', rows: 9, head: at(9) });
    expect(await verifyChain(key, [], () => ({ seq: 0, hash: '' }))).toMatchObject({ kind: 'intact', rows: 0 });
  });

  it.each<[string, AuditRow[], number, string]>([
    ['tampered', whole.map((entry) => (entry.seq === 4 ? { ...entry, result: 'x' } : entry)), 4, 'changed'],
    ['an entry taken out', whole.filter(({ seq }) => seq !== 4), 4, 'missing'],
    ['an entry twice', [...whole.slice(0, 4), ...whole.slice(3)], 5, 'order'],
    ['reordered', swapped(4, 6), 4, 'missing'],
    ['reordered and numbered anew', swapped(4, 6).map((entry, n) => ({ ...entry, seq: n + 1 })), 4, 'changed'],
    ['cut off at the end', whole.slice(0, 6), 7, 'cutOff'],
    ['entries put in at the end with another key', chainOf(11, bytes(32), whole), 10, 'changed'],
    ['written anew from the middle without the secret', rewrittenWith(bytes(32)), 4, 'changed'],
  ])('%s', async (_what, entries, atSeq, why) => {
    expect(await verifyChain(key, entries, () => headOf(whole))).toEqual({ kind: 'broken', atSeq, why });
  });

  it('a changed head', async () => {
    const verdict = await verifyChain(key, whole, () => ({ ...headOf(whole), hash: 'x' }));
    expect(verdict).toEqual({ kind: 'broken', atSeq: 9, why: 'head' });
    expect(await verifyChain(key, whole, () => at(7))).toEqual({ kind: 'broken', atSeq: 8, why: 'head' });
  });

  it('what it cannot tell by itself, and an anchor does: cut off together with the head', async () => {
    const short = whole.slice(0, 6);
    expect(await verifyChain(key, short, () => headOf(short))).toMatchObject({ kind: 'intact', rows: 6 });
    expect(await verifyChain(key, short, () => undefined)).toMatchObject({ kind: 'intact', rows: 6 });
    const verdict = await verifyChain(key, short, () => headOf(short), [at(3), at(8)]);
    expect(verdict).toEqual({ kind: 'broken', atSeq: 7, why: 'cutOff' });
  });

  it('what it cannot tell by itself, and an anchor does: written anew from the middle with the secret', async () => {
    const forged = rewrittenWith(key);
    expect(await verifyChain(key, forged, () => headOf(forged))).toMatchObject({ kind: 'intact', rows: 9 });
    // An anchor from before the forgery is no help: honest about what one proves.
    expect(await verifyChain(key, forged, () => headOf(forged), [at(3)])).toMatchObject({ kind: 'intact' });
    const verdict = await verifyChain(key, forged, () => headOf(forged), [at(3), at(8)]);
    expect(verdict).toEqual({ kind: 'broken', atSeq: 8, why: 'anchor' });
  });
});

const program = fileURLToPath(new URL('../../central/audit-verify.ts', import.meta.url));
let dir: string;
let secretFile: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'zuoxi-audit-'));
  secretFile = join(dir, 'secret');
  writeFileSync(secretFile, secret);
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const verify = (...args: string[]) =>
  new Promise<{ code: number | null; out: string; err: string }>((done) => {
    const child = spawn(process.execPath, [program, ...args], { cwd: dir });
    let out = '';
    let err = '';
    child.stdout.on('data', (text: Buffer) => (out += String(text)));
    child.stderr.on('data', (text: Buffer) => (err += String(text)));
    child.on('close', (code) => done({ code, out, err }));
  });
const fileOf = (name: string, entries: readonly object[], head?: AuditHead): string => {
  const lines = [...entries, ...(head === undefined ? [] : [{ head }])].map((line) => JSON.stringify(line));
  writeFileSync(join(dir, name), `${lines.join('\n')}\n`);
  return name;
};
const shown = ({ seq, hash }: AuditHead): string => `${seq}:${hash}`;

describe('npm run audit:verify', () => {
  it('an export: whole, with its head; broken, with entry and why', async () => {
    const good = await verify('--file', fileOf('good', whole, headOf(whole)), '--secret-file', secretFile);
    expect(good).toEqual({ code: 0, out: `9 entries, chain whole\nhead ${shown(at(9))}\n`, err: '' });
    const gap = whole.filter(({ seq }) => seq !== 5);
    const bad = await verify('--file', fileOf('bad', gap, headOf(whole)), '--secret-file', secretFile);
    expect(bad).toEqual({ code: 1, out: 'chain broken: entry 5 is missing\n', err: '' });
  });

  it('says so when only an anchor could tell, and takes one', async () => {
    const short = fileOf('short', whole.slice(0, 6));
    const without = await verify('--file', short, '--secret-file', secretFile);
    expect(without).toMatchObject({ code: 0, out: expect.stringContaining('6 entries, chain whole') });
    expect(without.err).toContain('--anchor only');
    const anchored = await verify('--file', short, '--secret-file', secretFile, '--anchor', shown(at(9)));
    expect(anchored).toMatchObject({ code: 1, out: 'chain broken: entry 7 and what follows was cut off\n' });
    const held = await verify('--file', short, '--secret-file', secretFile, '--anchor', shown(at(2)));
    expect(held.out).toContain('6 entries, chain whole, 1 anchor held');
  });

  it.each([
    [['--prot'], 'Unknown option'],
    [['--anchor', '7'], 'NUMBER:HASH'],
    [['--file', 'good'], '--file needs --secret-file'],
    [['--file', 'nothing', '--secret-file', 'secret'], 'cannot be read'],
    [['--file', 'secret', '--secret-file', 'secret'], 'is not an entry'],
    [['--secret-file', 'nothing'], 'cannot be read'],
    [['--data', 'nothing'], 'There is no database in nothing'],
    [['--database-url', 'postgres://zuoxi:hidden@127.0.0.1:1/x'], 'nothing answers there'],
  ])('%s: not verified, and why', async (args, sentence) => {
    fileOf('good', whole, headOf(whole));
    const { code, out, err } = await verify(...args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(sentence);
    expect(err).not.toContain('hidden');
    expect(existsSync(join(dir, 'nothing'))).toBe(false);
  });
});

describe.each(databaseKinds)('on a database of central: %s', (kind) => {
  it('whole, exported, and tampered behind the back of the database', async () => {
    const server = kind === 'postgres' ? await startPostgres() : undefined;
    const data = join(dir, `data-${kind}`);
    const place: DatabaseAt =
      server === undefined ? { kind: 'pglite', dir: data } : { kind: 'postgres', url: server.createDatabase() };
    const where = place.kind === 'pglite' ? ['--data', data] : ['--database-url', place.url];
    try {
      const database = await openDatabase(place, silent);
      const { auditKey } = await openSecrets(database.db);
      for (let n = 1; n <= 5; n += 1) await transaction(database.db, (tx) => audit(tx, auditKey, [event(n)]));
      await database.close();

      const out = join(dir, `export-${kind}`);
      const good = await verify(...where, '--export', out);
      expect(good).toMatchObject({ code: 0, out: expect.stringMatching(/^5 entries, chain whole\nhead 5:/) });
      expect(good.err).toContain('The secret is in the database itself');
      expect(readFileSync(out, 'utf8').trim().split('\n')).toHaveLength(6);
      const again = await verify(...where, '--export', out);
      expect(again).toMatchObject({ code: 2, err: expect.stringContaining('is there already') });

      const reopened = await openDatabase(place, silent);
      await transaction(reopened.db, async (tx) => {
        await run(tx, statement`alter table audit disable trigger audit_append_only`);
        await run(tx, statement`update audit set result = 'forged' where seq = 3`);
      });
      await reopened.close();
      expect(await verify(...where)).toMatchObject({
        code: 1,
        out: 'chain broken: entry 3 is not what was written (or the secret is another)\n',
      });
    } finally {
      await server?.stop();
    }
  }, 120_000);
});
