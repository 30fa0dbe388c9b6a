import { describe, expect, it } from 'vitest';
import { DispositionTree } from '../../shared/disposition.ts';
import { type OutcomeUse, recentOf, searchOutcomes, stillThere, withUse } from '../../shared/disposition-search.ts';

const node = (id: string, zh: string, en: string, children: readonly unknown[] = []) => ({
  ...{ id, label: { zh, en }, outcome: 'done', children },
});
const tree = DispositionTree.parse({
  id: 'service',
  queues: [],
  roots: [
    node('answered', '已解答', 'Answered', [
      node('bill', '话费', 'Bill', [node('explained', '已解释', 'Explained'), node('disputed', '有争议', 'Disputed')]),
      node('other', '其他', 'Other'),
    ]),
    node('case', '转工单', 'Case opened', [node('complaint', '投诉', 'Complaint'), node('fault', '报障', 'Fault')]),
    node('wrong', '打错', 'Wrong number'),
  ],
});
const spoken = {
  已解答: ['yijieda', 'yjd'],
  话费: ['huafei', 'hf'],
  已解释: ['yijieshi', 'yjs'],
  有争议: ['youzhengyi', 'yzy'],
  其他: ['qita', 'qt'],
  转工单: ['zhuangongdan', 'zgd'],
  投诉: ['tousu', 'ts'],
  报障: ['baozhang', 'bz'],
  打错: ['dacuo', 'dc'],
};
const found = (text: string, recent: readonly string[][] = []): readonly string[] =>
  searchOutcomes(tree, text, spoken, recent).map(({ path }) => path.join('/'));
const explained = 'answered/bill/explained';
const disputed = 'answered/bill/disputed';

describe('R28 an outcome is found by typing', () => {
  it.each([
    ['Chinese', '投诉', 'case/complaint'],
    ['a part of it', '争议', disputed],
    ['full pinyin', 'tousu', 'case/complaint'],
    ['pinyin in capitals', 'TouSu', 'case/complaint'],
    ['initials', 'yzy', disputed],
    ['English', 'wrong num', 'wrong'],
    ['the digits that would choose it', '112', disputed],
    ['one digit', '3', 'wrong'],
    ['two words of its path', '话费 争议', disputed],
    ['the words the other way round', 'yzy huafei', disputed],
    ['the whole path in one', '已解答话费已解释', explained],
    ['the whole path in initials', 'yjdhfyjs', explained],
  ])('%s', (_, text, path) => {
    expect(found(text)[0]).toBe(path);
  });

  it('the leaf itself comes before what only leads to it, and a whole word before its part', () => {
    expect(found('其他')).toEqual(['answered/other']);
    expect(found('yj')).toEqual([explained, disputed, 'answered/other']);
    expect(found('hf')).toEqual([explained, disputed]);
  });

  it('digits are the way there, level by level', () => {
    expect(found('1')).toEqual([explained, disputed, 'answered/other']);
    expect(found('2')).toEqual(['case/complaint', 'case/fault']);
    expect(searchOutcomes(tree, '22', spoken, [])[0]?.digits).toBe('22');
  });

  it('nothing fits: nothing is found, whatever is typed', () => {
    for (const text of ['xyz', '投诉 huafei', '9', '.*', '%', '\\', '__proto__']) expect(found(text)).toEqual([]);
  });

  it('an outcome used lately comes first among those that fit as well, not before what fits better', () => {
    expect(found('hf', [['answered', 'bill', 'disputed']])).toEqual([disputed, explained]);
    expect(found('yijieshi', [['answered', 'bill', 'disputed']])).toEqual([explained]);
  });

  it('without a text: what was used lately, the newest first, as far as the tree still has it', () => {
    const used = [['wrong'], ['gone'], ['answered', 'bill'], ['case', 'fault']];
    expect(found('  ', used)).toEqual(['wrong', 'case/fault']);
    expect(stillThere(tree, used)).toHaveLength(2);
    expect(found('')).toEqual([]);
  });

  it('labels without a spelling are found as they are written', () => {
    expect(searchOutcomes(tree, 'dacuo', {}, [])).toEqual([]);
    expect(searchOutcomes(tree, '打', {}, [])[0]?.path).toEqual(['wrong']);
  });
});

describe('R28 what calls about a matter ended with', () => {
  const use = (topicId: string | null, ...path: string[]): OutcomeUse => ({ treeId: tree.id, topicId, path });

  it('of the same matter first, each once, the newest first', () => {
    const uses = [use('bill', 'wrong'), use('net', 'case', 'fault'), use('bill', 'case', 'complaint')].reduce<
      readonly OutcomeUse[]
    >(withUse, []);
    expect(recentOf(uses, tree, 'bill')).toEqual([['case', 'complaint'], ['wrong'], ['case', 'fault']]);
    expect(recentOf(uses, tree, 'net')[0]).toEqual(['case', 'fault']);
    expect(recentOf(withUse(uses, use('bill', 'wrong')), tree, 'bill')[0]).toEqual(['wrong']);
  });

  it('of this tree alone, and no more than sixty are kept', () => {
    expect(recentOf([{ ...use('bill', 'wrong'), treeId: 'sales' }], tree, 'bill')).toEqual([]);
    let uses: readonly OutcomeUse[] = [];
    for (let n = 0; n < 100; n += 1) uses = withUse(uses, use(`t${n}`, 'wrong'));
    expect(uses).toHaveLength(60);
    expect(recentOf(uses, tree, 't99')).toEqual([['wrong']]);
  });
});

it.each(['constructor', '__proto__', 'toString'])('security 21: an outcome named %s is an outcome', (name) => {
  const odd = DispositionTree.parse({ id: 'odd', queues: [], roots: [node('odd', name, 'Odd')] });
  expect(searchOutcomes(odd, 'odd', spoken, []).map(({ path }) => path)).toEqual([['odd']]);
});
