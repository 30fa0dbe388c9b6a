import type { Contender } from './contender.ts';
import type { FloorMessage } from './floor-far.ts';

/**
 * The least a browser needs for a call: one message each way, a bare connection, the microphone open and the connection made before
 * the click. No library, one candidate to wait for, nothing else in the page.
 */
const nowMs = (): number => performance.timeOrigin + performance.now();
const player = document.createElement('audio');
let socket: WebSocket;
let connection: RTCPeerConnection;
let microphone: MediaStream;
let offered = '';
let isIdle = true;
let rungMs = 0;

const send = (message: FloorMessage): void => socket.send(JSON.stringify(message));
const makeReady = (): void => {
  connection = new RTCPeerConnection({ bundlePolicy: 'max-bundle', iceCandidatePoolSize: 1 });
  connection.addEventListener('track', ({ track }) => {
    player.srcObject = new MediaStream([track]);
    void player.play().catch(() => {});
  });
};
const attach = (): void => {
  for (const track of microphone.getAudioTracks()) connection.addTrack(track, microphone);
};
const over = (): void => {
  connection.close();
  isIdle = true;
  makeReady();
};
const heard = async (message: FloorMessage): Promise<void> => {
  if (message.kind === 'bye') over();
  if (message.kind === 'answer') await connection.setRemoteDescription({ type: 'answer', sdp: message.sdp });
  if (message.kind !== 'offer') return;
  offered = message.sdp;
  isIdle = false;
  rungMs = nowMs();
};
const accept = async (): Promise<void> => {
  await connection.setRemoteDescription({ type: 'offer', sdp: offered });
  attach();
  const answer = await connection.createAnswer();
  const candidate = new Promise((resolve) => connection.addEventListener('icecandidate', resolve, { once: true }));
  await connection.setLocalDescription(answer);
  // The other side needs one to check.
  await candidate;
  send({ kind: 'answer', sdp: connection.localDescription?.sdp ?? '' });
};
const place = async (): Promise<void> => {
  attach();
  const offer = await connection.createOffer();
  await connection.setLocalDescription(offer);
  send({ kind: 'offer', sdp: offer.sdp ?? '' });
};

const contender: Contender = {
  start: ({ server }) => {
    makeReady();
    void navigator.mediaDevices.getUserMedia({ audio: true }).then((stream) => {
      microphone = stream;
      socket = new WebSocket(server, 'floor');
      socket.addEventListener(
        'message',
        ({ data }: MessageEvent<string>) => void heard(JSON.parse(data) as FloorMessage),
      );
    });
  },
  answer: () => {
    const clickedMs = nowMs();
    void accept();
    return clickedMs;
  },
  dial: () => {
    const clickedMs = nowMs();
    isIdle = false;
    void place();
    return clickedMs;
  },
  hangUp: () => {
    send({ kind: 'bye' });
    over();
  },
  rungMs: () => rungMs,
  isIdle: () => isIdle,
};
window.contender = contender;
