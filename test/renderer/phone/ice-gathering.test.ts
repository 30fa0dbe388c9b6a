import { beforeEach, describe, expect, it } from 'vitest';
import {
  gatherCandidates,
  gathering,
  hasRelay,
  ufragOf,
  watchLate,
  withRelaysOnly,
} from '../../../renderer/phone/ice-gathering.ts';
import { createManualClock, type ManualClock } from './lab/manual-clock.ts';

/** The part of a connection that tells of candidates. */
class Connection extends EventTarget {
  iceGatheringState: RTCIceGatheringState = 'new';
  iceConnectionState: RTCIceConnectionState = 'new';
  signalingState: RTCSignalingState = 'stable';
  /** Null: that was all. */
  tell(type: RTCIceCandidateType | null): void {
    const candidate = type === null ? null : { type, candidate: `${textOf(type)} ufrag abc network-id 1` };
    this.dispatchEvent(Object.assign(new Event('icecandidate'), { candidate }));
  }
  /** The browser's own books, and what is in the description. */
  books: readonly string[] = [];
  localDescription = { sdp: '' };
  getStats(): Promise<ReadonlyMap<string, object>> {
    const codec = ['codec', { type: 'codec' }] as const;
    return Promise.resolve(
      new Map<string, object>([
        codec,
        ...this.books.map((foundation) => [foundation, candidateOf(foundation)] as const),
      ]),
    );
  }
  gathered(): void {
    this.iceGatheringState = 'complete';
    this.dispatchEvent(new Event('icegatheringstatechange'));
  }
}
const candidateOf = (foundation: string) => ({ type: 'local-candidate', foundation });
const textOf = (type: string): string => `candidate:1 1 udp 1 192.0.2.1 4000 typ ${type} generation 0`;

let clock: ManualClock;
let connection: Connection;
const asConnection = (): RTCPeerConnection => connection as unknown as RTCPeerConnection;
beforeEach(() => {
  clock = createManualClock();
  connection = new Connection();
});

describe('MEDIA-1, MEDIA-5, MEDIA-6 how long candidates are waited for', () => {
  /** Milliseconds until it was over; undefined: not yet. */
  const begin = (awaited: Partial<Parameters<typeof gatherCandidates>[2]> = {}): (() => number | undefined) => {
    const startMs = clock.nowMs();
    let overMs: number | undefined;
    const over = gatherCandidates(asConnection(), clock, {
      relay: false,
      isAnew: false,
      isWarm: false,
      capMs: gathering.capMs,
      ...awaited,
    });
    void over().then(() => {
      overMs = clock.nowMs() - startMs;
    });
    return () => overMs;
  };

  it('20 ms after the last one, however silent a server stays', async () => {
    const tookMs = begin();
    connection.tell('host');
    await clock.advance(15);
    connection.tell('host');
    await clock.advance(2_000);
    expect(tookMs()).toBe(15 + gathering.quietMs);
  });

  it('not at all when all of them are there', async () => {
    connection.gathered();
    const tookMs = begin();
    await clock.advance(5);
    expect(tookMs()).toBe(0);
  });

  it('long made, not at all once the description has whatever the browser’s own books have', async () => {
    connection.books = ['11', '12'];
    connection.localDescription.sdp = 'a=candidate:11 1 udp …\r\na=candidate:12 1 tcp …\r\n';
    const tookMs = begin({ isWarm: true });
    await clock.advance(1);
    expect(tookMs()).toBe(0);
  });

  it.each([
    ['one of the books is not in the description yet', ['11', '12', '13'], {}],
    ['the books are empty', [], {}],
    ['a relay is needed and is in neither', ['11', '12'], { relay: true }],
  ])('long made, as any other when %s', async (_, books, awaited) => {
    connection.books = books;
    connection.localDescription.sdp = 'a=candidate:11 1 udp …\r\na=candidate:12 1 tcp …\r\n';
    const tookMs = begin({ isWarm: true, ...awaited });
    await clock.advance(5);
    connection.tell('relay');
    await clock.advance(15);
    expect(tookMs()).toBeUndefined();
    await clock.advance(50);
    expect(tookMs()).toBe(5 + gathering.quietMs);
  });

  it('begun anew, what is still said of the round before counts for nothing', async () => {
    connection.iceGatheringState = 'complete';
    const tookMs = begin({ isAnew: true });
    await clock.advance(50);
    expect(tookMs()).toBeUndefined();
    connection.tell('host');
    await clock.advance(100);
    expect(tookMs()).toBe(50 + gathering.quietMs);
  });

  it('until the relay’s is there, where one is needed', async () => {
    const tookMs = begin({ relay: true, capMs: gathering.relayCapMs });
    connection.tell('host');
    connection.tell('srflx');
    await clock.advance(600);
    expect(tookMs()).toBeUndefined();
    connection.tell('relay');
    await clock.advance(100);
    expect(tookMs()).toBe(600 + gathering.quietMs);
  });

  it('never longer than the cap, and no longer than until the browser says that there will be none', async () => {
    const capped = begin({ relay: true, capMs: gathering.relayCapMs });
    await clock.advance(10_000);
    expect(capped()).toBe(gathering.relayCapMs);
    const ended = begin({ relay: true, capMs: gathering.relayCapMs });
    await clock.advance(70);
    connection.tell(null);
    await clock.advance(10);
    expect(ended()).toBe(70);
  });
});

