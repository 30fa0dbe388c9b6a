import { isBusy } from '../../../shared/agent.ts';
import { useDesk, useSnapshot, useWords } from '../context.tsx';
import { owedOf } from '../work-owed/due.ts';
import { DaySheet } from './day-sheet.tsx';

/** The end of a shift, or a look at it in between. */
export const DayRegion = () => {
  const { ui, actions } = useDesk();
  const { t } = useWords();
  const day = useSnapshot((snapshot) => snapshot.day);
  const agent = useSnapshot((snapshot) => snapshot.agent);
  const sync = useSnapshot((snapshot) => snapshot.sync);
  const refused = useSnapshot((snapshot) => snapshot.refusedOps.length);
  const work = useSnapshot((snapshot) => snapshot.work);
  const callBack = useSnapshot((snapshot) => snapshot.callBack);
  return (
    <DaySheet
      day={day}
      agent={agent}
      sync={sync}
      refused={refused}
      owed={owedOf(work)}
      callBackOwed={callBack !== null}
      blocked={isBusy(agent) ? t('reason.finishCallFirst') : null}
      onAtCentral={actions.dayAtCentral}
      onSignOut={() => void actions.leave()}
      onClose={() => ui.setState({ overlay: null })}
    />
  );
};
