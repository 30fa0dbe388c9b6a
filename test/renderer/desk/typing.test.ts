import { expect, it } from 'vitest';
import { keepTyping } from '../../../renderer/desk/typing.ts';
import { manualClock } from './manual-clock.ts';

const setUp = () => {
  const clock = manualClock();
  const frames: (() => void)[] = [];
  const typing = keepTyping(clock, (run) => void frames.push(run));
  const painted = (): void => frames.splice(0).forEach((run) => run());
  const done: string[] = [];
  const beside = (name: string, what = name) => typing.beside(name, () => void done.push(what));
  return { clock, typing, painted, done, beside };
};

it('TYPING what moves by itself moves at once while nobody types', () => {
  const { done, beside } = setUp();
  beside('levels');
  expect(done).toEqual(['levels']);
});

it('TYPING beside keys it moves once the next key is on the screen, each thing once and as it was told last', async () => {
  const { clock, typing, painted, done, beside } = setUp();
  typing.pressed();
  await clock.pass(10);
  beside('levels', 'levels 1');
  beside('clock');
  await clock.pass(100);
  beside('levels', 'levels 2');
  expect(done).toEqual([]);
  typing.pressed();
  expect(done).toEqual([]);
  painted();
  expect(done).toEqual(['levels 2', 'clock']);
  // Nothing waits: the key alone has a frame.
  typing.pressed();
  painted();
  await clock.pass(1_000);
  expect(done).toHaveLength(2);
});

it('TYPING at the latest a quarter of a second later, however slowly or fast the agent types', async () => {
  const { clock, typing, done, beside } = setUp();
  typing.pressed();
  await clock.pass(249);
  beside('levels');
  await clock.pass(249);
  expect(done).toEqual([]);
  await clock.pass(1);
  expect(done).toEqual(['levels']);
  beside('levels');
  expect(done).toHaveLength(2);
});

it('TYPING a page that draws no frames is not waited for', async () => {
  const { clock, typing, done, beside } = setUp();
  typing.pressed();
  await clock.pass(100);
  beside('levels');
  typing.pressed();
  await clock.pass(250);
  expect(done).toEqual(['levels']);
});

it('TYPING what waited is not done after what is newer', async () => {
  const { clock, typing, done, beside } = setUp();
  typing.pressed();
  await clock.pass(10);
  beside('levels', 'levels 1');
  await clock.pass(245);
  beside('levels', 'levels 2');
  await clock.pass(1_000);
  expect(done).toEqual(['levels 2']);
});

it('TYPING a desk that is put away draws nothing any more', async () => {
  const { clock, typing, done, beside } = setUp();
  typing.pressed();
  beside('levels');
  typing.stop();
  await clock.pass(1_000);
  expect(done).toEqual([]);
});
