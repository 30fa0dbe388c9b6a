import type { SampleAgent } from '../../shared/central-api.ts';
import type { Queue, Role } from '../../central/agents.ts';

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
