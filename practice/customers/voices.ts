import { readFileSync } from 'node:fs';
import type { Language } from '../../shared/text.ts';

/** What customers say. The recordings are made by voices/make.sh; texts and files must stay in step. */
export const requests = ['bill', 'higher', 'cancel', 'details', 'slow'] as const;
export type RequestLine = (typeof requests)[number];
export type Line = RequestLine | 'hello' | 'yes' | 'no' | 'bye';
export const lines: readonly Line[] = [...requests, 'hello', 'yes', 'no', 'bye'];

/** µ-law, 8,000 samples per second, one byte each. */
export type Voice = Readonly<Record<Line, Uint8Array>>;

const read = (language: 'zh' | 'en'): Voice => {
  const clip = (line: Line): Uint8Array => readFileSync(new URL(`../voices/${language}-${line}.ulaw`, import.meta.url));
  return {
    bill: clip('bill'),
    higher: clip('higher'),
    cancel: clip('cancel'),
    details: clip('details'),
    slow: clip('slow'),
    hello: clip('hello'),
    yes: clip('yes'),
    no: clip('no'),
    bye: clip('bye'),
  };
};

/** Reads all recordings once (0.4 MB); throws when one is missing. */
export const loadVoices = (): Readonly<Record<Language, Voice>> => ({ 'zh-CN': read('zh'), en: read('en') });
