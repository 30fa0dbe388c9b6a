import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { pageOf } from '../../../main/engine/page.ts';
import type { PageReader } from '../../../main/engine/page-reader.ts';
import { createPageReader } from '../../../main/engine/page-reader.ts';
import type { Change } from '../../../shared/central-api.ts';
import { linesType } from '../../../shared/central-api.ts';
import { ContactId } from '../../../shared/ids.ts';
import { memoryLog } from '../harness.ts';
import { customer, past } from '../sample.ts';

const log = memoryLog();
const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});
const reader = (file?: URL) => {
  const made = createPageReader(log, file);
  ends.push(made.close);
  return made;
};
/** A central that answers this; with nothing to say it lets whoever asks wait. */
const serving = async (said: Buffer | undefined, type = linesType, status = 200): Promise<string> => {
  const server = createServer((_request, response) => {
    if (said !== undefined) response.writeHead(status, { 'content-type': type }).end(said);
  });
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done));
  ends.push(
    () => server.closeAllConnections(),
    () => server.close(),
  );
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
};
const ask = async (pages: PageReader, url: string, signal = new AbortController().signal) =>
  pages.ask({ url, method: 'GET', headers: {} }, true, signal);

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
  const [pages, url] = [reader(), await serving(body)];
  const [first, second] = await Promise.all([ask(pages, url), ask(pages, url)]);
  expect(first.page).toEqual(pageOf({ ...head, changes: [...changes] }));
  expect(second.page).toEqual(first.page);
});

it('security 82 what is no page is none on the thread either, and the next one is read', async () => {
  const pages = reader();
  for (const lines of [changes.slice(1), [...changes.slice(1), { entity: 'customer', id: 7 }]]) {
    const answered = await ask(pages, await serving(bodyOf(lines)));
    expect([answered.answer.status, 'page' in answered, answered.page]).toEqual([200, true, undefined]);
  }
  expect((await ask(pages, await serving(body))).page?.rows).toHaveLength(changes.length);
});

it('an answer that is no page comes back as it is', async () => {
  const url = await serving(Buffer.from('{"error":{"kind":"offline"}}'), 'application/json; charset=utf-8', 503);
  const { answer, ...more } = await ask(reader(), url);
  expect([answer.status, answer.type, more]).toEqual([503, 'application/json', {}]);
  expect(Buffer.from(answer.bytes ?? []).toString()).toBe('{"error":{"kind":"offline"}}');
});

it('a central that is not there, or silent, is not the thread’s fault', async () => {
  const pages = reader();
  await expect(ask(pages, 'http://127.0.0.1:1/')).rejects.toThrow(/fetch failed/);
  const stop = new AbortController();
  const asking = ask(pages, await serving(undefined), stop.signal);
  setTimeout(() => stop.abort(), 20);
  await expect(asking).rejects.toThrow(/abort/);
  expect((await ask(pages, await serving(body))).page?.rows).toHaveLength(changes.length);
  expect(toldOfThread()).toBe(false);
});

it('a page is read here when there is no thread, and when it ended', async () => {
  const pages = reader(new URL('./there-is-no-such-file.ts', import.meta.url));
  expect((await ask(pages, await serving(body))).page?.rows).toHaveLength(changes.length);
  expect(toldOfThread()).toBe(true);
});
const toldOfThread = (): boolean =>
  log.lines.some((line) => JSON.stringify(line).includes('pages are read on the thread of the engine'));

it('who closes it is answered all the same', async () => {
  const [pages, url] = [reader(), await serving(body)];
  const reading = ask(pages, url);
  pages.close();
  expect((await reading).page?.rows).toHaveLength(changes.length);
});
