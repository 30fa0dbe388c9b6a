import type { DispositionNode, DispositionTree } from '../../shared/disposition.ts';

type Branch = DispositionNode['children'][number];
type Leaf = Branch['children'][number];

const leaf = (id: string, zh: string, en: string, outcome: string): Leaf => ({
  id,
  label: { zh, en },
  outcome,
  children: [],
});
const branch = (id: string, zh: string, en: string, children: Leaf[]): Branch => ({
  id,
  label: { zh, en },
  outcome: '',
  children,
});
const root = (id: string, zh: string, en: string, children: Branch[], outcome = ''): DispositionNode => ({
  id,
  label: { zh, en },
  outcome,
  children,
});

const noTalk = root('no-talk', '未能通话', 'No conversation', [
  leaf('silent', '无声', 'Silent', 'none'),
  leaf('wrong', '拨错号', 'Wrong number', 'none'),
  leaf('dropped', '中途断线', 'Cut off', 'callback'),
  leaf('abuse', '骚扰', 'Abuse', 'none'),
]);

/** R28: at most three levels, chosen by digits; `outcome` says what follows. */
export const trees: readonly DispositionTree[] = [
  {
    id: 'service',
    queues: ['service'],
    roots: [
      root('answered', '已解答', 'Answered', [
        branch('bill', '话费', 'Bill', [
          leaf('explained', '已解释', 'Explained', 'done'),
          leaf('disputed', '有争议', 'Disputed', 'case'),
        ]),
        branch('package', '套餐', 'Package', [
          leaf('informed', '已介绍', 'Informed', 'done'),
          leaf('changed', '已变更', 'Changed', 'order'),
          leaf('sold', '已订购', 'Sold', 'sold'),
        ]),
        branch('network', '网络', 'Network', [
          leaf('guided', '已指导', 'Guided', 'done'),
          leaf('known', '已知故障', 'Known outage', 'done'),
        ]),
        leaf('other', '其他', 'Other', 'done'),
      ]),
      root('case', '转工单', 'Case opened', [
        leaf('complaint', '投诉', 'Complaint', 'case'),
        leaf('report', '报障', 'Fault', 'case'),
        leaf('request', '申请', 'Request', 'case'),
      ]),
      root('follow', '需跟进', 'To follow up', [
        leaf('callback', '约定回电', 'Call back', 'callback'),
        leaf('manager', '转客户经理', 'To account manager', 'transfer'),
      ]),
      noTalk,
    ],
  },
  {
    id: 'vip',
    queues: ['vip'],
    roots: [
      root('answered', '已解答', 'Answered', [], 'done'),
      root('manager', '客户经理', 'Account manager', [
        leaf('handed', '已转接', 'Handed over', 'transfer'),
        leaf('arranged', '预约联系', 'Contact arranged', 'callback'),
      ]),
      root('stay', '挽留', 'Retention', [
        branch('stayed', '同意留网', 'Stays', [
          leaf('renewed', '续约', 'Renewed', 'order'),
          leaf('thinking', '再考虑', 'Will think', 'callback'),
        ]),
        branch('leaves', '坚持离网', 'Leaves', [
          leaf('price', '价格', 'Price', 'feedback'),
          leaf('network', '网络', 'Network', 'feedback'),
          leaf('rival', '竞争对手', 'Rival offer', 'feedback'),
        ]),
      ]),
      root('case', '转工单', 'Case opened', [], 'case'),
      noTalk,
    ],
  },
  {
    id: 'marketing',
    queues: ['marketing'],
    roots: [
      root('agreed', '同意办理', 'Agreed', [
        leaf('now', '已办理', 'Sold', 'sold'),
        leaf('confirm', '待短信确认', 'Confirmation text asked', 'order'),
      ]),
      root('later', '考虑', 'Undecided', [
        leaf('callback', '约定回电', 'Call back', 'callback'),
        leaf('material', '先看资料', 'Send information', 'callback'),
      ]),
      root('declined', '不办理', 'Declined', [
        branch('why', '原因', 'Reason', [
          leaf('price', '嫌贵', 'Too dear', 'feedback'),
          leaf('need', '用不上', 'No need', 'feedback'),
          leaf('trust', '不放心', 'No trust', 'feedback'),
        ]),
        leaf('never', '请勿再打', 'Do not call again', 'refusal'),
      ]),
      noTalk,
    ],
  },
  {
    id: 'general',
    queues: [],
    roots: [
      root('reached', '已联系', 'Reached', [
        leaf('done', '已办结', 'Done', 'done'),
        leaf('callback', '约定回电', 'Call back', 'callback'),
        leaf('refusal', '请勿再打', 'Do not call again', 'refusal'),
      ]),
      root('unreached', '未接通', 'Not reached', [
        leaf('busy', '占线', 'Busy', 'none'),
        leaf('no-answer', '无人接听', 'No answer', 'none'),
        leaf('invalid', '空号', 'No such number', 'none'),
      ]),
    ],
  },
];
