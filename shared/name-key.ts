/**
 * What a name is found by. A seat holds the surname, the length of the given name and a *mark* of it (R44): one of 32 boxes its initials
 * fall into. A mark confirms no name, for thousands share it, and yet of a hundred people called 李 with two characters it leaves three.
 * The full name and its pinyin are at central alone.
 */
export type Pinyin = {
  /** Every reading of one character, without tones, ü as v; empty when it has none. */
  readonly of: (character: string) => readonly string[];
  /** How a surname is read as one, syllable by syllable: 单 shan, 尉迟 yu chi. */
  readonly surname: (surname: string) => readonly (readonly string[])[];
};

export const markCount = 32;
/** Polyphonic characters multiply: 重行 has six readings. More than these are left out. */
const mostReadings = 16;

const plain = (text: string): string => text.normalize('NFKC').toLowerCase().trim();
const isHan = (text: string): boolean => /^\p{Script=Han}/u.test(text);

/** 李建国 without 李 is 建国; Oliver Ashworth without Ashworth is oliver. */
export const givenOf = (full: string, surname: string): string => {
  const [whole, family] = [plain(full), plain(surname)];
  if (whole.startsWith(family)) return whole.slice(family.length).trim();
  return whole.endsWith(family) ? whole.slice(0, -family.length).trim() : whole;
};

const combined = (parts: readonly (readonly string[])[]): readonly string[] => {
  let made: readonly string[] = [''];
  for (const options of parts)
    made = made.flatMap((before) => options.map((one) => before + one)).slice(0, mostReadings);
  return [...new Set(made)];
};

/** ü is typed as v, u or yu: 吕 is lv, lu and lyu. */
const spellings = (syllable: string): readonly string[] =>
  syllable.includes('v') ? [syllable, syllable.replace('v', 'u'), syllable.replace('v', 'yu')] : [syllable];

const initialsOfCharacter = (character: string, pinyin: Pinyin): readonly string[] => {
  const readings = pinyin.of(character);
  return readings.length === 0 ? [character] : [...new Set(readings.map((reading) => reading.slice(0, 1)))];
};

/** First letters of a given name, in every reading. */
export const initialsOf = (given: string, pinyin: Pinyin): readonly string[] => {
  if (given === '') return [];
  if (isHan(given)) return combined(Array.from(given, (character) => initialsOfCharacter(character, pinyin)));
  const words = plain(given).split(/[\s·.-]+/u);
  return [words.map((word) => word.slice(0, 1)).join('')];
};

/** FNV-1a over the initials, cut to 5 bits. */
export const markOf = (initials: string): number => {
  let hash = 0x81_1c_9d_c5;
  for (const character of initials) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01_00_01_93) >>> 0;
  // The low bits of FNV alone are weak on two letters.
  return ((hash ^ (hash >>> 15)) >>> 0) % markCount;
};

/** The marks of a full name: one for most, more when it can be read in several ways. */
export const marksOf = (full: string, surname: string, pinyin: Pinyin): readonly number[] =>
  [...new Set(initialsOf(givenOf(full, surname), pinyin).map(markOf))].sort((one, other) => one - other);

const standalone = 'a|o|e|ai|ei|ao|ou|er|an|en|ang';
const finals =
  'iang|iong|uang|ang|eng|ing|ong|iao|ian|uai|uan|van|ai|ei|ui|ao|ou|iu|ie|ve|ue|an|en|in|un|vn|ia|ua|uo|er|a|o|e|i|u|v';
const starts = 'zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw]';
const syllable = new RegExp(`^(?:(?:${starts})(?:${finals})|${standalone}|${starts})$`);
const longestSyllable = 6;
/** Nobody's given name has more. */
const longestGiven = 4;

/**
 * Letters as an agent types a given name, as the initials they may stand for: jianguo and jg are "jg", and also what else they may be
 * split into. Each may be a whole syllable or only its beginning.
 */
export const initialsTyped = (letters: string, most = longestGiven): readonly string[] => {
  if (letters === '') return [''];
  if (most === 0) return [];
  const found = new Set<string>();
  for (let length = Math.min(longestSyllable, letters.length); length > 0; length -= 1) {
    if (!syllable.test(letters.slice(0, length))) continue;
    for (const rest of initialsTyped(letters.slice(length), most - 1)) found.add(letters.slice(0, 1) + rest);
  }
  return [...found];
};

/** The surname as it is read: whole, and its initials. */
export const surnameTyped = (
  surname: string,
  pinyin: Pinyin,
): readonly { readonly full: string; readonly short: string }[] =>
  pinyin.surname(surname).flatMap((syllables) => {
    const short = syllables.map((one) => one.slice(0, 1)).join('');
    return combined(syllables.map(spellings)).map((full) => ({ full, short }));
  });

/** At central, by which the full name is found: beginnings of them count. n: as written, p: pinyin, i: initials, the surname whole or not. */
export const nameKeys = (full: string, surname: string, pinyin: Pinyin): readonly string[] => {
  const whole = plain(full);
  const given = givenOf(full, surname);
  if (!isHan(surname)) return [...new Set([whole, `${plain(surname)} ${given}`.trim()])].map((key) => `n${key}`);
  const families = surnameTyped(surname, pinyin);
  const characters = Array.from(given);
  const spoken = combined(characters.map((one) => pinyin.of(one).flatMap(spellings)));
  const initials = combined(characters.map((one) => initialsOfCharacter(one, pinyin)));
  const keys = families.flatMap(({ full: family, short }) => [
    ...spoken.map((rest) => `p${family}${rest}`),
    ...initials.flatMap((rest) => [`i${short}${rest}`, `i${family}${rest}`]),
  ]);
  return [`n${whole}`, ...new Set(keys)];
};
