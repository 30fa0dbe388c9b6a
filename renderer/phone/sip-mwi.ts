import type { Core, UserAgent } from 'sip.js';
import { Voicemail } from '../../shared/phone.ts';
import type { Clock } from './clock.ts';

/**
 * Knows how many voice messages wait in the agent's own mailbox: a subscription to message-summary (RFC 3842, RFC 6665) for as long
 * as the line stands. On SIP.js's core, whose own `Subscriber` subscribes again at once as often as the far end ends it.
 *   registered ──▶ asking ──NOTIFY──▶ told ──half its time──▶ renewed …; any other end is asked about again in a minute or two
 *
 * - MWI-1 Only what the far end says about a subscription of ours is listened to; the guard asks `isOurs`.
 * - MWI-2 An exchange without mailboxes (404, 405, 489, 501, 603) is no error: nobody is told, nor asked before the next registration.
 * - MWI-3 What cannot be read changes nothing: the last count stands.
 */
export type MessageWaiting = {
  /** The line is registered (anew): the subscription of an older socket is worth nothing. */
  readonly subscribe: () => void;
  /** The socket is gone; nothing is sent. */
  readonly forget: () => void;
  readonly unsubscribe: () => void;
  readonly isOurs: (sipCallId: string) => boolean;
};

type MessageWaitingPlan = {
  readonly userAgent: Pick<UserAgent, 'userAgentCore' | 'configuration' | 'contact'>;
  readonly clock: Clock;
  readonly random: () => number;
  /** Undefined: there is no mailbox. */
  readonly onCount: (voicemail: Voicemail | undefined) => void;
};

const askedExpiresS = 3_600;
const shortestRenewalS = 30;
const againMs = 60_000;
const noMailbox: readonly number[] = [404, 405, 489, 501, 603];

export const createMessageWaiting = (plan: MessageWaitingPlan): MessageWaiting => new Subscribing(plan);

class Subscribing implements MessageWaiting {
  readonly #plan: MessageWaitingPlan;
  #callId: string | undefined;
  #request: Core.OutgoingSubscribeRequest | undefined;
  #subscription: Core.Subscription | undefined;
  #stopTimer = (): void => {};

  constructor(plan: MessageWaitingPlan) {
    this.#plan = plan;
  }

  isOurs = (sipCallId: string): boolean => sipCallId === this.#callId;

  subscribe = (): void => {
    this.forget();
    const { userAgentCore: core, contact, configuration } = this.#plan.userAgent;
    const self = configuration.uri;
    const message = core.makeOutgoingRequestMessage('SUBSCRIBE', self, self, self, {}, [
      'Event: message-summary',
      `Expires: ${askedExpiresS}`,
      'Accept: application/simple-message-summary',
      `Contact: ${contact.toString()}`,
    ]);
    this.#callId = message.callId;
    // What comes late, of a subscription that was given up, is nothing.
    const ifOurs = (run: () => void): void => (this.isOurs(message.callId) ? run() : undefined);
    this.#request = core.subscribe(message, {
      onNotify: ({ request, subscription }) => ifOurs(() => this.#established(request, subscription)),
      onNotifyTimeout: () => ifOurs(this.#again),
      onRedirect: () => ifOurs(this.#again),
      onReject: ({ message: { statusCode } }) => ifOurs(() => this.#rejected(statusCode ?? 500)),
    });
  };

  forget = (): void => {
    this.#stopTimer();
    this.#callId = undefined;
    this.#request?.waitNotifyStop();
    this.#request = undefined;
    if (this.#subscription !== undefined) this.#subscription.delegate = undefined;
    this.#subscription?.dispose();
    this.#subscription = undefined;
  };

  unsubscribe = (): void => {
    this.#stopTimer();
    if (this.#subscription === undefined) return this.forget();
    // Its last NOTIFY still gets in and is answered; it says nothing any more.
    this.#subscription.delegate = undefined;
    this.#subscription.unsubscribe();
  };

  #established(request: Core.IncomingNotifyRequest, subscription: Core.Subscription | undefined): void {
    this.#told(request);
    // Over with its first word (RFC 6665 4.1.3).
    if (subscription === undefined) return this.#again();
    this.#subscription = subscription;
    subscription.delegate = {
      onNotify: (news) => {
        this.#told(news);
        if (/^\s*terminated\b/i.test(news.message.getHeader('Subscription-State') ?? '')) this.#again();
      },
      onTerminated: this.#again,
    };
    return this.#renewLater(subscription);
  }

  /** Half of the granted time: one lost renewal does not cost the subscription. */
  #renewLater(subscription: Core.Subscription): void {
    const grantedS = Math.min(askedExpiresS, subscription.subscriptionExpires);
    this.#stopTimer = this.#plan.clock.after(Math.max(shortestRenewalS, grantedS / 2) * 1_000, () => {
      const ifOurs = (run: () => void) => (): void => (subscription === this.#subscription ? run() : undefined);
      subscription.refresh().delegate = {
        onAccept: ifOurs(() => this.#renewLater(subscription)),
        onReject: ifOurs(this.#again),
      };
    });
  }

  #told(request: Core.IncomingNotifyRequest): void {
    request.accept();
    const voicemail = voicemailIn(request.message.body);
    if (voicemail !== undefined) this.#plan.onCount(voicemail);
  }

  #rejected(status: number): void {
    if (!noMailbox.includes(status)) return this.#again();
    this.forget();
    return this.#plan.onCount(undefined);
  }

  readonly #again = (): void => {
    this.forget();
    // All seats of a centre lose the same exchange in the same second.
    this.#stopTimer = this.#plan.clock.after(againMs * (1 + this.#plan.random()), this.subscribe);
  };
}

/** The voice messages of a summary (RFC 3842 5.2): how many are new and old; undefined when it does not say so clearly. Pure. */
export const voicemailIn = (body: string): Voicemail | undefined => {
  const [summary = ''] = body.split(/\r?\n\r?\n/, 1);
  const [first = '', ...rest] = summary.trimEnd().split(/\r?\n/);
  const waiting = /^Messages-Waiting[ \t]{0,4}:[ \t]{0,4}(yes|no)[ \t]{0,4}$/i.exec(first)?.[1]?.toLowerCase();
  const voices = rest.filter((line) => /^Voice-Message[ \t]*:/i.test(line));
  if (waiting === undefined || voices.length > 1) return undefined;
  if (voices[0] === undefined) return waiting === 'no' ? { new: 0, old: 0 } : undefined;
  const counts = /^[\w-]+[ \t]{0,4}:[ \t]{0,4}(\d{1,4})\/(\d{1,4})(?:[ \t]{0,4}\(\d{1,4}\/\d{1,4}\))?[ \t]{0,4}$/.exec(
    voices[0],
  );
  const read = Voicemail.safeParse({ new: Number(counts?.[1] ?? -1), old: Number(counts?.[2] ?? -1) });
  // "no" beside new ones contradicts itself.
  return read.success && (waiting === 'yes' || read.data.new === 0) ? read.data : undefined;
};
