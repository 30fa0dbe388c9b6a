import { createHash, timingSafeEqual } from 'node:crypto';
import type { SignInResponse } from '../../shared/central-api.ts';
import { protocolVersion } from '../../shared/central-api.ts';
import type { CompanyEvent, CompanySignIn } from '../../shared/company-sign-in.ts';
import { nextCompanySignIn, refusalOfProvider } from '../../shared/company-sign-in.ts';
import type { SeatId } from '../../shared/ids.ts';
import type { Refusal, Result } from '../../shared/result.ts';
import { ok, refusal, refused } from '../../shared/result.ts';
import type { CallbackListener } from './callback-listener.ts';
import { listenForCallback } from './callback-listener.ts';
import type { CentralClient } from './central-client.ts';
import type { Clock } from './clock.ts';
import type { Log } from './log.ts';
import { faultFields } from './log.ts';

/** Signing in with the company's account, as far as the seat goes: verifier, loopback, and what the agent is told of it. */
export interface CompanyDoor {
  readonly state: CompanySignIn;
  /** Answered when the provider's page can be opened; what comes of it is a state. */
  begin(): Promise<Result<{ readonly open: string | null }>>;
  /** Turned away because of another seat: the same proof again, which ends that one. */
  takeOver(): Promise<Result<Record<string, never>>>;
  cancel(): void;
  close(): void;
}

export type CompanyDoorNeeds = {
  readonly client: CentralClient;
  readonly clock: Clock;
  readonly random: (bytes: number) => Uint8Array;
  readonly seatId: SeatId;
  readonly seatSecret: () => string;
  readonly seatKey: () => string;
  readonly log: Log;
  readonly changed: () => void;
  /** As after a password: the session begins. */
  readonly entered: (answer: SignInResponse) => Result<Record<string, never>>;
  /** Who opens the provider's page: the desk does, or this host, unless it answers that the page is not where it may be. */
  readonly signInPage: 'desk' | ((url: string) => boolean);
};

/** The provider may be slow, and central asks it while we wait. */
const finishMs = 20_000;

type Attempt = { readonly verifier: string; readonly state: string };

/** What goes on between asking and being signed in. */
type Door = {
  state: CompanySignIn;
  listener: CallbackListener | undefined;
  attempt: Attempt | undefined;
  code: string;
  cancelTimer: () => void;
  /** Answers of an attempt that was given up mean nothing. */
  round: number;
  readonly needs: CompanyDoorNeeds;
};

export const createCompanyDoor = (needs: CompanyDoorNeeds): CompanyDoor => {
  const door: Door = {
    state: { kind: 'offered' },
    ...{ listener: undefined, attempt: undefined, code: '', cancelTimer: () => {}, round: 0, needs },
  };
  return {
    get state() {
      return door.state;
    },
    begin: () => begin(door),
    takeOver: async () => {
      if (door.state.kind !== 'refused' || door.state.why.reason !== 'signedInElsewhere')
        return refused(refusal('conflict', 'companySignInOver'));
      go(door, { kind: 'takenOver' });
      return finish(door, true);
    },
    cancel: () => cancel(door),
    close: () => {
      door.round += 1;
      letGo(door);
    },
  };
};

const go = (door: Door, event: CompanyEvent): void => {
  const next = nextCompanySignIn(door.state, event);
  if (next === door.state) return;
  door.state = next;
  door.needs.changed();
};

const letGo = (door: Door): void => {
  door.cancelTimer();
  door.listener?.close();
  door.listener = undefined;
};

const turnedAway = (door: Door, why: Refusal): Result<never> => {
  letGo(door);
  door.needs.log.info('not signed in with the company’s account', { kind: why.kind, reason: why.reason ?? '' });
  go(door, { kind: 'refused', why });
  return refused(why);
};

const cancel = (door: Door): void => {
  if (door.state.kind === 'finishing') return;
  door.round += 1;
  letGo(door);
  door.attempt = undefined;
  go(door, { kind: 'cancelled' });
};

