import {
  Invitation,
  Inviter,
  Registerer,
  RegistererState,
  SessionState,
  SIPExtension,
  URI,
  UserAgent,
  UserAgentState,
  type BodyAndContentType,
  type Session,
  type SessionDescriptionHandler,
} from 'sip.js';
import type { Language } from '../shared/text.ts';
import { systemClock, type Clock } from './clock.ts';
import { LiveCall, type CustomerCall, type Performance } from './customers/customer-call.ts';
import { silentByte, tone } from './customers/g711.ts';
import { createMedia, offersUlaw, warmUp, type Media, type MediaOptions } from './customers/media.ts';
import { ruleFor } from './customers/numbers.ts';
import { followReferral } from './customers/referred.ts';
import { reattachUser } from './exchange/dialogs.ts';
import { practiceColleague } from './operator/agents.ts';
import type { Tapes } from './recorder.ts';
import { loadVoices, requests, type RequestLine } from './customers/voices.ts';

/** The simulated customers: one SIP user agent behind which every outside number is, each call with media of its own. */
export type Customers = {
  readonly call: (options: CallOptions) => CustomerCall;
  /** Calls in progress, both those customers make and those they receive. */
  readonly active: () => readonly CustomerCall[];
  readonly isOnline: () => boolean;
  readonly close: () => Promise<void>;
};

export type CallOptions = {
  readonly from: { readonly number: string; readonly display?: string; readonly withheld?: boolean };
  /** A queue or a number. */
  readonly to: string;
  readonly language?: Language;
  readonly request?: RequestLine;
  /** How long the customer waits for an answer; 180 s when not given. */
  readonly patienceMs?: number;
  /** After this the customer says good-bye at the next pause; 300 s when not given. */
  readonly talkMs?: number;
  /** Plays this µ-law sound over and over instead of talking. */
  readonly sound?: Uint8Array;
  /** Central has called them (R25): the name of the contact. */
  readonly dialled?: string;
};

export type CustomersOptions = {
  readonly exchange: { readonly url: string; readonly domain: string };
  readonly user: string;
  readonly password: string;
  /** 0 ≤ n < 1; a seeded one makes every choice repeatable. */
  readonly random: () => number;
  readonly language?: Language;
  /** Records their calls; without it nothing is. */
  readonly tape?: Tapes;
  readonly clock?: Clock;
  readonly log?: (line: string) => void;
};

const usual = { patienceMs: 180_000, talkMs: 300_000, mostCalls: 50 } as const;
const retryMs = { first: 200, most: 5_000 } as const;

/** Resolves once registered; rejects when the exchange refuses or cannot be reached. */
export const createCustomers = async (options: CustomersOptions): Promise<Customers> => {
  const outside = new Outside(options);
  await Promise.all([warmUp(), outside.start()]);
  return outside;
};

class Outside implements Customers {
  readonly #options: CustomersOptions;
  readonly #clock: Clock;
  readonly #voices = loadVoices();
  readonly #calls = new Map<Session, LiveCall>();
  readonly #agent: UserAgent;
  readonly #registerer: Registerer;
  #isClosing = false;
  #attempt = 0;
  #stopRetry = (): void => {};

