import type { IcePolicy } from '../../shared/ice.ts';
import type { Clock } from './clock.ts';

/** Which servers a connection may use, and whether its sound may go past them. */
export type IceSetup = { readonly servers: readonly RTCIceServer[]; readonly policy: IcePolicy };

/** MEDIA-1, MEDIA-5, MEDIA-6; milliseconds. */
export const gathering = {
  /** After the last candidate. */
  quietMs: 20,
  /** A connection that has stood so long has opened every address of this computer (some 100 ms for TCP); only servers may still answer. */
  warmMs: 500,
  capMs: 1_000,
  /** A relay is two round trips away over UDP, four and more over TLS. */
  relayCapMs: 4_000,
  /** An answered call that has found no way by now did not find one without the candidates that came late. */
  lateMs: 700,
} as const;

const leadsElsewhere = ({ type }: RTCIceCandidate): boolean => type === 'relay' || type === 'srflx';
export const hasRelays = ({ servers }: IceSetup): boolean => servers.some(({ urls }) => /^turns?:/.test(String(urls)));

/**
 * `relay`: not enough before there is a relay's candidate, or it is clear that there will be none. `isAnew`: ICE begins again, and for a
 * moment the browser still says that it has gathered all. `isWarm`: gathering began `warmMs` ago or earlier.
 */
type Awaited = {
  readonly relay: boolean;
  readonly isAnew: boolean;
  readonly isWarm: boolean;
  readonly capMs: number;
};

/**
 * Starts listening for candidates; the returned function resolves when there are enough of them. Listening starts before the local
 * description is set, so none is missed.
 */
export const gatherCandidates = (
  connection: RTCPeerConnection,
  clock: Clock,
  awaited: Awaited,
): (() => Promise<void>) => {
  let isOver = false;
  let hasRelay = false;
  let stopQuiet: () => void = () => {};
  let resolve: () => void = () => {};
  const over = new Promise<void>((settle) => {
    resolve = settle;
  });
  const finish = (): void => {
    if (isOver) return;
    isOver = true;
    stopQuiet();
    stopCap();
    connection.removeEventListener('icecandidate', heard);
    connection.removeEventListener('icegatheringstatechange', stateHeard);
    resolve();
  };
  const heard = ({ candidate }: RTCPeerConnectionIceEvent): void => {
    if (candidate === null) return finish();
    if (candidate.type === 'relay') hasRelay = true;
    if (awaited.relay && !hasRelay) return;
    stopQuiet();
    stopQuiet = clock.after(gathering.quietMs, finish);
  };
  const stateHeard = (): void => {
    if (connection.iceGatheringState === 'complete') finish();
  };
  connection.addEventListener('icecandidate', heard);
  connection.addEventListener('icegatheringstatechange', stateHeard);
  const stopCap = clock.after(awaited.capMs, finish);
  return () => {
    if (!awaited.isAnew) stateHeard();
    if (awaited.isWarm)
      void isAllTold(connection).then((isAll) => {
        if (isAll && (hasRelay || !awaited.relay)) finish();
      });
    return over;
  };
};

/**
 * Whether every candidate the browser has, by its own books, is in the local description: no candidate is on its way to us then, and
 * waiting would be for a server that may be dead. Asked right after the description was set, the books are fresh.
 */
const isAllTold = async (connection: RTCPeerConnection): Promise<boolean> => {
  if (connection.signalingState === 'closed') return false;
  const report: RTCStatsReport = await connection.getStats();
  const found = [...(report.values() as Iterable<CandidateStats>)].filter(({ type }) => type === 'local-candidate');
  const sdp = connection.localDescription?.sdp ?? '';
  return (
    found.length > 0 &&
    found.every(({ foundation }) => foundation !== undefined && sdp.includes(`a=candidate:${foundation} `))
  );
};
type CandidateStats = { readonly type: string; readonly foundation?: string };

/**
 * MEDIA-6: tells when candidates that came after the last description could be what a call lacks. Plain SIP cannot send them by
 * themselves (RFC 8840 is not spoken by PBXs), so they go with a re-INVITE.
 * @param told the last description as it was sent
 */
export const watchLate = (
  connection: RTCPeerConnection,
  clock: Clock,
  told: () => string | undefined,
  onLate: () => void,
): (() => void) => {
  let stopTimer: (() => void) | undefined;
  const isUntold = (candidate: string): boolean => told()?.includes(candidate) === false;
  const watch = (candidate: string, wasAnswered: boolean): void => {
    stopTimer ??= clock.after(gathering.lateMs, () => {
      stopTimer = undefined;
      const state = connection.iceConnectionState;
      if (state === 'connected' || state === 'completed' || state === 'closed' || !isUntold(candidate)) return;
      // Nothing can be found before the far end has answered, and then it takes a while.
      const isAnswered = connection.signalingState === 'stable';
      if (isAnswered && wasAnswered) onLate();
      else watch(candidate, isAnswered);
    });
  };
  connection.addEventListener('icecandidate', ({ candidate }) => {
    if (candidate === null || !leadsElsewhere(candidate)) return;
    const line = candidate.candidate.replace(/ ufrag .*$/, '');
    if (isUntold(line)) watch(line, false);
  });
  return () => stopTimer?.();
};

/**
 * MEDIA-5, whatever the browser gathered: only what a relay gave is left of a description, and the address behind it is not told
 * either (RFC 8839 section 5.1: raddr may be any then).
 */
export const withRelaysOnly = (sdp: string): string => {
  const lines = sdp.split('\r\n').filter((line) => !line.startsWith('a=candidate:') || / typ relay(?: |$)/.test(line));
  return lines.map((line) => line.replace(/ raddr \S+ rport \d+/, ' raddr 0.0.0.0 rport 0')).join('\r\n');
};

export const hasRelay = (sdp: string): boolean => / typ relay(?: |$)/m.test(sdp);

/** Changes when ICE starts again (RFC 8839 section 4.4.1.1.1). */
export const ufragOf = (sdp: string | undefined): string | undefined => /^a=ice-ufrag:(\S+)/m.exec(sdp ?? '')?.[1];
