import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { rows, statement } from '../../central/db.ts';
import type { ImportAsked } from '../../central/import/import-file.ts';
import { importFile } from '../../central/import/import-file.ts';
import { Mapping } from '../../central/import/mapping.ts';
import { openXlsx } from '../../central/import/xlsx-source.ts';
import { openSecrets } from '../../central/secrets.ts';
import { defaultTenant } from '../../central/tenancy.ts';
import { putCalendar } from '../../central/work.ts';
import { systemClock } from '../../practice/clock.ts';
import { defaultPolicy } from '../../shared/policy.ts';
import type { CountKey } from '../../shared/figures.ts';
import type { DeskPage, Words } from './browser.ts';
import { openBrowser } from './browser.ts';
import { agentIs, becomeReady, button, shows } from './steps.ts';
import { as, leave, startTask } from './task-steps.ts';
import type { World } from './world.ts';
import { startWorld } from './world.ts';

/**
 * R20–R25, R36, R41: 30,000 customers are imported, a lead starts tasks with them, an agent works these in preview and in progressive, a sale
 * goes through the confirmation loop, and the figures are those of the contacts behind them, on the page and in the files.
 */
const size = 30_000;
const numberOf = (n: number): string => `1999${1_000_123 + n}`;
/** Says that it is busy (practice/customers/numbers.ts). */
const busy = '19995550001';

let world: World;
let browser: Browser;
let dir: string;
beforeAll(async () => {
  browser = await openBrowser();
  dir = mkdtempSync(join(tmpdir(), 'zuoxi-campaign-'));
  // The test runs at any hour of any day; what the hours do is proven elsewhere.
  const policy = { ...defaultPolicy, callingHours: [{ fromMinute: 0, toMinute: 1_440 }] };
  world = await startWorld({ customers: 50, policy: { ...policy, figureExports: ['lead'] } });
  const year = new Date(Date.now() + 8 * 3_600_000).getUTCFullYear();
  await putCalendar(world.practice.database.db, { years: [{ year, source: 'for this test', off: [], work: [] }] });
});
afterAll(async () => {
  await browser?.close();
  await world?.close();
  rmSync(dir, { recursive: true, force: true });
});

const imported = async (lines: readonly string[]): Promise<void> => {
  const { database } = world.practice;
  const file = join(dir, 'customers.csv');
  writeFileSync(file, lines.join('\n'));
  const { mark } = await openSecrets(database.db);
  const asked: ImportAsked = {
    ...{ kind: 'customers', list: '', file, mapping: Mapping.parse({}), report: join(dir, 'bad-rows.csv') },
    ...{ encoding: 'auto', dryRun: false, resume: false, tenant: defaultTenant },
  };
  let last;
  for await (const state of importFile({ database, clock: systemClock, mark }, asked)) last = state;
  expect(last).toMatchObject({ kind: 'done', counts: { rows: lines.length - 1, bad: 0 } });
};

const press = (at: DeskPage, key: string): Promise<void> => at.page.keyboard.press(key, { delay: 150 });
const rail = (at: DeskPage, where: 'tasks' | 'figures' | 'orders' | 'desk'): Promise<void> =>
  at.desk.getByRole('button', { name: at.words[`rail.${where}`], exact: true }).click();
const talks = async (at: DeskPage): Promise<void> => {
  await shows(at, at.words['call.state.talking'], 30_000);
  await at.desk.getByRole('region', { name: at.words['script.region'], exact: true }).first().waitFor();
};
const disposes = async (at: DeskPage, keys: readonly string[], next: keyof Words): Promise<void> => {
  await agentIs(at, 'agent.wrapUp');
  await press(at, 'F10');
  for (const key of keys) await press(at, key);
  // "Sold" is refused in words before the customer has answered; earlier tries lose nothing.
  await expect
    .poll(
      async () => {
        if ((await at.desk.getByText(at.words[next].split('{')[0] ?? '').count()) > 0) return true;
        await at.page.keyboard.press('Control+Enter');
        return false;
      },
      { timeout: 60_000, interval: 500 },
    )
    .toBe(true);
};

