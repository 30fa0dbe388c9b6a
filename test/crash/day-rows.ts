import { contactById, draftOf, putContact, saveDraft } from '../../main/engine/store/contacts.ts';
import type { CacheDb, Db, WriteDb } from '../../main/engine/store/db.ts';
import { readFeed, writeFeed } from '../../main/engine/store/meta.ts';
import { lastSeq } from '../../main/engine/store/op-places.ts';
import { allOps, appendOp, confirmOp } from '../../main/engine/store/outbox.ts';
import { countCustomers, holdsCustomer, putCustomer } from '../../main/engine/store/working-set.ts';
import type { Contact } from '../../shared/contact.ts';
import { Op } from '../../shared/op.ts';
import { customer } from '../main/sample.ts';

const idOf = (kind: string, seq: number): string => `018f0000-0000-7000-8${kind}00-${String(seq).padStart(12, '0')}`;
const contactId = (seq: number): string => idOf('1', seq);
const perPage = 2;

/** One change of a seat: contact, draft, op and counter in one transaction. */
export const change = (write: WriteDb, seq: number): void => {
  putContact(write, { id: contactId(seq), endedAtMs: null, note: `n${seq}`.repeat(200) } as unknown as Contact);
  saveDraft(write, contactId(seq), { note: `d${seq}`, disposition: [] }, seq);
  appendOp(
    write,
    Op.parse({
      id: idOf('2', seq),
      seatId: idOf('3', 1),
      seq,
      agentId: 'agent-1',
      body: { name: 'contact.answered', contactId: contactId(seq), atMs: seq },
    }),
  );
};

export const confirmContactOps = (write: WriteDb, seq: number): void => confirmOp(write, idOf('2', seq));

/** A page of central's feed with its cursor. */
export const page = (write: CacheDb, number: number): void => {
  for (let row = 0; row < perPage; row += 1) putCustomer(write, customer(`p${number}-${row}`));
  writeFeed(write, 'cursor', String(number));
};

export type Acks = { readonly w: number; readonly p: number; readonly c: ReadonlySet<number> };

export const acksOf = (text: string): Acks => {
  const whole = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
  const of = (kind: string): number[] =>
    whole.filter((line) => line.startsWith(`${kind} `)).map((line) => Number(line.slice(2)));
  return { w: of('w').at(-1) ?? 0, p: of('p').at(-1) ?? 0, c: new Set(of('c')) };
};

/** What is wrong with a store that was left after these acknowledgements; nothing, when all is well. */
export const wrongWith = (db: Db, acks: Acks, after: 'kill' | 'powerCut' = 'kill'): string[] => {
  const wrong: string[] = [];
  const claim = (holds: boolean, otherwise: string): void => void (holds || wrong.push(otherwise));
  const seq = lastSeq(db.read);
  claim(seq >= acks.w, `change ${acks.w} was acknowledged, the last one here is ${seq}`);
  // One commit may have come through without its acknowledgement.
  claim(seq <= acks.w + 1, `change ${seq} is here, ${acks.w} was the last`);
  const ops = new Set(allOps(db.read).map((op) => op.seq));
  const confirming = new Set([...acks.c, acks.w - 2]);
  for (let at = 1; at <= seq; at += 1) {
    claim(ops.has(at) || confirming.has(at), `op ${at} is lost`);
    claim(!ops.has(at) || !acks.c.has(at), `op ${at} was confirmed and is back`);
    claim(contactById(db.read, contactId(at)) !== undefined, `contact ${at} is lost`);
    claim(draftOf(db.read, contactId(at)).note === `d${at}`, `draft ${at} is lost`);
  }
  claim(ops.size === [...ops].filter((at) => at <= seq).length, 'an op without its counter');
  const cursor = Number(readFeed(db.read, 'cursor') ?? 0);
  // A power cut may take pages back, whole and in order: central gives them again.
  if (after === 'kill') claim(cursor >= acks.p, `page ${acks.p} was acknowledged, the cursor is ${cursor}`);
  claim(cursor <= acks.p + 1, `cursor ${cursor} is ahead of page ${acks.p}`);
  for (let at = 1; at <= cursor; at += 1)
    for (let row = 0; row < perPage; row += 1)
      claim(holdsCustomer(db.read, `p${at}-${row}`), `page ${at} is not whole`);
  claim(countCustomers(db.read) === cursor * perPage, 'rows of a page without its cursor');
  for (const schema of ['main', 'cache']) {
    const said = db.read.all<{ integrity_check: string }>('integrity', `PRAGMA ${schema}.integrity_check`);
    claim(said.length === 1 && said[0]?.integrity_check === 'ok', `${schema}: integrity_check`);
  }
  return wrong;
};
