import type { Clock } from '../clock.ts';
import type { Flow, Party } from './flow.ts';
import { parseNameAddress, splitOutsideQuotes } from './sip-fields.ts';
import { headerOf, replyTo, sipHeader, type SipRequest, type SipResponse } from './sip-message.ts';

/**
 * Who is where (RFC 3261 §10.3). A binding outlives its socket until it expires, but only one with an open socket is reachable.
 * A contact or an instance (RFC 5626) that registers again on a new socket takes its calls along to that socket.
 */
export type Locations = {
  /** Carries out an authenticated REGISTER and gives the answer to it. */
  readonly register: (request: SipRequest, user: string, flow: Flow) => SipResponse;
  /** The newest reachable binding of this user. */
  readonly current: (user: string) => Binding | undefined;
  /** Where a party of a call is now: by its contact, then its instance, then where it last spoke from. */
  readonly flowOf: (party: Party) => Flow | undefined;
};

export type Binding = {
  readonly contact: string;
  /** Contact header value as given, without its expires. */
  readonly field: string;
  readonly instance: string | undefined;
  readonly flow: Flow;
  readonly expiresAtMs: number;
  /** Order of registration; larger is newer. */
  readonly serial: number;
};

const seconds = { usual: 600, least: 10, most: 3_600 } as const;
const mostBindings = 8;

export const createLocations = (clock: Clock): Locations => {
  const table = new Map<string, Binding[]>();
  let serial = 0;

  const live = (user: string): Binding[] => {
    const kept = (table.get(user) ?? []).filter((b) => b.expiresAtMs > clock.nowMs());
    table.set(user, kept);
    return kept;
  };
  const newest = (bindings: readonly Binding[]): Binding | undefined =>
    bindings
      .filter((b) => b.flow.isOpen())
      .reduce<Binding | undefined>((a, b) => (a && a.serial > b.serial ? a : b), undefined);

  const register = (request: SipRequest, user: string, flow: Flow): SipResponse => {
    const header = Number(headerOf(request, 'expires') ?? seconds.usual);
    const contacts = request.headers
      .filter((h) => h.name === 'contact')
      .flatMap((h) => splitOutsideQuotes(h.value, ','));
    const bindings = live(user);
    if (contacts.length === 1 && contacts[0] === '*') {
      if (header !== 0) return replyTo(request, 400, 'Contact Needs Expires 0', { toTag: `reg${++serial}` });
      table.set(user, []);
      return replyTo(request, 200, 'OK', { toTag: `reg${++serial}` });
    }
    let next = bindings;
    for (const value of contacts) {
      const contact = parseNameAddress(value);
      const asked = Number(contact?.params.get('expires') ?? header);
      if (contact === undefined || !Number.isInteger(asked) || asked < 0)
        return replyTo(request, 400, 'Bad Contact', { toTag: `reg${++serial}` });
      if (asked > 0 && asked < seconds.least)
        return replyTo(request, 423, 'Interval Too Brief', {
          toTag: `reg${++serial}`,
          headers: [sipHeader('Min-Expires', String(seconds.least))],
        });
      const instance = contact.params.get('+sip.instance');
      next = next.filter((b) => b.contact !== contact.uri && (instance === undefined || b.instance !== instance));
      if (asked === 0) continue;
      const expiresAtMs = clock.nowMs() + Math.min(asked, seconds.most) * 1_000;
      const field = value.replace(/;\s*expires=[^;,]*/gi, '');
      next = [...next, { contact: contact.uri, field, instance, flow, expiresAtMs, serial: ++serial }].slice(
        -mostBindings,
      );
    }
    table.set(user, next);
    const shown = next.map((b) =>
      sipHeader('Contact', `${b.field};expires=${Math.ceil((b.expiresAtMs - clock.nowMs()) / 1_000)}`),
    );
    return replyTo(request, 200, 'OK', { toTag: `reg${++serial}`, headers: shown });
  };

  const flowOf = (party: Party): Flow | undefined => {
    const known = table.get(party.user) ?? [];
    const same = known.find((b) => b.contact === party.contact);
    const moved =
      newest(known.filter((b) => b === same)) ??
      newest(known.filter((b) => same?.instance !== undefined && b.instance === same.instance));
    // A later word from the party itself (a re-INVITE that overtook the REGISTER) is kept in `party.flow`.
    if (party.flow.isOpen() && (moved === undefined || moved.flow.id <= party.flow.id)) return party.flow;
    return moved?.flow ?? newest(live(party.user))?.flow;
  };

  return { register, current: (user) => newest(live(user)), flowOf };
};