/** From the script's first sentence to the text that asks for a confirmation. */
const sells = async (at: DeskPage): Promise<void> => {
  const { words, desk } = at;
  for (const key of ['1', '1', 'Enter', '1']) await press(at, key);
  await desk.getByRole('region', { name: words['disclosure.region'] }).waitFor();
  for (let n = 0; n < 5; n += 1) await press(at, 'Enter');
  await shows(at, words['disclosure.allTold']);
  await press(at, '1');
  await press(at, 'Enter');
  await shows(at, words['script.finished']);
  await press(at, 'Enter');
  await desk.getByRole('region', { name: words['order.new'] }).waitFor();
  for (const stage of ['disclosed', 'consented', 'asked'] as const) {
    await press(at, '1');
    await shows(at, words[`order.sale.${stage}`].split('{')[0] ?? '', 20_000);
  }
};
const provisions = async (at: DeskPage): Promise<void> => {
  const { words, desk } = at;
  await rail(at, 'orders');
  const panel = desk.getByRole('complementary');
  await panel.getByRole('button', { name: new RegExp(words['order.stage.fulfilling']) }).click();
  await panel.getByRole('button', { name: words['order.do.provisioned'], exact: true }).click();
  await shows(at, words['order.sale.sold'], 20_000);
  await rail(at, 'desk');
};

it('30,000 customers, two tasks, a sale, and figures that add up', async () => {
  const desk = { browser, world, folder: 'campaign' };
  const numbers = Array.from({ length: size - 2 }, (_, n) => numberOf(n));
  const people = [...numbers, numberOf(size - 2), busy].map((number, n) => `Z${n},欧阳试${n},${number},marketing`);
  await imported(['客户编号,姓名,手机号,技能队列', ...people]);
  // With a byte order mark, as spreadsheets save it; three lines of it are nobody's.
  const file = join(dir, '春季.csv');
  const lines = numbers.map((number, n) => `欧阳试${n},${number}`);
  writeFileSync(file, `\uFEFF姓名,手机号\r\n${[...lines, '外,+44 20 7946 0000', '半行', lines[0]].join('\r\n')}`);
  const lead = await as(desk, '1012', 'en');
  await rail(lead, 'tasks');
  const own = { script: 'Data add-on', tree: 'Telemarketing' };
  const list = { file, entries: numbers.length, faulty: 3 };
  await startTask(lead, { title: 'Spring', mode: 'preview', numbers: list, ...own });
  await leave(lead, '1012');

  const agent = await as(desk, '1001', 'en');
  await shows(agent, agent.words['line.registered'], 15_000);
  await button(agent, agent.words['task.take']).click();
  await becomeReady(agent);
  await shows(agent, agent.words['task.may'], 15_000);
  await agent.page.keyboard.press('F2');
  await talks(agent);
  await sells(agent);
  await agent.page.keyboard.press('F4');
  await disposes(agent, ['1', '1'], 'task.may');
  await provisions(agent);
  await agent.shot('sold');
  await agent.page.keyboard.press('F2');
  await talks(agent);
  await agent.page.keyboard.press('F4');
  await disposes(agent, ['3', '1', '1'], 'task.may');
  await leave(agent, '1001');

  const again = await as(desk, '1012', 'en');
  await rail(again, 'tasks');
  await startTask(again, { title: 'Autumn', mode: 'progressive', numbers: [busy, numberOf(size - 2)], ...own });
  await leave(again, '1012');
  const second = await as(desk, '1001', 'en');
  await shows(second, second.words['line.registered'], 15_000);
  // The wish to take tasks was kept; the list goes by tier and place, and the first of it is busy.
  await becomeReady(second);
  await second.desk.getByText(second.words['endCause.busy']).first().waitFor({ timeout: 30_000 });
  await disposes(second, ['4', '1'], 'task.dialsIn');
  await talks(second);
  await second.page.keyboard.press('F4');
  await disposes(second, ['3', '1', '1'], 'task.may');
  await leave(second, '1001');
  // In all, as the lists behind the figures have them.
  expect(await addsUp(await as(desk, '1012', 'en'))).toEqual([4, 3, 1, 1]);
}, 600_000);