  constructor(options: CustomersOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#agent = new UserAgent({
      uri: new URI('sip', options.user, options.exchange.domain),
      authorizationUsername: options.user,
      authorizationPassword: options.password,
      transportOptions: { server: options.exchange.url, connectionTimeout: 5 },
      // The library gives up after a few attempts and stays silent; our own loop does not.
      reconnectionAttempts: 0,
      logBuiltinEnabled: false,
      // Whoever was asked first is taken over from the agent who asked (RFC 3891).
      sipExtensionReplaces: SIPExtension.Supported,
      sessionDescriptionHandlerFactory: (session) => this.#mediaFor(session),
      delegate: {
        onInvite: (invitation) => this.#receive(invitation),
        onDisconnect: () => this.#comeBack(),
      },
    });
    this.#registerer = new Registerer(this.#agent, { expires: 600 });
    // The library throws on some malformed messages; here that would end the whole process.
    const { transport } = this.#agent;
    const handle = transport.onMessage;
    transport.onMessage = (message) => {
      try {
        handle?.(message);
      } catch {
        options.log?.('customers: a message could not be understood');
      }
    };
  }

  async start(): Promise<void> {
    await this.#agent.start();
    await this.#register();
  }

  active(): readonly CustomerCall[] {
    // While the agent's next page takes a call up, it has two sessions.
    return [...new Set(this.#calls.values())];
  }

  isOnline(): boolean {
    return this.#agent.isConnected() && this.#registerer.state === RegistererState.Registered;
  }

  call(options: CallOptions): CustomerCall {
    const { number, display, withheld } = options.from;
    const call = this.#newCall(withheld === true ? '' : number, options);
    const { domain } = this.#options.exchange;
    // Not the library's `anonymous`: it also hides our Contact, by which the far end's BYE has to find us.
    const params =
      withheld === true
        ? { fromUri: new URI('sip', 'anonymous', 'anonymous.invalid'), fromDisplayName: 'Anonymous' }
        : { fromUri: new URI('sip', number, domain), fromDisplayName: display ?? '' };
    const inviter = new Inviter(this.#agent, new URI('sip', options.to, domain), {
      params,
      extraHeaders: [
        ...(withheld === true ? ['Privacy: id'] : []),
        ...(options.dialled === undefined ? [] : [`X-Dialled: ${options.dialled}`]),
      ],
    });
    this.#track(inviter, call);
    const stopPatience = this.#clock.after(options.patienceMs ?? usual.patienceMs, () => {
      if (call.state().kind !== 'talking') call.hangUp();
    });
    void call.done.then(stopPatience);
    void inviter
      .invite({
        requestDelegate: {
          onProgress: (response) => {
            if (response.message.statusCode === 180) call.ringing();
          },
          onReject: (response) => call.refused(response.message.statusCode ?? 500),
        },
      })
      .catch(() => {
        this.#options.log?.('customers: a call could not be placed');
        call.refused(503);
        void inviter.dispose();
      });
    return call;
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    this.#stopRetry();
    for (const call of this.#calls.values()) call.hangUp();
    if (this.#agent.state === UserAgentState.Started) await this.#agent.stop();
  }

  #newCall(number: string, options: Pick<CallOptions, 'language' | 'request' | 'talkMs' | 'sound'>): LiveCall {
    const { random, language } = this.#options;
    const voice = this.#voices[options.language ?? language ?? 'zh-CN'];
    const request = options.request ?? requests[Math.floor(random() * requests.length)] ?? 'bill';
    const performance: Performance =
      options.sound === undefined
        ? { kind: 'talks', voice, request, talkMs: options.talkMs ?? usual.talkMs }
        : { kind: 'plays', sound: options.sound };
    return this.#newLive(number, performance);
  }

  #newLive(number: string, performance: Performance): LiveCall {
    const { random, tape } = this.#options;
    return new LiveCall({ number, clock: this.#clock, random, performance, ...(tape === undefined ? {} : { tape }) });
  }

  #track(session: Session, call: LiveCall): void {
    this.#attach(session, call);
    call.follow(session);
    void call.done.then(() => this.#calls.delete(session));
  }

  #attach(session: Session, call: LiveCall): void {
    this.#calls.set(session, call);
    session.delegate = {
      onRefer: (referral) =>
        followReferral({
          ...{ agent: this.#agent, domain: this.#options.exchange.domain, session, referral, number: call.number },
          begin: (inviter) => {
            const again = call.again();
            this.#track(inviter, again);
            return again;
          },
        }),
    };
  }

  /** The same customer, the same call, another page of the seat's: taken up at once, the old dialog is ended by the library (RFC 3891). */
  #goOn(invitation: Invitation): void {
    const { replacee } = invitation;
    const call = replacee === undefined ? undefined : this.#calls.get(replacee);
    if (replacee === undefined || call?.state().kind !== 'talking')
      return void invitation.reject({ statusCode: 481 }).catch(() => {});
    if (!offersUlaw(invitation.body ?? '')) return void invitation.reject({ statusCode: 488 }).catch(() => {});
    this.#attach(invitation, call);
    call.goOnWith(invitation);
    invitation.stateChange.addListener((state) => {
      if (state === SessionState.Established) this.#calls.delete(replacee);
      if (state === SessionState.Terminated) this.#calls.delete(invitation);
    });
    void invitation.accept().catch(() => {
      // Its offer could not be used; the customer waits on the line as it was.
      this.#options.log?.('customers: a call could not be taken up');
    });
  }

  /** A seat dials out: the number decides what happens (numbers.ts). */
  #receive(invitation: Invitation): void {
    const number = invitation.request.to.uri.user ?? '';
    if (number === reattachUser) return this.#goOn(invitation);
    const rule = ruleFor(number, this.#options.random);
    const refuse = (statusCode: number): void => void invitation.reject({ statusCode }).catch(() => {});
    if (this.#calls.size >= usual.mostCalls) return refuse(486);
    if (!offersUlaw(invitation.body ?? '')) return refuse(488);
    const call =
      rule.kind === 'echoes' ? this.#newLive(number, { kind: 'echoes' }) : this.#newCall(number, soundOf(number));
    this.#track(invitation, call);
    const isWaiting = (): boolean => call.state().kind === 'waiting' || call.state().kind === 'ringing';
    if (rule.kind !== 'refuses' || rule.isRinging) {
      void invitation.progress().catch(() => {});
      call.ringing();
    }
    // Who is there already need not be rung.
    const afterMs = invitation.request.hasHeader('replaces') ? 0 : rule.afterMs;
    this.#clock.after(afterMs, () => {
      if (!isWaiting()) return;
      if (rule.kind === 'refuses') {
        call.refused(rule.status);
        refuse(rule.status);
      } else void invitation.accept().catch(() => call.hangUp());
    });
  }

  #mediaFor(session: Session): SessionDescriptionHandler {
    const call = this.#calls.get(session);
    if (call === undefined) throw new Error('media asked for a call that is not ours');
    return new CustomerMedia(call.mediaOptions());
  }

  async #register(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const options = {
        requestDelegate: {
          onAccept: () => resolve(),
          onReject: () => reject(new Error('the exchange refused the simulated customers')),
        },
      };
      this.#registerer.register(options).catch(reject);
    });
    this.#attempt = 0;
  }

  /** Again and again, with growing pauses, until the exchange is back. Calls in progress keep their media meanwhile. */
  #comeBack(): void {
    if (this.#isClosing) return;
    this.#stopRetry();
    const delayMs = Math.min(retryMs.most, retryMs.first * 2 ** this.#attempt++);
    this.#stopRetry = this.#clock.after(delayMs, () => {
      this.#agent
        .reconnect()
        .then(() => this.#register())
        .catch(() => this.#comeBack());
    });
  }
}

