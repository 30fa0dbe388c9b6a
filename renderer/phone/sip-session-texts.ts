import { leastSessionS } from './sip-guard.ts';

/** What session timers (RFC 4028) and refreshes read in a message that passed the guard. */

/** No other side is waited for longer than a day. */
export const longestIntervalS = 86_400;

export const headOf = (text: string): string => text.slice(0, text.indexOf('\r\n\r\n'));
export const callIdOf = (text: string): string => /^(?:Call-ID|i)\s*:\s*(\S+)/im.exec(headOf(text))?.[1] ?? '';
export const cseqOf = (text: string): string =>
  /^CSeq\s*:\s*(\d+)\s+(\S+)/im.exec(headOf(text))?.slice(1).join(' ') ?? '';
export const headerOf = (text: string, names: string): string =>
  new RegExp(`^(?:${names})\\s*:\\s*([^\\r\\n]*)`, 'im').exec(headOf(text))?.[1]?.trim() ?? '';
export const tagOf = (text: string, names: string): string =>
  /;\s*tag\s*=\s*([^\s;,>]+)/i.exec(headerOf(text, names))?.[1] ?? '';
export const supportsTimer = (text: string): boolean => /^(?:Supported|k)\s*:[^\r\n]*\btimer\b/im.test(headOf(text));

export const sessionExpires = (
  text: string,
): { readonly intervalS: number; readonly refresher: 'uac' | 'uas' | undefined } | undefined => {
  const match = /^(?:Session-Expires|x)\s*:\s*(\d{1,6})([^\r\n]{0,200})/im.exec(headOf(text));
  const intervalS = Number(match?.[1] ?? 0);
  if (intervalS < leastSessionS) return undefined;
  const refresher = /;\s*refresher\s*=\s*(uac|uas)\b/i.exec(match?.[2] ?? '')?.[1]?.toLowerCase();
  return {
    intervalS: Math.min(longestIntervalS, intervalS),
    refresher: refresher === 'uac' || refresher === 'uas' ? refresher : undefined,
  };
};
