import type { PhoneState } from '../../../shared/phone.ts';
import type { Contender } from './contender.ts';

/**
 * Runs in the desk's frame of our own page: the bench as a second desk beside the real one, over a port of its own. A click goes the
 * way of an agent's: desk, port, phone.
 */
export const installSeatDesk = (dialled: string): void => {
  if (!location.pathname.startsWith('/desk')) return;
  const nowMs = (): number => performance.timeOrigin + performance.now();
  let port: MessagePort | undefined;
  let state: PhoneState | undefined;
  let rungMs = 0;
  let rungId = '';
  let last = 1_000_000;
  const ask = (name: string, args: object): void => {
    last += 1;
    port?.postMessage({ t: 'call', id: last, name, args });
  };
  const live = (): PhoneState['calls'][number] | undefined => state?.calls.find((call) => call.state.kind !== 'ended');
  // The real desk asks first and gets what comes first; once it has its port, we ask for ours.
  let isAsked = false;
  addEventListener('message', (event: MessageEvent<{ zuoxi?: string }>) => {
    if (event.data.zuoxi !== 'phone-port' || port !== undefined) return;
    if (!isAsked) {
      isAsked = true;
      return parent.postMessage({ zuoxi: 'desk' }, location.origin);
    }
    event.stopImmediatePropagation();
    [port] = event.ports;
    if (port === undefined) return;
    port.addEventListener('message', ({ data }: MessageEvent<{ t: string; name: string; body: PhoneState }>) => {
      if (data.t !== 'event' || data.name !== 'phone') return;
      state = data.body;
      const call = live();
      if (call?.state.kind !== 'ringing' || call.id === rungId) return;
      rungId = call.id;
      rungMs = nowMs();
    });
    port.start();
  });
  const contender: Contender = {
    start: () => {},
    answer: () => {
      const clickedMs = nowMs();
      ask('answer', { callId: live()?.id });
      return clickedMs;
    },
    dial: () => {
      const clickedMs = nowMs();
      ask('dial', { what: { text: dialled } });
      return clickedMs;
    },
    hangUp: () => ask('hangUp', { callId: live()?.id }),
    rungMs: () => rungMs,
    isIdle: () => state !== undefined && live() === undefined,
  };
  window.contender = contender;
};
