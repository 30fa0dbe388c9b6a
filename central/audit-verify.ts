import { createReadStream } from 'node:fs';
import { open, readFile, stat } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { silent } from './ambient.ts';
import { auditEntries, auditHead, verifyAudit } from './audit.ts';
import type { AuditVerdict, BreakWhy } from './audit-chain.ts';
import { AuditHead, AuditRow, verifyChain } from './audit-chain.ts';
import type { DatabaseAt, Db } from './db.ts';
import { DatabaseUnavailable, readDatabase } from './db.ts';
import { auditKeyOf } from './secrets.ts';
import { settingOf } from './settings.ts';

/** Verifies central's audit chain without central: from its database or from an export. Reads only. */

const usage = `Usage: npm run audit:verify -- [options]
  --database-url URL   postgres://user:password@host/database; central may go on running
  --data DIR           the embedded database; .central by default; central must be stopped
  --file FILE          an export of the chain (JSON lines) instead
  --secret-file FILE   central's secret; needed unless the database keeps it itself
  --anchor SEQ:HASH    a head noted earlier; may be given several times
  --export FILE        also writes the chain to this file, to be verified elsewhere

Prints "N entries, chain whole" and its head, or the first broken entry and why. Exit code 0: whole, 1: broken, 2: not verified.

What it tells: an entry changed, left out, moved or put in, by anybody without the secret; entries cut off at the end, as long as the
head kept beside them was not changed as well. What only --anchor tells: entries cut off together with the head, and a chain written
anew from some entry on by somebody who has the secret (whoever has the database, if no --secret-file was ever used). So note the
head regularly where they cannot reach it.
`;

/** The chain could not be looked at; the message is all there is to say. */
class NotVerified extends Error {}

