import type { CaseSummary, Usage } from '../../shared/customer.ts';
import type { Language, Text } from '../../shared/text.ts';
import type { Chance } from './chance.ts';
import { chanceOf } from './chance.ts';
import type { Gender } from './names.ts';
import type { SamplePackage } from './packages.ts';
import { packageFor } from './packages.ts';
import { areas, areaWeights } from './places.ts';

/** Who a customer is, before names and numbers: what the rules R1–R6 look at. */
export type Profile = {
  readonly gender: Gender;
  readonly language: Language;
  readonly area: Text;
  readonly list: 'red' | 'normal' | 'black';
  readonly card: 'none' | 'silver' | 'gold' | 'diamond';
  readonly manager: string | null;
  readonly usage: Usage;
  readonly tariff: SamplePackage;
  readonly refusesMarketing: boolean;
  readonly roaming: boolean;
  readonly lastOffers: { offerId: string; atMs: number }[];
  readonly cases: CaseSummary[];
  readonly confidence: 'certain' | 'low';
};

const dayMs = 86_400_000;
const cards = ['none', 'silver', 'gold', 'diamond'] as const;
const managers: readonly [string, ...string[]] = [
  '顾清和',
  '沈知远',
  '陆半夏',
  '温言',
  '江照晚',
  '叶知秋',
  '苏木',
  '唐棠',
];
const offers: readonly [string, ...string[]] = ['ip-long-distance', 'data-10g', 'roaming-pass', 'loyalty-24'];

export const drawProfile = (seed: number, index: number, nowMs: number): Profile => {
  const chance = chanceOf(seed, 'profile', index);
  const card = cards[chance.weighted([830, 120, 40, 10])] ?? 'none';
  const usage = drawUsage(chance, card, nowMs);
  return {
    gender: chance.happens(0.02) ? 'unknown' : chance.happens(0.5) ? 'male' : 'female',
    language: chance.happens(0.03) ? 'en' : 'zh-CN',
    area: areas[chance.weighted(areaWeights)] ?? areas[0],
    list: chance.happens(0.01) ? 'black' : chance.happens(0.03) ? 'red' : 'normal',
    card,
    manager: card === 'gold' || card === 'diamond' ? chance.pick(managers) : null,
    usage,
    tariff: packageFor(usage.arpu),
    refusesMarketing: chance.happens(0.06),
    roaming: chance.happens(0.02),
    lastOffers: chance.happens(0.25)
      ? [{ offerId: chance.pick(offers), atMs: nowMs - chance.between(3, 200) * dayMs }]
      : [],
    cases: chance.happens(0.05) ? [drawCase(chance, index, nowMs)] : [],
    confidence: chance.happens(0.02) ? 'low' : 'certain',
  };
};

const drawUsage = (chance: Chance, card: Profile['card'], nowMs: number): Usage => {
  const floor = { none: 18, silver: 70, gold: 200, diamond: 380 }[card];
  const arpu = Math.round(floor + Math.exp(3.6 + 0.7 * chance.spread()));
  const tenureMonths = Math.floor(200 * chance.next() ** 1.7);
  const previousBill = cents(arpu * (0.85 + 0.3 * chance.next()));
  const swing = chance.happens(0.04) ? chance.pick([1.9, 1.6, 0.4, 0.3]) : 0.85 + 0.3 * chance.next();
  const contract = chance.weighted([45, 49, 6]);
  return {
    arpu,
    lastBill: cents(previousBill * swing),
    previousBill,
    longDistanceShare: cents(chance.happens(0.08) ? 0.3 + 0.4 * chance.next() : 0.25 * chance.next()),
    dataUsedShare: cents(chance.happens(0.12) ? 0.9 + 0.3 * chance.next() : 0.85 * chance.next()),
    roamingDays: chance.happens(0.04) ? chance.between(5, 20) : chance.happens(0.1) ? chance.between(1, 4) : 0,
    tenureMonths,
    creditScore: Math.max(300, Math.min(850, Math.round(620 + 95 * chance.spread()))),
    contractEndsAtMs:
      contract === 0 ? null : nowMs + (contract === 1 ? chance.between(61, 720) : chance.between(2, 60)) * dayMs,
    rivalForwarding: chance.happens(0.015),
    daysSinceLastRecord: chance.happens(0.02) ? chance.between(15, 90) : chance.below(4),
  };
};

const caseKinds: readonly [
  Pick<CaseSummary, 'kind' | 'title' | 'department'>,
  ...Pick<CaseSummary, 'kind' | 'title' | 'department'>[],
] = [
  {
    kind: 'complaint',
    title: { zh: '投诉：话费争议，要求核查增值业务扣费', en: 'Complaint: disputed bill, charges for extras' },
    department: { zh: '账务组', en: 'Billing' },
  },
  {
    kind: 'complaint',
    title: { zh: '投诉：家中信号弱，多次报修未解决', en: 'Complaint: weak signal at home, repairs did not help' },
    department: { zh: '网络优化组', en: 'Network quality' },
  },
  {
    kind: 'report',
    title: { zh: '故障：宽带频繁掉线', en: 'Fault: broadband drops out' },
    department: { zh: '装维组', en: 'Field service' },
  },
  {
    kind: 'request',
    title: { zh: '申请：开具半年发票', en: 'Request: invoices of the last half year' },
    department: { zh: '营业后台', en: 'Back office' },
  },
];

export const drawCase = (chance: Chance, index: number, nowMs: number, kind?: CaseSummary['kind']): CaseSummary => {
  const openedAtMs = nowMs - chance.between(0, 12) * dayMs - chance.below(dayMs);
  const about = caseKinds.find((candidate) => candidate.kind === kind) ?? chance.pick(caseKinds);
  const status = (['open', 'inProgress', 'resolved', 'closed'] as const)[chance.weighted([35, 40, 15, 10])] ?? 'open';
  return {
    ...about,
    id: `case-${index}`,
    openedAtMs,
    // R24: 7 working days for a complaint, 3 for what was not answered on the spot; weekends left out here.
    deadlineMs: openedAtMs + (about.kind === 'complaint' ? 9 : 5) * dayMs,
    status: kind === undefined ? status : 'open',
  };
};

const cents = (value: number): number => Math.round(value * 100) / 100;
