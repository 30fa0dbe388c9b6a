import { Customer, Notice, PastContact } from '../../../shared/customer.ts';
import type { Target } from '../../../shared/directory.ts';
import { DispositionTree } from '../../../shared/disposition.ts';
import { type Factor } from '../../../shared/verification.ts';
import { Script, Topic } from '../../../shared/script.ts';
import { defaultPolicy } from '../../../shared/policy.ts';

/** A small operator for the desk alone: plainly fictional people, each with what makes them interesting. */
const text = (zh: string, en: string) => ({ zh, en });
const day = 86_400_000;

const calm = {
  arpu: 128,
  lastBill: 131.4,
  previousBill: 126,
  longDistanceShare: 0.12,
  dataUsedShare: 0.55,
  roamingDays: 0,
  tenureMonths: 38,
  creditScore: 640,
  contractEndsAtMs: null,
  rivalForwarding: false,
  daysSinceLastRecord: 0,
};

const fields = [
  { key: 'points', class: 1, shown: '3,260' },
  { key: 'dataLeft', class: 1, shown: '4.2 GB' },
  { key: 'fullName', class: 2, shown: '***' },
  { key: 'lastBill', class: 2, shown: '¥***' },
  { key: 'balance', class: 2, shown: '¥***' },
  { key: 'idNumber', class: 3, shown: '3309**********0011' },
  { key: 'address', class: 3, shown: '岚桥市***' },
  { key: 'contactPhone', class: 3, shown: '139****0002' },
  { key: 'callDetails', class: 3, shown: '***' },
];

export const customer = (id: string, over: Partial<Record<keyof Customer, unknown>> = {}): Customer =>
  Customer.parse({
    id,
    surname: '李',
    nameMasked: '李**',
    gender: 'male',
    language: 'zh-CN',
    numbers: [{ key: '+8613800138000', confidence: 'certain' }],
    area: text('岚桥市 · 南岸区', 'Lanqiao, South Bank'),
    list: 'normal',
    card: 'none',
    manager: null,
    usage: calm,
    package: { id: 'p-easy-99', name: text('畅享 99 元套餐', 'Easy 99') },
    refusesMarketing: false,
    roaming: false,
    lastOffers: [],
    fields,
    cases: [],
    ...over,
  });

export const sampleCustomers = (nowMs: number): readonly Customer[] => [
  customer('C-1001', {
    card: 'gold',
    manager: '苏晚晴',
    usage: {
      ...calm,
      arpu: 268,
      lastBill: 402.6,
      previousBill: 251,
      longDistanceShare: 0.38,
      tenureMonths: 96,
      creditScore: 780,
      contractEndsAtMs: nowMs + 23 * day,
    },
    cases: [
      {
        id: 'T-88',
        kind: 'complaint',
        title: text('国际漫游流量费争议', 'Disputed roaming data charge'),
        department: text('账务处理组', 'Billing'),
        openedAtMs: nowMs - 9 * day,
        deadlineMs: nowMs - 3_600_000,
        status: 'inProgress',
      },
      {
        id: 'T-91',
        kind: 'request',
        title: text('补开发票', 'Invoice to be reissued'),
        department: text('营业厅后台', 'Back office'),
        openedAtMs: nowMs - 2 * day,
        deadlineMs: nowMs + 3 * day,
        status: 'open',
      },
    ],
  }),
  customer('C-1002', {
    surname: '欧阳',
    nameMasked: '欧阳*',
    gender: 'female',
    numbers: [{ key: '+8613900139000', confidence: 'low' }],
  }),
  customer('C-1003', {
    surname: '王',
    nameMasked: '王*',
    numbers: [{ key: '+8613700137000', confidence: 'certain' }],
    area: text('岚桥市 · 北城区', 'Lanqiao, North Town'),
  }),
  customer('C-1004', {
    surname: '王',
    nameMasked: '王**',
    gender: 'female',
    numbers: [{ key: '+8613700137000', confidence: 'certain' }],
    package: { id: 'p-young', name: text('青春 59 元套餐', 'Young 59') },
  }),
  customer('C-1005', {
    surname: 'Walker',
    nameMasked: 'Walker, A***',
    gender: 'unknown',
    language: 'en',
    roaming: true,
    list: 'red',
    numbers: [{ key: '+8613600136000', confidence: 'certain' }],
  }),
  customer('C-1006', {
    surname: '赵',
    nameMasked: '赵*',
    list: 'black',
    refusesMarketing: true,
    optOuts: [{ id: 'r1', atMs: nowMs - 3 * day, number: '+8613500135000', said: '退订回T' }],
    numbers: [{ key: '+8613500135000', confidence: 'certain' }],
    usage: { ...calm, arpu: 32, tenureMonths: 2, creditScore: 380, daysSinceLastRecord: 19 },
  }),
];

