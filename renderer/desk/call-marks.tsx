import { useDesk, useSnapshot, useUi } from './context.tsx';
import { RecordingMark } from './recording/recording-mark.tsx';
import { OwnBar } from './supervision/own-bar.tsx';
import { SupervisedMark } from './supervision/supervised-mark.tsx';

/** Under the call bar, as long as a call goes on: who or what else hears it. */
export const CallMarks = () => {
  const isOnCall = useSnapshot(({ agent }) => agent.kind === 'onCall');
  const recording = useSnapshot((snapshot) => snapshot.recording);
  const supervised = useSnapshot((snapshot) => snapshot.supervised);
  if (!isOnCall) return null;
  return (
    <div className="call-marks">
      <RecordingMark recording={recording} />
      {supervised === null ? null : <SupervisedMark supervised={supervised} />}
    </div>
  );
};

/** In the call bar's place while a lead is in an agent's call. */
export const SupervisionRegion = () => {
  const { actions } = useDesk();
  const own = useSnapshot((snapshot) => snapshot.supervision);
  const isSure = useUi((now) => now.takeOverAsked);
  if (own.kind === 'none') return null;
  return (
    <OwnBar
      own={own}
      isSure={isSure}
      onMode={(mode) => void actions.superviseAs(mode)}
      onStop={() => void actions.stopSupervising()}
    />
  );
};
