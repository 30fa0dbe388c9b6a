import { useDesk, useSnapshot, useWords } from '../context.tsx';
import type { SignedIn } from '../view.ts';
import { type CommandName, keyLabels } from '../keys.ts';
import type { Words } from '../i18n.ts';
import { askFocus, noScreen, type UiStore } from '../ui-store.ts';
import { maySupervise } from '../../../shared/supervision.ts';
import { inLanguage } from '../../../shared/text.ts';
import { reasonWords } from './state-words.ts';
import { Palette, type PaletteEntry } from './palette.tsx';

/** Pinyin, initials and English of what has a name in the locales only. */
const also = {
  ready: ['ready', 'jiuxu', 'jx'],
  state: ['state', 'shimang', 'sm', 'zhuangtai', 'zt'],
  dial: ['dial', 'bohao', 'bh'],
  devices: ['devices', 'headset', 'microphone', 'yuyinshebei', 'yysb', 'erji', 'ej', 'maikefeng', 'mkf'],
  find: ['find', 'chazhaokehu', 'czkh'],
  history: ['history', 'recordings', 'lishijilu', 'lsjl', 'luyin', 'ly'],
  answer: ['answer', 'jieting', 'jt'],
  transfer: ['transfer', 'divert', 'zhuanjie', 'zj'],
  swap: ['switch', 'qiehuan', 'qh'],
  cancelConsult: ['back', 'jieshuzixun', 'jszx'],
  join: ['three-way', 'conference', 'sanfang', 'sf'],
  redial: ['redial', 'chongbo', 'cb'],
  mute: ['mute', 'jingyin', 'jy'],
  hold: ['hold', 'resume', 'baochi', 'bc', 'huifutonghua', 'hfth'],
  keypad: ['keypad', 'anjianpan', 'ajp'],
  profile: ['profile', 'edit', 'buchongziliao', 'bczl', 'ziliao', 'zl'],
  callBack: ['call back', 'guaduanhuibo', 'gdhb', 'huibo', 'hb'],
  missed: ['missed', 'call back', 'weijielaidian', 'wjld', 'huibo', 'hb'],
  objections: ['objections', 'yiyi', 'yy'],
  wrapUp: ['wrap-up', 'huahouxiaojie', 'hhxj'],
  hangUp: ['hang up', 'guaduan', 'gd'],
  board: ['board', 'supervision', 'jiankong', 'jk', 'jianting', 'jt'],
  calendar: ['calendar', 'holidays', 'gongzuorili', 'gzrl', 'jiejiari', 'jjr'],
  quality: ['quality', 'tonghuazhiliang', 'thzl'],
  diagnostics: ['diagnostics', 'support', 'fuzhizhenduan', 'fzzd', 'zhenduan', 'zd'],
  tour: ['tour', 'help', 'xinshouyindao', 'xsyd', 'yindao', 'yd'],
  day: ['sign out', 'shift', 'summary', 'qianchu', 'qc', 'banci', 'xiaojie', 'tuichu', 'tc'],
  due: ['due', 'callback', 'daiban', 'db', 'huifang', 'hf'],
  orders: ['order', 'sale', 'dingdan', 'dd', 'xiaoshou', 'xs'],
  order: ['order', 'sell', 'xiadan', 'xd', 'banli', 'bl'],
  cases: ['case', 'complaint', 'gongdan', 'gd', 'tousu', 'ts'],
  keys: ['keys', 'kuaijiejian', 'kjj'],
} as const satisfies Partial<
  Record<
    | CommandName
    | 'ready'
    | 'dial'
    | 'redial'
    | 'board'
    | 'calendar'
    | 'devices'
    | 'due'
    | 'cases'
    | 'profile'
    | 'day'
    | 'tour'
    | 'history'
    | 'orders'
    | 'order',
    readonly string[]
  >
>;
type Offered = Exclude<
  keyof typeof also,
  | 'ready'
  | 'dial'
  | 'redial'
  | 'board'
  | 'calendar'
  | 'devices'
  | 'state'
  | 'due'
  | 'cases'
  | 'profile'
  | 'day'
  | 'tour'
  | 'history'
  | 'orders'
  | 'order'
>;

