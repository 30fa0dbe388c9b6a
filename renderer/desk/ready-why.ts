import { useStore } from 'zustand';
import { whyNotOnLine } from '../../shared/degraded.ts';
import { useDesk, useSeat, useWords } from './context.tsx';
import { isShiftCheckDue } from './shift/shift-check.ts';

/** A sentence why Ready is not possible now, or null: devices come first, then the shift-start check. */
export const useReadyWhy = (): string | null => {
  const words = useWords();
  const { t } = words;
  const { phone } = useDesk();
  const isReachable = useStore(phone, ({ link }) => link.kind === 'up');
  const relay = useStore(phone, ({ state }) => state.relay);
  const line = useStore(phone, ({ state }) => state.line);
  const devices = useStore(phone, ({ state }) => state.devices.kind);
  const isDue = useSeat(({ snapshot }) => isShiftCheckDue(snapshot));
  if (!isReachable) return t('link.phoneLost');
  if (relay === 'refused') return t('reason.relayRefused');
  if (relay === 'unreachable') return t('reason.relayUnreachable');
  const lineless = whyNotOnLine('ready', line);
  if (lineless !== undefined) return words.refusal(lineless);
  switch (devices) {
    case 'ready':
      return isDue ? t('reason.shiftCheckFirst') : null;
    case 'checking':
      return t('ready.checking');
    case 'unchecked':
    case 'refused':
    case 'absent':
    case 'inUse':
    case 'failed':
      return t('reason.devicesFirst');
  }
};
