import { useDesk, useSnapshot, useUi } from './context.tsx';
import { RecordingMark } from './recording/recording-mark.tsx';
import { OwnBar } from './supervision/own-bar.tsx';
import { SupervisedMark } from './supervision/supervised-mark.tsx';

/** Under the call bar: who or what else hears the call. Its room is there from the first ring to the end of the wrap-up, so that nothing jumps. */
export const CallMarks = () => {
  const hasContact = useSnapshot(({ contact }) => contact !== null);
  const isOnCall = useSnapshot(({ agent }) => agent.kind === 'onCall');
  const recording = useSnapshot((snapshot) => snapshot.recording);
  const supervised = useSnapshot((snapshot) => snapshot.supervised);
  if (!hasContact) return null;
  return (
    <div className="call-marks">
      {isOnCall ? <RecordingMark recording={recording} /> : null}
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