/** What the palette offers now: keys by name, states, topics of the contact in hand. */
export const PaletteRegion = ({ session }: { readonly session: SignedIn }) => {
  const desk = useDesk();
  const { ui, actions, run, tour } = desk;
  const { t, language } = useWords();
  const topics = useSnapshot((snapshot) => snapshot.reference.topics);
  const contact = useSnapshot((snapshot) => snapshot.contact !== null);
  const command = (name: Offered, inCall: boolean): readonly PaletteEntry[] =>
    inCall && !contact
      ? []
      : [
          {
            key: name,
            label: t(`keys.${name}`),
            also: also[name],
            hint: keyLabels[name],
            onPick: () => void run({ kind: name }),
          },
        ];
  const entries: readonly PaletteEntry[] = [
    { key: 'ready', label: t('agent.ready'), also: also.ready, onPick: () => void actions.ready() },
    ...session.policy.notReadyReasons.map((reason) => ({
      key: `reason-${reason}`,
      label: t('agent.notReadyBecause', { reason: reasonWords(reason, t) }),
      also: [reason, ...also.state],
      onPick: () => void actions.notReady(reason),
    })),
    ...(contact
      ? topics.map((topic) => ({
          key: `topic-${topic.id}`,
          label: t('palette.topic', { name: inLanguage(topic.name, language) }),
          also: [...topic.pinyin, topic.name.en, topic.name.zh],
          onPick: () => void actions.chooseTopic(topic.id),
        }))
      : []),
    ...command('find', false),
    {
      key: 'dial',
      label: t('dial.title'),
      also: also.dial,
      onPick: () => {
        ui.setState({ side: 'dial' });
        askFocus(ui, 'dial');
      },
    },
    ...owedEntries(ui, t),
    ...(maySupervise(session.agent.role)
      ? [
          {
            key: 'board',
            label: t('board.title'),
            also: also.board,
            onPick: () => ui.setState({ side: 'board' }),
          },
          {
            key: 'calendar',
            label: t('calendar.title'),
            also: also.calendar,
            onPick: () => ui.setState({ ...noScreen, calendarScreen: true }),
          },
        ]
      : []),
    ...screenEntries(ui, t),
    { key: 'redial', label: t('directory.redial'), also: also.redial, onPick: () => void actions.redial() },
    ...(['answer', 'transfer', 'swap', 'cancelConsult', 'join', 'mute', 'hold', 'keypad'] as const).flatMap((name) =>
      command(name, true),
    ),
    ...(contact ? [...profileEntries(ui, t), ...orderEntries(ui, t)] : []),
    ...command('callBack', true),
    ...(contact ? [] : command('missed', false)),
    ...command('objections', true),
    ...command('wrapUp', true),
    ...command('hangUp', true),
    ...command('quality', true),
    ...shiftEntries(ui, t, session.practice ? tour.start : null),
    ...command('diagnostics', false),
    ...command('keys', false),
  ];
  return <Palette entries={entries} onClose={() => ui.setState({ overlay: null })} />;
};

/** The end of the shift, and its beginning. */
const shiftEntries = (ui: UiStore, t: Words['t'], onTour: (() => void) | null): readonly PaletteEntry[] => [
  { key: 'day', label: t('day.entry'), also: also.day, onPick: () => ui.setState({ overlay: 'day' }) },
  ...(onTour === null ? [] : [{ key: 'tour', label: t('tour.start'), also: also.tour, onPick: onTour }]),
];

/** R34, and the devices. */
const screenEntries = (ui: UiStore, t: Words['t']): readonly PaletteEntry[] => [
  {
    key: 'history',
    label: t('history.region'),
    also: also.history,
    onPick: () => ui.setState({ history: true, side: null }),
  },
  {
    key: 'devices',
    label: t('devices.choose'),
    also: also.devices,
    onPick: () => {
      ui.setState({ side: 'devices' });
      askFocus(ui, 'devices');
    },
  },
];

/** R7 */
const profileEntries = (ui: UiStore, t: Words['t']): readonly PaletteEntry[] => [
  { key: 'profile', label: t('profile.edit'), also: also.profile, onPick: () => askFocus(ui, 'profile') },
];

/** R30 */
const orderEntries = (ui: UiStore, t: Words['t']): readonly PaletteEntry[] => [
  { key: 'order', label: t('order.go'), also: also.order, onPick: () => ui.setState({ flow: 'order' }) },
];

/** What outlives the call (R24, R29). */
const owedEntries = (ui: UiStore, t: Words['t']): readonly PaletteEntry[] =>
  (['due', 'cases', 'orders'] as const).map((panel) => ({
    key: panel,
    label: t(`side.${panel}`),
    also: also[panel],
    onPick: () => {
      ui.setState({ side: panel });
      if (panel !== 'orders') askFocus(ui, panel === 'cases' ? 'case' : 'due');
    },
  }));
