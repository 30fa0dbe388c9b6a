import { Inviter, type Referral, type Session, URI, type UserAgent } from 'sip.js';
import { queueNumbers } from '../operator/agents.ts';
import type { LiveCall } from './customer-call.ts';

/**
 * An agent asks a customer's telephone to talk to somebody else (REFER, RFC 3515). It calls there as the same customer, says how that
 * goes (NOTIFY), and lets go of the agent only when the agent hangs up.
 */
export const followReferral = (options: {
  readonly agent: UserAgent;
  readonly domain: string;
  /** The call that was handed on. */
  readonly session: Session;
  readonly referral: Referral;
  readonly number: string;
  /** The same customer on the new call; media and all. */
  readonly begin: (inviter: Inviter) => LiveCall;
}): void => {
  const { agent, domain, session, referral, number } = options;
  const user = targetOf(referral);
  if (user === undefined) return void referral.reject({ statusCode: 404 }).catch(() => {});
  let isTold = false;
  const tell = (status: number, phrase: string): void => {
    // One last word; and whoever hung up meanwhile needs no news.
    if (isTold || session.dialog === undefined) return;
    isTold = status >= 200;
    const state = status >= 200 ? 'terminated;reason=noresource' : 'active;expires=60';
    session.dialog.notify(undefined, {
      extraHeaders: ['Event: refer', `Subscription-State: ${state}`],
      body: {
        contentDisposition: 'render',
        contentType: 'message/sipfrag;version=2.0',
        content: `SIP/2.0 ${status} ${phrase}`,
      },
    });
  };
  void referral.accept();
  tell(100, 'Trying');
  const { replaces } = referral;
  const inviter = new Inviter(agent, new URI('sip', user, domain), {
    params: { fromUri: new URI('sip', number === '' ? 'anonymous' : number, domain), fromDisplayName: '' },
    extraHeaders: replaces === undefined ? [] : [`Replaces: ${decodeURIComponent(replaces)}`],
  });
  const call = options.begin(inviter);
  void inviter
    .invite({
      requestDelegate: {
        // In a queue: who waits there is where they were sent. (Its 182 has no Contact, and the library keeps that to itself.)
        onTrying: () => {
          if (Object.values(queueNumbers).includes(user)) tell(200, 'OK');
        },
        onProgress: (response) => {
          if (response.message.statusCode === 180) tell(180, 'Ringing');
        },
        onAccept: () => tell(200, 'OK'),
        onReject: (response) => {
          const status = response.message.statusCode ?? 500;
          call.refused(status);
          tell(status, 'Refused');
        },
      },
    })
    .catch(() => {
      call.refused(503);
      tell(503, 'Service Unavailable');
      void inviter.dispose();
    });
};

/** Digits only: where they lead is the exchange's business. */
const targetOf = (referral: Referral): string | undefined => {
  try {
    const { user } = referral.referTo.uri;
    return user !== undefined && /^\+?\d{3,20}$/.test(user) ? user : undefined;
  } catch {
    return undefined;
  }
};
