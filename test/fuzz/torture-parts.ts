import { request, response, type Fields } from '../renderer/phone/lab/sip-texts.ts';

/** A torture message as its table has it; `make` is given the name. */
export type TortureRow = readonly [
  name: string,
  /** RFC and section, or `own`. */
  from: string,
  situation: string,
  /** What a seat makes of it: `accepted`, or `refused: ` and why (the guard's reason, the parser's, or the status it answers). */
  decision: string,
  make: (name: string) => string | Uint8Array,
];

type Make = (name: string) => string;
type Change = (text: string) => string;
const asItIs: Change = (text) => text;

/** Fixed numbers: the corpus is the same bytes on every machine. */
const fixed = (name: string, fields: Fields): Fields => ({
  Via: `SIP/2.0/WS pbx.lab.invalid:8088;branch=z9hG4bKtorture-${name}`,
  'Call-ID': `${name}@pbx.lab.invalid`,
  ...fields,
});

/** A request to the seat, and last of all a change of its text. */
export const ask =
  (method: string, fields: Fields = {}, body = '', change: Change = asItIs): Make =>
  (name) =>
    change(request(method, fixed(name, fields), body));

/** An answer that carries the seat's own Via. */
export const reply =
  (status: number, fields: Fields = {}, change: Change = asItIs): Make =>
  (name) =>
    change(response(status, fixed(name, { Via: ownVia(name), ...fields })));

const ownVia = (name: string): string => `SIP/2.0/WSS 700080000123456789ab.invalid;branch=z9hG4bKtorture-${name}`;

/** Another request address. */
export const uri =
  (text: string): Change =>
  (message) =>
    message.replace('sip:agent1@lab.invalid', text);

export const x = (length: number): string => 'x'.repeat(length);
