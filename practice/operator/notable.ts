import type { PracticeCaller } from '../../shared/central-api.ts';
import type { Language, Text } from '../../shared/text.ts';
import type { RequestLine } from '../customers/voices.ts';
import { chanceOf } from './chance.ts';
import type { PersonName } from './names.ts';
import { chineseName, englishName } from './names.ts';
import { packages } from './packages.ts';
import { areas } from './places.ts';
import type { Profile } from './profile.ts';
import { drawCase } from './profile.ts';

/**
 * The first customers are made by hand, so that whoever practises can ask for every situation that matters. Each has an index, and
 * what differs from an ordinary draw.
 */
export type Notable = {
  readonly label: Text;
  readonly queue: string;
  readonly language: Language;
  readonly request: RequestLine;
  readonly name: PersonName;
  readonly gender: 'male' | 'female';
  readonly change: (drawn: Profile, nowMs: number) => Partial<Profile>;
  /** What the operator's records say of the line. */
  readonly risk?: 'simChanged';
  /** Calls from there, not from the number on file. */
  readonly callsFrom?: string;
};

const dayMs = 86_400_000;
const tariff = (id: string) => packages.find((candidate) => candidate.id === id) ?? packages[0];
/** Nothing that would make an ordinary customer stand out by accident. */
const quiet = {
  language: 'zh-CN',
  list: 'normal',
  card: 'none',
  manager: null,
  refusesMarketing: false,
  roaming: false,
  lastOffers: [],
  cases: [],
  confidence: 'certain',
} as const satisfies Partial<Profile>;
const steady = (drawn: Profile): Profile['usage'] => ({
  ...drawn.usage,
  previousBill: 98,
  lastBill: 101.5,
  arpu: 99,
  contractEndsAtMs: null,
  rivalForwarding: false,
  daysSinceLastRecord: 0,
  longDistanceShare: 0.1,
  dataUsedShare: 0.5,
  roamingDays: 0,
  tenureMonths: 18,
  creditScore: 640,
});
const calm = (drawn: Profile) => ({
  ...quiet,
  lastOffers: [],
  cases: [],
  usage: steady(drawn),
  tariff: tariff('plus-99'),
});

const zh = { language: 'zh-CN', queue: 'service' } as const;

