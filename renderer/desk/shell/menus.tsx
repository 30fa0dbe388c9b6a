import { useEffect, useState } from 'react';
import type { AgentState } from '../../../shared/agent.ts';
import type { ReasonRooms } from '../../../shared/forced-state.ts';
import type { PlannedBreak } from '../../../shared/day.ts';
import type { Language } from '../../../shared/text.ts';
import { languages } from '../../../shared/text.ts';
import { useWords } from '../context.tsx';
import { type Theme, themes } from '../preferences.ts';
import { Choice } from '../parts/button.tsx';
import { plannedWords } from '../shift/break-chip.tsx';
import { reasonWords } from './state-words.ts';

/** F8: Ready or a reason; during a call the choice is kept for afterwards. */
export const StateMenu = (props: {
  readonly agent: AgentState;
  readonly reasons: readonly string[];
  /** A sentence why Ready is not possible now, or null. */
  readonly notReadyWhy: string | null;
  readonly breaks: readonly PlannedBreak[];
  /** How many of the team have each reason that is capped, as long as the menu is open. */
  readonly onRooms: () => Promise<ReasonRooms['rooms']>;
  readonly onReady: () => void;
  readonly onReason: (reason: string) => void;
}) => {
  const { t } = useWords();
  const { agent } = props;
  const rooms = useRooms(props.onRooms);
  const busy = agent.kind === 'onCall' || agent.kind === 'wrapUp';
  const now = busy ? agent.then : agent;
  return (
    <section className="menu state-menu" aria-label={t('agent.menu')}>
      {busy ? <p className="menu-note">{t('agent.menuBusy')}</p> : null}
      <Choice
        digit={1}
        label={t('agent.ready')}
        chosen={now.kind === 'ready'}
        disabled={props.notReadyWhy !== null}
        onPress={props.onReady}
      />
      {props.notReadyWhy === null ? null : <p className="menu-note">{props.notReadyWhy}</p>}
      {props.reasons.map((reason, index) => (
        <Choice
          key={reason}
          digit={index + 2 <= 9 ? index + 2 : null}
          label={reasonWords(reason, t)}
          chosen={now.kind === 'notReady' && now.reason === reason}
          onPress={() => props.onReason(reason)}
        >
          <Room room={rooms.find((room) => room.reason === reason)} />
        </Choice>
      ))}
      {props.breaks.slice(0, 3).map((planned) => (
        <p className="menu-note" key={planned.fromMs}>
          {t('break.next', { planned: plannedWords(planned, t) })}
        </p>
      ))}
    </section>
  );
};

const roomsMs = 5_000;

/** Asked when the menu opens, and now and then while it stays open. */
const useRooms = (onRooms: () => Promise<ReasonRooms['rooms']>): ReasonRooms['rooms'] => {
  const [rooms, setRooms] = useState<ReasonRooms['rooms']>([]);
  useEffect(() => {
    let isHere = true;
    const look = (): void =>
      void onRooms().then((now) => {
        if (isHere) setRooms(now);
      });
    look();
    const timer = setInterval(look, roomsMs);
    return () => {
      isHere = false;
      clearInterval(timer);
    };
  }, [onRooms]);
  return rooms;
};

/** "2 of 3"; full says so in a word. Choosing stays possible: who counts may be a moment behind. */
const Room = ({ room }: { readonly room: ReasonRooms['rooms'][number] | undefined }) => {
  const { t } = useWords();
  if (room === undefined) return null;
  const { limit, taken } = room;
  const words =
    taken === null
      ? t('agent.roomUnknown', { limit })
      : t(taken >= limit ? 'agent.roomFull' : 'agent.room', { taken, limit });
  return (
    <span className="room" data-full={taken !== null && taken >= limit}>
      {words}
    </span>
  );
};

/** Who I am: language, theme, sign out. */
export const AccountMenu = (props: {
  readonly theme: Theme;
  readonly onLanguage: (language: Language) => void;
  readonly onTheme: (theme: Theme) => void;
  readonly onSignOut: () => void;
}) => {
  const { t } = useWords();
  return (
    <section className="menu account-menu" aria-label={t('account.menu')}>
      <LanguageSwitch onLanguage={props.onLanguage} />
      <ThemeSwitch theme={props.theme} onTheme={props.onTheme} />
      <button type="button" className="choice" onClick={props.onSignOut}>
        <span className="choice-label">{t('account.signOut')}</span>
      </button>
    </section>
  );
};

export const LanguageSwitch = ({ onLanguage }: { readonly onLanguage: (language: Language) => void }) => {
  const { t, language } = useWords();
  return (
    <fieldset className="switch">
      <legend>{t('account.language')}</legend>
      {languages.map((other) => (
        <button
          key={other}
          type="button"
          lang={other}
          aria-pressed={other === language}
          onClick={() => onLanguage(other)}
        >
          {ownName(other)}
        </button>
      ))}
    </fieldset>
  );
};

/** Each language by its own name, so that it is found whatever is set now. */
const ownName = (language: Language): string =>
  new Intl.DisplayNames([language], { type: 'language' }).of(language === 'en' ? 'en' : 'zh') ?? language;

export const ThemeSwitch = (props: { readonly theme: Theme; readonly onTheme: (theme: Theme) => void }) => {
  const { t } = useWords();
  return (
    <fieldset className="switch">
      <legend>{t('account.theme')}</legend>
      {themes.map((theme) => (
        <button key={theme} type="button" aria-pressed={theme === props.theme} onClick={() => props.onTheme(theme)}>
          {t(`theme.${theme}`)}
        </button>
      ))}
    </fieldset>
  );
};
