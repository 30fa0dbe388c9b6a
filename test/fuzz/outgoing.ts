/**
 * Security 71: what a peer wrote never becomes a header of ours. A message of one kind has the same headers whatever was received;
 * only the path, copied hop by hop, the answer to a challenge and fixed ones of ours may come and go.
 */
export type Outgoing = { readonly faultOf: (text: string) => string | undefined };

const optional = /^(?:via|route|record-route|authorization|proxy-authorization|allow|retry-after|reason)$/;

export const watchOutgoing = (): Outgoing => {
  const usual = new Map<string, string>();
  return {
    faultOf: (text) => {
      const [start = '', ...lines] = (text.split('\r\n\r\n')[0] ?? '').split('\r\n');
      if (/[\r\n\0]/.test([start, ...lines].join(''))) return `a line end inside a header: ${start}`;
      const names = lines.map((line) => /^([A-Za-z0-9-]+): /.exec(line)?.[1]?.toLowerCase() ?? `?${line}`);
      const cseq = lines
        .find((line) => line.startsWith('CSeq: '))
        ?.split(' ')
        .at(-1);
      const kind = /^SIP\/2\.0 (\d+)/.exec(start)?.[1] ?? start.split(' ')[0];
      // SIP.js writes the ACK of a refusal itself, without its product's name.
      const key = `${kind} ${cseq}${kind === 'ACK' && names.includes('user-agent') ? ' of a 2xx' : ''}`;
      const own = names
        .filter((name) => !optional.test(name))
        .toSorted()
        .join(' ');
      const before = usual.get(key);
      if (before === undefined) usual.set(key, own);
      return before === undefined || before === own ? undefined : `headers of ${key}: ${own}; usually ${before}`;
    },
  };
};
