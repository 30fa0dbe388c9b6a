import { useMemo, useSyncExternalStore } from 'react';
import { useStore } from 'zustand';
import { type Standing, standingOf } from '../../shared/degraded.ts';
import { useDesk, useMinute, useSeat, useUi } from './context.tsx';

/** What is up and what is down, as this desk knows it. */
export const useStanding = (): Standing => {
  const sync = useSeat(({ snapshot }) => snapshot?.sync);
  const line = useStore(useDesk().phone, (phone) => phone.state.line);
  const smsFailedAtMs = useUi((now) => now.smsFailedAtMs);
  const isOnline = useSyncExternalStore(onNetwork, () => navigator.onLine);
  const nowMs = useMinute();
  return useMemo(
    () => standingOf({ sync: sync ?? { kind: 'signedOut', waiting: 0 }, line, smsFailedAtMs, isOnline, nowMs }),
    [sync, line, smsFailedAtMs, isOnline, nowMs],
  );
};

const onNetwork = (changed: () => void): (() => void) => {
  addEventListener('online', changed);
  addEventListener('offline', changed);
  return () => {
    removeEventListener('online', changed);
    removeEventListener('offline', changed);
  };
};
