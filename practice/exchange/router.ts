import type { Clock } from '../clock.ts';
import { createCalls, type Calls } from './calls.ts';
import { createDigest, type Digest, type DigestAlgorithm } from './digest.ts';
import { reattachUser } from './dialogs.ts';
import type { Flow, Party } from './flow.ts';
import { createLocations, type Locations } from './locations.ts';
import { createQueues, type Queues } from './queues.ts';
import { createRelays, prepared, type Relays } from './relays.ts';
import { parseNameAddress, parseUri, splitOutsideQuotes } from './sip-fields.ts';
import { headerOf, parseSip, replyTo, sipHeader, tagOf, type SipMessage, type SipRequest } from './sip-message.ts';

/** Everything of the exchange that is not a socket: bytes of one frame in, messages to flows out. Never throws. */
export type Router = {
  readonly received: (bytes: Uint8Array, flow: Flow) => void;
  readonly flowClosed: (flow: Flow) => void;
  readonly queues: Queues;
  readonly calls: Calls;
  readonly locations: Locations;
  readonly close: () => void;
};

export type RouterOptions = {
  readonly clock: Clock;
  /** host:port of this exchange. */
  readonly address: () => string;
  /** The clear password of a SIP user, or undefined for a name that does not exist. */
  readonly auth: (username: string) => string | undefined;
  /** The SIP user behind which all outside numbers are; it alone may present any caller number. */
  readonly trunkUser: string;
  readonly queues: readonly string[];
  /** By which number a queue is reached, besides its name. */
  readonly queueNumbers?: ReadonlyMap<string, string>;
  /** Accounts of seats, also of those nobody is at. */
  readonly seats?: readonly string[];
  /** Numbers of the operator's own that are no seats, and the user behind which they are: a customer may be handed to them. */
  readonly inside?: { readonly user: string; readonly numbers: readonly string[] };
  readonly ringMs: number;
  readonly restMs: number;
  readonly digests: readonly DigestAlgorithm[];
  readonly newToken: () => string;
  readonly newContactId: () => string;
  readonly onContact: (callId: string, contactId: string) => void;
};

const allowed = 'INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, INFO, REFER, NOTIFY, MESSAGE, SUBSCRIBE, PRACK, REGISTER';
const known = new Set(allowed.split(', '));

export const createRouter = (options: RouterOptions): Router => new SipRouter(options);

class SipRouter implements Router {
  readonly queues: Queues;
  readonly calls: Calls;
  readonly locations: Locations;
  readonly #options: RouterOptions;
  readonly #relays: Relays;
  readonly #digest: Digest;

  constructor(options: RouterOptions) {
    const { clock, address, newToken } = options;
    this.#options = options;
    this.#digest = createDigest({ realm: 'zuoxi', clock, algorithms: options.digests });
    this.#relays = createRelays({ clock, sentBy: address, newBranch: () => `z9hG4bK${newToken()}` });
    this.locations = createLocations(clock);
    this.calls = createCalls({
      clock,
      locations: this.locations,
      relays: this.#relays,
      queues: () => this.queues,
      route: () => `<sip:${address()};transport=ws;lr>`,
      isOwnRoute: this.#isOwnRoute,
      newTag: newToken,
      newContactId: options.newContactId,
      onContact: options.onContact,
      isSeat: (user) => user !== options.trunkUser && user !== options.inside?.user && options.auth(user) !== undefined,
      onward: (user, from) => {
        const to = this.#destination(user, from);
        if ('status' in to) return undefined;
        return 'queue' in to ? { kind: 'queue', queue: to.queue } : { kind: 'party', party: to };
      },
      onFreed: (users) => this.queues.refresh(users),
    });
    this.queues = createQueues({
      queues: options.queues,
      clock,
      ringMs: options.ringMs,
      restMs: options.restMs,
      isFree: (user) => this.locations.current(user) !== undefined && !this.calls.isBusy(user),
    });
  }

  received(bytes: Uint8Array, flow: Flow): void {
    const parsed = parseSip(bytes);
    switch (parsed.kind) {
      case 'message':
        this.#handle(parsed.message, flow);
        break;
      case 'keepAlive':
        break;
      case 'refused':
        if (parsed.answerable === undefined) flow.drop();
        else this.#refuse(flow, parsed.answerable, 400, `Bad Request (${parsed.why})`);
        break;
    }
  }

  flowClosed(flow: Flow): void {
    this.calls.flowClosed(flow);
    this.queues.refresh();
  }

  close(): void {
    this.queues.close();
    this.#relays.close();
  }

  readonly #isOwnRoute = (value: string): boolean => value.includes(`sip:${this.#options.address()}`);

