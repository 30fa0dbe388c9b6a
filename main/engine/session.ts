import { isBusy } from '../../shared/agent.ts';
import type { SampleAgent, SignInResponse } from '../../shared/central-api.ts';
import { protocolVersion } from '../../shared/central-api.ts';
import { receivedAt } from '../../shared/ice.ts';
import type { SeatId } from '../../shared/ids.ts';
import { withFloors } from '../../shared/policy.ts';
import type { Refusal, Result } from '../../shared/result.ts';
import { ok, refusal, refused } from '../../shared/result.ts';
import type { Session } from '../../shared/seat.ts';
import { backOffMs } from '../../shared/sync.ts';
import type { CentralClient } from './central-client.ts';
import type { Clock } from './clock.ts';
import type { CompanyDoor, CompanyDoorNeeds } from './company-sign-in.ts';
import { createCompanyDoor } from './company-sign-in.ts';
import type { Log } from './log.ts';
import type { Seat, Signed } from './seat.ts';
import type { Db } from './store/db.ts';
import { readFeed, readMeta, writeFeed } from './store/meta.ts';
import type { Sync } from './sync.ts';

type Done = Result<Record<string, never>>;

export interface SignIn {
  view(): Session;
  /** Also the way back after the token ran out: the same agent goes on, work in hand included. */
  signIn(agentNumber: string, password: string, takeOver?: boolean): Promise<Done>;
  /** The other way in, where central and this host have it. */
  readonly company: CompanyDoor | undefined;
  signOut(): Promise<Done>;
  /** After a restart: goes on with the agent whose contact is still in hand, else nobody is signed in. */
  resume(): void;
  /** The agent signed in at another seat: this one ends, after the contact in hand. What waits here goes with the next sign-in. */
  ousted(): void;
  /** Central locked this seat, or opened it again: nobody is signed in any more, as soon as no call is in hand. */
  lockChanged(): void;
  /** The last contact is done, and the session is over or (a resumed one) has no line to go on with: sign in again. */
  endIfOver(): void;
  close(): void;
}

export type SignInNeeds = {
  readonly db: Db;
  readonly seat: Seat;
  readonly sync: Sync;
  readonly client: CentralClient;
  readonly clock: Clock;
  readonly chance: () => number;
  readonly seatId: SeatId;
  readonly log: Log;
  readonly samplesChanged: () => void;
  /** Told to central at every sign-in. */
  readonly seatSecret: () => string;
  /** The public half of what requests are signed with. */
  readonly seatKey: () => string;
  /** Why nobody may work here (security 33, 34). */
  readonly whyLocked: () => 'locked' | 'away' | undefined;
  /** Central had this seat wiped before this program began. */
  readonly wasWiped: boolean;
  /** The store's key lies in a file, where other programs of this user can read it (security 27). */
  readonly isKeyInFile: boolean;
  readonly random: (bytes: number) => Uint8Array;
  /** Who opens the page of the company's provider; without it nobody signs in that way here. */
  readonly signInPage: CompanyDoorNeeds['signInPage'] | undefined;
};

export const createSignIn = (needs: SignInNeeds): SignIn => {
  const { seat, sync, client, clock, seatId, log } = needs;
  const samples = createSamples(needs);
  let signingIn = false;
  /** Why nobody is signed in, or will be after the contact in hand, though the agent did not sign out. */
  let ended: 'elsewhere' | 'wiped' | undefined = needs.wasWiped ? 'wiped' : undefined;

  // Read before anybody counts on: when this program last ran.
  const aliveAtMs = readMeta(needs.db.read, 'keeping')?.wallMs ?? Number.POSITIVE_INFINITY;
  const leave = (atMs = clock.nowMs()): Result<void> => {
    const left = seat.commit({ agent: { kind: 'signedOut', atMs }, work: () => null });
    if (!left.ok) return left;
    seat.setSession(null);
    sync.stop();
    samples.ask();
    log.info('signed out');
    return ok(undefined);
  };

  /** Whichever way central was convinced. */
  const entered = (answer: SignInResponse): Done => {
    const { agent } = answer;
    const why = whyNotHere(needs, answer);
    if (why !== undefined) return refused(why);
    if (seat.session !== null && seat.session.agent.id !== agent.id) {
      const left = leave();
      if (!left.ok) return left;
    }
    samples.stop();
    ended = undefined;
    begin(needs, answer);
    return ok({});
  };
  const { signInPage } = needs;
  const company = signInPage && createCompanyDoor({ ...needs, signInPage, entered, changed: needs.samplesChanged });

  const signIn = async (agentNumber: string, password: string, takeOver = false): Promise<Done> => {
    if (signingIn) return refused(refusal('conflict', 'signingIn'));
    signingIn = true;
    try {
      const seatSecret = needs.seatSecret();
      const seatKey = needs.seatKey();
      const asked = { protocol: protocolVersion, agentNumber, password, seatId, takeOver, seatSecret, seatKey };
      const answer = await client.call('signIn', asked, null);
      if (!answer.ok) return answer;
      return entered(answer.value);
    } finally {
      signingIn = false;
    }
  };

  return {
    view: () => sessionView(needs, samples.known(), ended, company),
    signIn,
    company,
    signOut: () => signOutOf(needs, leave),
    resume: () => {
      const { session } = seat;
      if (session === null) return samples.ask();
      // R38: nobody was here while the program did not run; to the minute, by which it notes that it does.
      if (!isBusy(seat.agent)) return void leave(Math.max(seat.agent.sinceMs, Math.min(clock.nowMs(), aliveAtMs)));
      sync.start(session.token);
      log.info('session resumed with a contact in hand', { agentId: session.agent.id, agent: seat.agent.kind });
    },
    ousted: () => {
      if (seat.session === null) return;
      ended = 'elsewhere';
      log.info('signed in at another seat', { agent: seat.agent.kind });
      if (!isBusy(seat.agent)) leave();
    },
    lockChanged: () => {
      if (needs.whyLocked() === undefined || seat.session === null) return;
      sync.stop();
      if (!isBusy(seat.agent)) leave();
    },
    endIfOver: () => {
      const { session, phone, agent } = seat;
      if (session === null || isBusy(agent)) return;
      const isOver = ended === 'elsewhere' || needs.whyLocked() !== undefined;
      if (!isOver && (session.sip !== null || phone.line.kind === 'registered')) return;
      leave();
    },
    close: () => {
      samples.stop();
      company?.close();
    },
  };
};

