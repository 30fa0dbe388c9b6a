import { createStore, type StoreApi } from 'zustand/vanilla';
import { liveCalls } from '../../../shared/call.ts';
import type { Refusal, Result } from '../../../shared/result.ts';
import type { SeatSnapshot } from '../../../shared/seat.ts';
import type { LevelsStore, PhoneLink, PhoneStore, SeatLink, SeatStore } from '../seat-store.ts';

/**
 * The check before the first call of a shift: the line is registered, the microphone was heard, the agent heard the tone. The engine
 * keeps that it was done, for as long as the agent is signed in; a reload of the desk does not ask again.
 */
export type ShiftProgress = {
  readonly microphone: 'waiting' | 'heard' | 'confirmed';
  readonly speaker: 'waiting' | 'heard';
};

export type ShiftCheck = {
  readonly store: StoreApi<ShiftProgress>;
  readonly toneHeard: () => void;
  readonly toneAgain: () => void;
  /** The meter does not move and the agent knows better. */
  readonly confirmMicrophone: () => void;
  readonly stop: () => void;
};

type Parts = {
  readonly seat: SeatStore;
  readonly seatLink: Pick<SeatLink, 'call'>;
  readonly phone: PhoneStore;
  readonly phoneLink: Pick<PhoneLink, 'call'>;
  readonly levels: LevelsStore;
  readonly tell: (refusal: Refusal) => void;
};

/** A word spoken at the headset is louder; a third of a second of it is no knock. */
const voice = { fromDb: -50, levels: 3 } as const;
const nothingYet: ShiftProgress = { microphone: 'waiting', speaker: 'waiting' };

/** Whether Ready waits for the check. */
export const isShiftCheckDue = (snapshot: SeatSnapshot | null): boolean =>
  snapshot?.session.kind === 'signedIn' && snapshot.session.shiftCheckedAtMs === undefined;

export const keepShiftCheck = ({ seat, seatLink, phone, phoneLink, levels, tell }: Parts): ShiftCheck => {
  const store = createStore<ShiftProgress>(() => nothingYet);
  let isListening = false;
  let isSent = false;
  let loud = 0;

  const isDue = (): boolean => isShiftCheckDue(seat.getState().snapshot);
  const canListen = (): boolean => {
    const { link, state } = phone.getState();
    return isDue() && link.kind === 'up' && state.devices.kind === 'ready' && liveCalls(state.calls).length === 0;
  };
  /** The tone first: it ends the meter. */
  const begin = async (): Promise<void> => {
    isListening = true;
    const tone = await phoneLink.call('testDevice', { what: 'speaker' });
    const meter: Result<unknown> = tone.ok ? await phoneLink.call('testDevice', { what: 'microphone' }) : tone;
    // Devices that changed meanwhile, a call: tried again with the next change.
    if (!meter.ok) isListening = false;
  };
  const finish = async (): Promise<void> => {
    const { microphone, speaker } = store.getState();
    const isRegistered = phone.getState().state.line.kind === 'registered';
    if (isSent || !canListen() || !isRegistered || microphone === 'waiting' || speaker === 'waiting') return;
    isSent = true;
    const answer = await seatLink.call('shift.checked', { microphone });
    isSent = false;
    if (!answer.ok) return tell(answer.error);
    isListening = false;
    void phoneLink.call('testDevice', { what: 'none' });
  };
  const look = (): void => {
    if (!isDue()) {
      loud = 0;
      isListening = false;
      if (store.getState() !== nothingYet) store.setState(nothingYet, true);
      return;
    }
    if (!canListen()) isListening = false;
    else if (!isListening) void begin();
    void finish();
  };
  const set = (part: Partial<ShiftProgress>): void => {
    if (!isDue()) return;
    store.setState(part);
    void finish();
  };
  const stops = [
    seat.subscribe(look),
    phone.subscribe(look),
    levels.subscribe(({ callId, microphoneDb }) => {
      if (!isListening || callId !== null || store.getState().microphone !== 'waiting') return;
      loud = microphoneDb >= voice.fromDb ? loud + 1 : loud;
      if (loud >= voice.levels) set({ microphone: 'heard' });
    }),
  ];
  return {
    store,
    toneHeard: () => set({ speaker: 'heard' }),
    toneAgain: () => {
      if (canListen()) void begin();
    },
    confirmMicrophone: () => {
      if (store.getState().microphone === 'waiting') set({ microphone: 'confirmed' });
    },
    stop: () => {
      for (const stop of stops) stop();
    },
  };
};
