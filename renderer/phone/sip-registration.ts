import type { Core, URI, UserAgent } from 'sip.js';
import type { SeatId } from '../../shared/ids.ts';
import type { RegisterOutcome } from './sip-line.ts';

/**
 * REGISTER and OPTIONS over SIP.js's core. SIP.js's own registerer waits 32 s for the answer of a socket that is gone, and
 * throws on some answers; this one asks once and tells the outcome, the loop of sip-line.ts decides.
 */
export type Registration = {
  readonly register: () => Promise<RegisterOutcome>;
  readonly unregister: () => Promise<RegisterOutcome>;
  /** True when any answer came, a refusal as well. */
  readonly ping: () => Promise<boolean>;
};

/** What we ask for; the PBX may grant less. Short, so that a seat that vanished stops being rung. */
const askedExpiresS = 120;
const mostExpiresS = 3_600;

type RegistrationPlan = {
  readonly userAgent: UserAgent;
  readonly registrar: URI;
  readonly seatId: SeatId;
  readonly nowMs: number;
  readonly isConnected: () => boolean;
};

export const createRegistration = (plan: RegistrationPlan): Registration => new CoreRegistration(plan);

class CoreRegistration implements Registration {
  readonly #plan: RegistrationPlan;
  readonly #core: Core.UserAgentCore;
  // A registrar may compare Call-ID and CSeq with those from before a reload: both go on.
  readonly #callId: string;
  #cseq: number;
  #expiresS = askedExpiresS;

  constructor(plan: RegistrationPlan) {
    this.#plan = plan;
    this.#core = plan.userAgent.userAgentCore;
    this.#callId = `${plan.seatId.replaceAll('-', '')}.registration`;
    this.#cseq = Math.floor(plan.nowMs / 1_000) % 2 ** 31;
  }

  register = async (): Promise<RegisterOutcome> => {
    const [outcome, least] = await this.#send(this.#expiresS);
    if (least === undefined || least <= this.#expiresS || least > mostExpiresS) return outcome;
    // 423: too brief for this registrar (RFC 3261 10.2.8).
    this.#expiresS = least;
    return (await this.#send(least))[0];
  };

  unregister = async (): Promise<RegisterOutcome> => (await this.#send(0))[0];

  ping = (): Promise<boolean> =>
    new Promise((resolve) => {
      const { userAgent, registrar, isConnected } = this.#plan;
      const self = userAgent.configuration.uri;
      const alive = (): void => resolve(true);
      this.#core.request(this.#core.makeOutgoingRequestMessage('OPTIONS', registrar, self, registrar, {}), {
        onAccept: alive,
        onRedirect: alive,
        onProgress: alive,
        // A refusal is an answer; our own 503 is the sound of a dropped socket.
        onReject: () => resolve(isConnected()),
      });
    });

  /** The outcome and, with 423, the shortest time the registrar takes. */
  #send(expiresS: number): Promise<readonly [outcome: RegisterOutcome, least: number | undefined]> {
    const { userAgent, registrar, seatId } = this.#plan;
    const self = userAgent.configuration.uri;
    const binding = userAgent.contact.toString({ register: true });
    this.#cseq += 1;
    const message = this.#core.makeOutgoingRequestMessage(
      'REGISTER',
      registrar,
      self,
      self,
      { callId: this.#callId, cseq: this.#cseq },
      // The same instance after every reload: the registrar replaces the old binding instead of ringing a ghost (RFC 5626).
      [`Contact: ${binding};reg-id=1;+sip.instance="<urn:uuid:${seatId}>";expires=${expiresS}`],
    );
    return new Promise((resolve) => {
      const settle = (outcome: RegisterOutcome, least?: number): void => {
        // The digest round took a number as well.
        this.#cseq = Math.max(this.#cseq, message.cseq);
        resolve([outcome, least]);
      };
      this.#core.register(message, {
        onAccept: ({ message: answer }) => {
          const granted = grantedS(answer.getHeaders('contact'), userAgent.contact.uri.user ?? '', expiresS);
          settle({ kind: 'registered', expiresS: granted });
        },
        onReject: ({ message: answer }) => {
          const status = answer.statusCode ?? 500;
          settle(outcomeOf(status), status === 423 ? Number(answer.getHeader('min-expires')) : undefined);
        },
        onRedirect: () => settle({ kind: 'failed', why: 'server' }),
      });
    });
  }
}

const outcomeOf = (status: number): RegisterOutcome => {
  if ([401, 403, 404, 407].includes(status)) return { kind: 'refused', status };
  return { kind: 'failed', why: status === 408 ? 'noAnswer' : 'server' };
};

/** The expiry of our own binding (RFC 3261 10.2.4), or what we asked for. */
const grantedS = (contacts: readonly string[], user: string, askedS: number): number => {
  const own =
    contacts.find((contact) => contact.includes(`:${user}@`)) ?? (contacts.length === 1 ? contacts[0] : undefined);
  const granted = Number(/;\s*expires\s*=\s*"?(\d{1,6})/i.exec(own ?? '')?.[1] ?? askedS);
  return granted > 0 ? granted : askedS;
};
