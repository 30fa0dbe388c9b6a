import { useEffect } from 'react';
import { useStore } from 'zustand';
import { targetName } from '../../shared/directory.ts';
import { useDesk, useUi, useWords } from './context.tsx';
import { failedConsult, type Lines, numberOfLine, targetOf } from './lines.ts';
import { LineBar } from './transfer/line-bar.tsx';
import { ConsultNote, TransferNote, WaitingNotice } from './transfer/transfer-note.tsx';
import { TransferPanel } from './transfer/transfer-panel.tsx';
import type { Call } from '../../shared/call.ts';

/** Everything about a second party: under the call bar, and nothing at all with one call. */
export const LineRegion = ({ lines, ownName }: { readonly lines: Lines; readonly ownName: string }) => {
  const desk = useDesk();
  const { ui, actions } = desk;
  const calls = useStore(desk.phone, (phone) => phone.state.calls);
  const mode = useUi((now) => now.transfer);
  const to = useUi((now) => now.transferTo);
  const directory = useUi((now) => now.directory);
  const closedMs = useUi((now) => now.transferNoteClosedMs);
  const nameOf = useLineName(lines);
  const { own, waiting } = lines;
  const transfer = own?.state.kind === 'talking' ? own.state.transfer : undefined;
  const consult = failedConsult(calls, lines);
  return (
    <>
      {waiting === undefined ? null : (
        <WaitingNotice
          name={nameOf(waiting)}
          isInCall={own !== undefined || lines.other !== undefined}
          onAnswer={() => void actions.answer()}
          onDecline={() => void actions.decline()}
        />
      )}
      <LineBar
        lines={lines}
        ownName={ownName}
        otherName={lines.other === undefined ? '' : nameOf(lines.other)}
        onTransfer={() => void actions.transfer()}
        onSwap={() => void actions.swap()}
        onBack={() => void actions.cancelConsult()}
        onJoin={() => void actions.join()}
        onMute={() => void actions.toggleMute()}
        onHold={() => void actions.toggleHold()}
        onHangUp={() => void actions.hangUp()}
      />
      {transfer === undefined || transfer.sinceMs === closedMs ? null : (
        <TransferNote
          transfer={transfer}
          hold={own?.state.kind === 'talking' ? own.state.hold : { kind: 'none' }}
          onClose={() => ui.setState({ transferNoteClosedMs: transfer.sinceMs })}
        />
      )}
      {consult === undefined ? null : <ConsultNote consult={consult} name={nameOf(consult)} />}
      {mode === null || own === undefined || lines.other !== undefined ? null : (
        <div className="below-callbar">
          <TransferPanel
            mode={mode}
            to={to}
            targets={directory?.targets ?? []}
            states={directory?.states ?? []}
            onConsult={actions.consult}
            onHandOver={actions.handOver}
            onDivert={actions.divert}
            onClose={() => ui.setState({ transfer: null })}
          />
        </div>
      )}
    </>
  );
};

/** "周南乔 1002": the directory's name; the number alone until it is there, or when it does not know. */
const useLineName = ({ other, waiting }: Lines): ((call: Call) => string) => {
  const { actions } = useDesk();
  const { language } = useWords();
  const directory = useUi((now) => now.directory);
  const isWanted = (other !== undefined || waiting !== undefined) && directory === null;
  useEffect(() => {
    if (isWanted) void actions.loadDirectory();
  }, [isWanted, actions]);
  return (call) => {
    const number = numberOfLine(call);
    const target = targetOf(directory?.targets ?? [], number);
    return target === undefined ? number : `${targetName(target, language)} ${number}`;
  };
};
