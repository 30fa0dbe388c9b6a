import type { DialOrder } from '../../../renderer/phone/phone.ts';
import { CallId, ContactId, uuidv7 } from '../../../shared/ids.ts';
import type { DeviceState, PhoneState } from '../../../shared/phone.ts';
import type { Result } from '../../../shared/result.ts';
import type { Call } from '../../../shared/call.ts';

export type From = {
  readonly display?: string;
  readonly queue?: string;
  readonly contactId?: string;
  readonly colleague?: string;
  readonly supervision?: string;
  readonly dialled?: string;
};

/** A phone and everything around it, from outside: every implementation of `Phone` is put into one of these. */
export type PhoneLab = {
  readonly phone: {
    readonly state: () => Promise<PhoneState>;
    /** Every state published so far, in order. */
    readonly published: () => Promise<readonly PhoneState[]>;
    readonly dial: (order: DialOrder) => Promise<Result<unknown>>;
    readonly answer: (callId: CallId) => Promise<Result<unknown>>;
    readonly reject: (callId: CallId) => Promise<Result<unknown>>;
    readonly hangUp: (callId: CallId) => Promise<Result<unknown>>;
    readonly mute: (callId: CallId, isMuted: boolean) => Promise<Result<unknown>>;
    readonly hold: (callId: CallId, isHeld: boolean) => Promise<Result<unknown>>;
    readonly swap: () => Promise<Result<unknown>>;
    readonly transfer: (callId: CallId, dial: string) => Promise<Result<unknown>>;
    readonly completeTransfer: (callId: CallId, consultId: CallId) => Promise<Result<unknown>>;
    readonly merge: (callId: CallId, otherId: CallId) => Promise<Result<unknown>>;
    readonly part: () => Promise<Result<unknown>>;
    readonly divert: (callId: CallId, dial: string) => Promise<Result<unknown>>;
    readonly expect: (supervisionId: string | null) => Promise<void>;
    readonly expectDialled: (contactId: string | null) => Promise<void>;
    readonly sendDigits: (callId: CallId, digits: string) => Promise<Result<unknown>>;
    readonly checkDevices: () => Promise<DeviceState>;
    readonly setAvailable: (isAvailable: boolean) => Promise<void>;
    readonly stop: () => Promise<void>;
    readonly levels: () => Promise<readonly { callId: string | null; microphoneDb: number; customerDb: number }[]>;
  };
  readonly far: {
    readonly call: (from: From) => Promise<void>;
    /** Status the phone answered the far end's last call with; undefined while it rings. */
    readonly refusedWith: () => Promise<number | undefined>;
    readonly hangUp: () => Promise<void>;
    readonly policy: (next: 'ring' | 'answer' | number) => Promise<void>;
    readonly pickUp: () => Promise<void>;
    /** How the target of the next transfers takes it. */
    readonly target: (next: 'ring' | 'answer' | number) => Promise<void>;
    /** Where the last diverted call was sent. */
    readonly divertedTo: () => Promise<string | null>;
    readonly takesHold: (isTaking: boolean) => Promise<void>;
    readonly cutLine: () => Promise<void>;
    readonly restoreLine: () => Promise<void>;
    readonly microphone: (next: 'ready' | 'refused' | 'absent' | 'inUse') => Promise<void>;
  };
  /** The far end's number as presented. */
  readonly number: string;
  readonly until: (what: string, is: (state: PhoneState) => boolean) => Promise<PhoneState>;
  readonly close: () => Promise<void>;
};

let serial = 0;
export const newUuid = (): string => uuidv7(1_795_000_000_000 + (serial += 1), new Uint8Array(10));
export const newOrder = (dial = '13800138000') => ({
  callId: CallId.parse(newUuid()),
  contactId: ContactId.parse(newUuid()),
  dial,
});
export const latest = (state: PhoneState): Call | undefined => state.calls[0];
export const is =
  (kind: Call['state']['kind']) =>
  (state: PhoneState): boolean =>
    latest(state)?.state.kind === kind;
export const isFlowing = (state: PhoneState): boolean => {
  const call = latest(state)?.state;
  return call?.kind === 'talking' && call.media === 'flowing';
};
export const isHold =
  (kind: string) =>
  (state: PhoneState): boolean => {
    const call = latest(state)?.state;
    return call?.kind === 'talking' && call.hold.kind === kind;
  };
export const endedBy = (cause: string) => (state: PhoneState) => {
  const call = latest(state)?.state;
  return call?.kind === 'ended' && call.cause === cause;
};
export const startOf = (state: Call['state'] | undefined): number => (state?.kind === 'talking' ? state.sinceMs : -1);
export const idOf = (state: PhoneState): CallId => {
  const call = latest(state);
  if (call === undefined) throw new Error('no call');
  return call.id;
};
