import { createHash } from 'node:crypto';
import { parseParams, splitOutsideQuotes } from '../../practice/exchange/sip-fields.ts';
import { sipHeader, type SipHeader, type SipMessage } from '../../practice/exchange/sip-message.ts';

/** The client's half of digest authentication, written from RFC 7616 §3.4 apart from the server's. */
export const authorise = (
  challenge: SipMessage,
  given: {
    readonly user: string;
    readonly password: string;
    readonly method: string;
    readonly uri: string;
    readonly algorithm: 'MD5' | 'SHA-256';
    readonly nc?: string;
  },
): SipHeader => {
  const offered = challenge.headers.find(
    (h) => h.name === 'www-authenticate' && h.value.includes(`algorithm=${given.algorithm},`),
  );
  const fields = parseParams(splitOutsideQuotes((offered?.value ?? '').replace(/^Digest /, ''), ',').join(';'));
  const realm = fields.get('realm') ?? '';
  const nonce = fields.get('nonce') ?? '';
  const hash = (text: string): string =>
    createHash(given.algorithm === 'MD5' ? 'md5' : 'sha256')
      .update(text)
      .digest('hex');
  const nc = given.nc ?? '00000001';
  const secret = hash(`${given.user}:${realm}:${given.password}`);
  const response = hash(`${secret}:${nonce}:${nc}:c0ffee:auth:${hash(`${given.method}:${given.uri}`)}`);
  return sipHeader(
    'Authorization',
    `Digest algorithm=${given.algorithm}, username="${given.user}", realm="${realm}", nonce="${nonce}", uri="${given.uri}", response="${response}", qop=auth, cnonce="c0ffee", nc=${nc}`,
  );
};