export const sampleNotices = (nowMs: number): readonly Notice[] => [
  Notice.parse({
    id: 'N-1',
    area: '岚桥市 · 南岸区',
    packageId: null,
    severity: 'outage',
    text: text('南岸区部分基站检修，通话可能中断。', 'Some masts in South Bank are under repair; calls may drop.'),
    fromMs: nowMs - 3_600_000,
    toMs: nowMs + 2 * 3_600_000,
  }),
];

export const sampleHistory = (nowMs: number): ReadonlyMap<string, readonly PastContact[]> =>
  new Map([
    [
      'C-1001',
      [
        past(
          1,
          nowMs - 2 * day,
          312,
          '话费查询',
          'Bill',
          '客户对漫游流量费有疑问，已转账务组核查，承诺三个工作日内回复。',
        ),
        past(2, nowMs - 9 * day, 541, '投诉受理', 'Complaint', '情绪激动，已安抚并建单 T-88。'),
        past(3, nowMs - 64 * day, 95, '流量查询', 'Data left', ''),
      ],
    ],
  ]);

const past = (n: number, startedAtMs: number, seconds: number, zh: string, en: string, note: string): PastContact =>
  PastContact.parse({
    contactId: `01900000-0000-7000-8000-00000000000${n}`,
    direction: n === 3 ? 'outbound' : 'inbound',
    startedAtMs,
    talkMs: seconds * 1_000,
    topic: text(zh, en),
    disposition: [text('咨询', 'Question'), text('已解答', 'Answered')],
    agentName: '林小满',
    note,
    ...(n === 1 ? { recorded: true } : {}),
  });

const topic = (id: string, zh: string, en: string, level: 1 | 2 | 3, pinyin: string[], scriptId: string | null) =>
  Topic.parse({
    id,
    name: text(zh, en),
    class: level,
    scriptId,
    queues: level === 1 ? [] : ['service'],
    fields: level === 2 ? ['lastBill', 'balance'] : level === 3 ? ['callDetails'] : [],
    pinyin,
  });

export const sampleTopics: readonly Topic[] = [
  topic('bill', '话费查询', 'Bill', 2, ['huafeichaxun', 'hfcx'], 'bill-help'),
  topic('details', '通话详单', 'Call details', 3, ['tonghuaxiangdan', 'thxd'], 'bill-help'),
  topic('cancel', '业务退订', 'Cancel a service', 3, ['yewutuiding', 'ywtd'], 'bill-help'),
  topic('data', '流量查询', 'Data left', 2, ['liuliangchaxun', 'llcx'], 'bill-help'),
  topic('offer', '优惠咨询', 'Offers', 1, ['youhuizixun', 'yhzx'], 'bill-help'),
  topic('outage', '故障报修', 'Fault report', 1, ['guzhangbaoxiu', 'gzbx'], null),
  topic('shop', '营业厅地址', 'Shops', 1, ['yingyetingdizhi', 'yytdz'], null),
  topic('sim', '补换卡', 'SIM replacement', 3, ['buhuanka', 'bhk'], 'bill-help'),
  topic('roam', '国际漫游', 'Roaming', 1, ['guojimanyou', 'gjmy'], null),
  topic('complaint', '投诉受理', 'Complaint', 1, ['tousushouli', 'tssl'], null),
];

export const sampleScript: Script = Script.parse({
  id: 'bill-help',
  version: 7,
  title: text('话费说明', 'Explaining a bill'),
  kind: 'service',
  first: 'open',
  steps: [
    {
      id: 'open',
      part: 'opening',
      say: text(
        '{customer.surname}{customer.title}，您上个月的话费是 {customer.bill} 元，其中套餐费 99 元，其余是长途和漫游产生的费用。',
        '{customer.title} {customer.surname}, your last bill was ¥{customer.bill}: ¥99 for the plan, the rest for long distance and roaming.',
      ),
      answers: [
        { id: 'clear', label: text('客户清楚了', 'That is clear'), next: 'more' },
        { id: 'long', label: text('为什么长途费这么高？', 'Why is long distance so high?'), next: 'long' },
        { id: 'dispute', label: text('不认可这笔费用', 'Disputes the charge'), next: null },
      ],
      next: null,
    },
    {
      id: 'long',
      part: 'propose',
      say: text(
        '您的长途通话比较多，办理 IP 长途包后每月可以省下大约一半，需要我为您介绍吗？',
        'You make many long-distance calls; the long-distance pack would halve that. Shall I tell you more?',
      ),
      answers: [],
      next: 'more',
    },
    {
      id: 'more',
      part: 'ending',
      say: text('请问还有其他可以帮您的吗？', 'Is there anything else I can help you with?'),
      answers: [
        { id: 'no', label: text('没有了', 'No'), next: null },
        { id: 'yes', label: text('还有问题', 'Yes'), next: 'open' },
      ],
      next: null,
    },
  ],
  objections: [
    {
      id: 'dear',
      label: text('太贵了', 'Too expensive'),
      say: text('我理解，我们可以先看看更合适的套餐。', 'I understand. Let us look for a plan that fits better.'),
    },
    {
      id: 'later',
      label: text('我再考虑', 'I will think about it'),
      say: text('没问题，我发一条短信，您方便时再看。', 'Of course. I will send a text you can read later.'),
    },
  ],
});

