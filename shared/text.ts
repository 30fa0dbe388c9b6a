import { z } from 'zod';

export const languages = ['zh-CN', 'en'] as const;
export const Language = z.enum(languages);
export type Language = z.infer<typeof Language>;

/** A text that is data (scripts, topics, hints), in both languages of the product. Always shown as inert text. */
export const Text = z.object({ zh: z.string().max(4_000), en: z.string().max(4_000) });
export type Text = z.infer<typeof Text>;

export const inLanguage = (text: Text, language: Language): string => {
  const wanted = language === 'en' ? text.en : text.zh;
  return wanted === '' ? text.zh || text.en : wanted;
};

/** As it can be stored and sent everywhere: without NUL, which PostgreSQL does not take, and without halves of characters. */
export const storable = (text: string): string => text.replaceAll('\0', '').toWellFormed();
