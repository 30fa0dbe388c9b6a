import type { Clock } from '../clock.ts';
import { dialogOf, findEnds, replacedDialog } from './dialogs.ts';
import type { Flow, Party } from './flow.ts';
import type { Locations } from './locations.ts';
import type { Queues, WaitingCaller } from './queues.ts';
import { prepared, type Relay, type Relays } from './relays.ts';
import { parseNameAddress, parseUri, splitOutsideQuotes, viaBranch } from './sip-fields.ts';
import {
  headerOf,
  replyTo,
  sipHeader,
  tagOf,
  topVia,
  type SipHeader,
  type SipRequest,
  type SipResponse,
} from './sip-message.ts';

/**
 * Calls through the exchange: INVITE and all that follows in its dialogs (RFC 3261 §12–16), a proxy that stays on the path.
 *
 *   offering ──2xx──▶ talking ──BYE──▶ (forgotten)
 *      └── refused, cancelled, ring time over ──▲
 *
 * The two ends keep their own tags and Call-ID. Each end's flow is looked up anew for every request, so a phone that registers
 * again on another socket goes on with its calls there; an in-dialog request for a call that is over gets 481.
 */
export type Calls = {
  /** An INVITE outside any dialog. `toward` says where it goes. */
  readonly invite: (request: SipRequest, caller: Party, toward: Toward) => void;
  /**
   * An INVITE that puts another page of the same user in the place of one that died (Replaces, RFC 3891): it goes to the other end of
   * that call, which ends the old dialog itself. 481 for a call that is over, 403 for somebody else's.
   */
  readonly takeUp: (request: SipRequest, caller: Party) => void;
  /** A request inside a dialog, ACK included. */
  readonly inDialog: (request: SipRequest, flow: Flow) => void;
  readonly cancel: (request: SipRequest, flow: Flow) => void;
  readonly isBusy: (user: string) => boolean;
  /** A socket closed: a phone that does not come back stops ringing, a call that nobody serves is forgotten. */
  readonly flowClosed: (flow: Flow) => void;
  readonly count: () => number;
};

export type Toward =
  | { readonly kind: 'party'; readonly party: Party }
  | { readonly kind: 'queue'; readonly queue: string };

/** From the INVITE to the BYE. While a queue rings one member after the other, `callees` holds the one being rung. */
type Call = { readonly callId: string; readonly caller: Party; callees: Party[] };
/** An INVITE (first or again) whose final answer has not gone back yet. */
type Invitation = {
  readonly request: SipRequest;
  readonly from: Party;
  phase: 'open' | 'cancelled' | 'over';
  /** How often it was sent on to somebody else (302). */
  moves: number;
  /** Calls off whatever is ringing or waiting for it. */
  withdraw: () => void;
};

/** A call that is passed round in a circle ends somewhere. */
const mostMoves = 3;
/**
 * A phone that lost its socket while ringing gets this long to come back; a call whose end is gone for good, that long: by then whoever is
 * at the other end has long heard nothing and hung up.
 */
const graceMs = { ringing: 3_000, talking: 120_000 } as const;

export type CallsOptions = {
  readonly clock: Clock;
  readonly locations: Locations;
  readonly relays: Relays;
  readonly queues: () => Queues;
  /** Value of our Record-Route. */
  readonly route: () => string;
  readonly isOwnRoute: (value: string) => boolean;
  readonly newTag: () => string;
  readonly newContactId: () => string;
  /** Which contact a call with a seat is, by its Call-ID. */
  readonly onContact: (callId: string, contactId: string) => void;
  /** Where a number leads that a member passed a call on to; undefined: nowhere. */
  readonly onward: (user: string, from: string) => Toward | undefined;
  /** A seat's own account, as against the outside. */
  readonly isSeat: (user: string) => boolean;
  /** Some users became free. */
  readonly onFreed: (users: readonly string[]) => void;
};

export const createCalls = (options: CallsOptions): Calls => new ProxiedCalls(options);

class ProxiedCalls implements Calls {
  readonly #options: CallsOptions;
  readonly #calls = new Set<Call>();
  readonly #invitations = new Map<string, Invitation>();
  readonly #ringing = new Map<Relay, Party>();

  constructor(options: CallsOptions) {
    this.#options = options;
  }

