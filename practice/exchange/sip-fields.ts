/** The parts of SIP header fields an exchange must read (RFC 3261 §20, §25). Reading never throws: nonsense is `undefined`. */

export type SipUri = { readonly scheme: 'sip' | 'sips'; readonly user: string; readonly host: string };

export type NameAddress = {
  readonly display: string;
  readonly uri: string;
  /** Parameters of the field itself (tag, expires, +sip.instance); names in lower case, quotes removed. */
  readonly params: ReadonlyMap<string, string>;
};

export type CSeq = { readonly number: number; readonly method: string };

/** `user` is percent-decoded and without its password; ports and parameters are not looked at, the exchange is one domain. */
export const parseUri = (text: string): SipUri | undefined => {
  const match = /^(sips?):(?:([^@\s<>]*)@)?([^;?\s<>@]+)(?:[;?][^\s<>]*)?$/i.exec(text);
  if (match?.[1] === undefined || match[3] === undefined) return undefined;
  const user = decoded((match[2] ?? '').split(/[:;]/)[0] ?? '');
  if (user === undefined) return undefined;
  return {
    scheme: match[1].toLowerCase() === 'sips' ? 'sips' : 'sip',
    user,
    host: match[3].replace(/:\d*$/, '').toLowerCase(),
  };
};

const decoded = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
};

/** From, To, Contact, Route: `"Display" <uri>;params` or `uri;params`. */
export const parseNameAddress = (value: string): NameAddress | undefined => {
  const bracketed = /^\s*("(?:[^"\\]|\\.)*"|[^"<]*?)\s*<([^<>\s]+)>\s*(.*)$/s.exec(value);
  if (bracketed?.[2] !== undefined)
    return { display: unquoted(bracketed[1] ?? ''), uri: bracketed[2], params: parseParams(bracketed[3] ?? '') };
  const bare = /^\s*([a-z][a-z0-9+.-]*:[^\s;<>"]+)\s*(.*)$/is.exec(value);
  if (bare?.[1] === undefined) return undefined;
  return { display: '', uri: bare[1], params: parseParams(bare[2] ?? '') };
};

const unquoted = (text: string): string =>
  text.startsWith('"') ? text.slice(1, -1).replace(/\\(.)/gs, '$1') : text.trim();

/** `;name=value;flag;name="quoted"` */
export const parseParams = (text: string): ReadonlyMap<string, string> => {
  const params = new Map<string, string>();
  for (const part of splitOutsideQuotes(text, ';')) {
    const [name, ...rest] = part.split('=');
    const key = (name ?? '').trim().toLowerCase();
    if (key !== '' && !params.has(key)) params.set(key, unquoted(rest.join('=').trim()));
  }
  return params;
};

/** The branch of a Via value; `undefined` when there is none. */
export const viaBranch = (value: string): string | undefined => {
  const at = value.indexOf(';');
  return at === -1 ? undefined : parseParams(value.slice(at)).get('branch');
};

export const parseCSeq = (value: string): CSeq | undefined => {
  const match = /^\s*(\d{1,10})\s+([A-Za-z0-9\-.!%*_+`'~]+)\s*$/.exec(value);
  if (match?.[1] === undefined || match[2] === undefined) return undefined;
  const number = Number(match[1]);
  return number < 2 ** 31 ? { number, method: match[2] } : undefined;
};

/** Splits a list field at its separators, leaving quoted strings and `<…>` whole. */
export const splitOutsideQuotes = (text: string, separator: ',' | ';'): readonly string[] => {
  const parts: string[] = [];
  let start = 0;
  let isQuoted = false;
  let isBracketed = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (isQuoted && c === '\\') i++;
    else if (c === '"') isQuoted = !isQuoted;
    else if (!isQuoted && c === '<') isBracketed = true;
    else if (!isQuoted && c === '>') isBracketed = false;
    else if (c === separator && !isQuoted && !isBracketed) {
      parts.push(text.slice(start, i));
      start = i + 1;
    }
  }
  parts.push(text.slice(start));
  return parts.map((part) => part.trim()).filter((part) => part !== '');
};
