import { useState } from 'react';
import type { SampleAgent } from '../../../shared/central-api.ts';
import type { CompanySignIn } from '../../../shared/company-sign-in.ts';
import type { Refusal } from '../../../shared/result.ts';
import type { Language } from '../../../shared/text.ts';
import { useWords } from '../context.tsx';
import type { Words } from '../i18n.ts';
import { Button, Choice } from '../parts/button.tsx';
import type { Theme } from '../preferences.ts';
import { Company } from './company.tsx';
import { LanguageSwitch, ThemeSwitch } from '../shell/menus.tsx';
import type { Door } from '../ui-store.ts';

type SignInProps = {
  readonly samples: readonly SampleAgent[];
  readonly door: Door;
  readonly theme: Theme;
  /** Signed out, and not by this seat. */
  readonly ended: 'elsewhere' | 'locked' | 'wiped' | 'away' | undefined;
  /** A call goes on while the seat is locked: all there is to do with it is to end it. */
  readonly onHangUp: (() => void) | undefined;
  /** Undefined: not offered here. */
  readonly company: CompanySignIn | undefined;
  readonly passwordsOff: boolean;
  readonly onCompany: () => void;
  readonly onCompanyTakeOver: () => void;
  readonly onCompanyCancel: () => void;
  readonly onSignIn: (agentNumber: string, password: string) => void;
  /** The same again, leaving the other seat. */
  readonly onTakeOver: () => void;
  readonly onLanguage: (language: Language) => void;
  readonly onTheme: (theme: Theme) => void;
};

const endedWords = {
  elsewhere: 'signIn.ousted',
  locked: 'signIn.locked',
  wiped: 'signIn.wiped',
  away: 'signIn.away',
} as const;

/** Agent number and password; in practice mode the sample accounts are one key away. */
export const SignIn = (props: SignInProps) => {
  const { t } = useWords();
  return (
    <main className="signin">
      <div className="signin-card">
        <h1>{t('app.name')}</h1>
        <p className="quiet">{t('signIn.lead')}</p>
        {props.ended === undefined ? null : (
          <p className="outcome" role="status" data-tone="attention">
            {t(endedWords[props.ended])}
          </p>
        )}
        {props.onHangUp === undefined ? null : (
          <Button label={t('call.hangUp')} tone="danger" icon="hangUp" onPress={props.onHangUp} />
        )}
        {props.passwordsOff && props.company !== undefined ? null : <Account {...props} />}
        {props.door.kind === 'refused' && props.door.why.reason === 'signedInElsewhere' ? (
          <Button label={t('signIn.takeOver')} tone="main" onPress={props.onTakeOver} />
        ) : null}
        {props.company === undefined ? null : (
          <Company
            company={props.company}
            onBegin={props.onCompany}
            onTakeOver={props.onCompanyTakeOver}
            onCancel={props.onCompanyCancel}
          />
        )}
        {props.samples.length === 0 ? null : (
          <section className="samples" aria-label={t('signIn.samples')}>
            <h2>{t('signIn.samples')}</h2>
            {props.samples.map((sample, index) => (
              <Choice
                key={sample.agentNumber}
                digit={index < 9 ? index + 1 : null}
                label={sample.name}
                disabled={props.door.kind === 'asking'}
                onPress={() => props.onSignIn(sample.agentNumber, sample.password)}
              >
                <span className="quiet figure">{sample.agentNumber}</span>
              </Choice>
            ))}
          </section>
        )}
        <div className="signin-foot">
          <LanguageSwitch onLanguage={props.onLanguage} />
          <ThemeSwitch theme={props.theme} onTheme={props.onTheme} />
        </div>
      </div>
    </main>
  );
};

const Account = ({ door, onSignIn }: SignInProps) => {
  const words = useWords();
  const { t } = words;
  const [agentNumber, setAgentNumber] = useState('');
  const [password, setPassword] = useState('');
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        onSignIn(agentNumber.trim(), password);
        setPassword('');
      }}
    >
      <label htmlFor="agent-number">{t('signIn.number')}</label>
      <input
        id="agent-number"
        value={agentNumber}
        maxLength={20}
        autoComplete="username"
        required
        onChange={(event) => setAgentNumber(event.target.value)}
      />
      <label htmlFor="password">{t('signIn.password')}</label>
      <input
        id="password"
        type="password"
        value={password}
        maxLength={128}
        autoComplete="current-password"
        required
        onChange={(event) => setPassword(event.target.value)}
      />
      <p className="outcome" role="alert" data-tone="danger">
        {door.kind === 'refused' ? signInWords(door.why, words) : null}
      </p>
      <Button
        label={t(door.kind === 'asking' ? 'signIn.asking' : 'signIn.signIn')}
        tone="main"
        type="submit"
        disabled={door.kind === 'asking'}
        onPress={() => undefined}
      />
    </form>
  );
};

/** At this door "unauthorised" means number or password, not a session that ran out. */
const signInWords = (why: Refusal, words: Words): string =>
  why.kind === 'unauthorised' && why.reason === undefined ? words.t('signIn.wrong') : words.refusal(why);
