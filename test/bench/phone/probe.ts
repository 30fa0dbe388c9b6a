import type { Passed, Probe } from './contender.ts';

/**
 * Runs in a page before its own scripts and works on closed source too: sees what passes the sockets and which connections exist.
 * The packets' arrival is Chromium's own figure, so looking seldom costs no accuracy.
 */
export const installProbe = (): void => {
  const nowMs = (): number => performance.timeOrigin + performance.now();
  const frameMs = 20;
  const everyMs = 20;
  const most = 200;
  const sent: Passed[] = [];
  const heard: Passed[] = [];
  const open = new Set<RTCPeerConnection>();
  const known = new WeakSet<RTCPeerConnection>();
  const keep = (list: Passed[], text: unknown): void => {
    if (typeof text !== 'string') return;
    // The floor speaks JSON; its two messages are what INVITE and 200 are elsewhere.
    const bare = /^\{"kind":"(offer|answer)"/.exec(text)?.[1];
    if (bare !== undefined) list.push({ start: bare === 'offer' ? 'INVITE' : '200 INVITE', callId: '', atMs: nowMs() });
    if (!text.includes('SIP/2.0')) return;
    const callId = /^(?:Call-ID|i): *(\S+)/im.exec(text)?.[1] ?? '';
    const cseq = /^CSeq: *\d+ (\w+)/im.exec(text)?.[1] ?? '';
    const line = text.slice(0, text.indexOf('\r\n'));
    const start = line.startsWith('SIP/2.0') ? `${line.slice(8, 11)} ${cseq}` : cseq;
    list.push({ start, callId, atMs: nowMs() });
    if (list.length > most) list.shift();
  };
  const decoder = new TextDecoder();
  const textOf = (data: unknown): unknown => (data instanceof ArrayBuffer ? decoder.decode(data) : data);

  const PlainSocket = window.WebSocket;
  window.WebSocket = class extends PlainSocket {
    constructor(url: string | URL, protocols?: string | string[]) {
      if (probe.opened === 0 && protocols !== undefined) probe.opened = nowMs();
      super(url, protocols);
      this.addEventListener('message', ({ data }: MessageEvent<unknown>) => keep(heard, textOf(data)));
    }
    override send(data: string | BufferSource | Blob): void {
      super.send(data);
      keep(sent, data);
    }
  };
  const PlainConnection = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends PlainConnection {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      probe.made += 1;
      open.add(this);
    }
    override close(): void {
      super.close();
      open.delete(this);
    }
  };

  type Inbound = { type: string; packetsReceived?: number; lastPacketReceivedTimestamp?: number };
  const firstOf = async (connection: RTCPeerConnection): Promise<number | undefined> => {
    const report: RTCStatsReport = await connection.getStats();
    for (const stats of report.values() as Iterable<Inbound>) {
      const { type, packetsReceived = 0, lastPacketReceivedTimestamp } = stats;
      if (type === 'inbound-rtp' && packetsReceived > 0 && lastPacketReceivedTimestamp !== undefined)
        return lastPacketReceivedTimestamp - (packetsReceived - 1) * frameMs;
    }
    return undefined;
  };
  const firstHeard: Probe['firstHeard'] = async (limitMs) => {
    const endMs = performance.now() + limitMs;
    while (performance.now() < endMs) {
      for (const connection of open) {
        if (known.has(connection) || connection.connectionState !== 'connected') continue;
        const atMs = await firstOf(connection);
        if (atMs === undefined) continue;
        known.add(connection);
        return atMs;
      }
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
    return undefined;
  };
  const probe: Probe = { sent, heard, open, made: 0, opened: 0, firstHeard };
  window.probe = probe;
};
