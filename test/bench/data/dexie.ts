import { chromium } from 'playwright-core';
import { chromiumPath } from '../../e2e/browser.ts';
import type { Peers } from './peers.ts';
import type { RowChange } from './rows.ts';

/** The part of Dexie's interface that is used in the page. */
type Collection = {
  readonly reverse: () => Collection;
  readonly limit: (n: number) => Collection;
  readonly toArray: () => Promise<readonly { readonly customerId?: string }[]>;
};
type Table = {
  readonly bulkPut: (rows: readonly object[]) => Promise<unknown>;
  readonly get: (id: string) => Promise<unknown>;
  readonly where: (index: string) => {
    readonly equals: (value: string) => Collection;
    readonly between: (from: unknown, to: unknown) => Collection;
  };
};
type Base = {
  readonly version: (n: number) => { readonly stores: (schema: object) => void };
  readonly customer: Table;
  readonly number: Table;
  readonly history: Table;
};
declare global {
  interface Window {
    Dexie?: { new (name: string): Base; minKey: unknown; maxKey: unknown };
    base?: Base | undefined;
  }
}

const batch = 2_000;

/** Of no server: what is asked of it is answered here, so that its databases are found again by the next run. */
const origin = 'http://peer.localhost';

/** IndexedDB through Dexie in the Chromium of the machine: same rows, each look-up by index, timed in the page. */
export const openDexie = async (peers: Peers, dir: string) => {
  const script = await peers.dexieScript();
  const context = await chromium.launchPersistentContext(dir, {
    ...{ executablePath: chromiumPath(), headless: true, args: ['--no-sandbox', '--disable-gpu'] },
  });
  const page = await context.newPage();
  await page.route(`${origin}/**`, (route) =>
    route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>Dexie</title>' }),
  );
  await page.goto(`${origin}/`);
  await page.addScriptTag({ path: script });
  await page.evaluate(() => {
    const made = window.Dexie === undefined ? undefined : new window.Dexie('peer');
    made
      ?.version(1)
      .stores({ customer: 'id', number: '[key+customerId],key', history: 'contactId,[customerId+startedAtMs]' });
    window.base = made;
  });
  type Waiting = Record<'customer' | 'number' | 'history', object[]>;
  const flush = (waiting: Waiting): Promise<void> =>
    page.evaluate(async (given) => {
      for (const table of ['customer', 'number', 'history'] as const) await window.base?.[table].bulkPut(given[table]);
    }, waiting);
  return {
    put: async (rows: Iterable<RowChange>): Promise<void> => {
      let waiting: Waiting = { customer: [], number: [], history: [] };
      for (const { entity, id, row } of rows) {
        if (entity === 'customer' && row !== null) {
          waiting.customer.push(row);
          for (const { key } of row.numbers) waiting.number.push({ key, customerId: id });
        } else if (entity === 'history' && row !== null)
          waiting.history.push({ ...row.past, customerId: row.customerId });
        if (waiting.history.length + waiting.customer.length < batch) continue;
        await flush(waiting);
        waiting = { customer: [], number: [], history: [] };
      }
      await flush(waiting);
    },
    lookupUs: (key: string): Promise<number> =>
      page.evaluate(async (wanted) => {
        const { base, Dexie } = window;
        if (base === undefined || Dexie === undefined) throw new Error('no Dexie in the page');
        const startMs = performance.now();
        const [owner] = await base.number.where('key').equals(wanted).limit(10).toArray();
        const id = owner?.customerId ?? '';
        const customer = await base.customer.get(id);
        const history = await base.history
          .where('[customerId+startedAtMs]')
          .between([id, Dexie.minKey], [id, Dexie.maxKey])
          .reverse()
          .limit(20)
          .toArray();
        const tookMs = performance.now() - startMs;
        if (customer === undefined || history.length === 0) throw new Error('a lookup found nothing');
        return tookMs * 1_000;
      }, key),
    close: () => context.close(),
  };
};
