import { printable } from '../../shared/phone-number.ts';

/** Reading and writing the few texts of a SIP message that people or other systems choose (security 71, 72, 76). */

/** A header value we send: nothing that could end the line or the message. */
export const headerValue = (text: string): string => text.replace(/[\r\n\0]/g, '').slice(0, 200);

/** The user part of From as presented; `anonymous` and nothing at all mean withheld. Inert, at most 64 characters. */
export const presentedNumber = (user: string | undefined): string => printable(decoded(user ?? ''));

/** A display name as its writer meant it: quoted pairs undone (RFC 3261 25.1), which SIP.js leaves as they came. Inert. */
export const presentedName = (name: string | undefined): string => printable((name ?? '').replace(/\\([^])/gu, '$1'));

/** X-Queue: a name of ours or nothing. */
export const queueName = (value: string | undefined): string | undefined =>
  value !== undefined && /^[A-Za-z0-9._:-]{1,64}$/.test(value.trim()) ? value.trim() : undefined;

/** X-Colleague: an agent's number, from our own PBX. */
export const colleagueNumber = (value: string | undefined): string | undefined =>
  value !== undefined && /^\d{3,8}$/.test(value.trim()) ? value.trim() : undefined;

/** X-Supervision: central's name for a lead's ear, or a text that is nobody's. */
export const supervisionName = (value: string | undefined): string | undefined => {
  if (value === undefined) return undefined;
  const text = value.trim();
  return /^[\w-]{1,64}$/.test(text) ? text : '';
};

/** X-Dialled: the contact of a customer whom central called, or a text that is nobody's. */
export const dialledName = (value: string | undefined): string | undefined =>
  value === undefined ? undefined : (contactIdText(value) ?? '');

/** X-Contact-Id: a UUID or nothing; a PBX may write it in capitals. */
export const contactIdText = (value: string | undefined): string | undefined => {
  const text = value?.trim().toLowerCase() ?? '';
  return /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(text) ? text : undefined;
};

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};
