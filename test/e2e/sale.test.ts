import axe from 'axe-core';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { inLanguage } from '../../shared/text.ts';
import type { DeskPage, Locale } from './browser.ts';
import { openBrowser, openDesk } from './browser.ts';
import { agentIs, answer, askForCall, becomeReady, chooseTopic, shows, signIn } from './steps.ts';
import type { World } from './world.ts';
import { startWorld } from './world.ts';

/** R41, R42: from the script to "sold", by keyboard, with a customer who answers the text on their own telephone. */
let world: World;
let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser?.close());
beforeEach(async () => {
  world = await startWorld({ customers: 200 });
  return () => world.close();
});

const press = (at: DeskPage, key: string): Promise<void> => at.page.keyboard.press(key, { delay: 150 });
/** What axe says of the desk inside its frame. */
const faults = async (at: DeskPage): Promise<readonly string[]> => {
  const frame = at.page.frames().find((one) => one !== at.page.mainFrame());
  if (frame === undefined) throw new Error('no desk');
  await frame.evaluate(axe.source);
  const found = await frame.evaluate('axe.run(document)');
  return (found as { violations: { id: string; nodes: { html: string }[] }[] }).violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`),
  );
};

describe.each<Locale>(['zh-CN', 'en'])('a sale in %s', (locale) => {
  it('is sold once the customer answered, and not a key before', async () => {
    const at = await openDesk(browser, world.seat.host.freshAddress(), { locale, folder: 'sale' });
    onTestFinished(async () => {
      await at.shot('9-end');
      await at.context.close();
    });
    const { words, desk } = at;
    await signIn(at);
    await becomeReady(at);
    const { operator } = world.practice;
    const caller = operator.callers.find((each) => each.request === 'details');
    const topic = operator.topics.find(({ scriptId }) => scriptId === 'data-offer');
    if (caller === undefined || topic === undefined) throw new Error('nobody to sell to, or nothing to sell');
    await askForCall(at, inLanguage(caller.label, locale));
    await answer(at);
    await chooseTopic(at, inLanguage(topic.name, locale));
    for (const key of ['1', '1', 'Enter', '1']) await press(at, key);
    const items = desk.getByRole('region', { name: words['disclosure.region'] });
    await items.waitFor();
    await at.shot('1-to-disclose');
    expect(await faults(at)).toEqual([]);
    for (let n = 0; n < 5; n += 1) await press(at, 'Enter');
    await shows(at, words['disclosure.allTold']);
    await at.shot('2-disclosed');
    await press(at, '1');
    await press(at, 'Enter');
    await shows(at, words['script.finished']);
    await press(at, 'Enter');
    await desk.getByRole('region', { name: words['order.new'] }).waitFor();
    await at.shot('3-new-order');
    expect(await faults(at)).toEqual([]);
    await press(at, '1');
    await shows(at, words['order.sale.disclosed']);
    await press(at, '1');
    await shows(at, words['order.sale.consented']);
    await press(at, '1');
    await shows(at, words['order.sale.asked'].split('{')[0] ?? '');
    await at.shot('4-asked');
    expect(await faults(at)).toEqual([]);

    // The call may end; the reply comes a few seconds later, and only then may "sold" be chosen.
    await press(at, 'F4');
    await agentIs(at, 'agent.wrapUp');
    for (const key of ['1', '2', '3']) await press(at, key);
    // On a slow machine the reply may be here before the first try; earlier ones are refused in words and lose nothing.
    const ready = desk.getByRole('button', { name: new RegExp(`^${words['agent.ready']}`) });
    await expect
      .poll(
        async () => {
          if ((await ready.count()) > 0) return true;
          await at.page.keyboard.press('Control+Enter');
          return false;
        },
        { timeout: 60_000, interval: 500 },
      )
      .toBe(true);
    await at.shot('6-wrapped-up');

    await desk.getByRole('button', { name: words['rail.orders'], exact: true }).click();
    const panel = desk.getByRole('complementary');
    await panel.getByRole('button', { name: new RegExp(words['order.stage.fulfilling']) }).click();
    await panel.getByRole('button', { name: words['order.do.provisioned'], exact: true }).click();
    await shows(at, words['order.sale.sold'], 20_000);
    await at.shot('7-sold');
    expect(await faults(at)).toEqual([]);
    expect(at.complaints).toEqual([]);
  });
});