/** The practice colleague says nothing but a soft tone: a voice that is surely not the customer's. */
const soundOf = (number: string): { readonly sound?: Uint8Array } =>
  number === practiceColleague.number ? { sound: colleagueSound } : {};
const colleagueSound = Uint8Array.from([...tone(520, 400, -24), ...new Uint8Array(800 * 8).fill(silentByte)]);

/** SIP.js asks for descriptions here; which side of the offer we are on follows from the order of its calls. */
class CustomerMedia implements SessionDescriptionHandler {
  readonly #media: Media;
  #step: 'idle' | 'offered' | 'toAnswer' = 'idle';

  constructor(options: MediaOptions) {
    this.#media = createMedia(options);
  }

  close(): void {
    this.#media.close();
  }

  hasDescription(contentType: string): boolean {
    return contentType === 'application/sdp';
  }

  async getDescription(): Promise<BodyAndContentType> {
    const isAnswer = this.#step === 'toAnswer';
    this.#step = isAnswer ? 'idle' : 'offered';
    const body = isAnswer ? await this.#media.answer() : await this.#media.offer();
    return { body, contentType: 'application/sdp' };
  }

  async setDescription(sdp: string): Promise<void> {
    const type = this.#step === 'offered' ? 'answer' : 'offer';
    this.#step = type === 'offer' ? 'toAnswer' : 'idle';
    await this.#media.accept(type, sdp);
  }

  sendDtmf(): boolean {
    return false;
  }
}
