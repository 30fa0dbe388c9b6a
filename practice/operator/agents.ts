import type { SampleAgent } from '../../shared/central-api.ts';
import type { Queue, Role } from '../../central/agents.ts';
import { colleagueTarget, queueTarget } from '../../central/directory.ts';
import type { Target } from '../../shared/directory.ts';

export const queues: readonly Queue[] = [
  { id: 'service', zh: '客户服务', en: 'Service' },
  { id: 'vip', zh: '尊享服务', en: 'VIP' },
  { id: 'marketing', zh: '电话营销', en: 'Telemarketing' },
];

type SampleAccount = SampleAgent & { readonly role: Role; readonly queues: readonly string[] };

const account = (
  agentNumber: number,
  name: string,
  inQueues: readonly string[],
  role: Role = 'agent',
): SampleAccount => ({
  agentNumber: String(agentNumber),
  name,
  // A sample operator's password, shown on the sign-in page: it protects nothing.
  password: `lanqiao-${agentNumber}`,
  role,
  queues: inQueues,
});

/** Invented people. The first can try every queue. */
export const sampleAgents: readonly SampleAccount[] = [
  account(1001, '林小禾', ['service', 'vip', 'marketing']),
  account(1002, '周南乔', ['service']),
  account(1003, '陈一诺', ['service']),
  account(1004, '许星河', ['service']),
  account(1005, '何以晴', ['service', 'vip']),
  account(1006, '罗青山', ['service', 'marketing']),
  account(1007, '苏晚舟', ['vip']),
  account(1008, '程未央', ['vip', 'service']),
  account(1009, '谢听澜', ['marketing']),
  account(1010, '沈望北', ['marketing']),
  account(1011, '叶长歌', ['service', 'vip'], 'lead'),
  account(1012, '顾千帆', ['service', 'vip', 'marketing'], 'lead'),
];

/** Numbers by which the exchange leads into the queues, as in Asterisk's dial plan. */
export const queueNumbers: Readonly<Record<string, string>> = { service: '6001', vip: '6002', marketing: '6003' };

/** Answers by itself: there to try a transfer with when nobody else is signed in. */
export const practiceColleague = { number: '1099', name: '小岚（练习同事）' } as const;

const pinyin: Readonly<Record<string, readonly [full: string, initials: string]>> = {
  1001: ['linxiaohe', 'lxh'],
  1002: ['zhounanqiao', 'znq'],
  1003: ['chenyinuo', 'cyn'],
  1004: ['xuxinghe', 'xxh'],
  1005: ['heyiqing', 'hyq'],
  1006: ['luoqingshan', 'lqs'],
  1007: ['suwanzhou', 'swz'],
  1008: ['chengweiyang', 'cwy'],
  1009: ['xietinglan', 'xtl'],
  1010: ['shenwangbei', 'swb'],
  1011: ['yechangge', 'ycg'],
  1012: ['guqianfan', 'gqf'],
  1099: ['xiaolan', 'xl'],
  service: ['kehufuwu', 'khfw'],
  vip: ['zunxiangfuwu', 'zxfw'],
  marketing: ['dianhuayingxiao', 'dhyx'],
};

type Department = readonly [
  id: string,
  number: string,
  zh: string,
  en: string,
  category: Target['category'],
  pinyin: readonly [full: string, initials: string],
  place?: { readonly zh: string; readonly en: string },
];
const field = { zh: '装维', en: 'Field service' };
const office = { zh: '职能部门', en: 'Offices' };
const merchant = { zh: '商户', en: 'Merchants' };
const shop = { zh: '南岸区滨江路 18 号', en: '18 Riverside Road, South Bank' };

/** R37. */
const departments: readonly Department[] = [
  ['installations', '6201', '装移机调度', 'Installations', field, ['zhuangyijidiaodu', 'zyjdd']],
  ['repair', '6202', '故障抢修', 'Repairs', field, ['guzhangqiangxiu', 'gzqx']],
  ['fraud', '6301', '反欺诈组', 'Fraud desk', office, ['fanqizhazu', 'fqzz']],
  ['complaints', '6302', '投诉处理', 'Complaints', office, ['tousuchuli', 'tscl']],
  ['billing', '6303', '账务核查', 'Billing', office, ['zhangwuhecha', 'zwhc']],
  ['handsets', '6401', '云杉手机专营店', 'Yunshan Handsets', merchant, ['yunshanshoujizhuanyingdian', 'yssjzyd'], shop],
];

/** Everything a customer of the sample operator can be handed to. */
export const directory: readonly Target[] = [
  ...[...sampleAgents.map(({ agentNumber, name }) => ({ number: agentNumber, name })), practiceColleague].map(
    (colleague) => colleagueTarget(colleague, pinyin[colleague.number]),
  ),
  ...queues.map((queue) => queueTarget(queue, queueNumbers[queue.id] ?? '', pinyin[queue.id])),
  ...departments.map(([id, number, zh, en, category, spelled, place]): Target => ({
    id: `department:${id}`,
    kind: 'department',
    name: { zh, en },
    number,
    category,
    ...(place === undefined ? {} : { place }),
    pinyin: [...spelled],
  })),
];