const begin = async (door: Door): Promise<Result<{ readonly open: string | null }>> => {
  const { client, clock, random, signInPage, log } = door.needs;
  if (door.state.kind === 'finishing' || door.state.kind === 'beginning')
    return refused(refusal('conflict', 'signingIn'));
  // Asked again while the page is open somewhere: the new one counts.
  cancel(door);
  go(door, { kind: 'asked' });
  const mine = door.round;
  const verifier = Buffer.from(random(32)).toString('base64url');
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  try {
    door.listener = await listenForCallback((said) => answered(door, said));
  } catch (fault) {
    log.error('nobody may listen on this machine', faultFields(fault));
    return turnedAway(door, refusal('internal', 'callbackNotHeard'));
  }
  const { redirectUri } = door.listener;
  const asked = { ...seatOf(door.needs), redirectUri, challenge };
  const answer = await client.call('companyBegin', asked, null);
  if (mine !== door.round) return refused(refusal('conflict', 'companySignInOver'));
  if (!answer.ok) return turnedAway(door, answer.error);
  const { url, state, expiresAtMs: untilMs } = answer.value;
  if (!isWebAddress(url)) return turnedAway(door, refusal('garbled'));
  if (signInPage !== 'desk' && !signInPage(url)) return turnedAway(door, refusal('conflict', 'companyPageElsewhere'));
  door.attempt = { verifier, state };
  door.cancelTimer = clock.after(waitMs(untilMs - clock.nowMs()), () =>
    turnedAway(door, refusal('conflict', 'companySignInTimedOut')),
  );
  const open = signInPage === 'desk' ? url : null;
  go(door, { kind: 'begun', url: open, untilMs });
  return ok({ open });
};

/** @returns whether it was ours */
const answered = (door: Door, said: URLSearchParams): boolean => {
  if (door.state.kind !== 'waiting' || door.attempt === undefined) return false;
  if (!isSame(said.get('state') ?? '', door.attempt.state)) {
    door.needs.log.warn('an answer came to this machine that belongs to another sign-in');
    return false;
  }
  const error = said.get('error');
  const code = said.get('code');
  if (error !== null || code === null) turnedAway(door, refusalOfProvider(error ?? ''));
  else {
    door.code = code;
    letGo(door);
    go(door, { kind: 'answered' });
    void finish(door, false);
  }
  return true;
};

const finish = async (door: Door, takeOver: boolean): Promise<Result<Record<string, never>>> => {
  const { attempt, code, needs, round: mine } = door;
  if (attempt === undefined) return turnedAway(door, refusal('conflict', 'companySignInOver'));
  const asked = { ...seatOf(needs), takeOver, ...attempt, code };
  const answer = await needs.client.call('companyFinish', asked, null, finishMs);
  if (mine !== door.round) return refused(refusal('conflict', 'companySignInOver'));
  if (!answer.ok) return turnedAway(door, answer.error);
  const entered = needs.entered(answer.value);
  if (!entered.ok) return turnedAway(door, entered.error);
  door.attempt = undefined;
  go(door, { kind: 'signedIn' });
  return ok({});
};

const seatOf = ({ seatId, seatSecret, seatKey }: CompanyDoorNeeds) => ({
  ...{ protocol: protocolVersion, seatId, seatSecret: seatSecret(), seatKey: seatKey() },
});

/** Clocks of seat and central differ: not shorter than a minute, not longer than central keeps an attempt. */
const waitMs = (ms: number): number => Math.min(Math.max(ms, 60_000), 10 * 60_000);

/** Central's word, but it is opened in the agent's browser: nothing that runs or opens a file. */
const isWebAddress = (url: string): boolean => {
  const read = URL.parse(url);
  return read !== null && (read.protocol === 'https:' || (read.protocol === 'http:' && loopback.test(read.hostname)));
};
const loopback = /^(?:localhost|127(?:\.\d{1,3}){3})$/;

const isSame = (one: string, other: string): boolean => {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
};
