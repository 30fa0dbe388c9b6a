import { memo } from 'react';
import { useStore } from 'zustand';
import type { Call } from '../../../shared/call.ts';
import { sentenceOf } from '../../../shared/degraded.ts';
import { useDesk, useSeat, useWords } from '../context.tsx';
import { timeOfDay } from '../format.ts';
import { useStanding } from '../standing.ts';
import { isLive } from '../view.ts';
import { type Banner, Banners } from './banners.tsx';
import { forcedWords } from './state-words.ts';

/** Trouble that lasts: one sentence each, saying what, what we do, what the agent does. Gone when it is over. */
export const BannerRegion = memo(() => {
  const desk = useDesk();
  const { actions } = desk;
  const { t, named } = useWords();
  const link = useSeat((seat) => seat.link.kind);
  const isPhoneLost = useStore(desk.phone, (phone) => phone.link.kind === 'lost');
  const isPhoneUp = useStore(desk.phone, (phone) => phone.link.kind === 'up');
  const trouble = useStore(desk.phone, (phone) => phone.trouble);
  const line = useStore(desk.phone, ({ state }) => state.line);
  const relay = useStore(desk.phone, ({ state }) => state.relay);
  const isMediaLost = useStore(desk.phone, ({ state }) => hasLostMedia(state.calls));
  const inCall = useStore(desk.phone, ({ state }) => state.calls.some(isLive));
  const said = sentenceOf(useStanding());
  const storage = useSeat((seat) => seat.snapshot?.storage);
  const forced = useSeat((seat) => seat.snapshot?.forced ?? null);
  const banners: Banner[] = [];
  const add = (key: string, tone: Banner['tone'], text: string, action?: Banner['action']): void =>
    void banners.push({ key, tone, text, ...(action === undefined ? {} : { action }) });
  if (link === 'lost')
    add('engine', 'danger', t('banner.engine'), { label: t('banner.retry'), onPress: actions.retryLinks });
  if (isPhoneLost)
    add('phone', 'danger', t('link.phoneLost'), { label: t('banner.retry'), onPress: actions.retryLinks });
  if (storage?.kind === 'refuses') add('storage', 'danger', t(`storage.${storage.why}`));
  if (storage?.kind === 'mended')
    add(
      'storage',
      'attention',
      t(`storage.mended.${storage.part}`, { time: timeOfDay(storage.atMs), ops: storage.ops }),
    );
  const reconnect = { label: t('banner.reconnect'), onPress: () => void actions.reconnectLine() };
  if (forced !== null)
    add(
      'forced',
      forced.outcome === 'refused' ? 'danger' : 'attention',
      t(`forced.${forced.outcome}`, {
        name: forced.order.byName,
        state: forcedWords(forced.order.to, t),
        why: forced.order.why,
        reason: forced.why === null ? '' : named('reason', forced.why, forced.why),
      }),
      forced.outcome === 'waiting' ? undefined : { label: t('forced.seen'), onPress: () => void actions.forcedSeen() },
    );
  // One sentence for both; the line alone has its own, in a call and without.
  if (said === 'network' || said === 'centralAndLine') add('degraded', 'danger', t(`degraded.${said}`), reconnect);
  else if (said !== null && said !== 'lineLost' && said !== 'lineRefused')
    add('degraded', 'attention', t(`degraded.${said}`));
  if (isPhoneUp && line.kind === 'lost' && said !== 'network' && said !== 'centralAndLine')
    add('line', inCall ? 'danger' : 'attention', t(inCall ? 'banner.lineInCall' : 'banner.line'), reconnect);
  if (line.kind === 'refused') add('refused', 'danger', t('banner.lineRefused', { status: line.status }), reconnect);
  if (relay === 'refused') add('relay', 'danger', t('banner.relayRefused'));
  if (relay === 'unreachable') add('relay', 'danger', t(inCall ? 'banner.relayLost' : 'banner.relayUnreachable'));
  if (trouble !== null)
    add(
      'trouble',
      // Nothing is broken there: the agent has to know or to press a key.
      trouble.leg === 'mutedSpeech' || trouble.leg === 'microphoneChanged' ? 'attention' : 'danger',
      t('trouble.sentence', { what: t(`trouble.leg.${trouble.leg}`), doing: t(`trouble.doing.${trouble.doing}`) }),
      { label: t('diagnostics.copy'), onPress: () => void actions.copyDiagnostics() },
    );
  else if (isMediaLost) add('media', 'danger', t('banner.media'));
  return <Banners banners={banners} />;
});

const hasLostMedia = (calls: readonly Call[]): boolean => {
  const talking = calls.find((call) => call.state.kind === 'talking');
  return talking?.state.kind === 'talking' && talking.state.media === 'lost';
};
