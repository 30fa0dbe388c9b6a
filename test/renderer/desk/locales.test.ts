import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { wordsIn } from '../../../renderer/desk/i18n.ts';
import en from '../../../renderer/desk/locales/en.json' with { type: 'json' };
import zh from '../../../renderer/desk/locales/zh-CN.json' with { type: 'json' };
import { refusal, refusalKinds } from '../../../shared/result.ts';
import type { Language } from '../../../shared/text.ts';
import { factors } from '../../../shared/verification-tables.ts';

const root = new URL('../../../', import.meta.url).pathname;
const locales: readonly (readonly [Language, Readonly<Record<string, string>>])[] = [
  ['zh-CN', zh],
  ['en', en],
];

/** Every reason any part of the seat gives, read from the code. */
const reasons = (): ReadonlySet<string> => {
  const files = ['shared', 'main', 'renderer', 'central'].flatMap((folder) =>
    globSync(`${folder}/**/*.ts`, {
      cwd: root,
      exclude: (name) => name.includes('.tsbuild') || name.includes('node_modules'),
    }),
  );
  const found = new Set<string>();
  for (const file of files)
    for (const [, reason] of readFileSync(root + file, 'utf8').matchAll(/refusal\(\s*'[a-zA-Z]+',\s*'([a-zA-Z]+)'/g))
      if (reason !== undefined) found.add(reason);
  return found;
};

describe('the texts', () => {
  it('have the same keys in both languages', () => {
    expect(Object.keys(en).toSorted()).toEqual(Object.keys(zh).toSorted());
  });

  it.each(locales)('%s: a sentence for every kind of refusal and every reason in the code', (_language, texts) => {
    const wanted = [
      ...refusalKinds.map((kind) => `refusal.${kind}`),
      ...[...reasons()].map((reason) => `reason.${reason}`),
    ];
    expect(wanted.length).toBeGreaterThan(50);
    expect(wanted.filter((key) => !(key in texts))).toEqual([]);
  });

  it.each(locales)('%s: every factor has a name and a question to ask', (_language, texts) => {
    expect(factors.filter((factor) => !(`factor.${factor}` in texts) || !(`verify.ask.${factor}` in texts))).toEqual(
      [],
    );
  });

  it('a refusal is told by its reason, an unknown reason by its kind, a time as a time', () => {
    const words = wordsIn('zh-CN');
    expect(words.refusal(refusal('policy', 'redList'))).toBe(zh['reason.redList']);
    expect(words.refusal(refusal('policy', 'somethingNew'))).toBe(zh['refusal.policy']);
    const untilMs = new Date(2026, 10, 22, 14, 5).getTime();
    expect(words.refusal(refusal('locked', 'verificationLocked', { untilMs }))).toContain('11-22 周日 14:05');
  });

  it('plurals are English ones', () => {
    const words = wordsIn('en');
    expect(words.t('verify.left', { count: 1 })).toBe('1 try left');
    expect(words.t('verify.left', { count: 2 })).toBe('2 tries left');
  });
});
