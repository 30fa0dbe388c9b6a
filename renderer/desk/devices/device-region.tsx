import { useCallback } from 'react';
import { useStore } from 'zustand';
import { useDesk, useSnapshot, useWords } from '../context.tsx';
import { isLive } from '../view.ts';
import { DevicePanel } from './device-panel.tsx';

/** The device panel with what it shows and does. */
export const DeviceRegion = () => {
  const desk = useDesk();
  const { t } = useWords();
  const agent = useSnapshot((snapshot) => snapshot.agent);
  const phone = useStore(desk.phone);
  const { calls } = phone.state;
  const echo = calls.find((call) => call.aside?.kind === 'check');
  const isInCall = calls.some((call) => isLive(call));
  const { testDevice } = desk.actions;
  const onTest = useCallback<typeof testDevice>((what) => testDevice(what), [testDevice]);
  const why = (): string | null => {
    if (phone.link.kind !== 'up') return t('link.phoneLost');
    if (agent.kind !== 'notReady') return t('reason.notReadyFirst');
    if (isInCall) return null;
    return phone.state.line.kind === 'registered' ? null : t('dial.noLine');
  };
  return (
    <DevicePanel
      view={phone.devices}
      headset={phone.headset}
      isInCall={isInCall}
      echo={echo}
      echoBlocked={why()}
      onChoose={(use, id) => void desk.actions.chooseDevice(use, id)}
      onTest={onTest}
      onConnect={() => void desk.actions.connectHeadset()}
      onEcho={() => void desk.actions.testEcho()}
      onEndEcho={() => void (echo === undefined ? undefined : desk.actions.endEcho(echo.id))}
    />
  );
};
