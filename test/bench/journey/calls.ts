import type { RawDisk } from '../measure/raw-disk.ts';
import { callMe } from './call-me.ts';
import { hopMs } from './hop.ts';
import type { SeatPage } from './seat-page.ts';
import { button, words } from './seat-page.ts';
import { agentIs, answered, answerSent, inviteSent, keyPressed, painted, reported } from './sightings.ts';

/** ms each; those of a baseline lie between those of what is measured. */
export type Timings = {
  readonly ringToPop: number[];
  readonly hop: number[];
  readonly answerToMedia: number[];
  readonly answerStored: number[];
  readonly rawDisk: number[];
  readonly dialToInvite: number[];
};

export const noTimings = (): Timings => ({
  ringToPop: [],
  hop: [],
  answerToMedia: [],
  answerStored: [],
  rawDisk: [],
  dialToInvite: [],
});

/** As long as a quick agent takes to read the greeting; the phone has its answer worked out by then. */
const ringMs = 300;
/** The desk takes the same key twice within 120 ms for one press. */
export const bounceMs = 150;
const answersPerCall = 2;

/** A customer is asked for, pops up and is answered by key. ms: INVITE → pop painted, answer key → sound both ways. */
export const answerCall = async ({
  page,
  recorder,
}: SeatPage): Promise<{
  readonly inviteMs: number;
  readonly paintedMs: number;
  readonly ringToPop: number;
  readonly answerToMedia: number;
}> => {
  const from = recorder.mark();
  await callMe(page);
  const pop = await recorder.next(from, 'the pop', painted);
  const offered = await recorder.next(
    from,
    'the call of the pop',
    reported((call) => call.contactId === pop.contactId),
  );
  await page.waitForTimeout(ringMs);

  const ringing = recorder.mark();
  await page.keyboard.press('F2');
  const clickedMs = await recorder.next(ringing, 'the answer key', keyPressed('F2'));
  const talking = await recorder.next(
    ringing,
    'sound both ways',
    reported((call) => call.id === offered.id && call.trace.mediaBothMs !== undefined),
  );
  return {
    inviteMs: offered.trace.inviteMs,
    paintedMs: pop.atMs,
    ringToPop: pop.atMs - offered.trace.inviteMs,
    answerToMedia: (talking.trace.mediaBothMs ?? Number.NaN) - clickedMs,
  };
};

/** To the script of a topic that needs no check. */
export const toScript = async (seat: SeatPage): Promise<void> => {
  const { page, desk } = seat;
  await chooseCustomer(seat);
  await desk.getByRole('searchbox').fill('故障报修');
  await page.keyboard.press('Enter');
  await desk.getByRole('region', { name: words['script.region'], exact: true }).first().waitFor();
};

/** One call, as an agent takes it by keyboard: pop, answer, topic, script, hang-up, disposition, Ready again. */
export const takeCall = async (seat: SeatPage, disk: RawDisk, timings: Timings): Promise<void> => {
  const { page } = seat;
  const { ringToPop, answerToMedia } = await answerCall(seat);
  timings.ringToPop.push(ringToPop);
  timings.answerToMedia.push(answerToMedia);
  await toScript(seat);
  for (let answers = 0; answers < answersPerCall; answers += 1) {
    const step = await sentence(seat);
    timings.answerStored.push(await answerStep(seat));
    timings.rawDisk.push(disk.writeMs());
    await page.waitForTimeout(bounceMs);
    while ((await sentence(seat)) === step) await page.waitForTimeout(20);
  }
  await endCall(seat);
  timings.hop.push(await hopMs(page));
};

export const sentence = ({ desk }: SeatPage): Promise<string> =>
  desk.getByRole('region', { name: words['script.region'], exact: true }).first().innerText();

/** Several customers share the number: digits mean them until one is chosen. */
const chooseCustomer = async ({ page, desk }: SeatPage): Promise<void> => {
  const candidates = desk.locator('.candidates');
  if ((await candidates.count()) === 0) return;
  await page.keyboard.press('1');
  await candidates.waitFor({ state: 'detached' });
};

/** From the key to the engine's word that the answer is stored, ms. */
const answerStep = async ({ page, desk, recorder }: SeatPage): Promise<number> => {
  const answers = desk.getByRole('group', { name: words['script.answers'] }).getByRole('button');
  const key = (await answers.count()) > 0 ? '1' : 'Enter';
  const from = recorder.mark();
  await page.keyboard.press(key);
  const pressedMs = await recorder.next(from, 'the key of a script answer', keyPressed(key));
  const id = await recorder.next(from, 'a script answer', answerSent);
  return (await recorder.next(from, 'a stored script answer', answered(id))) - pressedMs;
};

/** Hang-up, the first path of the disposition tree (three levels at most), Ready. */
const endCall = async ({ page, desk, recorder }: SeatPage): Promise<void> => {
  const from = recorder.mark();
  await page.keyboard.press('F4');
  await recorder.next(from, 'the wrap-up', agentIs('wrapUp'));
  const unfinished = desk.getByText(words['wrapUp.chooseFirst']).first();
  await unfinished.waitFor();
  for (let level = 0; level < 3 && (await unfinished.count()) > 0; level += 1) {
    await page.keyboard.press('1');
    await page.waitForTimeout(50);
  }
  const finished = recorder.mark();
  await page.keyboard.press('Control+Enter');
  await recorder.next(finished, 'Ready after the wrap-up', agentIs('ready'));
};

/** Types a number and dials it; hangs up as soon as it rings. */
export const dialNumber = async (seat: SeatPage, number: string, timings: Timings): Promise<void> => {
  const { page, desk, recorder } = seat;
  const field = desk.locator('#dial-number');
  if ((await field.count()) === 0) await button(seat, words['rail.dial']).first().click();
  await field.fill(number);
  const from = recorder.mark();
  await page.keyboard.press('Enter');
  const pressedMs = await recorder.next(from, 'Enter in the dial field', keyPressed('Enter'));
  timings.dialToInvite.push((await recorder.next(from, 'an INVITE', inviteSent)) - pressedMs);
  await recorder.next(
    from,
    'ringing at the far end',
    reported((call) => call.direction === 'outbound' && call.state.kind === 'ringingOut'),
  );
  await endCall(seat);
};
