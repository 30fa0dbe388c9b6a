import type { Language, Text } from '../../shared/text.ts';
import { inLanguage } from '../../shared/text.ts';

/** What the shell itself says: tray, dialogs, refusals at the start. The pages have their own locales. */
const texts = {
  product: { zh: '坐席', en: 'Zuoxi' },
  show: { zh: '显示坐席', en: 'Show Zuoxi' },
  quit: { zh: '退出', en: 'Quit' },
  'agent.offline': { zh: '未登录', en: 'Signed out' },
  'agent.notReady': { zh: '示忙', en: 'Not ready' },
  'agent.ready': { zh: '示闲', en: 'Ready' },
  'agent.reserved': { zh: '来电振铃', en: 'Call ringing' },
  'agent.onCall': { zh: '通话中', en: 'On a call' },
  'agent.wrapUp': { zh: '话后处理', en: 'Wrap-up' },
  unsynced: { zh: '{count} 项未同步', en: '{count} not synced' },
  'quit.call': { zh: '正在通话，退出会挂断电话。', en: 'You are on a call. Quitting hangs up.' },
  'quit.unsynced': {
    zh: '还有 {count} 项工作未同步到中心。它们已存在本机，下次登录后会继续上传。',
    en: '{count} changes have not reached central yet. They are stored on this machine and are sent after the next sign-in.',
  },
  'quit.stay': { zh: '留下', en: 'Stay' },
  'quit.anyway': { zh: '仍要退出', en: 'Quit anyway' },
  'safeMode.text': {
    zh: '工作台在五分钟内三次意外停止。通话不受影响。可以再次打开，或退出后请技术支持查看日志。',
    en: 'The desk stopped unexpectedly three times within five minutes. Calls are not affected. Open it again, or quit and ask support to look at the log.',
  },
  'safeMode.again': { zh: '再次打开', en: 'Open again' },
  notConfigured: {
    zh: '本机还没有坐席配置。请管理员把配置文件放到：{file}',
    en: 'This machine has no seat configuration yet. Ask an administrator to put the file at: {file}',
  },
  badConfig: {
    zh: '坐席配置有误：中心地址须以 https 开头，话务地址须以 wss 开头。配置文件：{file}',
    en: 'The seat configuration is wrong: central must be an https address, telephony wss origins. File: {file}',
  },
  refusedStart: {
    zh: '为保护客户资料，坐席不能带着“{name}”启动。请直接打开坐席。',
    en: 'To protect customer data Zuoxi does not start with "{name}". Open it without.',
  },
  'store.unreadable': {
    zh: '系统密钥库无法解开本机资料的密钥。旧资料原样保留。',
    en: "The key store cannot unlock this machine's data. The old data stays as it is.",
  },
  'store.newStore': { zh: '另建新库', en: 'Start a new store' },
  'store.memoryOnce': { zh: '本次只用内存', en: 'Memory only this time' },
} as const satisfies Record<string, Text>;

export type TextKey = keyof typeof texts;
export const textKeys = Object.keys(texts) as TextKey[];

/** `{name}` in a text is replaced by the value of that name. */
export const say = (key: TextKey, language: Language, values: Readonly<Record<string, string | number>> = {}): string =>
  inLanguage(texts[key], language).replace(/\{([a-z]+)\}/g, (whole, name: string) => String(values[name] ?? whole));

export const languageOf = (kept: Language | undefined, locale: string): Language =>
  kept ?? (/^zh/i.test(locale) ? 'zh-CN' : 'en');
