import { type Call, type CallEvent, foreground, liveCalls, nextCall } from '../../shared/call.ts';
import type { RelayState } from '../../shared/ice.ts';
import type { CallId } from '../../shared/ids.ts';
import { type DeviceState, type LineState, phoneOff, type PhoneState, type Voicemail } from '../../shared/phone.ts';
import { isLive } from './phone.ts';

/** What the contract allows in all: live calls, and as many ended ones as fit beside them (PHONE-5). */
const mostCalls = 4;

/**
 * The state of a phone and the only place where it changes. Calls move by `nextCall` alone; every change is published whole
 * (PHONE-1), an event that means nothing publishes nothing.
 */
export type PhoneStore = {
  readonly state: () => PhoneState;
  readonly onState: (listener: (state: PhoneState) => void) => () => void;
  readonly setLine: (line: LineState) => void;
  readonly setDevices: (devices: DeviceState) => void;
  readonly setRelay: (relay: RelayState) => void;
  /** Undefined: nothing is known of a mailbox. */
  readonly setVoicemail: (voicemail: Voicemail | undefined) => void;
  readonly add: (call: Call) => void;
  /** Gives the call as it is afterwards, or undefined for one not known. */
  readonly apply: (id: CallId, event: CallEvent) => Call | undefined;
  /** The INVITE left later than it was asked for. */
  readonly inviteSentAt: (id: CallId, atMs: number) => void;
  readonly find: (id: CallId) => Call | undefined;
  /** Newest first. */
  readonly live: () => readonly Call[];
  /** The call that has the agent's ear. */
  readonly foreground: () => Call | undefined;
};

export const createPhoneStore = (): PhoneStore => {
  let state = phoneOff;
  const listeners = new Set<(state: PhoneState) => void>();

  const set = (next: PhoneState): void => {
    state = next;
    for (const listener of listeners) listener(state);
  };
  const find = (id: CallId): Call | undefined => state.calls.find((call) => call.id === id);
  const replace = (call: Call): void =>
    set({ ...state, calls: state.calls.map((old) => (old.id === call.id ? call : old)) });

  return {
    state: () => state,
    onState: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    setLine: (line) => set({ ...state, line }),
    setDevices: (devices) => set({ ...state, devices }),
    setRelay: (relay) => {
      if ((state.relay ?? 'notNeeded') !== relay) set({ ...state, relay });
    },
    setVoicemail: (voicemail) => {
      const { voicemail: before, ...rest } = state;
      if (before?.new === voicemail?.new && before?.old === voicemail?.old) return;
      set(voicemail === undefined ? rest : { ...rest, voicemail });
    },
    add: (call) => {
      const live = state.calls.filter(isLive);
      const ended = state.calls.filter((old) => !isLive(old));
      // Newest first: what listeners look at is what happens now.
      set({ ...state, calls: [call, ...live, ...ended].slice(0, mostCalls) });
    },
    apply: (id, event) => {
      const call = find(id);
      if (call === undefined) return undefined;
      const next = nextCall(call, event);
      if (next !== call) replace(next);
      return next;
    },
    inviteSentAt: (id, atMs) => {
      const call = find(id);
      if (call !== undefined) replace({ ...call, trace: { ...call.trace, inviteMs: atMs } });
    },
    find,
    live: () => liveCalls(state.calls),
    foreground: () => foreground(state.calls),
  };
};