const signOutOf = async ({ seat, sync, client }: SignInNeeds, leave: () => Result<void>): Promise<Done> => {
  const token = seat.session?.token;
  if (token === undefined) return ok({});
  if (isBusy(seat.agent)) return refused(refusal('conflict', 'finishCallFirst'));
  // What waits is worth a moment; what cannot go now goes after the next sign-in.
  await sync.settle(2_000);
  if (seat.session?.token !== token) return ok({});
  const left = leave();
  if (!left.ok) return left;
  void client.call('signOut', {}, token);
  return ok({});
};

/** Central took the agent, but this machine may not hold what it would give (security 27). */
const whyNotHere = ({ client, isKeyInFile }: SignInNeeds, { policy, token }: SignInResponse): Refusal | undefined => {
  if (policy.keyStoreOnly !== true || !isKeyInFile) return undefined;
  void client.call('signOut', {}, token);
  return refusal('policy', 'keyStoreOnly');
};

const begin = ({ db, seat, sync, clock, log }: SignInNeeds, given: SignInResponse): void => {
  const { agent, token, practice } = given;
  forWhom(db, agent.id);
  seat.setSession(signedWith(given, seat.session, clock.nowMs()));
  seat.commit({ agent: { kind: 'signedIn', atMs: clock.nowMs() } });
  sync.start(token);
  log.info('signed in', { agentId: agent.id, practice });
};

/** The same agent again (the token ran out): the shift goes on. */
const signedWith = (given: SignInResponse, before: Signed | null, nowMs: number): Signed => {
  const { token, agent, policy, practice, sip } = given;
  const { sinceMs = nowMs, shiftCheckedAtMs } = before ?? {};
  const shift = shiftCheckedAtMs === undefined ? {} : { shiftCheckedAtMs };
  return { token, agent, practice, sinceMs, ...shift, policy: withFloors(policy), sip: receivedAt(sip, nowMs) };
};

/** A working set belongs to one agent: another one's is loaded from the beginning. */
const forWhom = (db: Db, agentId: Signed['agent']['id']): void => {
  if (readFeed(db.read, 'workingSetOf') === agentId) return;
  db.fill('working set of another agent', (write) => {
    writeFeed(write, 'workingSetOf', agentId);
    writeFeed(write, 'cursor', '');
    writeFeed(write, 'loaded', false);
  });
};

const sessionView = (
  { seat: { session }, seatId, whyLocked }: SignInNeeds,
  { samples, signInWith }: Known,
  why: 'elsewhere' | 'wiped' | undefined,
  company: CompanyDoor | undefined,
): Session => {
  const ended = whyLocked() ?? why;
  return session === null || whyLocked() !== undefined
    ? {
        kind: 'signedOut',
        samples: [...samples],
        ...(company !== undefined && signInWith.includes('company') ? { company: company.state } : {}),
        ...(signInWith.includes('password') ? {} : { passwordsOff: true }),
        ...(ended === undefined ? {} : { ended }),
      }
    : {
        kind: 'signedIn',
        seatId,
        agent: session.agent,
        policy: session.policy,
        practice: session.practice,
        sinceMs: session.sinceMs,
        ...(session.shiftCheckedAtMs === undefined ? {} : { shiftCheckedAtMs: session.shiftCheckedAtMs }),
      };
};

type Known = { readonly samples: readonly SampleAgent[]; readonly signInWith: readonly string[] };

/** Ways to sign in, and accounts to try in practice mode: asked for while nobody is signed in, until central answers. */
const createSamples = ({ client, clock, chance, samplesChanged }: SignInNeeds) => {
  let known: Known = { samples: [], signInWith: ['password'] };
  let wanted = false;
  let cancel = (): void => {};
  const ask = async (attempt: number): Promise<void> => {
    const answer = await client.call('health', {}, null);
    if (!wanted) return;
    if (answer.ok) {
      known = { samples: answer.value.samples, signInWith: answer.value.signInWith ?? ['password'] };
      samplesChanged();
      return;
    }
    cancel = clock.after(backOffMs(attempt, chance()), () => void ask(attempt + 1));
  };
  return {
    known: () => known,
    ask: () => {
      wanted = true;
      cancel();
      void ask(1);
    },
    stop: () => {
      wanted = false;
      cancel();
    },
  };
};
