import type { AgentState } from '../../../shared/agent.ts';
import type { Words } from '../i18n.ts';

/** "未就绪 · 小休" */
export const stateWords = (agent: AgentState, t: Words['t']): string =>
  agent.kind === 'notReady'
    ? t('agent.notReadyBecause', { reason: reasonWords(agent.reason, t) })
    : t(`agent.${agent.kind}`);

export const reasonWords = (reason: string, t: Words['t']): string => {
  switch (reason) {
    case 'break':
    case 'meal':
    case 'training':
    case 'meeting':
    case 'system':
    case 'signedIn':
    case 'missed':
      return t(`notReady.${reason}`);
    default:
      return reason;
  }
};