  #refuse(flow: Flow, request: SipRequest, status: number, reason: string): void {
    flow.send(replyTo(request, status, reason, { toTag: this.#options.newToken() }));
  }

  #handle(message: SipMessage, flow: Flow): void {
    if (message.kind === 'response') return this.#relays.answered(message);
    if (message.method === 'ACK') return this.calls.inDialog(message, flow);
    if (!known.has(message.method)) return this.#refuse(flow, message, 501, 'Not Implemented');
    if (message.method === 'CANCEL') return this.calls.cancel(message, flow);
    if (message.method === 'REGISTER') return this.#register(message, flow);
    if (tagOf(message, 'to') !== undefined) return this.calls.inDialog(message, flow);
    const uri = parseUri(message.uri);
    if (uri === undefined) return this.#refuse(flow, message, 400, 'Bad Request URI');
    const isForUs = uri.user === '' || uri.user === flow.user || this.queues.has(uri.user);
    if (message.method === 'OPTIONS' && isForUs) return this.#describe(message, flow);
    this.#outsideDialog(message, uri.user, flow);
  }

  #register(request: SipRequest, flow: Flow): void {
    const user = this.#proven(request, flow);
    if (user === undefined) return;
    flow.send(this.locations.register(request, user, flow));
    this.queues.refresh();
  }

  /** The answer to OPTIONS, by which phones watch their line. */
  #describe(request: SipRequest, flow: Flow): void {
    const headers = [sipHeader('Allow', allowed), sipHeader('Accept', 'application/sdp')];
    flow.send(replyTo(request, 200, 'OK', { toTag: this.#options.newToken(), headers }));
  }

  #outsideDialog(request: SipRequest, target: string, flow: Flow): void {
    const user = this.#proven(request, flow);
    if (user === undefined) return;
    const isTakingUp = target === reattachUser && request.headers.some(({ name }) => name === 'replaces');
    if (request.method === 'INVITE' && isTakingUp)
      return this.#fromCaller(request, user, flow, (caller) => this.calls.takeUp(request, caller));
    const to = this.#destination(target, user);
    if ('status' in to) return this.#refuse(flow, request, to.status, to.reason);
    if (request.method === 'INVITE')
      return this.#fromCaller(request, user, flow, (caller) =>
        this.calls.invite(request, caller, 'queue' in to ? { kind: 'queue', ...to } : { kind: 'party', party: to }),
      );
    if ('queue' in to) return this.#refuse(flow, request, 405, 'Method Not Allowed');
    const onward = prepared(request, to.contact ?? request.uri, this.#isOwnRoute);
    if (onward === undefined) return this.#refuse(flow, request, 483, 'Too Many Hops');
    this.#relays.send(onward, to.flow, {
      onAnswer: (response) => flow.send(response),
      onSilence: () => this.#refuse(flow, request, 408, 'Request Timeout'),
    });
  }

  #fromCaller(request: SipRequest, user: string, flow: Flow, go: (caller: Party) => void): void {
    const contact = splitOutsideQuotes(headerOf(request, 'contact') ?? '', ',')[0];
    const target = parseNameAddress(contact ?? '')?.uri;
    if (target === undefined) return this.#refuse(flow, request, 400, 'Needs Contact');
    go({ user, flow, tag: tagOf(request, 'from'), contact: target });
  }

  /** The user behind a request outside any dialog, from the socket or its digest; who proves nothing is challenged. */
  #proven(request: SipRequest, flow: Flow): string | undefined {
    const isRegister = request.method === 'REGISTER';
    const claimed = userIn(headerOf(request, isRegister ? 'to' : 'from'));
    const mayActAs = (user: string): boolean => user === claimed || (user === this.#options.trunkUser && !isRegister);
    if (!isRegister && flow.user !== undefined && mayActAs(flow.user)) return flow.user;
    const verdict = this.#digest.judge(request, this.#options.auth);
    if (verdict.kind === 'challenge') {
      const toTag = this.#options.newToken();
      flow.send(replyTo(request, 401, 'Unauthorized', { toTag, headers: verdict.headers }));
      return undefined;
    }
    // A socket belongs to one user for good: its calls are found by that name.
    const isOwn = verdict.kind === 'accepted' && mayActAs(verdict.user);
    if (isOwn && (flow.user === undefined || flow.user === verdict.user)) {
      flow.user = verdict.user;
      return verdict.user;
    }
    this.#refuse(flow, request, 403, 'Forbidden');
    return undefined;
  }

  /** Where a user part leads (RFC 3261 §16.5): a queue, a phone, the outside, or a refusal. */
  #destination(user: string, from: string): Destination {
    const { auth, trunkUser } = this.#options;
    const { queueNumbers, seats = [], inside } = this.#options;
    const queue = queueNumbers?.get(user) ?? user;
    if (this.queues.has(queue)) return { queue };
    const isInside = inside?.numbers.includes(user) === true;
    const isOutside = !isInside && (user === trunkUser || auth(user) === undefined);
    if (isOutside && seats.includes(user)) return { status: 480, reason: 'Temporarily Unavailable' };
    if (isOutside && (from === trunkUser || !/^\+?[0-9*#]{1,32}$/.test(user)))
      return { status: 404, reason: 'Not Found' };
    const owner = isInside ? inside.user : isOutside ? trunkUser : user;
    const binding = this.locations.current(owner);
    if (binding === undefined) return { status: 480, reason: 'Temporarily Unavailable' };
    return { user: owner, flow: binding.flow, tag: undefined, contact: binding.contact };
  }
}

type Destination = Party | { readonly queue: string } | { readonly status: number; readonly reason: string };

const userIn = (field: string | undefined): string | undefined =>
  parseUri(parseNameAddress(field ?? '')?.uri ?? '')?.user;
