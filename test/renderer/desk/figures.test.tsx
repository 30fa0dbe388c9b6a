import { screen, waitFor, within } from '@testing-library/react';
import axe from 'axe-core';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Language } from '../../../shared/text.ts';
import { type Opened, openDesk, seen } from './open-desk.ts';

// R36, R27: what came of the work, at the desk of a lead and of a manager.
beforeEach(() => {
  // jsdom has nothing to draw on; what is drawn is looked at in a browser (test/e2e/desk-screens.test.ts).
  vi.spyOn(HTMLCanvasElement.prototype, 'getContext').mockReturnValue(null);
});
const faults = async (): Promise<readonly string[]> => {
  const { violations } = await axe.run(document.body, { rules: { 'color-contrast': { enabled: false } } });
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 160)}`));
};
const shown = async (role: 'lead' | 'manager' = 'lead', language: Language = 'zh-CN'): Promise<Opened> => {
  const opened = openDesk(language);
  opened.engine.world.role = role;
  await screen.findByRole('button', { name: /林小满/ });
  await opened.user.keyboard('1');
  await opened.user.click(await screen.findByRole('button', { name: language === 'en' ? 'Figures' : '报表' }));
  await screen.findByRole('table');
  return opened;
};

describe('R36 figures', () => {
  it.each(['zh-CN', 'en'] as const)('axe finds nothing, with a list and the costs open (%s)', async (language) => {
    const { user } = await shown('manager', language);
    expect(await faults()).toEqual([]);
    await user.click(screen.getByRole('button', { name: language === 'en' ? 'Costs and prices' : '成本与价格' }));
    await user.click(
      screen.getByRole('button', { name: language === 'en' ? /林小满, Reached 54/ : /林小满，接通 54/ }),
    );
    await screen.findByRole('heading', { level: 2 });
    expect(await faults()).toEqual([]);
  });

  it('are counts, rates and money, with their definitions on the page', async () => {
    await shown();
    const first = within(screen.getByRole('row', { name: /^林小满/ }));
    for (const text of ['45.0 %', '16.7 %', '¥12,900', '×3.00', '87.5 %']) expect(first.getByText(text)).toBeTruthy();
    expect(screen.getByText('接通 ÷ 拨打，按通话计。')).toBeTruthy();
    await seen('1 张订单的资费还没有价格');
  });

  it('open the contacts behind them, a page at a time, and a contact of these in history', async () => {
    const { user, desk } = await shown();
    await user.click(screen.getByRole('button', { name: /林小满，成功率 16.7 %/ }));
    const list = within(await screen.findByRole('region', { name: '接通明细 · 林小满' }));
    await list.findByText('王*');
    expect(document.activeElement?.textContent).toMatch(/^接通明细 · 林小满/);
    await user.click(list.getByRole('button', { name: '再显示一些' }));
    await waitFor(() => expect(list.getAllByText('王*')).toHaveLength(2));
    await user.click(list.getAllByRole('button', { name: /王\*/ })[0] ?? document.body);
    await waitFor(() => expect(desk.ui.getState().history).toBe(true));
    expect(desk.history.store.getState().opened).not.toBeNull();
  });

  it('R27 by task show whom of the list was reached', async () => {
    const { user } = await shown();
    await user.selectOptions(screen.getByLabelText('按'), 'task');
    expect(await seen('75.0 %')).toBe(true);
    expect(await seen('不属于任务')).toBe(true);
  });

  it('a lead takes no file away and sets no costs; a manager does both', async () => {
    await shown();
    screen.getByRole('button', { name: /林小满，成功率 16.7 %/ }).click();
    await screen.findByRole('region', { name: '接通明细 · 林小满' });
    expect(screen.queryByRole('button', { name: /导出/ })).toBeNull();
    expect(screen.queryByRole('button', { name: '成本与价格' })).toBeNull();
    document.body.replaceChildren();
    const { user } = await shown('manager');
    const made: string[] = [];
    vi.stubGlobal('URL', Object.assign(URL, { createObjectURL: () => 'blob:x', revokeObjectURL: () => {} }));
    vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function click(this: HTMLAnchorElement) {
      made.push(this.download);
    });
    await user.click(screen.getByRole('button', { name: '导出 CSV' }));
    await waitFor(() => expect(made).toEqual(['agent.csv']));
    await user.click(screen.getByRole('button', { name: /林小满，成功率 16.7 %/ }));
    const list = within(await screen.findByRole('region', { name: '接通明细 · 林小满' }));
    await user.click(list.getByRole('button', { name: '本明细导出 XLSX' }));
    await waitFor(() => expect(made).toEqual(['agent.csv', 'reached.xlsx']));
    await user.click(list.getByRole('button', { name: '关闭明细' }));
    await user.click(screen.getByRole('button', { name: '成本与价格' }));
    await user.type(await screen.findByLabelText('每月金额（元）'), '12,000.50');
    await user.click(screen.getByRole('button', { name: '保存' }));
    await seen('¥12,000.50');
  });
});
