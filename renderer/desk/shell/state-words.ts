import type { AgentState } from '../../../shared/agent.ts';
import type { ForcedTo } from '../../../shared/forced-state.ts';
import type { Words } from '../i18n.ts';

/** "未就绪 · 小休" */
export const stateWords = (agent: AgentState, t: Words['t']): string =>
  agent.kind === 'notReady'
    ? t('agent.notReadyBecause', { reason: reasonWords(agent.reason, t) })
    : t(`agent.${agent.kind}`);

/** What a lead asks somebody to be. */
export const forcedWords = (to: ForcedTo, t: Words['t']): string => {
  if (to.kind === 'notReady') return reasonWords(to.reason, t);
  return t(to.kind === 'ready' ? 'agent.ready' : 'account.signOut');
};

export const reasonWords = (reason: string, t: Words['t']): string => {
  switch (reason) {
    case 'break':
    case 'meal':
    case 'training':
    case 'meeting':
    case 'system':
    case 'signedIn':
    case 'missed':
    case 'signOut':
      return t(`notReady.${reason}`);
    default:
      return reason;
  }
};
