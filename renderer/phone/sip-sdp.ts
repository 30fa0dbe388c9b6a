/**
 * What media we talk to (security 70): one audio stream over ICE and DTLS-SRTP with a fingerprint of SHA-256 or better. SDES keys,
 * plain RTP, missing, weak or malformed fingerprints, no ICE and no DTLS role are refused before WebRTC sees the description.
 */
export type SdpFault =
  | 'tooLong'
  | 'shape'
  | 'noAudio'
  | 'plainMedia'
  | 'sdesKeys'
  | 'noFingerprint'
  | 'weakFingerprint'
  | 'noIce'
  | 'wrongSetup';

export const sdpLimits = { chars: 32 * 1024, lines: 500, lineChars: 2_048, media: 4 } as const;

/** Digest bytes per hash (RFC 8122). Weaker ones are not listed: they are no proof of anything. */
const hashBytes: Readonly<Record<string, number>> = { 'sha-256': 32, 'sha-384': 48, 'sha-512': 64 };

/** Why a description is refused, or undefined. Pure, linear. */
export const sdpFault = (sdp: string): SdpFault | undefined => {
  if (sdp.length > sdpLimits.chars) return 'tooLong';
  if (/[\0\x01-\x08\x0b\x0c\x0e-\x1f]/.test(sdp)) return 'shape';
  const lines = sdp.split(/\r\n|\n/).filter((line) => line !== '');
  if (lines.length > sdpLimits.lines || lines[0] !== 'v=0') return 'shape';
  if (!lines.every((line) => /^[a-z]=/.test(line) && line.length <= sdpLimits.lineChars)) return 'shape';

  const sections = sectionsOf(lines);
  const [session, ...media] = sections;
  if (session === undefined || media.length > sdpLimits.media) return 'shape';
  const active = media.filter((section) => !/^m=\S+ 0 /.test(section[0] ?? ''));
  if (!active.some((section) => section[0]?.startsWith('m=audio '))) return 'noAudio';
  for (const section of active) {
    const fault = mediaFault(section, session);
    if (fault !== undefined) return fault;
  }
  return undefined;
};

/** The lines before the first m= and those of each m=. */
const sectionsOf = (lines: readonly string[]): readonly (readonly string[])[] => {
  const sections: string[][] = [[]];
  for (const line of lines) {
    if (line.startsWith('m=')) sections.push([]);
    sections.at(-1)?.push(line);
  }
  return sections;
};

const mediaFault = (section: readonly string[], session: readonly string[]): SdpFault | undefined => {
  const protocol = /^m=\S+ \d{1,5}(?:\/\d+)? (\S+)/.exec(section[0] ?? '')?.[1];
  if (protocol === undefined) return 'shape';
  if (!/^(?:UDP|TCP)\/TLS\/RTP\/SAVPF?$/.test(protocol)) return 'plainMedia';
  const attributes = [...session.slice(1), ...section];
  if (attributes.some((line) => /^a=crypto:/i.test(line) || line.startsWith('k='))) return 'sdesKeys';
  const prints = attributes.filter((line) => /^a=fingerprint:/i.test(line));
  if (prints.length === 0) return 'noFingerprint';
  if (!prints.every(isStrong)) return 'weakFingerprint';
  // RFC 8839 5.4: at least 24 and 128 bits, six to a character.
  if (!isOnly(section, session, 'ice-ufrag', /^[A-Za-z0-9+/]{4,256}$/)) return 'noIce';
  if (!isOnly(section, session, 'ice-pwd', /^[A-Za-z0-9+/]{22,256}$/)) return 'noIce';
  // RFC 8842 5: who opens DTLS. `holdconn` would leave the call silent.
  return isOnly(section, session, 'setup', /^(?:actpass|active|passive)$/) ? undefined : 'wrongSetup';
};

/** Exactly one such attribute of this medium, or else of the session, with a value that fits. */
const isOnly = (section: readonly string[], session: readonly string[], name: string, shape: RegExp): boolean => {
  const own = section.filter((line) => line.startsWith(`a=${name}:`));
  const lines = own.length > 0 ? own : session.filter((line) => line.startsWith(`a=${name}:`));
  return lines.length === 1 && shape.test(lines[0]?.slice(name.length + 3).trimEnd() ?? '');
};

const isStrong = (line: string): boolean => {
  const match = /^a=fingerprint:(\S+) ([0-9A-F]{2}(?::[0-9A-F]{2})*)\s*$/i.exec(line);
  const bytes = hashBytes[match?.[1]?.toLowerCase() ?? ''];
  return bytes !== undefined && match?.[2]?.length === bytes * 3 - 1;
};
