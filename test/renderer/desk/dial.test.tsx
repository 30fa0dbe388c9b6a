import { screen, waitFor } from '@testing-library/react';
import { expect, it } from 'vitest';
import { page, ready, seen, talking } from './open-desk.ts';

it('a typed number that may be dialled leaves the keys to the call: wrap-up by keyboard alone', async () => {
  const { user, far, engine } = await ready();
  far.policy('answer');
  await user.click(screen.getAllByRole('button', { name: '拨号' })[0] ?? document.body);
  await user.type(screen.getByLabelText('号码'), '13900009999{Enter}');
  await seen('通话中');
  await waitFor(() => expect(screen.queryByLabelText('号码')).toBeNull());
  far.hangUp();
  await waitFor(() => expect(engine.agent().kind).toBe('wrapUp'));
  await user.keyboard('4');
  await user.keyboard('{Control>}{Enter}{/Control}');
  await waitFor(() => expect(engine.agent().kind).toBe('ready'));
});

it('a number that may not be dialled stays in its field with the reason', async () => {
  const { user, engine } = await ready();
  await user.click(screen.getAllByRole('button', { name: '拨号' })[0] ?? document.body);
  await user.type(screen.getByLabelText('号码'), '+15005550100{Enter}');
  expect(screen.getByLabelText<HTMLInputElement>('号码').value).toBe('+15005550100');
  expect(screen.getByRole<HTMLButtonElement>('button', { name: /^呼叫/ }).disabled).toBe(true);
  expect(page()).not.toContain('可以拨打');
  expect(engine.agent().kind).toBe('ready');
});

it('R37: the directory is found by name, pinyin, category and place; in a call it hands over and books', async () => {
  const { user, engine } = await talking();
  engine.world.targets = engine.world.targets.map((one) =>
    one.kind === 'department' ? { ...one, place: { zh: '滨江路 18 号', en: '18 Riverside' } } : one,
  );
  await user.click(screen.getAllByRole('button', { name: '拨号' })[0] ?? document.body);
  const department = engine.world.targets.find(({ kind }) => kind === 'department');
  if (department === undefined) throw new Error('no department');
  await user.type(screen.getByLabelText('号码', { selector: 'input' }), '滨江路');
  const list = await screen.findByRole('region', { name: '号码本' });
  expect(list.textContent).toContain('滨江路 18 号');
  await user.clear(screen.getByLabelText('号码', { selector: 'input' }));
  await user.type(screen.getByLabelText('号码', { selector: 'input' }), department.pinyin[0] ?? department.name.zh);
  await waitFor(() => expect(screen.getByRole('region', { name: '号码本' }).textContent).toContain(department.number));
  await user.click(screen.getByRole('button', { name: `在${department.name.zh}预约` }));
  await seen('已登记为申请工单，由该部门跟进。');
  const rows = engine.snapshot().work.rows.map(({ row }) => row);
  expect(rows).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ record: 'case', kind: 'request', department: department.name.zh }),
    ]),
  );
  await user.click(screen.getByRole('button', { name: `转接到${department.name.zh}` }));
  expect(await screen.findByRole('option', { name: new RegExp(department.number) })).toBeTruthy();
});
