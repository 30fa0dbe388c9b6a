import type { Notice } from '../../shared/customer.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

type Row = Omit<Notice, 'fromMs' | 'toMs'> & { readonly fromMs: number; readonly forMs: number };

/** R6. `fromMs` relative to now. Areas are named as in the customers' rows. */
const rows: readonly Row[] = [
  {
    id: 'outage-yunqi',
    area: '云栖区',
    packageId: null,
    severity: 'outage',
    fromMs: -2 * hourMs,
    forMs: 2 * dayMs,
    text: {
      zh: '云栖区枫林路一带光缆被施工挖断，移动网络和宽带受影响，预计今晚修复。',
      en: 'A cable was cut near Fenglin Road in Yunqi; mobile data and broadband are affected, repair expected tonight.',
    },
  },
  {
    id: 'outage-lingang',
    area: '临港区',
    packageId: null,
    severity: 'outage',
    fromMs: -6 * hourMs,
    forMs: 3 * dayMs,
    text: {
      zh: '临港区部分基站因台风停电，通话可能中断，正在用发电车供电。',
      en: 'Some masts in Lingang lost power in the storm; calls may drop, generators are on their way.',
    },
  },
  {
    id: 'works-songling',
    area: '松岭县',
    packageId: null,
    severity: 'change',
    fromMs: dayMs,
    forMs: 10 * dayMs,
    text: {
      zh: '松岭县本周夜间 0–5 点网络升级，期间可能短时无信号。',
      en: 'Network works in Songling between midnight and 5 a.m. this week; short losses of signal.',
    },
  },
  {
    id: 'works-shiwan',
    area: '石湾区',
    packageId: null,
    severity: 'change',
    fromMs: -dayMs,
    forMs: 20 * dayMs,
    text: { zh: '石湾区已开通新 5G 站点，室内信号改善。', en: 'New 5G masts in Shiwan: better signal indoors.' },
  },
  {
    id: 'plus-99-data',
    area: null,
    packageId: 'plus-99',
    severity: 'change',
    fromMs: -5 * dayMs,
    forMs: 40 * dayMs,
    text: {
      zh: '畅享99 自下月起流量由 40 GB 增至 50 GB，资费不变，自动生效。',
      en: 'Plus 99 gets 50 GB instead of 40 GB from next month at the same price, automatically.',
    },
  },
  {
    id: 'care-19-end',
    area: null,
    packageId: 'care-19',
    severity: 'change',
    fromMs: -10 * dayMs,
    forMs: 60 * dayMs,
    text: {
      zh: '安心卡19 停止新办，老客户可继续使用，不受影响。',
      en: 'Care 19 is no longer sold; customers who have it keep it unchanged.',
    },
  },
  {
    id: 'family-169-speed',
    area: null,
    packageId: 'family-169',
    severity: 'change',
    fromMs: -3 * dayMs,
    forMs: 30 * dayMs,
    text: {
      zh: '全家享169 宽带免费提速至 1000M。',
      en: 'Family 169: broadband raised to 1,000 Mbit/s free of charge.',
    },
  },
  {
    id: 'billing-day',
    area: null,
    packageId: null,
    severity: 'change',
    fromMs: -dayMs,
    forMs: 15 * dayMs,
    text: {
      zh: '系统月结期间，当月账单查询可能延迟至次日。',
      en: 'During the monthly closing, current bills may show up a day late.',
    },
  },
];

export const noticesAt = (nowMs: number): readonly Notice[] =>
  rows.map(({ fromMs, forMs, ...notice }) => ({ ...notice, fromMs: nowMs + fromMs, toMs: nowMs + fromMs + forMs }));