const optionTypes = {
  'database-url': { type: 'string' },
  data: { type: 'string', default: '.central' },
  file: { type: 'string' },
  'secret-file': { type: 'string' },
  anchor: { type: 'string', multiple: true, default: [] as string[] },
  export: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;

const readArgs = (args: readonly string[]) => {
  try {
    return parseArgs({ args: [...args], options: optionTypes }).values;
  } catch (fault) {
    throw new NotVerified(`${fault instanceof Error ? fault.message : 'wrong arguments'}\n\n${usage}`);
  }
};

const main = async (): Promise<void> => {
  const values = readArgs(process.argv.slice(2));
  if (values.help) return void process.stdout.write(usage);
  const anchors = values.anchor.map(anchorOf);
  const secret = values['secret-file'] === undefined ? undefined : await secretOf(values['secret-file']);
  const verdict =
    values.file === undefined
      ? await ofDatabase(databaseOf(values), secret, anchors, values.export)
      : await ofFile(values.file, secret, anchors);
  say(verdict, anchors.length);
};

const anchorOf = (text: string): AuditHead => {
  const [, seq, hash] = /^(\d{1,15}):([\w-]{43})$/.exec(text) ?? [];
  if (seq === undefined || hash === undefined)
    throw new NotVerified('--anchor is a head as this program prints it: NUMBER:HASH.');
  return { seq: Number(seq), hash };
};

const secretOf = async (path: string): Promise<Uint8Array> => {
  const secret = await readFile(path).catch(() => {
    throw new NotVerified(`The file of --secret-file cannot be read: ${path}`);
  });
  if (secret.length < 32) throw new NotVerified('The file of --secret-file is shorter than 32 bytes.');
  return new Uint8Array(secret);
};

const databaseOf = (values: ReturnType<typeof readArgs>): DatabaseAt => {
  const url = values['database-url'];
  if (url === undefined) return { kind: 'pglite', dir: values.data };
  if (!/^postgres(?:ql)?:\/\//.test(url)) throw new NotVerified('--database-url begins with postgres://');
  return { kind: 'postgres', url };
};

const ofDatabase = (
  at: DatabaseAt,
  given: Uint8Array | undefined,
  anchors: readonly AuditHead[],
  out: string | undefined,
): Promise<AuditVerdict> =>
  readDatabase(at, silent, async (db) => {
    const secret = given ?? (await keptSecretOf(db));
    if (given === undefined)
      process.stderr.write('The secret is in the database itself: whoever can change entries can write them anew.\n');
    if (out !== undefined) await exportChain(db, out);
    return verifyAudit(db, auditKeyOf(secret), anchors);
  });

const keptSecretOf = async (db: Db): Promise<Uint8Array> => {
  const kept = await settingOf(db, 'secret');
  if (typeof kept === 'string') return Buffer.from(kept, 'base64');
  throw new NotVerified('The database does not keep the secret: --secret-file is needed.');
};

/** Entries, then the head; never over a file that is there. */
const exportChain = async (db: Db, path: string): Promise<void> => {
  const file = await open(path, 'wx', 0o600).catch(() => {
    throw new NotVerified(`The file of --export is there already or cannot be written: ${path}`);
  });
  const lines = async function* (): AsyncGenerator<string> {
    for await (const entry of auditEntries(db)) yield `${JSON.stringify(entry)}\n`;
    yield `${JSON.stringify({ head: await auditHead(db) })}\n`;
  };
  await pipeline(lines, file.createWriteStream());
};

const ofFile = async (
  path: string,
  secret: Uint8Array | undefined,
  anchors: readonly AuditHead[],
): Promise<AuditVerdict> => {
  if (secret === undefined) throw new NotVerified('--file needs --secret-file.');
  const isFile = await stat(path).then(
    (about) => about.isFile(),
    () => false,
  );
  if (!isFile) throw new NotVerified(`The file of --file cannot be read: ${path}`);
  let head: AuditHead | undefined;
  const entries = async function* (): AsyncGenerator<AuditRow> {
    let line = 0;
    for await (const text of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
      line += 1;
      if (text === '') continue;
      if (head !== undefined) throw new NotVerified(`Line ${line}: nothing follows the head.`);
      const read = lineOf(text);
      if (read === undefined) throw new NotVerified(`Line ${line} is not an entry of an audit chain.`);
      if ('head' in read) head = read.head;
      else yield read;
    }
  };
  const verdict = await verifyChain(auditKeyOf(secret), entries(), () => head, anchors);
  if (verdict.kind === 'intact' && head === undefined)
    process.stderr.write('The file has no head: entries cut off at its end show by --anchor only.\n');
  return verdict;
};

const lineOf = (text: string): AuditRow | { readonly head: AuditHead } | undefined => {
  try {
    const read: unknown = JSON.parse(text);
    if (typeof read === 'object' && read !== null && 'head' in read) return { head: AuditHead.parse(read.head) };
    return AuditRow.parse(read);
  } catch {
    return undefined;
  }
};

const sentences: Readonly<Record<BreakWhy, string>> = {
  missing: 'is missing',
  order: 'stands elsewhere than it was written',
  changed: 'is not what was written (or the secret is another)',
  cutOff: 'and what follows was cut off',
  head: 'is where chain and head part',
  anchor: 'or one before it was written anew: the anchor says so',
};

const say = (verdict: AuditVerdict, anchors: number): void => {
  if (verdict.kind === 'broken') {
    process.stdout.write(`chain broken: entry ${verdict.atSeq} ${sentences[verdict.why]}\n`);
    process.exitCode = 1;
    return;
  }
  const { rows, head } = verdict;
  const held = anchors === 0 ? '' : `, ${anchors} anchor${anchors === 1 ? '' : 's'} held`;
  process.stdout.write(`${rows} entries, chain whole${held}\n`);
  if (rows > 0) process.stdout.write(`head ${head.seq}:${head.hash}\n`);
};

await main().catch((fault: unknown) => {
  const isTold = fault instanceof NotVerified || fault instanceof DatabaseUnavailable;
  process.stderr.write(`not verified: ${isTold ? fault.message : String(fault)}\n`);
  process.exitCode = 2;
});
