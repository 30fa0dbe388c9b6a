import type { LineState } from './phone.ts';
import type { Refusal } from './result.ts';
import { refusal } from './result.ts';
import type { SyncState } from './sync.ts';

/**
 * What an agent may still do while something is down: the one table, for every feature and for the sentence the agent reads. Central is
 * asked again and again, so a cell is what will come of asking; nothing is refused here that central would grant by now.
 */
export const outages = [
  'centralAway', // not reached, or it answers nonsense
  'signInOver', // reached, and the session is no longer valid there
  'tooOld', // reached, and it no longer serves this seat's version
  'lineLost', // no way to the PBX; it is being reconnected
  'lineRefused', // the PBX does not take this seat: waiting alone will not help
  'smsFailing', // the carrier took no text message lately
  'networkDown', // the machine itself is off the network
] as const;
export type Outage = (typeof outages)[number];

export const deeds = [
  'signIn',
  'signOut',
  'ready',
  'receiveCall',
  'goOnTalking', // hear and be heard, mute, hang up
  'dial', // a customer or a colleague
  'handOver', // consult, transfer, divert
  'seeWhoIsFree',
  'find', // a customer, and the history
  'followScript',
  'verifyClass2',
  'verifyClass3',
  'sendCode',
  'reveal', // what is open already stays open
  'pauseRecording',
  'supervise',
  'takeNotes',
  'wrapUp',
] as const;
export type Deed = (typeof deeds)[number];

/**
 * `yes`: as always. `later`: done and kept here, reaches the others when they are back. `here`: with what this seat holds. `try`: may
 * be tried, with a way round at hand.
 */
export const cells = ['yes', 'later', 'here', 'try', 'no'] as const;
type Cell = (typeof cells)[number];

const written = {
  //               central away, sign-in over, too old, line lost, line refused, text messages failing
  signIn: row('no', 'yes', 'no', 'yes', 'yes', 'yes'),
  signOut: row('later', 'later', 'later', 'yes', 'yes', 'yes'),
  ready: row('later', 'later', 'later', 'later', 'no', 'yes'),
  receiveCall: row('later', 'later', 'later', 'no', 'no', 'yes'),
  goOnTalking: row('yes', 'yes', 'yes', 'yes', 'yes', 'yes'),
  dial: row('later', 'later', 'later', 'no', 'no', 'yes'),
  handOver: row('here', 'here', 'here', 'no', 'no', 'yes'),
  seeWhoIsFree: row('no', 'no', 'no', 'yes', 'yes', 'yes'),
  find: row('here', 'here', 'here', 'yes', 'yes', 'yes'),
  followScript: row('later', 'later', 'later', 'yes', 'yes', 'yes'),
  // Every verification is compared at central, class 2 as well: a verifier kept here could be guessed.
  verifyClass2: row('no', 'no', 'no', 'yes', 'yes', 'yes'),
  verifyClass3: row('no', 'no', 'no', 'yes', 'yes', 'yes'),
  sendCode: row('no', 'no', 'no', 'yes', 'yes', 'try'),
  reveal: row('no', 'no', 'no', 'yes', 'yes', 'yes'),
  pauseRecording: row('no', 'no', 'no', 'yes', 'yes', 'yes'),
  supervise: row('no', 'no', 'no', 'no', 'no', 'yes'),
  takeNotes: row('later', 'later', 'later', 'yes', 'yes', 'yes'),
  wrapUp: row('later', 'later', 'later', 'yes', 'yes', 'yes'),
} as const satisfies Record<Deed, Record<Exclude<Outage, 'networkDown'>, Cell>>;

function row(centralAway: Cell, signInOver: Cell, tooOld: Cell, lineLost: Cell, lineRefused: Cell, smsFailing: Cell) {
  return { centralAway, signInOver, tooOld, lineLost, lineRefused, smsFailing };
}

/** Off the network, central and the line are both away; a call under way may be silent. */
export const cellOf = (deed: Deed, outage: Outage): Cell => {
  if (outage !== 'networkDown') return written[deed][outage];
  if (deed === 'goOnTalking') return 'try';
  return worse(written[deed].centralAway, written[deed].lineLost);
};

const worse = (one: Cell, other: Cell): Cell => (cells.indexOf(one) > cells.indexOf(other) ? one : other);

export type Standing = {
  readonly central: 'up' | Extract<Outage, 'centralAway' | 'signInOver' | 'tooOld'>;
  readonly line: 'up' | Extract<Outage, 'lineLost' | 'lineRefused'>;
  readonly sms: 'up' | Extract<Outage, 'smsFailing'>;
  readonly network: 'up' | Extract<Outage, 'networkDown'>;
};
export const allUp: Standing = { central: 'up', line: 'up', sms: 'up', network: 'up' };

