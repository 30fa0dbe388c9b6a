import type { SeatSnapshot } from '../../../shared/seat.ts';
import type { CommandName } from '../keys.ts';
import { isShiftCheckDue } from '../shift/shift-check.ts';
import type { Place, Ui } from '../ui-store.ts';
import { flowOf, whoIs } from '../view.ts';

/** @param isInSide the focus is in the panel on the right */
export const placeOf = (snapshot: SeatSnapshot, ui: Ui, isInSide: boolean): Place => {
  if (snapshot.session.kind === 'signedOut') return 'signIn';
  if (isInSide && ui.side !== null) return ui.side;
  const view = snapshot.contact;
  if (view === null) {
    if (ui.scripts) return 'scripts';
    return isShiftCheckDue(snapshot) ? 'shift' : 'idle';
  }
  if (snapshot.agent.kind === 'wrapUp' || ui.drawer === 'open') return 'wrapUp';
  if (view.contact.answeredAtMs === null && view.contact.direction === 'inbound') return 'ringing';
  if (whoIs(view, ui.declined).kind === 'choose') return 'who';
  return ui.flow ?? flowOf(snapshot);
};

/** The keys that matter there, most needed first. */
export const keysAt = (place: Place): readonly CommandName[] => {
  switch (place) {
    case 'ringing':
      return ['answer', 'hangUp', 'transfer'];
    case 'who':
    case 'topic':
      return ['find', 'hold', 'mute'];
    case 'verify':
      return ['callBack', 'mute', 'hold'];
    case 'script':
      return ['next', 'back', 'objections', 'wrapUp'];
    case 'wrapUp':
      return ['finish', 'back', 'state'];
    case 'idle':
      return ['state', 'find', 'missed', 'palette'];
    case 'signIn':
    case 'shift':
      return [];
    default:
      return ['escape', 'palette'];
  }
};
