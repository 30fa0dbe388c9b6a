import { afterEach, expect, it } from 'vitest';
import { pageOf } from '../../../main/engine/page.ts';
import { createPageReader } from '../../../main/engine/page-reader.ts';
import type { Change } from '../../../shared/central-api.ts';
import { ContactId } from '../../../shared/ids.ts';
import { memoryLog } from '../harness.ts';
import { customer, past } from '../sample.ts';

const log = memoryLog();
const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});
const reader = (file?: URL) => {
  const made = createPageReader(log, file);
  ends.push(made.close);
  return made;
};

const contactId = (n: number): ContactId => ContactId.parse(`018f0000-0000-7000-8000-${String(n).padStart(12, '0')}`);
const changes: readonly Change[] = Array.from({ length: 1_000 }, (_, n): readonly Change[] => [
  { entity: 'customer', id: `c-${n}`, row: customer(`c-${n}`) },
  { entity: 'history', id: contactId(n), row: { customerId: customer(`c-${n % 7}`).id, past: past(contactId(n), n) } },
]).flat();
const head = { cursor: 'next', more: true, total: 9 };
const bodyOf = (lines: readonly unknown[]): Buffer =>
  Buffer.from([{ ...head, count: changes.length }, ...lines].map((line) => `${JSON.stringify(line)}\n`).join(''));
const body = bodyOf(changes);

it('SYNC-3 a large page read on a thread of its own is the page that would have come as JSON', async () => {
  const pages = reader();
  expect(body.byteLength).toBeGreaterThan(256 * 1024);
  const [first, second] = await Promise.all([pages.read(body), pages.read(body)]);
  expect(first).toEqual(pageOf({ ...head, changes: [...changes] }));
  expect(second).toEqual(first);
});

it('security 82 what is no page is none on the thread either, and the next one is read', async () => {
  const pages = reader();
  expect(await pages.read(bodyOf(changes.slice(1)))).toBeUndefined();
  expect(await pages.read(bodyOf([...changes.slice(1), { entity: 'customer', id: 7 }]))).toBeUndefined();
  expect((await pages.read(body))?.rows).toHaveLength(changes.length);
});

it('a page is read here when there is no thread, and when it ended', async () => {
  const pages = reader(new URL('./there-is-no-such-file.ts', import.meta.url));
  expect((await pages.read(body))?.rows).toHaveLength(changes.length);
  expect(log.lines.some((line) => JSON.stringify(line).includes('pages are read on the thread of the engine'))).toBe(
    true,
  );
});

it('who closes it is answered all the same', async () => {
  const pages = reader();
  const reading = pages.read(body);
  pages.close();
  expect((await reading)?.rows).toHaveLength(changes.length);
});
