import type { Contact } from '../../shared/contact.ts';
import type { Script } from '../../shared/script.ts';
import type { ReadDb, WriteDb } from './store/db.ts';
import { readFeed, readMeta, writeMeta } from './store/meta.ts';
import { newestScript, scriptAt } from './store/working-set.ts';

const isSame = (one: Contact['script'], other: Contact['script']): boolean =>
  one?.id === other?.id && one?.version === other?.version;

/**
 * A call keeps the answers of the objections library it began its script with, as it keeps the script (R14, R18). Which ones is written
 * down in the change by which the contact gets that script; undefined: nothing is new, or the script refers to none.
 */
export const pinLibrary = (
  db: ReadDb,
  before: Contact['script'],
  { id: of, script }: Contact,
): ((write: WriteDb) => void) | undefined => {
  if (script === null || isSame(before, script)) return undefined;
  // While the working set is still coming, what is not here yet is no answer that was not published.
  if (readFeed(db, 'loaded') !== true) return undefined;
  const library = scriptAt(db, script.id, script.version)?.library ?? [];
  if (library.length === 0) return undefined;
  const entries = library.flatMap(({ id }) => {
    const entry = newestScript(db, id);
    return entry === undefined ? [] : [{ id, version: entry.version }];
  });
  return (write) => writeMeta(write, 'library', { of, script, entries });
};

/** Of what a script refers to, what the contact has; without a note of it, what is published now. */
export const entriesOf = (db: ReadDb, library: NonNullable<Script['library']>, contact: Contact) => {
  const pins = library.length === 0 ? undefined : readMeta(db, 'library');
  const isIts = pins?.of === contact.id && isSame(pins.script, contact.script);
  return library.map(({ id, steps }) => {
    const pin = isIts ? pins.entries.find((one) => one.id === id) : undefined;
    // Noted without this entry: there was none then.
    const entry = pin !== undefined ? scriptAt(db, pin.id, pin.version) : isIts ? undefined : newestScript(db, id);
    return { entry, steps };
  });
};