/** For that long one text message that was not taken speaks for the next one. */
export const smsDoubtMs = 10 * 60_000;

export type Signs = {
  readonly sync: SyncState;
  readonly line: LineState;
  /** When the carrier last took no message and has taken none since; null: it does, or nobody asked. */
  readonly smsFailedAtMs: number | null;
  /** `navigator.onLine`: false is to be believed only while nothing is reached. */
  readonly isOnline: boolean;
  readonly nowMs: number;
};

export const standingOf = ({ sync, line, smsFailedAtMs, isOnline, nowMs }: Signs): Standing => {
  const central = centralOf(sync);
  const lineNow = lineOf(line);
  return {
    central,
    line: lineNow,
    sms: smsFailedAtMs !== null && nowMs - smsFailedAtMs < smsDoubtMs ? 'smsFailing' : 'up',
    // On loopback (practice mode) both are there without any network.
    network: !isOnline && (central === 'centralAway' || line.kind === 'lost') ? 'networkDown' : 'up',
  };
};

const centralOf = (sync: SyncState): Standing['central'] => {
  if (sync.kind === 'stopped') return 'tooOld';
  if (sync.kind !== 'offline') return 'up';
  if (sync.why === 'unauthorised') return 'signInOver';
  // One round that failed is no outage: the next is half a second away.
  return sync.attempt > 1 ? 'centralAway' : 'up';
};

/** A line that is not registered yet is as good as none. */
const lineOf = (line: LineState): Standing['line'] => {
  switch (line.kind) {
    case 'registered':
      return 'up';
    case 'refused':
      return 'lineRefused';
    case 'off':
    case 'connecting':
    case 'lost':
      return 'lineLost';
  }
};

export type Allowance =
  | { readonly kind: 'yes' }
  | { readonly kind: 'later' | 'here' | 'try'; readonly because: Outage }
  | { readonly kind: 'no'; readonly because: Outage; readonly refusal: Refusal };

/** The worst cell of all that is down. */
export const mayDo = (deed: Deed, standing: Standing): Allowance => {
  let worst: Allowance = { kind: 'yes' };
  for (const outage of outagesOf(standing)) {
    const cell = cellOf(deed, outage);
    if (cells.indexOf(cell) <= cells.indexOf(worst.kind)) continue;
    if (cell === 'no') worst = { kind: cell, because: outage, refusal: whyNot(deed, outage) };
    else if (cell !== 'yes') worst = { kind: cell, because: outage };
  }
  return worst;
};

const outagesOf = ({ network, central, line, sms }: Standing): readonly Outage[] =>
  [network, central, line, sms].filter((one) => one !== 'up');

const whyNot = (deed: Deed, outage: Outage): Refusal => {
  switch (outage) {
    case 'centralAway':
    case 'smsFailing':
      return deed === 'verifyClass2' || deed === 'verifyClass3' || deed === 'sendCode'
        ? refusal('offline', 'verificationNeedsCentral')
        : refusal('offline');
    case 'signInOver':
      return refusal('unauthorised', 'signInAgain');
    case 'tooOld':
      return refusal('tooOld', 'updateNeeded');
    case 'lineLost':
      return refusal('phone', 'lineLost');
    case 'lineRefused':
      return refusal('phone', 'lineRefused');
    case 'networkDown':
      return whyNot(deed, written[deed].centralAway === 'no' ? 'centralAway' : 'lineLost');
  }
};

/** Why the line does not let it be done, or undefined. */
export const whyNotOnLine = (deed: Deed, line: LineState): Refusal | undefined => {
  const allowed = mayDo(deed, { ...allUp, line: lineOf(line) });
  return allowed.kind === 'no' ? allowed.refusal : undefined;
};

/** What a feature answers after central did not: the table's word when something is down, else central's own. */
export const afterCentral = (deed: Deed, why: Refusal): Refusal => {
  // "The text message cannot be sent" and the like are said by a central that is there.
  if (why.kind !== 'offline' || why.reason !== undefined) return why;
  const allowed = mayDo(deed, { ...allUp, central: 'centralAway' });
  return allowed.kind === 'no' ? allowed.refusal : why;
};

/** Which one sentence tells the agent (`degraded.<key>` in the locales; the line alone has its own banners); null: nothing is down. */
export const sentenceOf = ({ network, central, line, sms }: Standing): Sentence | null => {
  if (network !== 'up') return 'network';
  if (central === 'centralAway' && line !== 'up') return 'centralAndLine';
  if (central !== 'up') return central;
  if (line !== 'up') return line;
  return sms === 'up' ? null : sms;
};
export type Sentence = 'network' | 'centralAndLine' | Exclude<Outage, 'networkDown'>;
