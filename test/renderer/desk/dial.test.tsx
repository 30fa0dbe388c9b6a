import { screen, waitFor } from '@testing-library/react';
import { expect, it } from 'vitest';
import { page, ready, seen } from './open-desk.ts';

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
