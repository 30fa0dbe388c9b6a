import type { Text } from '../../shared/text.ts';

/**
 * The few sentences of this page. It does not know the agent's language (nobody may be signed in), so it shows both.
 */
export const texts = {
  deskFrame: { zh: '工作台', en: 'Desk' },
  seatOpenElsewhere: {
    zh: '本坐席已在另一个窗口打开。一个坐席同一时间只能在一个窗口使用。',
    en: 'This seat is open in another window. A seat can be used in one window at a time.',
  },
  callRunningElsewhere: {
    zh: '另一个窗口正在通话，通话结束后才能转到这里。',
    en: 'A call is running in the other window. The seat can move here after it has ended.',
  },
  displaced: {
    zh: '本坐席已转到另一个窗口。',
    en: 'The seat has moved to another window.',
  },
  takeOver: { zh: '在此窗口使用', en: 'Use the seat here' },
} as const satisfies Record<string, Text>;
export type TextKey = keyof typeof texts;
