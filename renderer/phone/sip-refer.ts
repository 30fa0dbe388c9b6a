import { type Core, type Notification, type Session, SessionState } from 'sip.js';
import type { Call } from '../../shared/call.ts';
import type { CallId } from '../../shared/ids.ts';
import { isDialable } from './phone.ts';
import type { SipLink } from './sip-link.ts';
import type { ReferEvents, ReferTarget } from './two-lines.ts';

/**
 * Asks the far end of a session to call somebody else (REFER, RFC 3515) and follows what it tells about that (NOTIFY with a piece
 * of SIP, RFC 3420). Every text in it is ours: digits, our own domain, and the three names of our own dialog.
 *
 * - REFER-1 Without a display name in Refer-To: exchanges refuse it, and names are other people's text.
 * - REFER-2 The last word is a final status, or a subscription that ends without one: nobody knows then, so it failed.
 * - REFER-3 A refusal of the REFER itself is the transfer's status.
 */
export type Referring = {
  /** What a NOTIFY of this dialog means, to be run once it is answered; undefined when it is not about our REFER. */
  readonly newsOf: (notification: Notification) => (() => void) | undefined;
};

export type ReferWords = {
  /** `sip:1001@pbx.example`; built by us. */
  readonly to: string;
  /** Who asks: our own address. */
  readonly by: string;
  /** The session whose place is to be taken (RFC 3891). */
  readonly instead?: Session;
};

export const refer = (session: Session, words: ReferWords, on: ReferEvents): Referring => {
  let isOver = false;
  const over = (tell: () => void): void => {
    if (isOver) return;
    isOver = true;
    tell();
  };
  const { dialog } = session;
  if (dialog === undefined || session.state !== SessionState.Established) over(() => on.failed(481));
  else {
    const requestDelegate: Core.OutgoingRequestDelegate = {
      // 202 says only that it was understood; the NOTIFYs tell the rest.
      onReject: ({ message }) => over(() => on.failed(message.statusCode ?? 500)),
      onRedirect: () => over(() => on.failed(300)),
    };
    dialog.refer(requestDelegate, {
      extraHeaders: [
        `Refer-To: <${words.to}${words.instead === undefined ? '' : `?Replaces=${replaces(words.instead)}`}>`,
        `Referred-By: <${words.by}>`,
        `Contact: ${session.userAgent.contact.toString()}`,
      ],
    });
  }
  return {
    newsOf: ({ request }) => {
      if (isOver || !/^refer\s*(?:;|$)/i.test(request.getHeader('Event') ?? '')) return undefined;
      const status = fragmentStatus(request.body);
      if (status >= 200) return () => over(status < 300 ? on.done : () => on.failed(status));
      const isLast = /^terminated\b/i.test(request.getHeader('Subscription-State')?.trim() ?? '');
      return isLast ? () => over(() => on.failed(408)) : on.trying;
    },
  };
};

/** The status of a piece of SIP (RFC 3420): its first line; 100 when it says nothing readable. Pure. */
export const fragmentStatus = (body: string): number => Number(/^SIP\/2\.0 ([1-6]\d\d)\b/.exec(body)?.[1] ?? 100);

/** From where the target stands: its own tag is the `to` one (RFC 3891 3). Escaped, for it stands in a URI (RFC 3261 19.1.1). */
const replaces = ({ dialog }: Session): string =>
  encodeURIComponent(
    `${dialog?.callId ?? ''};to-tag=${dialog?.remoteTag ?? ''};from-tag=${dialog?.localTag ?? ''}`,
  ).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

/** Whoever is asked finds a call by its three names; the number is for exchanges that route by it. Built by us (security 72). */
export const referWords = (
  link: Pick<SipLink, 'target' | 'userAgent'>,
  to: ReferTarget,
  find: (callId: CallId) => readonly [Call | undefined, Session | undefined],
): ReferWords | undefined => {
  const own = link.userAgent.configuration.uri;
  const by = own.toString();
  if ('dial' in to) return { to: link.target(to.dial).toString(), by };
  const [consult, instead] = find(to.consultId);
  if (consult === undefined || instead === undefined) return undefined;
  const number = consult.aside?.kind === 'colleague' ? consult.aside.number : consult.number;
  return { to: link.target(isDialable(number) ? number : (own.user ?? '')).toString(), by, instead };
};
