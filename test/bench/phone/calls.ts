import type { FarCall } from './far-call.ts';
import { nowMs, sleep } from './journal.ts';
import type { Lab, Opened } from './lab.ts';

/** One call as it was measured, ms. */
export type CallSample = {
  /** Inbound: from the click to the 200 on the socket. Outbound: from the click to the INVITE on the socket. */
  readonly toWireMs: number;
  /** From the click to the first packet in the later direction; undefined when a side never heard anything: a silent call. */
  readonly toMediaMs: number | undefined;
  /** Inbound: from the INVITE's arrival in the page to the ring shown. */
  readonly toRingMs: number | undefined;
  /** Who heard nothing within three seconds: of a late call for a while, of a silent one ever. */
  readonly deaf: readonly ('seat' | 'far end')[];
};
export type OpenCall = { readonly call: FarCall; readonly sample: CallSample };

/** No agent is quicker. */
const ringMs = 150;
const talkMs = 60;
/** Sound that comes later is late, and counted so; what has not come by `neverMs` after that does not come. */
const soundLimitMs = 3_000;
const neverMs = 20_000;
const idleLimitMs = 5_000;
/** `patience`: so many times as long as on a free machine is waited for anything. */
export type Pace = { readonly answerLimitMs: number; readonly ringMs: number; readonly patience?: number };
export const usualPace: Pace = { answerLimitMs: 3_000, ringMs };

/** The far end rings, the agent answers, both are heard. @throws when it never rang or was never answered */
export const answerCall = async ({ far }: Lab, at: Opened, pace = usualPace): Promise<OpenCall> => {
  const startMs = nowMs();
  const from = far.journal.mark();
  const call = await far.ring(at.user);
  const limits = { polling: 10, timeout: idleLimitMs * (pace.patience ?? 1) };
  await at.frame().waitForFunction((since) => window.contender.rungMs() > since, startMs, limits);
  const rungMs = await at.frame().evaluate(() => window.contender.rungMs());
  const invitedMs = await passedMs(at, 'heard', 'INVITE', startMs);
  await sleep(pace.ringMs);
  const clickedMs = await at.frame().evaluate(() => window.contender.answer());
  const final = await far.journal.next(
    from,
    (record) => (record.kind === 'final' && record.sipCallId === call.sipCallId ? record.status : undefined),
    pace.answerLimitMs,
  );
  if (final !== 200) throw new Error(`${at.name} did not answer: ${final ?? 'nothing'} in ${pace.answerLimitMs} ms`);
  const sound = await soundMs(at, call, clickedMs, pace);
  const sentMs = await passedMs(at, 'sent', '200 INVITE', clickedMs);
  return { call, sample: { toWireMs: sentMs - clickedMs, ...sound, toRingMs: rungMs - invitedMs } };
};

/** The agent dials, the far end answers at once, both are heard. @throws when no INVITE came */
const dialCall = async ({ far }: Lab, at: Opened, pace: Pace): Promise<OpenCall> => {
  const from = far.journal.mark();
  const clickedMs = await at.frame().evaluate(() => window.contender.dial());
  const sipCallId = await far.journal.next(
    from,
    (record) => (record.kind === 'called' && record.user === at.user ? record.sipCallId : undefined),
    pace.answerLimitMs,
  );
  const call = far.calls.get(sipCallId ?? '');
  if (call === undefined) throw new Error(`${at.name} dialled nothing within ${pace.answerLimitMs} ms`);
  const sound = await soundMs(at, call, clickedMs, pace);
  const sentMs = await passedMs(at, 'sent', 'INVITE', clickedMs);
  return { call, sample: { toWireMs: sentMs - clickedMs, ...sound, toRingMs: undefined } };
};

/** The agent hangs up, and the phone is ready for the next call. */
export const endCall = async (at: Opened, pace: Pace = usualPace): Promise<void> => {
  await at.frame().evaluate(() => window.contender.hangUp());
  await idle(at, pace);
};

/** @throws when the page still has a call after five seconds */
export const idle = async (at: Opened, { patience = 1 }: Pace = usualPace): Promise<void> => {
  const limits = { polling: 10, timeout: idleLimitMs * patience };
  await at.frame().waitForFunction(() => window.contender.isIdle(), undefined, limits);
};

export const takeCall = (lab: Lab, at: Opened, pace = usualPace): Promise<CallSample> =>
  wholeCall(at, pace, () => answerCall(lab, at, pace));
export const placeCall = (lab: Lab, at: Opened, pace = usualPace): Promise<CallSample> =>
  wholeCall(at, pace, () => dialCall(lab, at, pace));

const wholeCall = async (at: Opened, pace: Pace, begin: () => Promise<OpenCall>): Promise<CallSample> => {
  const { sample } = await begin();
  await sleep(talkMs);
  await endCall(at, pace);
  return sample;
};

const soundMs = async (
  { page }: Opened,
  { media }: FarCall,
  clickedMs: number,
  { patience = 1 }: Pace,
): Promise<Pick<CallSample, 'toMediaMs' | 'deaf'>> => {
  const mostMs = soundLimitMs * patience;
  const here = page.evaluate((limitMs) => window.probe.firstHeard(limitMs), mostMs);
  const [thereMs, hereMs] = await Promise.all([media.firstArrival(mostMs), here]);
  if (thereMs !== undefined && hereMs !== undefined)
    return { toMediaMs: Math.max(thereMs, hereMs) - clickedMs, deaf: [] };
  const deaf = [
    hereMs === undefined ? ['seat' as const] : [],
    thereMs === undefined ? ['far end' as const] : [],
  ].flat();
  const lateHere = hereMs ?? page.evaluate((limitMs) => window.probe.firstHeard(limitMs), neverMs);
  const [lateThereMs, lateHereMs] = await Promise.all([thereMs ?? media.firstArrival(neverMs), lateHere]);
  if (lateThereMs === undefined || lateHereMs === undefined) return { toMediaMs: undefined, deaf };
  return { toMediaMs: Math.max(lateThereMs, lateHereMs) - clickedMs, deaf };
};

/** When such a message passed the page's socket first since then, epoch ms. @throws when none did */
const passedMs = async (
  { page, name }: Opened,
  way: 'sent' | 'heard',
  start: string,
  sinceMs: number,
): Promise<number> => {
  const atMs = await page.evaluate(
    ([list, what, since]) => window.probe[list].find((one) => one.start === what && one.atMs >= since)?.atMs,
    [way, start, sinceMs] as const,
  );
  if (atMs === undefined) throw new Error(`${name}: no ${start} was ${way}`);
  return atMs;
};