const leaf = (id: string, zh: string, en: string) => ({ id, label: text(zh, en), outcome: id, children: [] });
export const sampleTree: DispositionTree = DispositionTree.parse({
  id: 'default',
  queues: [],
  roots: [
    {
      ...leaf('question', '咨询', 'Question'),
      children: [
        leaf('answered', '已解答', 'Answered'),
        {
          ...leaf('open', '未解答', 'Not answered'),
          children: [leaf('callback', '约定回电', 'Call back'), leaf('case', '建工单', 'Case opened')],
        },
      ],
    },
    {
      ...leaf('complaint', '投诉', 'Complaint'),
      children: [leaf('solved', '当场解决', 'Solved'), leaf('handed', '转后台', 'Handed over')],
    },
    {
      ...leaf('offer', '营销', 'Offer'),
      children: [leaf('sold', '成功', 'Accepted'), leaf('refused', '拒绝', 'Refused')],
    },
    leaf('wrong', '打错', 'Wrong number'),
  ],
});

/** As an engine would spell the labels. */
export const sampleSpoken = {
  咨询: ['zixun', 'zx'],
  已解答: ['yijieda', 'yjd'],
  未解答: ['weijieda', 'wjd'],
  约定回电: ['yuedinghuidian', 'ydhd'],
  建工单: ['jiangongdan', 'jgd'],
  投诉: ['tousu', 'ts'],
  当场解决: ['dangchangjiejue', 'dcjj'],
  转后台: ['zhuanhoutai', 'zht'],
  营销: ['yingxiao', 'yx'],
  成功: ['chenggong', 'cg'],
  拒绝: ['jujue', 'jj'],
  打错: ['dacuo', 'dc'],
};

/** What the simulated customers answer; only the fake engine compares. */
export const sampleAnswers: Readonly<Record<Factor, string>> = {
  fullName: '李知远',
  lastBillRange: '400',
  package: '畅享 99 元套餐',
  servicePassword: '258036',
  smsCode: '771204',
  idNumber: '330900000000000011',
  address: '岚桥市南岸区柳荫路 8 号',
  contactPhone: '13900000002',
};

export const sampleRevealed: Readonly<Record<2 | 3, Readonly<Record<string, string>>>> = {
  2: { fullName: '李知远', lastBill: '¥402.60', balance: '¥58.20' },
  3: {
    idNumber: '330900000000000011',
    address: '岚桥市南岸区柳荫路 8 号',
    contactPhone: '139 0000 0002',
    callDetails: '11-20 14:02 长途 38 分',
  },
};

export const samplePolicy = { ...defaultPolicy };
const target = (
  kind: Target['kind'],
  number: string,
  zh: string,
  en: string,
  pinyin: string[],
  category = { zh: '', en: '' },
): Target => ({ id: `${kind}:${number}`, kind, name: { zh, en }, number, category, pinyin });

export const sampleAgent = {
  id: 'A-801',
  number: '8001',
  name: '林小满',
  role: 'agent',
  queues: [
    { id: 'service', zh: '综合服务', en: 'Service' },
    { id: 'vip', zh: 'VIP 专席', en: 'VIP desk' },
  ],
} as const;
export const sampleCallers = [
  {
    id: 'c1',
    label: text('李先生 · 金卡，账单突增，合约将到期', 'Mr Li · gold card, bill jumped, contract ending'),
    queue: 'service',
    number: '13800138000',
  },
  {
    id: 'c2',
    label: text('欧阳女士 · 号码匹配不确定', 'Ms Ouyang · weak match'),
    queue: 'service',
    number: '13900139000',
  },
  {
    id: 'c3',
    label: text('两位王姓客户共用一个号码', 'Two customers named Wang on one number'),
    queue: 'service',
    number: '13700137000',
  },
  {
    id: 'c4',
    label: text('英语客户，漫游中，红名单', 'English speaker, roaming, red list'),
    queue: 'vip',
    number: '13600136000',
  },
  { id: 'c5', label: text('黑名单客户', 'Black list'), queue: 'service', number: '13500135000' },
  { id: 'c6', label: text('陌生号码', 'Unknown number'), queue: 'service', number: '13000130000' },
  { id: 'c7', label: text('隐藏号码', 'Withheld number'), queue: 'service', number: 'anonymous' },
] as const;

/** Invented people and departments. */
export const sampleTargets: readonly Target[] = [
  target('colleague', '1002', '周南乔', 'Zhou Nanqiao', ['zhounanqiao', 'znq']),
  target('colleague', '1003', '陈一诺', 'Chen Yinuo', ['chenyinuo', 'cyn']),
  target('queue', '6002', '尊享服务', 'VIP', ['zunxiangfuwu', 'zxfw']),
  target('department', '6201', '装移机调度', 'Installations', ['zhuangyijidiaodu', 'zyjdd'], {
    zh: '装维',
    en: 'Field service',
  }),
];
