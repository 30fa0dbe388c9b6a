import { whyNotOnLine } from '../../shared/degraded.ts';
import type { Refusal } from '../../shared/result.ts';
import { refusal } from '../../shared/result.ts';
import type { Seat } from './seat.ts';

/** Why this agent cannot be Ready now, whoever asks (R38): line, microphone, relay, and the check at the beginning of the shift. */
export const whyNotReady = ({ phone, session }: Pick<Seat, 'phone' | 'session'>): Refusal | undefined => {
  const { devices, line, relay } = phone;
  const lineless = whyNotOnLine('ready', line);
  if (lineless !== undefined) return lineless;
  const silent = devices.kind in noMicrophone ? noMicrophone[devices.kind as keyof typeof noMicrophone] : undefined;
  if (silent !== undefined) return refusal('phone', silent);
  if (relay === 'refused') return refusal('phone', 'relayRefused');
  if (relay === 'unreachable') return refusal('phone', 'relayUnreachable');
  return session !== null && session.shiftCheckedAtMs === undefined
    ? refusal('conflict', 'shiftCheckFirst')
    : undefined;
};

/** Ready without a microphone would be a call nobody can answer. */
const noMicrophone = {
  refused: 'microphoneRefused',
  absent: 'microphoneAbsent',
  inUse: 'microphoneInUse',
  failed: 'microphoneFailed',
} as const;
