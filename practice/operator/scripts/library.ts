import { Script } from '../../../shared/script.ts';

/** Answers that several scripts share (R18), each an entry of the objections library. */
const entry = (
  id: string,
  category: NonNullable<Script['objection']>['category'],
  [zh, en]: readonly [zh: string, en: string],
  [sayZh, sayEn]: readonly [zh: string, en: string],
): Script =>
  Script.parse({
    ...{ id, version: 1, title: { zh, en }, kind: 'information', first: 'answer', objections: [] },
    steps: [{ id: 'answer', part: 'objections', say: { zh: sayZh, en: sayEn }, answers: [], next: null }],
    objection: { category },
  });

export const libraryEntries: readonly Script[] = [
  entry(
    'objection-busy',
    'time',
    ['现在没空', 'No time now'],
    [
      '理解，您先忙。我把要点发短信给您，您看什么时候方便再联系？',
      'Of course. I will text you the main points; when may I call again?',
    ],
  ),
  entry(
    'objection-think',
    'need',
    ['再考虑一下', 'I will think about it'],
    [
      '好的，不着急。您主要想再看哪一点？我现在就可以讲清楚。',
      'There is no hurry. Which point would you like to think about? I can explain it now.',
    ],
  ),
  entry(
    'objection-contract',
    'trust',
    ['怕被套牢', 'Afraid of being tied'],
    [
      '合约期内怎么退、退要付多少，办理之前我都会逐项念给您听，您同意才办。',
      'How to leave and what it costs I read out to you before anything is ordered; it is done only if you agree.',
    ],
  ),
];

/** By scripts that sell: at the steps where customers decide they come first. */
export const sharedObjections: NonNullable<Script['library']> = libraryEntries.map(({ id }) => ({
  id,
  steps: id === 'objection-busy' ? ['open'] : ['decide', 'disclose'],
}));
