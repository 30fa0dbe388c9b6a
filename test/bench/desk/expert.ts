import { answerCall, bounceMs, sentence, toScript } from '../journey/calls.ts';
import type { SeatPage } from '../journey/seat-page.ts';
import { words } from '../journey/seat-page.ts';
import { agentIs, keyPressed } from '../journey/sightings.ts';
import { deskFrame, readPaints, watchContact, watchText } from './paints.ts';
import type { PopHops } from './pop-hops.ts';
import { forgetHops, readHops } from './pop-hops.ts';

/** ms each, except the keys. */
export type Timings = {
  readonly ringToPop: number[];
  readonly popHops: PopHops[];
  /** Fields, timeline, work and note are there as well: a frame after the pop. */
  readonly ringToWhole: number[];
  readonly keyToPaint: number[];
  readonly stepToPaint: number[];
  readonly longTasks: number[];
  readonly wrapUpKeys: number[];
  readonly wrapUp: number[];
};
export const noTimings = (): Timings => ({
  ringToPop: [],
  popHops: [],
  ringToWhole: [],
  keyToPaint: [],
  stepToPaint: [],
  longTasks: [],
  wrapUpKeys: [],
  wrapUp: [],
});

/** As an input method gives it: words at once, and what is typed as it is key by key. */
const note = ['客户来电咨询', '5G', '套餐资费', ' ok'] as const;
const steps = 2;

/**
 * One call by somebody who knows the desk by heart: pop, answer, topic, two script steps, a note typed during the call, hang-up,
 * a standard wrap-up (disposition and finish; the note is there already), Ready again.
 */
export const workCall = async (seat: SeatPage, timings: Timings): Promise<void> => {
  const { page } = seat;
  const frame = deskFrame(page);
  await watchContact(frame);
  await forgetHops(page);
  const { inviteMs, paintedMs, ringToPop } = await answerCall(seat);
  timings.ringToPop.push(ringToPop);
  timings.popHops.push(await readHops(page, paintedMs));
  timings.ringToWhole.push(...(await readPaints(frame)).wholeAtMs.map((atMs) => atMs - inviteMs));
  await toScript(seat);
  for (let step = 0; step < steps; step += 1) await scriptStep(seat, timings);
  await typeNote(seat, timings);
  await wrapUp(seat, timings);
  timings.longTasks.push(...(await readPaints(page)).longTasksMs);
};

/** From the key to the next sentence on the screen. */
const scriptStep = async (seat: SeatPage, timings: Timings): Promise<void> => {
  const { page, desk } = seat;
  const frame = deskFrame(page);
  const answers = desk.getByRole('group', { name: words['script.answers'] }).getByRole('button');
  const key = (await answers.count()) > 0 ? '1' : 'Enter';
  const before = await sentence(seat);
  await readPaints(frame);
  await watchText(frame, '.script');
  await page.keyboard.press(key);
  await page.waitForTimeout(bounceMs);
  while ((await sentence(seat)) === before) await page.waitForTimeout(20);
  await page.waitForTimeout(30);
  const seen = await readPaints(frame);
  timings.stepToPaint.push(...seen.changeMs);
};

/** 12 keys a second, faster than people type. */
const keyEveryMs = 80;
const typeNote = async ({ page, desk }: SeatPage, timings: Timings): Promise<void> => {
  const frame = deskFrame(page);
  await desk.locator('#note').focus();
  await readPaints(frame);
  for (const piece of note)
    if (/^[\x20-\x7e]+$/.test(piece)) await page.keyboard.type(piece, { delay: keyEveryMs });
    else {
      await page.keyboard.insertText(piece);
      await page.waitForTimeout(keyEveryMs);
    }
  await page.waitForTimeout(50);
  timings.keyToPaint.push(...(await readPaints(frame)).keyMs);
};

/** From the hang-up to Ready: its keys, and its time without the agent's own. */
const wrapUp = async (seat: SeatPage, timings: Timings): Promise<void> => {
  const { page, desk, recorder } = seat;
  const from = recorder.mark();
  await page.keyboard.press('F4');
  await recorder.next(from, 'the wrap-up', agentIs('wrapUp'));
  const startMs = await recorder.next(from, 'the hang-up key', keyPressed('F4'));
  const unfinished = desk.getByText(words['wrapUp.chooseFirst']).first();
  await unfinished.waitFor();
  const agreed = desk.getByRole('button', { name: '同意办理' });
  let keys = 0;
  while (keys < 4 && (await unfinished.count()) > 0) {
    // What is typed goes to the note until the agent leaves it.
    if (keys === 0 && (await noteHasFocus(seat))) await page.keyboard.press('Escape');
    // A caller may come from the marketing queue: nobody bought anything, so it is the second of that tree's outcomes.
    await page.keyboard.press(keys === 0 && (await agreed.count()) > 0 ? '2' : '1');
    keys += 1;
    await page.waitForTimeout(50);
  }
  const finished = recorder.mark();
  await page.keyboard.press('Control+Enter');
  await recorder.next(finished, 'Ready after the wrap-up', agentIs('ready'));
  const pressed = recorder.mark();
  timings.wrapUpKeys.push(await keysBetween(seat, from, pressed));
  const doneMs = await recorder.next(finished, 'the last key', keyPressed('Enter'));
  timings.wrapUp.push(doneMs - startMs);
};

const noteHasFocus = ({ page }: SeatPage): Promise<boolean> =>
  deskFrame(page).evaluate(() => document.activeElement?.id === 'note');

/** Keys pressed after the hang-up; Ctrl held down with Enter is one stroke with it. */
const keysBetween = async ({ recorder }: SeatPage, from: number, until: number): Promise<number> => {
  const keys = recorder.seen(from, until).flatMap((record) => (record.kind === 'key' ? [record.key] : []));
  return keys.filter((key) => key !== 'Control' && key !== 'F4').length;
};