it('R25: central calls the customers of a predictive task by itself, also in practice mode', async () => {
  const desk = { browser, world, folder: 'campaign' };
  const lead = await as(desk, '1012', 'en');
  await rail(lead, 'tasks');
  const own = { script: 'Data add-on', tree: 'Telemarketing' };
  await startTask(lead, { title: 'Winter', mode: 'predictive', numbers: [numberOf(100), numberOf(101)], ...own });
  await leave(lead, '1012');
  const agent = await as(desk, '1001', 'en');
  await shows(agent, agent.words['line.registered'], 15_000);
  await becomeReady(agent);
  // Nobody dials here: the telephone takes the call that was announced, and who it is stands there by then.
  await talks(agent);
  await agent.shot('predictive');
  const { db } = world.practice.database;
  const met = statement<{ outcome: string | null; agent: string | null }>`
    select outcome, agent_id as agent from dialler_call where met_at_ms is not null`;
  await expect.poll(() => rows(db, met), { timeout: 10_000 }).toEqual([{ outcome: null, agent: 'A1001' }]);
  await agent.page.keyboard.press('F4');
  await agentIs(agent, 'agent.wrapUp');
  await expect.poll(async () => (await rows(db, met))[0]?.outcome, { timeout: 10_000 }).toBe('connected');
  await press(agent, 'F10');
  for (const key of ['3', '1', '1', 'Control+Enter']) await press(agent, key);
  await leave(agent, '1001');
}, 200_000);

/** R36: what a lead reads is what the lists behind it hold, and what the files say. */
const addsUp = async (lead: DeskPage): Promise<readonly number[]> => {
  const { desk, words } = lead;
  await rail(lead, 'figures');
  const group = desk.getByRole('combobox', { name: words['figures.group'], exact: true });
  const cellsOf = async (row: RegExp): Promise<readonly string[]> =>
    (await desk.locator('.figures-table').getByRole('row', { name: row }).locator('td').allInnerTexts()).map((text) =>
      text.trim(),
    );
  const told = async () => {
    // The seat tells central of its last call within seconds, and the page counts when it is asked.
    await group.selectOption('day');
    await group.selectOption('task');
    await desk.locator('.figures-table thead').getByText(words['figures.by.task'], { exact: true }).waitFor();
    return (await cellsOf(new RegExp(`^${words['figures.total']}`))).slice(0, 5);
  };
  await expect.poll(told, { timeout: 20_000, interval: 500 }).toEqual(['4', '3', '75.0 %', '1', '33.3 %']);
  expect((await cellsOf(/^Spring/)).slice(0, 4)).toEqual(['2', '2', '100.0 %', '1']);
  expect((await cellsOf(/^Autumn/)).slice(0, 4)).toEqual(['2', '1', '50.0 %', '0']);
  const behind = async (figure: CountKey & keyof typeof wanted): Promise<number> => {
    const name = new RegExp(`^${words['figures.total']}, ${words[`figure.${figure}`]} `);
    await desk.locator('.figures-table tfoot').getByRole('button', { name }).first().click();
    const list = desk.locator('.figures-list');
    await list
      .locator('li')
      .nth(wanted[figure] - 1)
      .waitFor();
    const count = await list.locator('li').count();
    expect(await list.innerText()).not.toMatch(/\d{11}/);
    if (figure === 'reached') await sameInFiles(lead, await list.locator('li').allInnerTexts());
    await button(lead, words['figures.closeList']).click();
    return count;
  };
  const wanted = { dialled: 4, reached: 3, succeeded: 1, orders: 1 };
  const counted: number[] = [];
  for (const figure of ['dialled', 'reached', 'succeeded', 'orders'] as const) counted.push(await behind(figure));
  // Drawn, in a page that lets no library write styles or markup.
  const isDrawn = await desk.locator('.figures-drawing canvas').evaluate((element) => {
    const canvas = element as HTMLCanvasElement;
    const pixels = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
    return pixels.some((value) => value !== 0);
  });
  expect(isDrawn).toBe(true);
  await lead.shot('figures');

  const whole = [4, 3, 0.75, 1, 0.3333];
  const csv = await csvLines(lead, 'figures.csv');
  expect(csv[0]?.slice(0, 2)).toEqual([words['figures.by.task'], words['figure.dialled']]);
  expect(csv.at(-1)?.slice(1, 6).map(Number)).toEqual(whole);
  expect(csv.slice(1, -1).reduce((sum, [, calls]) => sum + Number(calls), 0)).toBe(4);
  const sheet = await sheetLines(lead, 'figures.xlsx');
  expect(sheet.at(-1)?.slice(1, 6).map(Number)).toEqual(whole);
  expect(sheet).toHaveLength(csv.length);
  await rail(lead, 'desk');
  await leave(lead, '1012');
  return counted;
};

