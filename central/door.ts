import type { z } from 'zod';
import type { SignInResponse } from '../shared/central-api.ts';
import type { SeatId } from '../shared/ids.ts';
import type { Result } from '../shared/result.ts';
import { refusal, refused } from '../shared/result.ts';
import { maySupervise } from '../shared/supervision.ts';
import { openRecheck } from './company-recheck.ts';
import { makeCompanySignIn } from './company-sign-in.ts';
import type { From, Handlers } from './http.ts';
import type { ProviderSettings } from './provider.ts';
import { openProvider } from './provider.ts';
import type { AtSeat } from './seats.ts';
import { seatSignedIn, whyNotAtSeat, whyOtherTenant } from './seats.ts';
import type { SignInPorts } from './sign-in.ts';
import { makeSignIn } from './sign-in.ts';

/** Signing in with the company's account. */
export type CompanySettings = ProviderSettings & {
  /** How often the provider is asked whether an account is still good; see `longestAfterDisabling`. */
  readonly recheckMs: number;
  /** Agents' passwords at central count as well. */
  readonly passwordsToo: boolean;
};

export type Door = {
  readonly handlers: Pick<Handlers, 'signIn' | 'signOut' | 'sipAccount'> &
    Partial<Pick<Handlers, 'companyBegin' | 'companyFinish'>>;
  /** As `health` tells them. */
  readonly signInWith: readonly string[];
  readonly settled: () => Promise<void>;
  readonly close: () => Promise<void>;
};

export type DoorPorts = SignInPorts & {
  readonly company: CompanySettings | undefined;
  /** A lead who signs in, or out, is in nobody's call any more. */
  readonly leaveCalls: (agentId: string, exceptSeat?: SeatId) => Promise<void>;
};

/** Everything there is to signing in and out, whichever way an agent proves who they are. */
export const openDoor = (ports: DoorPorts): Door => {
  const { clock, log, secrets, members, database, company } = ports;
  const { signIn, admit, signOut, sipAccount } = makeSignIn(ports);
  const at = atSeat(ports);
  const provider = company && openProvider(company, clock, log);
  const recheck =
    provider &&
    openRecheck({ database, clock, log, key: secrets.keepKey, provider, members, recheckMs: company.recheckMs });
  const byCompany =
    provider && makeCompanySignIn({ database, clock, log, secrets, provider, admit, recheckMs: company.recheckMs });
  const passwords = company === undefined || company.passwordsToo;
  return {
    signInWith: [...(passwords ? ['password'] : []), ...(company === undefined ? [] : ['company'])],
    handlers: {
      signIn: async (asked, _none, from) => {
        if (!passwords) return refused(refusal('forbidden', 'passwordsOff'));
        const otherTenant = await whyOtherTenant(database.db, asked);
        return otherTenant === undefined ? at(asked, from, () => signIn(asked, from.address)) : refused(otherTenant);
      },
      signOut: async (_asked, session) => {
        await ports.leaveCalls(session.agent.id);
        return signOut(session);
      },
      sipAccount: async (_asked, session) => sipAccount(session),
      ...(byCompany === undefined
        ? {}
        : {
            companyBegin: async (asked, _none, from) => {
              if (asked.protocol < ports.lowestProtocol) return refused(refusal('tooOld', 'updateNeeded'));
              const why = await whyNotAtSeat({ ...ports, db: database.db }, asked, from);
              return why === undefined ? byCompany.begin(asked) : refused(why);
            },
            companyFinish: async (asked, _none, from) => at(asked, from, () => byCompany.finish(asked)),
          }),
    },
    settled: async () => recheck?.settled(),
    close: async () => recheck?.close(),
  };
};

/** Only where somebody may sign in; and what follows when somebody did. */
const atSeat =
  ({ clock, secrets, leaveCalls, lowestProtocol, database: { db } }: DoorPorts) =>
  async (
    asked: AtSeat,
    from: From,
    signIn: () => Promise<Result<z.input<typeof SignInResponse>>>,
  ): Promise<Result<z.input<typeof SignInResponse>>> => {
    const notHere = await whyNotAtSeat({ db, secrets, lowestProtocol }, asked, from);
    if (notHere !== undefined) return refused(notHere);
    const answer = await signIn();
    if (!answer.ok) return answer;
    const { id: agentId, role } = answer.value.agent;
    await seatSignedIn(db, secrets, asked, { agentId, nowMs: clock.nowMs() });
    if (maySupervise(role)) await leaveCalls(agentId, asked.seatId);
    return answer;
  };
