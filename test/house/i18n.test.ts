import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { i18nProblems, type Checked } from './i18n-check.ts';

const renderer = fileURLToPath(new URL('../../renderer/', import.meta.url));

const sound: Checked = {
  sources: new Map([
    [
      'desk/hello.tsx',
      "const keys = ['late'];\nexport const Hello = ({ t, kind }) => <p title={t('hello', { name })}>{t(`state.${kind}`)}</p>;",
    ],
  ]),
  zh: { hello: '{name}，您好', late: '{n, plural, other {晚了 # 分钟}}', 'state.ready': '就绪' },
  en: {
    hello: 'Hello {name}',
    late: '{n, plural, one {# minute late} other {# minutes late}}',
    'state.ready': 'Ready',
  },
};

const withSource = (code: string): Checked => ({
  ...sound,
  sources: new Map([...sound.sources, ['desk/planted.tsx', code]]),
});

const withPhoneText = (text: string): Checked => ({
  ...sound,
  sources: new Map([...sound.sources, ['phone/planted.ts', `export const x = ${text};`]]),
});

describe('I18N-1 the check sees each planted problem', () => {
  it('finds nothing in sound texts', () => {
    expect(i18nProblems(sound)).toEqual([]);
    expect(i18nProblems(withPhoneText("{ zh: '您好', en: 'Hello' }"))).toEqual([]);
  });

  it.each<[string, Checked, string]>([
    ['a key missing in English', { ...sound, en: { ...sound.en, late: '' } }, 'late: missing in en.json'],
    [
      'a key missing in Chinese',
      { ...sound, en: { ...sound.en, 'state.busy': 'Busy' } },
      'state.busy: missing in zh-CN.json',
    ],
    [
      'an unused key',
      { ...sound, zh: { ...sound.zh, old: '旧' }, en: { ...sound.en, old: 'Old' } },
      'old: used nowhere',
    ],
    ['an unknown key', withSource("export const x = t('nope');"), 'asks for nope'],
    [
      'a different argument',
      { ...sound, en: { ...sound.en, hello: 'Hello {who}' } },
      'hello: arguments differ: name in zh-CN, who in en',
    ],
    ['a missing argument', { ...sound, en: { ...sound.en, hello: 'Hello' } }, 'hello: arguments differ'],
    ['a broken message', { ...sound, en: { ...sound.en, hello: 'Hello {name' } }, 'hello: not an ICU message'],
    [
      'a missing branch',
      {
        ...sound,
        zh: { ...sound.zh, 'state.x': '{s, select, a {甲} b {乙} other {丙}}' },
        en: { ...sound.en, 'state.x': '{s, select, a {A} other {C}}' },
      },
      'state.x: arguments differ',
    ],
    [
      'Chinese in English',
      { ...sound, en: { ...sound.en, 'state.ready': '就绪' } },
      'state.ready: Chinese characters in en.json',
    ],
    [
      'English in Chinese',
      {
        ...sound,
        zh: { ...sound.zh, 'state.ready': 'Ready to go' },
        en: { ...sound.en, 'state.ready': 'Ready to go' },
      },
      'state.ready: not translated',
    ],
    ['Chinese in a literal', withSource("export const x = '您好';"), 'desk/planted.tsx:1: Chinese text in code'],
    [
      'Chinese in a template',
      withSource('export const x = (n) => `${n}位`;'),
      'desk/planted.tsx:1: Chinese text in code',
    ],
    ['Chinese without English on the phone page', withPhoneText("{ zh: '您好' }"), 'phone/planted.ts:1: Chinese text'],
    ['Chinese with empty English there', withPhoneText("{ zh: '您好', en: '' }"), 'phone/planted.ts:1: Chinese text'],
    [
      'a pair of texts in the desk',
      withSource("export const x = { zh: '您好', en: 'Hello' };"),
      'desk/planted.tsx:1: Chinese',
    ],
    [
      'text in JSX',
      withSource('export const X = () =>\n  <p>Good morning</p>;'),
      'desk/planted.tsx:2: text in JSX ("Good morning")',
    ],
    [
      'text in an attribute',
      withSource('export const X = () => <input placeholder="Your name" />;'),
      'text in placeholder',
    ],
  ])('%s', (_name, checked, sentence) => {
    expect(i18nProblems(checked)).toEqual([expect.stringContaining(sentence)]);
  });
});

describe('I18N-2 desk and phone speak both languages fully', () => {
  it('has no missing, unused, unknown or differing text and none in the code', () => {
    const texts = z.record(z.string(), z.string());
    const locale = (name: string) =>
      texts.parse(JSON.parse(readFileSync(join(renderer, `desk/locales/${name}.json`), 'utf8')));
    const files = readdirSync(renderer, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !entry.parentPath.includes('.tsbuild'))
      .map((entry) => join(entry.parentPath, entry.name));
    const sources = new Map(
      files.map((file) => [relative(renderer, file).replaceAll('\\', '/'), readFileSync(file, 'utf8')]),
    );
    expect(sources.size).toBeGreaterThan(10);
    expect(i18nProblems({ sources, zh: locale('zh-CN'), en: locale('en') })).toEqual([]);
  });

  // JSON takes the last of two; the first is then a sentence nobody reads, and whoever changes it changes nothing.
  it.each(['zh-CN', 'en'])('has no text twice (%s)', (name) => {
    const keys = [
      ...readFileSync(join(renderer, `desk/locales/${name}.json`), 'utf8').matchAll(/^ {2}"([^"]+)":/gm),
    ].map(([, key]) => key);
    expect(keys.length).toBeGreaterThan(100);
    expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([]);
  });
});
