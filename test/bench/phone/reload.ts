import { answerCall, endCall } from './calls.ts';
import { audioGapMs, audioLostMs, type Stretch } from './figures.ts';
import { nowMs, sleep } from './journal.ts';
import type { Lab, Opened } from './lab.ts';

const windowMs = 1_200;

const tickMs = 5;
/** Shorter ones are the timer's own. */
const leastDeafMs = 12;

/** When this thread, which is the far end's ear, was busy with something else. */
const watchOwnThread = (): { readonly deaf: readonly Stretch[]; readonly stop: () => void } => {
  const deaf: Stretch[] = [];
  let lastMs = nowMs();
  const timer = setInterval(() => {
    const atMs = nowMs();
    if (atMs - lastMs > leastDeafMs) deaf.push([lastMs, atMs]);
    lastMs = atMs;
  }, tickMs);
  return { deaf, stop: () => clearInterval(timer) };
};

/** The desk loaded anew in the middle of a call; what the far end missed meanwhile, beside as long a time without. */
export const reloadDesk = async (lab: Lab, at: Opened, times: number) => {
  const gaps: number[] = [];
  const without: number[] = [];
  const lost: number[] = [];
  const { deaf, stop } = watchOwnThread();
  for (let round = 0; round < times; round += 1) {
    const { call } = await answerCall(lab, at);
    const gapSince = (sinceMs: number): number =>
      audioGapMs(
        call.media.arrivals.filter((atMs) => atMs >= sinceMs),
        deaf,
      );
    await sleep(500);
    const calmMs = nowMs();
    await sleep(windowMs);
    without.push(gapSince(calmMs));
    const reloadMs = nowMs();
    await at.frame().evaluate(() => location.reload());
    await sleep(windowMs);
    await at.frame().waitForFunction(() => 'contender' in globalThis && !window.contender.isIdle());
    gaps.push(gapSince(reloadMs));
    lost.push(audioLostMs(call.media.arrivals.filter((atMs) => atMs >= reloadMs)));
    await endCall(at);
  }
  stop();
  return { gaps, without, lost };
};
