import { answerCall, endCall, idle } from './calls.ts';
import type { FarRecord } from './far-call.ts';
import { nowMs, sleep } from './journal.ts';
import type { Lab, Opened } from './lab.ts';

/** Samples in ms; `isGivenUp` when the contender had not done it by the limit, which is then the sample. */
export type Waited = { readonly samples: number[]; isGivenUp: boolean };

const limitMs = 6_000;
const renewLimitMs = 2_000;

const next = (lab: Lab, from: number, user: string, kind: FarRecord['kind'], within = limitMs) =>
  lab.far.journal.next(
    from,
    (record) => (record.user === user && record.kind === kind ? record.atMs : undefined),
    within,
  );

const waitFor = async (lab: Lab, from: number, sinceMs: number, at: Opened, kind: FarRecord['kind'], into: Waited) => {
  const atMs = await next(lab, from, at.user, kind);
  into.samples.push((atMs ?? sinceMs + limitMs) - sinceMs);
  if (atMs === undefined) into.isGivenUp = true;
};

const perContender = (contenders: readonly Opened[]): Map<Opened, Waited> =>
  new Map(contenders.map((at) => [at, { samples: [], isGivenUp: false }]));
/** Who gave up once is not waited for again. */
const stillTrying = (waited: ReadonlyMap<Opened, Waited>): [Opened, Waited][] =>
  [...waited].filter(([, { isGivenUp }]) => !isGivenUp);

/** Sockets cut without a word while the server stays. */
export const dropSockets = async (lab: Lab, contenders: readonly Opened[], times: number) => {
  const waited = perContender(contenders);
  for (let round = 0; round < times; round += 1) {
    const from = lab.far.journal.mark();
    const cutMs = nowMs();
    for (const [at] of stillTrying(waited)) lab.far.drop(at.user);
    await Promise.all(stillTrying(waited).map(([at, into]) => waitFor(lab, from, cutMs, at, 'registered', into)));
    await sleep(200);
  }
  return waited;
};

/**
 * The same in the middle of a call; then the far end hangs up. A ghost is a call that the page still shows a second later.
 */
export const dropInCalls = async (lab: Lab, at: Opened, times: number) => {
  const waited: Waited = { samples: [], isGivenUp: false };
  let ghosts = 0;
  for (let round = 0; round < times; round += 1) {
    const { call } = await answerCall(lab, at);
    const from = lab.far.journal.mark();
    const cutMs = nowMs();
    lab.far.drop(at.user);
    await waitFor(lab, from, cutMs, at, 'registered', waited);
    await next(lab, from, at.user, 'renewed', renewLimitMs);
    await sleep(50);
    call.hangUp();
    const isOver = await idle(at).then(
      () => true,
      () => false,
    );
    if (isOver) continue;
    ghosts += 1;
    await endCall(at);
  }
  return { waited, ghosts };
};

/** The server away for two to four seconds, then back on the same port. */
export const outages = async (lab: Lab, contenders: readonly Opened[], times: number) => {
  const waited = perContender(contenders);
  for (let round = 0; round < times; round += 1) {
    await lab.far.stopListening();
    await sleep(2_000 + (2_000 * round) / Math.max(1, times - 1));
    const from = lab.far.journal.mark();
    const backMs = nowMs();
    await lab.far.startListening();
    await Promise.all(stillTrying(waited).map(([at, into]) => waitFor(lab, from, backMs, at, 'registered', into)));
    await sleep(300);
  }
  return waited;
};

/**
 * Links that stay open and carry nothing any more, noticed by opening another. `talking` has a call each time; the silence begins
 * at another moment between two of its own looks.
 */
export const halfOpen = async (lab: Lab, talking: Opened, idlers: readonly Opened[], times: number) => {
  const waited = perContender([talking, ...idlers]);
  for (let round = 0; round < times; round += 1) {
    await answerCall(lab, talking);
    await sleep((2_000 * round) / times);
    const from = lab.far.journal.mark();
    const silentMs = nowMs();
    const trying = stillTrying(waited);
    for (const [at] of trying) lab.far.goSilent(at.user);
    await Promise.all(trying.map(([at, into]) => waitFor(lab, from, silentMs, at, 'connected', into)));
    await next(lab, from, talking.user, 'registered');
    await sleep(200);
    await endCall(talking);
  }
  return waited;
};

const windowsGone = async (at: Opened): Promise<void> => {
  const session = await at.page.context().newCDPSession(at.page);
  const gone = new Promise<void>((resolve) => at.page.once('crash', () => resolve()));
  // The answer would come from the page that is gone.
  void session.send('Page.crash').catch(() => undefined);
  await gone;
};

/** Our phone page killed in the middle of a call and opened again; until both hear each other in the same call, s. */
export const killPages = async (lab: Lab, open: () => Promise<Opened>, times: number): Promise<number[]> => {
  const samples: number[] = [];
  for (let round = 0; round < times; round += 1) {
    const at = await open();
    const { call } = await answerCall(lab, at);
    await sleep(300);
    const from = lab.far.journal.mark();
    const killedMs = nowMs();
    await windowsGone(at);
    const again = await at.reopen?.();
    if (again === undefined) throw new Error('only our own page is opened again');
    const here = again.page.evaluate((within) => window.probe.firstHeard(within), limitMs);
    const sipCallId = await lab.far.journal.next(
      from,
      (record) => (record.kind === 'called' && record.user === at.user ? record.sipCallId : undefined),
      limitMs,
    );
    const there = await lab.far.calls.get(sipCallId ?? '')?.media.firstArrival(limitMs);
    const heardMs = await here;
    const isSame = call.isOver && there !== undefined && heardMs !== undefined;
    samples.push(isSame ? (Math.max(there, heardMs) - killedMs) / 1_000 : limitMs / 1_000);
    await at.close();
  }
  return samples;
};
