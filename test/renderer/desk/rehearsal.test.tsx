import { waitFor } from '@testing-library/react';
import { expect, it } from 'vitest';
import { madeUp } from '../../../renderer/desk/rehearsal/made-up.ts';
import { rehearse } from '../../../renderer/desk/rehearsal/rehearsal.tsx';
import { checkedIn } from './open-desk.ts';

/** Idle when the test says so: what is on the page is looked at in between. */
const steps = () => {
  let go = (): void => {};
  const idle = (): Promise<void> =>
    new Promise((resolve) => {
      go = resolve;
    });
  const step = async (): Promise<void> => {
    go();
    await new Promise((resolve) => {
      setTimeout(resolve, 30);
    });
  };
  return { idle, step };
};
const stage = (): HTMLElement | null => document.querySelector('.rehearsal');

it('REHEARSAL the caller who is made up is one the contract takes', () => {
  expect(madeUp(1_795_000_000_000)?.view.match.kind).toBe('one');
});

it('REHEARSAL a pop, the talk and the wrap-up are drawn once, out of sight and reach, and nothing is asked or left', async () => {
  const { desk, engine } = await checkedIn();
  const asked = engine.asked.length;
  const { idle, step } = steps();
  const over = rehearse(desk, document, idle);
  await step();
  expect(stage()?.getAttribute('inert')).not.toBeNull();
  expect(stage()?.querySelector('.greeting')).not.toBeNull();
  await step();
  expect(stage()?.querySelector('.topics')).not.toBeNull();
  await step();
  expect(stage()?.querySelector('.script')).not.toBeNull();
  await step();
  expect(stage()?.querySelector('.wrapup[data-open="true"]')).not.toBeNull();
  await step();
  await over;
  expect(stage()).toBeNull();
  expect(engine.asked).toHaveLength(asked);
  expect(desk.seat.getState().snapshot?.contact).toBeNull();
  expect(desk.phone.getState().state.calls).toEqual([]);
});

it('REHEARSAL a real ring ends it', async () => {
  const { desk, engine, user, far } = await checkedIn();
  await user.keyboard('{F8}1');
  await waitFor(() => expect(engine.agent().kind).toBe('ready'));
  const { idle, step } = steps();
  const over = rehearse(desk, document, idle);
  await step();
  expect(stage()).not.toBeNull();
  far.call({ number: '13800138000', queue: 'service' });
  await waitFor(() => expect(engine.agent().kind).toBe('reserved'));
  await step();
  await over;
  expect(stage()).toBeNull();
});
