/**
 * A language for looking, not for reading: every letter with an accent, every word about 40 % longer, as German or Finnish would be.
 * Placeholders and the syntax of plurals stay as they are (ICU: text lies at an even depth of braces).
 */
const accents: Readonly<Record<string, string>> = { a: 'áā', e: 'éē', i: 'íī', o: 'óō', u: 'úū', y: 'ýÿ' };

export const pseudo = (text: string): string => {
  let depth = 0;
  let out = '';
  let run = '';
  const flush = (): void => {
    out += depth % 2 === 0 ? longer(run) : run;
    run = '';
  };
  for (const char of text) {
    if (char !== '{' && char !== '}') {
      run += char;
      continue;
    }
    flush();
    out += char;
    depth += char === '{' ? 1 : -1;
  }
  flush();
  return out;
};

/** Keys are not words: F8, Ctrl+Enter, Esc. */
const isKey = (word: string): boolean => /^(?:F\d+|Ctrl\S*|Esc|Enter|MOS|\W+)$/.test(word);

const longer = (run: string): string =>
  run.replaceAll(/\S+/g, (word) =>
    isKey(word)
      ? word
      : word
          .replaceAll(/[aeiouy]/g, (vowel) => accents[vowel] ?? vowel)
          .replaceAll(/[AEIOU]/g, (vowel) => `${vowel}\u0301`),
  );
