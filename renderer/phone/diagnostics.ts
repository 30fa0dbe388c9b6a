import { type Call, liveCalls } from '../../shared/call.ts';
import { type Diagnostics, mostTransitions, Transition } from '../../shared/diagnostics.ts';
import type { CallId } from '../../shared/ids.ts';
import type { LineState, PhoneState, Quality } from '../../shared/phone.ts';
import { productVersion } from '../../shared/version.ts';
import type { Clock } from './clock.ts';
import type { Phone } from './phone.ts';
import type { WireEvent } from './sip-transport.ts';

/** Remembers the last transitions of the phone page, for "copy diagnostics". Nothing personal gets in: see shared/diagnostics.ts. */
export type DiagnosticsKeeper = {
  /** Follows a phone from now on. */
  readonly follow: (phone: Pick<Phone, 'state' | 'onState' | 'onTrouble' | 'onQuality' | 'onMeasured'>) => void;
  readonly wire: (event: WireEvent) => void;
  readonly path: (callId: CallId, to: RTCIceConnectionState) => void;
  readonly read: () => Diagnostics;
};

type Surroundings = { readonly clock: Clock; readonly userAgent: string };
/** A member of the union without its time. */
type Seen = Transition extends infer Member ? (Member extends Transition ? Omit<Member, 'atMs'> : never) : never;

export const keepDiagnostics = ({ clock, userAgent }: Surroundings): DiagnosticsKeeper => {
  const sinceMs = clock.nowMs();
  let transitions: readonly Transition[] = [];
  let state: (() => PhoneState) | undefined;
  /** Calls are numbered in the order they were seen. */
  const numbers = new Map<CallId, number>();
  let counted = 0;
  const last = new Map<string, string>();

  const numberOf = (callId: CallId): number => {
    const known = numbers.get(callId);
    if (known !== undefined) return known;
    counted += 1;
    numbers.set(callId, counted);
    return counted;
  };
  const add = (seen: Seen): void => {
    // The schema is the last word on what is kept.
    const checked = Transition.safeParse({ ...seen, atMs: clock.nowMs() });
    if (checked.success) transitions = [...transitions, checked.data].slice(-mostTransitions);
  };
  /** Only what differs from what was seen last of the same thing. */
  const addChange = (thing: string, seen: Seen, by: unknown = seen): void => {
    const key = JSON.stringify(by);
    if (last.get(thing) === key) return;
    last.set(thing, key);
    add(seen);
  };
  const look = ({ line, devices, calls }: PhoneState): void => {
    addChange('line', lineSeen(line));
    addChange('devices', { what: 'devices', to: devices.kind });
    // Oldest first, so that they are numbered in their order.
    for (const call of calls.toReversed()) addChange(`call ${call.id}`, callSeen(call, numberOf(call.id)));
    // A shift has hundreds of calls: what the phone has forgotten is not spoken of any more.
    for (const id of numbers.keys())
      if (last.has(`call ${id}`) && !calls.some((call) => call.id === id)) {
        numbers.delete(id);
        for (const thing of ['call', 'ice', 'quality']) last.delete(`${thing} ${id}`);
      }
  };

  return {
    follow: (phone) => {
      state = phone.state;
      look(phone.state());
      phone.onState(look);
      phone.onTrouble((trouble) => {
        if (trouble !== null)
          add({ what: 'guardian', call: numberOf(trouble.callId), leg: trouble.leg, doing: trouble.doing });
        else if (transitions.some(({ what }) => what === 'guardian')) add({ what: 'guardianWell' });
      });
      phone.onQuality((quality) => {
        const { callId, rating } = quality;
        const seen: Seen = { what: 'quality', call: numberOf(callId), rating, ...figuresOf(quality) };
        addChange(`quality ${callId}`, seen, rating);
      });
      phone.onMeasured(({ callId, quality }) => {
        const { mosMean, mosWorst, lossPct, jitterMs, rttMs, codec } = quality;
        add({
          what: 'callQuality',
          call: numberOf(callId),
          mosWorst,
          mos: mosMean,
          lossPct,
          jitterMs,
          rttMs,
          codec,
        });
      });
    },
    wire: (event) => add({ what: 'wire', kind: event.kind, detail: detailOf(event) }),
    path: (callId, to) => addChange(`ice ${callId}`, { what: 'ice', call: numberOf(callId), to }),
    read: () => {
      const now = state?.();
      return {
        atMs: clock.nowMs(),
        sinceMs,
        version: productVersion,
        ...browserOf(userAgent),
        line: now?.line.kind ?? 'off',
        devices: now?.devices.kind ?? 'unchecked',
        liveCalls: now === undefined ? 0 : liveCalls(now.calls).length,
        transitions: [...transitions],
      };
    },
  };
};

const lineSeen = (line: LineState): Seen => ({
  what: 'line',
  to: line.kind,
  ...(line.kind === 'lost' ? { why: line.why } : {}),
  ...(line.kind === 'refused' ? { status: line.status } : {}),
});

const callSeen = ({ direction, state }: Call, number: number): Seen => ({
  what: 'call',
  call: number,
  direction,
  to: state.kind,
  ...(state.kind === 'talking' ? { media: state.media, hold: state.hold.kind, microphone: state.microphone } : {}),
  ...(state.kind === 'ended' ? { cause: state.cause } : {}),
});

const figuresOf = ({ mos, lossPct, jitterMs, rttMs, codec }: Quality) => ({ mos, lossPct, jitterMs, rttMs, codec });

/** Methods of RFC 3261 and its extensions; any other word was made up by the peer and may say anything. */
const methods = /^(?:INVITE|ACK|BYE|CANCEL|OPTIONS|REFER|MESSAGE|SUBSCRIBE|NOTIFY|INFO|UPDATE|PRACK|PUBLISH|REGISTER)$/;

const detailOf = (event: WireEvent): string => {
  switch (event.kind) {
    case 'dropped':
      return event.why;
    case 'refusedRequest':
      return methods.test(event.method) ? event.method : 'other';
    case 'parserThrew':
      return '';
    case 'weakDigest':
      return event.isAnswered ? 'answered' : 'refused';
  }
};

const browserOf = (userAgent: string): Pick<Diagnostics, 'chromium' | 'system'> => {
  const major = /\bChrom(?:e|ium)\/(\d{1,4})\b/.exec(userAgent)?.[1];
  const system = (
    [
      [/Windows NT/, 'windows'],
      [/Mac OS X/, 'macos'],
      [/Linux/, 'linux'],
    ] as const
  ).find(([pattern]) => pattern.test(userAgent))?.[1];
  return { chromium: major === undefined ? null : Number(major), system: system ?? 'other' };
};