describe('MEDIA-6 candidates that came too late', () => {
  let told: string | undefined;
  let late: number;
  beforeEach(() => {
    told = `v=0\r\na=${textOf('host')} network-id 1\r\n`;
    late = 0;
    watchLate(
      asConnection(),
      clock,
      () => told,
      () => (late += 1),
    );
  });

  it('are told when no way was found without them', async () => {
    connection.iceConnectionState = 'checking';
    connection.tell('relay');
    await clock.advance(3 * gathering.lateMs);
    expect(late).toBe(1);
  });

  it('wait for the far end to answer and to have tried', async () => {
    connection.signalingState = 'have-local-offer';
    connection.tell('relay');
    await clock.advance(20_000);
    expect(late).toBe(0);
    connection.signalingState = 'stable';
    connection.iceConnectionState = 'checking';
    await clock.advance(gathering.lateMs - 1);
    expect(late).toBe(0);
    await clock.advance(2 * gathering.lateMs);
    expect(late).toBe(1);
  });

  it.each([
    ['a way was found', () => (connection.iceConnectionState = 'connected')],
    ['they were told after all', () => (told = `${told ?? ''}a=${textOf('relay')} network-id 1\r\n`)],
  ])('are nobody’s business when %s', async (_, happens) => {
    connection.iceConnectionState = 'checking';
    connection.tell('relay');
    happens();
    await clock.advance(20_000);
    expect(late).toBe(0);
  });

  it('of this computer itself change nothing, nor before there was a description', async () => {
    connection.iceConnectionState = 'checking';
    connection.tell('host');
    told = undefined;
    connection.tell('relay');
    await clock.advance(20_000);
    expect(late).toBe(0);
  });
});

describe('MEDIA-5 descriptions of a seat that may only be relayed', () => {
  const sdp = [
    'v=0',
    'c=IN IP4 198.51.100.9',
    'a=candidate:1 1 udp 1 192.0.2.1 4000 typ host generation 0',
    'a=candidate:2 1 udp 1 203.0.113.5 4000 typ srflx raddr 192.0.2.1 rport 4000',
    'a=candidate:3 1 udp 1 198.51.100.9 5000 typ relay raddr 192.0.2.1 rport 4000 generation 0',
    'a=ice-ufrag:abcd',
    '',
  ].join('\r\n');

  it('show the relay’s address alone', () => {
    const shown = withRelaysOnly(sdp);
    expect(shown).not.toMatch(/192\.0\.2\.1|203\.0\.113\.5/);
    expect(shown.match(/a=candidate/g)).toHaveLength(1);
    expect(shown).toContain('typ relay raddr 0.0.0.0 rport 0 generation 0');
    expect(shown.endsWith('\r\n')).toBe(true);
  });

  it('are known by what is in them', () => {
    expect([hasRelay(sdp), hasRelay(sdp.replace('typ relay', 'typ host')), ufragOf(sdp), ufragOf('')]).toEqual([
      true,
      false,
      'abcd',
      undefined,
    ]);
  });
});