export const notables: readonly Notable[] = [
  {
    ...zh,
    queue: 'vip',
    label: { zh: '金卡客户，合约将到期，有流失风险', en: 'Gold card, contract about to end, may leave' },
    request: 'higher',
    name: chineseName('欧阳', '明哲'),
    gender: 'male',
    change: (drawn, nowMs) => ({
      ...calm(drawn),
      card: 'gold',
      manager: '顾清和',
      tariff: tariff('pro-239'),
      usage: {
        ...steady(drawn),
        arpu: 268,
        previousBill: 262,
        lastBill: 271.4,
        tenureMonths: 96,
        creditScore: 780,
        contractEndsAtMs: nowMs + 21 * dayMs,
      },
    }),
  },
  {
    ...zh,
    label: { zh: '一个号码对应两位客户（夫妻）', en: 'Two customers on one number (a couple)' },
    request: 'bill',
    name: chineseName('林', '若溪'),
    gender: 'female',
    change: calm,
  },
  {
    ...zh,
    label: { zh: '与上一位共用号码', en: 'Shares the number of the one before' },
    request: 'bill',
    name: chineseName('林', '浩然'),
    gender: 'male',
    change: calm,
  },
  {
    ...zh,
    label: { zh: '黑名单：多次骚扰', en: 'Black list: repeated abuse' },
    request: 'cancel',
    name: chineseName('武', '一横'),
    gender: 'male',
    change: (drawn) => ({ ...calm(drawn), list: 'black' }),
  },
  {
    ...zh,
    label: { zh: '红名单：投诉敏感客户', en: 'Red list: sensitive to complaints' },
    request: 'slow',
    name: chineseName('司马', '静安'),
    gender: 'female',
    change: (drawn) => ({ ...calm(drawn), list: 'red', usage: { ...steady(drawn), dataUsedShare: 0.97 } }),
  },
  {
    queue: 'service',
    language: 'en',
    label: { zh: '英语客户', en: 'Speaks English' },
    request: 'bill',
    name: englishName('Imogen', 'Quillfeather'),
    gender: 'female',
    change: (drawn) => ({ ...calm(drawn), language: 'en', usage: { ...steady(drawn), longDistanceShare: 0.38 } }),
  },
  {
    ...zh,
    label: { zh: '有未结投诉', en: 'Has an open complaint' },
    request: 'higher',
    name: chineseName('钟', '念慈'),
    gender: 'female',
    change: (drawn, nowMs) => ({
      ...calm(drawn),
      cases: [drawCase(chanceOf('complaint'), 6, nowMs, 'complaint')],
      usage: { ...steady(drawn), previousBill: 96, lastBill: 183.2 },
    }),
  },
  {
    ...zh,
    label: { zh: '所在片区正在故障', en: 'Lives where the network is down' },
    request: 'slow',
    name: chineseName('江', '望舒'),
    gender: 'male',
    change: (drawn) => ({ ...calm(drawn), area: areas[0] }),
  },
  {
    ...zh,
    label: { zh: '要查通话详单（需三级核验）', en: 'Wants the call details (class 3)' },
    request: 'details',
    name: chineseName('方', '知行'),
    gender: 'male',
    change: (drawn) => ({ ...calm(drawn), confidence: 'low' }),
  },
  {
    ...zh,
    label: { zh: '漫游中的客户', en: 'Calls while roaming' },
    request: 'bill',
    name: chineseName('陆', '海生'),
    gender: 'male',
    change: (drawn) => ({ ...calm(drawn), roaming: true, usage: { ...steady(drawn), roamingDays: 12 } }),
  },
  {
    ...zh,
    queue: 'marketing',
    label: { zh: '回拨营销来电，流量快用完', en: 'Calls marketing back, data nearly used up' },
    request: 'higher',
    name: chineseName('唐', '小满'),
    gender: 'female',
    change: (drawn) => ({ ...calm(drawn), usage: { ...steady(drawn), dataUsedShare: 1.08, tenureMonths: 40 } }),
  },
  {
    ...zh,
    label: { zh: '忘记服务密码，要重置', en: 'Has forgotten the service password' },
    request: 'details',
    name: chineseName('白', '如初'),
    gender: 'female',
    change: calm,
  },
  {
    ...zh,
    label: { zh: '昨天换过 SIM 卡：短信验证码不可用', en: 'New SIM card yesterday: no text codes' },
    request: 'details',
    name: chineseName('戚', '换卡'),
    gender: 'male',
    risk: 'simChanged',
    change: calm,
  },
  {
    ...zh,
    label: { zh: '用别人的手机来电：宜挂断回拨', en: 'Calls from another telephone: call back' },
    request: 'details',
    name: chineseName('游', '外机'),
    gender: 'male',
    callsFrom: '13900008888',
    change: calm,
  },
];

/** A caller who can be asked for: how the call reaches the exchange, and whose it is. */
export type SampleCaller = PracticeCaller & {
  /** As presented to the exchange; empty: withheld. */
  readonly number: string;
  readonly customerId: string | null;
  readonly language: Language;
  readonly request: RequestLine;
};

/** Callers no customer stands behind. */
export const strangers: readonly SampleCaller[] = [
  {
    id: 'unknown',
    label: { zh: '陌生号码', en: 'A number nobody knows' },
    queue: 'service',
    number: '13900009999',
    customerId: null,
    language: 'zh-CN',
    request: 'bill',
  },
  {
    id: 'withheld',
    label: { zh: '隐藏号码', en: 'Number withheld' },
    queue: 'service',
    number: '',
    customerId: null,
    language: 'zh-CN',
    request: 'slow',
  },
  {
    id: 'malformed',
    label: { zh: '异常号码', en: 'A number that is none' },
    queue: 'service',
    number: '0000*12#',
    customerId: null,
    language: 'zh-CN',
    request: 'bill',
  },
];
