import { screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import en from '../../../renderer/desk/locales/en.json' with { type: 'json' };
import { memory, openDesk, type Opened, ready, seen, talking } from './open-desk.ts';
import { createStage } from './stage.ts';

const tour = (): HTMLElement | null => screen.queryByRole('region', { name: 'Guided tour' });
const says = (step: keyof typeof en): Promise<void> =>
  waitFor(() => {
    const text = tour()?.textContent ?? '(no tour)';
    if (!text.includes(en[step])) throw new Error(`not ${step}: ${text}`);
  });

/** For the first time on this machine. */
const newcomer = async (local = memory()): Promise<Opened> => {
  const opened = openDesk('en', createStage(), local);
  await screen.findByRole('button', { name: /林小满/ });
  await opened.user.keyboard('1');
  await screen.findByRole('navigation', { name: 'Functions' });
  return opened;
};

describe('the guided tour', () => {
  it('leads somebody new through a whole call by keyboard, takes no key and no focus, and comes once', async () => {
    const local = memory();
    const { user, engine, desk } = await newcomer(local);
    await says('tour.shift');
    await waitFor(() => expect(desk.phone.getState().state.line.kind).toBe('registered'));
    await user.keyboard('13');
    await says('tour.ready');
    await user.keyboard('{F8}1');
    await says('tour.call');
    expect(tour()?.contains(document.activeElement)).toBe(false);
    within(tour() ?? document.body).getByRole('button', { name: /^Have a customer call/ });
    await user.keyboard('{Enter}');
    await says('tour.answer');
    await user.keyboard('{F2}');
    await says('tour.topic');
    await user.keyboard('[Digit2]');
    await waitFor(() => expect(engine.snapshot().contact?.contact.topicId).not.toBeNull());
    await says('tour.verify');
    await user.keyboard('1');
    const field = await screen.findByLabelText(/as the caller says it/);
    await user.type(field, '258036{Enter}');
    await says('tour.script');
    for (let steps = 0; steps < 20 && engine.snapshot().contact?.script?.run.stepId != null; steps += 1) {
      const at = engine.snapshot().contact?.script?.run.taken.length;
      const answers = screen.queryByRole('group', { name: /customer's answer/ });
      await user.keyboard(answers === null ? '{Enter}' : '1');
      await waitFor(() => expect(engine.snapshot().contact?.script?.run.taken.length).not.toBe(at));
      await new Promise((later) => setTimeout(later, 130));
    }
    await says('tour.hangUp');
    await user.keyboard('{F4}');
    await says('tour.wrapUp');
    await waitFor(() => expect(engine.agent().kind).toBe('wrapUp'));
    await user.keyboard('11');
    await user.keyboard('{Control>}{Enter}{/Control}');
    await says('tour.done');
    await user.keyboard('{Escape}');
    await waitFor(() => expect(tour()).toBeNull());
    // Signed out and in again: not a second time, unless it is asked for.
    await desk.actions.leave();
    await screen.findByRole('button', { name: /林小满/ });
    await user.keyboard('1');
    await screen.findByRole('navigation', { name: 'Functions' });
    expect(tour()).toBeNull();
    await user.keyboard('{Control>}k{/Control}');
    await user.keyboard('guided{Enter}');
    await waitFor(() => expect(tour()).not.toBeNull());
  });

  it('a call that comes by itself is only followed; Esc ends it between calls, never out of one', async () => {
    const { user, far, engine, desk } = await newcomer();
    await says('tour.shift');
    await waitFor(() => expect(desk.phone.getState().state.line.kind).toBe('registered'));
    await user.keyboard('13');
    await user.keyboard('{F8}1');
    await says('tour.call');
    far.call({ number: '13800138000', queue: 'service' });
    await says('tour.answer');
    await user.keyboard('{F2}');
    await waitFor(() => expect(engine.agent().kind).toBe('onCall'));
    await user.keyboard('{Escape}');
    await waitFor(() => expect(screen.queryByRole('complementary')).toBeNull());
    await user.keyboard('{Escape}');
    expect(tour()).not.toBeNull();
    await user.keyboard('{F4}');
    await waitFor(() => expect(engine.agent().kind).toBe('wrapUp'));
    await user.keyboard('11');
    await user.keyboard('{Control>}{Enter}{/Control}');
    await says('tour.done');
    await user.keyboard('{Escape}');
    await waitFor(() => expect(tour()).toBeNull());
  });

  it('is for practice mode alone', async () => {
    const stage = createStage();
    stage.engine.world.practice = false;
    const { user } = openDesk('en', stage, memory());
    await screen.findByRole('button', { name: /林小满/ });
    await user.keyboard('1');
    await screen.findByRole('navigation', { name: 'Functions' });
    expect(tour()).toBeNull();
    await user.keyboard('{F1}');
    await screen.findByRole('dialog');
    expect(screen.queryByRole('button', { name: 'Start the guided tour' })).toBeNull();
  });
});

describe('help where one stands', () => {
  const here = async (): Promise<string> => {
    const dialog = await screen.findByRole('dialog', { name: 'Keys' });
    return dialog.querySelector('h2')?.textContent ?? '';
  };

  it('F1 begins with the place the agent is at, and the panel they type in comes before the call', async () => {
    const { user } = await talking('13800138000', 'en');
    await user.keyboard('{F1}');
    expect(await here()).toBe('You are here: the topic');
    await user.keyboard('{F1}');
    await user.keyboard('{Control>}f{/Control}');
    await screen.findByRole('combobox');
    await user.keyboard('{F1}');
    expect(await here()).toBe('You are here: finding a customer');
    await user.keyboard('{F1}{F10}');
    await user.click(document.body);
    await user.keyboard('{F1}');
    expect(await here()).toBe('You are here: wrap-up');
  });

  it('between calls it offers the tour', async () => {
    const { user } = await ready('en');
    await user.keyboard('{F1}');
    expect(await here()).toBe('You are here: between calls');
    await user.click(await screen.findByRole('button', { name: 'Start the guided tour' }));
    expect(await seen('Now have a simulated customer call')).toBe(true);
  });
});
