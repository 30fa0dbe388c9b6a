import { useStore } from 'zustand';
import { whyNotOnLine } from '../../shared/degraded.ts';
import { useDesk, useSeat, useWords } from './context.tsx';
import { isShiftCheckDue } from './shift/shift-check.ts';

/** A sentence why Ready is not possible now, or null: devices come first, then the shift-start check. */
export const useReadyWhy = (): string | null => {
  const words = useWords();
  const { t } = words;
  const phone = useStore(useDesk().phone);
  const isDue = useSeat(({ snapshot }) => isShiftCheckDue(snapshot));
  if (phone.link.kind !== 'up') return t('link.phoneLost');
  if (phone.state.relay === 'refused') return t('reason.relayRefused');
  if (phone.state.relay === 'unreachable') return t('reason.relayUnreachable');
  const lineless = whyNotOnLine('ready', phone.state.line);
  if (lineless !== undefined) return words.refusal(lineless);
  switch (phone.state.devices.kind) {
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
