import type { Change } from '../../shared/central-api.ts';
import { Customer, Notice, PastContact } from '../../shared/customer.ts';
import { DispositionTree } from '../../shared/disposition.ts';
import { Script, Topic } from '../../shared/script.ts';

const text = (zh: string, en: string) => ({ zh, en });

/** A plainly fictional customer; parsed by the schema, so a sample that is none fails here. */
export const customer = (id: string, over: Partial<Record<keyof Customer, unknown>> = {}): Customer =>
  Customer.parse({
    id,
    surname: '李',
    nameMasked: '李*',
    gender: 'male',
    language: 'zh-CN',
    numbers: [{ key: '+8613800138000', confidence: 'certain' }],
    area: text('东湖区', 'East Lake'),
    list: 'normal',
    card: 'none',
    manager: null,
    usage: {
      arpu: 120,
      lastBill: 128.5,
      previousBill: 110,
      longDistanceShare: 0.1,
      dataUsedShare: 0.5,
      roamingDays: 0,
      tenureMonths: 30,
      creditScore: 600,
      contractEndsAtMs: null,
      rivalForwarding: false,
      daysSinceLastRecord: 1,
    },
    package: { id: 'p1', name: text('畅享套餐', 'Easy plan') },
    refusesMarketing: false,
    roaming: false,
    lastOffers: [],
    fields: [
      { key: 'birthday', class: 1, shown: '04-05' },
      { key: 'lastBill', class: 2, shown: '***' },
      { key: 'idNumber', class: 3, shown: '3301**********0011' },
    ],
    cases: [],
    ...over,
  });

export const script = (version: number, say = '您好，{customer.surname}{customer.title}。'): Script =>
  Script.parse({
    id: 'bill-help',
    version,
    title: text('账单说明', 'Bill'),
    kind: 'service',
    first: 'open',
    steps: [
      {
        id: 'open',
        part: 'opening',
        say: text(say, 'Hello {customer.title} {customer.surname}.'),
        answers: [
          { id: 'yes', label: text('是', 'Yes'), next: 'bill' },
          { id: 'no', label: text('否', 'No'), next: null },
        ],
        next: null,
      },
      { id: 'bill', part: 'propose', say: text('上月账单{customer.bill}元', 'Bill'), answers: [], next: 'end' },
      { id: 'end', part: 'ending', say: text('再见', 'Bye'), answers: [], next: null },
    ],
    objections: [],
  });

export const topic = Topic.parse({
  id: 'bill',
  name: text('账单', 'Bill'),
  class: 2,
  scriptId: 'bill-help',
  queues: ['service'],
  fields: ['lastBill'],
  pinyin: ['zhangdan', 'zd'],
});

export const tree = DispositionTree.parse({
  id: 'default',
  queues: [],
  roots: [
    {
      id: 'solved',
      label: text('已解决', 'Solved'),
      outcome: 'done',
      children: [{ id: 'told', label: text('已说明', 'Explained'), outcome: 'done', children: [] }],
    },
    { id: 'other', label: text('其他', 'Other'), outcome: 'other', children: [] },
  ],
});

export const notice = (id: string, over: Partial<Record<keyof Notice, unknown>> = {}): Notice =>
  Notice.parse({
    id,
    area: '东湖区',
    packageId: null,
    severity: 'outage',
    text: text('东湖区宽带抢修', 'Broadband repair in East Lake'),
    fromMs: 0,
    toMs: 4_000_000_000_000,
    ...over,
  });

export const past = (contactId: string, startedAtMs: number): PastContact =>
  PastContact.parse({
    contactId,
    direction: 'inbound',
    startedAtMs,
    talkMs: 60_000,
    topic: null,
    disposition: [],
    agentName: '王示例',
    note: '',
  });

/** What central would give a seat that asks from the beginning. */
export const feedOf = (customers: readonly Customer[]): Change[] => [
  ...customers.map((row): Change => ({ entity: 'customer', id: row.id, row })),
  { entity: 'topic', id: topic.id, row: topic },
  { entity: 'script', id: 'bill-help@1', row: script(1) },
  { entity: 'tree', id: tree.id, row: tree },
  { entity: 'notice', id: 'n1', row: notice('n1') },
  { entity: 'notice', id: 'n2', row: notice('n2', { area: '西山区' }) },
];
