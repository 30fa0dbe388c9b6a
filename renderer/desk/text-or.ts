import { inLanguage, type Language, type Text } from '../../shared/text.ts';

export const textOr = (text: Text | null, language: Language, otherwise: string): string =>
  text === null ? otherwise : inLanguage(text, language);
