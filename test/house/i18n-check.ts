import { IntlMessageFormat } from 'intl-messageformat';
import { parseSync, Visitor, type ESTree } from 'vite';

/** The texts of one language: flat key → ICU message. */
export type Texts = Readonly<Record<string, string>>;

export interface Checked {
  /** Path → source text of the pages. */
  readonly sources: ReadonlyMap<string, string>;
  readonly zh: Texts;
  readonly en: Texts;
}

/** Attributes a person reads or hears. */
const READ_ALOUD = new Set([
  'title',
  'alt',
  'placeholder',
  'label',
  'aria-label',
  'aria-description',
  'aria-roledescription',
]);

const HAN = /\p{Script=Han}/u;
const LETTERS = /\p{L}{2,}/u;

/** Every way the pages and their texts disagree, one sentence each; none is the good case. */
export function i18nProblems({ sources, zh, en }: Checked): readonly string[] {
  const found = [...sources].map(([path, code]) => readSource(path, code));
  return [
    ...found.flatMap(({ problems }) => problems),
    ...missing(zh, en, 'en.json'),
    ...missing(en, zh, 'zh-CN.json'),
    ...unknownKeys(found, zh),
    ...unusedKeys(found, zh),
    ...untranslated(zh, en),
    ...differingArguments(zh, en),
  ];
}

interface SourceTexts {
  readonly path: string;
  readonly problems: readonly string[];
  /** Literal keys given to t(…) or i18nKey. */
  readonly asked: readonly string[];
  /** All literals, for keys kept in tables. */
  readonly literals: ReadonlySet<string>;
  /** Template literals as patterns: `state.${kind}` may be any key that begins with `state.`. */
  readonly patterns: readonly RegExp[];
}

function readSource(path: string, code: string): SourceTexts {
  const problems: string[] = [];
  const asked: string[] = [];
  const literals = new Set<string>();
  const patterns: RegExp[] = [];
  const where = (at: { readonly start: number }): string => `${path}:${code.slice(0, at.start).split('\n').length}`;
  const read = (text: string, at: { readonly start: number }): void => {
    if (HAN.test(text))
      problems.push(`${where(at)}: Chinese text in code ("${text.trim()}"): move it to locales/ and ask for its key`);
  };

  /** Where a Text {zh, en} has its Chinese: the phone page is without ICU messages and keeps its few words as such pairs. */
  const paired = new Set<number>();

  const parsed = parseSync(path, code);
  for (const error of parsed.errors) problems.push(`${path}: ${error.message}`);
  new Visitor({
    ObjectExpression(node) {
      const { zh, en } = Object.fromEntries(node.properties.flatMap(literalProperty));
      if (path.startsWith('phone/') && zh && en) paired.add(zh.start);
    },
    Literal(node) {
      if (typeof node.value !== 'string') return;
      literals.add(node.value);
      if (!paired.has(node.start)) read(node.value, node);
    },
    TemplateLiteral(node) {
      const parts = node.quasis.map(({ value }) => value.cooked ?? value.raw);
      parts.forEach((part) => read(part, node));
      if (parts.length > 1 && parts.some((part) => part !== '')) patterns.push(asPattern(parts));
    },
    JSXText(node) {
      if (LETTERS.test(node.value))
        problems.push(`${where(node)}: text in JSX ("${node.value.trim()}"): move it to locales/ and ask for its key`);
    },
    JSXAttribute(node) {
      const text = node.value?.type === 'Literal' ? node.value.value : undefined;
      if (node.name.type !== 'JSXIdentifier' || typeof text !== 'string') return;
      if (node.name.name === 'i18nKey') asked.push(text);
      if (READ_ALOUD.has(node.name.name) && LETTERS.test(text))
        problems.push(`${where(node)}: text in ${node.name.name} ("${text}"): move it to locales/ and ask for its key`);
    },
    CallExpression(node) {
      const key = node.arguments[0];
      if (isTranslate(node.callee) && key?.type === 'Literal' && typeof key.value === 'string') asked.push(key.value);
    },
  }).visit(parsed.program);
  return { path, problems, asked, literals, patterns };
}

