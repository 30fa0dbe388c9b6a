import { memo } from 'react';
import { useStore } from 'zustand';
import { Keypad } from './call/keypad.tsx';
import { CallBar } from './call/call-bar.tsx';
import { useDesk, useSnapshot, useUi, useWords } from './context.tsx';
import type { SignedIn } from './view.ts';
import { groupedNumber, maskedNumber } from './format.ts';
import type { Words } from './i18n.ts';
import { Announcer } from './shell/announcer.tsx';
import { CallMarks, SupervisionRegion } from './call-marks.tsx';
import { LineRegion } from './line-region.tsx';
import { linesOf } from './lines.ts';
import { callInHand, type Who, whoIs, withKnownEnd } from './view.ts';

/** The call bar and what belongs to it, whenever a call or its wrap-up is in hand. */
export const CallRegion = memo(({ session }: { readonly session: SignedIn }) => {
  const desk = useDesk();
  const { ui, actions } = desk;
  const words = useWords();
  const agent = useSnapshot((snapshot) => snapshot.agent);
  const view = useSnapshot((snapshot) => snapshot.contact);
  const calls = useStore(desk.phone, (phone) => phone.state.calls);
  const mute = useStore(desk.phone, (phone) => phone.mute);
  const declined = useUi((now) => now.declined);
  const keypad = useUi((now) => now.keypad);
  const dialled = useUi((now) => now.dialled);
  const call = withKnownEnd(callInHand(calls, view?.contact.id ?? null), view?.contact);
  const lines = linesOf(calls, view?.contact.id ?? null);
  const isChoosing = useUi((now) => now.transfer !== null);
  const who = view === null ? null : whoIs(view, declined);
  const name = who === null ? words.t('call.unknown') : whoWords(who, words);
  const number = view?.contact.number ?? call?.number ?? '';
  // An ended call without a contact (refused dial, rejected ring) is over and done with.
  const shown = view !== null || (call !== undefined && call.state.kind !== 'ended');
  const queue = view?.contact.queue ?? call?.queue ?? null;
  const named = session.agent.queues.find((one) => one.id === queue);
  return (
    <>
      <Announcer agent={agent} call={shown ? call : undefined} who={who === null ? null : name} />
      {shown ? (
        <CallBar
          call={call}
          agent={agent}
          direction={view?.contact.direction ?? call?.direction ?? 'inbound'}
          who={name}
          number={numberWords(number, who)}
          queue={named === undefined ? queue : words.language === 'en' ? named.en : named.zh}
          level={view?.verification.level ?? 1}
          strictUntilMs={view?.verification.strictUntilMs ?? null}
          keypad={keypad}
          isBeside={lines.other !== undefined && lines.ear?.id !== lines.own?.id}
          isChoosing={isChoosing}
          mute={mute}
          onAnswer={() => void actions.answer()}
          onHangUp={() => void actions.hangUp()}
          onHold={() => void actions.toggleHold()}
          onMute={() => void actions.toggleMute()}
          onKeypad={() => ui.setState({ keypad: !keypad })}
          onTransfer={() => void actions.transfer()}
        />
      ) : null}
      <LineRegion lines={lines} ownName={name} />
      <SupervisionRegion />
      <CallMarks />
      {keypad && lines.ear?.state.kind === 'talking' ? (
        <div className="below-callbar">
          <Keypad
            sent={dialled}
            onDigit={(digit) => void actions.sendDigit(digit)}
            onClose={() => ui.setState({ keypad: false })}
          />
        </div>
      ) : null}
    </>
  );
});

const whoWords = (who: Who, { t }: Words): string => {
  switch (who.kind) {
    case 'nobody':
      return t(`nobody.${who.why}.title`);
    case 'choose':
      return t('candidates.short', { count: who.customers.length });
    case 'customer':
      return who.settled ? who.customer.nameMasked : t('call.maybe', { name: who.customer.nameMasked });
  }
};

/** A known customer's number is masked (R44); a stranger's is shown whole, the agent may have to write it down. */
const numberWords = (number: string, who: Who | null): string =>
  who?.kind === 'customer' || who?.kind === 'choose' ? maskedNumber(number) : groupedNumber(number);