  invite(request: SipRequest, caller: Party, toward: Toward): void {
    const invitation = this.#open(request, caller);
    if (invitation === undefined) return;
    if (prepared(request, request.uri, this.#options.isOwnRoute) === undefined)
      return this.#refuse(invitation, 483, 'Too Many Hops');
    const isHandedOver = toward.kind === 'party' && this.#options.isSeat(toward.party.user);
    if (isHandedOver && replacedDialog(request) !== undefined) {
      const why = this.#whyNotInstead(request, caller, toward.party.user);
      if (why !== undefined) return this.#refuse(invitation, ...why);
    }
    const call: Call = { callId: headerOf(request, 'call-id') ?? '', caller, callees: [] };
    this.#calls.add(call);
    if (toward.kind === 'queue') this.#enterQueue(invitation, call, toward.queue);
    else this.#direct(invitation, call, toward.party);
  }

  takeUp(request: SipRequest, caller: Party): void {
    const dialog = replacedDialog(request);
    const refuse = (status: number, reason: string): void =>
      caller.flow.send(replyTo(request, status, reason, { toTag: this.#options.newTag() }));
    if (dialog === undefined || dialog === 'malformed') return refuse(400, 'Bad Replaces');
    const found = findEnds(this.#calls, dialog);
    if (found === undefined) return refuse(481, 'Call/Transaction Does Not Exist');
    if (found.from.user !== caller.user) return refuse(403, 'Forbidden');
    this.invite(request, caller, { kind: 'party', party: { ...found.to, tag: undefined } });
  }

  /**
   * A customer may be put in the place of whoever asked this seat about them, and nobody else: the one who is replaced talks to both
   * (attended transfer, RFC 5589 section 7). The seat compares the names once more.
   */
  #whyNotInstead(request: SipRequest, caller: Party, seat: string): readonly [number, string] | undefined {
    const dialog = replacedDialog(request);
    if (dialog === undefined || dialog === 'malformed') return [400, 'Bad Replaces'];
    const found = findEnds(this.#calls, dialog);
    if (found?.to.user !== seat) return [481, 'Call/Transaction Does Not Exist'];
    // The next page of whoever is at the other end.
    if (found.from.user === caller.user) return undefined;
    const isBetween = ({ caller: one, callees }: Call): boolean => {
      const users = [one, ...callees].map(({ user }) => user);
      return users.includes(found.from.user) && users.includes(caller.user);
    };
    const hasBoth = [...this.#calls].some((other) => other !== found.call && isBetween(other));
    return hasBoth ? undefined : [403, 'Forbidden'];
  }

  cancel(request: SipRequest, flow: Flow): void {
    const invitation = this.#invitations.get(branchOf(request));
    const toTag = this.#options.newTag();
    if (invitation === undefined || headerOf(invitation.request, 'call-id') !== headerOf(request, 'call-id'))
      return flow.send(replyTo(request, 481, 'Call/Transaction Does Not Exist', { toTag }));
    flow.send(replyTo(request, 200, 'OK', { toTag }));
    this.#callOff(invitation);
  }

  inDialog(request: SipRequest, flow: Flow): void {
    const dialog = dialogOf(request);
    const found = dialog === undefined ? undefined : findEnds(this.#calls, dialog);
    if (found === undefined || (flow.user !== undefined && flow.user !== found.from.user)) {
      if (request.method !== 'ACK') flow.send(replyTo(request, 481, 'Call/Transaction Does Not Exist'));
      return;
    }
    const { call, from, to } = found;
    const { locations, relays, isOwnRoute } = this.#options;
    from.flow = flow;
    if (request.method === 'INVITE' || request.method === 'UPDATE')
      from.contact = contactOf(request.headers) ?? from.contact;
    const target = locations.flowOf(to);
    const onward = prepared(request, request.uri, isOwnRoute);
    if (request.method === 'ACK') {
      if (target !== undefined && onward !== undefined) relays.sendOnly(onward, target);
      return;
    }
    if (request.method === 'BYE') this.#forget(call);
    if (onward === undefined) return flow.send(replyTo(request, 483, 'Too Many Hops'));
    if (target === undefined) return flow.send(replyTo(request, 480, 'Temporarily Unavailable'));
    if (request.method === 'INVITE') return this.#again(request, from, to);
    relays.send(onward, target, {
      onAnswer: (response) => {
        if (request.method === 'UPDATE' && response.status < 300) learn(to, response);
        this.#answerTo(from, response);
      },
      onSilence: () => this.#answerTo(from, replyTo(request, 408, 'Request Timeout')),
    });
  }

  isBusy(user: string): boolean {
    return [...this.#calls].some((c) => c.caller.user === user || c.callees.some((p) => p.user === user));
  }

  count(): number {
    return this.#calls.size;
  }

  flowClosed(flow: Flow): void {
    const { clock, locations } = this.#options;
    const isGone = (party: Party): boolean => locations.flowOf(party) === undefined;
    for (const [relay, party] of this.#ringing)
      if (party.flow === flow)
        clock.after(graceMs.ringing, () => {
          if (!relay.isOver() && isGone(party)) relay.giveUp();
        });
    for (const invitation of this.#invitations.values())
      if (invitation.from.flow === flow)
        clock.after(graceMs.ringing, () => {
          if (isGone(invitation.from)) this.#callOff(invitation);
        });
    for (const call of this.#calls) {
      const ends = [call.caller, ...call.callees].filter((p) => p.flow === flow);
      if (ends.length > 0)
        clock.after(graceMs.talking, () => {
          if (ends.some(isGone)) this.#forget(call);
        });
    }
  }

  /** Registers the server side of an INVITE; `undefined` for one that is already being worked on (a retransmission). */
  #open(request: SipRequest, from: Party): Invitation | undefined {
    if (this.#invitations.has(branchOf(request))) return undefined;
    const invitation: Invitation = { request, from, phase: 'open', moves: 0, withdraw: () => {} };
    this.#invitations.set(branchOf(request), invitation);
    from.flow.send(replyTo(request, 100, 'Trying'));
    return invitation;
  }

  #close(invitation: Invitation): void {
    invitation.phase = 'over';
    this.#invitations.delete(branchOf(invitation.request));
  }

  #callOff(invitation: Invitation): void {
    if (invitation.phase !== 'open') return;
    invitation.phase = 'cancelled';
    invitation.withdraw();
  }

  #refuse(invitation: Invitation, status: number, reason: string): void {
    const answer = replyTo(invitation.request, status, reason, { toTag: this.#options.newTag() });
    this.#passBack(invitation, answer);
  }

  /** The final answer, whoever made it; only the first one goes back. */
  #passBack(invitation: Invitation, response: SipResponse): void {
    if (invitation.phase === 'over') return;
    this.#close(invitation);
    this.#answerTo(invitation.from, response);
  }

  #answerTo(party: Party, response: SipResponse): void {
    this.#options.locations.flowOf(party)?.send(response);
  }

  #forget(call: Call): void {
    if (this.#calls.delete(call)) this.#options.onFreed([call.caller.user, ...call.callees.map((c) => c.user)]);
  }

  /** Sends the INVITE on to one party. `onFail` gets the refusal to pass back, or undefined for silence. */
  #ring(
    invitation: Invitation,
    callee: Party,
    extra: readonly SipHeader[],
    onAnswered: (response: SipResponse) => void,
    onFailed: (response: SipResponse | undefined) => void,
  ): Relay | undefined {
    const { locations, relays, route, isOwnRoute } = this.#options;
    const flow = locations.flowOf(callee);
    const request = prepared(invitation.request, callee.contact ?? invitation.request.uri, isOwnRoute);
    if (flow === undefined || request === undefined) {
      onFailed(undefined);
      return undefined;
    }
    const onward = { ...request, headers: [sipHeader('Record-Route', route()), ...request.headers, ...extra] };
    const relay = relays.send(onward, flow, {
      onAnswer: (response) => {
        learn(callee, response);
        if (response.status >= 200) this.#ringing.delete(relay);
        if (response.status >= 300) return onFailed(response);
        if (response.status >= 200 && invitation.phase === 'over' && !this.#isKnown(callee))
          return this.#hangUpOn(onward, response, flow);
        if (response.status >= 200) onAnswered(response);
        this.#answerTo(invitation.from, response);
      },
      onSilence: () => {
        this.#ringing.delete(relay);
        onFailed(undefined);
      },
    });
    this.#ringing.set(relay, callee);
    return relay;
  }

  #isKnown(party: Party): boolean {
    return [...this.#calls].some((call) => call.callees.includes(party));
  }

  /** Somebody answered a caller who had just gone: taken and ended at once, or that phone would wait for its ACK. */
  #hangUpOn(invite: SipRequest, response: SipResponse, flow: Flow): void {
    const { relays } = this.#options;
    const number = Number.parseInt(headerOf(invite, 'cseq') ?? '1', 10);
    const request = (method: 'ACK' | 'BYE', cseq: number): SipRequest => ({
      kind: 'request',
      method,
      uri: contactOf(response.headers) ?? invite.uri,
      headers: [
        ...invite.headers.filter((h) => ['from', 'call-id', 'max-forwards'].includes(h.name)),
        sipHeader('To', headerOf(response, 'to') ?? ''),
        sipHeader('CSeq', `${cseq} ${method}`),
        sipHeader('Content-Length', '0'),
      ],
      body: new Uint8Array(0),
    });
    relays.sendOnly(request('ACK', number), flow);
    relays.send(request('BYE', number + 1), flow, { onAnswer: () => {}, onSilence: () => {} });
  }

  #direct(invitation: Invitation, call: Call, callee: Party): void {
    call.callees = [callee];
    const { isSeat, newContactId } = this.#options;
    const colleague = isSeat(call.caller.user) && isSeat(callee.user);
    // Of a customer whom central called (R25) it has named the contact already, as a seat that dials has.
    const dialled = isSeat(call.caller.user) ? undefined : headerOf(invitation.request, 'x-dialled');
    const contactId = dialled ?? newContactId();
    if (isSeat(call.caller.user))
      this.#options.onContact(call.callId, headerOf(invitation.request, 'x-contact-id') ?? contactId);
    else if (isSeat(callee.user)) this.#options.onContact(call.callId, contactId);
    const relay = this.#ring(
      invitation,
      callee,
      [
        sipHeader('X-Contact-Id', contactId),
        ...(dialled === undefined ? [] : [sipHeader('X-Dialled', dialled)]),
        ...(colleague ? [sipHeader('X-Colleague', call.caller.user)] : []),
      ],
      () => this.#close(invitation),
      (response) => {
        const wasCancelled = invitation.phase === 'cancelled';
        if (this.#movedOn(invitation, call, response)) return;
        this.#forget(call);
        if (response !== undefined) this.#passBack(invitation, response);
        else if (wasCancelled) this.#refuse(invitation, 487, 'Request Terminated');
        else this.#refuse(invitation, 408, 'Request Timeout');
      },
    );
    if (relay !== undefined) invitation.withdraw = () => relay.cancel();
  }

  #whereTo({ phase, moves }: Invitation, call: Call, response: SipResponse): Toward | undefined {
    if (phase !== 'open' || moves >= mostMoves) return undefined;
    const user = parseUri(contactOf(response.headers) ?? '')?.user;
    return user === undefined ? undefined : this.#options.onward(user, call.caller.user);
  }

  /** Passed on while it rang (302, RFC 3261 section 21.3.3): the exchange goes there itself, the caller notices nothing. */
  #movedOn(invitation: Invitation, call: Call, response: SipResponse | undefined): boolean {
    const toward = response?.status === 302 ? this.#whereTo(invitation, call, response) : undefined;
    if (toward === undefined) return false;
    this.#options.onFreed(call.callees.map(({ user }) => user));
    invitation.moves += 1;
    if (toward.kind === 'queue') this.#enterQueue(invitation, call, toward.queue);
    else this.#direct(invitation, call, toward.party);
    return true;
  }

  #enterQueue(invitation: Invitation, call: Call, queue: string): void {
    const { locations, queues, newTag, newContactId } = this.#options;
    const contactId = newContactId();
    this.#options.onContact(call.callId, contactId);
    const extra = [sipHeader('X-Queue', queue), sipHeader('X-Contact-Id', contactId)];
    this.#answerTo(invitation.from, replyTo(invitation.request, 182, 'Queued', { toTag: newTag() }));
    const offer: WaitingCaller['offer'] = (sipUser, onOutcome) => {
      const binding = locations.current(sipUser);
      const failed = (response?: SipResponse): void => {
        if (invitation.phase === 'open') call.callees = [];
        if (response?.status === 302 && this.#whereTo(invitation, call, response) !== undefined) {
          // Out of this queue, and nobody's fault.
          onOutcome('callerGone');
          return void this.#movedOn(invitation, call, response);
        }
        onOutcome(invitation.phase === 'open' ? 'notTaken' : 'callerGone');
      };
      if (binding === undefined) {
        failed();
        return () => {};
      }
      const callee: Party = { user: sipUser, flow: binding.flow, tag: undefined, contact: binding.contact };
      call.callees = [callee];
      const answered = (): void => {
        this.#close(invitation);
        onOutcome('answered');
      };
      const relay = this.#ring(invitation, callee, extra, answered, failed);
      return () => relay?.cancel();
    };
    const place = queues().enter({ queue, offer });
    invitation.withdraw = () => {
      place.leave();
      this.#forget(call);
      this.#refuse(invitation, 487, 'Request Terminated');
    };
  }

  /** A re-INVITE. Its request line holds the remote target; where that leads is decided by who the far end is. */
  #again(request: SipRequest, from: Party, to: Party): void {
    const invitation = this.#open(request, from);
    if (invitation === undefined) return;
    const relay = this.#ring(
      invitation,
      { ...to, contact: request.uri },
      [],
      (response) => {
        learn(to, response);
        this.#close(invitation);
      },
      (response) => {
        if (response === undefined) this.#refuse(invitation, 408, 'Request Timeout');
        else this.#passBack(invitation, response);
      },
    );
    if (relay !== undefined) invitation.withdraw = () => relay.cancel();
  }
}

const branchOf = (request: SipRequest): string => viaBranch(topVia(request) ?? '') ?? '';

/** What an answer tells about who gave it: its tag and its contact. */
const learn = (party: Party, response: SipResponse): void => {
  party.tag = tagOf(response, 'to') ?? party.tag;
  party.contact = contactOf(response.headers) ?? party.contact;
};

const contactOf = (headers: readonly SipHeader[]): string | undefined => {
  const field = headers.find((h) => h.name === 'contact')?.value;
  return field === undefined ? undefined : parseNameAddress(splitOutsideQuotes(field, ',')[0] ?? '')?.uri;
};