type FileButton = 'figures.csv' | 'figures.xlsx' | 'figures.list.csv' | 'figures.list.xlsx';
/** @returns where the browser has put the file */
const saved = async (lead: DeskPage, what: FileButton): Promise<string> => {
  const coming = lead.page.waitForEvent('download', { timeout: 20_000 });
  await button(lead, lead.words[what]).click();
  const file = await coming;
  const path = join(dir, file.suggestedFilename());
  await file.saveAs(path);
  expect(file.suggestedFilename()).toMatch(/^task_(?:[a-z]+_)?\d{4}-\d\d-\d\d_\d{4}-\d\d-\d\d\.(?:csv|xlsx)$/);
  return path;
};
/** As a spreadsheet opens it: by its mark, which says UTF-8. */
const csvLines = async (lead: DeskPage, what: FileButton): Promise<readonly (readonly string[])[]> => {
  const text = readFileSync(await saved(lead, what), 'utf8');
  expect(text.startsWith('\uFEFF')).toBe(true);
  const lines = text.slice(1).trim().split('\r\n');
  return lines.map((line) =>
    [...line.matchAll(/(?:"((?:[^"]|"")*)"|([^,]*))(?:,|$)/gu)]
      .slice(0, line.split(',').length)
      .map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? ''),
  );
};
/** The names of the columns first, as in the other file. */
const sheetLines = async (lead: DeskPage, what: FileButton): Promise<readonly (readonly string[])[]> => {
  const sheet = await openXlsx(await saved(lead, what), undefined);
  const cells: (readonly string[])[] = [sheet.header];
  for await (const some of sheet.rows) cells.push(...some.map((row) => row.cells));
  sheet.close();
  return cells;
};

/** A list behind a figure: what is in the files is what stands on the page, masked as there. */
const sameInFiles = async (lead: DeskPage, shown: readonly string[]): Promise<void> => {
  const [csv, sheet] = [await csvLines(lead, 'figures.list.csv'), await sheetLines(lead, 'figures.list.xlsx')];
  expect(sheet).toEqual(csv);
  expect(csv).toHaveLength(shown.length + 1);
  shown.forEach((text, n) => {
    const [, direction = '', who = '', number = '', , outcome = '', agentName = ''] = csv[n + 1] ?? [];
    for (const cell of [direction, who, number, outcome, agentName]) expect(text).toContain(cell);
    expect(number).toMatch(/^\d{3}\*{4}\d{4}$/);
  });
};