/** [name, value] of a property whose value is a string that says something. */
function literalProperty(property: ESTree.ObjectPropertyKind): [string, { readonly start: number }][] {
  if (property.type !== 'Property' || property.key.type !== 'Identifier' || property.value.type !== 'Literal')
    return [];
  return property.value.value ? [[property.key.name, property.value]] : [];
}

function isTranslate(callee: ESTree.Expression): boolean {
  if (callee.type === 'Identifier') return callee.name === 't';
  return callee.type === 'MemberExpression' && callee.property.type === 'Identifier' && callee.property.name === 't';
}

const asPattern = (parts: readonly string[]): RegExp =>
  new RegExp(`^${parts.map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.+')}$`);

const missing = (from: Texts, to: Texts, file: string): string[] =>
  Object.keys(from)
    .filter((key) => !to[key]?.trim())
    .map((key) => `${key}: missing in ${file}`);

const unknownKeys = (found: readonly SourceTexts[], texts: Texts): string[] =>
  found.flatMap(({ path, asked }) =>
    asked.filter((key) => !(key in texts)).map((key) => `${path}: asks for ${key}, which no locale has`),
  );

function unusedKeys(found: readonly SourceTexts[], texts: Texts): string[] {
  const isUsed = (key: string): boolean =>
    found.some(({ literals, patterns }) => literals.has(key) || patterns.some((pattern) => pattern.test(key)));
  return Object.keys(texts)
    .filter((key) => !isUsed(key))
    .map((key) => `${key}: used nowhere, delete it from both locales`);
}

const untranslated = (zh: Texts, en: Texts): string[] =>
  Object.keys(zh).flatMap((key) => {
    const chinese = zh[key] ?? '';
    const english = en[key] ?? '';
    if (HAN.test(english)) return [`${key}: Chinese characters in en.json`];
    return chinese === english && /\p{L}{3,} \p{L}{2,}/u.test(literalText(english))
      ? [`${key}: not translated in zh-CN.json`]
      : [];
  });

/** A message without its {arguments}. */
const literalText = (message: string): string => message.replaceAll(/\{[^{}]*\}/g, '');

function differingArguments(zh: Texts, en: Texts): string[] {
  return Object.keys(zh).flatMap((key) => {
    const chinese = zh[key];
    const english = en[key];
    if (!chinese || !english) return [];
    try {
      const inChinese = argumentsOf(chinese, 'zh-CN');
      const inEnglish = argumentsOf(english, 'en');
      return inChinese === inEnglish
        ? []
        : [`${key}: arguments differ: ${inChinese || 'none'} in zh-CN, ${inEnglish || 'none'} in en`];
    } catch (error) {
      return [`${key}: not an ICU message: ${String(error)}`];
    }
  });
}

const argumentsOf = (message: string, language: string): string =>
  [...new Set(namesIn(new IntlMessageFormat(message, language).getAst()))].toSorted().join(', ');

/** The parser's kind of plain text; its enum is not exported. */
const LITERAL = 0;

type MessageParts = ReturnType<IntlMessageFormat['getAst']>;

/** Names of all arguments and tags, inside branches as well; a select with its branches, for both must know each. */
function namesIn(elements: MessageParts): string[] {
  return elements.flatMap((element) => {
    if ('options' in element) {
      const inside = Object.values(element.options).flatMap((option) => namesIn(option.value));
      // Plural branches follow each language; those of a select are the program's words.
      const isSelect = !('pluralType' in element);
      return [
        isSelect ? `${element.value}(${Object.keys(element.options).toSorted().join('|')})` : element.value,
        ...inside,
      ];
    }
    if ('children' in element) return [`<${element.value}>`, ...namesIn(element.children)];
    // Plain text is no argument, and the # of a plural has no name.
    const kind: number = element.type;
    return kind !== LITERAL && 'value' in element ? [element.value] : [];
  });
}
