import { useDesk, useSnapshot, useWords } from '../context.tsx';
import type { SignedIn } from '../desk-screen.tsx';
import type { Key } from '../i18n.ts';
import { type CommandName, keyLabels } from '../keys.ts';
import { askFocus } from '../ui-store.ts';
import { inLanguage } from '../../../shared/text.ts';
import { reasonWords } from './agent-bar.tsx';
import { Palette, type PaletteEntry } from './palette.tsx';

/** What the palette offers now: keys by name, states, topics of the contact in hand. */
export const PaletteRegion = ({ session }: { readonly session: SignedIn }) => {
  const desk = useDesk();
  const { ui, actions, run } = desk;
  const { t, language } = useWords();
  const topics = useSnapshot((snapshot) => snapshot.reference.topics);
  const contact = useSnapshot((snapshot) => snapshot.contact !== null);
  const also = (key: Key): readonly string[] => t(key).split(' ');
  const command = (name: CommandName, inCall: boolean): readonly PaletteEntry[] =>
    inCall && !contact
      ? []
      : [
          {
            key: name,
            label: t(`keys.${name}`),
            also: also(`also.${name}`),
            hint: keyLabels[name],
            onPick: () => void run({ kind: name }),
          },
        ];
  const entries: readonly PaletteEntry[] = [
    { key: 'ready', label: t('agent.ready'), also: also('also.ready'), onPick: () => void actions.ready() },
    ...session.policy.notReadyReasons.map((reason) => ({
      key: `reason-${reason}`,
      label: t('agent.notReadyBecause', { reason: reasonWords(reason, t) }),
      also: [reason, ...also('also.state')],
      onPick: () => void actions.notReady(reason),
    })),
    ...(contact
      ? topics.map((topic) => ({
          key: `topic-${topic.id}`,
          label: t('palette.topic', { name: inLanguage(topic.name, language) }),
          also: [...topic.pinyin, topic.name.en, topic.name.zh],
          onPick: () => void actions.chooseTopic(topic.id),
        }))
      : []),
    ...command('find', false),
    {
      key: 'dial',
      label: t('dial.title'),
      also: also('also.dial'),
      onPick: () => {
        ui.setState({ side: 'dial' });
        askFocus(ui, 'dial');
      },
    },
    ...command('answer', true),
    ...command('mute', true),
    ...command('keypad', true),
    ...command('objections', true),
    ...command('wrapUp', true),
    ...command('hangUp', true),
    ...command('keys', false),
  ];
  return <Palette entries={entries} onClose={() => ui.setState({ overlay: null })} />;
};
