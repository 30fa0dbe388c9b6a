import { type CallState, isCutOff } from '../../shared/call.ts';
import type { CallId } from '../../shared/ids.ts';
import type { Levels } from '../../shared/phone.ts';
import type { CallReading } from './call-stats.ts';
import type { Seen } from './guardian.ts';

/** What a call of the fake telephone sounds like. Pure: the same every time. */

/** Fifty packets a second either way, none lost. */
export const clearLine = (atMs: number): CallReading => ({
  packetsReceived: Math.floor(atMs / 20),
  packetsSent: Math.floor(atMs / 20),
  packetsMissed: 0,
  jitterMs: 1,
  bufferedMs: atMs * 160,
  played: atMs * 8,
  missedThere: 0,
  rttMs: 2,
  codec: 'pcma',
});

/** A voice that comes and goes. */
export const levelsOf = (callId: CallId, state: CallState & { kind: 'talking' }, atMs: number): Levels => {
  const swing = Math.sin(atMs / 400);
  return {
    callId,
    microphoneDb: state.microphone === 'muted' || isCutOff(state.hold) ? -100 : -30 + 10 * swing,
    customerDb: state.hold.kind === 'held' ? -100 : -30 - 10 * swing,
  };
};

/** What the guardian sees of it: all is well but what the state itself says. */
export const seenOf = (state: CallState | undefined, isLineOpen: boolean): Seen | undefined =>
  state?.kind === 'talking'
    ? {
        microphone: 'live',
        ice: 'connected',
        expectsSound: state.hold.kind !== 'held',
        expectsVoice: state.microphone === 'open' && state.hold.kind === 'none',
        isHoldPending: state.hold.kind === 'holding' || state.hold.kind === 'resuming',
        isLineOpen,
      }
    : undefined;
