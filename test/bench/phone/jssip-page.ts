import * as JsSIP from 'jssip';
import { type Contender, type ContenderAccount, dialled } from './contender.ts';

/** JsSIP 3.13.8 with nothing set but the account. */
const nowMs = (): number => performance.timeOrigin + performance.now();

type RTCSession = ReturnType<JsSIP.UA['call']>;
let agent: JsSIP.UA;
let session: RTCSession | undefined;
let rungMs = 0;
let pcConfig: RTCConfiguration = {};
const player = document.createElement('audio');
const audioOnly = { audio: true, video: false } as const;

const follow = (next: RTCSession): void => {
  session = next;
  const over = (): void => {
    if (session === next) session = undefined;
  };
  next.on('ended', over);
  next.on('failed', over);
  next.on('confirmed', () => {
    const track = next.connection.getReceivers()[0]?.track;
    if (track === undefined) return;
    player.srcObject = new MediaStream([track]);
    void player.play().catch(() => {});
  });
};

const start = ({ server, user, password, domain, iceServers }: ContenderAccount): void => {
  pcConfig = { iceServers: [...iceServers] };
  agent = new JsSIP.UA({ sockets: [new JsSIP.WebSocketInterface(server)], uri: `sip:${user}@${domain}`, password });
  agent.on('newRTCSession', ({ originator, session: next }: { originator: string; session: RTCSession }) => {
    follow(next);
    if (originator === 'remote') rungMs = nowMs();
  });
  agent.start();
};

const contender: Contender = {
  start,
  answer: () => {
    const clickedMs = nowMs();
    session?.answer({ mediaConstraints: audioOnly, pcConfig });
    return clickedMs;
  },
  dial: () => {
    const clickedMs = nowMs();
    agent.call(dialled, { mediaConstraints: audioOnly, pcConfig });
    return clickedMs;
  },
  hangUp: () => session?.terminate(),
  rungMs: () => rungMs,
  isIdle: () => session === undefined,
};
window.contender = contender;
