import type { PastContact } from '../../shared/customer.ts';
import type { Language, Text } from '../../shared/text.ts';
import type { Chance } from './chance.ts';
import { chanceOf } from './chance.ts';
import { sampleAgents } from './agents.ts';
import { trees } from './trees.ts';
import { topics } from './topics.ts';

const dayMs = 86_400_000;
/** Share of customers with 0, 1, 2 … 8 earlier contacts. */
const howMany = [13, 15, 18, 17, 14, 9, 7, 4, 3];

const notes: readonly [Text, ...Text[]] = [
  { zh: '客户查询上月话费，已解释费用构成，客户认可。', en: 'Asked about last month’s bill; explained, accepted.' },
  { zh: '咨询套餐变更，次月生效，已告知规则。', en: 'Asked to change the package; told it starts next month.' },
  { zh: '反映晚间网速慢，已登记片区测试。', en: 'Slow data in the evening; area test registered.' },
  { zh: '漫游资费已发短信告知。', en: 'Roaming rates sent by text.' },
  { zh: '客户情绪较急，安抚后同意等待回访。', en: 'Upset at first; agreed to wait for a call back.' },
  { zh: '推荐流量包，客户表示考虑。', en: 'Offered a data add-on; will think about it.' },
  { zh: '', en: '' },
];

type Path = { readonly queue: string; readonly labels: readonly Text[] };
/** Every complete disposition of the sample trees. */
const paths: readonly Path[] = trees.flatMap((tree) =>
  tree.roots.flatMap((root) => leaves(root, []).map((labels) => ({ queue: tree.queues[0] ?? '', labels }))),
);

const outboundPaths = paths.filter((path) => path.queue === 'marketing');
const inboundPaths = paths.filter((path) => path.queue === 'service' || path.queue === 'vip');

type Node = { readonly label: Text; readonly children: readonly Node[] };
function leaves(node: Node, above: readonly Text[]): readonly (readonly Text[])[] {
  const labels = [...above, node.label];
  return node.children.length === 0 ? [labels] : node.children.flatMap((child) => leaves(child, labels));
}

/**
 * A UUIDv7 (RFC 9562) like the seats'. Customer and ordinal are part of it: among a hundred thousand customers two may be drawn alike,
 * and their contacts must still be different ones.
 */
const contactIdAt = (atMs: number, index: number, ordinal: number, chance: Chance): PastContact['contactId'] => {
  const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');
  const time = hex(atMs, 12);
  const version = hex(0x7000 + chance.below(0x1000), 4);
  const variant = hex(0x8000 + chance.below(0x4000), 4);
  const tail = hex(index, 8) + hex(ordinal, 4);
  return `${time.slice(0, 8)}-${time.slice(8)}-${version}-${variant}-${tail}` as PastContact['contactId'];
};

/** Earlier contacts of a customer, newest first. */
export const drawHistory = (seed: number, index: number, nowMs: number, language: Language): PastContact[] => {
  const chance = chanceOf(seed, 'history', index);
  const count = chance.weighted(howMany);
  const past = Array.from({ length: count }, (_, ordinal): PastContact => {
    const startedAtMs = nowMs - dayMs - Math.floor(730 * dayMs * chance.next() ** 1.5);
    const isOutbound = chance.happens(0.2);
    const fitting = isOutbound ? outboundPaths : inboundPaths;
    const path = fitting[chance.below(fitting.length)];
    const note = chance.pick(notes);
    return {
      contactId: contactIdAt(startedAtMs, index, ordinal, chance),
      direction: isOutbound ? 'outbound' : 'inbound',
      startedAtMs,
      talkMs: chance.between(20, 600) * 1000,
      topic: topics[chance.below(topics.length)]?.name ?? null,
      disposition: [...(path?.labels ?? [])],
      agentName: sampleAgents[chance.below(sampleAgents.length)]?.name ?? '',
      note: language === 'en' ? note.en : note.zh,
    };
  });
  return past.sort((one, other) => other.startedAtMs - one.startedAtMs);
};
